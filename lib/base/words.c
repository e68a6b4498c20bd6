/* SPDX-License-Identifier: MIT */
#include "words.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* Copy what stands between double quotes; *p is moved behind the second. */
static bool copy_double(const char **p, char **to)
{
    for (; **p && **p != '"'; (*p)++) {
        if (**p == '\\' && (*p)[1] && strchr("$`\"\\\n", (*p)[1])) {
            (*p)++;
            if (**p == '\n')
                continue; /* a line that goes on */
        }
        *(*to)++ = **p;
    }
    return *(*p)++ == '"';
}

static bool copy_single(const char **p, char **to)
{
    while (**p && **p != '\'')
        *(*to)++ = *(*p)++;
    return *(*p)++ == '\'';
}

/* Copy one word without its quotes. Return: false if it has no end. */
static bool copy_word(const char **p, char **to)
{
    while (**p && !is_blank(**p)) {
        char c = *(*p)++;

        if (c == '\'' || c == '"') {
            if (c == '"' ? !copy_double(p, to) : !copy_single(p, to))
                return false;
        } else if (c == '\\') {
            if (**p == '\0')
                return false;
            if (**p != '\n')
                *(*to)++ = **p;
            (*p)++;
        } else {
            *(*to)++ = c;
        }
    }
    *(*to)++ = '\0';
    return true;
}

int words_split(const char *line, char **out, size_t *len, struct err *e)
{
    /* a word is never longer than what stands for it, and has one separator or the end */
    _cleanup_(free_ptr) char *words = malloc(strlen(line) + 1);
    const char *p = line;
    char *to = words;

    if (!words)
        return err_oom(e);
    for (;;) {
        while (is_blank(*p))
            p++;
        if (*p == '\0')
            break;
        if (!copy_word(&p, &to))
            return err_usage(e, -EINVAL, "\"%s\": a quote is not closed", line);
    }
    if (to == words)
        return err_usage(e, -EINVAL, "\"%s\": holds no word", line);
    *len = (size_t)(to - words);
    *out = TAKE_PTR(words);
    return 0;
}
