/* SPDX-License-Identifier: MIT */
#include "deed_signal.h"

#include "signame.h"

#include <stdarg.h>

static int prepare(struct deed_plan *plan, struct err *e)
{
    return deed_target_read(&plan->target, plan->kind->name, plan->action->text, plan->policy, e);
}

/* Return: 1 signalled, 0 it has ended, or a negated errno with a message. */
static int signal_one(const struct deed_plan *plan, const struct finder_item *item, struct err *e)
{
    _cleanup_(deed_hold_clear) struct deed_hold hold = DEED_HOLD_INIT;
    int r;

    if (plan->policy->dry_run)
        return 1;
    r = deed_hold_open(&hold, plan->target.finder.scan.fd, item->pid, item->start, e);
    if (r < 0)
        return r == -ESRCH ? 0 : r;
    r = deed_hold_signal(&hold, plan->action->signal);
    if (r == -ESRCH)
        return 0;
    return r < 0 ? err_sys(e, r, "process %d: cannot be signalled", (int)item->pid) : 1;
}

/* What came of all of them. */
struct tally {
    size_t hit, spared, failed;
    char names[256], others[192];
    struct err why; /* of the first that failed */
};

static void note(char *list, size_t size, const char *fmt, ...) _printf_(3, 4);

static void note(char *list, size_t size, const char *fmt, ...)
{
    size_t n = strlen(list);
    va_list args;

    if (n + sizeof(", ...") >= size)
        return;
    if (n)
        n += (size_t)snprintf(list + n, size - n, ", ");
    va_start(args, fmt);
    if (vsnprintf(list + n, size - n, fmt, args) >= (int)(size - n))
        strcpy(list + size - sizeof("..."), "...");
    va_end(args);
}

static void hit(struct deed *d, const struct finder_item *item, struct tally *t)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    char name[PROC_NAME_MAX];
    enum victim_bar bar = deed_target_barred(&d->plan->target, item, name);
    int r;

    /* to list all that the kernel has would hide who else was left out */
    if (bar == VICTIM_ENDING || bar == VICTIM_KERNEL)
        return;
    if (bar != VICTIM_FREE) {
        t->spared++;
        note(t->others, sizeof(t->others), "%d %s %s", (int)item->pid, name, victim_bar_text(bar));
        return;
    }
    r = signal_one(d->plan, item, &why);
    if (r > 0) {
        t->hit++;
        note(t->names, sizeof(t->names), "%d %s", (int)item->pid, name);
    } else if (r < 0) {
        if (t->failed++ == 0) {
            t->why = why;
            why = ERR_INIT;
        }
    }
}

static void tell(struct deed *d, const struct tally *t)
{
    char number[SIGNAME_MAX], why[DEED_TARGET_WHY];
    const char *name = signame_format(d->plan->action->signal, number),
               *lack = deed_target_lack(&d->plan->target, why);

    if (t->hit)
        deed_say(d, "%s %s to %s", d->plan->policy->dry_run ? "would send" : "sent", name,
                 t->names);
    else
        deed_say(d, "sent %s to nobody: %s", name,
                 lack ? lack : "no process that may be signalled matches");
    if (t->spared)
        deed_say(d, "; left out: %s", t->others);
    if (t->failed)
        deed_say(d, "; %zu failed: %s", t->failed, t->why.text);
}

static void rehearse(struct deed_plan *plan)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    deed_target_find(&plan->target, &e);
}

static void start(struct deed *d, const struct deed_cause *cause _unused_, uint64_t now _unused_)
{
    struct deed_target *target = &d->plan->target;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct tally t = {.why = ERR_INIT};
    int r = deed_target_find(target, &e);

    d->state = DEED_FAILED;
    if (r < 0) {
        deed_say(d, "%s", e.text);
        return;
    }
    for (size_t i = 0; i < target->found.n; i++)
        hit(d, &target->found.found[i], &t);
    tell(d, &t);
    if (t.hit && !t.failed)
        d->state = DEED_DONE;
    err_clear(&t.why);
}

const struct deed_kind deed_signal_kind = {
    .name = "signal", .prepare = prepare, .rehearse = rehearse, .start = start};
