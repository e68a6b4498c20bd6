/* SPDX-License-Identifier: MIT */
#include "deed_tool.h"

#include "cgtree.h"
#include "deed_exec.h"
#include "deed_swap.h"
#include "sibling.h"
#include "size.h"
#include "swapheader.h"

#include <inttypes.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* CHECK_MS: what looks at the words while rules are read. SWAP_MS: a file may have to be filled. */
enum { TIMEOUT_MS = 30000, CHECK_MS = 10000, DROP_MS = 100000, SWAP_MS = 300000 };
enum { USAGE = 2, PARTIAL = 4, UNSUPPORTED = 5, WORDS_MAX = 32 };

/* ---- where the programs are */

int deed_tool_find(const char *name, char path[static PATH_MAX], struct err *e)
{
    char built[64];

    snprintf(built, sizeof(built), "../%s/%s", name, name);
    if ((sibling_path(name, path) == 0 && access(path, X_OK) == 0) ||
        (sibling_path(built, path) == 0 && access(path, X_OK) == 0))
        return 0;
    return err_unsupported(e, -ENOENT, "%s: is not there beside this program; install it too",
                           name);
}

static int prepare(struct deed_plan *plan, const char *tool, struct err *e)
{
    char path[PATH_MAX];
    int r = deed_tool_find(tool, path, e);

    if (r < 0)
        return r;
    plan->tool = strdup(path);
    return plan->tool ? deed_exec_prepare(plan, e) : err_oom(e);
}

/* ---- their words, in the child */

struct words {
    const char *v[WORDS_MAX + 1];
    size_t n;
};

static void add(struct words *w, const char *word)
{
    if (w->n < WORDS_MAX)
        w->v[w->n++] = word;
}

static void add_root(struct words *w, const struct deed_policy *policy)
{
    if (policy->root->live)
        return;
    add(w, "--root");
    add(w, policy->root->path);
}

static void add_dry_run(struct words *w, const struct deed_policy *policy)
{
    if (policy->dry_run)
        add(w, "--dry-run");
}

static int become_drop_caches(const void *arg)
{
    const struct deed_plan *plan = arg;
    struct words w = {.n = 0};

    add(&w, plan->tool);
    add(&w, "drop-caches");
    add_root(&w, plan->policy);
    add_dry_run(&w, plan->policy);
    return deed_child_exec(w.v);
}

static int become_reclaim(const void *arg)
{
    const struct deed_plan *plan = arg;
    struct words w = {.n = 0};
    char bytes[32];

    snprintf(bytes, sizeof(bytes), "%" PRIu64, plan->action->bytes);
    add(&w, plan->tool);
    add(&w, "reclaim");
    add_root(&w, plan->policy);
    add(&w, "--");
    add(&w, plan->action->words[0]);
    add(&w, bytes);
    return deed_child_exec(w.v);
}

static int run_limit(const struct deed_plan *plan, bool dry_run)
{
    struct words w = {.n = 0};

    add(&w, plan->tool);
    add(&w, "limit");
    add_root(&w, plan->policy);
    add(&w, "--once");
    if (dry_run)
        add(&w, "--dry-run");
    add(&w, "--follow");
    for (size_t i = 0; i < plan->action->n_words; i++)
        add(&w, plan->action->words[i]);
    return deed_child_exec(w.v);
}

static int become_limit(const void *arg)
{
    const struct deed_plan *plan = arg;

    return run_limit(plan, plan->policy->dry_run);
}

static int become_limit_check(const void *arg)
{
    /* who waits for it may be killed, because something that it names hangs */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    return run_limit(arg, true);
}

static int become_swap_add(const void *arg)
{
    const struct deed_plan *plan = arg;
    const struct deed_swap_bounds bounds = {plan->policy->swap_bound, plan->policy->disk_reserve};
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct deed_swap file = DEED_SWAP_INIT;
    struct words w = {.n = 0};
    char size[32], text[SIZE_TEXT_MAX];

    if (deed_swap_choose(plan->policy->root, plan->action->words[1], plan->action->bytes, &bounds,
                         &file, &e) < 0) {
        dprintf(2, "%s\n", e.text ? e.text : "no memory");
        return 3;
    }
    dprintf(1, "%s, %s%s\n", file.path, size_format(file.size, text),
            file.there ? ", which was there" : "");
    snprintf(size, sizeof(size), "%" PRIu64, file.size);
    add(&w, plan->tool);
    add(&w, "ensure");
    add_root(&w, plan->policy);
    add_dry_run(&w, plan->policy);
    add(&w, "--size");
    add(&w, size);
    add(&w, "--");
    add(&w, file.path);
    return deed_child_exec(w.v);
}

/* ---- while it runs */

