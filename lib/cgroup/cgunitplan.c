/* SPDX-License-Identifier: MIT */
#include "cgunitplan.h"

#include "cgroup.h"
#include "cgunitplan_step.h"
#include "monotonic.h"
#include "unitname.h"
#include <time.h>

enum { READ_BACK_MS = 5000 };

void cgunitplan_clear(struct cgunitplan *c)
{
    cgunitplan_step_clear_all(c->steps);
    sdbus_close(&c->bus);
    *c = CGUNITPLAN_INIT;
}

int cgunitplan_connect(struct cgunitplan *c, uid_t whose, struct err *e)
{
    int r = 0;

    if (c->bus && c->whose != whose)
        sdbus_close(&c->bus);
    if (!c->bus)
        r = sdbus_open(whose, &c->bus, e);
    c->whose = whose;
    return r;
}

int cgunitplan_find(struct cgunitplan *c, const struct cgtree *tree, const char *name, char **path,
                    struct err *e)
{
    struct sdbus_property group = {.name = "ControlGroup", .type = "s"};
    const char *below;
    int r = sdbus_exists(c->bus, name, e);

    if (r == 0)
        return err_set(e, -ENOENT, "%s: systemd knows no such unit", name);
    if (r > 0)
        r = sdbus_get(c->bus, name, &group, e);
    if (r < 0)
        return r;
    below = cgtree_below(tree->part, group.text);
    *path = strdup(below ? below + strspn(below, "/") : "");
    free(group.text);
    return *path ? 0 : err_oom(e);
}

/* ---- reading back */

static int read_limit(const struct cgtree *tree, const char *path, const char *file, char **text)
{
    _cleanup_(close_fd) int dir = openat(tree->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return dir < 0 ? -errno : cgroup_read(dir, file, text);
}

static int explain_read_back(int r, const char *path, const struct cglimit *l, char *text,
                             struct err *e)
{
    if (r < 0)
        return err_unsupported(e, r == -ENOENT ? -EOPNOTSUPP : r,
                               "/%s: systemd took the limit, and the group has no %s: this kernel, "
                               "or what is above, does not offer the controller",
                               path, l->file);
    text[strcspn(text, "\n")] = '\0';
    return err_set(e, -EIO,
                   "/%s: %s: systemd took \"%s\", and the kernel says \"%s\"; \"journalctl -n 20\" "
                   "may tell why",
                   path, l->file, l->value, text);
}

static int wait_limit(const struct cgtree *tree, const char *path, const struct cglimit *l,
                      uint64_t end, struct err *e)
{
    struct timespec pause = {.tv_nsec = 500 * 1000};

    for (;;) {
        _cleanup_(free_ptr) char *text = NULL;
        int r = read_limit(tree, path, l->file, &text);

        if (r == 0 && cglimit_holds(l, text))
            return 0;
        if (monotonic_ms() >= end)
            return explain_read_back(r, path, l, text, e);
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 50 * 1000 * 1000)
            pause.tv_nsec *= 2;
    }
}

int cgunitplan_read_back(const struct cgtree *tree, const char *path, const struct cglimits *limits,
                         struct err *e)
{
    uint64_t end = monotonic_ms() + READ_BACK_MS;
    int r = 0;

    for (size_t i = 0; i < limits->n && r == 0; i++)
        if (cgunit_setting(limits->items[i].file))
            r = wait_limit(tree, path, &limits->items[i], end, e);
    return r;
}

/* ---- steps */

static int undo_create(void *ctx, struct err *e)
{
    const struct cgunitplan_step *s = ctx;

    return sdbus_stop(s->all->bus, s->unit, e);
}

static int do_create(void *ctx, struct err *e)
{
    struct cgunitplan_step *s = ctx;
    int r = sdbus_start_transient(s->all->bus, s->unit, &s->set, !s->later, e);

    if (r < 0 || s->later)
        return r;
    r = cgunitplan_read_back(s->all->tree, s->path, s->limits, e);
    if (r < 0)
        undo_create(ctx, NULL);
    return r;
}

/* What the unit says now of the properties that are to be set, from the one of that number on. */
static int keep_old(struct cgunitplan_step *s, size_t from, struct err *e)
{
    int r = 0;

    for (size_t i = from; i < s->set.n && r == 0; i++) {
        struct sdbus_property p = s->set.items[i];

        p.text = p.text ? strdup(p.text) : NULL;
        p.bytes = NULL;
        r = sdbus_get(s->all->bus, s->unit, &p, e);
        if (r == 0)
            r = sdbus_properties_add(&s->old, p, e);
        else
            free(p.text);
    }
    return r;
}

/* A unit without a group can still have been told so. */
static bool unit_says(struct cgunitplan_step *s, size_t from)
{
    bool same = s->all->bus && keep_old(s, from, NULL) == 0 && s->old.n == s->set.n - from;

    for (size_t i = 0; i < s->old.n && same; i++)
        same = sdbus_properties_same(&s->old.items[i], &s->set.items[from + i]);
    sdbus_properties_clear(&s->old);
    return same;
}

