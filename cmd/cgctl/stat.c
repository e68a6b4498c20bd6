/* SPDX-License-Identifier: MIT */
#include "cgctl.h"
#include "cgvalue.h"
#include "cgwork.h"
#include "size.h"
#include <time.h>

enum { NAME, VALUE, MEANING };

static const struct table_column columns[] = {
    [NAME] = {"NAME", TABLE_STRING, true, "of the number"},
    [VALUE] = {"VALUE", TABLE_STRING, true, "the number; sizes for people unless --bytes"},
    [MEANING] = {"MEANING", TABLE_STRING, true, "what it says"},
    TABLE_COLUMN_END,
};

enum kind { BYTES, COUNT, MICROSECONDS };

static const struct number {
    const char *name;
    const char *file;
    const char *key;  /* NULL: the file is a single value */
    const char *line; /* of a nested keyed file, else NULL */
    enum kind kind;
    const char *meaning;
} numbers[] = {
    {"memory", "memory.current", NULL, NULL, BYTES, "all memory that is charged to the group"},
    {"memory_peak", "memory.peak", NULL, NULL, BYTES, "the most that it ever was"},
    {"anon", "memory.stat", "anon", NULL, BYTES, "memory of programs: heap, stack; goes to swap"},
    {"file", "memory.stat", "file", NULL, BYTES, "cached files, shared memory too"},
    {"shmem", "memory.stat", "shmem", NULL, BYTES, "shared memory and tmpfs; goes to swap"},
    {"file_dirty", "memory.stat", "file_dirty", NULL, BYTES, "cached, and not yet on the disk"},
    {"kernel", "memory.stat", "kernel", NULL, BYTES, "the kernel's own for the group"},
    {"slab_reclaimable", "memory.stat", "slab_reclaimable", NULL, BYTES,
     "of that, what it gives back: inodes, names"},
    {"sock", "memory.stat", "sock", NULL, BYTES, "buffers of network connections"},
    {"swap", "memory.swap.current", NULL, NULL, BYTES, "what is swapped out"},
    {"swap_peak", "memory.swap.peak", NULL, NULL, BYTES, "the most that it ever was"},
    {"zswap", "memory.zswap.current", NULL, NULL, BYTES, "RAM that its compressed pages take"},
    {"pgscan_kswapd", "memory.stat", "pgscan_kswapd", NULL, COUNT,
     "pages looked at in the background, for the machine"},
    {"pgscan_direct", "memory.stat", "pgscan_direct", NULL, COUNT,
     "pages looked at while somebody waited"},
    {"pgscan_proactive", "memory.stat", "pgscan_proactive", NULL, COUNT,
     "pages looked at because somebody asked"},
    {"pgsteal", "memory.stat", "pgsteal", NULL, COUNT, "pages taken away, all together"},
    {"refault_anon", "memory.stat", "workingset_refault_anon", NULL, COUNT,
     "swapped out too early: came back soon"},
    {"refault_file", "memory.stat", "workingset_refault_file", NULL, COUNT,
     "dropped too early: read again soon"},
    {"pgmajfault", "memory.stat", "pgmajfault", NULL, COUNT, "faults that waited for a disk"},
    {"stall_some", "memory.pressure", "total", "some", MICROSECONDS,
     "time in which something waited for memory"},
    {"stall_full", "memory.pressure", "total", "full", MICROSECONDS,
     "time in which everything waited for memory"},
    {"events_low", "memory.events", "low", NULL, COUNT, "reclaimed although below memory.low"},
    {"events_high", "memory.events", "high", NULL, COUNT, "slowed down above memory.high"},
    {"events_max", "memory.events", "max", NULL, COUNT, "memory.max was about to be exceeded"},
    {"events_oom", "memory.events", "oom", NULL, COUNT, "reclaim did not help"},
    {"events_oom_kill", "memory.events", "oom_kill", NULL, COUNT, "processes killed for memory"},
    {"cpu", "cpu.stat", "usage_usec", NULL, MICROSECONDS, "time on processors"},
    {"cpu_throttled", "cpu.stat", "throttled_usec", NULL, MICROSECONDS,
     "time held back by cpu.max"},
    {"pids", "pids.current", NULL, NULL, COUNT, "processes and threads"},
};

/* The text of the file that was read last: neighbours in the list share it. */
struct last {
    const char *file;
    char *text;
};

