/* SPDX-License-Identifier: MIT */
#include "follow.h"

#include "criteria.h"
#include "message.h"
#include "watch.h"

/* Where the kernel does not tell what starts, /proc/loadavg is asked so often whether anything did.
 */
enum { POLL_MS = 1000 };

/* The processes of one group. */
struct place {
    char *path;
    pid_t *pids;
    size_t n;
};

/* What was said in this look and the one before, so that it is not said in every one. */
struct said {
    char **texts;
    size_t n;
};

struct follow {
    struct cmd_context *ctx;
    const char *criteria;
    follow_apply *apply;
    const void *arg;
    bool once;
    bool partial; /* what was done for one group failed for another */
    struct container_names names;
    struct match match;
    struct finder finder;
    bool nothing; /* no process can match at present */
    struct finder_result found;
    struct said now, before;
};

static void said_clear(struct said *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->texts[i]);
    free(s->texts);
    *s = (struct said){.n = 0};
}

static bool was_said(const struct said *s, const char *text)
{
    for (size_t i = 0; i < s->n; i++)
        if (streq(s->texts[i], text))
            return true;
    return false;
}

static void note(struct said *s, const char *text)
{
    char **texts = reallocarray(s->texts, s->n + 1, sizeof(*texts));

    if (!texts)
        return;
    s->texts = texts;
    s->texts[s->n] = strdup(text);
    s->n += s->texts[s->n] != NULL;
}

static void say(struct follow *f, int r, const struct err *e)
{
    const char *text = e->text ? e->text : strerror(-r);

    if (was_said(&f->now, text))
        return;
    note(&f->now, text);
    if (!was_said(&f->before, text))
        cmd_fail(f->ctx, r, e);
}

static void follow_clear(struct follow *f)
{
    said_clear(&f->now);
    said_clear(&f->before);
    finder_result_clear(&f->found);
    finder_clear(&f->finder);
    match_clear(&f->match);
    container_names_clear(&f->names);
}

static int read_criteria(struct follow *f, struct err *e)
{
    match_clear(&f->match);
    f->match = MATCH_INIT;
    if (!f->once)
        f->match.names = &f->names;
    return criteria_read("follow", f->criteria, &f->ctx->root, &f->match, &f->finder, &f->nothing,
                         e);
}

/* ---- where they are */

static void places_clear(struct place **places, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free((*places)[i].path);
        free((*places)[i].pids);
    }
    free(TAKE_PTR(*places));
}

/* Takes the path over. */
static int add_place(struct place *places, size_t *n, char *path, pid_t pid, size_t most)
{
    size_t i;

    for (i = 0; i < *n; i++)
        if (streq(places[i].path, path))
            break;
    if (i == *n) {
        places[i] = (struct place){.path = path, .pids = calloc(most, sizeof(pid_t))};
        ++*n;
    } else {
        free(path);
    }
    if (!places[i].pids)
        return -ENOMEM;
    places[i].pids[places[i].n++] = pid;
    return 0;
}

/* Where one of them is. Return: 1, 0 if that cannot be told, which is said, or -ENOMEM. */
static int find_place(struct follow *f, const struct cgwork *w, pid_t pid, char **path)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    int r = cgtree_of_process(&w->tree, pid, path, &why);

    if (r == 0)
        return 1;
    if (r != -ESRCH)
        say(f, r, &why);
    return r == -ENOMEM ? r : 0;
}

static int find_places(struct follow *f, const struct cgwork *w, struct place **out, size_t *n,
                       struct err *e)
{
    struct place *places = calloc(f->found.n + 1, sizeof(*places));
    int r = places ? 0 : -ENOMEM;

    *n = 0;
    for (size_t i = 0; i < f->found.n && r >= 0; i++) {
        char *path = NULL;

        r = find_place(f, w, f->found.found[i].pid, &path);
        if (r == 1)
            r = add_place(places, n, path, f->found.found[i].pid, f->found.n);
    }
    *out = places;
    return r < 0 ? err_oom(e) : 0;
}

/* ---- one look at all of them */

