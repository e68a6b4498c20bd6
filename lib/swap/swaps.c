/* SPDX-License-Identifier: MIT */
#include "swaps.h"

#include <limits.h>

#include "kv.h"

#define PROC_SWAPS "/proc/swaps"

void swaps_clear(struct swaps *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->areas[i].path);
    free(s->areas);
    *s = SWAPS_INIT;
}

/* The next word of a line, which is moved behind it; empty at the end. */
static struct kv_span take_word(struct kv_span *line)
{
    struct kv_span word;

    while (line->n > 0 && (*line->p == ' ' || *line->p == '\t')) {
        line->p++;
        line->n--;
    }
    word = (struct kv_span){line->p, 0};
    while (line->n > 0 && *line->p != ' ' && *line->p != '\t') {
        line->p++;
        line->n--;
        word.n++;
    }
    return word;
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* What "\040" stands for; 0 (which no file name holds) if it is not an escape. */
static char unescape_byte(const char *p, size_t n)
{
    if (n < 4 || p[1] < '0' || p[1] > '3' || !is_octal(p[2]) || !is_octal(p[3]))
        return '\0';
    return (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
}

static int unescape(struct kv_span word, char **out)
{
    _cleanup_(free_ptr) char *path = malloc(word.n + 1);
    size_t len = 0;

    if (!path)
        return -ENOMEM;
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];

        if (c == '\\') {
            c = unescape_byte(word.p + i, word.n - i);
            i += 3;
        }
        if (c == '\0')
            return -EBADMSG;
        path[len++] = c;
    }
    path[len] = '\0';
    *out = TAKE_PTR(path);
    return 0;
}

static int parse_priority(struct kv_span word, int *out)
{
    bool minus = word.n > 0 && *word.p == '-';
    uint64_t n;
    int r;

    if (minus)
        word = (struct kv_span){word.p + 1, word.n - 1};
    r = kv_u64(word, &n, NULL);
    if (r < 0)
        return r;
    if (n > INT_MAX)
        return -EOVERFLOW;
    *out = minus ? -(int)n : (int)n;
    return 0;
}

static int parse_type(struct kv_span word, enum swaps_type *out)
{
    if (kv_span_eq(word, "file"))
        *out = SWAPS_FILE;
    else if (kv_span_eq(word, "partition"))
        *out = SWAPS_PARTITION;
    else
        return -EBADMSG;
    return 0;
}

static int parse_kib(struct kv_span word, uint64_t *out)
{
    uint64_t n;
    int r = kv_u64(word, &n, NULL);

    if (r < 0)
        return r;
    return __builtin_mul_overflow(n, 1024U, out) ? -EOVERFLOW : 0;
}

/* Columns behind the known ones are left to future kernels. Return: 1 if the line is no area. */
static int parse_line(struct kv_span line, struct swaps_area *out)
{
    struct kv_span path = take_word(&line), type = take_word(&line);
    struct swaps_area area = {0};
    int r;

    /* what lxcfs makes up in containers out of the cgroup's limits */
    if (kv_span_eq(path, "none") && kv_span_eq(type, "virtual"))
        return 1;
    r = parse_type(type, &area.type);
    if (r == 0)
        r = parse_kib(take_word(&line), &area.size);
    if (r == 0)
        r = parse_kib(take_word(&line), &area.used);
    if (r == 0)
        r = parse_priority(take_word(&line), &area.priority);
    if (r == 0)
        r = unescape(path, &area.path);
    if (r == 0)
        *out = area;
    return r;
}

static int add_line(struct swaps *s, struct kv_span line)
{
    struct swaps_area *areas = reallocarray(s->areas, s->n + 1, sizeof(*areas));
    int r;

    if (!areas)
        return -ENOMEM;
    s->areas = areas;
    r = parse_line(line, &areas[s->n]);
    if (r == 0)
        s->n++;
    return r;
}

int swaps_parse(const char *text, struct swaps *out, struct err *e)
{
    _cleanup_(swaps_clear) struct swaps s = SWAPS_INIT;
    const char *end = strchrnul(text, '\n');
    int r;

    for (size_t n = 2; *end && end[1]; n++) {
        struct kv_span line = {end + 1, 0};

        end = strchrnul(line.p, '\n');
        line.n = (size_t)(end - line.p);
        r = add_line(&s, line);
        if (r == -ENOMEM)
            return err_oom(e);
        if (r < 0)
            return err_set(e, r, PROC_SWAPS ": line %zu does not describe a swap area", n);
    }
    *out = s;
    s = SWAPS_INIT;
    return 0;
}

int swaps_read(const struct root *root, struct swaps *out, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = root_read(root, PROC_SWAPS, &text, NULL, e);

    if (r == -ENOENT)
        return err_set(e, -EOPNOTSUPP,
                       "%s" PROC_SWAPS ": is missing; this kernel was built without swap "
                       "(CONFIG_SWAP), or /proc is not mounted",
                       root->path);
    return r < 0 ? r : swaps_parse(text, out, e);
}

const struct swaps_area *swaps_find(const struct root *root, const struct swaps *s,
                                    const struct stat *st)
{
    struct stat its;

    for (size_t i = 0; i < s->n; i++) {
        if (root_stat(root, s->areas[i].path, 0, &its) < 0)
            continue;
        if (S_ISBLK(st->st_mode) ? S_ISBLK(its.st_mode) && its.st_rdev == st->st_rdev
                                 : its.st_dev == st->st_dev && its.st_ino == st->st_ino)
            return &s->areas[i];
    }
    return NULL;
}
