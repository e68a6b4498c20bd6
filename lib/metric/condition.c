/* SPDX-License-Identifier: MIT */
#include "condition.h"

#include "size.h"

static const struct {
    const char *sign, *words;
} ops[] = {
    [CONDITION_ABOVE] = {">", "above"},
    [CONDITION_AT_LEAST] = {">=", "at least"},
    [CONDITION_BELOW] = {"<", "below"},
    [CONDITION_AT_MOST] = {"<=", "at most"},
};

void condition_clear(struct condition *c)
{
    metric_clear(&c->metric);
}

const char *condition_op_words(enum condition_op op)
{
    return ops[op].words;
}

const char *condition_op_sign(enum condition_op op)
{
    return ops[op].sign;
}

bool condition_is_upward(enum condition_op op)
{
    return op == CONDITION_ABOVE || op == CONDITION_AT_LEAST;
}

bool condition_holds(const struct condition *c, double value)
{
    switch (c->op) {
    case CONDITION_ABOVE:
        return value > c->value;
    case CONDITION_AT_LEAST:
        return value >= c->value;
    case CONDITION_BELOW:
        return value < c->value;
    case CONDITION_AT_MOST:
        return value <= c->value;
    }
    return false;
}

bool condition_may_exceed(const struct metric_info *info)
{
    return info->id == METRIC_COMMIT || info->family == METRIC_KSWAPD;
}

/* Takes @suffix away from the end of @text. */
static void cut(char *text, const char *suffix)
{
    size_t n = strlen(text), len = strlen(suffix);

    if (n > len && streq(text + n - len, suffix))
        text[n - len] = '\0';
}

static int parse_size(char *text, double *out, struct err *e)
{
    uint64_t bytes;
    int r = size_parse(text, &bytes, e);

    if (r == 0)
        *out = (double)bytes;
    return r;
}

int condition_parse_value(const struct metric_info *info, const char *text, double *out,
                          struct err *e)
{
    _cleanup_(free_ptr) char *copy = strdup(text);
    double value;
    int r;

    if (!copy)
        return err_oom(e);
    if (info->unit == METRIC_BYTES)
        return parse_size(copy, out, e);
    if (info->unit == METRIC_BYTES_PER_SECOND || info->unit == METRIC_PAGES_PER_SECOND)
        cut(copy, "/s");
    if (info->unit == METRIC_BYTES_PER_SECOND)
        return parse_size(copy, out, e);
    if (info->unit == METRIC_PERCENT)
        cut(copy, "%");
    r = size_parse_decimal(copy, &value, NULL);
    if (r < 0)
        return err_usage(e, r,
                         r == -ERANGE ? "\"%s\": too large"
                                      : "\"%s\": not a number; write it like 12 or 0.5",
                         text);
    if (info->unit == METRIC_PERCENT && value > 100 && !condition_may_exceed(info))
        return err_usage(e, -ERANGE, "\"%s\": never reached; give at most 100%%", text);
    *out = value;
    return 0;
}

/* Where the last operator stands; NULL: there is none. */
static const char *find_op(const char *text, enum condition_op *op, const char **behind)
{
    const char *p = text + strlen(text);

    while (p > text && p[-1] != '<' && p[-1] != '>')
        p--;
    if (p-- == text)
        return NULL;
    *op = *p == '>' ? CONDITION_ABOVE : CONDITION_BELOW;
    *behind = p + 1;
    if (p[1] == '=') {
        *op = *p == '>' ? CONDITION_AT_LEAST : CONDITION_AT_MOST;
        *behind = p + 2;
    }
    return p;
}

static int no_op(const char *text, size_t *at, struct err *e)
{
    const char *equals = strrchr(text, '=');

    *at = equals ? (size_t)(equals - text) : strlen(text);
    if (equals)
        return err_usage(e, -EINVAL, "there is no \"=\"; compare by >, >=, < or <=");
    return err_usage(e, -EINVAL,
                     "nothing to compare by; write it like ram>80%% or ram.available<500M");
}

static char *without_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return strndup(p, (size_t)(end - p));
}

static size_t blanks(const char *p)
{
    return strspn(p, " \t");
}

int condition_parse_at(const char *text, struct condition *out, size_t *at, struct err *e)
{
    _cleanup_(condition_clear) struct condition c = CONDITION_INIT;
    _cleanup_(free_ptr) char *name = NULL, *value = NULL;
    const char *behind, *op = find_op(text, &c.op, &behind);
    int r;

    if (!op)
        return no_op(text, at, e);
    name = without_blanks(text, op);
    value = without_blanks(behind, behind + strlen(behind));
    if (!name || !value)
        return err_oom(e);
    *at = (size_t)(op - text);
    if (!*name)
        return err_usage(e, -EINVAL, "a metric is missing before this");
    *at = (size_t)(behind - text);
    if (!*value)
        return err_usage(e, -EINVAL, "a value is missing here");
    *at = blanks(text);
    r = metric_parse(name, &c.metric, e);
    if (r < 0)
        return r;
    *at = (size_t)(behind - text) + blanks(behind);
    r = condition_parse_value(c.metric.info, value, &c.value, e);
    if (r < 0)
        return r;
    *out = c;
    c = CONDITION_INIT;
    return 0;
}

int condition_parse(const char *text, struct condition *out, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    size_t at = 0;
    int r = condition_parse_at(text, out, &at, &why);

    if (r == -ENOMEM)
        return err_oom(e);
    return r < 0 ? err_usage(e, r, "%s: character %zu: %s", text, at + 1, why.text) : 0;
}
