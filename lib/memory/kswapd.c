/* SPDX-License-Identifier: MIT */
#include "kswapd.h"

#include "procscan.h"

bool kswapd_parse_name(const char *name, unsigned *node)
{
    const char *digits = str_after(name, "kswapd");
    uint64_t n;

    if (!digits || kv_u64((struct kv_span){digits, strlen(digits)}, &n, NULL) < 0 || n > UINT16_MAX)
        return false;
    *node = (unsigned)n;
    return true;
}

static int by_node(const void *a, const void *b)
{
    const struct kswapd_node *x = a, *y = b;

    return (x->node > y->node) - (x->node < y->node);
}

static void take(struct kswapd *k, pid_t pid, const char *text)
{
    struct proc_stat s;
    unsigned node;

    if (k->n < KSWAPD_MAX && proc_stat_parse(text, &s) == 0 && proc_stat_is_kthread(&s) &&
        kswapd_parse_name(s.name, &node))
        k->nodes[k->n++] = (struct kswapd_node){node, pid, s.start};
}

int kswapd_find(const struct root *root, struct kswapd *out, struct err *e)
{
    _cleanup_(procscan_clear) struct procscan scan = PROCSCAN_INIT;
    struct kswapd k = {.n = 0};
    const char *text;
    pid_t pid;
    int r = procscan_begin(root, &scan, e);

    if (r < 0)
        return r;
    while ((r = procscan_next(&scan, &pid, e)) > 0)
        if (procscan_read(&scan, pid, "stat", &text) > 0)
            take(&k, pid, text);
    if (r < 0)
        return r;
    qsort(k.nodes, k.n, sizeof(k.nodes[0]), by_node);
    *out = k;
    return 0;
}

bool kswapd_ticks(const struct root *root, const struct kswapd_node *node, uint64_t *out)
{
    _cleanup_(free_ptr) char *text = NULL;
    struct proc_stat s;
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)node->pid);
    if (root_read(root, path, &text, NULL, NULL) < 0 || proc_stat_parse(text, &s) < 0 ||
        s.start != node->start)
        return false;
    *out = s.cpu;
    return true;
}
