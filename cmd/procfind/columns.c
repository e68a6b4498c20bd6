/* SPDX-License-Identifier: MIT */
#include "columns.h"
#include "pidfd.h"
#include "users.h"

#include <inttypes.h>
#include <sys/sysmacros.h>
#include <time.h>

enum column {
    C_PID,
    C_PPID,
    C_USER,
    C_UID,
    C_GROUP,
    C_STATE,
    C_ELAPSED,
    C_RSS,
    C_SWAP,
    C_PSS,
    C_TTY,
    C_SESSION,
    C_PGROUP,
    C_THREADS,
    C_KTHREAD,
    C_CGROUP,
    C_CONTAINER,
    C_RUNTIME,
    C_EXE,
    C_DELETED,
    C_SCRIPT,
    C_HANDLE,
    C_NAME,
    C_CMDLINE,
    C_N
};

const struct table_column columns_all[] = {
    [C_PID] = {"PID", TABLE_NUMBER, true, "its number"},
    [C_PPID] = {"PPID", TABLE_NUMBER, false, "its parent's number"},
    [C_USER] = {"USER", TABLE_STRING, true, "whose rights it has (effective user)"},
    [C_UID] = {"UID", TABLE_NUMBER, false, "the number of the real user"},
    [C_GROUP] = {"GROUP", TABLE_STRING, false, "effective group"},
    [C_STATE] = {"STATE", TABLE_STRING, true, "R runs, S and I sleep, D waits for a device..."},
    [C_ELAPSED] = {"ELAPSED", TABLE_SECONDS, true, "how long ago it started"},
    [C_RSS] = {"RSS", TABLE_SIZE, true, "memory in RAM; shared pages count in full"},
    [C_SWAP] = {"SWAP", TABLE_SIZE, false, "memory in swap"},
    [C_PSS] = {"PSS", TABLE_SIZE, false, "memory in RAM; its part of shared pages", .dear = true},
    [C_TTY] = {"TTY", TABLE_STRING, false, "its terminal"},
    [C_SESSION] = {"SESSION", TABLE_NUMBER, false, "its session"},
    [C_PGROUP] = {"PGROUP", TABLE_NUMBER, false, "its process group"},
    [C_THREADS] = {"THREADS", TABLE_NUMBER, false, "how many threads it has"},
    [C_KTHREAD] = {"KTHREAD", TABLE_BOOL, false, "it is a kernel thread"},
    [C_CGROUP] = {"CGROUP", TABLE_STRING, false, "its control group (of memory, in version 1)"},
    [C_CONTAINER] = {"CONTAINER", TABLE_STRING, false, "the id of its container"},
    [C_RUNTIME] = {"RUNTIME", TABLE_STRING, false, "who runs that container"},
    [C_EXE] = {"EXE", TABLE_STRING, false, "where its executable lies, or lay"},
    [C_DELETED] = {"DELETED", TABLE_BOOL, false, "its executable was deleted or replaced"},
    [C_SCRIPT] = {"SCRIPT", TABLE_STRING, false, "the script that the interpreter runs"},
    [C_HANDLE] = {"HANDLE", TABLE_STRING, false, "PID:INODE, which never means another process",
                  .dear = true},
    [C_NAME] = {"NAME", TABLE_STRING, true, "its name"},
    [C_CMDLINE] = {"CMDLINE", TABLE_WORDS, true, "its command line; in JSON a list"},
    TABLE_COLUMN_END,
};

bool columns_wanted(const struct table_options *o)
{
    return o->json || o->raw || o->output || o->output_all;
}

/* What is needed to fill one row after the other. */
struct filler {
    struct search *search;
    struct table *table;
    struct users users;
    uint64_t now_ms;
    bool full_ids; /* for programs: ids of containers as they are */
    struct process *p;
    const struct finder_item *item;
    struct err *e;
};

static int set_span(struct filler *f, enum column column, struct kv_span text)
{
    _cleanup_(free_ptr) char *copy = strndup(text.p, text.n);

    if (!copy)
        return err_oom(f->e);
    return table_set_string(f->table, column, copy, f->e);
}

