/* SPDX-License-Identifier: MIT */
#include "cgattach.h"
#include "cgctl.h"
#include "cglack.h"
#include "cgwork.h"
#include "scoped.h"
#include "size.h"

struct args {
    bool with_children, force;
    int manager;
};

static const struct opt opts[] = {
    {'c', "with-children", OPT_FLAG, offsetof(struct args, with_children), NULL,
     "also the processes that descend from them"},
    {'f', "force", OPT_FLAG, offsetof(struct args, force), NULL,
     "with --manager cgroupfs: into a group of systemd too"},
    {0, "manager", OPT_CHOICE, offsetof(struct args, manager), "WHO",
     "who manages the group (default auto); cgroupfs with --force: by hand what is systemd's",
     .choices = cgwork_managers},
    OPT_END,
};

/* How it goes with all of them. */
struct moving {
    struct cgwork *work;
    const char *path;
    int group;
    struct cgunitplan unit; /* of systemd's slices, which take processes in scopes only */
    struct cgunit slice;
    bool by_unit;
    char scope[CGUNIT_NAME]; /* the one for these processes, once it runs */
    struct json json;
    bool charged;  /* memory is counted for groups here */
    uint64_t left; /* bytes that stay charged elsewhere */
    int worked, failed;
    int status; /* of the failures */
    bool alone; /* one process: the answer is a word */
};

static void tell(struct moving *m, pid_t pid, const char *word, const char *error)
{
    if (m->work->ctx->common.json) {
        json_object(&m->json, NULL);
        json_number(&m->json, "pid", pid);
        json_bool(&m->json, "changed", streq(word, "changed"));
        json_string(&m->json, "error", error);
        json_object_end(&m->json);
    } else if (!error && m->alone) {
        puts(word);
    } else if (!error) {
        printf("%d: %s\n", pid, word);
    }
}

static int move_to_scope(struct moving *m, pid_t pid, struct err *e)
{
    char scope[CGUNIT_NAME];
    struct scoped_unit unit = {.slice = m->slice.name, .pids = &pid, .n = 1};
    int r;

    if (*m->scope)
        return sdbus_attach(m->unit.bus, m->scope, pid, e);
    r = scoped_start_new(m->unit.bus, "cgctl-attach", &unit, scope, m->work->tree.root, e);
    if (r == 0)
        memcpy(m->scope, scope, sizeof(scope));
    return r;
}

/* In the group, or in a scope in the slice; a slice in it is another group. */
static bool is_there(const struct moving *m, const char *from)
{
    static const char ending[] = ".slice";
    const char *below = str_after(from, m->path);
    size_t n;

    if (!below || !*below || !m->by_unit || *below != '/')
        return below && !*below;
    n = strcspn(below + 1, "/");
    return n < strlen(ending) ||
           memcmp(below + 1 + n - strlen(ending), ending, strlen(ending)) != 0;
}

/* Return: 1 moved, 0 nothing to do, or a negated errno. */
static int move(struct moving *m, pid_t pid, struct err *e)
{
    _cleanup_(free_ptr) char *from = NULL;
    uint64_t bytes = 0;
    int r = cgtree_of_process(&m->work->tree, pid, &from, e);

    if (r < 0 && r != -EXDEV)
        return r;
    if (from && is_there(m, from))
        return 0;
    r = cgattach_check(m->work->tree.root, pid, e);
    if (r < 0 || m->work->ctx->common.dry_run)
        return r < 0 ? r : 1;
    if (m->charged && cgattach_memory(m->work->tree.root, pid, &bytes) < 0)
        bytes = 0;
    r = m->by_unit ? move_to_scope(m, pid, e) : cgattach_move(m->group, m->path, pid, e);
    if (r < 0)
        return r;
    m->left += bytes;
    return 1;
}

static void move_one(struct moving *m, pid_t pid)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int r = move(m, pid, &e);

    if (r >= 0) {
        m->worked++;
        tell(m, pid, r ? "changed" : "unchanged", NULL);
        return;
    }
    m->failed++;
    m->status = cmd_fail(m->work->ctx, r, &e);
    tell(m, pid, "failed", e.text);
}

