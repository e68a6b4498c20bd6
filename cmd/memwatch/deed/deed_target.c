/* SPDX-License-Identifier: MIT */
#include "deed_target.h"

#include "deed.h"
#include "monotonic.h"

/* So long an action waits for those who know the names of containers. */
enum { NAMES_MS = 300 };

static void set_clear(struct deed_target_set *set)
{
    match_clear(&set->match);
    free(set->pins);
}

void deed_target_clear(struct deed_target *t)
{
    set_clear(&t->wanted);
    finder_clear(&t->finder);
    finder_result_clear(&t->found);
    for (size_t i = 0; i < t->n_protects; i++)
        set_clear(&t->protects[i]);
    free(t->protects);
    *t = DEED_TARGET_INIT;
}

/* ---- what was written */

/* What is to be seen of a file only by who waits for it stays what it was. */
static void keep_file(struct match_file *new, struct match_file *old)
{
    struct match_file between = *new;

    if (!new->unseen || !old->exists)
        return;
    *new = *old;
    *old = between;
}

static int read_set(struct deed_target *t, struct deed_target_set *set, struct err *e)
{
    struct match m = MATCH_INIT;
    bool nothing = false;
    int r;

    m.wary = t->policy->wary;
    m.askers = t->policy->askers;
    m.users = t->policy->users;
    m.names = t->policy->containers;
    r = criteria_read(set->name, set->text, t->policy->root, &m, &t->finder, &nothing, e);
    if (r < 0) {
        match_clear(&m);
        return r;
    }
    keep_file(&m.exe, &set->match.exe);
    keep_file(&m.script, &set->match.script);
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

static int read_wanted(struct deed_target *t, const char *action, const char *text,
                       const struct deed_policy *policy, struct err *e)
{
    int r;

    t->policy = policy;
    t->wanted.name = action;
    t->wanted.text = text;
    if (!text || !text[strspn(text, " \t")])
        return err_usage(
            e, -EINVAL,
            "%s: whom? name a PATTERN, or an option of procfind that chooses; \"%s .\" "
            "means all processes",
            action, action);
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

/* ---- numbers */

/* 0: there is none */
static uint64_t start_of(struct deed_target *t, pid_t pid)
{
    struct process *p = &t->finder.process;
    const struct proc_stat *stat;

    process_begin(p, t->finder.scan.fd, t->policy->root->live, pid);
    return process_stat(p, &stat) < 0 ? 0 : stat->start;
}

static bool is_group(const struct deed_target_pin *pin)
{
    return pin->what == MATCH_SESSION || pin->what == MATCH_PGROUP;
}

/* Is one there who was so when the group was? */
static bool has_old_member(struct deed_target *t, const struct deed_target_pin *pin)
{
    struct process *p = &t->finder.process;
    const struct proc_stat *s;
    pid_t pid;

    if (procscan_rewind(&t->finder.scan, NULL) < 0)
        return false;
    while (procscan_next(&t->finder.scan, &pid, NULL) == 1) {
        process_begin(p, t->finder.scan.fd, t->policy->root->live, pid);
        if (process_stat(p, &s) == 0 && s->start <= pin->seen &&
            (pid_t)(pin->what == MATCH_SESSION ? s->session : s->pgroup) == pin->pid)
            return true;
    }
    return false;
}

static const struct deed_target_pin *find_pin(const struct deed_target_set *set, int what,
                                              pid_t pid)
{
    for (size_t i = 0; i < set->n_pins; i++)
        if (set->pins[i].pid == pid && set->pins[i].what == what)
            return &set->pins[i];
    return NULL;
}

static struct deed_target_pin make_pin(struct deed_target *t, int what, pid_t pid)
{
    struct deed_target_pin pin = {
        .what = what, .pid = pid, .start = start_of(t, pid), .seen = finder_now()};

    pin.ended = pin.start == 0 && !(is_group(&pin) && has_old_member(t, &pin));
    if (pin.ended)
        pin.seen = 0;
    return pin;
}

/* What was pinned before stays, but for what is read anew each time. */
static void pin(struct deed_target *t, const struct deed_target_set *set,
                struct deed_target_pin *pins, size_t *n, int what, pid_t pid)
{
    const struct deed_target_pin *was = what == MATCH_PID ? NULL : find_pin(set, what, pid);

    pins[(*n)++] = was ? *was : make_pin(t, what, pid);
}

static int pin_all(struct deed_target *t, struct deed_target_set *set, struct err *e)
{
    const struct match *m = &set->match;
    struct deed_target_pin *pins;
    size_t n = 1 + m->n_namespaces;

    for (int what = 0; what < MATCH_NUMBERS; what++)
        n += m->numbers[what].n;
    pins = calloc(n, sizeof(*pins));
    if (!pins)
        return err_oom(e);
    n = 0;
    for (int what = 0; what < MATCH_NUMBERS; what++)
        for (size_t i = 0; i < m->numbers[what].n; i++)
            pin(t, set, pins, &n, what, (pid_t)m->numbers[what].v[i]);
    for (size_t i = 0; i < m->n_namespaces; i++)
        pin(t, set, pins, &n, DEED_TARGET_NAMESPACE, m->namespaces[i].pid);
    if (m->subtree)
        pin(t, set, pins, &n, DEED_TARGET_SUBTREE, m->subtree);
    free(set->pins);
    set->pins = pins;
    set->n_pins = n;
    return 0;
}

/* One that has the number of another is not meant. */
static bool is_meant(const struct deed_target_set *set, pid_t pid, uint64_t start)
{
    const struct deed_target_pin *p =
        set->match.numbers[MATCH_PID].used ? find_pin(set, MATCH_PID, pid) : NULL;

    return !p || p->start == start;
}

static void strike(struct match_list *list, pid_t pid)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->n; i++)
        if ((pid_t)list->v[i] != pid)
            list->v[kept++] = list->v[i];
    list->n = kept;
}

