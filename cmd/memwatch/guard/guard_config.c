/* SPDX-License-Identifier: MIT */
#include "guard_config.h"

#include "signame.h"
#include "size.h"

static void rule_free(struct guard_config_rule *r);

void guard_config_forget_deed(struct guard_config_rule *r)
{
    deed_free(&r->deed);
    rule_free(TAKE_PTR(r->before));
}

static void rule_free(struct guard_config_rule *r)
{
    if (!r)
        return;
    guard_config_forget_deed(r);
    for (size_t i = 0; i < r->n_plans; i++)
        deed_plan_free(&r->plans[i]);
    free(r->plans);
    free(r->values);
    free(r->where);
    rule_clear(&r->rule);
    guard_options_unref(&r->options);
    free(r);
}

void guard_config_clear(struct guard_config *c)
{
    for (size_t i = 0; i < c->n; i++)
        rule_free(c->rules[i]);
    free(c->rules);
    guard_gauge_free(&c->gauge);
    guard_options_unref(&c->options);
    *c = GUARD_CONFIG_INIT;
}

struct deed_plan *guard_config_plan(const struct guard_config_rule *r, size_t step, size_t action)
{
    for (size_t i = 0; i < step; i++)
        action += r->rule.steps[i].n;
    return r->plans[action];
}

/* ---- reading */

/* The room for one more. Takes @rule over. */
static int add(struct guard_config *c, struct rule *rule, const char *file, size_t line,
               struct err *e)
{
    struct guard_config_rule **room =
        reallocarray(c->rules, c->n + 1, sizeof(struct guard_config_rule *));
    struct guard_config_rule *r = NULL;

    if (room) {
        c->rules = room;
        r = calloc(1, sizeof(*r));
    }
    if (!r) {
        rule_clear(rule);
        return err_oom(e);
    }
    c->rules[c->n++] = r;
    r->rule = *rule;
    *rule = RULE_INIT;
    r->options = guard_options_ref(c->options);
    if (!file)
        r->where = strdup("--rule");
    else if (asprintf(&r->where, "%s:%zu", file, line) < 0)
        r->where = NULL;
    return r->where ? 0 : err_oom(e);
}

static int add_given(struct guard_config *c, const char *const *texts, struct err *e)
{
    for (; texts && *texts; texts++) {
        struct rule rule = RULE_INIT;
        int r = rule_parse(*texts, &rule, e);

        if (r < 0)
            return opt_blame("rule", r, e);
        r = add(c, &rule, NULL, 0, e);
        if (r < 0)
            return r;
    }
    return 0;
}

static int add_file(struct guard_config *c, struct rulefile *file, const char *name, struct err *e)
{
    int r = 0;

    for (size_t i = 0; i < file->n_rules && r == 0; i++)
        r = add(c, &file->rules[i].rule, name, file->rules[i].line, e);
    return r;
}

/* ---- what they need */

static int blame(const struct guard_config_rule *r, const struct rule_action *a, int result,
                 const struct err *why, struct err *e)
{
    size_t number = 1;

    if (result == -ENOMEM)
        return err_oom(e);
    for (size_t i = 0; i < a->at; i++)
        number += ((unsigned char)r->rule.text[i] & 0xc0) != 0x80;
    err_set(e, result, "%s: character %zu: %s", r->where, number,
            why->text ? why->text : strerror(-result));
    if (e)
        e->kind = why->kind;
    return result;
}

static int plan_all(struct guard_config_rule *r, struct err *e)
{
    size_t n = 0;

    for (size_t i = 0; i < r->rule.n_steps; i++)
        n += r->rule.steps[i].n;
    r->plans = calloc(n, sizeof(struct deed_plan *));
    if (!r->plans)
        return err_oom(e);
    for (size_t i = 0; i < r->rule.n_steps; i++) {
        for (size_t k = 0; k < r->rule.steps[i].n; k++) {
            const struct rule_action *a = &r->rule.steps[i].actions[k];
            _cleanup_(err_clear) struct err why = ERR_INIT;
            int result = deed_plan_new(a, &r->options->policy, &r->plans[r->n_plans], &why);

            if (result < 0)
                return blame(r, a, result, &why, e);
            r->n_plans++;
        }
    }
    return 0;
}

