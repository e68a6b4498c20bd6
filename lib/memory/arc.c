/* SPDX-License-Identifier: MIT */
#include "arc.h"

enum { MINIMUM, SIZE };

static const struct keyed_key keys[] = {[MINIMUM] = KEYED_KEY("c_min"), [SIZE] = KEYED_KEY("size")};

struct keyed arc_keys(void)
{
    return KEYED_INIT(keys, ' ');
}

/* "4    1234" */
static int parse_value(struct kv_span value, uint64_t *out)
{
    struct kv_span rest;
    uint64_t type;
    int r = kv_u64(value, &type, &rest);

    return r < 0 ? r : kv_u64(rest, out, NULL);
}

int arc_scan(struct keyed *k, const char *text, size_t len, struct arc *out, struct err *e)
{
    struct kv_span values[ARRAY_SIZE(keys)];
    uint64_t n[ARRAY_SIZE(keys)];

    keyed_find(k, text, len, values);
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        int r = values[i].p ? parse_value(values[i], &n[i]) : -ENODATA;

        if (r == -ENODATA)
            return err_set(e, r, "arcstats: has no %s", keys[i].name);
        if (r < 0)
            return err_set(e, r, "arcstats: %s is no number", keys[i].name);
    }
    out->size = n[SIZE];
    out->reclaimable = n[SIZE] > n[MINIMUM] ? n[SIZE] - n[MINIMUM] : 0;
    return 0;
}