static int read_number(int dir, const struct number *n, struct last *last, uint64_t *out)
{
    if (!n->key)
        return cgvalue_read(dir, n->file, out);
    if (!last->file || !streq(last->file, n->file)) {
        free(TAKE_PTR(last->text));
        last->file = n->file;
        if (cgroup_read(dir, n->file, &last->text) < 0)
            last->text = NULL;
    }
    if (!last->text)
        return -ENOENT;
    return n->line ? cgvalue_nested(last->text, n->line, n->key, out)
                   : cgvalue_flat(last->text, n->key, out);
}

static int set_value(const struct cmd_context *ctx, struct table *t, const struct number *n,
                     uint64_t value, struct err *e)
{
    const struct table_options *o = &ctx->common.table;
    char text[CGVALUE_TEXT];

    if (n->kind == BYTES && value != CGVALUE_MAX && !o->bytes && !o->raw && !o->json)
        size_format(value, text);
    else if (n->kind == MICROSECONDS && !o->raw && !o->json)
        snprintf(text, sizeof(text), "%llu.%03llus", (unsigned long long)value / 1000000,
                 (unsigned long long)value / 1000 % 1000);
    else
        cgvalue_format(value, text);
    return table_set_string(t, VALUE, text, e);
}

static int add_rows(const struct cmd_context *ctx, struct table *t, int dir, struct err *e)
{
    struct last last = {NULL, NULL};
    int r = 0;

    for (size_t i = 0; i < ARRAY_SIZE(numbers) && r == 0; i++) {
        uint64_t value;

        if (read_number(dir, &numbers[i], &last, &value) < 0)
            continue; /* absent is not zero */
        r = table_row(t, e);
        if (r == 0)
            r = table_set_string(t, NAME, numbers[i].name, e);
        if (r == 0)
            r = set_value(ctx, t, &numbers[i], value, e);
        if (r == 0)
            r = table_set_string(t, MEANING, numbers[i].meaning, e);
    }
    free(last.text);
    return r;
}

static int print(struct cmd_context *ctx, int dir, const char *path, struct err *e)
{
    _cleanup_(table_free) struct table *t = NULL;
    int r = table_new("stat", columns, &ctx->common.table, &t, e);

    if (r == 0)
        r = add_rows(ctx, t, dir, e);
    if (r == 0 && faccessat(dir, "cgroup.procs", F_OK, 0) < 0)
        r = err_set(e, -ENODEV, "/%s: was removed meanwhile", path);
    return r < 0 ? r : table_print(t, e);
}

struct args {
    bool watch;
};

static const struct opt opts[] = {
    {'w', "watch", OPT_FLAG, offsetof(struct args, watch), NULL,
     "again every two seconds, until the group is removed"},
    OPT_END,
};

/* Return: 1 when the group is gone, or a negated errno. */
static int watch(struct cmd_context *ctx, int dir, const char *path, struct err *e)
{
    const struct timespec pause = {.tv_sec = 2};
    bool terminal = isatty(STDOUT_FILENO);
    int r = 0;

    while (r == 0 && !ferror(stdout)) {
        if (terminal)
            fputs("\033[H\033[J", stdout);
        r = print(ctx, dir, path, e);
        fflush(stdout);
        if (r == 0)
            nanosleep(&pause, NULL);
    }
    return r == -ENODEV ? 1 : r;
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(cgwork_end) struct cgwork w = CGWORK_INIT;
    _cleanup_(free_ptr) char *path = NULL;
    _cleanup_(close_fd) int dir = -1;
    int r = cgwork_look(ctx, &w, &e);

    if (r == 0)
        r = cgwork_path(&w, ctx->operands[0], &path, &e);
    if (r == 0)
        r = dir = cgtree_group(&w.tree, path, &e);
    if (r >= 0)
        r = args->watch ? watch(ctx, dir, path, &e) : print(ctx, dir, path, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    if (!args->watch)
        cgwork_warn_memory(&w);
    return r == 1 ? CMD_NO : CMD_OK;
}

const struct cmd cgctl_stat = {
    .name = "stat",
    .summary = "show what the memory of a group is, explained",
    .operands = "GROUP",
    .about = "Shows what a group's memory consists of, what was reclaimed and by whom, how long it "
             "waited, and what else the kernel counts. What this kernel does not count, or the "
             "group has no controller for, is left out.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .columns = columns,
    .flags = CMD_TABLE,
    .operand = CMD_OPERAND_GROUP,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
