/* SPDX-License-Identifier: MIT */
#include "sampler_family.h"

#include <pthread.h>
#include <signal.h>
#include <sys/statvfs.h>
#include <time.h>

/* A file system whose server is away answers after minutes or never, and nothing can be done about
 * it from outside. So each path has a thread that may wait, and a sample waits this long for all of
 * them together. */
enum { PATIENCE = 1 /* second */, STACK = 128 << 10 };

struct disk {
    struct sampler_slot *slot;
    struct root root; /* its own: it may outlive the sampler */
    char *path;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t change;
    bool busy;      /* asked, and no answer yet */
    bool late;      /* the answer is that of an earlier sample: nobody waits for it again */
    bool stop;      /* the thread is to end */
    bool abandoned; /* nobody waits for it any more: it releases all this itself */
    int r;
    struct statvfs answer;
};

struct disks {
    struct disk **items;
    size_t n;
};

static void disk_free(struct disk *d)
{
    root_close(&d->root);
    free(d->path);
    pthread_cond_destroy(&d->change);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

static int ask(const struct disk *d, struct statvfs *out)
{
    /* not kept open: nobody could unmount it */
    _cleanup_(close_fd) int fd = root_open_named(&d->root, d->path, O_PATH);

    if (fd < 0)
        return fd;
    return fstatvfs(fd, out) < 0 ? -errno : 0;
}

static void *disk_run(void *arg)
{
    struct disk *d = arg;
    bool abandoned;

    pthread_mutex_lock(&d->lock);
    while (!d->abandoned) {
        struct statvfs answer;
        int r;

        while (!d->busy && !d->stop)
            pthread_cond_wait(&d->change, &d->lock);
        if (d->stop)
            break;
        pthread_mutex_unlock(&d->lock);
        r = ask(d, &answer);
        pthread_mutex_lock(&d->lock);
        d->r = r;
        d->answer = answer;
        d->busy = false;
        pthread_cond_broadcast(&d->change);
    }
    abandoned = d->abandoned;
    pthread_mutex_unlock(&d->lock);
    if (abandoned)
        disk_free(d);
    return NULL;
}

static void disk_close(struct disk *d)
{
    bool busy;

    pthread_mutex_lock(&d->lock);
    busy = d->abandoned = d->busy;
    d->stop = !busy;
    pthread_cond_broadcast(&d->change);
    if (busy)
        pthread_detach(d->thread);
    pthread_mutex_unlock(&d->lock);
    if (busy)
        return;
    pthread_join(d->thread, NULL);
    disk_free(d);
}

static void disks_close(void *own)
{
    struct disks *all = own;

    for (size_t i = 0; i < all->n; i++)
        disk_close(all->items[i]);
    free(all->items);
    free(all);
}

/* The program's signals are the main thread's. */
static int start_thread(struct disk *d)
{
    pthread_attr_t attr;
    sigset_t all, old;
    int r;

    sigfillset(&all);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    r = pthread_create(&d->thread, &attr, disk_run, d);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    return -r;
}

static int copy_root(const struct root *root, struct root *out)
{
    out->live = root->live;
    out->path = strdup(root->path);
    out->fd = fcntl(root->fd, F_DUPFD_CLOEXEC, 0);
    return out->fd < 0 ? -errno : out->path ? 0 : -ENOMEM;
}

static int disk_new(struct sampler_slot *s, const struct root *root, struct disk **out)
{
    struct disk *d = calloc(1, sizeof(*d));
    pthread_condattr_t attr;
    int r;

    if (!d)
        return -ENOMEM;
    d->slot = s;
    pthread_mutex_init(&d->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&d->change, &attr);
    pthread_condattr_destroy(&attr);
    d->path = strdup(s->metric->param);
    r = copy_root(root, &d->root);
    if (r == 0)
        r = d->path ? start_thread(d) : -ENOMEM;
    if (r < 0)
        disk_free(d);
    else
        *out = d;
    return r;
}

static int disks_open(const struct sampler_call *call, void **out, struct err *e)
{
    struct disks *all = calloc(1, sizeof(*all));
    size_t n = 0;
    int r = 0;

    for (const struct sampler_slot *s = call->first; s; s = s->next)
        n++;
    if (all)
        all->items = calloc(n, sizeof(struct disk *));
    if (!all || !all->items) {
        free(all);
        return err_oom(e);
    }
    for (struct sampler_slot *s = call->first; s && r == 0; s = s->next) {
        r = disk_new(s, call->root, &all->items[all->n]);
        all->n += r == 0;
    }
    if (r < 0) {
        disks_close(all);
        return err_sys(e, r, "disk: cannot start a thread that looks at it");
    }
    *out = all;
    return 0;
}

/* As df(1) counts: what only root could still take is neither used nor free. */
static void say(const struct disk *d)
{
    uint64_t used = d->answer.f_blocks - d->answer.f_bfree;

    if (d->r < 0)
        sampler_slot_unread(d->slot, d->r, "there is no such file or folder");
    else if (d->answer.f_bfree > d->answer.f_blocks)
        sampler_slot_say(d->slot, SAMPLER_BROKEN, 0, "has more free blocks than blocks");
    else
        sampler_slot_percent(d->slot, used, used + d->answer.f_bavail,
                             "its file system holds no data of its own");
}

static void collect(struct disk *d, const struct timespec *deadline)
{
    int r = 0;

    pthread_mutex_lock(&d->lock);
    while (d->busy && !d->late && r == 0)
        r = pthread_cond_timedwait(&d->change, &d->lock, deadline);
    if (d->busy)
        sampler_slot_say(d->slot, SAMPLER_BROKEN, 0,
                         "does not answer; if it is a network file system, is its server there?");
    else
        say(d);
    pthread_mutex_unlock(&d->lock);
}

static void disks_take(void *own, const struct sampler_call *call _unused_)
{
    struct disks *all = own;
    struct timespec deadline;

    clock_gettime(CLOCK_MONOTONIC, &deadline);
    for (size_t i = 0; i < all->n; i++) {
        struct disk *d = all->items[i];

        pthread_mutex_lock(&d->lock);
        d->late = d->busy;
        d->busy = true;
        pthread_cond_broadcast(&d->change);
        pthread_mutex_unlock(&d->lock);
    }
    deadline.tv_sec += PATIENCE;
    for (size_t i = 0; i < all->n; i++)
        collect(all->items[i], &deadline);
}

const struct sampler_family sampler_disk_family = {disks_open, disks_take, disks_close};