static int undo_set(void *ctx, struct err *e)
{
    const struct cgunitplan_step *s = ctx;

    return sdbus_set(s->all->bus, s->unit, !s->persist, &s->old, e);
}

static int do_set(void *ctx, struct err *e)
{
    struct cgunitplan_step *s = ctx;
    int r = keep_old(s, 0, e);

    if (r == 0)
        r = sdbus_set(s->all->bus, s->unit, !s->persist, &s->set, e);
    if (r < 0 || !*s->path)
        return r;
    r = cgunitplan_read_back(s->all->tree, s->path, s->limits, e);
    if (r < 0)
        undo_set(ctx, NULL);
    return r;
}

static int undo_declare(void *ctx, struct err *e)
{
    struct cgunitplan_step *s = ctx;
    struct sdbus *bus = s->all->bus;
    int r = s->active ? 0 : sdbus_stop(bus, s->unit, e);

    if (r == 0)
        r = sdbus_disable(bus, s->unit, e);
    if (r == 0)
        r = confile_undo(&s->file, e);
    return r < 0 ? r : sdbus_reload(bus, e);
}

static int do_declare(void *ctx, struct err *e)
{
    struct cgunitplan_step *s = ctx;
    struct sdbus *bus = s->all->bus;
    int r = confile_apply(&s->file, e);

    if (r < 0)
        return r;
    r = sdbus_reload(bus, e);
    if (r == 0)
        r = sdbus_enable(bus, s->unit, e);
    if (r == 0 && !s->active)
        r = sdbus_start(bus, s->unit, e);
    if (r < 0)
        undo_declare(ctx, NULL);
    return r;
}

/* ---- planning limits */

static int refuse_file(const struct cgunit *unit, const char *file, struct err *e)
{
    if (streq(file, "memory.oom.group") && !unit->slice)
        return err_refuse(e, -EPERM,
                          "%s: memory.oom.group: systemd does not change it while the unit runs; "
                          "OOMPolicy=kill in the unit's file does it",
                          unit->name);
    return err_refuse(
        e, -EPERM,
        "%s: systemd has no property for %s, and the group's files are its own; below "
        "a unit with Delegate=yes it can be set",
        unit->name, file);
}

/* A drop-in of "systemctl set-property" stands over those that last until the next boot only. */
static int check_declared(const struct cgunitplan *c, const struct cgunit *unit,
                          const struct cglimit *l, struct err *e)
{
    _cleanup_(free_ptr) char *path = NULL;
    struct stat st;

    if (unit->whose != SDBUS_SYSTEM)
        return 0;
    if (asprintf(&path, "/etc/systemd/system.control/%s.d/50-%s.conf", unit->name,
                 cgunit_setting(l->file)) < 0)
        return err_oom(e);
    if (root_stat(c->tree->root, path, 0, &st) < 0)
        return 0;
    return err_refuse(e, -EEXIST,
                      "%s: %s is set for good in %s, and would come back with the next reload; "
                      "--persist changes it there",
                      unit->name, l->file, path);
}

static bool is_declared(const struct cgunitplan *c, const struct cgunit *unit,
                        const struct cglimit *l)
{
    return check_declared(c, unit, l, NULL) == -EEXIST;
}

/* Does the group say it already? */
static int plan_limit(struct cgunitplan_step *s, const struct cgunit *unit, int dir,
                      const struct cglimit *l, unsigned flags, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    bool holds = dir >= 0 && cgroup_read(dir, l->file, &text) == 0 && cglimit_holds(l, text);
    size_t n = s->set.n;
    int r;

    if (holds && (!s->persist || is_declared(s->all, unit, l)))
        return 0;
    if (dir >= 0 && !holds && !(flags & CGUNITPLAN_FORCE) &&
        cgplan_check_use(dir, s->path, l, e) < 0)
        return -EBUSY;
    if (!s->persist && check_declared(s->all, unit, l, e) < 0)
        return -EEXIST;
    r = cgunit_property(s->all->tree->root, l, &s->set, e);
    if (r == 0 && dir < 0 && (!s->persist || is_declared(s->all, unit, l)) && unit_says(s, n))
        sdbus_properties_cut(&s->set, n);
    return r == 1 ? refuse_file(unit, l->file, e) : r;
}

static int plan_set(struct cgunitplan_step *s, const struct cgunit *unit, int dir,
                    const struct cglimits *limits, unsigned flags, struct plan *plan, struct err *e)
{
    int r = 0;

    s->limits = limits;
    s->persist = flags & CGUNITPLAN_PERSIST;
    for (size_t i = 0; i < limits->n && r == 0; i++)
        r = plan_limit(s, unit, dir, &limits->items[i], flags, e);
    if (r < 0 || s->set.n == 0)
        return r;
    return plan_add(plan, "set", do_set, undo_set, s, e, "set %s of %s%s", s->set.items[0].name,
                    unit->name, s->set.n > 1 ? " and more" : "");
}

