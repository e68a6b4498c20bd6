/* SPDX-License-Identifier: MIT */
#include "pressure.h"

#include "kv.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The value of "key=value" among the blank-separated words of a line. */
static bool find_word(struct kv_span line, const char *key, struct kv_span *value)
{
    const char *p = line.p, *end = line.p + line.n;
    size_t n = strlen(key);

    while (p < end) {
        const char *word = p;

        while (p < end && !is_blank(*p))
            p++;
        if ((size_t)(p - word) > n && memcmp(word, key, n) == 0 && word[n] == '=') {
            *value = (struct kv_span){word + n + 1, (size_t)(p - word) - n - 1};
            return true;
        }
        while (p < end && is_blank(*p))
            p++;
    }
    return false;
}

/* "12.34": the kernel writes a point in every locale, so strtod(3) would not do. */
static int parse_average(struct kv_span text, double *out)
{
    const char *point = memchr(text.p, '.', text.n);
    size_t n = point ? (size_t)(point - text.p) : text.n;
    uint64_t whole;
    double part = 0;
    int r = kv_u64((struct kv_span){text.p, n}, &whole, NULL);

    if (r < 0)
        return r;
    if (n + 1 == text.n)
        return -EBADMSG;
    for (const char *p = text.p + text.n; p > text.p + n + 1; p--) {
        if (p[-1] < '0' || p[-1] > '9')
            return -EBADMSG;
        part = (part + (p[-1] - '0')) / 10;
    }
    *out = (double)whole + part;
    return 0;
}

static int parse_line(struct kv_span words, struct pressure_line *out)
{
    struct pressure_line line = {.present = true};
    const struct {
        const char *key;
        double *value;
    } averages[] = {{"avg10", &line.avg10}, {"avg60", &line.avg60}, {"avg300", &line.avg300}};
    struct kv_span value;
    int r;

    for (size_t i = 0; i < ARRAY_SIZE(averages); i++) {
        if (!find_word(words, averages[i].key, &value))
            return -EBADMSG;
        r = parse_average(value, averages[i].value);
        if (r < 0)
            return r;
    }
    if (!find_word(words, "total", &value))
        return -EBADMSG;
    r = kv_u64(value, &line.total_us, NULL);
    if (r == 0)
        *out = line;
    return r;
}

int pressure_parse(const char *text, struct pressure *out, struct err *e)
{
    static const char *const names[] = {"some", "full"};
    struct pressure p = {.some = {.present = false}};
    struct pressure_line *const lines[] = {&p.some, &p.full};
    struct kv_span words;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        int r = kv_find(text, ' ', names[i], &words) ? parse_line(words, lines[i]) : 0;

        if (r < 0)
            return err_set(e, r, "pressure: the line \"%s\" does not hold its averages and total",
                           names[i]);
    }
    if (!p.some.present && !p.full.present)
        return err_set(e, -ENODATA, "pressure: has neither a line \"some\" nor \"full\"");
    *out = p;
    return 0;
}

int pressure_read(const struct root *root, const char *path, struct pressure *out, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = root_read(root, path, &text, NULL, e);

    if (r == -ENOENT || r == -EOPNOTSUPP)
        return err_set(e, -EOPNOTSUPP,
                       "%s%s: this kernel tells no pressure; boot it with psi=1 (it must be built "
                       "with CONFIG_PSI)",
                       root->path, path);
    return r < 0 ? r : pressure_parse(text, out, e);
}
