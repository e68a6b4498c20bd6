/* SPDX-License-Identifier: MIT */
#include "cgctl.h"
#include "cgowner.h"
#include "cgplan.h"
#include "follow.h"
#include "limits.h"
#include "size.h"

struct args {
    struct limits_args limits; /* first: see limits.h */
    const char *group, *container, *unit, *follow;
    bool once;
    uint64_t interval; /* ms */
};

static const struct opt opts[] = {
    {0, "group", OPT_STRING, offsetof(struct args, group), "GROUP", "this group, instead of a PID"},
    {0, "container", OPT_STRING, offsetof(struct args, container), "CONTAINER",
     "the group of this container, by name or id, instead of a PID"},
    {0, "unit", OPT_STRING, offsetof(struct args, unit), "UNIT",
     "this unit of systemd, instead of a PID; it need not run"},
    {0, "persist", OPT_FLAG, offsetof(struct args, limits.persist), NULL,
     "with systemd: after the next boot as well"},
    {0, "follow", OPT_STRING, offsetof(struct args, follow), "CRITERIA",
     "keep the limits on all processes that meet these criteria of procfind, until stopped"},
    {0, "once", OPT_FLAG, offsetof(struct args, once), NULL,
     "with --follow: only on those that run now; exit status 1 if there are none"},
    {0, "interval", OPT_DURATION, offsetof(struct args, interval), "DURATION",
     "with --follow: how often the limits are looked at without a reason (default 30s)"},
    OPT_END,
};

enum { INTERVAL_MS = 30000, INTERVAL_MIN_MS = 100 };

static const struct args defaults = {.interval = INTERVAL_MS};

/* The groups that are meant, each once. */
struct targets {
    char **paths;
    struct limits_work *works;
    size_t n;
};

static void targets_clear(struct targets *t)
{
    for (size_t i = 0; i < t->n; i++) {
        limits_work_clear(&t->works[i]);
        free(t->paths[i]);
    }
    free(t->paths);
    free(t->works);
}

/* Takes the path over. */
static void add(struct targets *t, char *path)
{
    for (size_t i = 0; i < t->n; i++) {
        if (streq(t->paths[i], path)) {
            free(path);
            return;
        }
    }
    t->works[t->n] = LIMITS_WORK_INIT;
    t->paths[t->n++] = path;
}

static int make_room(struct targets *t, size_t n, struct err *e)
{
    t->paths = calloc(n, sizeof(*t->paths));
    t->works = calloc(n, sizeof(*t->works));
    return t->paths && t->works ? 0 : err_oom(e);
}

static int refuse_root(const char *process, struct err *e)
{
    return err_refuse(e, -EBUSY,
                      "%s: is in the root group, which cannot be limited; \"cgctl create\" and "
                      "\"cgctl attach\" give it a group of its own",
                      process);
}

static int add_process(const struct cgwork *w, const char *operand, struct targets *t,
                       struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    _cleanup_(free_ptr) char *path = NULL;
    int64_t pid;
    int r = size_parse_number(operand, 1, INT32_MAX, &pid, &why);

    if (r < 0)
        return err_usage(e, r, "PID: %s", why.text);
    r = cgtree_of_process(&w->tree, (pid_t)pid, &path, e);
    if (r < 0)
        return r;
    if (!*path)
        return refuse_root(operand, e);
    add(t, TAKE_PTR(path));
    return 0;
}

static int find_targets(const struct cgwork *w, const struct args *args, struct targets *t,
                        struct err *e)
{
    const struct cmd_context *ctx = w->ctx;
    char *path = NULL;
    int r = 0;

    r = make_room(t, (size_t)ctx->n_operands + 1, e);
    for (int i = 0; i < ctx->n_operands && r == 0; i++)
        r = add_process(w, ctx->operands[i], t, e);
    if (args->group)
        r = cgwork_path(w, args->group, &path, e);
    else if (args->container)
        r = cgowner_find(&w->tree, args->container, &path, e);
    if (r == 0 && path)
        add(t, path);
    return r;
}

/* A container's group is its runtime's; one that is a unit of systemd as well is systemd's. */
static int plan_one(struct cgwork *w, const struct args *args, const struct cglimits *limits,
                    const char *path, struct limits_work *work, struct plan *plan, struct err *e)
{
    unsigned flags = args->limits.force ? CGPLAN_FORCE : 0U;
    struct limits_args how = args->limits;
    struct container c;
    size_t n;

    cgowner_unit(path, &n);
    if (cgowner_container(path, &c)) {
        cmd_warn(w->ctx, "/%s: is the group of a container; its runtime may set other limits again",
                 path);
        if (n == 0) {
            how.manager = CGWORK_CGROUPFS;
            how.force = true;
        }
    }
    return limits_plan(w, &how, path, limits, NULL, flags, work, plan, e);
}

static int plan_unit(struct cgwork *w, const struct args *args, const struct cglimits *limits,
                     struct targets *t, struct plan *plan, struct err *e)
{
    unsigned flags = args->limits.force ? CGPLAN_FORCE : 0U;

    t->works[0] = LIMITS_WORK_INIT;
    t->n = 1;
    return limits_plan_unit(w, &args->limits, args->unit, limits, flags, &t->works[0], &t->paths[0],
                            plan, e);
}

static int plan_all(struct cgwork *w, const struct args *args, const struct cglimits *limits,
                    struct targets *t, struct plan *plan, struct err *e)
{
    int r = 0;

