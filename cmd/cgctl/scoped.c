/* SPDX-License-Identifier: MIT */
#include "scoped.h"

#include "cgattach.h"

enum { NAMES_MAX = 100 };

void scoped_clear(struct scoped *s)
{
    cgunitplan_clear(&s->plan);
    /* what is in them belongs to somebody else */
    free(s->with.items);
    free(s->without.items);
    *s = SCOPED_INIT;
}

static int split(struct scoped *s, const struct cglimits *limits, struct err *e)
{
    s->with.items = calloc(limits->n + 1, sizeof(*limits->items));
    s->without.items = calloc(limits->n + 1, sizeof(*limits->items));
    if (!s->with.items || !s->without.items)
        return err_oom(e);
    for (size_t i = 0; i < limits->n; i++) {
        struct cglimits *to = cgunit_setting(limits->items[i].file) ? &s->with : &s->without;

        to->items[to->n++] = limits->items[i];
    }
    return 0;
}

int scoped_plan(struct scoped *s, const struct cgtree *tree, const struct cgunit *slice,
                const char *path, const struct cglimits *limits, bool own, bool force,
                struct plan *plan, struct err *e)
{
    unsigned flags =
        CGUNITPLAN_CREATE | (own ? CGUNITPLAN_NEW : 0U) | (force ? CGUNITPLAN_FORCE : 0U);
    int r;

    if (!slice->slice)
        return err_refuse(e, -EPERM,
                          "/%s: is the group of a unit that systemd starts processes in itself; "
                          "--group takes a slice, or a group below a unit with Delegate=yes",
                          path);
    s->slice = *slice;
    s->path = path;
    s->own = own;
    r = split(s, limits, e);
    return r < 0 ? r : cgunitplan_limits(&s->plan, tree, slice, path, &s->with, flags, plan, e);
}

static int add_pids(struct sdbus_properties *p, const pid_t *pids, size_t n, struct err *e)
{
    _cleanup_(free_ptr) uint32_t *numbers = calloc(n, sizeof(*numbers));

    if (!numbers)
        return err_oom(e);
    for (size_t i = 0; i < n; i++)
        numbers[i] = (uint32_t)pids[i];
    return sdbus_properties_bytes(p, "PIDs", "au", numbers, n * sizeof(*numbers), e);
}

/* All controllers are enabled for a unit that is delegated, and disabled afterwards, each of which
 * takes the kernel a while. Not to delegate it at all would have newer systemds end the command
 * when one of its processes is killed for lack of memory. */
static int add_delegation(struct sdbus_properties *p, bool divided, struct err *e)
{
    struct sdbus_property memory = {.name = "DelegateControllers", .type = "as"};

    if (divided)
        return sdbus_properties_number(p, "Delegate", "b", 1, e);
    memory.text = strdup("memory");
    return memory.text ? sdbus_properties_add(p, memory, e) : err_oom(e);
}

int scoped_start(struct sdbus *bus, const struct scoped_unit *scope, const struct root *root,
                 struct err *e)
{
    _cleanup_(sdbus_properties_clear) struct sdbus_properties p = SDBUS_PROPERTIES_INIT;
    int r = sdbus_properties_text(&p, "Description", "processes of cgctl(8)", e);

    if (r == 0)
        r = sdbus_properties_text(&p, "Slice", scope->slice, e);
    if (r == 0)
        r = sdbus_properties_text(&p, "CollectMode", "inactive-or-failed", e);
    if (r == 0)
        r = add_delegation(&p, scope->divided, e);
    if (r == 0)
        r = add_pids(&p, scope->pids, scope->n, e);
    for (size_t i = 0; scope->limits && i < scope->limits->n && r == 0; i++)
        r = cgunit_property(root, &scope->limits->items[i], &p, e);
    return r < 0 ? r : sdbus_start_transient(bus, scope->name, &p, true, e);
}

int scoped_start_new(struct sdbus *bus, const char *prefix, struct scoped_unit *scope,
                     char name[static CGUNIT_NAME], const struct root *root, struct err *e)
{
    int r = -EEXIST;

    scope->name = name;
    for (unsigned i = 1; r == -EEXIST && i <= NAMES_MAX; i++) {
        err_clear(e);
        snprintf(name, CGUNIT_NAME, i > 1 ? "%s-%d-%u.scope" : "%s-%d.scope", prefix,
                 scope->pids[0], i);
        r = scoped_start(bus, scope, root, e);
    }
    return r;
}

/* What systemd has no property for goes to a group in the scope, which was delegated to us: what is
 * written to the scope's own is lost with the next reload. */
static int enter_below(struct scoped *s, const char *scope, pid_t pid, struct err *e)
{
    _cleanup_(cgplan_clear) struct cgplan group = CGPLAN_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(free_ptr) char *below = NULL;
    _cleanup_(close_fd) int dir = -1;
    int r;

    if (s->without.n == 0)
        return 0;
    if (asprintf(&below, "%s/command", scope) < 0)
        return err_oom(e);
    if (mkdirat(s->plan.tree->fd, below, 0755) < 0)
        return err_sys(e, -errno, "/%s: cannot make the group", below);
    r = dir = cgtree_group(s->plan.tree, below, e);
    if (r >= 0)
        r = cgattach_move(dir, below, pid, e);
    if (r == 0)
        r = cgplan_limits(&group, s->plan.tree, below, &s->without, NULL, 0, &plan, e);
    return r < 0 ? r : plan_apply(&plan, NULL, e);
}

int scoped_enter(void *arg, pid_t pid, struct err *e)
{
    struct scoped *s = arg;
    const struct cgtree *tree = s->plan.tree;
    _cleanup_(free_ptr) char *path = NULL;
    char name[CGUNIT_NAME];
    struct scoped_unit scope = {.slice = s->slice.name,
                                .pids = &pid,
                                .n = 1,
                                .limits = s->own ? &s->with : NULL,
                                .divided = s->without.n > 0};
    int r = cgunitplan_connect(&s->plan, s->slice.whose, e);

    if (r == 0)
        r = scoped_start_new(s->plan.bus, "cgctl-run", &scope, name, tree->root, e);
    if (r == 0 && asprintf(&path, "%s/%s", s->path, name) < 0)
        r = err_oom(e);
    if (r == 0)
        r = cgunitplan_read_back(tree, s->path, &s->with, e);
    if (r == 0 && s->own)
        r = cgunitplan_read_back(tree, path, &s->with, e);
    if (r == 0)
        r = enter_below(s, path, pid, e);
    /* systemd would keep for us what we do not read while the command runs */
    if (r == 0)
        sdbus_close(&s->plan.bus);
    return r;
}

int scoped_stop(struct scoped *s, struct err *e)
{
    int r = cgunitplan_connect(&s->plan, s->slice.whose, e);

    return r < 0 ? r : sdbus_stop(s->plan.bus, s->slice.name, e);
}
