/* SPDX-License-Identifier: MIT */
#include "transient.h"

#include "scoped.h"

enum { LAST_MS = 100 };

void transient_clear(struct transient *t)
{
    holder_clear(&t->holder);
    close_fd(&t->group);
}

bool transient_fits(const struct cglimits *limits)
{
    for (size_t i = 0; i < limits->n; i++)
        if (!cgunit_setting(limits->items[i].file) || streq(limits->items[i].file, "pids.max"))
            return false;
    return true;
}

static int do_hold(void *ctx, struct err *e)
{
    struct transient *t = ctx;

    return holder_start(&t->holder, t->tree->root, e);
}

static int undo_hold(void *ctx, struct err *e _unused_)
{
    struct transient *t = ctx;

    holder_clear(&t->holder);
    return 0;
}

int transient_plan(struct transient *t, const struct cgtree *tree, const struct cgunit *unit,
                   const char *path, const struct cglimits *limits, struct plan *plan,
                   struct err *e)
{
    t->tree = tree;
    t->unit = *unit;
    t->path = path;
    t->limits = limits;
    if (faccessat(tree->fd, path, F_OK, 0) == 0)
        return err_set(e, -EEXIST, "/%s: is there already", path);
    return plan_add(plan, "create", do_hold, undo_hold, t, e, "start the scope %s", unit->name);
}

int transient_enter(void *arg, pid_t pid, struct err *e)
{
    _cleanup_(sdbus_close) struct sdbus *bus = NULL;
    struct transient *t = arg;
    const pid_t pids[] = {pid, t->holder.pid};
    const struct scoped_unit scope = {.name = t->unit.name,
                                      .slice = CGUNIT_TOP_SLICE,
                                      .pids = pids,
                                      .n = ARRAY_SIZE(pids),
                                      .limits = t->limits};
    int r = sdbus_open(t->unit.whose, &bus, e);

    if (r == 0)
        r = scoped_start(bus, &scope, t->tree->root, e);
    if (r == 0)
        r = cgunitplan_read_back(t->tree, t->path, t->limits, e);
    if (r < 0)
        return r;
    t->group = cgtree_group(t->tree, t->path, e);
    return t->group < 0 ? t->group : 0;
}

bool transient_lost(struct transient *t)
{
    return holder_lost(&t->holder);
}

int transient_end(struct transient *t)
{
    static const struct cgevents_wish empty = {"cgroup.events", "populated", false, 0};
    const struct cgevents_patience patience = {.timeout_ms = LAST_MS};

    holder_clear(&t->holder);
    /* a process that was waited for may be a moment away from leaving its group */
    return cgevents_wait(t->group, t->path, &empty, &patience, NULL) == -ETIMEDOUT;
}