    if (args->unit)
        return plan_unit(w, args, limits, t, plan, e);
    for (size_t i = 0; i < t->n && r == 0; i++)
        r = plan_one(w, args, limits, t->paths[i], &t->works[i], plan, e);
    return r;
}

/* ---- keeping them so */

/* What every look needs. */
struct following {
    const struct args *args;
    const struct cglimits *limits;
};

static void tell(const struct cmd_context *ctx, const char *path, const pid_t *pids, size_t n,
                 const struct plan *plan)
{
    _cleanup_(free_ptr) char *name = NULL;
    struct json j = JSON_INIT(stdout);

    if (!ctx->common.json) {
        printf("/%s: changed\n", path);
        return;
    }
    json_object(&j, NULL);
    json_string(&j, "group", asprintf(&name, "/%s", path) < 0 ? path : name);
    json_list(&j, "pids");
    for (size_t i = 0; i < n; i++)
        json_number(&j, NULL, pids[i]);
    json_list_end(&j);
    json_bool(&j, "changed", true);
    cmd_json_actions(&j, plan);
    json_object_end(&j);
}

/* Return: the number of steps that it takes, or a negated errno with a message. */
static int plan_group(struct cgwork *w, const struct following *f, const char *path,
                      struct targets *t, struct plan *plan, struct err *e)
{
    char *copy = strdup(path);
    int r = copy ? make_room(t, 1, e) : err_oom(e);

    if (r < 0) {
        free(copy);
        return r;
    }
    add(t, copy);
    r = plan_all(w, f->args, f->limits, t, plan, e);
    return r < 0 ? r : (int)plan->n;
}

/* Is anything to be done? Most looks end here, and their warnings were given before. */
static int is_to_do(struct cgwork *w, const struct following *f, const char *path, struct err *e)
{
    _cleanup_(targets_clear) struct targets t = {.n = 0};
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    int r;

    w->ctx->muted = true;
    r = plan_group(w, f, path, &t, &plan, e);
    w->ctx->muted = false;
    return r;
}

static int keep(struct cgwork *w, const char *path, const pid_t *pids, size_t n, const void *arg,
                struct err *e)
{
    const struct following *f = arg;
    _cleanup_(targets_clear) struct targets t = {.n = 0};
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    char pid[16];
    int r;

    snprintf(pid, sizeof(pid), "%d", pids[0]);
    if (!*path)
        return refuse_root(pid, e);
    r = is_to_do(w, f, path, e);
    if (r <= 0)
        return r;
    r = plan_group(w, f, path, &t, &plan, e);
    if (r > 0)
        r = cmd_plan_run(w->ctx, &plan, e);
    if (r == 0)
        tell(w->ctx, path, pids, n, &plan);
    return r;
}

static int follow(struct cmd_context *ctx, const struct args *args, const struct cglimits *limits,
                  struct err *e)
{
    const struct following f = {args, limits};
    int r;

    if (args->interval < INTERVAL_MIN_MS)
        return err_usage(e, -ERANGE, "--interval: less than 100ms");
    r = follow_run(ctx, args->follow, args->once, args->interval, keep, &f, e);
    if (r < 0)
        return r;
    if (r == FOLLOW_PARTIAL)
        return CMD_PARTIAL;
    return (args->once || ctx->common.dry_run) && r == FOLLOW_NOBODY ? CMD_NO : CMD_OK;
}

/* ---- the whole */

static int check_target(const struct cmd_context *ctx, const struct args *args, struct err *e)
{
    int n = (args->group != NULL) + (args->container != NULL) + (args->unit != NULL) +
            (args->follow != NULL) + (ctx->n_operands > 0);

    if (n != 1)
        return err_usage(
            e, -EINVAL,
            "wanted is one of PID..., --group GROUP, --container CONTAINER, --unit UNIT "
            "and --follow CRITERIA");
    if (args->interval != INTERVAL_MS && !args->follow)
        return err_usage(e, -EINVAL, "--interval: is for --follow");
    if (args->once && !args->follow)
        return err_usage(e, -EINVAL, "--once: is for --follow");
    return 0;
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(cgwork_end) struct cgwork w = CGWORK_INIT;
    _cleanup_(cglimit_clear) struct cglimits limits = CGLIMITS_INIT;
    _cleanup_(targets_clear) struct targets t = {.n = 0};
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    int r = limits_read(ctx, &args->limits, &limits, &e);

    if (r == 0 && limits.n == 0)
        r = err_usage(&e, -EINVAL, "missing a limit, such as --memory-max SIZE");
    if (r == 0)
        r = check_target(ctx, args, &e);
    if (r == 0 && args->follow) {
        r = follow(ctx, args, &limits, &e);
        return r < 0 ? cmd_fail(ctx, r, &e) : r;
    }
    if (r == 0)
        r = cgwork_change(ctx, &w, &e);
    if (r == 0)
        r = find_targets(&w, args, &t, &e);
    if (r == 0)
        r = plan_all(&w, args, &limits, &t, &plan, &e);
    if (r == 0)
        r = cmd_plan_run(ctx, &plan, &e);
    return r < 0 ? cmd_fail(ctx, r, &e) : cgwork_answer(ctx, t.paths[0], &plan);
}

const struct cmd cgctl_limit = {
    .name = "limit",
    .summary = "limit running processes where they are",
    .operands = "[PID...]",
    .about = "Sets limits of the groups in which the processes are. No process is moved: the "
             "limits hold for all that is in those groups.",
    .opts = opts,
    .defaults = &defaults,
    .shared = limits_opts,
    .shared_title = limits_title,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .max_operands = -1,
    .run = run,
};
