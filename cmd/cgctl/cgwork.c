/* SPDX-License-Identifier: MIT */
#include "cgwork.h"

#include "cglack.h"
#include "lock.h"
#include "systemd.h"
#include <sys/xattr.h>

#define LOCK_FILE "/run/headroom/cgroup.lock"

const char *const cgwork_managers[] = {
    [CGWORK_AUTO] = "auto",
    [CGWORK_SYSTEMD] = "systemd",
    [CGWORK_CGROUPFS] = "cgroupfs",
    NULL,
};

void cgwork_end(struct cgwork *w)
{
    cgtree_clear(&w->tree);
    close_fd(&w->lock_fd);
}

int cgwork_look(struct cmd_context *ctx, struct cgwork *out, struct err *e)
{
    struct cgwork w = CGWORK_INIT;
    int r = cgtree_open(&ctx->root, &w.tree, e);

    if (r < 0)
        return r;
    w.ctx = ctx;
    w.systemd = systemd_runs(&ctx->root);
    *out = w;
    return 0;
}

int cgwork_live(const struct cmd_context *ctx, struct err *e)
{
    if (ctx->root.live || ctx->common.dry_run)
        return 0;
    return err_unsupported(e, -EOPNOTSUPP,
                           "%s: \"%s\" works on the running system only; with --root it can be "
                           "tried with --dry-run",
                           ctx->root.path, ctx->cmd->name);
}

int cgwork_change(struct cmd_context *ctx, struct cgwork *out, struct err *e)
{
    _cleanup_(cgwork_end) struct cgwork w = CGWORK_INIT;
    int r = cgwork_live(ctx, e);

    if (r == 0)
        r = cgwork_look(ctx, &w, e);
    if (r < 0)
        return r;
    cmd_signals_catch();
    if (!ctx->common.dry_run && geteuid() == 0)
        r = lock_take(&ctx->root, LOCK_FILE, ctx->common.lock_timeout_ms, cmd_interrupted, NULL,
                      &w.lock_fd, e);
    if (r < 0)
        return r;
    *out = w;
    w = CGWORK_INIT;
    return 0;
}

/* systemd.resource-control(5), Delegate=: the unit's group has one of these attributes. */
static bool has_mark(int fd)
{
    static const char *const names[] = {"trusted.delegate", "user.delegate"};
    char value;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (fgetxattr(fd, names[i], &value, 1) == 1 && value == '1')
            return true;
    return false;
}

/* Is the unit's own group, the beginning of this path, marked as delegated? */
static bool is_marked(const struct cgwork *w, const char *path, const struct cgunit *unit)
{
    _cleanup_(free_ptr) char *group = strndup(path, unit->length);
    _cleanup_(close_fd) int fd = -1;

    if (!group || !*group || unit->slice)
        return false;
    fd = openat(w->tree.fd, group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && has_mark(fd);
}

bool cgwork_is_delegated(const struct cgwork *w, const char *path)
{
    struct cgunit unit;

    cgunit_of(path, &unit);
    return *unit.rest && is_marked(w, path, &unit);
}

/* Are we ourselves in what was delegated? */
static bool own_is_delegated(const struct cgwork *w)
{
    struct cgunit unit;

    if (!w->tree.own)
        return false;
    cgunit_of(w->tree.own, &unit);
    return is_marked(w, w->tree.own, &unit);
}

uid_t cgwork_whose(void)
{
    return geteuid() == 0 ? SDBUS_SYSTEM : geteuid();
}

int cgwork_scope_path(const char *name, char **out, struct err *e)
{
    _cleanup_(free_ptr) char *slice = cgunit_slice_path(cgwork_whose(), CGUNIT_TOP_SLICE);

    return !slice || asprintf(out, "%s/%s.scope", slice, name) < 0 ? err_oom(e) : 0;
}

int cgwork_slice_path(const char *name, char **out, struct err *e)
{
    _cleanup_(free_ptr) char *slice = NULL;
    int r = cgunit_slice(name, &slice, e);

    if (r < 0)
        return r;
    *out = cgunit_slice_path(cgwork_whose(), slice);
    return *out ? 0 : err_oom(e);
}

int cgwork_path(const struct cgwork *w, const char *name, char **out, struct err *e)
{
    _cleanup_(free_ptr) char *below = NULL;
    int r = cgtree_path(name, &below, e);

    if (r < 0)
        return r;
    if (*name == '/' || !w->systemd || !*below) {
        *out = TAKE_PTR(below);
        return 0;
    }
    if (own_is_delegated(w))
        return asprintf(out, "%s/%s", w->tree.own, below) < 0 ? err_oom(e) : 0;
    return cgwork_slice_path(below, out, e);
}

static int refuse_by_hand(const char *path, struct err *e)
{
    return err_refuse(e, -EPERM,
                      "/%s: systemd manages this group, and takes back what others set; a name "
                      "without a leading slash is a slice of its own, and below a unit with "
                      "Delegate=yes groups are free; --manager cgroupfs --force does it all the "
                      "same",
                      path);
}

int cgwork_way(const struct cgwork *w, const char *path, int manager, bool force,
               struct cgunit *unit, struct err *e)
{
    struct cgunit u;

    if (manager == CGWORK_SYSTEMD && !w->systemd)
        return err_unsupported(e, -EOPNOTSUPP,
                               "--manager systemd: systemd does not run here; without it groups "
                               "are made by hand");
    if (!w->systemd || !*path || (manager == CGWORK_CGROUPFS && force))
        return CGWORK_BY_FILES;
    cgunit_of(path, &u);
    if (manager != CGWORK_SYSTEMD && *u.rest && is_marked(w, path, &u))
        return CGWORK_BY_FILES;
    if (manager == CGWORK_CGROUPFS || *u.rest)
        return refuse_by_hand(path, e);
    *unit = u;
    return CGWORK_BY_UNIT;
}

void cgwork_warn_memory(const struct cgwork *w)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    if (cglack_refuse(&w->tree, "memory", &e) < 0)
        cmd_warn(w->ctx, "%s", e.text);
}

static void answer(const struct cmd_context *ctx, const char *path, bool changed,
                   const struct plan *plan, const char *action)
{
    _cleanup_(free_ptr) char *name = NULL;
    struct json j = JSON_INIT(stdout);

    if (!ctx->common.json) {
        puts(changed ? "changed" : "unchanged");
        return;
    }
    json_object(&j, NULL);
    json_string(&j, "group", asprintf(&name, "/%s", path) < 0 ? path : name);
    json_bool(&j, "changed", changed);
    if (plan) {
        cmd_json_actions(&j, plan);
    } else {
        json_list(&j, "actions");
        if (changed)
            json_string(&j, NULL, action);
        json_list_end(&j);
    }
    json_object_end(&j);
}

int cgwork_answer(const struct cmd_context *ctx, const char *path, const struct plan *plan)
{
    answer(ctx, path, plan->n > 0, plan, NULL);
    return CMD_OK;
}

int cgwork_answer_word(const struct cmd_context *ctx, const char *path, const char *action,
                       bool changed)
{
    answer(ctx, path, changed, NULL, action);
    return CMD_OK;
}

struct cgevents_patience cgwork_patience(uint64_t timeout_ms)
{
    return (struct cgevents_patience){
        .timeout_ms = timeout_ms ? timeout_ms : CGEVENTS_FOREVER,
        .interrupted = cmd_interrupted,
    };
}