static int set_string(struct filler *f, enum column column, const char *text)
{
    return table_set_string(f->table, column, text, f->e);
}

/* ---- from stat */

static const char *tty_name(uint32_t tty, char buf[static 32])
{
    unsigned major = major(tty), minor = minor(tty);

    if (tty == 0)
        return NULL;
    if (major >= 136 && major <= 143)
        snprintf(buf, 32, "pts/%u", (major - 136) * 256 + minor);
    else if (major == 4)
        snprintf(buf, 32, minor < 64 ? "tty%u" : "ttyS%u", minor < 64 ? minor : minor - 64);
    else if (major == 5 && minor == 1)
        snprintf(buf, 32, "console");
    else
        snprintf(buf, 32, "%u:%u", major, minor);
    return buf;
}

static int set_from_stat(struct filler *f, enum column column)
{
    const struct proc_stat *s;
    uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK), started;
    char buf[32];

    if (process_stat(f->p, &s) < 0)
        return 0;
    started = s->start * 1000 / ticks;
    switch (column) {
    case C_PPID:
        table_set_number(f->table, column, s->ppid);
        break;
    case C_STATE:
        return set_string(f, column, (char[]){s->state, '\0'});
    case C_ELAPSED:
        table_set_number(f->table, column,
                         f->now_ms > started ? (int64_t)((f->now_ms - started) / 1000) : 0);
        break;
    case C_TTY:
        return set_string(f, column, tty_name(s->tty, buf));
    case C_SESSION:
        table_set_number(f->table, column, s->session);
        break;
    case C_PGROUP:
        table_set_number(f->table, column, s->pgroup);
        break;
    case C_THREADS:
        table_set_number(f->table, column, s->threads);
        break;
    default:
        table_set_number(f->table, column, proc_stat_is_kthread(s));
        break;
    }
    return 0;
}

/* ---- from status */

static int set_from_status(struct filler *f, enum column column)
{
    const struct root *root = &f->search->ctx->root;
    const struct proc_status *s;
    const char *name = NULL;
    int r = 0;

    if (process_status(f->p, &s) < 0)
        return 0;
    switch (column) {
    case C_USER:
        r = users_name_of(&f->users, root, s->euid, &name, f->e);
        break;
    case C_GROUP:
        r = users_group_name_of(&f->users, root, s->egid, &name, f->e);
        break;
    case C_UID:
        table_set_number(f->table, column, s->ruid);
        return 0;
    case C_RSS:
        if (s->has_rss)
            table_set_number(f->table, column, (int64_t)s->rss);
        return 0;
    default:
        if (s->has_swap)
            table_set_number(f->table, column, (int64_t)s->swap);
        return 0;
    }
    return r < 0 ? r : set_string(f, column, name);
}

/* ---- from cgroup */

static int set_from_cgroup(struct filler *f, enum column column)
{
    struct container c;
    struct kv_span path;
    const char *text;

    if (process_cgroup(f->p, &text) < 0)
        return 0;
    if (column == C_CGROUP) {
        path = proc_cgroup_memory(text);
        return path.n > 0 ? set_span(f, column, path) : 0;
    }
    if (!container_parse(text, &c))
        return 0;
    if (column == C_RUNTIME)
        return set_string(f, column, c.runtime);
    if (!f->full_ids)
        c.id[CONTAINER_SHORT] = '\0';
    return set_string(f, column, c.id);
}

/* ---- the rest */

static int set_exe(struct filler *f, enum column column)
{
    struct kv_span link, path;
    bool deleted;

    if (process_exe(f->p, &link) < 0)
        return 0;
    deleted = process_exe_is_deleted(f->p);
    if (column == C_DELETED) {
        table_set_number(f->table, column, deleted);
        return 0;
    }
    path = deleted ? proc_exe_deleted(link) : link;
    return set_span(f, column, path.n > 0 ? path : link);
}