static int apply_all(struct follow *f, struct cgwork *w, struct err *e)
{
    struct place *places = NULL;
    size_t n = 0;
    int found = find_places(f, w, &places, &n, e), r = found;
    size_t done = 0;

    for (size_t i = 0; i < n && found == 0 && !cmd_interrupted(NULL); i++) {
        _cleanup_(err_clear) struct err why = ERR_INIT;
        int failed = f->apply(w, places[i].path, places[i].pids, places[i].n, f->arg, &why);

        done += failed == 0;
        if (failed < 0 && f->once && r == 0) {
            r = failed;
            *e = why;
            why = ERR_INIT;
        } else if (failed < 0) {
            say(f, failed, &why);
        }
    }
    if (found == 0 && r < 0 && done > 0) {
        say(f, r, e);
        err_clear(e);
        f->partial = true;
        r = 0;
    }
    places_clear(&places, n);
    return r;
}

static int look(struct follow *f, struct err *e)
{
    _cleanup_(cgwork_end) struct cgwork w = CGWORK_INIT;
    int r = read_criteria(f, e);

    finder_result_clear(&f->found);
    f->found = FINDER_RESULT_INIT;
    if (r == 0 && !f->nothing)
        r = finder_run(&f->finder, &f->found, e);
    if (r == 0 && f->found.n > 0) {
        r = cgwork_change(f->ctx, &w, e);
        if (r == 0)
            r = apply_all(f, &w, e);
    }
    fflush(stdout);
    cgwork_end(&w);
    w = CGWORK_INIT;
    cmd_signals_restore();
    return r;
}

/* What fails from the second look on may be better the next time. */
static void look_again(struct follow *f)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    int r;

    said_clear(&f->before);
    f->before = f->now;
    f->now = (struct said){.n = 0};
    r = look(f, &why);
    if (r < 0)
        say(f, r, &why);
}

/* Is the process one of those that are meant? When in doubt, all are looked at. */
static bool matches(struct follow *f, pid_t pid)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;

    if (read_criteria(f, &why) < 0)
        return true;
    return !f->nothing && finder_test(&f->finder, pid, &why) != 0;
}

static int watch_all(struct follow *f, struct watch *w, struct err *e)
{
    enum watch_what what;
    pid_t pid;
    int r = 0;

    /* when nobody takes what is printed, cmd_main() says so */
    while (r == 0 && !ferror(stdout)) {
        r = watch_next(w, &what, &pid, e);
        if (r == 0 && (what == WATCH_LOOK || (what == WATCH_CHANGED && matches(f, pid))))
            look_again(f);
    }
    return r;
}

static int check(struct follow *f, struct err *e)
{
    _cleanup_(cgwork_end) struct cgwork w = CGWORK_INIT;
    int r = read_criteria(f, e);

    if (r == 0)
        r = cgwork_live(f->ctx, e);
    if (r == 0)
        r = cgwork_look(f->ctx, &w, e);
    return r < 0 ? r : finder_open(&f->finder, &f->ctx->root, &f->match, e);
}

int follow_run(struct cmd_context *ctx, const char *criteria, bool once, uint64_t interval_ms,
               follow_apply *apply, const void *arg, struct err *e)
{
    const int interval = interval_ms > INT32_MAX ? INT32_MAX : (int)interval_ms;
    const struct watch_pace pace = {POLL_MS, interval, interval, WATCH_NEVER};
    _cleanup_(watch_clear) struct watch w = WATCH_INIT;
    _cleanup_(follow_clear) struct follow f = {
        .ctx = ctx,
        .criteria = criteria,
        .apply = apply,
        .arg = arg,
        .once = once || ctx->common.dry_run,
        .names = CONTAINER_NAMES_INIT,
        .match = MATCH_INIT,
        .finder = FINDER_INIT,
        .found = FINDER_RESULT_INIT,
    };
    int r = check(&f, e);

    if (r == 0 && !f.once) {
        watch_begin(&w, &f.finder, &pace);
        if (ctx->common.verbose)
            message_say(ctx->tool->name, MESSAGE_INFO, "", watch_how(&w));
    }
    if (r == 0)
        r = look(&f, e);
    if (r < 0)
        return r;
    if (f.found.unreadable || f.found.hidden)
        cmd_warn(ctx, "/proc: does not show all of the processes of others; run it as root");
    if (!f.once)
        return watch_all(&f, &w, e);
    return f.partial ? FOLLOW_PARTIAL : f.found.n > 0 ? FOLLOW_DONE : FOLLOW_NOBODY;
}
