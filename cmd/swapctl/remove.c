/* SPDX-License-Identifier: MIT */
#include "device.h"
#include "each.h"
#include "removal.h"
#include "swapctl.h"
#include "swaptag.h"

struct args {
    bool force;
};

static const struct opt opts[] = {
    {'f', "force", OPT_FLAG, offsetof(struct args, force), NULL,
     "even if what is swapped out may not fit into RAM and the other areas"},
    OPT_END,
};

/* Return: where it still is declared by somebody else, or a negated errno. */
static int remove_file(struct session *s, const char *path, bool force, struct plan *plan,
                       struct err *e)
{
    _cleanup_(removal_clear) struct removal w = REMOVAL_INIT;
    int r;

    r = swapfile_inspect(&s->ctx->root, path, &s->swaps, &w.file, e);
    if (r == -ENOENT && *path == '/') {
        err_clear(e);
        r = removal_plan_lost(s, path, &w, plan, e);
    } else if (r == 0) {
        r = removal_plan(s, force, &w, plan, e);
    }
    if (r >= 0)
        r = cmd_plan_run(s->ctx, plan, e);
    return r < 0 ? r : (int)w.persist.how;
}

/* The file that swapctl swaps to through this loop device, or NULL; caller frees. A device that
 * somebody attached to stay is treated as what it is. */
static char *file_behind(const struct session *s, const char *path)
{
    const struct root *root = &s->ctx->root;
    _cleanup_(swaploop_clear) struct swaploop l = SWAPLOOP_INIT;
    _cleanup_(close_fd) int fd = -1;
    const struct swaps_area *area;
    char *file;
    struct stat st;

    fd = root_open_named(root, path, O_PATH);
    if (fd < 0 || fstat(fd, &st) < 0 || !loop_is(&st))
        return NULL;
    area = swaps_find(root, &s->swaps, &st);
    if (!area || swaploop_adopt(root, area, &l, NULL) != 0 || l.kept || l.extended)
        return NULL;
    close_fd(&fd);
    fd = swaploop_open_file(root, &l);
    return fd >= 0 && root_path_of(root, fd, &file, NULL) == 0 ? file : NULL;
}

static int one(struct session *s, const char *operand, const void *values, struct plan *plan,
               struct err *e)
{
    const struct args *args = values;
    const struct root *root = &s->ctx->root;
    _cleanup_(free_ptr) char *found = NULL, *file = NULL;
    const char *path = operand;
    int r = 0;

    if (swaptag_is(operand)) {
        r = swaptag_find(root, &s->swaps, operand, &found, e);
        path = found;
    }
    if (r == 0)
        file = file_behind(s, path);
    if (file)
        path = file;
    if (r == 0)
        r = device_is(root, path) ? device_remove(s, path, args->force, plan, e)
                                  : remove_file(s, path, args->force, plan, e);
    if (r == PERSIST_UNIT)
        cmd_warn(s->ctx, "%s: a systemd unit that headroom did not write still declares it",
                 operand);
    return r < 0 ? r : 0;
}

static int run(struct cmd_context *ctx, const void *values)
{
    return each_run(ctx, ctx->root.live, values, one);
}

const struct cmd swapctl_remove = {
    .name = "remove",
    .summary = "deactivate swap areas, undeclare and delete them",
    .operands = "PATH|UUID=UUID|LABEL=LABEL...",
    .about = "Takes back what \"swapctl ensure\" made: deactivates the file, takes it out of fstab "
             "and the systemd units, and deletes it; of a block device it wipes the swap "
             "signature. Refuses what is not a swap area.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_FILE,
    .min_operands = 1,
    .max_operands = -1,
    .run = run,
};