/* Where nobody knows, one who is protected stays so. */
static bool has_ended(struct deed_target *t, const struct deed_target_set *set,
                      struct deed_target_pin *pin)
{
    uint64_t now = finder_now(), start = start_of(t, pin->pid);

    if (!is_group(pin))
        return start != pin->start;
    if (start ? start != pin->start : set == &t->wanted && !has_old_member(t, pin))
        return true;
    pin->seen = now;
    return false;
}

static void look_for_ends(struct deed_target *t, struct deed_target_set *set)
{
    for (size_t i = 0; i < set->n_pins; i++)
        set->pins[i].ended = set->pins[i].ended || has_ended(t, set, &set->pins[i]);
}

/* Whose process has ended is no number of anybody any more. */
static void forget_ended(struct deed_target *t, struct deed_target_set *set)
{
    look_for_ends(t, set);
    for (size_t i = 0; i < set->n_pins; i++) {
        const struct deed_target_pin *pin = &set->pins[i];

        if (pin->ended && pin->what < MATCH_NUMBERS)
            strike(&set->match.numbers[pin->what], pin->pid);
        /* others who were in its namespaces may be there still, and protected */
        else if (pin->ended && (pin->what == DEED_TARGET_SUBTREE || set == &t->wanted))
            set->gone = true;
    }
}

static int pin_sets(struct deed_target *t, struct err *e)
{
    int r = pin_all(t, &t->wanted, e);

    for (size_t i = 0; i < t->n_protects && r == 0; i++)
        r = pin_all(t, &t->protects[i], e);
    return r;
}

static void adopt_set(struct deed_target_set *set, const struct deed_target_set *old)
{
    if (set->match.from_file || !streq(set->text, old->text))
        return;
    for (size_t i = 0; i < set->n_pins; i++) {
        struct deed_target_pin *pin = &set->pins[i];
        const struct deed_target_pin *was = find_pin(old, pin->what, pin->pid);

        if (was && was->seen)
            *pin = *was;
    }
    memcpy(set->match.namespaces, old->match.namespaces, sizeof(set->match.namespaces));
}

