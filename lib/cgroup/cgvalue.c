/* SPDX-License-Identifier: MIT */
#include "cgvalue.h"

#include <inttypes.h>

int cgvalue_parse(struct kv_span text, uint64_t *out)
{
    if (text.n > 0 && text.p[text.n - 1] == '\n')
        text.n--;
    if (kv_span_eq(text, "max")) {
        *out = CGVALUE_MAX;
        return 0;
    }
    return kv_u64(text, out, NULL);
}

const char *cgvalue_format(uint64_t value, char buf[static CGVALUE_TEXT])
{
    if (value == CGVALUE_MAX)
        return strcpy(buf, "max");
    snprintf(buf, CGVALUE_TEXT, "%" PRIu64, value);
    return buf;
}

int cgvalue_flat(const char *text, const char *key, uint64_t *out)
{
    struct kv_span value;

    return kv_find(text, ' ', key, &value) ? cgvalue_parse(value, out) : -ENODATA;
}

bool cgvalue_word(struct kv_span *line, struct kv_span *word)
{
    const char *p = line->p, *end = line->p + line->n;

    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n'))
        p++;
    word->p = p;
    while (p < end && *p != ' ' && *p != '\t' && *p != '\n')
        p++;
    word->n = (size_t)(p - word->p);
    *line = (struct kv_span){p, (size_t)(end - p)};
    return word->n > 0;
}

int cgvalue_nested(const char *text, const char *name, const char *key, uint64_t *out)
{
    struct kv_span line, word;
    size_t len = strlen(key);

    if (!kv_find(text, ' ', name, &line))
        return -ENODATA;
    while (cgvalue_word(&line, &word)) {
        if (word.n > len && strncmp(word.p, key, len) == 0 && word.p[len] == '=') {
            struct kv_span number = {word.p + len + 1, word.n - len - 1};
            const char *point = memchr(number.p, '.', number.n);

            if (point && point > number.p)
                number.n = (size_t)(point - number.p);
            return cgvalue_parse(number, out);
        }
    }
    return -ENODATA;
}

int cgvalue_read(int dir, const char *file, uint64_t *out)
{
    _cleanup_(close_fd) int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
    char buf[CGVALUE_TEXT];
    ssize_t n;

    if (fd < 0)
        return -errno;
    n = read(fd, buf, sizeof(buf));
    if (n < 0)
        return -errno;
    return cgvalue_parse((struct kv_span){buf, (size_t)n}, out);
}

int cgvalue_write(int dir, const char *file, const char *text)
{
    /* the kernel's files have no length to cut; those of a folder that stands for them have */
    _cleanup_(close_fd) int fd = openat(dir, file, O_WRONLY | O_TRUNC | O_CLOEXEC);
    size_t len = strlen(text);
    ssize_t n;

    if (fd < 0)
        return -errno;
    n = write(fd, text, len);
    if (n < 0)
        return -errno;
    return (size_t)n == len ? 0 : -EIO;
}
