/* SPDX-License-Identifier: MIT */
#include "cmd.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>

#include "closest.h"
#include "help.h"
#include "message.h"
#include "plugin.h"

#define AT(member) offsetof(struct cmd_common, member)

static const char *const progress_words[] = {
    [CMD_PROGRESS_AUTO] = "auto",
    [CMD_PROGRESS_ALWAYS] = "always",
    [CMD_PROGRESS_NEVER] = "never",
    NULL,
};

/* clang-format off */
#define ROOT_OPT {0, "root", OPT_DIR, AT(root_dir), "DIR", "work on the system below DIR instead of /"}
#define VERBOSE_OPT(letter) \
    {letter, "verbose", OPT_FLAG, AT(verbose), NULL, "tell on stderr what is being done"}
#define HELP_OPT {'h', "help", OPT_FLAG, AT(help), NULL, "print this and exit"}
#define VERSION_OPT {'V', "version", OPT_FLAG, AT(version), NULL, "print the version and exit"}
/* clang-format on */

static const struct opt common_opts[] = {
    ROOT_OPT, VERBOSE_OPT('v'), HELP_OPT, VERSION_OPT, OPT_END,
};

/* CMD_OWN_V */
static const struct opt common_opts_without_v[] = {
    ROOT_OPT, VERBOSE_OPT(0), HELP_OPT, VERSION_OPT, OPT_END,
};

static const struct opt change_opts[] = {
    {0, "dry-run", OPT_FLAG, AT(dry_run), NULL, "print the steps, do nothing"},
    {0, "json", OPT_FLAG, AT(json), NULL, "print the answer as a JSON object"},
    {0, "lock-timeout", OPT_DURATION, AT(lock_timeout_ms), "DURATION",
     "how long to wait for another one that is at work (default 30s)"},
    {0, "progress", OPT_CHOICE, AT(progress), "WHEN",
     "show how far a long step is; auto: where stderr is a terminal", .choices = progress_words},
    {0, "log", OPT_FILE, AT(log_file), "FILE",
     "append a line with the time to FILE for every change and failure"},
    OPT_END,
};

static const struct opt soft_opts[] = {
    {0, "soft-fail", OPT_FLAG, AT(soft_fail), NULL,
     "exit with 0 also when it failed, for hooks that must not abort"},
    OPT_END,
};

static const struct opt table_opts[] = {
    {'J', "json", OPT_FLAG, AT(table.json), NULL, "print JSON"},
    {'r', "raw", OPT_FLAG, AT(table.raw), NULL,
     "print plain numbers, blanks as \\x20, absent values as -"},
    {'n', "noheadings", OPT_FLAG, AT(table.noheadings), NULL, "print no heading line"},
    {'b', "bytes", OPT_FLAG, AT(table.bytes), NULL, "print sizes in bytes"},
    {'o', "output", OPT_COLUMNS, AT(table.output), "COLUMNS",
     "print these columns, separated by commas; +COLUMNS adds to the usual ones"},
    {0, "output-all", OPT_FLAG, AT(table.output_all), NULL, "print all columns"},
    OPT_END,
};

void cmd_groups(const struct cmd *cmd, void *args, struct cmd_common *common,
                struct opt_group groups[static CMD_GROUPS_MAX])
{
    size_t n = 0;

    if (cmd->opts)
        groups[n++] = (struct opt_group){NULL, cmd->opts, args};
    if (cmd->shared)
        groups[n++] = (struct opt_group){cmd->shared_title, cmd->shared, args};
    if (cmd->flags & CMD_SOFT_FAIL)
        groups[n++] = (struct opt_group){NULL, soft_opts, common};
    if (cmd->flags & CMD_CHANGES)
        groups[n++] = (struct opt_group){"Changing options", change_opts, common};
    if (cmd->flags & CMD_TABLE)
        groups[n++] = (struct opt_group){"Output options", table_opts, common};
    groups[n++] = (struct opt_group){
        "Common options", cmd->flags & CMD_OWN_V ? common_opts_without_v : common_opts, common};
    groups[n] = (struct opt_group){NULL, NULL, NULL};
}

