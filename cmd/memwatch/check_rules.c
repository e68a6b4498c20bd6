/* SPDX-License-Identifier: MIT */
#include "check_rules.h"

enum { GPUS_MAX = 16 };

/* How the words of an option look, and which metric they are about. */
struct kind {
    const char *option, *example;
    const char *metric; /* where "%s" is what stands before the levels */
    bool named;         /* something stands before them */
};

static const struct kind ram = {"--ram", "80:90", "ram", false};
static const struct kind swap = {"--swap", "50:80", "swap", false};
static const struct kind psi = {"--psi", "some:10:30", "psi.%s", true};
static const struct kind disk = {"--disk", "/data:80:90", "disk:%s", true};
static const struct kind gpu = {"--gpu", "80:90", "gpu:%s", false};
static const struct kind one_gpu = {"--gpu", "0:80:90", "gpu:%s", true};
static const struct kind cgroup = {"--cgroup", "/system.slice:80:95", "cgroup:%s.memory_percent",
                                   true};

void check_rules_clear(struct check_rules *r)
{
    for (size_t i = 0; i < r->n; i++)
        metric_clear(&r->metrics[i]);
    free(r->metrics);
    free(r->rules);
    *r = CHECK_RULES_INIT;
}

/* Takes the metric over when it succeeds. */
static int add(struct check_rules *r, struct metric *m, const struct check_rules_rule *rule,
               struct err *e)
{
    struct metric *metrics = reallocarray(r->metrics, r->n + 1, sizeof(*metrics));
    struct check_rules_rule *rules;

    if (!metrics)
        return err_oom(e);
    r->metrics = metrics;
    rules = reallocarray(r->rules, r->n + 1, sizeof(*rules));
    if (!rules)
        return err_oom(e);
    r->rules = rules;
    metrics[r->n] = *m;
    rules[r->n++] = *rule;
    *m = METRIC_INIT;
    return 0;
}

/* ---- levels: "80:90" */

static bool is_level(const char *p, size_t n)
{
    return n > 0 && *p >= '0' && *p <= '9' && strspn(p, "0123456789.%") >= n;
}

/* "NAME:W:C" or "NAME:C" taken apart. */
struct levels {
    char *name, *warning, *critical; /* owned; NULL: not there */
};

static void levels_clear(struct levels *l)
{
    free(l->name);
    free(l->warning);
    free(l->critical);
}

static int bad_levels(const struct kind *k, const char *text, struct err *e)
{
    return err_usage(e, -EINVAL,
                     "%s: \"%s\": not %sWARNING:CRITICAL, or CRITICAL alone; write it like %s",
                     k->option, text, k->named ? "NAME:" : "", k->example);
}

/* Where the last part of a text of this length begins; it may be all of it. */
static size_t last_part(const char *text, size_t n)
{
    while (n > 0 && text[n - 1] != ':')
        n--;
    return n;
}

static int split(const struct kind *k, const char *text, struct levels *out, struct err *e)
{
    size_t n = strlen(text), critical = last_part(text, n), warning;

    if (!is_level(text + critical, n - critical))
        return bad_levels(k, text, e);
    out->critical = strdup(text + critical);
    n = critical;
    if (n > 0) {
        warning = last_part(text, n - 1);
        if (is_level(text + warning, n - 1 - warning) && (warning > 0) == k->named) {
            out->warning = strndup(text + warning, n - 1 - warning);
            n = warning;
            if (!out->warning)
                return err_oom(e);
        }
    }
    if ((n > 1) != k->named || (n > 0) != k->named)
        return bad_levels(k, text, e);
    out->name = n > 0 ? strndup(text, n - 1) : strdup("");
    return out->critical && out->name ? 0 : err_oom(e);
}

static int read_level(const struct metric_info *info, const char *text,
                      struct check_rules_level *out, struct err *e)
{
    out->set = text != NULL;
    out->op = CONDITION_AT_LEAST;
    return text ? condition_parse_value(info, text, &out->value, e) : 0;
}

/* Does what is critical come before the warning? */
static bool wrong_order(const struct check_rules_rule *rule)
{
    const struct check_rules_level *w = &rule->warning, *c = &rule->critical;

    if (!w->set || !c->set || condition_is_upward(w->op) != condition_is_upward(c->op))
        return false;
    return condition_is_upward(w->op) ? w->value > c->value : w->value < c->value;
}

static int read_levels(const struct kind *k, const char *text, const struct levels *l,
                       const struct metric_info *info, struct check_rules_rule *rule, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    int r = read_level(info, l->warning, &rule->warning, &why);

    if (r == 0)
        r = read_level(info, l->critical, &rule->critical, &why);
    if (r < 0)
        return err_usage(e, r, "%s: \"%s\": %s", k->option, text, why.text);
    if (wrong_order(rule))
        return err_usage(e, -EINVAL, "%s: \"%s\": the warning comes after what is critical",
                         k->option, text);
    return 0;
}

/* The metric's name from @pattern, where "%s" stands for @name. */
static char *metric_name(const char *pattern, const char *name)
{
    const char *hole = strstr(pattern, "%s");
    char *out;

    if (!hole)
        return strdup(pattern);
    if (asprintf(&out, "%.*s%s%s", (int)(hole - pattern), pattern, name, hole + 2) < 0)
        return NULL;
    return out;
}

