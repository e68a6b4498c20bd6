/* SPDX-License-Identifier: MIT */
#include "confile.h"
#include "filesystem.h"
#include "fstab.h"
#include "meminfo.h"
#include "session.h"
#include "size.h"
#include "swapctl.h"
#include "swapsize.h"

struct args {
    int workload;
    const char *target;
    bool json;
};

static const char *const workloads[] = {
    [SWAPSIZE_GENERAL] = "general",
    [SWAPSIZE_BATCH] = "batch",
    [SWAPSIZE_LLM] = "llm",
    [SWAPSIZE_HIBERNATE] = "hibernate",
    NULL,
};

static const struct opt opts[] = {
    {0, "workload", OPT_CHOICE, offsetof(struct args, workload), "WHAT",
     "what the machine is for (default general)", .choices = workloads},
    {0, "target", OPT_DIR, offsetof(struct args, target), "DIR",
     "folder that the swap file would be in (default: where there is one, else /)"},
    {0, "json", OPT_FLAG, offsetof(struct args, json), NULL, "print the answer as a JSON object"},
    OPT_END,
};

/* What the advice is made from, and compared with. */
struct facts {
    struct swaps swaps;
    struct meminfo mem;
    char *target; /* owned */
    struct swapsize_basis basis;
    uint64_t active; /* bytes, header pages included */
};

static void facts_clear(struct facts *f)
{
    swaps_clear(&f->swaps);
    free(f->target);
}

/* The folder of the first active swap file, else of the first declared one, else "/". */
static int default_target(const struct root *root, struct facts *f, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    const char *cursor;
    char *slash;
    int r = 0;

    for (size_t i = 0; i < f->swaps.n && !f->target; i++) {
        if (f->swaps.areas[i].type != SWAPS_FILE)
            continue;
        f->target = strdup(f->swaps.areas[i].path);
        if (!f->target)
            return err_oom(e);
    }
    if (!f->target && root_read(root, "/etc/fstab", &text, NULL, NULL) == 0) {
        cursor = text;
        r = fstab_next_file(&cursor, &f->target, e);
    }
    if (r < 0)
        return r;
    slash = f->target ? strrchr(f->target, '/') : NULL;
    if (slash && slash != f->target) {
        *slash = '\0';
        return 0;
    }
    free(f->target);
    f->target = strdup("/");
    return f->target ? 0 : err_oom(e);
}

/* The file at a path of /proc/swaps, if it lies on this file system: its bytes, else 0. */
static uint64_t bytes_on(const struct root *root, const struct swaps_area *area, dev_t dev)
{
    struct stat st;

    if (area->type != SWAPS_FILE || root_stat(root, area->path, 0, &st) < 0 || st.st_dev != dev)
        return 0;
    return (uint64_t)st.st_size;
}

/* How much room there is. A file system that cannot hold swap is refused where it was asked for. */
static int look_at_target(const struct cmd_context *ctx, const struct args *args, struct facts *f,
                          struct err *e)
{
    _cleanup_(close_fd) int fd = -1;
    struct filesystem fs;
    struct stat st;
    int r;

    fd = args->target ? root_open_named(&ctx->root, f->target, O_PATH | O_DIRECTORY)
                      : root_openat(&ctx->root, f->target, O_PATH | O_DIRECTORY, 0);
    if (fd == -EACCES)
        return err_set(e, fd,
                       "%s: only root may look there; run it as root (sudo), or add --target",
                       f->target);
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_sys(e, fd < 0 ? fd : -errno, "%s: cannot open the folder", f->target);
    r = filesystem_of(fd, f->target, &fs, e);
    if (r == 0 && args->target)
        r = filesystem_check_loop(&fs, f->target, e);
    if (r < 0)
        return r;
    f->basis.available = fs.available;
    for (size_t i = 0; i < f->swaps.n; i++)
        f->basis.existing += bytes_on(&ctx->root, &f->swaps.areas[i], st.st_dev);
    return 0;
}

/* What is active; for an image of the RAM, the largest area on a disk: it cannot be spread. */
static uint64_t active_bytes(const struct facts *f, enum swapsize_workload workload)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), all = 0, largest = 0;

    for (size_t i = 0; i < f->swaps.n; i++) {
        const struct swaps_area *area = &f->swaps.areas[i];

        all += area->size + page;
        if (area->size + page > largest && !str_after(area->path, "/dev/zram"))
            largest = area->size + page;
    }
    return workload == SWAPSIZE_HIBERNATE ? largest : all;
}

/* What was promised and cannot be kept without swap. Where the kernel promises no more than it has
 * (vm.overcommit_memory=2), a part of the RAM is not for promises. */
