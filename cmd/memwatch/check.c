/* SPDX-License-Identifier: MIT */
#include "check_rules.h"
#include "memwatch.h"
#include "plugin.h"
#include "snapshot.h"

struct args {
    struct check_rules_words words;
    uint64_t interval_ms, timeout_ms;
    bool json;
};

#define WORD(member) offsetof(struct args, words.member)

static const struct opt opts[] = {
    {0, "ram", OPT_STRING, WORD(ram), "W:C", "RAM in use, per cent"},
    {0, "swap", OPT_STRING, WORD(swap), "W:C", "swap in use, per cent"},
    {0, "psi", OPT_STRINGS, WORD(psi), "KIND:W:C",
     "pressure: some or full, over 10 seconds; io.full.avg60:W:C is one of the others"},
    {0, "disk", OPT_STRINGS, WORD(disk), "PATH:W:C", "use of the file system of PATH, per cent"},
    {0, "gpu", OPT_STRINGS, WORD(gpu), "[N:]W:C", "memory of all GPUs, or of GPU N, per cent"},
    {0, "cgroup", OPT_STRINGS, WORD(cgroup), "GROUP:W:C",
     "memory of a control group, per cent of its lowest limit"},
    {0, "warning", OPT_STRINGS, WORD(warning), "CONDITION",
     "warn when this holds: METRIC>VALUE, also by >=, < and <="},
    {0, "critical", OPT_STRINGS, WORD(critical), "CONDITION", "it is critical when this holds"},
    {'i', "interval", OPT_DURATION, offsetof(struct args, interval_ms), "DURATION",
     "between two samples, for the rules that need two (default 1s)"},
    {0, "timeout", OPT_DURATION, offsetof(struct args, timeout_ms), "DURATION",
     "for each rule; what takes longer is unknown (default 10s)"},
    {0, "json", OPT_FLAG, offsetof(struct args, json), NULL, "print JSON"},
    OPT_END,
};

static const struct args defaults = {.interval_ms = 1000, .timeout_ms = 10000};

/* What was measured for the rules, and what follows from it. */
struct answer {
    struct check_rules rules;
    struct snapshot_value *values; /* owned */
    enum plugin_state *states;     /* owned */
    bool *left_out;                /* owned: GPUs that are not there */
    enum plugin_state state;
};

static void answer_clear(struct answer *a)
{
    check_rules_clear(&a->rules);
    free(a->values);
    free(a->states);
    free(a->left_out);
}

static bool holds(const struct check_rules_level *level, double value)
{
    const struct condition c = {.op = level->op, .value = level->value};

    return level->set && condition_holds(&c, value);
}

/* While nothing is taken away there is no share of it to be too high or too low. That the kernel
 * does not count it is another thing, which only the words tell. */
static bool is_idle(const struct metric *m, const struct snapshot_value *v)
{
    bool share = m->info->id == METRIC_REFAULT_RATIO || m->info->id == METRIC_RECLAIM_EFFICIENCY;

    return share && v->state == SAMPLER_ABSENT && strstr(v->why, ": no page was ");
}

static enum plugin_state judge(const struct metric *m, const struct check_rules_rule *rule,
                               const struct snapshot_value *v)
{
    if (is_idle(m, v))
        return PLUGIN_OK;
    if (v->state != SAMPLER_NUMBER)
        return PLUGIN_UNKNOWN;
    if (holds(&rule->critical, v->value))
        return PLUGIN_CRITICAL;
    return holds(&rule->warning, v->value) ? PLUGIN_WARNING : PLUGIN_OK;
}

/* Of the GPUs that may be there only those that are; of none the first, which says why. */
static void leave_out(struct answer *a)
{
    bool any = false, said = false;

    for (size_t i = 0; i < a->rules.n; i++)
        any = any || (a->rules.rules[i].one_of_gpus && a->values[i].state == SAMPLER_NUMBER);
    for (size_t i = 0; i < a->rules.n; i++) {
        if (!a->rules.rules[i].one_of_gpus || a->values[i].state == SAMPLER_NUMBER ||
            (any && a->values[i].state != SAMPLER_ABSENT))
            continue;
        a->left_out[i] = any || said;
        said = true;
    }
}

