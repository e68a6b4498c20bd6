/* SPDX-License-Identifier: MIT */
#include "guard_loop.h"
#include "memwatch.h"

#include "askers.h"
#include "deed_exec.h"
#include "footprint.h"
#include "oomadj.h"
#include "trigger.h"
#include <sys/mman.h>
#include <sys/resource.h>

struct args {
    struct guard_options_words words; /* first: see guard_options.h */
    const char *const *rules;
    const char *config;
    const char *memory_max, *swap_max;
    int workload;
    bool check, dry_run;
};

_Static_assert(offsetof(struct args, words) == 0, "one table serves both");

static const char *const workloads[] = {"general", "batch", "llm", NULL};

static const struct opt opts[] = {
    {'r', "rule", OPT_STRINGS, offsetof(struct args, rules), "RULE",
     "when to do what: 'CONDITION [for DURATION]: ACTION...'"},
    {'c', "config", OPT_FILE, offsetof(struct args, config), "FILE",
     "more rules, one on each line, and \"set OPTION VALUE\"; SIGHUP reads it anew"},
    {0, "check", OPT_FLAG, offsetof(struct args, check), NULL, "say what the rules mean, and exit"},
    {'n', "dry-run", OPT_FLAG, offsetof(struct args, dry_run), NULL,
     "tell what would be done, but do not do it"},
    {0, "memory-max", OPT_SIZE, offsetof(struct args, memory_max), "SIZE",
     "run the command in a control group with so much RAM; see cgctl(8)"},
    {0, "swap-max", OPT_SIZE, offsetof(struct args, swap_max), "SIZE", "and with so much swap"},
    {0, "workload", OPT_CHOICE, offsetof(struct args, workload), "WHAT",
     "what the command is, for the warning of too little swap; see swapctl(8) recommend",
     .choices = workloads},
    OPT_END,
};

static const struct args defaults = {.words = GUARD_OPTIONS_WORDS};

static void note(struct guard_loop *l, const char *text)
{
    guard_log_write(
        &l->log, &(struct guard_log_event){.event = "note", .level = MESSAGE_INFO, .text = text});
}

static void note_error(struct guard_loop *l, const char *what, int r)
{
    char text[160];

    snprintf(text, sizeof(text), "%s: %s", what, strerror(-r));
    note(l, text);
}

/* ---- what keeps it able to act */

/* Nearly everybody wants the processor when memory is over, and waits for memory with it; who could
 * free some is not to wait in that row. What somebody has chosen stays as it is. */
static void go_first(void)
{
    enum { FIRST = -20 };

    if (getpriority(PRIO_PROCESS, 0) == 0)
        setpriority(PRIO_PROCESS, 0, FIRST);
}

/* The pages that are touched again from here on stay; all others are not worth their room. */
static void stay_in_memory(struct guard_loop *l)
{
    footprint_trim();
    if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0)
        note_error(l, "its own memory may be swapped out", -errno);
}

static void be_spared(struct guard_loop *l)
{
    int r = oomadj_write(&l->ctx->root, OOMADJ_NEVER);

    if (r < 0)
        note_error(l, "the kernel may kill it when memory is over", r);
}

/* Without the right to any window the kernel takes multiples of 2 seconds only. */
static void watch_pressure(struct guard_loop *l)
{
    static const struct trigger wanted[] = {
        {.stall_us = 100000, .window_us = 1000000},
        {.stall_us = 200000, .window_us = 2000000},
    };
    static const char name[] = "/proc/pressure/memory";
    int r = -EINVAL;

    for (size_t i = 0; i < ARRAY_SIZE(wanted) && r == -EINVAL; i++) {
        close_fd(&l->trigger);
        l->trigger = r = root_openat(&l->ctx->root, name, O_RDWR | O_NONBLOCK, 0);
        if (r >= 0)
            r = trigger_arm(l->trigger, name, &wanted[i], NULL);
    }
    if (r < 0)
        close_fd(&l->trigger);
    if (r < 0 && l->ctx->common.verbose)
        note_error(l, "the kernel tells no pressure, so it looks by the clock alone", r);
}

static void settle_in(struct guard_loop *l)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    if (notify_open(&l->notify, &e) < 0)
        note(l, e.text ? e.text : "the service manager cannot be told");
    if (l->ctx->root.live) {
        watch_pressure(l);
        be_spared(l);
        go_first();
    }
    stay_in_memory(l);
    while (guard_loop_rehearse(l))
        ;
}

/* ---- from the beginning to the end */

/* A program may come later; but who mistyped it should not learn that when memory is over. */
static void warn_of_absent(const struct cmd_context *ctx, const struct guard_config_rule *r)
{
    for (size_t i = 0; i < r->rule.n_steps; i++) {
        for (size_t k = 0; k < r->rule.steps[i].n; k++) {
            const struct rule_action *a = &r->rule.steps[i].actions[k];

            if (a->verb == RULE_EXEC && !deed_exec_finds(a->words[0]))
                cmd_warn(ctx, "%s: exec %s: there is no such program now", r->where, a->words[0]);
        }
    }
}

