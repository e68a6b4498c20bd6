/* SPDX-License-Identifier: MIT */
#include "answer.h"
#include "columns.h"
#include "pidfd.h"
#include "signame.h"

#include <inttypes.h>
#include <sys/wait.h>

/* ---- one process */

/* "[name]" for those without a command line, as ps(1) does. */
static int full_line(struct process *p, char **out)
{
    struct kv_span text;
    char *name, *line;
    int r = process_line(p, &text);

    if (r == 0 && text.n > 0)
        return columns_clean(text, out);
    r = process_name(p, &text);
    if (r == 0)
        r = columns_clean(text, &name);
    if (r < 0)
        return r;
    r = asprintf(&line, "[%s]", name) < 0 ? -ENOMEM : 0;
    free(name);
    if (r == 0)
        *out = line;
    return r;
}

static int print_text(struct search *s, const struct finder_item *item, const char *before)
{
    struct process *p = &s->finder.process;
    _cleanup_(free_ptr) char *text = NULL;
    struct kv_span name;
    int r;

    if (!search_look_again(s, item))
        return -ESRCH;
    if (s->args->list_full || s->args->tree) {
        r = full_line(p, &text);
    } else {
        r = process_name(p, &name);
        if (r == 0)
            r = columns_clean(name, &text);
    }
    if (r == 0)
        printf("%s%d %s", before, (int)item->pid, text);
    return r;
}

static int print_handle(struct search *s, const struct finder_item *item, const char *before,
                        struct err *e)
{
    _cleanup_(close_fd) int fd = -1;
    uint64_t inode;
    int r = pidfd_open_same(s->finder.scan.fd, item->pid, item->start, &fd, e);

    if (r == 0)
        r = pidfd_inode(fd, &inode, e);
    if (r == 0)
        printf("%s%d:%" PRIu64, before, (int)item->pid, inode);
    return r;
}

/* Return: 0, -ESRCH: it has ended and nothing was printed; or another negated errno with a
 * message. */
static int print_one(struct search *s, const struct finder_item *item, const char *before,
                     struct err *e)
{
    int r;

    if (s->args->handle)
        return print_handle(s, item, before, e);
    if (!s->args->list_name && !s->args->list_full) {
        printf("%s%d", before, (int)item->pid);
        return 0;
    }
    r = print_text(s, item, before);
    if (r == -ENOMEM)
        return err_oom(e);
    return r < 0 ? -ESRCH : 0;
}

static int print_list(struct search *s, struct err *e)
{
    const char *between = s->args->delimiter ? s->args->delimiter : "\n";
    size_t printed = 0;

    for (size_t i = 0; i < s->result.n; i++) {
        int r = print_one(s, &s->result.found[i], printed && !s->args->null ? between : "", e);

        if (r < 0 && r != -ESRCH)
            return r;
        if (r < 0)
            continue;
        printed++;
        if (s->args->null)
            putchar('\0');
    }
    if (printed > 0 && !s->args->null)
        putchar('\n');
    return 0;
}

/* ---- the tree */

enum { NOBODY = -1 };

struct tree {
    struct search *s;
    struct proctree all;
    ssize_t *first, *next; /* children of each match, and those beside it */
    ssize_t top;
};

static ssize_t index_of(const struct finder_result *r, pid_t pid)
{
    size_t low = 0, high = r->n;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (r->found[middle].pid == pid)
            return (ssize_t)middle;
        if (r->found[middle].pid < pid)
            low = middle + 1;
        else
            high = middle;
    }
    return NOBODY;
}

/* The nearest ancestor that matches too. */
static ssize_t place_of(const struct tree *t, const struct finder_item *item)
{
    pid_t pid = item->ppid;

    for (size_t i = 0; i <= t->all.n && pid > 0; i++, pid = proctree_parent(&t->all, pid)) {
        ssize_t found = index_of(&t->s->result, pid);

        if (found != NOBODY)
            return found;
    }
    return NOBODY;
}

