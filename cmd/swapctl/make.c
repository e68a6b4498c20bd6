/* SPDX-License-Identifier: MIT */
#include "make.h"
#include "meminfo.h"
#include "progress.h"
#include "swapsize.h"

#define SWAPCTL HEADROOM_SBINDIR "/swapctl"

const char *const make_size_words[] = {"auto", NULL};

const char *const make_discard_words[] = {
    [DECLARATION_DISCARD_NONE] = "none",
    [DECLARATION_DISCARD_ONCE] = "once",
    [DECLARATION_DISCARD_PAGES] = "pages",
    [DECLARATION_DISCARD_BOTH] = "both",
    NULL,
};

const char *const make_backing_words[] = {
    [DECLARATION_BACKING_AUTO] = "auto",
    [DECLARATION_BACKING_FILE] = "file",
    [DECLARATION_BACKING_LOOP] = "loop",
    NULL,
};

const char *const make_persist_words[] = {
    [PERSIST_NONE] = "none",
    [PERSIST_FSTAB] = "fstab",
    [PERSIST_UNIT] = "unit",
    [PERSIST_AUTO] = "auto",
    NULL,
};

void make_clear(struct make *w)
{
    plan_clear(&w->plan);
    sysctl_clear(&w->swappiness_file);
    sysctl_clear(&w->swappiness);
    persist_clear(&w->persist);
    swapfile_clear(&w->file);
    *w = MAKE_INIT;
}

static void progress(void *arg, const char *path, uint64_t done, uint64_t total)
{
    progress_show(arg, path, done, total);
}

static int resolve_size(struct make *w, const struct make_request *request, struct err *e)
{
    const struct swapheader *h = &w->file.header;
    struct swapsize_basis basis = {.available = w->file.fs.available};
    const char *text = request->size;
    bool relative = streq(text, "auto") || strchr(text, '%');
    struct meminfo m;
    int r;

    if (relative) {
        r = meminfo_read(&w->session->ctx->root, &m, e);
        if (r < 0)
            return r;
        basis.ram = m.total;
    }
    if (w->file.found == SWAPFILE_AREA && h->kind == SWAPHEADER_VALID)
        basis.existing = h->pages * h->page_size;
    if (request->resize) {
        /* to be resized means not to be kept; its own space counts as free */
        basis.available += basis.existing;
        basis.existing = 0;
    }
    return swapsize_resolve(text, &basis, &w->size, e);
}

/* An area that is active goes by what it is, not by what is declared. */
static int choose_backing(struct make *w, const struct make_request *request,
                          enum declaration_backing *out, struct err *e)
{
    struct declaration_target target = session_target(&w->file);

    *out = request->backing;
    if (*out != DECLARATION_BACKING_AUTO || w->file.active)
        return 0;
    return persist_backing(&w->session->ctx->root, &target, &w->persist, out, e);
}

static int plan_file(struct make *w, const struct make_request *request, struct err *e)
{
    struct swapfile_want want = {
        .size = w->size,
        .label = request->label,
        .priority = request->priority,
        .discard = request->discard,
        .activate = request->activate,
        .resize = request->resize,
        .force = request->force,
        .watch = {.interrupted = cmd_interrupted, .progress = progress, .arg = w->session->ctx},
    };
    long page = sysconf(_SC_PAGESIZE);
    int r;

    if (request->must_exist && w->file.found != SWAPFILE_AREA)
        return err_set(
            e, -ENOENT,
            "%s: is no swap file that could be resized; make one with \"swapctl ensure\"",
            w->file.path);
    w->file.watch = &w->session->watch;
    r = choose_backing(w, request, &want.backing, e);
    if (r == 0)
        r = swapfile_plan(&w->file, &want, &w->plan, e);
    w->size = w->size / (uint64_t)page * (uint64_t)page;
    return r;
}

/* A unit that runs a program which is not there would fail at the next boot, when nobody looks. */
static int check_installed(const struct make *w, struct err *e)
{
    struct stat st;

    if (w->persist.how != PERSIST_UNIT || root_stat(&w->session->ctx->root, SWAPCTL, 0, &st) == 0)
        return 0;
    return err_set(
        e, -ENOENT,
        "%s: is not installed, but the unit would run it at boot; install headroom there, or use "
        "--persist fstab",
        SWAPCTL);
}

/* What is declared is what is asked for, else what is true now, so that a reboot changes nothing.
 */
static int declared_priority(const struct make *w, const struct make_request *request)
{
    if (request->priority >= 0 || !w->file.active)
        return request->priority;
    return w->file.active->priority >= 0 ? w->file.active->priority : -1;
}

/* Whatever mkswap put there stays in the header; what could not be asked for is not declared. */
static const char *declared_label(const struct make_request *request,
                                  const struct declaration_target *target)
{
    if (request->label || !target->label)
        return request->label;
    return swapfile_check_label(target->label, NULL) == 0 ? target->label : NULL;
}

/* A declared area whose size or backing changes stays declared, as it is then, though nobody asked
 * for --persist. */
