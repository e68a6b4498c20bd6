/* SPDX-License-Identifier: MIT */
#include "cgctl.h"
#include "cglack.h"
#include "cglimit.h"
#include "cgvalue.h"
#include "cgwork.h"
#include "size.h"
#include <inttypes.h>

struct args {
    int64_t swappiness; /* -1: the machine's */
    bool json;
};

static const struct opt opts[] = {
    {0, "swappiness", OPT_NUMBER, offsetof(struct args, swappiness), "NUMBER",
     "0 takes cached files only, 200 memory of programs only; where the kernel can", .min = 0,
     .max = 200},
    {0, "json", OPT_FLAG, offsetof(struct args, json), NULL, "print the answer as a JSON object"},
    OPT_END,
};

static const struct args defaults = {.swappiness = -1};

static uint64_t pages_taken(int dir)
{
    _cleanup_(free_ptr) char *text = NULL;
    uint64_t n = 0;

    if (cgroup_read(dir, "memory.stat", &text) < 0 || cgvalue_flat(text, "pgsteal", &n) < 0)
        return 0;
    return n;
}

static int explain(int r, const char *path, const struct args *args, struct err *e)
{
    switch (r) {
    case -ENOENT:
        return err_unsupported(e, -EOPNOTSUPP,
                               "/%s: cannot be told to give memory back; the kernel is older than "
                               "5.19, or the memory controller is not enabled for the group",
                               path);
    case -EINVAL:
        if (args->swappiness >= 0)
            return err_unsupported(e, -EOPNOTSUPP,
                                   "/%s: memory.reclaim: this kernel takes no swappiness for it",
                                   path);
        return err_sys(e, r, "/%s: memory.reclaim", path);
    case -EINTR:
        return err_set(e, r, "/%s: interrupted", path);
    default:
        return err_sys(e, r, "/%s: cannot write memory.reclaim", path);
    }
}

/* Return: 1 all that was asked for, 0 less, or a negated errno. */
static int reclaim(int dir, const char *path, uint64_t bytes, const struct args *args,
                   struct err *e)
{
    char text[64];
    int r;

    if (args->swappiness >= 0)
        snprintf(text, sizeof(text), "%" PRIu64 " swappiness=%" PRId64, bytes, args->swappiness);
    else
        snprintf(text, sizeof(text), "%" PRIu64, bytes);
    r = cgvalue_write(dir, "memory.reclaim", text);
    if (r == -EAGAIN)
        return 0;
    return r < 0 ? explain(r, path, args, e) : 1;
}

static int answer(const struct cmd_context *ctx, const struct args *args, const char *path,
                  uint64_t asked, uint64_t taken, bool all)
{
    char wanted[SIZE_TEXT_MAX], got[SIZE_TEXT_MAX];
    struct json j = JSON_INIT(stdout);

    if (args->json) {
        _cleanup_(free_ptr) char *name = NULL;

        json_object(&j, NULL);
        json_string(&j, "group", asprintf(&name, "/%s", path) < 0 ? path : name);
        json_number(&j, "asked_bytes", (int64_t)asked);
        json_number(&j, "reclaimed_bytes", (int64_t)taken);
        json_object_end(&j);
    } else {
        printf("%" PRIu64 "\n", taken);
    }
    if (all)
        return CMD_OK;
    cmd_warn(ctx, "/%s: %s of %s were reclaimed; the rest is in use or has no place in swap", path,
             size_format(taken, got), size_format(asked, wanted));
    return CMD_PARTIAL;
}

static int parse(struct cmd_context *ctx, uint64_t *bytes)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;

    if (size_parse(ctx->operands[1], bytes, &why) < 0)
        return cmd_usage(ctx, "SIZE: %s", why.text);
    if (*bytes == 0 || *bytes > INT64_MAX)
        return cmd_usage(ctx, "SIZE: \"%s\" is not what can be reclaimed", ctx->operands[1]);
    return CMD_OK;
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(cgwork_end) struct cgwork w = CGWORK_INIT;
    _cleanup_(free_ptr) char *path = NULL;
    _cleanup_(close_fd) int dir = -1;
    uint64_t bytes = 0, before, taken;
    int r = parse(ctx, &bytes);

    if (r != CMD_OK)
        return r;
    r = cgwork_look(ctx, &w, &e);
    if (r == 0)
        r = cgwork_path(&w, ctx->operands[0], &path, &e);
    if (r == 0)
        r = dir = cgtree_group(&w.tree, path, &e);
    if (r >= 0)
        r = cglack_refuse(&w.tree, "memory", &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    before = pages_taken(dir);
    r = reclaim(dir, path, bytes, args, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    taken = (pages_taken(dir) - before) * (uint64_t)sysconf(_SC_PAGESIZE);
    return answer(ctx, args, path, bytes, taken, r == 1);
}

const struct cmd cgctl_reclaim = {
    .name = "reclaim",
    .summary = "make a group give memory back",
    .operands = "GROUP SIZE",
    .about = "Tells the kernel to reclaim memory from a group: cached files are dropped, memory of "
             "programs is swapped out. Prints how many bytes it was. Exit status 4: it was less "
             "than asked for.",
    .opts = opts,
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .operand = CMD_OPERAND_GROUP,
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
