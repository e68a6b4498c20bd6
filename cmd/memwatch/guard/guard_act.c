/* SPDX-License-Identifier: MIT */
#include "guard_act.h"

#include <inttypes.h>

enum { FACTS = 512, NUMBER = 32 };

/* ---- what is told */

static void tell(struct guard_act *x, const struct guard_config_rule *r,
                 struct guard_log_event event)
{
    const struct guard_gauge_value *first = r->values[0];

    event.rule = r->rule.text;
    if (r->rule.n_steps == 1 && !x->log->json)
        event.step = 0; /* people know */
    event.metric = first->metric;
    if (first->state == SAMPLER_NUMBER)
        event.value = &first->value;
    guard_log_write(x->log, &event);
}

/* "ram 93.2%, swap 40.1%" */
static void list_values(const struct guard_config_rule *r, const char *prefix,
                        char out[static FACTS])
{
    size_t n = (size_t)snprintf(out, FACTS, "%s", prefix);

    for (size_t i = 0; i < r->rule.n_conditions && n < FACTS; i++) {
        const struct guard_gauge_value *v = r->values[i];
        char text[METRIC_TEXT_MAX] = "?";

        if (v->state == SAMPLER_NUMBER)
            metric_format(v->metric->info->unit, v->value, text);
        n += (size_t)snprintf(out + n, FACTS - n, "%s%s %s", i > 0 ? ", " : "", v->metric->name,
                              text);
    }
}

static void tell_result(struct guard_act *x, const struct guard_config_rule *r,
                        const struct rule_action *a, bool failed, const char *text,
                        const char *output)
{
    bool dry = r->options->policy.dry_run;
    char action[GUARD_CONFIG_ACTION];

    tell(x, r,
         (struct guard_log_event){.event = "action",
                                  .level = failed ? MESSAGE_WARNING : MESSAGE_INFO,
                                  .step = r->alarm.step + 1,
                                  .action = guard_config_action(a, action),
                                  .result = failed ? "failed"
                                            : dry  ? "dry run"
                                                   : "done",
                                  .text = text,
                                  .output = output});
}

/* ---- actions */

/* A kill that had to wait is not done when it is over meanwhile, or nobody knows. */
static bool holds(void *arg)
{
    const struct guard_config_rule *r = arg;

    return (r->successor ? r->successor : r)->alarm.conditions == ALARM_TRUE;
}

static void start(struct guard_config_rule *r, uint64_t now)
{
    const struct guard_gauge_value *first = r->values[0];
    char value[METRIC_TEXT_MAX] = "", step[NUMBER], values[FACTS];
    const char *const more[] = {step, values, NULL};
    const struct deed_cause cause = {.rule = r->rule.text,
                                     .metric = first->metric->name,
                                     .value = value,
                                     .environment = more,
                                     .holds = holds,
                                     .arg = r};

    if (first->state == SAMPLER_NUMBER)
        metric_format(first->metric->info->unit, first->value, value);
    snprintf(step, sizeof(step), "HEADROOM_STEP=%zu", r->alarm.step + 1);
    list_values(r, "HEADROOM_VALUES=", values);
    r->deed = deed_start(guard_config_plan(r, r->alarm.step, r->action), &cause, now);
}

/* What is done here and at once. Return: false if it is none of that. */
static bool do_here(struct guard_act *x, struct guard_config_rule *r, const struct rule_action *a)
{
    char values[FACTS];

    if (a->verb == RULE_WARN) {
        list_values(r, "", values);
        tell(x, r,
             (struct guard_log_event){.event = "warning",
                                      .level = MESSAGE_WARNING,
                                      .step = r->alarm.step + 1,
                                      .action = "warn",
                                      .result = "done",
                                      .text = r->rule.n_conditions > 1 ? values : NULL});
    } else if (a->verb == RULE_STOP) {
        bool dry = r->options->policy.dry_run;

        tell_result(x, r, a, false, dry ? "would end the guard" : "ends the guard", NULL);
        x->stopped = x->stopped || !dry;
    }
    return a->verb == RULE_WARN || a->verb == RULE_STOP;
}

/* The deed of the rule is over. Return: true if it failed. */
static bool finish(struct guard_act *x, struct guard_config_rule *r, const struct rule_action *a)
{
    bool failed = !r->deed || deed_state(r->deed) == DEED_FAILED;

    if (r->deed)
        tell_result(x, r, a, failed, deed_text(r->deed), deed_output(r->deed));
    else
        tell_result(x, r, a, true, "cannot be begun", NULL);
    guard_config_forget_deed(r);
    return failed;
}

/* One action behind the other, until one takes its time. A failure ends the step if there is
 * another one to be tried; the last step is done as far as it can be. */
static void go_on(struct guard_act *x, struct guard_config_rule *r, uint64_t now)
{
    const struct rule_step *step = &r->rule.steps[r->alarm.step];
    bool last = r->alarm.step + 1 == r->rule.n_steps;

    for (; r->action < step->n && !(r->failed && !last); r->action++) {
        const struct rule_action *a = &step->actions[r->action];

        if (!r->deed && do_here(x, r, a))
            continue;
        if (!r->deed)
            start(r, now);
        if (r->deed && deed_state(r->deed) == DEED_UNDER_WAY)
            return;
        r->failed = finish(x, r, a) || r->failed;
    }
    alarm_done(&r->alarm, now, r->failed);
}

size_t guard_act_poll(const struct guard_config_rule *r, struct pollfd fds[static DEED_FDS],
                      uint64_t *until)
{
    *until = UINT64_MAX;
    return r->deed ? deed_poll(r->deed, fds, until) : 0;
}

bool guard_act_continue(struct guard_act *x, struct guard_config_rule *r, uint64_t now)
{
    if (!r->deed || deed_continue(r->deed, now) == DEED_UNDER_WAY)
        return false;
    go_on(x, r, now);
    return true;
}

/* ---- rules */

static enum alarm_event ask(struct guard_config_rule *r, uint64_t now)
{
    const struct rule *rule = &r->rule;
    enum alarm_truth truths[2] = {ALARM_TRUE, ALARM_TRUE}, until = ALARM_UNKNOWN;

    for (size_t i = 0; i < rule->n_conditions; i++) {
        truths[1] = guard_gauge_truth(r->values[i], &rule->conditions[i]);
        truths[0] = alarm_all(truths, ARRAY_SIZE(truths));
    }
    if (rule->has_until)
        until = guard_gauge_truth_of_end(r->values[rule->n_conditions], &rule->until);
    return alarm_feed(&r->alarm, now, truths[0], until);
}

void guard_act_feed(struct guard_act *x, struct guard_config_rule *r, uint64_t now)
{
    static const char *const names[] = {
        [ALARM_FIRE] = "fired", [ALARM_ESCALATE] = "escalated", [ALARM_REARM] = "over"};

    while (!x->stopped) {
        enum alarm_event event = ask(r, now);

        if (event == ALARM_NOTHING)
            return;
        tell(x, r,
             (struct guard_log_event){.event = names[event],
                                      .level = MESSAGE_INFO,
                                      .step = event == ALARM_REARM ? 0 : r->alarm.step + 1});
        if (event == ALARM_REARM)
            continue;
        r->action = 0;
        r->failed = false;
        go_on(x, r, now);
    }
}
