/* SPDX-License-Identifier: MIT */
#include "limits.h"

#include "cgplan.h"
#include "cgvalue.h"
#include "meminfo.h"
#include <inttypes.h>

#define WORD(member) offsetof(struct limits_args, words.member)
#define AT(member) offsetof(struct limits_args, member)

const char limits_title[] = "Limits";

const struct opt limits_opts[] = {
    {'m', "memory-max", OPT_STRING, WORD(memory_max), "SIZE",
     "at most this much memory; beyond it is reclaimed, and if that fails, killed"},
    {0, "memory-high", OPT_STRING, WORD(memory_high), "SIZE",
     "above it, reclaim and slow down; never kills"},
    {0, "memory-low", OPT_STRING, WORD(memory_low), "SIZE",
     "below it, reclaim here only when nothing else is left"},
    {0, "memory-min", OPT_STRING, WORD(memory_min), "SIZE", "below it, never reclaim here"},
    {'s', "swap-max", OPT_STRING, WORD(swap_max), "SIZE", "at most this much swap"},
    {0, "memory-plus-swap", OPT_STRING, WORD(memory_plus_swap), "SIZE",
     "memory and swap together, as docker's --memory-swap"},
    {0, "zswap-max", OPT_STRING, WORD(zswap_max), "SIZE", "at most this much in zswap's pool"},
    {0, "oom-group", OPT_FLAG, WORD(oom_group), NULL,
     "when one process must be killed for memory, kill all of the group"},
    {0, "cpu-max", OPT_STRING, WORD(cpu_max), "CPUS",
     "at most so many processors: 1.5, 150% or max"},
    {0, "cpu-weight", OPT_STRING, WORD(cpu_weight), "NUMBER",
     "share of the processors when they are short: 1 to 10000, usually 100"},
    {0, "io-max", OPT_STRINGS, WORD(io_max), "DEVICE:KEY=VALUE[,...]",
     "at most rbps, wbps (bytes) or riops, wiops (requests) in a second; may be repeated"},
    {0, "io-weight", OPT_STRING, WORD(io_weight), "NUMBER",
     "share of the disks when they are busy: 1 to 10000, usually 100"},
    {0, "pids-max", OPT_STRING, WORD(pids_max), "NUMBER", "at most so many processes and threads"},
    {0, "cpuset", OPT_STRING, WORD(cpuset), "LIST", "only on these processors: 0,2-3, or max"},
    {0, "set", OPT_STRINGS, WORD(set), "FILE=VALUE",
     "any other limit by its file; may be repeated"},
    {'f', "force", OPT_FLAG, AT(force), NULL, "set a limit that is less than what is in use"},
    {0, "manager", OPT_CHOICE, AT(manager), "WHO",
     "who manages the group (default auto); cgroupfs with --force: by hand what is systemd's",
     .choices = cgwork_managers},
    OPT_END,
};

const struct opt limits_persist_opts[] = {
    {0, "persist", OPT_FLAG, AT(persist), NULL, "with systemd: after the next boot as well"},
    OPT_END,
};

int limits_read(struct cmd_context *ctx, const struct limits_args *args, struct cglimits *out,
                struct err *e)
{
    int r = cglimit_read(&ctx->root, &args->words, out, e);

    for (size_t i = 0; r == 0 && i < out->n; i++)
        if (out->items[i].rounded)
            cmd_warn(ctx, "%s: %" PRIu64 " bytes are rounded down to whole pages: %s",
                     out->items[i].file, out->items[i].rounded, out->items[i].value);
    return r;
}

/* The value that a file will have: from the limits, or as it is; "max" if nobody says. */
static uint64_t coming(const struct cglimits *limits, const char *file, int group)
{
    const struct cglimit *l = cglimit_find(limits, file);
    uint64_t value;

    if (l)
        return l->number;
    return group >= 0 && cgvalue_read(group, file, &value) == 0 ? value : CGVALUE_MAX;
}

static bool machine_has_swap(const struct cmd_context *ctx)
{
    struct meminfo m;

    return meminfo_read(&ctx->root, &m, NULL) == 0 && m.swap_total > 0;
}

void limits_warn(const struct cmd_context *ctx, const struct cglimits *limits, int group,
                 const char *path)
{
    const struct cglimit *max = cglimit_find(limits, "memory.max"),
                         *high = cglimit_find(limits, "memory.high");

    if (max && max->number != CGVALUE_MAX &&
        coming(limits, "memory.swap.max", group) == CGVALUE_MAX && machine_has_swap(ctx))
        cmd_warn(ctx,
                 "/%s: memory is limited and swap is not: what does not fit is swapped out without "
                 "bound; --swap-max limits that too",
                 path);
    if (high && high->number != CGVALUE_MAX && coming(limits, "memory.max", group) == CGVALUE_MAX)
        cmd_warn(ctx,
                 "/%s: memory.high alone never kills: a program that needs more is slowed down "
                 "without end; --memory-max ends that",
                 path);
}

