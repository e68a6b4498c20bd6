/* SPDX-License-Identifier: MIT */
#include "watch.h"
#include "message.h"

/* POLL: how often the newest number is looked at. ANYWAY: how often all processes are, because some
 * things change without a new one. */
enum { POLL_MS = 50, ANYWAY_MS = 1000, HOT_LOOKS = 3 };

void watch_clear(struct watch *w)
{
    procevents_clear(&w->events);
    procscan_text_clear(&w->text);
}

void watch_begin(struct watch *w, const struct search *s)
{
    w->told = finder_sees_own_namespace(&s->finder) && procevents_open(&w->events) == 0;
    w->pause_ms = !w->told || match_is_volatile(&s->match) ? ANYWAY_MS : -1;
    if (s->ctx->common.verbose)
        message_say(s->ctx->tool->name, MESSAGE_INFO, "",
                    w->told ? "the kernel tells what starts and ends (proc connector)"
                            : "the kernel does not tell what starts and ends; looking again and "
                              "again");
}

/* "0.52 0.58 0.59 1/389 1234": was a process made since the last time? */
static bool is_new_process(struct watch *w, const struct search *s)
{
    const char *number;

    if (procscan_read_text(s->finder.scan.fd, "loadavg", &w->text) < 0)
        return true;
    number = strrchr(w->text.p, ' ');
    number = number ? number + 1 : w->text.p;
    if (strncmp(number, w->last, sizeof(w->last) - 1) == 0)
        return false;
    snprintf(w->last, sizeof(w->last), "%s", number);
    return true;
}

static void poll_next(struct watch *w, struct search *s, enum watch_what *what)
{
    for (*what = WATCH_LOOK;; w->waited_ms += POLL_MS) {
        if (search_is_late(s)) {
            *what = WATCH_LATE;
            return;
        }
        search_sleep(s, POLL_MS);
        if (is_new_process(w, s))
            w->hot = HOT_LOOKS;
        if (w->hot > 0 || w->waited_ms >= w->pause_ms)
            break;
    }
    w->hot -= w->hot > 0;
    w->waited_ms = 0;
}

int watch_next(struct watch *w, struct search *s, enum watch_what *what, pid_t *pid, struct err *e)
{
    enum procevents_what event;
    int r;

    *pid = 0;
    if (!w->told) {
        poll_next(w, s, what);
        return 0;
    }
    for (;;) {
        int pause = w->pause_ms < 0 ? -1 : w->pause_ms - w->waited_ms;
        uint64_t before = search_now_ms();

        r = procevents_next(&w->events, search_wait_ms(s, pause), &event, pid, e);
        if (r < 0)
            return r;
        w->waited_ms += (int)(search_now_ms() - before);
        if (search_is_late(s))
            *what = WATCH_LATE;
        else if (w->pause_ms >= 0 && w->waited_ms >= w->pause_ms)
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
