/* SPDX-License-Identifier: MIT */
#include "deed_kill.h"

#include "monotonic.h"
#include "size.h"

#include <inttypes.h>
#include <signal.h>

/* TERM_MS: how long SIGTERM may take. END_MS: how long one that was sent SIGKILL. TRIES: those that
 * end while they are chosen. */
enum { TERM_MS = 5000, END_MS = 10000, TRIES = 4, WAITS = 2 };

/* ---- what is said */

static void say_victim(struct deed *d)
{
    char resident[SIZE_TEXT_MAX], swapped[SIZE_TEXT_MAX];

    deed_say(d, "%d %s (%s resident, %s swapped", (int)d->victim.pid, d->victim.name,
             size_format(d->victim.resident, resident), size_format(d->victim.swapped, swapped));
    if (d->plan->policy->by_oom_score)
        deed_say(d, ", oom_score %" PRIu64, d->victim.score);
    deed_say(d, ")");
}

/* One that would have been taken before the other. */
static void say_spared(struct deed *d, const struct victim_choice *c)
{
    if (!c->spared.pid ||
        (c->best.pid && !victim_before(&c->spared, &c->best, d->plan->policy->by_oom_score)))
        return;
    deed_say(d, "; left alone: %d %s %s", (int)c->spared.pid, c->spared.name,
             victim_bar_text(c->why));
}

static void end(struct deed *d, uint64_t now, const char *how)
{
    char spared[DEED_KIND_TEXT];

    memcpy(spared, d->text, sizeof(spared));
    *d->text = '\0';
    deed_say(d, "killed ");
    say_victim(d);
    deed_say(d, " %s after %" PRIu64 " ms%s", how, now - d->began, spared);
    d->state = DEED_DONE;
}

/* ---- the steps */

static void send_kill(struct deed *d, uint64_t now)
{
    deed_hold_signal(&d->hold, SIGKILL);
    d->stage = DEED_KIND_KILLED;
    d->until = monotonic_after(now, END_MS);
    /* frees here and now what the process itself may be too starved to free */
    deed_hold_release_memory(&d->hold);
}

/* Return: 0; -ESRCH it has ended meanwhile; or a negated errno with a message. */
static int hit(struct deed *d, uint64_t now, struct err *e)
{
    uint64_t patience = deed_timeout(d->plan, TERM_MS);
    int r =
        deed_hold_open(&d->hold, d->plan->target.finder.scan.fd, d->victim.pid, d->victim.start, e);

    if (r < 0)
        return r;
    r = deed_hold_signal(&d->hold, patience ? SIGTERM : SIGKILL);
    if (r < 0) {
        deed_hold_clear(&d->hold);
        return r == -ESRCH ? r : err_sys(e, r, "process %d: cannot be killed", (int)d->victim.pid);
    }
    d->began = now;
    d->stage = DEED_KIND_ASKED;
    d->until = monotonic_after(now, patience);
    /* who may take longer to end than that gives nothing back that others could wait for */
    deed_dying_mark(d->plan->policy->dying, &d->hold,
                    monotonic_after(now, (patience < END_MS ? patience : END_MS) + END_MS));
    if (patience == 0)
        send_kill(d, now);
    else
        /* who has no handler for SIGTERM is dying like one that got SIGKILL; of others nothing is
         * taken */
        deed_hold_release_memory(&d->hold);
    return 0;
}

/* The kernel, or somebody else, was first: that one's memory is on its way. */
static bool somebody_ends(struct deed *d, const struct victim_choice *c, uint64_t now)
{
    _cleanup_(deed_hold_clear) struct deed_hold hold = DEED_HOLD_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    bool best = c->best.pid && victim_before(&c->best, &c->ending, false);

    if (!c->ending.pid || best || d->waited ||
        deed_hold_open(&hold, d->plan->target.finder.scan.fd, c->ending.pid, c->ending.start, &e) <
            0)
        return false;
    deed_dying_mark(d->plan->policy->dying, &hold, monotonic_after(now, END_MS));
    d->waited = true;
    return true;
}

/* Return: 2 if one is ending already, 1, 0 if there is none, or a negated errno with a message. */
static int choose_and_hit(struct deed *d, uint64_t now, struct victim_choice *c, struct err *e)
{
    int r = -ESRCH;

    for (int i = 0; i < TRIES && r == -ESRCH; i++) {
        r = deed_target_choose(&d->plan->target, c, e);
        if (r >= 0 && !d->plan->policy->dry_run && somebody_ends(d, c, now))
            return WAITS;
        if (r <= 0)
            return r;
        d->victim = c->best;
        r = d->plan->policy->dry_run ? 0 : hit(d, now, e);
    }
    return r < 0 ? r : 1;
}

