/* SPDX-License-Identifier: MIT */
#include "pressure.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
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

enum { AVG10, AVG60, AVG300, TOTAL, WORDS };

/* The values of "key=value" among the blank-separated words of a line; the first of two counts. */
static void find_words(struct kv_span line, struct kv_span values[static WORDS])
{
    static const struct keyed_key keys[] = {
        [AVG10] = KEYED_KEY("avg10="),
        [AVG60] = KEYED_KEY("avg60="),
        [AVG300] = KEYED_KEY("avg300="),
        [TOTAL] = KEYED_KEY("total="),
    };
    const char *p = line.p, *end = line.p + line.n;

    while (p < end) {
        const char *word = p;

        while (p < end && !is_blank(*p))
            p++;
        for (size_t i = 0; i < WORDS; i++) {
            size_t n = keys[i].n;

            if (!values[i].p && (size_t)(p - word) >= n && memcmp(word, keys[i].name, n) == 0)
                values[i] = (struct kv_span){word + n, (size_t)(p - word) - n};
        }
        while (p < end && is_blank(*p))
            p++;
    }
}

static int parse_line(struct kv_span words, struct pressure_line *out)
{
    struct pressure_line line = {.present = true};
    double *const averages[] = {&line.avg10, &line.avg60, &line.avg300};
    struct kv_span values[WORDS] = {{.p = NULL}};
    int r = 0;

    find_words(words, values);
    if (!values[TOTAL].p)
        return -EBADMSG;
    for (size_t i = 0; i < ARRAY_SIZE(averages) && r == 0; i++)
        r = values[i].p ? parse_average(values[i], averages[i]) : -EBADMSG;
    if (r == 0)
        r = kv_u64(values[TOTAL], &line.total_us, NULL);
    if (r == 0)
        *out = line;
    return r;
}

/* As arrays, because the linker puts a literal where another one ends like it, far from all that is
 * read at each sample. */
static const char some[] = "some", full[] = "full";
static const struct keyed_key names[PRESSURE_LINES] = {
    {some, sizeof(some) - 1},
    {full, sizeof(full) - 1},
};

struct keyed pressure_keys(void)
{
    return KEYED_INIT(names, ' ');
}

int pressure_take(const struct kv_span values[static PRESSURE_LINES], struct pressure *out,
                  struct err *e)
{
    struct pressure p = {.some = {.present = false}};
    struct pressure_line *const lines[PRESSURE_LINES] = {&p.some, &p.full};

    for (size_t i = 0; i < PRESSURE_LINES; i++) {
        int r = values[i].p ? parse_line(values[i], lines[i]) : 0;

        if (r < 0)
            return err_set(e, r, "pressure: the line \"%s\" does not hold its averages and total",
                           names[i].name);
    }
    if (!p.some.present && !p.full.present)
        return err_set(e, -ENODATA, "pressure: has neither a line \"some\" nor \"full\"");
    *out = p;
    return 0;
}

int pressure_parse(const char *text, struct pressure *out, struct err *e)
{
    struct kv_span values[PRESSURE_LINES] = {{.p = NULL}};

    for (size_t i = 0; i < PRESSURE_LINES; i++)
        kv_find(text, ' ', names[i].name, &values[i]);
    return pressure_take(values, out, e);
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
