/* SPDX-License-Identifier: MIT */
#include "condition.h"
#include "fuzz.h"

#include <math.h>

/* What was read can be written and read again. */
static void check_again(const struct condition *c)
{
    _cleanup_(condition_clear) struct condition again = CONDITION_INIT;
    _cleanup_(free_ptr) char *text = NULL;

    MUST(asprintf(&text, "%s %s %.9f", c->metric.name, condition_op_sign(c->op), c->value) >= 0);
    if (c->metric.info->unit == METRIC_BYTES || c->metric.info->unit == METRIC_BYTES_PER_SECOND)
        *strrchr(text, '.') = '\0';
    MUST(condition_parse(text, &again, NULL) == 0 || c->value > 1e14);
    MUST(!again.metric.info || (again.op == c->op && streq(again.metric.name, c->metric.name)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);
    _cleanup_(condition_clear) struct condition c = CONDITION_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int r = condition_parse(text, &c, &e);

    if (r < 0) {
        MUST((r == -EINVAL || r == -ERANGE) && e.kind == ERR_USAGE && e.text);
        MUST(!c.metric.info);
        return 0;
    }
    MUST(isfinite(c.value) && c.value >= 0);
    MUST(condition_holds(&c, c.value) == (c.op == CONDITION_AT_LEAST || c.op == CONDITION_AT_MOST));
    check_again(&c);
    return 0;
}