static int print_branch(struct tree *t, ssize_t at, const char *before, struct err *e)
{
    for (; at != NOBODY; at = t->next[at]) {
        bool last = t->next[at] == NOBODY;
        _cleanup_(free_ptr) char *deeper = NULL;
        int r;

        if (before)
            printf("%s%s", before, last ? "`- " : "|- ");
        r = print_text(t->s, &t->s->result.found[at], "");
        if (r == -ENOMEM)
            return err_oom(e);
        if (r < 0)
            printf("%d", (int)t->s->result.found[at].pid); /* it has ended; its children have not */
        putchar('\n');
        if (t->first[at] == NOBODY)
            continue;
        if (asprintf(&deeper, "%s%s", before ? before : "",
                     !before ? ""
                     : last  ? "   "
                             : "|  ") < 0) {
            deeper = NULL;
            return err_oom(e);
        }
        r = print_branch(t, t->first[at], deeper, e);
        if (r < 0)
            return r;
    }
    return 0;
}

static int print_tree(struct search *s, struct err *e)
{
    size_t n = s->result.n;
    _cleanup_(proctree_clear) struct proctree all = PROCTREE_INIT;
    _cleanup_(free_ptr) ssize_t *first = calloc(n + 1, sizeof(*first));
    _cleanup_(free_ptr) ssize_t *next = calloc(n + 1, sizeof(*next));
    struct tree t = {.s = s, .first = first, .next = next, .top = NOBODY};
    int r;

    if (!first || !next)
        return err_oom(e);
    r = proctree_read(&all, &s->finder.scan, e);
    if (r < 0)
        return r;
    t.all = all;
    for (size_t i = 0; i < n; i++)
        first[i] = next[i] = NOBODY;
    for (size_t i = n; i-- > 0;) {
        ssize_t parent = place_of(&t, &s->result.found[i]);
        ssize_t *head = parent == NOBODY || parent == (ssize_t)i ? &t.top : &first[parent];

        next[i] = *head;
        *head = (ssize_t)i;
    }
    return print_branch(&t, t.top, NULL, e);
}

int answer_print(struct search *s, struct err *e)
{
    int r = 0;

    if (columns_wanted(&s->ctx->common.table))
        return columns_print(s, e);
    if (s->args->sort)
        r = columns_sort(s, e);
    if (r < 0)
        return r;
    if (s->args->count) {
        printf("%zu\n", s->result.n);
        return 0;
    }
    return s->args->tree ? print_tree(s, e) : print_list(s, e);
}

/* ---- events */

void answer_event(const struct search *s, const char *what, pid_t pid)
{
    struct json j = JSON_INIT(stdout);

    if (s->ctx->common.table.json) {
        json_object(&j, NULL);
        json_string(&j, "event", what);
        json_number(&j, "pid", pid);
        json_object_end(&j);
    } else {
        printf("%c%d\n", streq(what, "start") ? '+' : '-', (int)pid);
    }
    fflush(stdout);
}

static void json_exit(pid_t pid, const int *status)
{
    struct json j = JSON_INIT(stdout);
    char name[SIGNAME_MAX];

    json_object(&j, NULL);
    json_number(&j, "pid", pid);
    if (status && WIFEXITED(*status))
        json_number(&j, "status", WEXITSTATUS(*status));
    else
        json_null(&j, "status");
    if (status && WIFSIGNALED(*status))
        json_string(&j, "signal", signame_format(WTERMSIG(*status), name));
    else
        json_null(&j, "signal");
    json_object_end(&j);
}

void answer_exit(const struct search *s, pid_t pid, const int *status)
{
    char name[SIGNAME_MAX];

    if (s->ctx->common.table.json)
        json_exit(pid, status);
    else if (status && WIFEXITED(*status))
        printf("%d %d\n", (int)pid, WEXITSTATUS(*status));
    else if (status && WIFSIGNALED(*status))
        printf("%d %s\n", (int)pid, signame_format(WTERMSIG(*status), name));
    else
        printf("%d unknown\n", (int)pid);
    fflush(stdout);
}