static int measure(const struct cmd_context *ctx, const struct args *args, struct answer *a,
                   struct err *e)
{
    const struct snapshot_times times = {args->interval_ms, args->timeout_ms};
    size_t n = a->rules.n;
    int r;

    a->values = calloc(n, sizeof(*a->values));
    a->states = calloc(n, sizeof(*a->states));
    a->left_out = calloc(n, sizeof(*a->left_out));
    if (!a->values || !a->states || !a->left_out)
        return err_oom(e);
    r = snapshot_take(&ctx->root, a->rules.metrics, n, &times, a->values, e);
    if (r < 0)
        return r;
    leave_out(a);
    for (size_t i = 0; i < n; i++) {
        if (a->left_out[i])
            continue;
        a->states[i] = judge(&a->rules.metrics[i], &a->rules.rules[i], &a->values[i]);
        a->state = plugin_worst(a->state, a->states[i]);
    }
    return 0;
}

/* ---- the line */

/* "RAM"; of several families "MEMWATCH". */
static const char *service(const struct answer *a)
{
    static const char *const names[] = {
        [METRIC_MEMINFO] = "MEMORY", [METRIC_VMSTAT] = "RECLAIM", [METRIC_PSI] = "PSI",
        [METRIC_KSWAPD] = "KSWAPD",  [METRIC_DISK] = "DISK",      [METRIC_GPU] = "GPU",
        [METRIC_CGROUP] = "CGROUP",  [METRIC_PROC] = "PROCESS",
    };
    const struct metric_info *first = a->rules.metrics[0].info;

    for (size_t i = 1; i < a->rules.n; i++)
        if (a->rules.metrics[i].info->family != first->family)
            return "MEMWATCH";
    if (a->rules.n == 1 && first->id == METRIC_RAM)
        return "RAM";
    if (a->rules.n == 1 && first->id == METRIC_SWAP)
        return "SWAP";
    return names[first->family];
}

/* ram 83.1% (>= 80%) */
static void print_value(const struct answer *a, size_t i)
{
    const struct metric *m = &a->rules.metrics[i];
    const struct check_rules_rule *rule = &a->rules.rules[i];
    const struct check_rules_level *level =
        a->states[i] == PLUGIN_CRITICAL ? &rule->critical : &rule->warning;
    char text[METRIC_TEXT_MAX];

    if (a->states[i] == PLUGIN_UNKNOWN) {
        plugin_print(stdout, a->values[i].why);
        return;
    }
    plugin_print(stdout, m->name);
    if (a->values[i].state != SAMPLER_NUMBER) {
        fputs(" idle", stdout);
        return;
    }
    metric_format(m->info->unit, a->values[i].value, text);
    printf(" %s", text);
    if (a->states[i] == PLUGIN_OK)
        return;
    metric_format(m->info->unit, level->value, text);
    printf(" (%s %s)", condition_op_sign(level->op), text);
}

/* The worst first; what is in order only when all is. */
static void print_text(const struct answer *a)
{
    static const enum plugin_state order[] = {PLUGIN_CRITICAL, PLUGIN_WARNING, PLUGIN_UNKNOWN};
    const char *between = "";

    for (size_t k = 0; k < ARRAY_SIZE(order); k++) {
        for (size_t i = 0; i < a->rules.n; i++) {
            bool shown = a->state == PLUGIN_OK ? k == 0 : a->states[i] == order[k];

            if (a->left_out[i] || !shown)
                continue;
            fputs(between, stdout);
            print_value(a, i);
            between = ", ";
        }
    }
}

/* A level as a range, outside of which it is met: "90", or "500:" for what must not be less. */
static void print_range(const struct check_rules_level *level)
{
    char number[PLUGIN_NUMBER_MAX];

    fputc(';', stdout);
    if (level->set)
        printf("%s%s", plugin_number(level->value, number),
               condition_is_upward(level->op) ? "" : ":");
}

