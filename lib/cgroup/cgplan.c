/* SPDX-License-Identifier: MIT */
#include "cgplan.h"

#include "cglack.h"
#include "cgvalue.h"
#include "size.h"
#include <inttypes.h>

/* One on the way from the top to the group. */
struct cgplan_group {
    char *path;   /* from the top, "" is the top */
    int fd;       /* -1: not there, or not yet */
    char *handed; /* controllers that it hands on, now and by the steps; blank between them */
};

/* What one step works on. */
struct cgplan_step {
    struct cgplan_step *next;
    struct cgplan_group *group;
    struct cgplan_group *above;
    char controller[CGLIMIT_CONTROLLER];
    const struct cglimit *limit;
    char *old; /* what gives the old value back */
};

void cgplan_clear(struct cgplan *c)
{
    for (struct cgplan_step *s = c->steps, *next; s; s = next) {
        next = s->next;
        free(s->old);
        free(s);
    }
    for (size_t i = 0; i < c->n; i++) {
        close_fd(&c->groups[i].fd);
        free(c->groups[i].path);
        free(c->groups[i].handed);
    }
    free(c->groups);
    *c = CGPLAN_INIT;
}

int cgplan_group_fd(const struct cgplan *c)
{
    return c->n > 0 ? c->groups[c->n - 1].fd : -1;
}

static struct cgplan_step *new_step(struct cgplan *c, struct cgplan_group *group)
{
    struct cgplan_step *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->next = c->steps;
    s->group = group;
    s->above = group > c->groups ? group - 1 : NULL;
    c->steps = s;
    return s;
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* ---- the groups on the way */

static int read_handed(struct cgplan_group *g, struct err *e)
{
    int r = cgroup_read(g->fd, "cgroup.subtree_control", &g->handed);

    if (r < 0)
        return err_sys(e, r, "/%s: cannot tell which controllers it hands on", g->path);
    g->handed[strcspn(g->handed, "\n")] = '\0';
    return 0;
}

static int open_group(const struct cgtree *t, struct cgplan_group *g, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;

    g->fd = cgtree_group(t, g->path, &why);
    if (g->fd == -ENOENT) {
        g->fd = -1;
        g->handed = strdup("");
        return g->handed ? 0 : err_oom(e);
    }
    if (g->fd < 0)
        return err_set(e, g->fd, "%s", why.text);
    return read_handed(g, e);
}

static int open_way(struct cgplan *c, const char *path, struct err *e)
{
    size_t levels = 1 + (*path != '\0');
    int r = 0;

    for (const char *p = path; *p; p++)
        levels += *p == '/';
    c->groups = calloc(levels, sizeof(*c->groups));
    if (!c->groups)
        return err_oom(e);
    for (size_t end = 0; c->n < levels && r == 0; c->n++) {
        struct cgplan_group *g = &c->groups[c->n];

        if (c->n > 0)
            end += strcspn(path + end + (c->n > 1), "/") + (c->n > 1);
        g->fd = -1;
        g->path = strndup(path, end);
        r = g->path ? open_group(c->tree, g, e) : err_oom(e);
    }
    return r;
}

/* ---- enabling a controller */

static bool has_processes(int fd)
{
    _cleanup_(free_ptr) char *text = NULL;

    return cgroup_read(fd, "cgroup.procs", &text) == 0 && *text;
}

static int explain_enable(int r, const struct cgplan_step *s, struct err *e)
{
    const char *path = s->group->path;

    switch (r) {
    case -EBUSY:
        return err_refuse(e, r,
                          "/%s: has processes of its own, so it cannot hand the %s controller to "
                          "groups in it; move them into such a group first (cgctl attach)",
                          path, s->controller);
    case -ENOENT:
        return err_unsupported(e, r, "/%s: the %s controller is not handed down to it", path,
                               s->controller);
    case -EACCES:
    case -EPERM:
        return err_sys(e, r,
                       "/%s: cannot hand the %s controller to groups in it; that is for its "
                       "owner or root",
                       path, s->controller);
    default:
        return err_sys(e, r, "/%s: cannot hand the %s controller to groups in it", path,
                       s->controller);
    }
}

static int write_control(const struct cgplan_step *s, char sign)
{
    char text[CGLIMIT_CONTROLLER + 1];

    snprintf(text, sizeof(text), "%c%s", sign, s->controller);
    return cgvalue_write(s->group->fd, "cgroup.subtree_control", text);
}

static int do_enable(void *ctx, struct err *e)
{
    const struct cgplan_step *s = ctx;
    int r = write_control(s, '+');

    return r < 0 ? explain_enable(r, s, e) : 0;
}

static int undo_enable(void *ctx, struct err *e)
{
    const struct cgplan_step *s = ctx;
    int r = write_control(s, '-');

    return r < 0 ? err_sys(e, r, "/%s: cannot take the %s controller back", s->group->path,
                           s->controller)
                 : 0;
}

static int note_handed(struct cgplan_group *g, const char *controller, struct err *e)
{
    char *more;

    if (asprintf(&more, "%s %s", g->handed, controller) < 0)
        return err_oom(e);
    free(g->handed);
    g->handed = more;
    return 0;
}

static int plan_enable_at(struct cgplan *c, struct cgplan_group *g, const char *controller,
                          struct plan *plan, struct err *e)
{
    struct cgplan_step *s;
    int r;

