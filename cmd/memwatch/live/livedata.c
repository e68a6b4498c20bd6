/* SPDX-License-Identifier: MIT */
#include "livedata.h"
#include "sampler.h"

#include <math.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>

static const char *const names[LIVEDATA_METRICS] = {
    [LIVEDATA_PSI_SOME] = "psi.memory.some.avg10",
    [LIVEDATA_PSI_FULL] = "psi.memory.full.avg10",
    [LIVEDATA_KSWAPD] = "reclaim.kswapd",
    [LIVEDATA_DIRECT] = "reclaim.direct",
    [LIVEDATA_LIMIT] = "reclaim.limit",
    [LIVEDATA_PROACTIVE] = "reclaim.proactive",
    [LIVEDATA_SWAP_IN] = "swap.in",
    [LIVEDATA_SWAP_OUT] = "swap.out",
    [LIVEDATA_RAM_USED] = "ram.used",
};

struct livedata {
    const struct root *root;
    uint64_t interval_ms;
    pthread_t thread;
    int fd;
    struct metric metrics[LIVEDATA_METRICS];
    struct sampler *sampler;

    pthread_mutex_t lock;
    pthread_cond_t news;
    /* under the lock */
    struct livedata_choice choice;
    bool chosen, ends;
    struct livedata_shot *ready;

    /* the thread's own */
    struct livedata_choice now;
    struct livedata_point points[LIVEDATA_HISTORY];
    size_t n;
    struct users users;
    struct procusage before, last; /* of the two latest looks at regular times */
    struct livedata_choice what;   /* what those two are of */
};

void livedata_shot_free(struct livedata_shot **shot)
{
    struct livedata_shot *s = TAKE_PTR(*shot);

    if (!s)
        return;
    consumers_clear(&s->list);
    err_clear(&s->problem);
    free(s);
}

/* ---- the thread */

static void take_sample(struct livedata *d)
{
    struct livedata_point *p;

    if (d->n == LIVEDATA_HISTORY)
        memmove(d->points, d->points + 1, --d->n * sizeof(*d->points));
    p = &d->points[d->n++];
    sampler_take(d->sampler);
    for (size_t i = 0; i < LIVEDATA_METRICS; i++)
        if (sampler_value(d->sampler, i, &p->value[i]) != SAMPLER_NUMBER)
            p->value[i] = NAN;
}

static bool is_of_same(const struct livedata_choice *a, const struct livedata_choice *b)
{
    return a->by == b->by && streq(a->filter, b->filter) &&
           consumers_kind(a->sort) == consumers_kind(b->sort);
}

/* Growth is told since the regular look before the last one, also when the user wants to see
 * something else in between. */
static void list(struct livedata *d, bool regular, struct livedata_shot *s)
{
    const struct consumers_query q = {
        .root = d->root,
        .filter = d->now.filter[0] ? d->now.filter : NULL,
        .by = d->now.by,
        .sort = d->now.sort,
        .most = d->now.most,
        .kinds = PROCUSAGE_BIT(PROCUSAGE_SWAP),
        .names = true,
    };
    bool same = is_of_same(&d->now, &d->what);

    if (!same) {
        procusage_clear(&d->before);
        procusage_clear(&d->last);
    } else if (regular) {
        procusage_clear(&d->before);
        d->before = d->last;
        d->last = PROCUSAGE_INIT;
    }
    d->what = d->now;
    if (consumers_read(&q, d->before.n ? &d->before : NULL, &d->users, &s->list, &s->problem) < 0)
        return;
    if (d->last.n == 0) {
        d->last = s->list.all;
        s->list.all = PROCUSAGE_INIT;
    }
}

static void publish(struct livedata *d, struct livedata_shot *s)
{
    struct livedata_shot *old;
    uint64_t one = 1;

    pthread_mutex_lock(&d->lock);
    old = d->ready;
    d->ready = s;
    pthread_mutex_unlock(&d->lock);
    livedata_shot_free(&old);
    /* it can only be full, and is readable then */
    (void)!write(d->fd, &one, sizeof(one));
}

static void look(struct livedata *d, bool regular)
{
    struct livedata_shot *s = calloc(1, sizeof(*s));

    if (!s)
        return; /* the next time, perhaps */
    s->list = CONSUMERS_INIT;
    s->problem = ERR_INIT;
    if (regular)
        take_sample(d);
    s->choice = d->now;
    s->when = time(NULL);
    s->has_memory = meminfo_read(d->root, &s->memory, NULL) == 0;
    memcpy(s->points, d->points, d->n * sizeof(*d->points));
    s->n = d->n;
    list(d, regular, s);
    publish(d, s);
}

