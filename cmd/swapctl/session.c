/* SPDX-License-Identifier: MIT */
#include "session.h"
#include "caps.h"
#include "json.h"
#include "lock.h"
#include "progress.h"

#define LOCK_FILE "/run/headroom/swap.lock"

void session_end(struct session *s)
{
    swaps_clear(&s->swaps);
    close_fd(&s->lock_fd);
}

int session_read_swaps(const struct root *root, struct swaps *out, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    int r = swaps_read(root, out, root->live ? e : &why);

    if (r < 0 && !root->live) {
        *out = SWAPS_INIT;
        return 0;
    }
    return r;
}

int session_reread(struct session *s, struct err *e)
{
    struct swaps fresh = SWAPS_INIT;
    int r = session_read_swaps(&s->ctx->root, &fresh, e);

    if (r < 0)
        return r;
    swaps_clear(&s->swaps);
    s->swaps = fresh;
    return 0;
}

static int check_kernel(const struct cmd_context *ctx, struct err *e)
{
    if (ctx->root.live)
        return caps_need_sys_admin(ctx->cmd->name, e);
    if (ctx->common.dry_run)
        return 0;
    return err_unsupported(
        e, -EOPNOTSUPP,
        "%s: \"%s\" works on the running system only; with --root it can be tried with --dry-run",
        ctx->root.path, ctx->cmd->name);
}

static int take_lock(const struct cmd_context *ctx, int *fd, struct err *e)
{
    uint64_t timeout = ctx->common.lock_timeout_ms;

    if (!ctx->root.live)
        return lock_take_root(&ctx->root, timeout, cmd_interrupted, NULL, fd, e);
    return lock_take(&ctx->root, LOCK_FILE, timeout, cmd_interrupted, NULL, fd, e);
}

static void progress(void *arg, const char *path, uint64_t done, uint64_t total)
{
    progress_show(arg, path, done, total);
}

int session_begin(struct cmd_context *ctx, bool kernel, struct session *out, struct err *e)
{
    _cleanup_(session_end) struct session s = SESSION_INIT;
    int r;

    s.ctx = ctx;
    s.watch.arg = ctx;
    if (progress_wanted(ctx))
        s.watch.progress = progress;
    r = kernel ? check_kernel(ctx, e) : 0;
    if (r < 0)
        return r;
    cmd_signals_catch();
    if (!ctx->common.dry_run) {
        r = take_lock(ctx, &s.lock_fd, e);
        if (r < 0)
            return r;
    }
    r = session_read_swaps(&ctx->root, &s.swaps, e);
    if (r < 0)
        return r;
    *out = s;
    s = SESSION_INIT;
    return 0;
}

struct declaration_target session_target(const struct swapfile *f)
{
    return (struct declaration_target){
        .path = f->path,
        .exists = f->found != SWAPFILE_ABSENT,
        .dev = f->st.st_dev,
        .ino = f->st.st_ino,
        .uuid = *f->uuid ? f->uuid : NULL,
        .label = *f->header.label ? f->header.label : NULL,
    };
}

enum persist_how session_declared(const struct session *s, const char *path, const struct stat *st,
                                  const struct swapheader *h)
{
    enum persist_how how = PERSIST_NONE;
    char uuid[SWAPHEADER_UUID_TEXT];
    struct declaration_target target = {
        .path = path,
        .uuid = swapheader_uuid_text(h->uuid, uuid),
        .label = *h->label ? h->label : NULL,
    };

    declaration_target_exists(&target, st);
    (void)persist_find(&s->ctx->root, &target, &how, NULL);
    return how;
}

static const char *persist_word(enum persist_how how)
{
    switch (how) {
    case PERSIST_FSTAB:
        return "fstab";
    case PERSIST_UNIT:
        return "unit";
    default:
        return NULL;
    }
}

static void answer_json(const struct session_answer *a)
{
    struct json j = JSON_INIT(stdout);

    json_object(&j, NULL);
    json_string(&j, "path", a->path);
    json_string(&j, "device", a->device);
    if (a->size)
        json_number(&j, "size_bytes", (int64_t)a->size);
    else
        json_null(&j, "size_bytes");
    if (a->active)
        json_number(&j, "priority", a->priority);
    else
        json_null(&j, "priority");
    json_bool(&j, "changed", a->plan->n > 0);
    cmd_json_actions(&j, a->plan);
    json_string(&j, "persisted", persist_word(a->persisted));
    json_object_end(&j);
}

int session_answer(const struct cmd_context *ctx, const struct session_answer *a)
{
    if (ctx->common.json)
        answer_json(a);
    else
        puts(a->plan->n > 0 ? "changed" : "unchanged");
    return CMD_OK;
}

void session_warn_access(const struct cmd_context *ctx, const char *path, const struct stat *st)
{
    if (S_ISREG(st->st_mode) && ((st->st_mode & 0077) || st->st_uid != 0))
        cmd_warn(ctx,
                 "%s: others may read what is swapped out (mode %04o, owner %u); \"swapctl "
                 "ensure\" mends it",
                 path, (unsigned)(st->st_mode & 07777), (unsigned)st->st_uid);
}