static int plan_create(struct cgunitplan_step *s, const struct cgunit *unit,
                       const struct cglimits *limits, struct plan *plan, struct err *e)
{
    int r = sdbus_properties_text(&s->set, "Description", "group of cgctl(8)", e);

    s->limits = limits;
    for (size_t i = 0; i < limits->n && r == 0; i++) {
        r = cgunit_property(s->all->tree->root, &limits->items[i], &s->set, e);
        if (r == 1)
            r = refuse_file(unit, limits->items[i].file, e);
    }
    return r < 0 ? r
                 : plan_add(plan, "create", do_create, undo_create, s, e, "start the slice %s",
                            unit->name);
}

static const char slice_text[] =
    "# Written by headroom, which replaces this file: see cgctl(8). Its limits are drop-ins, see\n"
    "# \"systemctl cat\".\n"
    "[Unit]\nDescription=group of cgctl(8)\n\n"
    "[Slice]\n\n"
    "[Install]\nWantedBy=slices.target\n\n" UNITNAME_SECTION "\n";

/* A slice of ours gets a file, so that it is there after a boot; others have one, or are made by
 * who uses them. */
static int plan_declare(struct cgunitplan *c, const struct cgunit *unit, const char *path,
                        bool active, struct plan *plan, struct err *e)
{
    struct cgunitplan_step *s;
    char *text;
    int r;

    if (unit->whose != SDBUS_SYSTEM)
        return err_unsupported(e, -EOPNOTSUPP,
                               "%s: --persist declares groups of the system only; a user's units "
                               "are files in ~/.config/systemd/user",
                               unit->name);
    s = cgunitplan_step_new(&c->steps, c, unit->name, path, e);
    if (!s)
        return -ENOMEM;
    s->active = active;
    r = cgunitplan_step_load(s, s->all->tree->root, e);
    if (r < 0)
        return r;
    if (s->file.exists && !unitname_is_ours(s->file.text))
        return active ? 0
                      : err_refuse(e, -EEXIST, "%s: is somebody else's file; start the unit",
                                   s->file.path);
    text = strdup(slice_text);
    if (!text)
        return err_oom(e);
    r = confile_prepare(&s->file, text, e);
    if (r < 0 || (!s->file.changes && active))
        return r < 0 ? r : 0;
    return plan_add(plan, "persist-unit", do_declare, undo_declare, s, e,
                    "write %s, enable and start it", s->file.path);
}

static int check_unit(const struct cgunit *unit, const char *path, int dir, unsigned flags,
                      struct err *e)
{
    _cleanup_(free_ptr) char *own = cgunit_slice_path(unit->whose, unit->name);

    if (dir >= 0 && flags & CGUNITPLAN_NEW)
        return err_set(e, -EEXIST, "/%s: is there already", path);
    if (flags & CGUNITPLAN_PERSIST && str_after(unit->name + strcspn(unit->name, "."), ".scope"))
        return err_refuse(e, -EPERM,
                          "%s: a scope ends with its processes, so nothing of it can outlast a "
                          "reboot; --persist is for services and slices",
                          unit->name);
    if (dir >= 0 || !*path)
        return 0;
    if (!(flags & CGUNITPLAN_CREATE))
        return err_set(e, -ENOENT, "/%s: there is no such group; \"cgctl create\" makes it", path);
    if (!unit->slice || !own || !streq(own, path))
        return err_refuse(e, -EPERM,
                          "/%s: beside systemd groups are slices, which lie where their name says; "
                          "name it without a leading slash",
                          path);
    return 0;
}

static int plan_any(struct cgunitplan *c, const struct cgunit *unit, const char *path, int dir,
                    const struct cglimits *limits, unsigned flags, struct plan *plan, struct err *e)
{
    struct cgunitplan_step *s = cgunitplan_step_new(&c->steps, c, unit->name, path, e);

    if (!s)
        return -ENOMEM;
    s->later = flags & CGUNITPLAN_LATER;
    if (dir < 0 && *path && !(flags & CGUNITPLAN_PERSIST))
        return plan_create(s, unit, limits, plan, e);
    return plan_set(s, unit, dir, limits, flags, plan, e);
}

int cgunitplan_limits(struct cgunitplan *c, const struct cgtree *tree, const struct cgunit *unit,
                      const char *path, const struct cglimits *limits, unsigned flags,
                      struct plan *plan, struct err *e)
{
    _cleanup_(close_fd) int dir =
        *path ? openat(tree->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool ours = str_after(unit->name, "headroom-") && unit->slice;
    int r = check_unit(unit, path, dir, flags, e);

    c->tree = tree;
    if (r == 0 && ours && flags & CGUNITPLAN_PERSIST)
        r = plan_declare(c, unit, path, dir >= 0, plan, e);
    if (r == 0)
        r = plan_any(c, unit, path, dir, limits, flags, plan, e);
    return r < 0 || plan->n == 0 ? r : cgunitplan_connect(c, unit->whose, e);
}