static void strike(struct deed *d, uint64_t now)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    char why[DEED_TARGET_WHY];
    struct victim_choice c;
    int r = choose_and_hit(d, now, &c, &e);
    const char *lack = deed_target_lack(&d->plan->target, why);

    d->state = DEED_FAILED;
    if (r == WAITS) {
        d->stage = DEED_KIND_WAITS;
        d->state = DEED_UNDER_WAY;
        return;
    }
    if (r < 0) {
        deed_say(d, "%s", e.text ? e.text : "those who match end before they can be killed");
    } else if (r == 0) {
        deed_say(d, "killed nobody: %s", lack ? lack : "no process that may be killed matches");
    } else if (d->plan->policy->dry_run) {
        deed_say(d, "would kill ");
        say_victim(d);
        d->state = DEED_DONE;
    } else {
        d->state = DEED_UNDER_WAY;
    }
    if (r >= 0)
        say_spared(d, &c);
}

/* ---- as a deed */

/* Looks once, so that the room for it is there; of who is wary somebody else has done so, and what
 * it takes here is left to the rehearsal. */
static int prepare(struct deed_plan *plan, struct err *e)
{
    struct victim_choice c;
    int r = deed_target_read(&plan->target, plan->kind->name, plan->action->text, plan->policy, e);

    if (r == 0 && plan->target.pick != FINDER_ALL)
        return err_usage(e, -EINVAL,
                         "kill: --newest and --oldest are not for it: it takes the one "
                         "whose end gives back most");
    if (r == 0 && !plan->policy->wary)
        r = deed_target_choose(&plan->target, &c, e);
    return r < 0 ? r : 0;
}

/* The signal 0 to ourselves. */
static void rehearse_hit(const struct deed_plan *plan)
{
    _cleanup_(deed_hold_clear) struct deed_hold hold = DEED_HOLD_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct deed_dying dying = DEED_DYING_INIT;
    int proc = plan->target.finder.scan.fd;

    if (deed_hold_open(&hold, proc, getpid(), plan->target.finder.caller.start, &e) < 0)
        return;
    deed_hold_signal(&hold, 0);
    deed_dying_mark(&dying, &hold, 0);
    deed_dying_clear(&dying);
}

static void rehearse(struct deed_plan *plan)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct victim_choice c;

    deed_target_choose(&plan->target, &c, &e);
    rehearse_hit(plan);
}

static void start(struct deed *d, const struct deed_cause *cause _unused_, uint64_t now)
{
    d->state = DEED_UNDER_WAY;
    d->stage = DEED_KIND_WAITS;
    if (!deed_dying_blocks(d->plan->policy->dying, now))
        strike(d, now);
}

static size_t wait_for(const struct deed *d, struct pollfd fds[static DEED_FDS], uint64_t *until)
{
    const struct deed_dying *dying = d->plan->policy->dying;
    bool waits = d->stage == DEED_KIND_WAITS;

    *until = waits ? dying->until : d->until;
    return deed_hold_poll(waits ? &dying->hold : &d->hold, fds, until);
}

static void go_on(struct deed *d, uint64_t now)
{
    struct deed_dying *dying = d->plan->policy->dying;

    if (d->stage == DEED_KIND_WAITS) {
        if (deed_dying_blocks(dying, now))
            return;
        if (!d->holds || d->holds(d->arg)) {
            strike(d, now);
            return;
        }
        deed_say(d, "killed nobody: after the end of another none is known to be needed");
        d->state = DEED_DONE;
    } else if (deed_hold_has_ended(&d->hold)) {
        deed_dying_blocks(dying, now);
        end(d, now, d->stage == DEED_KIND_ASKED ? "by SIGTERM" : "by SIGKILL");
    } else if (now >= d->until && d->stage == DEED_KIND_ASKED) {
        send_kill(d, now);
    } else if (now >= d->until) {
        *d->text = '\0';
        say_victim(d);
        deed_say(d, " was sent SIGKILL and does not end; it hangs in the kernel");
        d->state = DEED_FAILED;
    }
}

static void stop(struct deed *d)
{
    deed_hold_clear(&d->hold);
}

const struct deed_kind deed_kill_kind = {.name = "kill",
                                         .prepare = prepare,
                                         .rehearse = rehearse,
                                         .start = start,
                                         .poll = wait_for,
                                         .go_on = go_on,
                                         .stop = stop};
