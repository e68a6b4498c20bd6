/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "rule.h"

static void check_action(const struct rule_action *a, const char *text)
{
    MUST(a->verb < RULE_VERBS && a->at < strlen(text) && a->text);
    MUST(strlen(a->text) <= strlen(text) && strstr(text, a->text));
    MUST(a->timeout_ms > 0);
    MUST((a->n_words > 0) == (a->words != NULL));
    for (size_t i = 0; i < a->n_words; i++)
        MUST(a->words[i]);
    MUST(!a->words || !a->words[a->n_words]);
}

/* What was written once is read again as the same. */
static void check_again(const struct rule *r)
{
    _cleanup_(rule_clear) struct rule again = RULE_INIT;

    MUST(rule_parse(r->text, &again, NULL) == 0);
    MUST(again.n_conditions == r->n_conditions && again.n_steps == r->n_steps &&
         again.for_ms == r->for_ms && again.cooldown_ms == r->cooldown_ms &&
         again.has_until == r->has_until);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);
    _cleanup_(rule_clear) struct rule rule = RULE_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int r = rule_parse(text, &rule, &e);

    if (r < 0) {
        MUST((r == -EINVAL || r == -ERANGE) && e.kind == ERR_USAGE && e.text);
        MUST(strncmp(e.text, "character ", 10) == 0 && !rule.text);
        return 0;
    }
    MUST(streq(rule.text, text) && rule.n_conditions > 0 && rule.n_steps > 0);
    MUST(rule.has_until == (rule.until.metric.info != NULL));
    for (size_t i = 0; i < rule.n_conditions; i++)
        MUST(rule.conditions[i].metric.info);
    for (size_t i = 0; i < rule.n_steps; i++) {
        MUST(rule.steps[i].n > 0);
        for (size_t k = 0; k < rule.steps[i].n; k++)
            check_action(&rule.steps[i].actions[k], text);
    }
    check_again(&rule);
    return 0;
}