static void launch(struct deed *d, deed_child_become *fn, uint64_t timeout)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct deed_plan *p = d->plan;
    int r = deed_child_start(&d->child, fn, p, p->policy->rank, p->output, deed_timeout(p, timeout),
                             &e);

    d->child.left = p->policy->left;
    d->state = r < 0 ? DEED_FAILED : DEED_UNDER_WAY;
    if (r < 0)
        deed_say(d, "%s: %s", p->kind->name, e.text);
}

/* A line of what it printed: the first, the second; or from the end, -1. */
static struct kv_span line_of(const char *text, int which)
{
    struct kv_span line = {text, 0};

    for (int i = 0; *text; i++) {
        size_t n = strcspn(text, "\n");

        if (n > 0)
            line = (struct kv_span){text, n};
        text += n + (text[n] == '\n');
        if (i == which)
            break;
    }
    return line;
}

static void strike(struct deed *d, struct kv_span line)
{
    char *begin = d->plan->output + (line.p - d->plan->output);
    const char *rest = line.p + line.n;

    rest += *rest == '\n';
    memmove(begin, rest, strlen(rest) + 1);
}

/* What is said is not told once more as what was printed. */
static void say_line(struct deed *d, int which)
{
    struct kv_span line = line_of(d->plan->output, which);

    if (line.n == 0)
        return;
    deed_say(d, ": %.*s", (int)line.n, line.p);
    strike(d, line);
}

/* Return: its exit status, or -1 while it runs, or if it was ended by a signal, which was said. */
static int follow(struct deed *d, uint64_t now)
{
    if (!deed_child_go_on(&d->child, now))
        return -1;
    deed_say(d, "%s", d->plan->kind->name);
    d->state = DEED_FAILED;
    if (!d->child.signal && WIFEXITED(d->child.status))
        return WEXITSTATUS(d->child.status);
    deed_say(d, " ");
    deed_exec_say_end(d, now);
    return -1;
}

static void go_on_saying(struct deed *d, uint64_t now, int which)
{
    int status = follow(d, now);

    if (status < 0)
        return;
    d->state = status == 0 ? DEED_DONE : DEED_FAILED;
    say_line(d, status == 0 ? which : -1);
    if (status > 0)
        deed_say(d, " (exit status %d)", status);
}

/* ---- drop-caches */

static int prepare_drop_caches(struct deed_plan *plan, struct err *e)
{
    return prepare(plan, "memwatch", e);
}

static void start_drop_caches(struct deed *d, const struct deed_cause *cause _unused_,
                              uint64_t now _unused_)
{
    launch(d, become_drop_caches, DROP_MS);
}

/* The word "changed", then what was freed. */
static void go_on_drop_caches(struct deed *d, uint64_t now)
{
    struct kv_span line;

    go_on_saying(d, now, 1);
    line = line_of(d->plan->output, 0);
    if (d->state == DEED_DONE && kv_span_eq(line, "changed"))
        strike(d, line);
}

/* ---- reclaim */

static int prepare_reclaim(struct deed_plan *plan, struct err *e)
{
    _cleanup_(free_ptr) char *path = NULL;
    int r = cgtree_path(plan->action->words[0], &path, e);

    return r < 0 ? r : prepare(plan, "cgctl", e);
}

static void start_reclaim(struct deed *d, const struct deed_cause *cause _unused_,
                          uint64_t now _unused_)
{
    const struct rule_action *a = d->plan->action;
    char size[SIZE_TEXT_MAX];

    if (!d->plan->policy->dry_run) {
        launch(d, become_reclaim, TIMEOUT_MS);
        return;
    }
    deed_say(d, "would reclaim %s from %s", size_format(a->bytes, size), a->words[0]);
    d->state = DEED_DONE;
}

/* The line that is a number of bytes; on others there are messages. */
static uint64_t bytes_of(const char *text)
{
    uint64_t bytes = 0;

    for (struct kv_span line; *text;
         text = line.p[line.n] ? line.p + line.n + 1 : line.p + line.n) {
        line = (struct kv_span){text, strcspn(text, "\n")};
        if (kv_u64(line, &bytes, NULL) == 0)
            return bytes;
    }
    return 0;
}

/* Part of it is a help as well. */
static void go_on_reclaim(struct deed *d, uint64_t now)
{
    int status = follow(d, now);
    uint64_t bytes = bytes_of(d->plan->output);
    char got[SIZE_TEXT_MAX], asked[SIZE_TEXT_MAX];

    if (status == 0 || status == PARTIAL) {
        deed_say(d, ": %s of %s came back from %s", size_format(bytes, got),
                 size_format(d->plan->action->bytes, asked), d->plan->action->words[0]);
        d->state = bytes > 0 ? DEED_DONE : DEED_FAILED;
    } else if (status > 0) {
        say_line(d, -1);
    }
}

