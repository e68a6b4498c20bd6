/* SPDX-License-Identifier: MIT */
#include "guard_loop.h"

#include "monotonic.h"
#include "trigger.h"
#include <inttypes.h>

/* ---- signals */

static volatile sig_atomic_t hung_up;

static void note_hangup(int number _unused_)
{
    hung_up = 1;
}

/* Those that are for the command, too. */
static const int forwarded[] = {SIGINT, SIGTERM, SIGHUP};
static volatile sig_atomic_t sent[ARRAY_SIZE(forwarded)];

/* What the terminal sends the command gets by itself. */
static void note_sent(int number, siginfo_t *info, void *context _unused_)
{
    for (size_t i = 0; i < ARRAY_SIZE(forwarded); i++)
        if (forwarded[i] == number && info->si_code != SI_KERNEL)
            sent[i] = 1;
}

/* What is ignored (nohup) stays so, for the command too. */
static void catch_forwarded(void)
{
    const struct sigaction forwarding = {.sa_sigaction = note_sent, .sa_flags = SA_SIGINFO};
    struct sigaction before;

    for (size_t i = 0; i < ARRAY_SIZE(forwarded); i++)
        if (sigaction(forwarded[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(forwarded[i], &forwarding, NULL);
}

void guard_loop_hold_signals(struct guard_loop *l)
{
    const struct sigaction reloading = {.sa_handler = note_hangup};

    cmd_signals_hold(&l->open);
    /* who reads what it prints may go; its children get the signal back */
    cmd_signal_ignore(SIGPIPE);
    if (l->command)
        catch_forwarded();
    /* from a terminal it says that the terminal is gone, as ever */
    if (!l->command && !isatty(STDERR_FILENO))
        sigaction(SIGHUP, &reloading, NULL);
}

static void forward(struct guard_loop *l)
{
    for (size_t i = 0; i < ARRAY_SIZE(forwarded); i++) {
        if (l->command && sent[i])
            guard_command_signal(l->command, forwarded[i]);
        sent[i] = 0;
    }
}

/* ---- what it tells */

void guard_loop_clear(struct guard_loop *l)
{
    guard_reader_clear(&l->reader);
    guard_config_clear(&l->config);
    guard_log_close(&l->log);
    notify_close(&l->notify);
    close_fd(&l->trigger);
    free(l->fds);
    free(l->told);
}

static void say(struct guard_loop *l, const char *event, enum message_level level, const char *text)
{
    guard_log_write(&l->log,
                    &(struct guard_log_event){.event = event, .level = level, .text = text});
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- configurations */

int guard_loop_prepare(struct guard_loop *l, struct err *e)
{
    size_t metrics, fds = 3 + guard_gauge_fds(l->config.gauge) + l->config.n * DEED_FDS;
    struct pollfd *room = calloc(fds, sizeof(*room));
    enum sampler_state *told;

    guard_gauge_all(l->config.gauge, &metrics);
    told = calloc(metrics, sizeof(*told));
    if (!room || !told) {
        free(room);
        free(told);
        return err_oom(e);
    }
    free(l->fds);
    free(l->told);
    l->fds = room;
    l->told = told;
    for (int way = 0; way < GUARD_GAUGE_WAYS; way++)
        l->next[way] =
            guard_gauge_has(l->config.gauge, (enum guard_gauge_way)way) ? 0 : ALARM_NEVER;
    return 0;
}

static struct deed_plan *next_to_rehearse(const struct guard_loop *l)
{
    size_t n = l->rehearsed;

    for (size_t i = 0; i < l->config.n; n -= l->config.rules[i++]->n_plans)
        if (n < l->config.rules[i]->n_plans)
            return l->config.rules[i]->plans[n];
    return NULL;
}

bool guard_loop_rehearse(struct guard_loop *l)
{
    struct deed_plan *plan = next_to_rehearse(l);

    if (!plan)
        return false;
    deed_plan_rehearse(plan);
    l->rehearsed++;
    return true;
}

static void count_rules(const struct guard_loop *l, const char *prefix, char *text, size_t size)
{
    snprintf(text, size, "%s%zu rule%s", prefix, l->config.n, l->config.n == 1 ? "" : "s");
}

static void announce(struct guard_loop *l)
{
    char text[64];

    count_rules(l, "guards by ", text, sizeof(text));
    notify_status(&l->notify, text);
    notify_send(&l->notify, NOTIFY_READY);
}

static int reload_config(struct guard_loop *l, const struct guard_config_found *found,
                         struct err *e)
{
    const struct guard_config_source source = guard_config_with(l->source, found);
    _cleanup_(guard_config_clear) struct guard_config fresh = GUARD_CONFIG_INIT;
    _cleanup_(guard_config_clear) struct guard_config old = GUARD_CONFIG_INIT;
    const struct guard_options_words *words;
    int r = guard_config_read(&source, &fresh, e);

    if (r < 0)
        return r;
    words = &fresh.options->words;
    r = guard_log_open(&l->log, words->log, words->log_format == GUARD_OPTIONS_JSON, e);
    if (r < 0)
        return r;
    old = l->config;
    l->config = fresh;
    r = guard_loop_prepare(l, e);
    if (r < 0) {
        l->config = old;
        old = GUARD_CONFIG_INIT;
        return r;
    }
    fresh = GUARD_CONFIG_INIT;
    guard_config_adopt(&l->config, &old);
    l->rehearsed = 0;
    return 0;
}

static void end_reload(struct guard_loop *l, int r, const struct err *e)
{
    char text[64];

    if (r < 0) {
        say(l, "not reloaded", MESSAGE_ERROR, e->text);
    } else {
        count_rules(l, "", text, sizeof(text));
        say(l, "reloaded", MESSAGE_INFO, text);
    }
    announce(l);
}

static void begin_reload(struct guard_loop *l, uint64_t now)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int r;

    hung_up = 0;
    notify_reloading(&l->notify);
    r = guard_reader_start(&l->reader, l->source, now, &e);
    if (r < 0)
        end_reload(l, r, &e);
}

/* Who asks again while it is read wants what stands there now: that is read behind it. */
static void reload(struct guard_loop *l, uint64_t now)
{
    _cleanup_(guard_config_found_clear) struct guard_config_found found = GUARD_CONFIG_FOUND_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int r = guard_reader_continue(&l->reader, now, &found, &e);

    if (r > 0)
        r = reload_config(l, &found, &e);
    else if (r == 0)
        r = 1;
    if (r <= 0)
        end_reload(l, r, &e);
    if (hung_up && !guard_reader_is_busy(&l->reader))
        begin_reload(l, now);
}

/* ---- measuring */

/* Once when a value is lost, and once when it is back. */
static void tell_lost(struct guard_loop *l)
{
    size_t n;
    const struct guard_gauge_value *values = guard_gauge_all(l->config.gauge, &n);

    for (size_t i = 0; i < n; i++) {
        enum sampler_state state = values[i].state;
        bool lost = state == SAMPLER_BROKEN || state == SAMPLER_ABSENT;
        bool was = l->told[i] == SAMPLER_BROKEN || l->told[i] == SAMPLER_ABSENT;

        if (state == SAMPLER_EARLY || state == l->told[i])
            continue;
        l->told[i] = state;
        if (lost || was)
            guard_log_write(&l->log,
                            &(struct guard_log_event){
                                .event = state == SAMPLER_BROKEN ? "unknown"
                                         : lost                  ? "absent"
                                                                 : "known",
                                .level = state == SAMPLER_BROKEN ? MESSAGE_WARNING : MESSAGE_INFO,
                                .metric = values[i].metric,
                                .value = lost ? NULL : &values[i].value,
                                .text = lost ? values[i].why : NULL});
    }
}

/* What "for", "settle" and "cooldown" wait for. */
static uint64_t rules_due(const struct guard_loop *l)
{
    uint64_t due = ALARM_NEVER;

    for (size_t i = 0; i < l->config.n; i++)
        due = sooner(due, alarm_next(&l->config.rules[i]->alarm));
    return due;
}

static uint64_t pace_of_rule(const struct guard_loop *l, const struct guard_config_rule *r)
{
    enum { FEW = 16 };
    struct pace_reading readings[FEW];
    size_t n = r->rule.n_conditions;

    if (n > FEW)
        return PACE_FIXED_MS;
    for (size_t i = 0; i < n; i++)
        readings[i] = (struct pace_reading){
            .elsewhere = r->values[i]->way != GUARD_GAUGE_LEVEL,
            .absent = r->values[i]->state == SAMPLER_ABSENT,
            .known = r->values[i]->state == SAMPLER_NUMBER,
            .value = r->values[i]->value,
        };
    return pace_alarm(&r->alarm, readings, guard_gauge_machine(l->config.gauge));
}

/* How long the levels may be left alone. */
static uint64_t pace(struct guard_loop *l, uint64_t now)
{
    uint64_t ms = l->config.options->words.interval_ms;

    for (size_t i = 0; i < l->config.n; i++)
        ms = sooner(ms, pace_of_rule(l, l->config.rules[i]));
    if (l->pressed) {
        uint64_t hurry = pace_pressure(now - l->pressure);

        l->pressed = hurry != ALARM_NEVER;
        ms = sooner(ms, hurry);
    }
    return ms;
}

/* A rule that waits for its time is asked with values of that time. Return: true if there are new
 * ones. */
static bool measure(struct guard_loop *l, uint64_t now)
{
    uint64_t interval = l->config.options->words.interval_ms;
    const uint64_t every[GUARD_GAUGE_WAYS] = {
        [GUARD_GAUGE_RATE] = sooner(PACE_FIXED_MS, interval),
        [GUARD_GAUGE_SLOW] = sooner(GUARD_GAUGE_SLOW_MS, interval),
    };
    bool any = false;

    if (l->next[GUARD_GAUGE_LEVEL] != ALARM_NEVER && rules_due(l) <= now)
        l->next[GUARD_GAUGE_LEVEL] = now;
    for (int i = 0; i < GUARD_GAUGE_WAYS; i++) {
        if (l->next[i] > now)
            continue;
        guard_gauge_take(l->config.gauge, (enum guard_gauge_way)i, now);
        l->next[i] = monotonic_after(now, every[i]);
        any = any || i != GUARD_GAUGE_SLOW;
    }
    return any;
}

/* ---- one turn */

static uint64_t collect(struct guard_loop *l, size_t *n)
{
    uint64_t until = next_to_rehearse(l) ? 0 : sooner(l->watchdog, rules_due(l)), late;

    *n = 0;
    l->fds[(*n)++] = (struct pollfd){.fd = l->trigger, .events = POLLPRI};
    if (l->command) {
        *n += guard_command_poll(l->command, l->fds + *n, &late);
        until = sooner(until, late);
    }
    *n += guard_reader_poll(&l->reader, l->fds + *n, &late);
    until = sooner(until, late);
    *n += guard_gauge_poll(l->config.gauge, l->fds + *n, &late);
    until = sooner(until, late);
    for (int i = 0; i < GUARD_GAUGE_WAYS; i++)
        until = sooner(until, l->next[i]);
    for (size_t i = 0; i < l->config.n; i++) {
        *n += guard_act_poll(l->config.rules[i], l->fds + *n, &late);
        until = sooner(until, late);
    }
    return until;
}

/* Return: 0, also when a signal came; or a negated errno. */
static int wait_until(struct guard_loop *l, uint64_t until, size_t n)
{
    uint64_t now = monotonic_ms(), left = until > now ? until - now : 0;
    struct timespec time = {(time_t)(left / 1000), (long)(left % 1000) * 1000000};

    for (size_t i = 0; i < n; i++)
        l->fds[i].revents = 0;
    if (ppoll(l->fds, n, until == ALARM_NEVER ? NULL : &time, &l->open) < 0 && errno != EINTR)
        return -errno;
    return 0;
}

static void look_soon(struct guard_loop *l, uint64_t now)
{
    if (l->next[GUARD_GAUGE_LEVEL] != ALARM_NEVER)
        l->next[GUARD_GAUGE_LEVEL] = now;
}

static void see_pressure(struct guard_loop *l, uint64_t now)
{
    if (l->fds[0].revents & (POLLERR | POLLNVAL)) {
        close_fd(&l->trigger);
    } else if (l->fds[0].revents) {
        l->pressure = now;
        l->pressed = true;
        look_soon(l, now);
    }
}

static void feed(struct guard_loop *l, uint64_t now)
{
    tell_lost(l);
    for (size_t i = 0; i < l->config.n; i++)
        guard_act_feed(&l->act, l->config.rules[i], now);
}

/* Is the time over that an action under way had to wait? */
static bool has_waited(const struct guard_loop *l, uint64_t now)
{
    struct pollfd fds[DEED_FDS];
    uint64_t until = ALARM_NEVER;

    for (size_t i = 0; i < l->config.n && until > now; i++)
        guard_act_poll(l->config.rules[i], fds, &until);
    return until <= now;
}

static void act(struct guard_loop *l, uint64_t now)
{
    bool ended = false, fresh = guard_gauge_continue(l->config.gauge, now);

    /* what the end of another has given back is not to be seen in older values */
    if (has_waited(l, now)) {
        look_soon(l, now);
        measure(l, now);
        feed(l, now);
    }
    for (size_t i = 0; i < l->config.n; i++)
        ended = guard_act_continue(&l->act, l->config.rules[i], now) || ended;
    if (ended) {
        /* what it has done shows in the values of now */
        guard_gauge_measure_machine(l->config.gauge);
        look_soon(l, now);
    }
    fresh = measure(l, now) || fresh || ended;
    if (!fresh && rules_due(l) > now)
        return;
    feed(l, now);
    if (l->next[GUARD_GAUGE_LEVEL] != ALARM_NEVER)
        l->next[GUARD_GAUGE_LEVEL] = monotonic_after(now, pace(l, now));
}

/* A rule has ended the guard: the command is not left without it. */
static void see_command(struct guard_loop *l, uint64_t now)
{
    if (!l->command)
        return;
    forward(l);
    if (l->act.stopped && !l->ending) {
        l->ending = true;
        guard_command_end(l->command, now);
    }
    l->ended = guard_command_continue(l->command, now);
}

static bool is_over(const struct guard_loop *l)
{
    return l->command ? l->ended : l->act.stopped || cmd_interrupted(NULL);
}

static int turn(struct guard_loop *l)
{
    uint64_t now, until;
    size_t n;
    int r;

    /* one each time, because it walks over all processes */
    guard_loop_rehearse(l);
    now = monotonic_ms();
    if (l->watchdog <= now) {
        notify_send(&l->notify, NOTIFY_WATCHDOG);
        l->watchdog = monotonic_after(now, l->notify.watchdog_ms);
    }
    askers_reap(l->source->base.askers);
    bounded_left_reap(l->source->base.left);
    act(l, now);
    see_command(l, now);
    if (is_over(l))
        return 0;
    reload(l, now);
    until = collect(l, &n);
    r = wait_until(l, until, n);
    if (r == 0)
        see_pressure(l, monotonic_ms());
    return r;
}

int guard_loop_run(struct guard_loop *l, struct err *e)
{
    int r = 0;

    l->act.log = &l->log;
    l->watchdog = l->notify.watchdog_ms ? 0 : ALARM_NEVER;
    announce(l);
    while (r == 0 && !is_over(l))
        r = turn(l);
    notify_send(&l->notify, NOTIFY_STOPPING);
    if (r < 0)
        return err_sys(e, r, "cannot wait");
    if (l->act.stopped)
        return GUARD_LOOP_STOP;
    return l->command ? GUARD_LOOP_COMMAND : GUARD_LOOP_SIGNAL;
}