void deed_target_adopt(struct deed_target *t, const struct deed_target *old)
{
    if (!t->wanted.text || !old->wanted.text)
        return;
    adopt_set(&t->wanted, &old->wanted);
    for (size_t i = 0; i < t->n_protects; i++)
        for (size_t k = 0; k < old->n_protects; k++)
            adopt_set(&t->protects[i], &old->protects[k]);
}

static void say_ended(const struct deed_target_pin *pin, char out[static DEED_TARGET_WHY])
{
    snprintf(out, DEED_TARGET_WHY, "no such %s: %d %s",
             pin->what == MATCH_SESSION  ? "session"
             : pin->what == MATCH_PGROUP ? "process group"
                                         : "process",
             (int)pin->pid,
             pin->seen ? "has ended since the rule was read"
                       : "was not there when the rule was read");
}

/* One after whose end nobody is left of whom the criteria speak. */
static const struct deed_target_pin *find_lack(const struct deed_target_set *set)
{
    for (size_t i = 0; i < set->n_pins; i++) {
        const struct deed_target_pin *pin = &set->pins[i];

        if (pin->ended &&
            (pin->what < MATCH_NUMBERS ? set->match.numbers[pin->what].n == 0 : set->gone))
            return pin;
    }
    return NULL;
}

static const char *lack_of_numbers(const struct deed_target_set *set,
                                   char out[static DEED_TARGET_WHY])
{
    const struct deed_target_pin *pin = find_lack(set);
    const struct match *m = &set->match;

    *out = '\0';
    if (m->later)
        snprintf(out, DEED_TARGET_WHY,
                 "who has the number in the file started after that was written");
    else if (m->from_file && set->nothing)
        snprintf(out, DEED_TARGET_WHY, "there is no such file, or it is not locked");
    else if (m->from_file && m->numbers[MATCH_PID].n == 0)
        snprintf(out, DEED_TARGET_WHY, "no such process: the one in the file has ended");
    else if (pin)
        say_ended(pin, out);
    return *out ? out : NULL;
}

const char *deed_target_lack(const struct deed_target *t, char out[static DEED_TARGET_WHY])
{
    const struct match *m = &t->wanted.match;
    const char *lack = lack_of_numbers(&t->wanted, out);

    for (size_t i = 0; i < m->named.n && !lack; i++) {
        const struct container_name *c = m->names->v[m->named.v[i]];

        if (!c->unsure)
            continue;
        snprintf(out, DEED_TARGET_WHY,
                 "container \"%.128s\": nobody answers whether that is still %.*s", c->name,
                 CONTAINER_SHORT, c->id);
        lack = out;
    }
    return lack;
}

int deed_target_read(struct deed_target *t, const char *action, const char *text,
                     const struct deed_policy *policy, struct err *e)
{
    int r = read_wanted(t, action, text, policy, e);

    if (r == 0)
        r = read_protects(t, e);
    if (r == 0)
        r = finder_open(&t->finder, policy->root, &t->wanted.match, e);
    if (r == 0)
        r = pin_sets(t, e);
    return r < 0 ? r : check_namespace(t, e);
}

int deed_target_read_numbers(struct deed_target *t, const char *action, const char *text,
                             const struct deed_policy *policy, struct err *e)
{
    int r = read_wanted(t, action, text, policy, e);

    if (r == 0)
        r = finder_open(&t->finder, policy->root, &t->wanted.match, e);
    return r < 0 ? r : pin_all(t, &t->wanted, e);
}

/* ---- who it is */

/* May the criteria stand for others than when they were read? */
static bool may_have_changed(const struct deed_target_set *set)
{
    const struct match *m = &set->match;

    return set->nothing || m->from_file || m->exe.used || m->script.used || m->n_namespaces > 0;
}

/* Those of whoever has the number now are not meant. */
static bool has_lost_namespaces(struct deed_target *t, struct deed_target_set *set)
{
    if (set->match.n_namespaces == 0)
        return false;
    look_for_ends(t, set);
    for (size_t i = 0; i < set->n_pins; i++)
        if (set->pins[i].what == DEED_TARGET_NAMESPACE && set->pins[i].ended)
            return true;
    return false;
}