/* "swapctl ensure", or only the tool's name where there is no subcommand (yet). */
static int hint(const struct cmd_context *ctx)
{
    bool named = ctx->cmd && !streq(ctx->cmd->name, ctx->tool->name);
    char text[128];

    snprintf(text, sizeof(text), "Try '%s%s%s --help' for more information.", ctx->tool->name,
             named ? " " : "", named ? ctx->cmd->name : "");
    message_say(NULL, MESSAGE_ERROR, "", text);
    return CMD_USAGE;
}

static bool is_plugin(const struct cmd_context *ctx)
{
    return ctx->cmd && ctx->cmd->flags & CMD_PLUGIN;
}

/* Who runs a plugin looks at its standard output only. */
static int plugin_unknown(const struct cmd_context *ctx, const char *text)
{
    plugin_print_unknown(stdout, ctx->tool->name, text);
    return PLUGIN_UNKNOWN;
}

int cmd_usage(const struct cmd_context *ctx, const char *fmt, ...)
{
    _cleanup_(free_ptr) char *text = NULL;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        text = NULL;
    if (is_plugin(ctx))
        return plugin_unknown(ctx, text ? text : fmt);
    message_say(ctx->tool->name, MESSAGE_ERROR, "", text ? text : fmt);
    return hint(ctx);
}

void cmd_warn(const struct cmd_context *ctx, const char *fmt, ...)
{
    va_list ap;

    if (ctx->muted)
        return;
    va_start(ap, fmt);
    message_say_va(ctx->tool->name, MESSAGE_WARNING, "warning: ", fmt, ap);
    va_end(ap);
}

int cmd_fail(const struct cmd_context *ctx, int r, const struct err *e)
{
    const char *text = e->text ? e->text : strerror(-r);

    if (is_plugin(ctx))
        return plugin_unknown(ctx, text);
    message_say(ctx->tool->name, MESSAGE_ERROR, "", text);
    if (e->kind != ERR_USAGE)
        message_log(ctx->log_fd, ctx->tool->name, "failed: ", text);
    switch (e->kind) {
    case ERR_USAGE:
        return hint(ctx);
    case ERR_UNSUPPORTED:
        return CMD_UNSUPPORTED;
    case ERR_REFUSED:
        return CMD_REFUSED;
    case ERR_TIMEOUT:
        return CMD_TIMEOUT;
    case ERR_FAILED:
    case ERR_INTERRUPTED: /* cmd_main() sees to it that nobody gets this status */
        break;
    }
    return CMD_FAILED;
}

static const int asked_to_stop[] = {SIGINT, SIGTERM, SIGHUP};

/* Signals are a matter of the process; so this is the one thing here that is remembered for all of
 * it. */
static volatile sig_atomic_t caught;

static void catch (int number)
{
    caught = number;
}

