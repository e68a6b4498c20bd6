/* SPDX-License-Identifier: MIT */
#include "cglimit.h"

#include "cgvalue.h"
#include "meminfo.h"
#include "size.h"
#include <inttypes.h>
#include <math.h>
#include <sys/sysmacros.h>

enum { CPUS_MAX = 8192, PERIOD_US = 100000 };

void cglimit_clear(struct cglimits *l)
{
    for (size_t i = 0; i < l->n; i++) {
        free(l->items[i].file);
        free(l->items[i].value);
    }
    free(l->items);
    *l = CGLIMITS_INIT;
}

const struct cglimit *cglimit_find(const struct cglimits *l, const char *file)
{
    for (size_t i = 0; i < l->n; i++)
        if (streq(l->items[i].file, file))
            return &l->items[i];
    return NULL;
}

const char *cglimit_controller(const char *file, char buf[static CGLIMIT_CONTROLLER])
{
    static const char *const known[] = {"memory", "cpu",     "io",   "pids",
                                        "cpuset", "hugetlb", "rdma", "misc"};
    size_t n = strcspn(file, ".");

    if (file[n] == '\0' || file[n + 1] == '\0' || strchr(file, '/'))
        return NULL;
    if (n == strlen("cgroup") && str_after(file, "cgroup.max."))
        return strcpy(buf, "");
    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
        if (strlen(known[i]) == n && strncmp(file, known[i], n) == 0)
            return strcpy(buf, known[i]);
    return NULL;
}

/* ---- values */

/* What the kernel counts is pages in a long. */
static uint64_t most(uint64_t page)
{
    return (uint64_t)(INT64_MAX / (int64_t)page) * page - page;
}

int cglimit_bytes(const char *text, uint64_t ram, uint64_t page, uint64_t *out, uint64_t *asked,
                  struct err *e)
{
    size_t len = strlen(text);
    uint64_t bytes;
    double percent;
    int r;

    if (streq(text, "max")) {
        *out = CGVALUE_MAX;
        *asked = 0;
        return 0;
    }
    if (len == 0)
        return err_usage(e, -EINVAL, "is empty; wanted a size, a percentage of RAM or \"max\"");
    if (text[len - 1] == '%') {
        r = size_parse_percent(text, &percent, e);
        bytes = r == 0 ? (uint64_t)((double)ram * percent / 100) : 0;
    } else {
        r = size_parse(text, &bytes, e);
    }
    if (r < 0)
        return r;
    if (bytes > most(page))
        return err_usage(e, -ERANGE,
                         "\"%s\" is more than the kernel can count; \"max\" is no limit", text);
    *out = bytes - bytes % page;
    *asked = *out == bytes ? 0 : bytes;
    if (*out == 0 && strpbrk(text, "123456789"))
        return err_usage(e, -ERANGE,
                         "\"%s\" is less than a page of %" PRIu64
                         " bytes and would become 0; write 0 if that is meant",
                         text, page);
    return 0;
}

/* Digits with at most one point; the locale's has no say. */
static bool is_decimal(const char *text, size_t n)
{
    size_t digits = 0, points = 0;

    for (size_t i = 0; i < n; i++) {
        digits += text[i] >= '0' && text[i] <= '9';
        points += text[i] == '.';
    }
    return digits > 0 && points <= 1 && digits + points == n && text[0] != '.' &&
           text[n - 1] != '.';
}

/* Thousandths of a decimal number; what is finer is dropped. */
static int thousandths(const char *text, size_t n, uint64_t *out)
{
    uint64_t value = 0;
    int decimals = -1;

    for (size_t i = 0; i < n; i++) {
        if (text[i] == '.') {
            decimals = 0;
            continue;
        }
        if (decimals >= 3)
            continue;
        decimals += decimals >= 0;
        if (__builtin_mul_overflow(value, 10U, &value) ||
            __builtin_add_overflow(value, (unsigned)(text[i] - '0'), &value))
            return -ERANGE;
    }
    for (int i = decimals < 0 ? 0 : decimals; i < 3; i++)
        if (__builtin_mul_overflow(value, 10U, &value))
            return -ERANGE;
    *out = value;
    return 0;
}

