/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include "monotonic.h"

#include <poll.h>

enum { HOT_LOOKS = 3 };

int watch_wait_ms(uint64_t deadline, int most)
{
    uint64_t now = monotonic_ms(), left = deadline > now ? deadline - now : 0;

    if (deadline == WATCH_NEVER || (most >= 0 && left > (uint64_t)most))
        return most;
    return left > INT32_MAX ? INT32_MAX : (int)left;
}

bool watch_is_late(uint64_t deadline)
{
    return deadline != WATCH_NEVER && monotonic_ms() >= deadline;
}

void watch_sleep(uint64_t deadline, int ms)
{
    poll(NULL, 0, watch_wait_ms(deadline, ms));
}

void watch_clear(struct watch *w)
{
    procevents_clear(&w->events);
    procscan_text_clear(&w->text);
}

void watch_begin(struct watch *w, const struct finder *finder, const struct watch_pace *pace)
{
    w->finder = finder;
    w->pace = *pace;
    w->told = finder_sees_own_namespace(finder) && procevents_open(&w->events) == 0;
}

const char *watch_how(const struct watch *w)
{
    return w->told ? "the kernel tells what starts and ends (proc connector)"
                   : "the kernel does not tell what starts and ends; looking again and again";
}

/* "0.52 0.58 0.59 1/389 1234": was a process made since the last time? */
static bool is_new_process(struct watch *w)
{
    const char *number;

    if (procscan_read_text(w->finder->scan.fd, "loadavg", &w->text) < 0)
        return true;
    number = strrchr(w->text.p, ' ');
    number = number ? number + 1 : w->text.p;
    if (strncmp(number, w->last, sizeof(w->last) - 1) == 0)
        return false;
    snprintf(w->last, sizeof(w->last), "%s", number);
    return true;
}

static void poll_next(struct watch *w, enum watch_what *what)
{
    for (*what = WATCH_LOOK;; w->waited_ms += w->pace.poll_ms) {
        if (watch_is_late(w->pace.deadline)) {
            *what = WATCH_LATE;
            return;
        }
        watch_sleep(w->pace.deadline, w->pace.poll_ms);
        if (is_new_process(w))
            w->hot = HOT_LOOKS;
        if (w->hot > 0 || w->waited_ms >= w->pace.look_untold_ms)
            break;
    }
    w->hot -= w->hot > 0;
    w->waited_ms = 0;
}

int watch_next(struct watch *w, enum watch_what *what, pid_t *pid, struct err *e)
{
    enum procevents_what event;
    int r;

    *pid = 0;
    if (!w->told) {
        poll_next(w, what);
        return 0;
    }
    for (;;) {
        int pause = w->pace.look_ms < 0 ? -1 : w->pace.look_ms - w->waited_ms;
        uint64_t before = monotonic_ms();

        r = procevents_next(&w->events, watch_wait_ms(w->pace.deadline, pause), &event, pid, e);
        if (r < 0)
            return r;
        w->waited_ms += (int)(monotonic_ms() - before);
        if (watch_is_late(w->pace.deadline))
            *what = WATCH_LATE;
        else if (w->pace.look_ms >= 0 && w->waited_ms >= w->pace.look_ms)
            *what = WATCH_LOOK;
        else if (r == 0)
            continue;
        else
            *what = event == PROCEVENTS_LOST      ? WATCH_LOOK
                    : event == PROCEVENTS_CHANGED ? WATCH_CHANGED
                                                  : WATCH_EXITED;
        if (*what == WATCH_LOOK)
            w->waited_ms = 0;
        return 0;
    }
}
