/* SPDX-License-Identifier: MIT */
#include "sampler_family.h"

struct item {
    struct sampler_slot *slot;
    int dir; /* of the process: another one of the same number is not taken for it */
    struct kept file;
};

struct proc_family {
    struct item *items;
    size_t n;
};

static const char gone[] = "there is no such process, or it has no memory of its own";

static void proc_close(void *own)
{
    struct proc_family *p = own;

    for (size_t i = 0; i < p->n; i++) {
        close_fd(&p->items[i].dir);
        kept_close(&p->items[i].file);
    }
    free(p->items);
    free(p);
}

static int open_item(struct item *item, struct sampler_slot *s, const struct root *root)
{
    bool pss = s->metric->info->id == METRIC_PROC_PSS;
    char path[32];

    item->slot = s;
    item->file = KEPT_INIT(pss ? "smaps_rollup" : "status");
    snprintf(path, sizeof(path), "/proc/%d", (int)proc_pid_parse(s->metric->param));
    item->dir = root_openat(root, path, O_RDONLY | O_DIRECTORY, 0);
    return item->dir == -EMFILE || item->dir == -ENFILE ? item->dir : 0;
}

static int proc_open(const struct sampler_call *call, void **out, struct err *e)
{
    struct proc_family *p = calloc(1, sizeof(*p));
    size_t n = 0;
    int r = 0;

    for (const struct sampler_slot *s = call->first; s; s = s->next)
        n++;
    if (p)
        p->items = calloc(n, sizeof(*p->items));
    if (!p || !p->items) {
        free(p);
        return err_oom(e);
    }
    for (struct sampler_slot *s = call->first; s && r == 0; s = s->next)
        r = open_item(&p->items[p->n++], s, call->root);
    if (r < 0) {
        proc_close(p);
        return err_sys(e, r, "/proc: cannot open a process");
    }
    *out = p;
    return 0;
}

static void say_memory(struct sampler_slot *s, bool has, uint64_t bytes)
{
    if (has)
        sampler_slot_number(s, (double)bytes);
    else
        sampler_slot_say(s, SAMPLER_ABSENT, 0, gone);
}

static void say_status(struct sampler_slot *s, const char *text)
{
    struct proc_status status;
    int r = proc_status_parse(text, &status);

    if (r < 0)
        sampler_slot_say(s, SAMPLER_BROKEN, -r, "its status makes no sense");
    else if (s->metric->info->id == METRIC_PROC_RSS)
        say_memory(s, status.has_rss, status.rss);
    else
        say_memory(s, status.has_swap, status.swap);
}

static void say_pss(struct sampler_slot *s, const char *text)
{
    uint64_t bytes;
    int r = proc_pss_parse(text, &bytes);

    if (r < 0)
        sampler_slot_say(s, SAMPLER_BROKEN, -r, "its smaps_rollup makes no sense");
    else
        sampler_slot_number(s, (double)bytes);
}

static void take_item(struct item *item, const struct sampler_call *call)
{
    bool pss = item->slot->metric->info->id == METRIC_PROC_PSS;
    int r = item->dir < 0 ? item->dir : kept_read(&item->file, NULL, &item->dir, call->text);

    if (r < 0)
        sampler_slot_unread(item->slot, r, gone);
    else if (pss)
        say_pss(item->slot, call->text->p);
    else
        say_status(item->slot, call->text->p);
    /* an open smaps_rollup shows the memory from before an execve(2) */
    if (pss)
        kept_close(&item->file);
}

static void proc_take(void *own, const struct sampler_call *call)
{
    struct proc_family *p = own;

    for (size_t i = 0; i < p->n; i++)
        take_item(&p->items[i], call);
}

const struct sampler_family sampler_proc_family = {proc_open, proc_take, proc_close};