static size_t count_metrics(const struct guard_config *c)
{
    size_t n = 0;

    for (size_t i = 0; i < c->n; i++)
        n += c->rules[i]->rule.n_conditions + c->rules[i]->rule.has_until;
    return n;
}

static int open_gauge(struct guard_config *c, const struct root *root, struct err *e)
{
    size_t n = 0;
    _cleanup_(free_ptr) const struct metric **metrics =
        calloc(count_metrics(c), sizeof(const struct metric *));

    if (!metrics)
        return err_oom(e);
    for (size_t i = 0; i < c->n; i++) {
        const struct rule *r = &c->rules[i]->rule;

        for (size_t k = 0; k < r->n_conditions; k++)
            metrics[n++] = &r->conditions[k].metric;
        if (r->has_until)
            metrics[n++] = &r->until.metric;
    }
    return guard_gauge_new(root, metrics, n, c->options->policy.left, &c->gauge, e);
}

static void look_up(struct guard_config_rule *r, const struct guard_gauge *g)
{
    for (size_t i = 0; i < r->rule.n_conditions; i++)
        r->values[i] = guard_gauge_find(g, r->rule.conditions[i].metric.name);
    r->values[r->rule.n_conditions] =
        r->rule.has_until ? guard_gauge_find(g, r->rule.until.metric.name) : NULL;
}

static int make_ready(struct guard_config *c, const struct root *root, uint64_t now, struct err *e)
{
    int result = open_gauge(c, root, e);

    for (size_t i = 0; i < c->n && result == 0; i++) {
        struct guard_config_rule *r = c->rules[i];

        r->alarm = alarm_start(&r->rule, c->options->words.settle_ms, now);
        r->values = calloc(r->rule.n_conditions + 1, sizeof(const struct guard_gauge_value *));
        if (!r->values)
            return err_oom(e);
        look_up(r, c->gauge);
        result = plan_all(r, e);
    }
    return result;
}

void guard_config_found_clear(struct guard_config_found *f)
{
    free(f->text);
    free(f->names);
    free(f->containers);
    *f = GUARD_CONFIG_FOUND_INIT;
}

struct guard_config_source guard_config_with(const struct guard_config_source *source,
                                             const struct guard_config_found *found)
{
    struct guard_config_source with = *source;

    with.text = found->text;
    with.text_len = strlen(found->text);
    with.names = found->names;
    with.containers = found->containers;
    with.base.wary = true;
    return with;
}

int guard_config_read(const struct guard_config_source *source, struct guard_config *out,
                      struct err *e)
{
    _cleanup_(guard_config_clear) struct guard_config c = GUARD_CONFIG_INIT;
    _cleanup_(rulefile_clear) struct rulefile file = RULEFILE_INIT;
    int r = 0;

    if (source->text)
        r = rulefile_parse(source->file, source->text, source->text_len, &file, e);
    if (r == 0)
        r = guard_options_new(source->words, &file, source->file, &source->base, &c.options, e);
    if (r == 0 && source->names) {
        c.options->users.closed = true;
        r = users_add_list(&c.options->users, source->names, e);
    }
    if (r == 0 && source->containers) {
        c.options->containers.when = CONTAINER_NAMES_GIVEN;
        r = container_names_add_list(&c.options->containers, source->containers, e);
    }
    if (r == 0)
        r = add_given(&c, source->rules, e);
    if (r == 0)
        r = add_file(&c, &file, source->file, e);
    if (r == 0 && c.n == 0)
        r = source->file ? err_usage(e, -ENOENT, "%s: holds no rule", source->file)
                         : err_usage(e, -ENOENT,
                                     "nothing to guard; give a rule, for example --rule "
                                     "'ram>90%% for 10s: warn', or a --config file");
    if (r == 0)
        r = make_ready(&c, source->root, 0, e);
    if (r < 0)
        return r;
    *out = c;
    c = GUARD_CONFIG_INIT;
    return 0;
}

