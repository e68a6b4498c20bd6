/* SPDX-License-Identifier: MIT */
#include "cgctl.h"
#include "cgkill.h"
#include "cgplan.h"
#include "limits.h"
#include "lock.h"
#include "report.h"
#include "scoped.h"
#include "transient.h"
#include "wrapped.h"

enum { OOM_STATUS = 137 };

static const char *const report_words[] = {"text", "json", NULL};
enum { REPORT_NONE = -1, REPORT_TEXT, REPORT_JSON };

struct args {
    struct limits_args limits; /* first: see limits.h */
    const char *name, *group, *user;
    bool keep, scope;
    int report;
};

static const struct opt opts[] = {
    {0, "name", OPT_STRING, offsetof(struct args, name), "NAME",
     "what to call the new group (default cgctl-run-PID)"},
    {0, "group", OPT_STRING, offsetof(struct args, group), "GROUP",
     "the group to run in; one that is not there is made"},
    {'k', "keep", OPT_FLAG, offsetof(struct args, keep), NULL,
     "do not remove the group afterwards"},
    {'u', "user", OPT_STRING, offsetof(struct args, user), "USER",
     "run the command as this user, a name or a number"},
    {0, "report", OPT_CHOICE, offsetof(struct args, report), "FORMAT",
     "afterwards say on stderr what it used", .choices = report_words, .implied = "text"},
    {0, "scope", OPT_FLAG, offsetof(struct args, scope), NULL,
     "in a scope of systemd, as --manager systemd"},
    OPT_END,
};

static const struct args defaults = {.report = REPORT_NONE};

/* What is at hand while it runs. */
struct running {
    struct cmd_context *ctx;
    const struct args *args;
    struct cgwork work;
    char *path;
    struct cglimits limits;
    struct cgplan groups;
    struct scoped scoped;       /* in place of .groups, by systemd */
    struct transient transient; /* in place of .scoped, when .alone */
    bool by_unit;
    bool alone; /* a scope, and no slice */
    int group;  /* directory of the group, once it is there; borrowed, or .own_fd */
    int own_fd;
    struct plan plan;
    struct wrapped_user user;
    struct report before;
    size_t n_made; /* groups that were not there before: it, and those above */
};

static void running_clear(struct running *r)
{
    plan_clear(&r->plan);
    cgplan_clear(&r->groups);
    scoped_clear(&r->scoped);
    transient_clear(&r->transient);
    cglimit_clear(&r->limits);
    close_fd(&r->own_fd);
    wrapped_user_clear(&r->user);
    free(r->path);
    cgwork_end(&r->work);
}

static int manager(const struct running *r)
{
    return r->args->scope ? CGWORK_SYSTEMD : r->args->limits.manager;
}

static int find_name(const struct running *r, unsigned number, char **out, struct err *e)
{
    _cleanup_(free_ptr) char *name = NULL;
    char suffix[16] = "";

    if (number > 1)
        snprintf(suffix, sizeof(suffix), "-%u", number);
    if (r->args->name)
        name = strdup(r->args->name);
    else if (asprintf(&name, "cgctl-run-%d%s", getpid(), suffix) < 0)
        name = NULL;
    if (!name)
        return err_oom(e);
    if (!*name || strchr(name, '/'))
        return err_usage(e, -EINVAL, "--name: \"%s\" is no name of a group; --group takes a path",
                         name);
    return cgtree_path(name, out, e);
}

/* A name is there for somebody who comes later, and what is kept has to be there without processes.
 */
static bool is_alone(const struct running *r)
{
    return !r->args->name && !r->args->keep && transient_fits(&r->limits);
}

/* Beside our own group, where the limits of all above hold as they do for us; in it they could not
 * be set, because we are there. Where that is systemd's, a scope or a slice of ours. */
static int numbered_path(struct running *r, unsigned number, struct err *e)
{
    _cleanup_(free_ptr) char *name = NULL, *beside = NULL;
    const char *own = r->work.tree.own ? r->work.tree.own : "", *slash = strrchr(own, '/');
    int n = slash ? (int)(slash - own) : 0, k = find_name(r, number, &name, e);

    if (k < 0)
        return k;
    if (asprintf(&beside, "%.*s%s%s", n, own, n ? "/" : "", name) < 0)
        return err_oom(e);
    if (!r->work.systemd || manager(r) == CGWORK_CGROUPFS ||
        (manager(r) == CGWORK_AUTO && cgwork_is_delegated(&r->work, beside))) {
        r->path = TAKE_PTR(beside);
        return 0;
    }
    r->alone = is_alone(r);
    return r->alone ? cgwork_scope_path(name, &r->path, e) : cgwork_slice_path(name, &r->path, e);
}

