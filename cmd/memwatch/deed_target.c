/* SPDX-License-Identifier: MIT */
#include "deed_target.h"

#include "deed.h"

void deed_target_clear(struct deed_target *t)
{
    match_clear(&t->wanted.match);
    finder_clear(&t->finder);
    finder_result_clear(&t->found);
    for (size_t i = 0; i < t->n_protects; i++)
        match_clear(&t->protects[i].match);
    free(t->protects);
    *t = DEED_TARGET_INIT;
}

/* ---- what was written */

static int read_set(struct deed_target *t, struct deed_target_set *set, struct err *e)
{
    struct match m = MATCH_INIT;
    bool nothing = false;
    int r = criteria_read(set->name, set->text, t->policy->root, &m, &t->finder, &nothing, e);

    if (r < 0) {
        match_clear(&m);
        return r;
    }
    match_clear(&set->match);
    set->match = m;
    set->nothing = nothing;
    return 0;
}

/* The words come from a rule here and from no option. */
static void without_dashes(struct err *e)
{
    if (e && e->text && str_after(e->text, "--"))
        memmove(e->text, e->text + 2, strlen(e->text + 2) + 1);
}

static int read_wanted(struct deed_target *t, struct err *e)
{
    const char *name = t->wanted.name, *text = t->wanted.text;
    int r;

    if (!text || !text[strspn(text, " \t")])
        return err_usage(
            e, -EINVAL,
            "%s: whom? name a PATTERN, or an option of procfind that chooses; \"%s .\" "
            "means all processes",
            name, name);
    r = read_set(t, &t->wanted, e);
    if (r < 0)
        without_dashes(e);
    t->pick = t->finder.pick;
    return r;
}

static int read_protects(struct deed_target *t, struct err *e)
{
    const char *const *texts = t->policy->protect;
    size_t n = 0;
    int r = 0;

    while (texts && texts[n])
        n++;
    t->protects = calloc(n + 1, sizeof(*t->protects));
    if (!t->protects)
        return err_oom(e);
    for (size_t i = 0; i < n && r == 0; i++) {
        t->protects[i] =
            (struct deed_target_set){.name = "protect", .text = texts[i], .match = MATCH_INIT};
        t->n_protects = i + 1;
        r = read_set(t, &t->protects[i], e);
    }
    return r;
}

static int check_namespace(const struct deed_target *t, struct err *e)
{
    if (t->policy->dry_run || finder_sees_own_namespace(&t->finder))
        return 0;
    return err_unsupported(e, -EOPNOTSUPP,
                           "%s: /proc shows other processes than those that can be signalled from "
                           "here; --dry-run shows whom it would hit",
                           t->wanted.name);
}

int deed_target_read(struct deed_target *t, const char *action, const char *text,
                     const struct deed_policy *policy, struct err *e)
{
    int r;

    t->policy = policy;
    t->wanted.name = action;
    t->wanted.text = text;
    r = read_wanted(t, e);
    if (r == 0)
        r = read_protects(t, e);
    if (r == 0)
        r = finder_open(&t->finder, policy->root, &t->wanted.match, e);
    return r < 0 ? r : check_namespace(t, e);
}

/* ---- who it is */

/* May the criteria stand for others than when they were read? */
static bool may_have_changed(const struct deed_target_set *set)
{
    const struct match *m = &set->match;

    return set->nothing || m->numbers[MATCH_PID].used || m->exe.used || m->script.used ||
           m->containers.n > 0 || m->n_namespaces > 0;
}

/* What cannot be read now stays what it was, but for a number, which may be another's by now. */
static int refresh(struct deed_target *t, struct deed_target_set *set, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    int r = may_have_changed(set) ? read_set(t, set, &why) : 0;

    if (r < 0 && (set->nothing || set->match.numbers[MATCH_PID].used)) {
        *e = why;
        why = ERR_INIT;
        return r;
    }
    return 0;
}

static int begin(struct deed_target *t, struct err *e)
{
    int r = refresh(t, &t->wanted, e);

    for (size_t i = 0; i < t->n_protects && r == 0; i++) {
        r = refresh(t, &t->protects[i], e);
        if (r == 0)
            r = match_begin(&t->protects[i].match, t->policy->root, &t->finder.scan, e);
    }
    /* whoever names the guard by its number does not mean it either */
    t->finder.include_self = false;
    t->finder.include_wrappers = false;
    t->finder.pick = t->pick;
    return r;
}

static enum victim_bar protected_by(struct deed_target *t, struct process *p)
{
    /* of the session that the guard runs in, whoever leads it */
    if (p->pid == t->finder.caller.session)
        return VICTIM_OTHER;
    for (size_t i = 0; i < t->n_protects; i++)
        /* what is not to be seen of it may be what protects it */
        if (!t->protects[i].nothing && match_test(&t->protects[i].match, p) != 0)
            return VICTIM_OTHER;
    return VICTIM_FREE;
}

static enum victim_bar barred(void *arg, struct process *p)
{
    struct deed_target *t = arg;

    return finder_relation(&t->finder) == CALLER_NOT ? protected_by(t, p) : VICTIM_UNMEANT;
}

static int consider(void *arg, const struct finder_item *item _unused_, struct process *p)
{
    victim_consider(arg, p);
    return 0;
}

int deed_target_choose(struct deed_target *t, struct victim_choice *choice, struct err *e)
{
    int r = begin(t, e);

    *choice =
        (struct victim_choice){.by_score = t->policy->by_oom_score, .barred = barred, .arg = t};
    /* what belongs to the guard is told apart when it would be the one */
    t->finder.include_self = true;
    if (r == 0 && !t->wanted.nothing)
        r = finder_each(&t->finder, consider, choice, e);
    return r < 0 ? r : choice->best.pid != 0;
}

int deed_target_find(struct deed_target *t, struct err *e)
{
    int r = begin(t, e);

    t->found.n = 0;
    return r < 0 || t->wanted.nothing ? r : finder_run(&t->finder, &t->found, e);
}

enum victim_bar deed_target_barred(struct deed_target *t, const struct finder_item *item,
                                   char name[static PROC_NAME_MAX])
{
    struct process *p = &t->finder.process;
    struct victim_facts facts = VICTIM_NONE;
    enum victim_bar bar;

    process_begin(p, t->finder.scan.fd, t->policy->root->live, item->pid);
    victim_look(p, false, &facts);
    memcpy(name, facts.name, PROC_NAME_MAX);
    bar = victim_barred(p);
    return bar == VICTIM_FREE ? protected_by(t, p) : bar;
}