/* ---- over a reload */

static void adopt_rule(struct guard_config_rule *r, struct guard_config_rule **old)
{
    uint64_t settle_ms = r->alarm.settle_ms;

    r->alarm = (*old)->alarm;
    r->alarm.rule = &r->rule;
    r->alarm.settle_ms = settle_ms;
    r->action = (*old)->action;
    r->failed = (*old)->failed;
    for (size_t i = 0; i < r->n_plans; i++)
        deed_plan_adopt(r->plans[i], (*old)->plans[i]);
    if (!(*old)->deed)
        return;
    /* it refers to the plan, the rule and the options with which it began */
    r->deed = TAKE_PTR((*old)->deed);
    r->before = (*old)->before ? TAKE_PTR((*old)->before) : TAKE_PTR(*old);
    r->before->successor = r;
}

void guard_config_adopt(struct guard_config *c, struct guard_config *old)
{
    _cleanup_(free_ptr) bool *taken = calloc(old->n ? old->n : 1, sizeof(*taken));

    for (size_t i = 0; taken && i < c->n; i++) {
        for (size_t k = 0; k < old->n; k++) {
            if (taken[k] || !streq(c->rules[i]->rule.text, old->rules[k]->rule.text))
                continue;
            taken[k] = true;
            adopt_rule(c->rules[i], &old->rules[k]);
            break;
        }
    }
}

/* ---- for people */

const char *guard_config_action(const struct rule_action *a, char out[static GUARD_CONFIG_ACTION])
{
    char number[SIGNAME_MAX];

    if (a->verb == RULE_SIGNAL)
        snprintf(out, GUARD_CONFIG_ACTION, "signal %s %s", signame_format(a->signal, number),
                 a->text);
    else
        snprintf(out, GUARD_CONFIG_ACTION, "%s%s%s", rule_verb_word(a->verb), *a->text ? " " : "",
                 a->text);
    return out;
}

static void print_condition(FILE *out, const struct condition *c)
{
    char value[METRIC_TEXT_MAX];

    metric_format(c->metric.info->unit, c->value, value);
    fprintf(out, "%s is %s %s", c->metric.name, condition_op_words(c->op), value);
}

/* "1m30s", "0.5s" */
static void print_duration(FILE *out, uint64_t ms)
{
    char text[SIZE_TEXT_MAX];

    if (ms % 1000)
        fprintf(out, "%.6gs", (double)ms / 1000);
    else
        fputs(size_format_duration(ms / 1000, text), out);
}

static void print_step(FILE *out, const struct rule_step *step)
{
    char text[GUARD_CONFIG_ACTION];

    for (size_t i = 0; i < step->n; i++) {
        fprintf(out, "%s%s", i > 0 ? ", " : "", guard_config_action(&step->actions[i], text));
        if (step->actions[i].timeout_ms != RULE_NO_TIMEOUT) {
            fputs(" (for at most ", out);
            print_duration(out, step->actions[i].timeout_ms);
            fputc(')', out);
        }
    }
}

void guard_config_describe(FILE *out, const struct guard_config_rule *r)
{
    const struct rule *rule = &r->rule;

    fprintf(out, "%s: when ", r->where);
    for (size_t i = 0; i < rule->n_conditions; i++) {
        fputs(i > 0 ? " and " : "", out);
        print_condition(out, &rule->conditions[i]);
    }
    if (rule->for_ms) {
        fputs(" for ", out);
        print_duration(out, rule->for_ms);
    }
    for (size_t i = 0; i < rule->n_steps; i++) {
        if (i > 0) {
            fputs("; if that fails or does not help within ", out);
            print_duration(out, r->alarm.settle_ms);
        }
        fputs(": ", out);
        print_step(out, &rule->steps[i]);
    }
    if (rule->cooldown_ms) {
        fputs("; again every ", out);
        print_duration(out, rule->cooldown_ms);
    }
    fputs("; until ", out);
    if (rule->has_until)
        print_condition(out, &rule->until);
    else
        fputs("that is no longer so", out);
    fputc('\n', out);
}
