/* SPDX-License-Identifier: MIT */
#include "cgkill.h"
#include "cgremove.h"
#include "cgroup.h"
#include "cgunitplan.h"
#include "cgunitplan_step.h"
#include "unitname.h"

/* ---- steps */

static int do_kill(void *ctx, struct err *e)
{
    const struct cgunitplan_step *s = ctx;

    return cgkill_all(s->all->tree, s->path, true, &s->patience, e);
}

static int do_stop(void *ctx, struct err *e)
{
    const struct cgunitplan_step *s = ctx;
    int r = sdbus_stop(s->all->bus, s->unit, e);

    return r == -ENOENT ? 0 : r;
}

static int do_undeclare(void *ctx, struct err *e)
{
    struct cgunitplan_step *s = ctx;
    struct sdbus *bus = s->all->bus;
    int r = sdbus_disable(bus, s->unit, e);

    if (r == 0)
        r = sdbus_revert(bus, s->unit, e);
    if (r == 0)
        r = confile_apply(&s->file, e);
    return r < 0 ? r : sdbus_reload(bus, e);
}

/* ---- planning */

static bool has_slices(int dir)
{
    _cleanup_(close_dir) DIR *children = cgroup_children(dir);
    const char *name;
    struct cgunit u;

    while (children && (name = cgroup_next_child(children))) {
        cgunit_of(name, &u);
        if (u.slice && *u.name)
            return true;
    }
    return false;
}

static int check_remove(const char *path, int dir, unsigned flags, struct err *e)
{
    int populated = cgkill_populated(dir);

    if (populated < 0)
        return err_sys(e, populated, "/%s: cannot tell whether it has processes", path);
    if (populated && !(flags & CGREMOVE_KILL))
        return err_refuse(e, -EBUSY, "/%s: has processes; --kill ends them", path);
    if (has_slices(dir) && !(flags & CGREMOVE_RECURSIVE))
        return err_refuse(e, -EBUSY, "/%s: has groups in it; --recursive removes them too", path);
    return populated;
}

static int plan_stop(struct cgunitplan_step *s, int dir, unsigned flags, struct plan *plan,
                     struct err *e)
{
    int r = check_remove(s->path, dir, flags, e);

    if (r == 1)
        r = plan_add(plan, "kill", do_kill, NULL, s, e, "kill what is in /%s", s->path);
    return r < 0 ? r : plan_add(plan, "remove", do_stop, NULL, s, e, "stop %s", s->unit);
}

static int plan_undeclare(struct cgunitplan_step *s, struct plan *plan, struct err *e)
{
    int r = cgunitplan_step_load(s, s->all->tree->root, e);

    if (r < 0 || !s->file.exists || !unitname_is_ours(s->file.text))
        return r;
    r = confile_prepare(&s->file, NULL, e);
    return r < 0 ? r
                 : plan_add(plan, "unpersist-unit", do_undeclare, NULL, s, e,
                            "disable %s, delete it and its drop-ins", s->file.path);
}

/* "headroom-a-b.slice" for "headroom-a.slice" */
static bool lies_below(const char *name, const char *unit)
{
    size_t n = strlen(unit) - strlen(".slice");

    return strncmp(name, unit, n) == 0 && name[n] == '-' &&
           kv_span_ends((struct kv_span){name, strlen(name)}, ".slice");
}

static int plan_undeclare_one(struct cgunitplan *c, const char *name, struct plan *plan,
                              struct err *e)
{
    struct cgunitplan_step *s = cgunitplan_step_new(&c->steps, c, name, "", e);

    return s ? plan_undeclare(s, plan, e) : -ENOMEM;
}

/* The groups in it that would come back with the next boot, and it with them. The last of them is
 * @found. */
static int plan_undeclare_below(struct cgunitplan *c, const char *unit,
                                char found[static CGUNIT_NAME], struct plan *plan, struct err *e)
{
    int fd = root_openat(c->tree->root, "/etc/systemd/system", O_RDONLY | O_DIRECTORY, 0), r = 0;
    _cleanup_(close_dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);

    if (!dir) {
        r = fd < 0 ? fd : -errno;
        close_fd(&fd);
        return r == -ENOENT ? 0 : err_sys(e, r, "/etc/systemd/system");
    }
    for (struct dirent *entry; r == 0 && (entry = readdir(dir));) {
        size_t before = plan->n;

        if (lies_below(entry->d_name, unit))
            r = plan_undeclare_one(c, entry->d_name, plan, e);
        if (plan->n > before)
            snprintf(found, CGUNIT_NAME, "%s", entry->d_name);
    }
    return r;
}

/* Without being asked to it is refused, and one of them is named. */
static int check_below(struct cgunitplan *c, const struct cgunit *unit, unsigned flags,
                       struct plan *plan, struct err *e)
{
    char found[CGUNIT_NAME] = "";
    int r = plan_undeclare_below(c, unit->name, found, plan, e);

    if (r < 0 || !*found || flags & CGREMOVE_RECURSIVE)
        return r;
    return err_refuse(e, -EBUSY,
                      "%s: %s in it is declared for the next boot; --recursive removes it too",
                      unit->name, found);
}

/* A scope of a command is there when that left processes behind. */
static bool is_ours(const struct cgunit *unit)
{
    return str_after(unit->name, unit->slice ? "headroom-" : "cgctl-");
}

int cgunitplan_remove(struct cgunitplan *c, const struct cgtree *tree, const struct cgunit *unit,
                      const char *path, unsigned flags, const struct cgevents_patience *patience,
                      struct plan *plan, struct err *e)
{
    _cleanup_(close_fd) int dir = openat(tree->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct cgunitplan_step *s = cgunitplan_step_new(&c->steps, c, unit->name, path, e);
    int r = 0;

    if (!s)
        return -ENOMEM;
    c->tree = tree;
    s->patience = *patience;
    if (!is_ours(unit))
        return err_refuse(e, -EPERM,
                          "%s: is a unit that cgctl did not make; \"systemctl stop %s\" ends it",
                          unit->name, unit->name);
    if (dir >= 0)
        r = plan_stop(s, dir, flags, plan, e);
    if (r == 0 && unit->whose == SDBUS_SYSTEM)
        r = check_below(c, unit, flags, plan, e);
    if (r == 0 && unit->whose == SDBUS_SYSTEM)
        r = plan_undeclare(s, plan, e);
    return r < 0 || plan->n == 0 ? r : cgunitplan_connect(c, unit->whose, e);
}