/* ---- by files or through systemd */

void limits_work_clear(struct limits_work *work)
{
    cgplan_clear(&work->files);
    cgunitplan_clear(&work->unit);
}

static int refuse_persist(const struct cgwork *w, const char *path, struct err *e)
{
    if (w->systemd)
        return err_refuse(e, -EPERM,
                          "/%s: --persist: is not a unit of systemd, so nobody makes it at boot",
                          path);
    return err_unsupported(e, -EOPNOTSUPP,
                           "/%s: --persist: systemd does not run here, and nobody else sets limits "
                           "at boot; let a boot script do it",
                           path);
}

static unsigned unit_flags(const struct limits_args *args, unsigned flags)
{
    return flags | (args->persist ? CGUNITPLAN_PERSIST : 0U);
}

static void warn_unit(const struct cgwork *w, const struct cglimits *limits, const char *path)
{
    _cleanup_(close_fd) int dir =
        *path ? openat(w->tree.fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    limits_warn(w->ctx, limits, dir, path);
}

int limits_plan(struct cgwork *w, const struct limits_args *args, const char *path,
                const struct cglimits *limits, const char *wished, unsigned flags,
                struct limits_work *work, struct plan *plan, struct err *e)
{
    struct cgunit unit;
    int r = cgwork_way(w, path, args->manager, args->force, &unit, e);

    if (r == CGWORK_BY_UNIT) {
        r = cgunitplan_limits(&work->unit, &w->tree, &unit, path, limits, unit_flags(args, flags),
                              plan, e);
        if (r == 0)
            warn_unit(w, limits, path);
        return r;
    }
    if (r == CGWORK_BY_FILES && args->persist)
        return refuse_persist(w, path, e);
    if (r == CGWORK_BY_FILES)
        r = cgplan_limits(&work->files, &w->tree, path, limits, wished, flags, plan, e);
    if (r == 0)
        limits_warn(w->ctx, limits, cgplan_group_fd(&work->files), path);
    return r;
}

int limits_plan_unit(struct cgwork *w, const struct limits_args *args, const char *name,
                     const struct cglimits *limits, unsigned flags, struct limits_work *work,
                     char **path, struct plan *plan, struct err *e)
{
    struct cgunit unit = {.whose = cgwork_whose()};
    const char *dot = strrchr(name, '.');
    int r;

    if (!w->systemd)
        return err_unsupported(e, -EOPNOTSUPP, "--unit: systemd does not run here");
    snprintf(unit.name, sizeof(unit.name), "%s%s", name, dot ? "" : ".service");
    if (!cgunit_is_name(unit.name))
        return err_usage(e, -EINVAL,
                         "--unit: %s: is not the name of a service, scope, slice, mount, socket or "
                         "swap unit",
                         name);
    unit.slice = streq(strrchr(unit.name, '.'), ".slice");
    r = cgunitplan_connect(&work->unit, unit.whose, e);
    if (r == 0)
        r = cgunitplan_find(&work->unit, &w->tree, unit.name, path, e);
    if (r == 0)
        r = cgunitplan_limits(&work->unit, &w->tree, &unit, *path, limits, unit_flags(args, flags),
                              plan, e);
    if (r == 0)
        warn_unit(w, limits, *path);
    return r;
}

static int plan_and_run(struct cgwork *w, const struct limits_args *args, const char *path,
                        const char *wished, unsigned flags, struct plan *plan, struct err *e)
{
    _cleanup_(cglimit_clear) struct cglimits limits = CGLIMITS_INIT;
    _cleanup_(limits_work_clear) struct limits_work work = LIMITS_WORK_INIT;
    int r = limits_read(w->ctx, args, &limits, e);

    if (r == 0 && !(flags & CGPLAN_CREATE) && limits.n == 0)
        return err_usage(e, -EINVAL, "missing a limit, such as --memory-max SIZE");
    if (r == 0)
        r = limits_plan(w, args, path, &limits, wished, flags, &work, plan, e);
    return r < 0 ? r : cmd_plan_run(w->ctx, plan, e);
}

int limits_run(struct cmd_context *ctx, const struct limits_args *args, const char *wished,
               unsigned flags)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(cgwork_end) struct cgwork w = CGWORK_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(free_ptr) char *path = NULL;
    int r = cgwork_change(ctx, &w, &e);

    if (args->force)
        flags |= CGPLAN_FORCE;
    if (r == 0)
        r = cgwork_path(&w, ctx->operands[0], &path, &e);
    if (r == 0)
        r = plan_and_run(&w, args, path, wished, flags, &plan, &e);
    return r < 0 ? cmd_fail(ctx, r, &e) : cgwork_answer(ctx, path, &plan);
}