static int choose_persist(struct make *w, const struct make_request *request,
                          const struct declaration_target *target, enum persist_how *how,
                          struct err *e)
{
    enum declaration_backing backing = DECLARATION_BACKING_AUTO;
    bool moved;
    int r;

    *how = request->persist;
    if (*how != PERSIST_NONE || (!request->resize && request->backing == DECLARATION_BACKING_AUTO))
        return 0;
    r = persist_backing(&w->session->ctx->root, target, &w->persist, &backing, e);
    moved = (backing == DECLARATION_BACKING_LOOP) != (w->file.backing == DECLARATION_BACKING_LOOP);
    if (r == 0 && w->persist.how != PERSIST_NONE && (request->resize || moved))
        *how = PERSIST_AUTO;
    return r;
}

static int plan_persist(struct make *w, const struct make_request *request, struct err *e)
{
    struct declaration_target target = session_target(&w->file);
    struct declaration d = {
        .path = w->file.path,
        .size = w->size,
        .priority = declared_priority(w, request),
        .label = declared_label(request, &target),
        .discard = request->discard,
        .backing = w->file.backing,
    };
    size_t before = w->plan.n;
    enum persist_how how;
    int r;

    r = choose_persist(w, request, &target, &how, e);
    if (r < 0)
        return r;
    r = persist_plan_declare(&w->session->ctx->root, how, &d, &target, SWAPCTL, &w->persist,
                             &w->plan, e);
    if (r >= 0 && w->plan.n > before)
        r = check_installed(w, e);
    return r < 0 ? r : 0;
}

static int plan_swappiness(struct make *w, const struct make_request *request, struct err *e)
{
    const struct root *root = &w->session->ctx->root;
    int r = 0;

    if (request->swappiness < 0)
        return 0;
    r = sysctl_plan_set(root, "vm.swappiness", request->swappiness, &w->swappiness, &w->plan, e);
    if (r >= 0 && request->persist != PERSIST_NONE)
        r = sysctl_plan_persist(root, "vm.swappiness", request->swappiness, &w->swappiness_file,
                                &w->plan, e);
    return r < 0 ? r : 0;
}

int make_plan(struct session *s, const char *path, const struct make_request *request,
              struct make *w, struct err *e)
{
    int r;

    w->session = s;
    r = swapfile_inspect(&s->ctx->root, path, &s->swaps, &w->file, e);
    if (r == 0)
        r = resolve_size(w, request, e);
    if (r == 0)
        r = plan_file(w, request, e);
    if (r == 0)
        r = plan_persist(w, request, e);
    if (r == 0)
        r = plan_swappiness(w, request, e);
    if (r == 0)
        r = swapfile_plan_finish(&w->file, &w->plan, e);
    return r;
}

/* What is true now; after a dry run, what would be. */
static int answer(struct cmd_context *ctx, const struct make_request *request, struct make *w)
{
    const struct swaps_area *area = w->file.active;
    struct session_answer a = {
        .path = w->file.path,
        .device = w->file.path,
        .size = w->size,
        .plan = &w->plan,
        .persisted = w->persist.how,
    };
    int fd = w->file.made ? w->file.make.fd : w->file.fd;
    struct stat st;

    if (!ctx->common.dry_run && fstat(fd, &st) == 0 && session_reread(w->session, NULL) == 0)
        area = swaparea_find(&ctx->root, &w->session->swaps, fd, &st);
    a.active = area || (ctx->common.dry_run && request->activate && request->priority >= 0);
    a.priority = area ? area->priority : request->priority;
    if (area && !ctx->common.dry_run)
        a.device = area->path;
    make_warn_loop(ctx, &w->file.loop);
    return session_answer(ctx, &a);
}

void make_warn_loop(const struct cmd_context *ctx, const struct swaploop *loop)
{
    char name[LOOP_PATH_MAX];

    if (loop->buffered)
        cmd_warn(ctx,
                 "%s: its file system does no direct I/O, so what is swapped out takes RAM for the "
                 "cache of the file as well; another file system is better",
                 loop->path);
    if (loop->unguarded && ctx->common.verbose)
        cmd_warn(ctx,
                 "%s: its file system knows no attribute that protects it; do not write to it "
                 "while it is active",
                 loop->path);
    if (loop->lingers)
        cmd_warn(ctx,
                 "%s: %s is not swap any more, but another process has it open; it goes when "
                 "that closes it",
                 loop->path, loop_path(loop->number, name));
}

int make_run(struct cmd_context *ctx, const struct make_request *request)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(session_end) struct session s = SESSION_INIT;
    _cleanup_(make_clear) struct make m = MAKE_INIT;
    int r;

    r = session_begin(ctx, request->activate || request->resize, &s, &e);
    if (r == 0)
        r = make_plan(&s, ctx->operands[0], request, &m, &e);
    if (r == 0)
        r = cmd_plan_run(ctx, &m.plan, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    return answer(ctx, request, &m);
}