static void add_ms(struct timespec *t, uint64_t ms)
{
    t->tv_sec += (time_t)(ms / 1000);
    t->tv_nsec += (long)(ms % 1000) * 1000000;
    if (t->tv_nsec >= 1000000000) {
        t->tv_nsec -= 1000000000;
        t->tv_sec++;
    }
}

/* Until it is time, or there is another choice. Return: is it time? */
static bool wait_for_news(struct livedata *d, const struct timespec *until)
{
    int r = 0;

    while (r == 0 && !d->chosen && !d->ends)
        r = d->now.frozen ? pthread_cond_wait(&d->news, &d->lock)
                          : pthread_cond_timedwait(&d->news, &d->lock, until);
    if (d->chosen)
        d->now = d->choice;
    d->chosen = false;
    return r == ETIMEDOUT;
}

static void *work(void *arg)
{
    struct livedata *d = arg;
    struct timespec next;
    bool regular = true, ends = false;

    clock_gettime(CLOCK_MONOTONIC, &next);
    for (;;) {
        if (!d->now.frozen)
            look(d, regular);
        if (regular) {
            clock_gettime(CLOCK_MONOTONIC, &next);
            add_ms(&next, d->interval_ms);
        }
        pthread_mutex_lock(&d->lock);
        regular = wait_for_news(d, &next);
        ends = d->ends;
        pthread_mutex_unlock(&d->lock);
        if (ends)
            return NULL;
    }
}

/* ---- the other side */

static void destroy(struct livedata *d)
{
    sampler_free(&d->sampler);
    for (size_t i = 0; i < LIVEDATA_METRICS; i++)
        metric_clear(&d->metrics[i]);
    users_clear(&d->users);
    procusage_clear(&d->before);
    procusage_clear(&d->last);
    livedata_shot_free(&d->ready);
    pthread_cond_destroy(&d->news);
    pthread_mutex_destroy(&d->lock);
    close_fd(&d->fd);
    free(d);
}

static int prepare(struct livedata *d, struct err *e)
{
    int r = 0;

    for (size_t i = 0; i < LIVEDATA_METRICS && r == 0; i++)
        r = metric_parse(names[i], &d->metrics[i], e);
    if (r == 0)
        r = sampler_new(d->root, d->metrics, LIVEDATA_METRICS, &d->sampler, e);
    if (r < 0)
        return r;
    d->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return d->fd < 0 ? err_sys(e, -errno, "eventfd") : 0;
}

int livedata_begin(const struct root *root, uint64_t interval_ms,
                   const struct livedata_choice *choice, struct livedata **out, struct err *e)
{
    struct livedata *d = calloc(1, sizeof(*d));
    pthread_condattr_t clock;
    int r;

    if (!d)
        return err_oom(e);
    d->fd = -1;
    d->root = root;
    d->interval_ms = interval_ms;
    d->choice = d->now = d->what = *choice;
    d->users = USERS_INIT;
    pthread_mutex_init(&d->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&d->news, &clock);
    pthread_condattr_destroy(&clock);
    r = prepare(d, e);
    if (r == 0) {
        r = -pthread_create(&d->thread, NULL, work, d);
        if (r < 0)
            err_sys(e, r, "cannot start a thread");
    }
    if (r < 0) {
        destroy(d);
        return r;
    }
    *out = d;
    return 0;
}

int livedata_fd(const struct livedata *d)
{
    return d->fd;
}

void livedata_choose(struct livedata *d, const struct livedata_choice *choice)
{
    pthread_mutex_lock(&d->lock);
    d->choice = *choice;
    d->chosen = true;
    pthread_cond_signal(&d->news);
    pthread_mutex_unlock(&d->lock);
}

struct livedata_shot *livedata_take(struct livedata *d)
{
    struct livedata_shot *s;
    uint64_t count;

    (void)!read(d->fd, &count, sizeof(count));
    pthread_mutex_lock(&d->lock);
    s = TAKE_PTR(d->ready);
    pthread_mutex_unlock(&d->lock);
    return s;
}

void livedata_end(struct livedata **data)
{
    struct livedata *d = TAKE_PTR(*data);
    struct timespec until;

    if (!d)
        return;
    pthread_mutex_lock(&d->lock);
    d->ends = true;
    pthread_cond_signal(&d->news);
    pthread_mutex_unlock(&d->lock);
    clock_gettime(CLOCK_REALTIME, &until);
    add_ms(&until, 500);
    if (pthread_timedjoin_np(d->thread, NULL, &until) == 0)
        destroy(d);
}