static int set_handle(struct filler *f)
{
    _cleanup_(close_fd) int fd = -1;
    char text[64];
    uint64_t inode;

    if (!finder_sees_own_namespace(&f->search->finder) ||
        pidfd_open_same(f->p->proc, f->item->pid, f->item->start, &fd, NULL) < 0 ||
        pidfd_inode(fd, &inode, NULL) < 0)
        return 0;
    snprintf(text, sizeof(text), "%d:%" PRIu64, (int)f->item->pid, inode);
    return set_string(f, C_HANDLE, text);
}

static int set_cell(struct filler *f, enum column column)
{
    struct kv_span text;
    uint64_t bytes;

    switch (column) {
    case C_PID:
        table_set_number(f->table, column, f->item->pid);
        return 0;
    case C_USER:
    case C_UID:
    case C_GROUP:
    case C_RSS:
    case C_SWAP:
        return set_from_status(f, column);
    case C_PSS:
        if (process_pss(f->p, &bytes) == 0)
            table_set_number(f->table, column, (int64_t)bytes);
        return 0;
    case C_CGROUP:
    case C_CONTAINER:
    case C_RUNTIME:
        return set_from_cgroup(f, column);
    case C_EXE:
    case C_DELETED:
        return set_exe(f, column);
    case C_SCRIPT:
        return process_script(f->p, &text) == 0 ? set_span(f, column, text) : 0;
    case C_HANDLE:
        return set_handle(f);
    case C_NAME:
        return process_name(f->p, &text) == 0 ? set_span(f, column, text) : 0;
    case C_CMDLINE:
        return process_cmdline(f->p, &text) == 0
                   ? table_set_words(f->table, column, text.p, text.n, f->e)
                   : 0;
    default:
        return set_from_stat(f, column);
    }
}

/* A row for each; who has ended meanwhile is no longer among those found. */
static int fill(struct search *s, struct table *t, bool full_ids, struct err *e)
{
    struct filler f = {.search = s,
                       .table = t,
                       .users = USERS_INIT,
                       .now_ms = s->match.now_ms,
                       .full_ids = full_ids,
                       .p = &s->finder.process,
                       .e = e};
    size_t kept = 0;
    int r = 0;

    for (size_t i = 0; i < s->result.n && r == 0; i++) {
        f.item = &s->result.found[i];
        if (!search_look_again(s, f.item))
            continue;
        r = table_row(t, e);
        for (size_t c = 0; c < C_N && r == 0; c++)
            if (table_wants(t, c))
                r = set_cell(&f, (enum column)c);
        s->result.found[kept++] = *f.item;
    }
    s->result.n = kept;
    users_clear(&f.users);
    return r;
}

int columns_print(struct search *s, struct err *e)
{
    struct table_options options = s->ctx->common.table;
    _cleanup_(table_free) struct table *t = NULL;
    int r;

    options.sort = s->args->sort;
    r = table_new("processes", columns_all, &options, &t, e);
    if (r == 0)
        r = fill(s, t, options.json || options.raw, e);
    return r < 0 ? r : table_print(t, e);
}

int columns_sort(struct search *s, struct err *e)
{
    const struct table_options options = {.output = "PID", .sort = s->args->sort};
    _cleanup_(table_free) struct table *t = NULL;
    _cleanup_(free_ptr) struct finder_item *sorted = NULL;
    _cleanup_(free_ptr) size_t *order = NULL;
    int r = table_new("processes", columns_all, &options, &t, e);

    if (r == 0)
        r = fill(s, t, true, e);
    if (r < 0 || s->result.n == 0)
        return r;
    order = calloc(s->result.n, sizeof(*order));
    sorted = calloc(s->result.n, sizeof(*sorted));
    if (!order || !sorted)
        return err_oom(e);
    table_order(t, order);
    for (size_t i = 0; i < s->result.n; i++)
        sorted[i] = s->result.found[order[i]];
    memcpy(s->result.found, sorted, s->result.n * sizeof(*sorted));
    return 0;
}

int columns_clean(struct kv_span text, char **out)
{
    char *clean = malloc(4 * text.n + 1), *to = clean;

    if (!clean)
        return -ENOMEM;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (c < 0x20 || c == 0x7f)
            to += sprintf(to, "\\x%02x", c);
        else
            *to++ = (char)c;
    }
    *to = '\0';
    *out = clean;
    return 0;
}
