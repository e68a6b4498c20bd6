/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "words.h"

/* Quoting each word again gives the same words. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size), *words = NULL, *again = NULL;
    _cleanup_(free_ptr) char *quoted = NULL;
    size_t len = 0, len_again = 0;
    char *to;
    int r = words_split(text, &words, &len, NULL);

    if (r < 0) {
        MUST(r == -EINVAL && !words);
        return 0;
    }
    MUST(len > 0 && len <= strlen(text) + 1 && words[len - 1] == '\0');
    quoted = malloc(3 * len + 1);
    MUST(quoted);
    to = quoted;
    for (size_t i = 0; i < len; i++) {
        bool first = i == 0 || words[i - 1] == '\0';

        if (words[i] == '\'')
            return 0; /* cannot stand between such quotes */
        if (first)
            *to++ = '\'';
        if (words[i] == '\0') {
            *to++ = '\'';
            *to++ = ' ';
        } else {
            *to++ = words[i];
        }
    }
    *to = '\0';
    MUST(words_split(quoted, &again, &len_again, NULL) == 0);
    MUST(len == len_again && memcmp(words, again, len) == 0);
    return 0;
}
