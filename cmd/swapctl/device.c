/* SPDX-License-Identifier: MIT */
#include "device.h"
#include "meminfo.h"
#include "swapdevice.h"
#include "swapsize.h"
#include "swaptag.h"

/* "auto" is all of the device, as if nothing was said. */
static int resolve_size(struct session *s, const struct swapdevice *d, const char *text,
                        uint64_t *size, struct err *e)
{
    struct swapsize_basis basis = {.available = d->size};
    struct meminfo m;
    int r;

    *size = 0;
    if (!text || streq(text, "auto"))
        return 0;
    if (strchr(text, '%')) {
        r = meminfo_read(&s->ctx->root, &m, e);
        if (r < 0)
            return r;
        basis.ram = m.total;
    }
    if (d->header.kind == SWAPHEADER_VALID)
        basis.existing = d->header.pages * d->header.page_size;
    return swapsize_resolve(text, &basis, size, e);
}

static int open_operand(struct session *s, struct swapdevice *d, struct err *e)
{
    _cleanup_(free_ptr) char *path = NULL;
    const char *operand = s->ctx->operands[0];
    int r = 0;

    if (swaptag_is(operand))
        r = swaptag_find(&s->ctx->root, &s->swaps, operand, &path, e);
    return r < 0 ? r : swapdevice_inspect(&s->ctx->root, path ? path : operand, &s->swaps, d, e);
}

static int plan_create(struct session *s, const struct device_request *request,
                       struct swapdevice *d, struct plan *plan, struct err *e)
{
    struct swapdevice_want want = {.label = request->label, .force = request->force};
    int r = request->label ? swapfile_check_label(request->label, e) : 0;

    if (r == 0)
        r = resolve_size(s, d, request->size, &want.size, e);
    return r < 0 ? r : swapdevice_plan_make(d, &want, plan, e);
}

static int answer(struct session *s, const struct swapdevice *d, const struct plan *plan)
{
    const struct swapheader *h = plan->n > 0 && d->make.pages ? &d->make : &d->header;
    struct session_answer a = {
        .path = d->path,
        .device = d->path,
        .size = h->pages * h->page_size,
        .active = d->active,
        .priority = d->active ? d->active->priority : 0,
        .plan = plan,
        .persisted = session_declared(s, d->path, &d->st, h),
    };

    return session_answer(s->ctx, &a);
}

int device_create(struct cmd_context *ctx, const struct device_request *request)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(session_end) struct session s = SESSION_INIT;
    _cleanup_(swapdevice_clear) struct swapdevice d = SWAPDEVICE_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    int r;

    r = session_begin(ctx, true, &s, &e);
    if (r == 0)
        r = open_operand(&s, &d, &e);
    if (r == 0)
        r = plan_create(&s, request, &d, &plan, &e);
    if (r == 0)
        r = cmd_plan_run(ctx, &plan, &e);
    return r < 0 ? cmd_fail(ctx, r, &e) : answer(&s, &d, &plan);
}

bool device_is(const struct root *root, const char *path)
{
    _cleanup_(close_fd) int fd = root_open_named(root, path, O_PATH);
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 && S_ISBLK(st.st_mode);
}

static int check_remove(const struct swapdevice *d, struct err *e)
{
    if (str_after(d->path, "/dev/zram"))
        return err_refuse(e, -EINVAL,
                          "%s: is compressed RAM; take it away with \"swapctl zram "
                          "remove\"",
                          d->path);
    return swapdevice_check_wipe(d, e);
}

int device_remove(struct session *s, const char *path, bool force, struct plan *plan, struct err *e)
{
    _cleanup_(swapdevice_clear) struct swapdevice d = SWAPDEVICE_INIT;
    _cleanup_(persist_clear) struct persist persist = PERSIST_INIT;
    struct declaration_target target = {.path = NULL};
    int r = swapdevice_inspect(&s->ctx->root, path, &s->swaps, &d, e);

    if (r == 0)
        r = check_remove(&d, e);
    if (r < 0)
        return r;
    d.watch = &s->watch;
    target.path = d.path;
    target.uuid = *d.uuid ? d.uuid : NULL;
    target.label = *d.header.label ? d.header.label : NULL;
    declaration_target_exists(&target, &d.st);
    r = swapdevice_plan_off(&d, &s->swaps, force, plan, e);
    if (r >= 0)
        r = persist_plan_undeclare(&s->ctx->root, &target, &persist, plan, e);
    if (r >= 0)
        r = swapdevice_plan_wipe(&d, plan, e);
    if (r >= 0)
        r = cmd_plan_run(s->ctx, plan, e);
    return r < 0 ? r : (int)persist.how;
}
