/* SPDX-License-Identifier: MIT */
/*
 * The half of swapfile_plan() that knows of loop devices: which way the kernel swaps to the file,
 * and the attribute that protects it meanwhile
 */
#include "swapfile.h"

void swapfile_loop_prepare(struct swapfile *f, enum declaration_discard discard)
{
    f->area =
        (struct swaparea){.fd = f->fd, .path = f->path, .discard = discard, .watch = f->watch};
    f->old_area = f->area;
    f->loop.root = f->root;
    f->loop.path = f->path;
    f->loop.file = &f->fd;
    if (f->on_loop)
        swaploop_bind(&f->loop, &f->old_area);
}

static enum declaration_backing automatic(const struct swapfile *f)
{
    bool loop = f->active ? f->on_loop : f->fs.swap == FILESYSTEM_SWAP_LOOP;

    return loop ? DECLARATION_BACKING_LOOP : DECLARATION_BACKING_FILE;
}

int swapfile_loop_choose(struct swapfile *f, const struct swapfile_want *want, struct err *e)
{
    bool loop;
    int r;

    f->backing = want->backing == DECLARATION_BACKING_AUTO ? automatic(f) : want->backing;
    loop = f->backing == DECLARATION_BACKING_LOOP;
    r = loop ? swaploop_check_discard(f->path, want->discard, e) : 0;
    if (r < 0 || (f->active && loop == f->on_loop))
        return r;
    return loop ? filesystem_check_loop(&f->fs, f->path, e)
                : filesystem_check_swap(&f->fs, f->path, e);
}

bool swapfile_loop_moves(const struct swapfile *f, const struct swapfile_want *want)
{
    return f->active && want->activate && (f->backing == DECLARATION_BACKING_LOOP) != f->on_loop;
}

int swapfile_loop_unguard(struct swapfile *f, struct plan *plan, struct err *e)
{
    int r = guard_plan_off(&f->guard, &f->fd, f->path, plan, e);

    f->unguarded = r == 0;
    return r < 0 ? r : 0;
}