/* What cannot be read now stays what it was, but for a number, which may be another's by now. */
static int refresh(struct deed_target *t, struct deed_target_set *set, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    int r = may_have_changed(set) && !has_lost_namespaces(t, set) ? read_set(t, set, &why) : 0;

    if (r == 0 && set->match.from_file)
        r = pin_all(t, set, &why);
    if (r < 0 && (set->nothing || set->match.from_file)) {
        *e = why;
        why = ERR_INIT;
        return r;
    }
    forget_ended(t, set);
    return 0;
}

/* One that has ended is named, for the other program would take its number for whoever has it. */
int deed_target_check_numbers(struct deed_target *t, struct err *e)
{
    struct deed_target_set *set = &t->wanted;
    char why[DEED_TARGET_WHY];
    const char *lack;
    int r = refresh(t, set, e);

    if (r < 0)
        return r;
    for (size_t i = 0; i < set->n_pins; i++) {
        const struct deed_target_pin *pin = &set->pins[i];

        if (pin->ended && !(set->match.from_file && pin->what == MATCH_PID)) {
            say_ended(pin, why);
            return err_set(e, -ESRCH, "%s", why);
        }
    }
    lack = lack_of_numbers(set, why);
    return lack ? err_set(e, -ESRCH, "%s", lack) : 0;
}

/* Whose is the name of a container? All are asked, and waited for together. */
static void ask_names(const struct deed_target_set *set, uint64_t until)
{
    const struct match *m = &set->match;

    for (size_t i = 0; i < m->named.n; i++) {
        uint64_t now = monotonic_ms();

        container_names_ask(m->names, m->named.v[i], m->root, until > now ? until - now : 0);
    }
}

static int begin(struct deed_target *t, struct err *e)
{
    uint64_t until = monotonic_after(monotonic_ms(), NAMES_MS);
    int r = refresh(t, &t->wanted, e);

    ask_names(&t->wanted, until);
    for (size_t i = 0; i < t->n_protects && r == 0; i++) {
        r = refresh(t, &t->protects[i], e);
        ask_names(&t->protects[i], until);
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
        /* what is not to be seen of it may be what protects it; and whose pidfile is too old may
         * have a clock that was set */
        if ((!t->protects[i].nothing || t->protects[i].match.later) && !t->protects[i].gone &&
            match_test(&t->protects[i].match, p) != 0)
            return VICTIM_OTHER;
    return VICTIM_FREE;
}

static enum victim_bar barred(void *arg, struct process *p)
{
    struct deed_target *t = arg;

    return finder_relation(&t->finder) == CALLER_NOT ? protected_by(t, p) : VICTIM_UNMEANT;
}

static int consider(void *arg, const struct finder_item *item, struct process *p)
{
    struct victim_choice *choice = arg;
    const struct deed_target *t = choice->arg;

    if (is_meant(&t->wanted, item->pid, item->start))
        victim_consider(choice, p);
    return 0;
}

int deed_target_choose(struct deed_target *t, struct victim_choice *choice, struct err *e)
{
    int r = begin(t, e);

    *choice =
        (struct victim_choice){.by_score = t->policy->by_oom_score, .barred = barred, .arg = t};
    /* what belongs to the guard is told apart when it would be the one */
    t->finder.include_self = true;
    if (r == 0 && !t->wanted.nothing && !t->wanted.gone)
        r = finder_each(&t->finder, consider, choice, e);
    return r < 0 ? r : choice->best.pid != 0;
}

int deed_target_find(struct deed_target *t, struct err *e)
{
    int r = begin(t, e);
    size_t kept = 0;

    t->found.n = 0;
    if (r == 0 && !t->wanted.nothing && !t->wanted.gone)
        r = finder_run(&t->finder, &t->found, e);
    for (size_t i = 0; i < t->found.n; i++)
        if (is_meant(&t->wanted, t->found.found[i].pid, t->found.found[i].start))
            t->found.found[kept++] = t->found.found[i];
    t->found.n = kept;
    return r;
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
