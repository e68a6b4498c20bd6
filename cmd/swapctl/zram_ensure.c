/* SPDX-License-Identifier: MIT */
#include "meminfo.h"
#include "session.h"
#include "swapctl.h"
#include "swapsize.h"
#include "zramowner.h"
#include "zramsetup.h"

struct args {
    const char *size;
    const char *algorithm;
    const char *limit;
    int64_t priority;
    int64_t device;
    bool force;
};

static const struct args defaults = {.priority = -1, .device = -1};

#define AT(member) offsetof(struct args, member)

static const struct opt opts[] = {
    {'s', "size", OPT_SIZE, AT(size), "SIZE",
     "how much it can hold before compression: 2G, or 50% of RAM (the default for a new device)"},
    {'a', "algorithm", OPT_STRING, AT(algorithm), "ALGORITHM",
     "compression, one that the kernel has: lzo-rle, lz4, zstd (default: the kernel's)"},
    {'p', "priority", OPT_NUMBER, AT(priority), "N",
     "priority, 0 to 32767; higher is used first (default 100 for a new device)", .min = 0,
     .max = 32767},
    {'\0', "mem-limit", OPT_SIZE, AT(limit), "SIZE",
     "how much memory it may take after compression, also in % of RAM; 0: no limit (the default)"},
    {'\0', "device", OPT_NUMBER, AT(device), "N",
     "take /dev/zramN, not the first of ours or a new one", .min = 0, .max = INT32_MAX},
    {'f', "force", OPT_FLAG, AT(force), NULL,
     "even beside zram-generator or zram-tools, or if what it holds may not fit elsewhere"},
    OPT_END,
};

static int resolve(const char *what, const char *text, uint64_t existing, uint64_t *out,
                   const struct root *root, struct err *e)
{
    struct swapsize_basis basis = {.existing = existing};
    struct meminfo m;
    int r;

    if (streq(text, "auto"))
        return err_usage(e, -EINVAL, "%s: there is no \"auto\" for zram; write it like 2G or 50%%",
                         what);
    if (strchr(text, '%')) {
        r = meminfo_read(root, &m, e);
        if (r < 0)
            return r;
        basis.ram = m.total;
    }
    return swapsize_resolve(text, &basis, out, e);
}

static int resolve_size(const char *text, const struct zramsetup *setup, uint64_t *out,
                        struct err *e)
{
    uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
    uint64_t bytes, pages;
    int r;

    if (!text && setup->now.size > 0)
        return 0;
    r = resolve("--size", text ? text : "50%", setup->now.size, &bytes, setup->root, e);
    if (r < 0)
        return r;
    if (swapheader_round(bytes, page, &pages) < 0)
        return err_usage(e, -ERANGE, "--size: %s is no size for swap; it has %u to %u pages",
                         text ? text : "50%", (unsigned)SWAPHEADER_PAGES_MIN, UINT32_MAX);
    *out = pages * page;
    return 0;
}

static int make_wish(const struct args *args, const struct zramsetup *setup,
                     struct zramsetup_wish *wish, struct err *e)
{
    uint64_t limit = 0;
    int r;

    *wish = (struct zramsetup_wish){
        .algorithm = args->algorithm,
        .limit = -1,
        .priority = (int)args->priority,
        .force = args->force,
    };
    r = resolve_size(args->size, setup, &wish->size, e);
    if (r < 0 || !args->limit)
        return r;
    r = resolve("--mem-limit", args->limit, setup->now.stat.limit, &limit, setup->root, e);
    if (r == 0 && limit > INT64_MAX / 2)
        return err_usage(e, -ERANGE, "--mem-limit: %s is too much", args->limit);
    wish->limit = (int64_t)limit;
    return r;
}

static void answer_json(const struct zramsetup *s, const char *path, const struct plan *plan)
{
    struct json j = JSON_INIT(stdout);

    json_object(&j, NULL);
    json_string(&j, "device", path);
    json_number(&j, "size_bytes", (int64_t)s->size);
    json_string(&j, "algorithm", s->algorithm);
    if (s->limit)
        json_number(&j, "mem_limit", (int64_t)s->limit);
    else
        json_null(&j, "mem_limit");
    json_number(&j, "priority", s->priority);
    json_bool(&j, "changed", plan->n > 0);
    cmd_json_actions(&j, plan);
    json_object_end(&j);
}

/* The kernel's own choice of an algorithm shows only now. */
static int answer(const struct cmd_context *ctx, struct zramsetup *s, const struct plan *plan)
{
    _cleanup_(zram_clear) struct zram z = ZRAM_INIT;
    char path[ZRAM_PATH_MAX];

    if (!ctx->common.json) {
        puts(plan->n > 0 ? "changed" : "unchanged");
        return CMD_OK;
    }
    if (!s->algorithm && s->number >= 0 &&
        zram_read(&ctx->root, (unsigned)s->number, &z, NULL) == 0)
        s->algorithm = z.algorithm;
    answer_json(s, s->number < 0 ? NULL : zram_path((unsigned)s->number, path), plan);
    return CMD_OK;
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(session_end) struct session s = SESSION_INIT;
    _cleanup_(zramsetup_clear) struct zramsetup setup = ZRAMSETUP_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    struct zramsetup_wish wish;
    int r;

    r = session_begin(ctx, true, &s, &e);
    if (r == 0 && !args->force)
        r = zramowner_check(&ctx->root, &e);
    if (r == 0)
        r = zramsetup_find(&ctx->root, (int)args->device, &setup, &e);
    if (r == 0)
        r = make_wish(args, &setup, &wish, &e);
    if (r == 0)
        r = zramsetup_plan(&setup, &wish, &s.swaps, &plan, &e);
    if (r == 0)
        r = cmd_plan_run(ctx, &plan, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    return answer(ctx, &setup, &plan);
}

const struct cmd swapctl_zram_ensure = {
    .name = "zram ensure",
    .summary = "make it true that there is swap in compressed RAM",
    .operands = "",
    .about = "Sets up a zram device as swap, or changes the one that it set up before, and says "
             "whether anything changed. It lasts until the next boot. Devices that others set up "
             "are left alone.",
    .opts = opts,
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .run = run,
};