int cglimit_cpu(const char *text, char buf[static CGLIMIT_TEXT], struct err *e)
{
    size_t len = strlen(text);
    bool percent = len > 0 && text[len - 1] == '%';
    uint64_t n, quota;

    if (streq(text, "max")) {
        snprintf(buf, CGLIMIT_TEXT, "max %d", PERIOD_US);
        return 0;
    }
    if (len == 0 || !is_decimal(text, len - percent))
        return err_usage(e, -EINVAL,
                         "\"%s\" is not a number of processors (1.5), a percentage of "
                         "one (150%%) or \"max\"",
                         text);
    /* a thousandth of a processor is 100 us of the period, a thousandth of a per cent is 1 us */
    if (thousandths(text, len - percent, &n) < 0 ||
        __builtin_mul_overflow(n, percent ? 1U : 100U, &quota) ||
        quota > (uint64_t)CPUS_MAX * PERIOD_US)
        return err_usage(e, -ERANGE, "\"%s\" is more than %d processors; \"max\" is no limit", text,
                         CPUS_MAX);
    if (quota < 1000)
        return err_usage(e, -ERANGE, "\"%s\" is less than the kernel's least, 1%% of a processor",
                         text);
    snprintf(buf, CGLIMIT_TEXT, "%" PRIu64 " %d", quota, PERIOD_US);
    return 0;
}

static int bad_cpus(const char *text, struct err *e)
{
    return err_usage(e, -EINVAL, "\"%s\" is not a list of processors such as 0,2-3, or \"max\"",
                     text);
}

/* "3" or "2-5" at @p; Return: what follows, or NULL. */
static const char *cpu_range(const char *p, uint64_t *from, uint64_t *to)
{
    struct kv_span rest;

    if (kv_u64((struct kv_span){p, strcspn(p, ",")}, from, &rest) < 0)
        return NULL;
    *to = *from;
    if (rest.n > 0 && *rest.p == '-' &&
        kv_u64((struct kv_span){rest.p + 1, rest.n - 1}, to, NULL) < 0)
        return NULL;
    if (rest.n > 0 && *rest.p != '-')
        return NULL;
    return *to < *from ? NULL : p + strcspn(p, ",");
}