static uint64_t promised(const struct root *root, const struct meminfo *m)
{
    _cleanup_(free_ptr) char *mode = NULL;
    uint64_t keeps = m->total;

    if (root_read(root, "/proc/sys/vm/overcommit_memory", &mode, NULL, NULL) == 0 && *mode == '2' &&
        m->commit_limit > m->swap_total)
        keeps = m->commit_limit - m->swap_total;
    return m->committed_as > keeps ? m->committed_as - keeps : 0;
}

static int gather(const struct cmd_context *ctx, const struct args *args, struct facts *f,
                  struct err *e)
{
    int r;

    r = session_read_swaps(&ctx->root, &f->swaps, e);
    if (r == 0)
        r = meminfo_read(&ctx->root, &f->mem, e);
    if (r < 0)
        return r;
    if (args->target) {
        f->target = strdup(args->target);
        r = f->target ? 0 : err_oom(e);
    } else {
        r = default_target(&ctx->root, f, e);
    }
    if (r == 0)
        r = look_at_target(ctx, args, f, e);
    f->basis.ram = f->mem.total;
    f->basis.promised = promised(&ctx->root, &f->mem);
    f->active = active_bytes(f, (enum swapsize_workload)args->workload);
    return r;
}

static void print_json(const struct facts *f, const struct swapsize_advice *a, bool enough)
{
    struct json j = JSON_INIT(stdout);

    json_object(&j, NULL);
    json_number(&j, "size_bytes", (int64_t)a->bytes);
    json_string(&j, "rule", a->rule);
    json_string(&j, "reason", a->reason);
    json_number(&j, "ram_bytes", (int64_t)f->basis.ram);
    json_number(&j, "active_bytes", (int64_t)f->active);
    json_bool(&j, "enough", enough);
    json_string(&j, "target", f->target);
    json_number(&j, "free_bytes", (int64_t)f->basis.available);
    json_number(&j, "committed_bytes", (int64_t)f->mem.committed_as);
    json_object_end(&j);
}

static void print_text(const struct facts *f, const struct swapsize_advice *a)
{
    char buf[SIZE_TEXT_MAX];

    printf("recommended: %s\n", size_format(a->bytes, buf));
    printf("active: %s\n", size_format(f->active, buf));
    printf("RAM: %s\n", size_format(f->basis.ram, buf));
    printf("committed: %s\n", size_format(f->mem.committed_as, buf));
    printf("free at %s: %s\n", f->target, size_format(f->basis.available, buf));
    printf("rule: %s\n", a->rule);
    printf("reason: %s\n", a->reason);
}

static void warn(const struct cmd_context *ctx, const struct facts *f,
                 const struct swapsize_advice *a)
{
    char active[SIZE_TEXT_MAX], wanted[SIZE_TEXT_MAX], room[SIZE_TEXT_MAX];
    uint64_t missing = a->bytes > f->active ? a->bytes - f->active : 0;

    cmd_warn(ctx, "the active swap (%s) is less than recommended (%s); %s",
             size_format(f->active, active), size_format(a->bytes, wanted),
             f->active ? "\"swapctl resize\" makes an area longer"
                       : "\"swapctl ensure\" makes an area");
    if (f->basis.available + f->basis.existing < missing)
        cmd_warn(ctx, "%s: only %s are free; make room, or name another folder by --target",
                 f->target, size_format(f->basis.available, room));
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(facts_clear) struct facts f = {.swaps = SWAPS_INIT};
    struct swapsize_advice advice;
    char room[SIZE_TEXT_MAX];
    bool enough;
    int r;

    r = gather(ctx, args, &f, &e);
    if (r == 0 && swapsize_advise((enum swapsize_workload)args->workload, &f.basis, &advice) > 0)
        r = err_set(&e, -ENOSPC,
                    "%s: a quarter of the free space (%s) is too little for swap; make room, or "
                    "name another folder by --target",
                    f.target, size_format(f.basis.available, room));
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    /* RAM, and with it the size, differs a little from kernel to kernel */
    enough = f.active >= advice.bytes - advice.bytes / 16;
    if (args->json)
        print_json(&f, &advice, enough);
    else
        print_text(&f, &advice);
    if (!enough)
        warn(ctx, &f, &advice);
    return enough ? CMD_OK : CMD_NO;
}

const struct cmd swapctl_recommend = {
    .name = "recommend",
    .summary = "say how much swap there should be, and whether there is",
    .operands = "",
    .about = "Says how much swap this machine should have, by which rule, and why. Exit status 1: "
             "less is active.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .run = run,
};