static int move_children(struct moving *m, pid_t pid, struct err *e)
{
    _cleanup_(free_ptr) pid_t *children = NULL;
    size_t n = 0;
    int r = cgattach_children(m->work->tree.root, pid, &children, &n, e);

    /* the parent first: what it starts meanwhile is in the new group already */
    move_one(m, pid);
    for (size_t i = 0; i < n; i++)
        move_one(m, children[i]);
    return r;
}

static int parse_pids(struct cmd_context *ctx, pid_t *pids)
{
    for (int i = 1; i < ctx->n_operands; i++) {
        _cleanup_(err_clear) struct err why = ERR_INIT;
        int64_t n;

        if (size_parse_number(ctx->operands[i], 1, INT32_MAX, &n, &why) < 0)
            return cmd_usage(ctx, "PID: %s", why.text);
        pids[i - 1] = (pid_t)n;
    }
    return CMD_OK;
}

static int move_all(struct moving *m, const struct args *args, const pid_t *pids, size_t n,
                    struct err *e)
{
    int r = 0;

    m->json = JSON_INIT(stdout);
    m->alone = n == 1 && !args->with_children;
    if (m->work->ctx->common.json) {
        json_object(&m->json, NULL);
        json_list(&m->json, "results");
    }
    for (size_t i = 0; i < n && r == 0; i++) {
        if (args->with_children)
            r = move_children(m, pids[i], e);
        else
            move_one(m, pids[i]);
    }
    if (m->work->ctx->common.json) {
        json_list_end(&m->json);
        json_number(&m->json, "left_behind_bytes", (int64_t)m->left);
        json_object_end(&m->json);
    }
    return r;
}

static int judge(const struct cmd_context *ctx, const struct moving *m)
{
    char text[SIZE_TEXT_MAX];

    if (m->left)
        cmd_warn(ctx,
                 "/%s: up to %s (%llu bytes) stay charged to the groups where they were touched; "
                 "only what is touched from now on counts here",
                 m->path, size_format(m->left, text), (unsigned long long)m->left);
    if (m->failed && m->worked)
        return CMD_PARTIAL;
    return m->failed ? m->status : CMD_OK;
}

static int find_way(struct moving *m, const struct args *args, struct err *e)
{
    int r = cgwork_way(m->work, m->path, args->manager, args->force, &m->slice, e);

    if (r != CGWORK_BY_UNIT)
        return r;
    if (!m->slice.slice)
        return err_refuse(e, -EPERM,
                          "/%s: is the group of a unit that systemd starts processes in itself; "
                          "wanted is a slice, or a group below a unit with Delegate=yes",
                          m->path);
    m->by_unit = true;
    return cgunitplan_connect(&m->unit, m->slice.whose, e);
}

static void moving_clear(struct moving *m)
{
    cgunitplan_clear(&m->unit);
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(cgwork_end) struct cgwork w = CGWORK_INIT;
    _cleanup_(free_ptr) char *path = NULL;
    _cleanup_(free_ptr) pid_t *pids = calloc((size_t)ctx->n_operands, sizeof(*pids));
    _cleanup_(close_fd) int dir = -1;
    _cleanup_(moving_clear) struct moving m = {.work = &w, .unit = CGUNITPLAN_INIT};
    int r;

    if (!pids)
        return cmd_fail(ctx, err_oom(&e), &e);
    r = parse_pids(ctx, pids);
    if (r != CMD_OK)
        return r;
    r = cgwork_change(ctx, &w, &e);
    if (r == 0)
        r = cgwork_path(&w, ctx->operands[0], &path, &e);
    m.path = path;
    if (r == 0)
        r = dir = cgtree_group(&w.tree, path, &e);
    if (r >= 0)
        r = find_way(&m, args, &e);
    if (r >= 0) {
        m.group = dir;
        m.charged = cglack_of(&w.tree, "memory") == CGLACK_NONE;
        r = move_all(&m, args, pids, (size_t)ctx->n_operands - 1, &e);
    }
    return r < 0 ? cmd_fail(ctx, r, &e) : judge(ctx, &m);
}

const struct cmd cgctl_attach = {
    .name = "attach",
    .summary = "move processes into a group",
    .operands = "GROUP PID...",
    .about = "Moves running processes, with all their threads, into a group. Memory that they "
             "have already stays charged to the group where they were.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_GROUP,
    .min_operands = 2,
    .max_operands = -1,
    .run = run,
};