static char *format_cpus(const bool set[static CPUS_MAX])
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    for (size_t i = 0; f && i < CPUS_MAX; i++) {
        size_t last = i;

        if (!set[i])
            continue;
        while (last + 1 < CPUS_MAX && set[last + 1])
            last++;
        fprintf(f, ftell(f) > 0 ? ",%zu" : "%zu", i);
        if (last > i)
            fprintf(f, "-%zu", last);
        i = last;
    }
    if (!f || fclose(f) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

int cglimit_cpus(const char *text, char **out, struct err *e)
{
    _cleanup_(free_ptr) bool *set = calloc(CPUS_MAX, sizeof(*set));
    const char *p = text;
    uint64_t from, to;

    if (!set)
        return err_oom(e);
    if (streq(text, "max")) {
        *out = strdup("");
        return *out ? 0 : err_oom(e);
    }
    do {
        p = cpu_range(p, &from, &to);
        if (!p)
            return bad_cpus(text, e);
        if (to >= CPUS_MAX)
            return err_usage(e, -ERANGE, "\"%s\": there is no processor %" PRIu64, text, to);
        for (uint64_t i = from; i <= to; i++)
            set[i] = true;
        if (*p == ',' && *++p == '\0')
            return bad_cpus(text, e);
    } while (*p);
    *out = format_cpus(set);
    return *out ? 0 : err_oom(e);
}

static const char *const io_keys[] = {"rbps", "wbps", "riops", "wiops"};

static int io_value(size_t key, const char *text, uint64_t *out, struct err *e)
{
    int64_t count;
    int r;

    if (streq(text, "max")) {
        *out = CGVALUE_MAX;
        return 0;
    }
    if (key < 2) {
        r = size_parse(text, out, e);
    } else {
        r = size_parse_number(text, 0, UINT32_MAX - 1, &count, e);
        *out = r == 0 ? (uint64_t)count : 0;
    }
    if (r == 0 && *out == 0)
        return err_usage(e, -ERANGE, "%s: the kernel knows no limit of 0", io_keys[key]);
    return r;
}

int cglimit_io(const char *text, char buf[static CGLIMIT_TEXT], struct err *e)
{
    uint64_t values[ARRAY_SIZE(io_keys)];
    bool given[ARRAY_SIZE(io_keys)] = {false};
    _cleanup_(free_ptr) char *copy = strdup(text);
    char *rest = copy, *word, number[CGVALUE_TEXT];
    size_t at = 0;

    if (!copy)
        return err_oom(e);
    while ((word = strsep(&rest, ","))) {
        char *value = strchr(word, '=');
        size_t key = 0;
        int r;

        while (value && key < ARRAY_SIZE(io_keys) &&
               !kv_span_eq((struct kv_span){word, (size_t)(value - word)}, io_keys[key]))
            key++;
        if (!value || key == ARRAY_SIZE(io_keys))
            return err_usage(e, -EINVAL, "\"%s\" is not rbps=SIZE, wbps=SIZE, riops=N or wiops=N",
                             word);
        if (given[key])
            return err_usage(e, -EINVAL, "%s is given twice", io_keys[key]);
        r = io_value(key, value + 1, &values[key], e);
        if (r < 0)
            return r;
        given[key] = true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(io_keys); i++)
        if (given[i])
            at += (size_t)snprintf(buf + at, CGLIMIT_TEXT - at, "%s%s=%s", at ? " " : "",
                                   io_keys[i], cgvalue_format(values[i], number));
    return 0;
}

/* ---- what a file says, compared with a limit */

static struct kv_span whole(const char *text)
{
    size_t n = strlen(text);

    while (n > 0 && text[n - 1] == '\n')
        n--;
    return (struct kv_span){text, n};
}

/* "8:16" of "8:16 rbps=1"; Return: @buf. */
static const char *device_of(const struct cglimit *l, char buf[static CGLIMIT_TEXT])
{
    snprintf(buf, CGLIMIT_TEXT, "%.*s", (int)strcspn(l->value, " "), l->value);
    return buf;
}

/* A device without a line has no limits. */
static uint64_t io_now(const char *text, const char *device, const char *key)
{
    uint64_t value;

    return cgvalue_nested(text, device, key, &value) < 0 ? CGVALUE_MAX : value;
}

static bool holds_io(const struct cglimit *l, const char *text)
{
    char device[CGLIMIT_TEXT];
    uint64_t wanted;

    device_of(l, device);
    for (size_t i = 0; i < ARRAY_SIZE(io_keys); i++)
        if (cgvalue_nested(l->value, device, io_keys[i], &wanted) == 0 &&
            io_now(text, device, io_keys[i]) != wanted)
            return false;
    return true;
}

bool cglimit_holds(const struct cglimit *l, const char *text)
{
    struct kv_span value;

    if (streq(l->file, "io.max"))
        return holds_io(l, text);
    if (streq(l->file, "io.weight") && !l->raw)
        return kv_find(text, ' ', "default", &value) &&
               kv_span_eq(value, l->value + strlen("default "));
    return kv_span_eq(whole(text), l->value);
}

static char *undo_io(const struct cglimit *l, const char *text)
{
    char device[CGLIMIT_TEXT], buf[2 * CGLIMIT_TEXT], number[CGVALUE_TEXT];
    int at = snprintf(buf, sizeof(buf), "%s", device_of(l, device));

    for (size_t i = 0; i < ARRAY_SIZE(io_keys); i++)
        at += snprintf(buf + at, sizeof(buf) - (size_t)at, " %s=%s", io_keys[i],
                       cgvalue_format(io_now(text, device, io_keys[i]), number));
    return strdup(buf);
}

char *cglimit_undo(const struct cglimit *l, const char *text)
{
    struct kv_span value = whole(text);
    char *old;

    if (streq(l->file, "io.max"))
        return undo_io(l, text);
    if (streq(l->file, "io.weight") && kv_find(text, ' ', "default", &value))
        return asprintf(&old, "default %.*s", (int)value.n, value.p) < 0 ? NULL : old;
    /* an empty write is no write */
    return value.n ? strndup(value.p, value.n) : strdup("\n");
}
