/* SPDX-License-Identifier: MIT */
#include "swapwatch.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

enum { INTERVAL_MS = 200 };

struct swapwatch_run {
    struct swapwatch watch;
    const char *path; /* borrowed */
    char *name;       /* owned: in /proc/swaps */
    uint64_t total;
    struct root root;
    int stop; /* eventfd(2) */
    pthread_t thread;
};

static void run_free(struct swapwatch_run *run)
{
    close_fd(&run->stop);
    root_close(&run->root);
    free(run->name);
    free(run);
}

static const struct swaps_area *named(const struct swaps *swaps, const char *name)
{
    for (size_t i = 0; i < swaps->n; i++)
        if (streq(swaps->areas[i].path, name))
            return &swaps->areas[i];
    return NULL;
}

static void look(const struct swapwatch_run *run)
{
    _cleanup_(swaps_clear) struct swaps swaps = SWAPS_INIT;
    const struct swaps_area *area;

    if (swaps_read(&run->root, &swaps, NULL) < 0)
        return;
    area = named(&swaps, run->name);
    if (area && area->used > 0 && area->used <= run->total)
        run->watch.progress(run->watch.arg, run->path, run->total - area->used, run->total);
}

static void *look_again(void *arg)
{
    const struct swapwatch_run *run = arg;
    struct pollfd stop = {.fd = run->stop, .events = POLLIN};

    while (poll(&stop, 1, INTERVAL_MS) == 0)
        look(run);
    return NULL;
}

/* A thread begins with the signal mask of the one that made it. */
static int start(struct swapwatch_run *run)
{
    sigset_t all, old;
    int r;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    r = pthread_create(&run->thread, NULL, look_again, run);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return r;
}

struct swapwatch_run *swapwatch_begin(const struct swapwatch *watch, const struct swaps_area *area,
                                      const char *path)
{
    struct swapwatch_run *run = calloc(1, sizeof(*run));

    if (!run)
        return NULL;
    *run = (struct swapwatch_run){
        .watch = *watch,
        .path = path,
        .name = strdup(area->path),
        .total = area->used,
        .root = ROOT_INIT,
        .stop = eventfd(0, EFD_CLOEXEC),
    };
    watch->progress(watch->arg, path, 0, area->used);
    if (!run->name || run->stop < 0 || root_open(&run->root, NULL, NULL) < 0 || start(run) != 0) {
        run_free(run);
        return NULL;
    }
    return run;
}

void swapwatch_end(struct swapwatch_run *run, bool done)
{
    if (!run)
        return;
    (void)eventfd_write(run->stop, 1);
    pthread_join(run->thread, NULL);
    if (done)
        run->watch.progress(run->watch.arg, run->path, run->total, run->total);
    run_free(run);
}