/* What a command left running keeps its group, and the number in the group's name is given to
 * another process one day. */
static int default_path(struct running *r, struct err *e)
{
    int n = numbered_path(r, 1, e);

    for (unsigned i = 2;
         n == 0 && !r->args->name && faccessat(r->work.tree.fd, r->path, F_OK, 0) == 0; i++) {
        free(TAKE_PTR(r->path));
        n = numbered_path(r, i, e);
    }
    return n;
}

static int find_path(struct running *r, struct err *e)
{
    if (r->args->group && r->args->name)
        return err_usage(e, -EINVAL, "--name and --group exclude each other");
    if (r->args->scope && r->args->limits.manager == CGWORK_CGROUPFS)
        return err_usage(e, -EINVAL, "--scope and --manager cgroupfs exclude each other");
    return r->args->group ? cgwork_path(&r->work, r->args->group, &r->path, e) : default_path(r, e);
}

static int make_plan(struct running *r, struct err *e)
{
    unsigned flags = CGPLAN_CREATE | (r->args->limits.force ? CGPLAN_FORCE : 0U) |
                     (r->args->group ? 0U : CGPLAN_NEW);

    cgplan_clear(&r->groups);
    plan_clear(&r->plan);
    return cgplan_limits(&r->groups, &r->work.tree, r->path, &r->limits, "memory", flags, &r->plan,
                         e);
}

/* How many steps are this one? */
static size_t count(const struct running *r, const char *action)
{
    size_t n = 0;

    for (size_t i = 0; i < r->plan.n; i++)
        n += streq(r->plan.steps[i].action, action);
    return n;
}

/* A group of our own is nobody else's business; what is handed down from groups above is. */
static int lock_and_plan(struct running *r, struct err *e)
{
    int n = make_plan(r, e);

    if (n < 0 || geteuid() != 0 || (!count(r, "enable-controller") && !r->args->group))
        return n;
    n = lock_take(&r->ctx->root, "/run/headroom/cgroup.lock", r->ctx->common.lock_timeout_ms,
                  cmd_interrupted, NULL, &r->work.lock_fd, e);
    return n < 0 ? n : make_plan(r, e);
}

static int plan_any(struct running *r, struct err *e)
{
    struct cgunit unit;
    int n = cgwork_way(&r->work, r->path, manager(r), r->args->limits.force, &unit, e);

    if (n == CGWORK_BY_FILES)
        return lock_and_plan(r, e);
    if (n < 0)
        return n;
    r->by_unit = true;
    if (r->alone)
        return transient_plan(&r->transient, &r->work.tree, &unit, r->path, &r->limits, &r->plan,
                              e);
    return scoped_plan(&r->scoped, &r->work.tree, &unit, r->path, &r->limits, !r->args->group,
                       r->args->limits.force, &r->plan, e);
}

/* The plan is done; a new slice may be there only when the command is in it. */
static int open_group(struct running *r, struct err *e)
{
    if (!r->by_unit) {
        r->group = cgplan_group_fd(&r->groups);
        return 0;
    }
    r->group = r->own_fd = cgtree_group(&r->work.tree, r->path, e);
    return r->group < 0 ? r->group : 0;
}

static int find_place(struct running *r, struct err *e)
{
    int n;

    if (!r->ctx->root.live)
        return err_unsupported(e, -EOPNOTSUPP, "%s: \"run\" works on the running system only",
                               r->ctx->root.path);
    n = limits_read(r->ctx, &r->args->limits, &r->limits, e);
    if (n == 0 && r->args->user)
        n = wrapped_find_user(r->args->user, &r->user, e);
    if (n == 0)
        n = cgwork_look(r->ctx, &r->work, e);
    return n < 0 ? n : find_path(r, e);
}

static int prepare(struct running *r, struct err *e)
{
    int n = find_place(r, e);

    if (n == 0)
        n = plan_any(r, e);
    if (n < 0)
        return n;
    r->n_made = count(r, "create");
    limits_warn(r->ctx, &r->limits, cgplan_group_fd(&r->groups), r->path);
    n = cmd_plan_run(r->ctx, &r->plan, e);
    close_fd(&r->work.lock_fd);
    if (n == 0 && !(r->by_unit && r->n_made))
        n = open_group(r, e);
    if (n == 0 && r->n_made == 0)
        report_read(r->group, &r->before);
    return n;
}

/* Those above that were made on the way; somebody else may have come into them since. */
static void tidy_above(const struct running *r)
{
    char *slash;

    for (size_t i = 1; i < r->n_made && (slash = strrchr(r->path, '/')); i++) {
        *slash = '\0';
        if (unlinkat(r->work.tree.fd, r->path, AT_REMOVEDIR) < 0)
            return;
    }
}