static void print_data(const struct answer *a, size_t i)
{
    const struct metric *m = &a->rules.metrics[i];
    const struct check_rules_rule *rule = &a->rules.rules[i];
    bool percent = m->info->unit == METRIC_PERCENT, bytes = m->info->unit == METRIC_BYTES;
    char number[PLUGIN_NUMBER_MAX];

    fputc(' ', stdout);
    plugin_print_label(stdout, m->name);
    if (a->values[i].state == SAMPLER_NUMBER)
        printf("=%s%s", plugin_number(a->values[i].value, number),
               percent ? "%"
               : bytes ? "B"
                       : "");
    else
        fputs("=U", stdout);
    print_range(&rule->warning);
    print_range(&rule->critical);
    fputs(percent && !condition_may_exceed(m->info) ? ";0;100" : ";0", stdout);
}

/* Two rules about one metric are one value. */
static bool is_first(const struct answer *a, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (streq(a->rules.metrics[k].name, a->rules.metrics[i].name))
            return false;
    return true;
}

static void print_line(const struct answer *a)
{
    printf("%s %s - ", service(a), plugin_word(a->state));
    print_text(a);
    fputs(" |", stdout);
    for (size_t i = 0; i < a->rules.n; i++)
        if (!a->left_out[i] && is_first(a, i))
            print_data(a, i);
    fputc('\n', stdout);
}

/* ---- JSON */

static void json_level(struct json *j, const char *key, const struct check_rules_level *level)
{
    if (!level->set) {
        json_null(j, key);
        return;
    }
    json_object(j, key);
    json_string(j, "op", condition_op_sign(level->op));
    json_real(j, "value", level->value);
    json_object_end(j);
}

static void json_rule(struct json *j, const struct answer *a, size_t i)
{
    const struct metric *m = &a->rules.metrics[i];
    bool number = a->values[i].state == SAMPLER_NUMBER;
    const char *unit = metric_unit_text(m->info->unit);

    json_object(j, NULL);
    json_string(j, "metric", m->name);
    json_string(j, "state", plugin_word(a->states[i]));
    if (number)
        json_real(j, "value", a->values[i].value);
    else
        json_null(j, "value");
    json_string(j, "unit", *unit ? unit : NULL);
    json_level(j, "warning", &a->rules.rules[i].warning);
    json_level(j, "critical", &a->rules.rules[i].critical);
    json_string(j, "why", number ? NULL : a->values[i].why);
    json_object_end(j);
}

static void print_json(const struct answer *a)
{
    struct json j = JSON_INIT(stdout);

    json_object(&j, NULL);
    json_string(&j, "state", plugin_word(a->state));
    json_number(&j, "exit_status", a->state);
    json_list(&j, "rules");
    for (size_t i = 0; i < a->rules.n; i++)
        if (!a->left_out[i])
            json_rule(&j, a, i);
    json_list_end(&j);
    json_object_end(&j);
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(answer_clear) struct answer a = {.rules = CHECK_RULES_INIT};
    int r = check_rules_read(&args->words, &a.rules, &e);

    if (r < 0)
        return cmd_fail(ctx, r, &e);
    if (a.rules.n == 0)
        return cmd_usage(ctx, "nothing to check; give a rule, for example --ram 80:90");
    if (snapshot_needs_two(a.rules.metrics, a.rules.n) &&
        (args->interval_ms == 0 || args->interval_ms >= args->timeout_ms))
        return cmd_usage(ctx, "--interval: must be above 0 and below --timeout");
    r = measure(ctx, args, &a, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    (args->json ? print_json : print_line)(&a);
    return (int)a.state;
}

const struct cmd memwatch_check = {
    .name = "check",
    .summary = "answer a monitoring system, or a cron job",
    .operands = "",
    .about = "Compares what is measured with rules, and says by one line and the exit status how "
             "it stands, as monitoring plugins do. W:C is where a warning begins and where it is "
             "critical; one number is critical. The worst rule counts; one that cannot be "
             "evaluated is UNKNOWN.",
    .opts = opts,
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .flags = CMD_PLUGIN,
    .run = run,
};