    if (cgtree_has_word(g->handed, controller))
        return 0;
    s = new_step(c, g);
    if (!s)
        return err_oom(e);
    snprintf(s->controller, sizeof(s->controller), "%s", controller);
    /* with the processes that are there, cpu and pids would be enabled, and make it a threaded
     * group that takes no other controller any more */
    if (g->fd >= 0 && has_processes(g->fd) && (*g->path || !c->tree->at_root))
        return explain_enable(-EBUSY, s, e);
    r = note_handed(g, controller, e);
    if (r < 0)
        return r;
    return plan_add(plan, "enable-controller", do_enable, undo_enable, s, e,
                    "hand the %s controller to the groups in /%s", controller, g->path);
}

/* ---- making a group */

static int explain_make(int r, const struct cgplan_step *s, struct err *e)
{
    switch (r) {
    case -EAGAIN:
        return err_set(e, r,
                       "/%s: a group above it allows no more groups "
                       "(cgroup.max.descendants, cgroup.max.depth)",
                       s->group->path);
    case -EEXIST:
        return err_set(e, r,
                       "/%s: is there meanwhile, or is the name of a file that every group "
                       "has",
                       s->group->path);
    case -EACCES:
    case -EPERM:
        return err_sys(e, r, "/%s: cannot make the group; the one above belongs to somebody else",
                       s->group->path);
    default:
        return err_sys(e, r, "/%s: cannot make the group", s->group->path);
    }
}

static int undo_make(void *ctx, struct err *e)
{
    const struct cgplan_step *s = ctx;

    close_fd(&s->group->fd);
    if (unlinkat(s->above->fd, last_name(s->group->path), AT_REMOVEDIR) == 0 || errno == ENOENT)
        return 0;
    return err_sys(e, -errno, "/%s: cannot remove the group", s->group->path);
}

static int do_make(void *ctx, struct err *e)
{
    const struct cgplan_step *s = ctx;
    const char *name = last_name(s->group->path);

    if (mkdirat(s->above->fd, name, 0755) < 0)
        return explain_make(-errno, s, e);
    s->group->fd = openat(s->above->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->group->fd >= 0)
        return 0;
    err_sys(e, -errno, "/%s: cannot open the new group", s->group->path);
    undo_make(ctx, NULL);
    return -EIO;
}

static int plan_make(struct cgplan *c, struct cgplan_group *g, struct plan *plan, struct err *e)
{
    struct cgplan_step *s = new_step(c, g);

    if (!s)
        return err_oom(e);
    return plan_add(plan, "create", do_make, undo_make, s, e, "make the group /%s", g->path);
}

/* ---- setting a limit */

static int explain_set(int r, const struct cgplan_step *s, struct err *e)
{
    const char *path = s->group->path, *file = s->limit->file, *value = s->limit->value;

    switch (r) {
    case -ENOENT:
        return err_unsupported(e, -EOPNOTSUPP, "/%s: this kernel has no %s", path, file);
    case -ENODEV:
        return err_set(e, r, "/%s: %s: the group is gone, or there is no such device: %s", path,
                       file, value);
    case -EINVAL:
    case -ERANGE:
        return err_set(e, r, "/%s: %s: the kernel does not take \"%s\"", path, file, value);
    case -EACCES:
    case -EPERM:
        return err_sys(e, r, "/%s: %s: cannot set it; that is for the owner of the group or root",
                       path, file);
    default:
        return err_sys(e, r, "/%s: %s: cannot write \"%s\"", path, file, value);
    }
}

/* What was written must be what is there then: the kernel has been seen to make 0 of a number. */
static int read_back(const struct cgplan_step *s, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = cgroup_read(s->group->fd, s->limit->file, &text);

    if (r < 0)
        return explain_set(r, s, e);
    if (s->limit->raw || cglimit_holds(s->limit, text))
        return 0;
    text[strcspn(text, "\n")] = '\0';
    return err_set(e, -EIO, "/%s: %s: the kernel made \"%s\" of \"%s\"", s->group->path,
                   s->limit->file, text, s->limit->value);
}

static int undo_set(void *ctx, struct err *e)
{
    const struct cgplan_step *s = ctx;
    int r = s->old ? cgvalue_write(s->group->fd, s->limit->file, s->old) : 0;

    return r < 0 ? err_sys(e, r, "/%s: %s: cannot set it to \"%s\" again", s->group->path,
                           s->limit->file, s->old)
                 : 0;
}

static int do_set(void *ctx, struct err *e)
{
    struct cgplan_step *s = ctx;
    const char *value = *s->limit->value ? s->limit->value : "\n";
    int r = cgvalue_write(s->group->fd, s->limit->file, value);

    if (r < 0)
        return explain_set(r, s, e);
    r = read_back(s, e);
    if (r < 0)
        undo_set(ctx, NULL);
    return r;
}

/* The file that tells how much is in use of what a file limits. */
static const char *use_of(const char *file)
{
    static const struct {
        const char *limit, *use;
    } pairs[] = {
        {"memory.max", "memory.current"},
        {"memory.high", "memory.current"},
        {"memory.swap.max", "memory.swap.current"},
        {"pids.max", "pids.current"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
        if (streq(pairs[i].limit, file))
            return pairs[i].use;
    return NULL;
}

/* Return: 0, or a negated errno if it cannot be told. */
static int count_use(int fd, const char *use, uint64_t *out)
{
    _cleanup_(free_ptr) char *text = NULL;
    struct kv_span rest, word;
    int r = cgvalue_read(fd, use, out);

    if (r != -ENOENT || !streq(use, "pids.current"))
        return r;
    /* nobody counts them yet, but they are there */
    r = cgroup_read(fd, "cgroup.threads", &text);
    if (r < 0)
        return r;
    rest = (struct kv_span){text, strlen(text)};
    for (*out = 0; cgvalue_word(&rest, &word);)
        ++*out;
    return 0;
}

int cgplan_check_use(int dir, const char *path, const struct cglimit *l, struct err *e)
{
    const char *use = use_of(l->file);
    char used[SIZE_TEXT_MAX];
    uint64_t now;

    if (!use || l->raw || count_use(dir, use, &now) < 0 || now <= l->number)
        return 0;
    if (streq(l->file, "pids.max"))
        return err_refuse(e, -EBUSY,
                          "/%s: %s: %" PRIu64 " are there already; --force sets it all the same, "
                          "and no new ones can start",
                          path, l->file, now);
    return err_refuse(e, -EBUSY,
                      "/%s: %s: %" PRIu64 " bytes (%s) are in use; --force sets it all the same%s",
                      path, l->file, now, size_format(now, used),
                      streq(l->file, "memory.max")    ? ", and may kill processes"
                      : streq(l->file, "memory.high") ? ", and slows processes down"
                                                      : ", and what is there stays");
}

/* Is the file's controller there already? Then so are all files that it has. */
static bool has_controller(const struct cgplan_group *g, const char *file)
{
    _cleanup_(free_ptr) char *text = NULL;
    char name[CGLIMIT_CONTROLLER];

    cglimit_controller(file, name);
    return !*name ||
           (cgroup_read(g->fd, "cgroup.controllers", &text) == 0 && cgtree_has_word(text, name));
}

static int plan_set(struct cgplan *c, struct cgplan_group *g, const struct cglimit *l,
                    unsigned flags, struct plan *plan, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    struct cgplan_step *s;
    int r = g->fd >= 0 ? cgroup_read(g->fd, l->file, &text) : -ENOENT;

    if (r == 0 && cglimit_holds(l, text))
        return 0;
    if (g->fd >= 0 && !(flags & CGPLAN_FORCE) && cgplan_check_use(g->fd, g->path, l, e) < 0)
        return -EBUSY;
    s = new_step(c, g);
    if (!s)
        return err_oom(e);
    s->limit = l;
    if (r == -ENOENT && g->fd >= 0 && has_controller(g, l->file))
        return explain_set(r, s, e);
    s->old = text ? cglimit_undo(l, text) : NULL;
    if (text && !s->old)
        return err_oom(e);
    return plan_add(plan, "set", do_set, undo_set, s, e, "set %s of /%s to \"%s\"", l->file,
                    g->path, l->value);
}

/* ---- the whole */

/* Does the kernel offer it at the top? Return: 0, -EOPNOTSUPP without a message, or a negated errno
 * with one. */
static int find_controller(const struct cgtree *t, const char *name, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = cgroup_read(t->fd, "cgroup.controllers", &text);

    if (r < 0)
        return err_set(e, -EIO, "%s: cannot read cgroup.controllers", t->point);
    return cgtree_has_word(text, name) ? 0 : -EOPNOTSUPP;
}

static int plan_controller(struct cgplan *c, const char *controller, struct cgplan_group *above,
                           struct plan *plan, struct err *e)
{
    int r = 0;

    if (!*controller || cgtree_has_word(above->handed, controller))
        return 0;
    if (above == c->groups)
        r = find_controller(c->tree, controller, e);
    else if (!cgtree_has_word((above - 1)->handed, controller))
        r = -EOPNOTSUPP;
    return r < 0 ? r : plan_enable_at(c, above, controller, plan, e);
}

/* What one group on the way has to hand on; it has what the one above it hands on. */
static int plan_controllers(struct cgplan *c, struct cgplan_group *above,
                            const struct cglimits *limits, const char *wished, struct plan *plan,
                            struct err *e)
{
    char controller[CGLIMIT_CONTROLLER];
    int r = 0;

    for (size_t i = 0; i < limits->n && r == 0; i++) {
        cglimit_controller(limits->items[i].file, controller);
        r = plan_controller(c, controller, above, plan, e);
    }
    if (r == -EOPNOTSUPP)
        return cglack_refuse(c->tree, controller, e);
    if (r < 0 || !wished)
        return r;
    r = plan_controller(c, wished, above, plan, NULL);
    return r == -ENOMEM ? err_oom(e) : 0;
}

static int check_group(const struct cgplan *c, unsigned flags, const struct cglimits *limits,
                       struct err *e)
{
    const struct cgplan_group *last = &c->groups[c->n - 1];

    if (!*last->path && c->tree->at_root && limits->n > 0)
        return err_usage(e, -EINVAL,
                         "/: the root of all groups cannot be limited; make a group in "
                         "it");
    if (last->fd < 0 && !(flags & CGPLAN_CREATE))
        return err_set(e, -ENOENT, "/%s: there is no such group; \"cgctl create\" makes it",
                       last->path);
    if (last->fd >= 0 && flags & CGPLAN_NEW)
        return err_set(e, -EEXIST, "/%s: is there already", last->path);
    return 0;
}

int cgplan_limits(struct cgplan *c, const struct cgtree *tree, const char *path,
                  const struct cglimits *limits, const char *wished, unsigned flags,
                  struct plan *plan, struct err *e)
{
    int r;

    c->tree = tree;
    r = open_way(c, path, e);
    if (r == 0)
        r = check_group(c, flags, limits, e);
    for (size_t i = 0; i < c->n && r == 0; i++) {
        if (c->groups[i].fd < 0)
            r = plan_make(c, &c->groups[i], plan, e);
        if (r == 0 && i + 1 < c->n)
            r = plan_controllers(c, &c->groups[i], limits, wished, plan, e);
    }
    for (size_t i = 0; i < limits->n && r == 0; i++)
        r = plan_set(c, &c->groups[c->n - 1], &limits->items[i], flags, plan, e);
    return r;
}