void cmd_signals_catch(void)
{
    /* no SA_RESTART: a long swapoff(2) must come back with EINTR */
    const struct sigaction catching = {.sa_handler = catch};
    struct sigaction before;

    for (size_t i = 0; i < ARRAY_SIZE(asked_to_stop); i++) {
        /* what is ignored (nohup) stays ignored */
        if (sigaction(asked_to_stop[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(asked_to_stop[i], &catching, NULL);
    }
    /* a limit on file sizes (ulimit -f) is a failed write with a message, not a death */
    cmd_signal_ignore(SIGXFSZ);
}

/* What was not ignored before we did. */
static sigset_t ignored;

void cmd_signal_ignore(int number)
{
    struct sigaction before;

    if (sigaction(number, NULL, &before) < 0 || before.sa_handler == SIG_IGN)
        return;
    sigaddset(&ignored, number);
    signal(number, SIG_IGN);
}

void cmd_signals_inherit(void)
{
    for (int number = 1; number < NSIG; number++)
        if (sigismember(&ignored, number) == 1)
            signal(number, SIG_DFL);
}

bool cmd_interrupted(void *arg _unused_)
{
    return caught != 0;
}

void cmd_signals_hold(sigset_t *open)
{
    sigset_t asked;

    cmd_signals_catch();
    sigemptyset(&asked);
    for (size_t i = 0; i < ARRAY_SIZE(asked_to_stop); i++)
        sigaddset(&asked, asked_to_stop[i]);
    sigprocmask(SIG_BLOCK, &asked, open);
}

void cmd_signals_restore(void)
{
    struct sigaction now;

    for (size_t i = 0; i < ARRAY_SIZE(asked_to_stop); i++) {
        if (sigaction(asked_to_stop[i], NULL, &now) == 0 && now.sa_handler == catch)
            signal(asked_to_stop[i], SIG_DFL);
    }
    if (caught)
        raise(caught);
}

/* After everything is undone: as if we had never caught it, so that a shell sees what it expects.
 */
static void die_if_interrupted(int status)
{
    if (!caught || status == CMD_OK)
        return;
    signal(caught, SIG_DFL);
    raise(caught);
}

static void tell_step(void *arg, const struct plan_step *step)
{
    const struct cmd_context *ctx = arg;

    if (ctx->common.verbose)
        message_say(ctx->tool->name, MESSAGE_INFO, "", step->text);
}

static void log_step(void *arg, const struct plan_step *step, bool undone)
{
    const struct cmd_context *ctx = arg;

    message_log(ctx->log_fd, ctx->tool->name, undone ? "undone: " : "done: ", step->text);
}

int cmd_plan_run(struct cmd_context *ctx, struct plan *plan, struct err *e)
{
    const struct plan_watch watch = {cmd_interrupted, tell_step, log_step, ctx};

    if (!ctx->common.dry_run)
        return plan_apply(plan, &watch, e);
    for (size_t i = 0; i < plan->n && !ctx->common.json; i++)
        printf("%s\n", plan->steps[i].text);
    return 0;
}

void cmd_json_actions(struct json *j, const struct plan *plan)
{
    json_list(j, "actions");
    for (size_t i = 0; i < plan->n; i++)
        json_string(j, NULL, plan->steps[i].action);
    json_list_end(j);
}

/* The file that takes the place of a closed descriptor would get our messages: a swap file, say. */
static void fill_standard_descriptors(void)
{
    struct pollfd fds[] = {{.fd = 0}, {.fd = 1}, {.fd = 2}};

    if (poll(fds, ARRAY_SIZE(fds), 0) <= 0)
        return;
    for (int i = 0; i < (int)ARRAY_SIZE(fds); i++) {
        /* the lowest free number is taken; reading from stdin and writing to stdout shall fail as
         * they did */
        if (fds[i].revents & POLLNVAL && open("/dev/null", i == 1 ? O_RDONLY : O_WRONLY) < 0)
            abort();
    }
}

static int close_stdout(const struct cmd_context *ctx, int status)
{
    bool failed = ferror(stdout);

    errno = 0;
    if (fclose(stdout) == 0 && !failed)
        return status;
    if (errno)
        message_say(ctx->tool->name, MESSAGE_ERROR,
                    "standard output: cannot write: ", strerror(errno));
    else
        message_say(ctx->tool->name, MESSAGE_ERROR, "", "standard output: cannot write");
    return status == CMD_OK || status == CMD_NO ? CMD_FAILED : status;
}

bool cmd_is_single(const struct tool *tool)
{
    return tool->cmds[0] && streq(tool->cmds[0]->name, tool->name);
}

const char *cmd_name_in(const struct cmd *cmd, const struct cmd_group *group)
{
    const char *rest;

    if (!group)
        return strchr(cmd->name, ' ') ? NULL : cmd->name;
    rest = str_after(cmd->name, group->name);
    return rest && *rest == ' ' ? rest + 1 : NULL;
}

static const struct cmd *find(const struct tool *tool, const struct cmd_group *group,
                              const char *name)
{
    for (size_t i = 0; tool->cmds[i]; i++) {
        const char *own = cmd_name_in(tool->cmds[i], group);

        if (own && streq(own, name))
            return tool->cmds[i];
    }
    return NULL;
}

static const struct cmd_group *find_group(const struct tool *tool, const char *name)
{
    for (const struct cmd_group *g = tool->groups; g && g->name; g++) {
        if (streq(g->name, name))
            return g;
    }
    return NULL;
}

static int unknown_subcommand(const struct cmd_context *ctx, const struct cmd_group *group,
                              const char *name)
{
    const char *before = group ? group->name : "", *blank = group ? " " : "";
    struct closest c;

    closest_begin(&c, name, SIZE_MAX);
    for (size_t i = 0; ctx->tool->cmds[i]; i++) {
        const char *own = cmd_name_in(ctx->tool->cmds[i], group);

        if (own)
            closest_try(&c, own);
    }
    for (const struct cmd_group *g = ctx->tool->groups; !group && g && g->name; g++)
        closest_try(&c, g->name);
    if (!group)
        closest_try(&c, "help");
    if (c.best)
        return cmd_usage(ctx, "unknown subcommand \"%s%s%s\"; did you mean \"%s%s%s\"?", before,
                         blank, name, before, blank, c.best);
    return cmd_usage(ctx, "unknown subcommand \"%s%s%s\"", before, blank, name);
}

static int print_version(const struct tool *tool)
{
    printf("%s (headroom) %s\n", tool->name, HEADROOM_VERSION);
    return CMD_OK;
}

static int run_help(struct cmd_context *ctx, int argc, char **argv)
{
    const struct cmd_group *group = argc > 1 ? find_group(ctx->tool, argv[1]) : NULL;
    int at = group ? 2 : 1;
    const struct cmd *cmd;

    if (argc > at + 1)
        return cmd_usage(ctx, "unexpected operand \"%s\"", argv[at + 1]);
    if (argc <= at) {
        help_tool(stdout, ctx->tool, group);
        return CMD_OK;
    }
    cmd = find(ctx->tool, group, argv[at]);
    if (!cmd)
        return unknown_subcommand(ctx, group, argv[at]);
    help_cmd(stdout, ctx->tool, cmd);
    return CMD_OK;
}

static int check_operands(struct cmd_context *ctx)
{
    const struct cmd *cmd = ctx->cmd;

    /* a shell's "$FILE" that is not set */
    for (; ctx->operands[ctx->n_operands]; ctx->n_operands++) {
        if (*ctx->operands[ctx->n_operands] == '\0' && cmd->operand != CMD_OPERAND_COMMAND)
            return cmd_usage(ctx, "empty operand; wanted %s", cmd->operands);
    }
    if (ctx->n_operands < cmd->min_operands)
        return cmd_usage(ctx, "missing %.*s", (int)strcspn(cmd->operands, " .|"), cmd->operands);
    if (cmd->max_operands >= 0 && ctx->n_operands > cmd->max_operands)
        return cmd_usage(ctx, "unexpected operand \"%s\"", ctx->operands[cmd->max_operands]);
    return CMD_OK;
}

static int run_parsed(struct cmd_context *ctx, const void *args)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int r;

    if (ctx->common.help) {
        help_cmd(stdout, ctx->tool, ctx->cmd);
        return CMD_OK;
    }
    if (ctx->common.version)
        return print_version(ctx->tool);
    r = check_operands(ctx);
    if (r != CMD_OK)
        return r;
    r = root_open(&ctx->root, ctx->common.root_dir, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    if (ctx->common.log_file && !ctx->common.dry_run)
        r = message_log_open(ctx->common.log_file, &ctx->log_fd, &e);
    r = r < 0 ? cmd_fail(ctx, r, &e) : ctx->cmd->run(ctx, args);
    close_fd(&ctx->log_fd);
    root_close(&ctx->root);
    return r;
}

static enum opt_operands operands_of(const struct cmd *cmd)
{
    switch (cmd->operand) {
    case CMD_OPERAND_NUMBER:
        return OPT_NUMBERS;
    case CMD_OPERAND_COMMAND:
        return OPT_COMMAND;
    default:
        return OPT_OPERANDS;
    }
}

static int run_cmd(struct cmd_context *ctx, int argc, char **argv)
{
    const struct cmd *cmd = ctx->cmd;
    _cleanup_(free_ptr) void *args = calloc(1, cmd->args_size + 1);
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct opt_group groups[CMD_GROUPS_MAX];
    struct opt_storage *storage;
    int r;

    if (cmd->run_words) {
        r = cmd->run_words(ctx, argc, argv);
        root_close(&ctx->root);
        return r;
    }
    if (!args)
        return cmd_fail(ctx, err_oom(&e), &e);
    if (cmd->defaults)
        memcpy(args, cmd->defaults, cmd->args_size);
    cmd_groups(cmd, args, &ctx->common, groups);
    r = opt_parse(argc, (const char **)argv, groups, operands_of(cmd), &ctx->operands, &storage,
                  &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    r = run_parsed(ctx, args);
    opt_free(storage);
    return r;
}

static int run_alone(struct cmd_context *ctx, int argc, char **argv)
{
    ctx->cmd = ctx->tool->alone;
    return run_cmd(ctx, argc, argv);
}

/* @argv[1]: the subcommand's name, or behind a group the rest of it. */
static int run_named(struct cmd_context *ctx, const struct cmd_group *group, int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    bool alone = ctx->tool->alone && !group;

    if (!name && alone)
        return run_alone(ctx, argc, argv);
    if (!name)
        return cmd_usage(ctx, "missing SUBCOMMAND%s%s", group ? " of " : "",
                         group ? group->name : "");
    if (streq(name, "--help") || streq(name, "-h")) {
        help_tool(stdout, ctx->tool, group);
        return CMD_OK;
    }
    if (streq(name, "--version") || streq(name, "-V"))
        return print_version(ctx->tool);
    if (*name == '-' && alone)
        return run_alone(ctx, argc, argv);
    if (*name == '-')
        return cmd_usage(ctx, "%s: options come behind the subcommand", name);
    ctx->cmd = find(ctx->tool, group, name);
    if (!ctx->cmd)
        return unknown_subcommand(ctx, group, name);
    return run_cmd(ctx, argc - 1, argv + 1);
}

static int run_tool(struct cmd_context *ctx, int argc, char **argv)
{
    const struct cmd_group *group;

    if (cmd_is_single(ctx->tool)) {
        ctx->cmd = ctx->tool->cmds[0];
        return run_cmd(ctx, argc, argv);
    }
    if (argc > 1 && streq(argv[1], "help"))
        return run_help(ctx, argc - 1, argv + 1);
    group = argc > 1 ? find_group(ctx->tool, argv[1]) : NULL;
    return run_named(ctx, group, group ? argc - 1 : argc, group ? argv + 1 : argv);
}

int cmd_passed(struct cmd_context *ctx, int status)
{
    ctx->passed = true;
    return status;
}

static int tell_apart(const struct cmd_context *ctx, int status)
{
    const struct cmd *cmd = ctx->cmd;
    bool command = cmd && cmd->flags & CMD_COMMAND && (ctx->n_operands || cmd->min_operands);

    return command && !ctx->passed && status != CMD_OK ? CMD_COMMAND_FAILED : status;
}

/* A wrong command line stays an error: it is the hook's own, and never gets better. */
static int soften(const struct cmd_context *ctx, int status)
{
    return ctx->common.soft_fail && status != CMD_USAGE ? CMD_OK : status;
}

int cmd_main(const struct tool *tool, int argc, char **argv)
{
    struct cmd_context ctx = {
        .tool = tool,
        .root = ROOT_INIT,
        .log_fd = -1,
        .common.lock_timeout_ms = 30000,
    };
    int status;

    fill_standard_descriptors();
    status = run_tool(&ctx, argc, argv);
    status = close_stdout(&ctx, tell_apart(&ctx, status));
    die_if_interrupted(status);
    return soften(&ctx, status);
}