static void warn_left(const struct running *r)
{
    cmd_warn(r->ctx,
             "/%s: the command has ended, but not all that it started; the group stays, \"cgctl "
             "remove --kill\" ends it",
             r->path);
}

static void tidy_unit(struct running *r)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    if (cgkill_populated(r->group) == 1)
        warn_left(r);
    else if (scoped_stop(&r->scoped, &e) < 0)
        cmd_warn(r->ctx, "%s", e.text);
}

static void tidy(struct running *r)
{
    if (r->n_made == 0 || r->args->keep)
        return;
    if (r->alone) {
        if (transient_end(&r->transient))
            warn_left(r);
    } else if (r->by_unit)
        tidy_unit(r);
    else if (unlinkat(r->work.tree.fd, r->path, AT_REMOVEDIR) == 0 || errno == ENOENT)
        tidy_above(r);
    else if (errno == EBUSY)
        warn_left(r);
    else
        cmd_warn(r->ctx, "/%s: cannot be removed: %s", r->path, strerror(errno));
}

/* Did the kernel kill one of the command's processes? */
static bool has_killed(struct running *r)
{
    const struct report_number *before = &r->before.numbers[REPORT_OOM_KILL];
    struct report_number kills = report_kills(r->group);
    uint64_t others = before->known ? before->value : 0;

    if (r->alone && transient_lost(&r->transient)) {
        cmd_warn(r->ctx,
                 "/%s: " HOLDER_NAME
                 ", which keeps the numbers of the group, was killed before the "
                 "command ended; what was used may be unknown, and whether the kernel killed for "
                 "lack of memory",
                 r->path);
        others++;
    }
    return kills.known && kills.value > others;
}

static int judge(struct running *r, int status, struct err *e)
{
    bool killed = has_killed(r);
    char peaks[REPORT_PEAKS_MAX];
    struct report now;
    int n = 0;

    if (!killed && r->args->report == REPORT_NONE)
        return status;
    report_read(r->group, &now);
    if (r->n_made == 0)
        report_since(&now, &r->before);
    if (killed) {
        cmd_warn(r->ctx, "/%s: the kernel killed %s; %s", r->path, report_killer(&now),
                 report_peaks(&now, peaks));
        status = OOM_STATUS;
    }
    if (r->args->report == REPORT_JSON)
        n = report_print_json(r->path, &now, status, e);
    else if (r->args->report == REPORT_TEXT)
        report_print(r->ctx, r->path, &now);
    return n < 0 ? n : status;
}

static struct wrapped_place command_place(struct running *r)
{
    struct wrapped_place place = {.group = r->group, .path = r->path};

    if (r->alone) {
        place.enter = transient_enter;
        place.arg = &r->transient;
    } else if (r->by_unit) {
        place.enter = scoped_enter;
        place.arg = &r->scoped;
    }
    return place;
}

static int run(struct cmd_context *ctx, const void *values)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(running_clear) struct running r = {.ctx = ctx,
                                                 .args = values,
                                                 .work = CGWORK_INIT,
                                                 .scoped = SCOPED_INIT,
                                                 .transient = TRANSIENT_INIT,
                                                 .group = -1,
                                                 .own_fd = -1,
                                                 .plan = PLAN_INIT};
    struct wrapped_place place = {.arg = NULL};
    int status = 0, n = prepare(&r, &e);

    if (n < 0)
        return cmd_fail(ctx, n, &e);
    place = command_place(&r);
    n = wrapped_run(ctx, &place, &r.user, ctx->operands, &status, &e);
    if (n < 0) {
        plan_undo(&r.plan, &e);
        return cmd_fail(ctx, n, &e);
    }
    if (r.alone)
        r.group = r.transient.group;
    n = r.group < 0 ? open_group(&r, &e) : 0;
    if (n == 0)
        n = judge(&r, status, &e);
    tidy(&r);
    return n < 0 ? cmd_fail(ctx, n, &e) : cmd_passed(ctx, n);
}

const struct cmd cgctl_run = {
    .name = "run",
    .summary = "run a command in a group of its own, with limits",
    .operands = "[--] COMMAND [WORD...]",
    .about = "Runs a command in a new group, so that the limits hold for it from its first moment "
             "and for all that it starts; the group is removed afterwards. The exit status is the "
             "command's, 137 if the kernel killed for lack of memory in the group, 125 if the "
             "command was not started.",
    .opts = opts,
    .shared = limits_opts,
    .shared_title = limits_title,
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .flags = CMD_COMMAND,
    .operand = CMD_OPERAND_COMMAND,
    .min_operands = 1,
    .max_operands = -1,
    .run = run,
};