/* ---- limit */

/* cgctl knows its limits, and says what is wrong with them. */
static int check_limit(struct deed_plan *plan, struct err *e)
{
    struct deed_child c = DEED_CHILD_INIT;
    struct kv_span line;
    int r = deed_child_start(&c, become_limit_check, plan, plan->policy->rank, plan->output,
                             CHECK_MS, e);

    if (r < 0)
        return r;
    deed_child_wait(&c);
    /* the message stands before the hint at --help */
    line = line_of(plan->output, 0);
    if (str_after(line.p, "cgctl: "))
        line = (struct kv_span){line.p + 7, line.n - 7};
    if (WIFEXITED(c.status) && WEXITSTATUS(c.status) == USAGE)
        return err_usage(e, -EINVAL, "limit: %.*s", (int)line.n, line.p);
    if (WIFEXITED(c.status) && WEXITSTATUS(c.status) == UNSUPPORTED)
        return err_unsupported(e, -EOPNOTSUPP, "limit: %.*s", (int)line.n, line.p);
    return 0;
}

static int prepare_limit(struct deed_plan *plan, struct err *e)
{
    int r;

    if (plan->action->n_words < 2)
        return err_usage(e, -EINVAL,
                         "limit: wanted are CRITERIA, quoted, and LIMITS such as "
                         "--memory-max SIZE");
    if (plan->action->n_words > WORDS_MAX / 2)
        return err_usage(e, -E2BIG, "limit: too many words");
    r = prepare(plan, "cgctl", e);
    if (r == 0 && !plan->policy->wary)
        r = check_limit(plan, e);
    return r < 0 ? r
                 : deed_target_read_numbers(&plan->target, "limit", plan->action->words[0],
                                            plan->policy, e);
}

static void start_limit(struct deed *d, const struct deed_cause *cause _unused_,
                        uint64_t now _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    if (deed_target_check_numbers(&d->plan->target, &e) < 0) {
        d->state = DEED_FAILED;
        deed_say(d, "limited nobody: %s", e.text);
        return;
    }
    launch(d, become_limit, TIMEOUT_MS);
}

static void go_on_limit(struct deed *d, uint64_t now)
{
    go_on_saying(d, now, 0);
}

/* ---- swap-add */

static int check_folder(const struct root *root, const char *dir, struct err *e)
{
    struct stat st;
    int r = root_stat(root, dir, 0, &st);

    if (r < 0)
        return err_usage(e, r, "swap-add: %s: %s", dir, strerror(-r));
    if (!S_ISDIR(st.st_mode))
        return err_usage(e, -ENOTDIR,
                         "swap-add: %s: is no folder; the file in it gets its name by "
                         "itself",
                         dir);
    return 0;
}

static int prepare_swap_add(struct deed_plan *plan, struct err *e)
{
    const char *dir = plan->action->words[1];
    char size[SIZE_TEXT_MAX], bound[SIZE_TEXT_MAX];
    uint64_t pages;
    int r;

    if (*dir != '/')
        return err_usage(e, -EINVAL, "swap-add: %s: must begin with /", dir);
    r = plan->policy->wary ? 0 : check_folder(plan->policy->root, dir, e);
    if (r < 0)
        return r;
    if (swapheader_round(plan->action->bytes, (uint32_t)sysconf(_SC_PAGESIZE), &pages) < 0)
        return err_usage(e, -ERANGE,
                         "swap-add: %s: a swap area has 10 pages (40 KiB) at least; write it like "
                         "2G or 512M",
                         plan->action->words[0]);
    if (plan->action->bytes > plan->policy->swap_bound)
        return err_usage(e, -ERANGE, "swap-add: %s is beyond the bound of %s",
                         size_format(plan->action->bytes, size),
                         size_format(plan->policy->swap_bound, bound));
    return prepare(plan, "swapctl", e);
}

static void start_swap_add(struct deed *d, const struct deed_cause *cause _unused_,
                           uint64_t now _unused_)
{
    launch(d, become_swap_add, SWAP_MS);
}

static void go_on_swap_add(struct deed *d, uint64_t now)
{
    go_on_saying(d, now, 0);
}

#define TOOL(word, name_)                                                                          \
    {                                                                                              \
        .name = name_, .prepare = prepare_##word, .start = start_##word, .poll = deed_exec_poll,   \
        .go_on = go_on_##word, .stop = deed_exec_stop                                              \
    }

const struct deed_kind deed_tool_drop_caches = TOOL(drop_caches, "drop-caches"),
                       deed_tool_reclaim = TOOL(reclaim, "reclaim"),
                       deed_tool_limit = TOOL(limit, "limit"),
                       deed_tool_swap_add = TOOL(swap_add, "swap-add");