/* "some" is short for "memory.some.avg10". */
static int complete_psi(struct levels *l, struct err *e)
{
    bool resource = str_after(l->name, "memory.") || str_after(l->name, "cpu.") ||
                    str_after(l->name, "io.");
    bool average = strstr(l->name, ".avg") != NULL;
    char *name;

    if (asprintf(&name, "%s%s%s", resource ? "" : "memory.", l->name, average ? "" : ".avg10") < 0)
        return err_oom(e);
    free(l->name);
    l->name = name;
    return 0;
}

static int read_metric(const struct kind *k, const char *text, const char *name, struct metric *out,
                       struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    _cleanup_(free_ptr) char *full = metric_name(k->metric, name);
    int r = full ? metric_parse(full, out, &why) : -ENOMEM;

    if (r == -ENOMEM)
        return err_oom(e);
    return r < 0 ? err_usage(e, r, "%s: \"%s\": %s", k->option, text, why.text) : 0;
}

static int add_levels(struct check_rules *out, const struct kind *k, const char *text,
                      struct err *e)
{
    _cleanup_(levels_clear) struct levels l = {NULL};
    _cleanup_(metric_clear) struct metric m = METRIC_INIT;
    struct check_rules_rule rule = {.one_of_gpus = false};
    int r = split(k, text, &l, e);

    if (r == 0 && k == &psi)
        r = complete_psi(&l, e);
    if (r == 0)
        r = read_metric(k, text, l.name, &m, e);
    if (r == 0)
        r = read_levels(k, text, &l, m.info, &rule, e);
    return r < 0 ? r : add(out, &m, &rule, e);
}

static int add_each(struct check_rules *out, const struct kind *k, const char *const *texts,
                    struct err *e)
{
    int r = 0;

    for (size_t i = 0; texts && texts[i] && r == 0; i++)
        r = add_levels(out, k, texts[i], e);
    return r;
}

/* ---- all GPUs */

static int add_gpus(struct check_rules *out, const char *text, struct err *e)
{
    _cleanup_(levels_clear) struct levels l = {NULL};
    int r = split(&gpu, text, &l, e);

    for (int i = 0; i < GPUS_MAX && r == 0; i++) {
        _cleanup_(metric_clear) struct metric m = METRIC_INIT;
        struct check_rules_rule rule = {.one_of_gpus = true};
        char number[12];

        snprintf(number, sizeof(number), "%d", i);
        r = read_metric(&gpu, text, number, &m, e);
        if (r == 0)
            r = read_levels(&gpu, text, &l, m.info, &rule, e);
        if (r == 0)
            r = add(out, &m, &rule, e);
    }
    return r;
}

static int add_gpu(struct check_rules *out, const char *const *texts, struct err *e)
{
    int r = 0;

    for (size_t i = 0; texts && texts[i] && r == 0; i++) {
        const char *colon = strchr(texts[i], ':');

        r = colon && strchr(colon + 1, ':') ? add_levels(out, &one_gpu, texts[i], e)
                                            : add_gpus(out, texts[i], e);
    }
    return r;
}

/* ---- conditions */

static struct check_rules_level *level_of(struct check_rules_rule *rule, bool critical)
{
    return critical ? &rule->critical : &rule->warning;
}

/* The rule about the same metric that has no such level yet. */
static struct check_rules_rule *find(struct check_rules *r, const struct metric *m, bool critical)
{
    for (size_t i = 0; i < r->n; i++)
        if (streq(r->metrics[i].name, m->name) && !level_of(&r->rules[i], critical)->set)
            return &r->rules[i];
    return NULL;
}

static int add_condition(struct check_rules *out, const char *text, bool critical, struct err *e)
{
    _cleanup_(condition_clear) struct condition c = CONDITION_INIT;
    _cleanup_(err_clear) struct err why = ERR_INIT;
    const char *option = critical ? "--critical" : "--warning";
    struct check_rules_rule fresh = {.one_of_gpus = false}, *rule;
    int r = condition_parse(text, &c, &why);

    if (r == -ENOMEM)
        return err_oom(e);
    if (r < 0)
        return err_usage(e, r, "%s: %s", option, why.text);
    rule = find(out, &c.metric, critical);
    *level_of(rule ? rule : &fresh, critical) = (struct check_rules_level){true, c.op, c.value};
    if (!rule)
        return add(out, &c.metric, &fresh, e);
    if (wrong_order(rule))
        return err_usage(e, -EINVAL, "%s: %s: the warning comes after what is critical", option,
                         text);
    return 0;
}

static int add_conditions(struct check_rules *out, const char *const *texts, bool critical,
                          struct err *e)
{
    int r = 0;

    for (size_t i = 0; texts && texts[i] && r == 0; i++)
        r = add_condition(out, texts[i], critical, e);
    return r;
}

int check_rules_read(const struct check_rules_words *words, struct check_rules *out, struct err *e)
{
    _cleanup_(check_rules_clear) struct check_rules rules = CHECK_RULES_INIT;
    int r = words->ram ? add_levels(&rules, &ram, words->ram, e) : 0;

    if (r == 0 && words->swap)
        r = add_levels(&rules, &swap, words->swap, e);
    if (r == 0)
        r = add_each(&rules, &psi, words->psi, e);
    if (r == 0)
        r = add_each(&rules, &disk, words->disk, e);
    if (r == 0)
        r = add_gpu(&rules, words->gpu, e);
    if (r == 0)
        r = add_each(&rules, &cgroup, words->cgroup, e);
    if (r == 0)
        r = add_conditions(&rules, words->warning, false, e);
    if (r == 0)
        r = add_conditions(&rules, words->critical, true, e);
    if (r < 0)
        return r;
    *out = rules;
    rules = CHECK_RULES_INIT;
    return 0;
}
