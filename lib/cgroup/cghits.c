/* SPDX-License-Identifier: MIT */
#include "cghits.h"

#include "cgscan.h"
#include "cgvalue.h"
#include <sys/inotify.h>

static void clear_list(struct cghits_group **list, size_t *n)
{
    for (size_t i = 0; i < *n; i++)
        free((*list)[i].path);
    free(*list);
    *list = NULL;
    *n = 0;
}

void cghits_clear(struct cghits *h)
{
    clear_list(&h->groups, &h->n);
    clear_list(&h->tops, &h->n_tops);
    close_fd(&h->inotify);
    *h = CGHITS_INIT;
}

int cghits_parse(const char *text, struct cghits_count *out)
{
    static const char *const keys[CGHITS_EVENTS] = {"max", "high", "oom", "oom_kill"};
    struct cghits_count c = {{0}};

    for (int i = 0; i < CGHITS_EVENTS; i++) {
        int r = cgvalue_flat(text, keys[i], &c.n[i]);

        if (r < 0 && (r != -ENODATA || i != CGHITS_OOM_KILL))
            return r;
    }
    *out = c;
    return 0;
}

/* ---- the list, which the walk meets in the same order as the time before */

struct look {
    struct cghits *h;
    const struct cgtree *tree;
    size_t at, at_tops; /* where the next one is expected */
};

static struct cghits_group *find(struct cghits_group *list, size_t n, size_t *at, const char *path)
{
    for (size_t i = 0; i < n; i++) {
        struct cghits_group *g = &list[(*at + i) % n];

        if (streq(g->path, path)) {
            *at = (*at + i + 1) % n;
            return g;
        }
    }
    return NULL;
}

static struct cghits_group *add(struct cghits_group **list, size_t *n, const char *path)
{
    struct cghits_group *grown = *list;

    /* room for 16, 32, 64...: it is used up when the number is such a one */
    if (*n == 0 || (*n >= 16 && (*n & (*n - 1)) == 0))
        grown = reallocarray(grown, *n ? 2 * *n : 16, sizeof(*grown));
    if (!grown)
        return NULL;
    *list = grown;
    grown[*n] = (struct cghits_group){.path = strdup(path)};
    return grown[*n].path ? &grown[(*n)++] : NULL;
}

/* One that stands lower than before is another group of that name. What a group counted before we
 * began is none of ours; one that came later is new with all it has. */
static void update(struct cghits_group *g, const struct cghits_count *now, bool known)
{
    bool same = known;

    for (int i = 0; i < CGHITS_EVENTS; i++)
        same = same && now->n[i] >= g->last.n[i];
    for (int i = 0; i < CGHITS_EVENTS; i++)
        g->grown.n[i] += now->n[i] - (same ? g->last.n[i] : 0);
    g->last = *now;
    g->seen = true;
}

static int take(struct look *l, bool top, const char *path, const struct cghits_count *now)
{
    struct cghits *h = l->h;
    struct cghits_group **list = top ? &h->tops : &h->groups;
    size_t *n = top ? &h->n_tops : &h->n;
    struct cghits_group *g = find(*list, *n, top ? &l->at_tops : &l->at, path);
    bool known = g != NULL;

    if (!g)
        g = add(list, n, path);
    if (!g)
        return -ENOMEM;
    if (!known && !h->begun)
        g->last = *now;
    update(g, now, known || !h->begun);
    return 0;
}

/* Return: 0; 1 if the group has no such file; or a negated errno. */
static int read_count(const struct cgscan_group *g, const char *file, struct cghits_count *out)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = cgscan_text(g, file, &text);

    if (r == 0)
        r = cghits_parse(text, out);
    return r == -ENOENT || r == -ENODEV ? 1 : r;
}

static int visit(void *arg, const struct cgscan_group *g, struct err *e)
{
    struct look *l = arg;
    struct cghits_count local, all;
    int r_all = 1, r = read_count(g, "memory.events.local", &local);
    bool top = g->depth == (l->tree->at_root ? 1 : 0);

    if (top || r == 1)
        r_all = read_count(g, "memory.events", &all);
    if (r == 1 && r_all == 0) {
        local = all;
        r = 0;
    }
    if (r == 0)
        r = take(l, false, g->path, &local);
    if (r == 0 && top && r_all == 0)
        r = take(l, true, g->path, &all);
    r = r < 0 ? r : r_all;
    if (r == -ENOMEM)
        return err_oom(e);
    return r < 0 ? err_set(e, r, "/%s: memory.events makes no sense", g->path) : 0;
}

/* Forget those that are gone, when their numbers were told. */
static void drop_gone(struct cghits_group *list, size_t *n)
{
    size_t kept = 0;

    for (size_t i = 0; i < *n; i++) {
        if (list[i].seen)
            list[kept++] = list[i];
        else
            free(list[i].path);
    }
    *n = kept;
}

static void unsee(struct cghits_group *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        list[i].seen = false;
}

static bool some_unseen(const struct cghits_group *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!list[i].seen)
            return true;
    return false;
}

static void begin(struct cghits *h, const struct cgtree *tree)
{
    char path[32];

    h->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", tree->fd);
    if (h->inotify >= 0 && inotify_add_watch(h->inotify, path, IN_DELETE | IN_ONLYDIR) < 0)
        close_fd(&h->inotify);
}

/* Were groups removed right below the top? */
static bool some_removed(const struct cghits *h)
{
    char events[4096];
    bool any = false;

    while (h->inotify >= 0 && read(h->inotify, events, sizeof(events)) > 0)
        any = true;
    return any;
}

int cghits_look(struct cghits *h, const struct cgtree *tree, struct err *e)
{
    struct look l = {.h = h, .tree = tree};
    int r;

    if (!h->begun)
        begin(h, tree);
    unsee(h->groups, h->n);
    unsee(h->tops, h->n_tops);
    r = cgscan_walk(tree, "", visit, &l, e);
    if (r < 0)
        return r;
    h->begun = true;
    if (some_removed(h) || some_unseen(h->tops, h->n_tops))
        h->lost = true;
    return 0;
}

void cghits_restart(struct cghits *h)
{
    drop_gone(h->groups, &h->n);
    drop_gone(h->tops, &h->n_tops);
    for (size_t i = 0; i < h->n; i++)
        h->groups[i].grown = (struct cghits_count){{0}};
    for (size_t i = 0; i < h->n_tops; i++)
        h->tops[i].grown = (struct cghits_count){{0}};
    h->lost = false;
}

static uint64_t hits_of(const struct cghits_group *g)
{
    return g->grown.n[CGHITS_MAX] + g->grown.n[CGHITS_HIGH];
}

static uint64_t sum_of(const struct cghits_group *list, size_t n)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += hits_of(&list[i]);
    return sum;
}

/* With the mount option memory_localevents those above do not have those below. */
uint64_t cghits_sum(const struct cghits *h)
{
    uint64_t local = sum_of(h->groups, h->n), all = sum_of(h->tops, h->n_tops);

    return all > local ? all : local;
}

const struct cghits_group *cghits_most(const struct cghits *h)
{
    const struct cghits_group *most = NULL;

    for (size_t i = 0; i < h->n; i++)
        if (hits_of(&h->groups[i]) > (most ? hits_of(most) : 0))
            most = &h->groups[i];
    return most;
}
