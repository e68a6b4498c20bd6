/* SPDX-License-Identifier: MIT */
#include "cgctl.h"
#include "cglack.h"
#include "cglimit.h"
#include "cgvalue.h"
#include "cgwork.h"

enum { KEY, VALUE, EFFECTIVE, FROM };

static const struct table_column columns[] = {
    [KEY] = {"KEY", TABLE_STRING, true, "the file of the limit"},
    [VALUE] = {"VALUE", TABLE_STRING, true, "what it says"},
    [EFFECTIVE] = {"EFFECTIVE", TABLE_STRING, true,
                   "what holds, with the groups above: the least of their limits"},
    [FROM] = {"FROM", TABLE_STRING, true, "the group whose limit that is"},
    TABLE_COLUMN_END,
};

/* Without a KEY. */
static const char *const usual[] = {
    "memory.max",       "memory.high",      "memory.low",  "memory.min", "memory.swap.max",
    "memory.zswap.max", "memory.oom.group", "cpu.max",     "cpu.weight", "io.max",
    "io.weight",        "pids.max",         "cpuset.cpus",
};

/* Limits for which every group above counts too. */
static bool adds_up(const char *file)
{
    return streq(file, "memory.max") || streq(file, "memory.high") ||
           streq(file, "memory.swap.max") || streq(file, "memory.zswap.max") ||
           streq(file, "pids.max");
}

/* The least of the group and those above it. */
static int set_effective(const struct cgwork *w, struct table *t, const char *path,
                         const char *file, struct err *e)
{
    _cleanup_(free_ptr) char *at = NULL, *from = NULL;
    uint64_t least = CGVALUE_MAX, value;
    char text[CGVALUE_TEXT];
    char *slash;
    int r;

    if (asprintf(&at, "./%s", path) < 0)
        return err_oom(e);
    while ((slash = strrchr(at, '/'))) {
        _cleanup_(close_fd) int dir = openat(w->tree.fd, at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (dir >= 0 && cgvalue_read(dir, file, &value) == 0 && value < least) {
            least = value;
            free(from);
            from = strdup(at + 1);
        }
        *slash = '\0';
    }
    r = table_set_string(t, EFFECTIVE, cgvalue_format(least, text), e);
    return r < 0 || !from ? r : table_set_string(t, FROM, from, e);
}

/* Several lines become one. */
static void join_lines(char *text)
{
    size_t n = strlen(text);

    while (n > 0 && text[n - 1] == '\n')
        text[--n] = '\0';
    for (char *p = text; (p = strchr(p, '\n')); p++)
        *p = ';';
}

/* Return: 1, 0 if the group does not have the file, or a negated errno. */
static int add_row(const struct cgwork *w, struct table *t, int dir, const char *path,
                   const char *file, bool asked, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = cgroup_read(dir, file, &text);

    if (r < 0 && r != -ENOENT)
        return err_sys(e, r, "/%s: cannot read %s", path, file);
    if (!text && !asked)
        return 0;
    r = table_row(t, e);
    if (r == 0)
        r = table_set_string(t, KEY, file, e);
    if (r < 0 || !text)
        return r;
    join_lines(text);
    r = table_set_string(t, VALUE, text, e);
    if (r == 0 && adds_up(file))
        r = set_effective(w, t, path, file, e);
    return r < 0 ? r : 1;
}

static int check_key(const struct cmd_context *ctx, const char *key)
{
    if (strchr(key, '/') || !strchr(key, '.'))
        return cmd_usage(ctx, "%s: is not the name of a group's file, such as memory.max", key);
    return CMD_OK;
}

/* Why is a file not there that was asked for? */
static void explain(const struct cgwork *w, const char *file)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    char controller[CGLIMIT_CONTROLLER];

    if (cglimit_controller(file, controller) && cglack_refuse(&w->tree, controller, &e) < 0)
        cmd_warn(w->ctx, "%s", e.text);
}

/* Return: 1 if a file that was asked for is not there, 0, or a negated errno. */
static int add_rows(const struct cgwork *w, struct table *t, int dir, const char *path,
                    struct err *e)
{
    const struct cmd_context *ctx = w->ctx;
    int r = 0, missing = 0;

    for (size_t i = 0; ctx->n_operands == 1 && i < ARRAY_SIZE(usual) && r >= 0; i++)
        r = add_row(w, t, dir, path, usual[i], false, e);
    for (int i = 1; i < ctx->n_operands && r >= 0; i++) {
        r = add_row(w, t, dir, path, ctx->operands[i], true, e);
        if (r == 0) {
            explain(w, ctx->operands[i]);
            missing = 1;
        }
    }
    return r < 0 ? r : missing;
}

static int run(struct cmd_context *ctx, const void *values _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(cgwork_end) struct cgwork w = CGWORK_INIT;
    _cleanup_(table_free) struct table *t = NULL;
    _cleanup_(free_ptr) char *path = NULL;
    _cleanup_(close_fd) int dir = -1;
    int r, missing = 0;

    for (int i = 1; i < ctx->n_operands; i++)
        if (check_key(ctx, ctx->operands[i]) != CMD_OK)
            return CMD_USAGE;
    r = table_new("limits", columns, &ctx->common.table, &t, &e);
    if (r == 0)
        r = cgwork_look(ctx, &w, &e);
    if (r == 0)
        r = cgwork_path(&w, ctx->operands[0], &path, &e);
    if (r == 0)
        r = dir = cgtree_group(&w.tree, path, &e);
    if (r >= 0)
        r = missing = add_rows(&w, t, dir, path, &e);
    if (r >= 0)
        r = table_print(t, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    return missing ? CMD_NO : CMD_OK;
}

const struct cmd cgctl_get = {
    .name = "get",
    .summary = "show the limits of a group, and what holds",
    .operands = "GROUP [KEY...]",
    .about = "Shows the limits of a group, or the files that are named, and what holds where a "
             "group above is stricter. Exit status 1: the group does not have a file that was "
             "named.",
    .args_size = 0,
    .columns = columns,
    .flags = CMD_TABLE,
    .operand = CMD_OPERAND_GROUP,
    .min_operands = 1,
    .max_operands = -1,
    .run = run,
};
