/* SPDX-License-Identifier: MIT */
#include "cgremove.h"

#include "cgkill.h"
#include "cgscan.h"

/* One group to remove; the list has the deepest first. */
struct cgremove_step {
    struct cgremove_step *next;
    struct cgremove *all;
    char *path;
};

void cgremove_clear(struct cgremove *c)
{
    for (struct cgremove_step *s = c->steps, *next; s; s = next) {
        next = s->next;
        free(s->path);
        free(s);
    }
    *c = CGREMOVE_INIT;
}

static int collect(void *arg, const struct cgscan_group *g, struct err *e)
{
    struct cgremove *c = arg;
    struct cgremove_step *s = calloc(1, sizeof(*s));

    if (!s)
        return err_oom(e);
    s->all = c;
    s->next = c->steps;
    s->path = strdup(g->path);
    c->steps = s;
    return s->path ? 0 : err_oom(e);
}

static int do_kill(void *ctx, struct err *e)
{
    const struct cgremove *c = ctx;

    int r = cgkill_all(c->tree, c->path, true, &c->patience, e);

    if (r != -ENOENT)
        return r;
    /* gone meanwhile, as was wished */
    err_clear(e);
    return 0;
}

static int do_remove(void *ctx, struct err *e)
{
    const struct cgremove_step *s = ctx;

    if (unlinkat(s->all->tree->fd, s->path, AT_REMOVEDIR) == 0 || errno == ENOENT)
        return 0;
    if (errno == EBUSY)
        return err_refuse(e, -EBUSY, "/%s: processes or groups have come into it meanwhile",
                          s->path);
    return err_sys(e, -errno, "/%s: cannot remove the group", s->path);
}

static int check(const struct cgremove *c, unsigned flags, struct err *e)
{
    _cleanup_(close_fd) int dir = cgtree_group(c->tree, c->path, e);
    int populated;

    if (dir < 0)
        return dir;
    populated = cgkill_populated(dir);
    if (populated < 0)
        return err_sys(e, populated, "/%s: cannot tell whether it has processes", c->path);
    if (populated && !(flags & CGREMOVE_KILL))
        return err_refuse(e, -EBUSY,
                          "/%s: has processes; --kill ends them, \"cgctl attach\" moves "
                          "them elsewhere",
                          c->path);
    if (c->steps->next && !(flags & CGREMOVE_RECURSIVE))
        return err_refuse(e, -EBUSY,
                          "/%s: has groups in it, such as /%s; --recursive removes them "
                          "too",
                          c->path, c->steps->path);
    return populated;
}

int cgremove_plan(struct cgremove *c, const struct cgtree *tree, const char *path, unsigned flags,
                  const struct cgevents_patience *patience, struct plan *plan, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    int r;

    if (!*path)
        return err_refuse(e, -EBUSY, "/: the top cannot be removed");
    c->tree = tree;
    c->path = path;
    c->patience = *patience;
    r = cgscan_walk(tree, path, collect, c, &why);
    if (r == -ENOENT)
        return 0;
    if (r < 0)
        return err_set(e, r, "%s", why.text);
    r = check(c, flags, e);
    if (r == 1)
        r = plan_add(plan, "kill", do_kill, NULL, c, e, "kill what is in /%s", path);
    for (struct cgremove_step *s = c->steps; s && r >= 0; s = s->next)
        r = plan_add(plan, "remove", do_remove, NULL, s, e, "remove the group /%s", s->path);
    return r < 0 ? r : 0;
}