static int describe(const struct cmd_context *ctx, const struct guard_config *c)
{
    for (size_t i = 0; i < c->n; i++) {
        guard_config_describe(stdout, c->rules[i]);
        warn_of_absent(ctx, c->rules[i]);
    }
    return CMD_OK;
}

/* What children get: what we had ourselves, also where another root is looked at. */
static struct deed_child_rank own_rank(void)
{
    _cleanup_(root_close) struct root live = ROOT_INIT;
    struct deed_child_rank rank = {.oom_score_adj = OOMADJ_USUAL,
                                   .nice = getpriority(PRIO_PROCESS, 0)};

    if (root_open(&live, NULL, NULL) == 0)
        oomadj_read(&live, &rank.oom_score_adj);
    return rank;
}

static int begin_command(struct guard_loop *l, const struct args *args, struct err *e)
{
    const struct guard_command_want want = {
        .words = l->ctx->operands,
        .memory_max = args->memory_max,
        .swap_max = args->swap_max,
        .workload = workloads[args->workload],
        .rank = l->source->base.rank,
        .mask = &l->open,
    };

    return l->command ? guard_command_start(l->command, &l->ctx->root, &want, e) : 0;
}

static int guard(struct guard_loop *l, const struct args *args, struct err *e)
{
    static const char *const ends[] = {
        [GUARD_LOOP_SIGNAL] = "by a signal",
        [GUARD_LOOP_STOP] = "by a rule",
        [GUARD_LOOP_COMMAND] = "with its command",
    };
    int r;

    guard_loop_hold_signals(l);
    settle_in(l);
    r = begin_command(l, args, e);
    if (r < 0)
        return r;
    guard_log_write(&l->log,
                    &(struct guard_log_event){.event = "started",
                                              .level = MESSAGE_INFO,
                                              .text = l->source->base.dry_run ? "dry run" : NULL});
    r = guard_loop_run(l, e);
    guard_log_write(&l->log, &(struct guard_log_event){.event = "ended",
                                                       .level = MESSAGE_INFO,
                                                       .text = r < 0 ? e->text : ends[r]});
    sigprocmask(SIG_SETMASK, &l->open, NULL);
    return r;
}

static int read_config(const struct guard_config_source *source, struct guard_config *out,
                       struct err *e)
{
    _cleanup_(guard_config_found_clear) struct guard_config_found found = GUARD_CONFIG_FOUND_INIT;
    int r = guard_reader_read(source, &found, e);

    if (r == 0) {
        const struct guard_config_source with = guard_config_with(source, &found);

        r = guard_config_read(&with, out, e);
    }
    return r;
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(deed_dying_clear) struct deed_dying dying = DEED_DYING_INIT;
    _cleanup_(bounded_left_clear) struct bounded_left left = BOUNDED_LEFT_INIT;
    _cleanup_(askers_clear) struct askers askers = {.left = &left};
    const struct guard_config_source source = {
        .root = &ctx->root,
        .rules = args->rules,
        .file = args->config,
        .makes_log = !args->check,
        .words = &args->words,
        .base = {.root = &ctx->root,
                 .dry_run = args->dry_run,
                 .rank = own_rank(),
                 .dying = &dying,
                 .askers = &askers,
                 .left = &left},
    };
    _cleanup_(guard_loop_clear) struct guard_loop l = GUARD_LOOP_INIT;
    struct guard_command command = GUARD_COMMAND_INIT;
    const struct guard_options_words *words;
    int r;

    l.ctx = ctx;
    l.source = &source;
    l.log.left = &left;
    l.command = ctx->n_operands > 0 ? &command : NULL;
    if (!l.command && (args->memory_max || args->swap_max))
        return cmd_usage(ctx, "%s: wants a command that it limits",
                         args->memory_max ? "--memory-max" : "--swap-max");
    r = read_config(&source, &l.config, &e);
    if (r == 0 && args->check)
        return describe(ctx, &l.config);
    if (r == 0) {
        words = &l.config.options->words;
        r = guard_log_open(&l.log, words->log, words->log_format == GUARD_OPTIONS_JSON, &e);
    }
    if (r == 0)
        r = guard_loop_prepare(&l, &e);
    if (r == 0)
        r = guard(&l, args, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    if (r == GUARD_LOOP_STOP)
        return cmd_passed(ctx, CMD_REFUSED);
    if (r == GUARD_LOOP_COMMAND)
        return cmd_passed(ctx, command.status);
    return CMD_FAILED; /* dies by the signal */
}

const struct cmd memwatch_guard = {
    .name = "guard",
    .summary = "act before memory is over",
    .operands = "[[--] COMMAND [WORD...]]",
    .about = "Watches the metrics that its rules speak of, and does what they say: warn, drop "
             "caches, reclaim, run a command, signal, kill, limit, add swap, stop. memwatch(8) has "
             "the grammar of a RULE. SIGHUP reads the configuration anew, SIGTERM ends it. With a "
             "COMMAND it guards as long as that runs, and has its status.",
    .opts = opts,
    .shared = guard_options_opts,
    .shared_title = "Options that the configuration can set as well",
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .flags = CMD_COMMAND,
    .operand = CMD_OPERAND_COMMAND,
    .max_operands = -1,
    .run = run,
};
