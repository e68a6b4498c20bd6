/* SPDX-License-Identifier: MIT */
/*
 * cmd - what all tools share: exit codes, the common options, and how a subcommand is run
 */
#ifndef HEADROOM_CMD_H
#define HEADROOM_CMD_H

#include "json.h"
#include "opt.h"
#include "plan.h"
#include "root.h"
#include "table.h"
#include <signal.h>

enum cmd_exit {
    CMD_OK = 0,
    CMD_NO = 1, /* the answer is no */
    CMD_USAGE = 2,
    CMD_FAILED = 3,
    CMD_PARTIAL = 4,     /* some operands failed, or the view was incomplete */
    CMD_UNSUPPORTED = 5, /* by this kernel, file system or build */
    CMD_REFUSED = 6,     /* for safety */
    CMD_TIMEOUT = 124,
};

/* With CMD_COMMAND: a failure of our own, before the command ran. Apart, because no other
 * subcommand has it. */
enum { CMD_COMMAND_FAILED = 125 };

/* Which groups of common options a subcommand takes besides --root, --verbose and --help. */
enum cmd_flags {
    CMD_TABLE = 1 << 0,     /* -J -r -n -b -o --output-all */
    CMD_CHANGES = 1 << 1,   /* --dry-run, --json, --lock-timeout, --progress, --log */
    CMD_SOFT_FAIL = 1 << 2, /* --soft-fail */
    CMD_OWN_V = 1 << 3,     /* -v is the subcommand's own, and --verbose has no short form */
    CMD_COMMAND = 1 << 4, /* the operands are a command that it runs, see cmd_passed(); if it may be
                             left out, min_operands is 0 */
    CMD_PLUGIN = 1 << 5,  /* answers as plugin.h says, also when it fails or is used wrongly */
};

/* What completes an operand. */
enum cmd_operand {
    CMD_OPERAND_NONE,
    CMD_OPERAND_FILE,
    CMD_OPERAND_ACTIVE_SWAP,
    CMD_OPERAND_NUMBER,
    CMD_OPERAND_WORD, /* one of .words */
    CMD_OPERAND_PROCESS_NAME,
    CMD_OPERAND_GROUP,   /* a control group */
    CMD_OPERAND_COMMAND, /* a command and its words */
};

enum cmd_progress { CMD_PROGRESS_AUTO, CMD_PROGRESS_ALWAYS, CMD_PROGRESS_NEVER };

struct cmd_common {
    const char *root_dir;
    bool verbose;
    bool help;
    bool version;
    bool dry_run;
    bool json;
    uint64_t lock_timeout_ms;
    int progress; /* enum cmd_progress */
    const char *log_file;
    bool soft_fail;
    struct table_options table;
};

struct cmd_context;

struct cmd {
    const char *name;         /* one word, or a group's and its own: "zram ensure" */
    const char *summary;      /* one line for the tool's --help */
    const char *operands;     /* "PATH...", "[N]"; "" for none */
    const char *about;        /* one or two sentences for its own --help */
    const struct opt *opts;   /* ended by OPT_END; may be NULL */
    const struct opt *shared; /* options that several subcommands have; their values lie in the same
                                 struct */
    const char *shared_title; /* heading of those in --help */
    const void *defaults;     /* of args_size bytes; may be NULL: all zero */
    size_t args_size;
    const struct table_column *columns; /* with CMD_TABLE: listed by --help */
    unsigned flags;
    enum cmd_operand operand;
    const char *const *words;       /* with CMD_OPERAND_WORD: NULL-terminated */
    int min_operands, max_operands; /* max -1: any number */
    int (*run)(struct cmd_context *ctx, const void *args);
    /* In place of all that: reads its own words, of which the first is its name, and opens the root
     * if it wants one. */
    int (*run_words)(struct cmd_context *ctx, int argc, char **argv);
};

/* Subcommands whose names begin with the same word. */
struct cmd_group {
    const char *name;
    const char *summary;
};

struct tool {
    const char *name;
    const char *section; /* of the manual: "8" */
    const char *summary;
    const struct cmd *const *
        cmds; /* NULL-terminated; a tool without subcommands has exactly one, named like the tool */
    const struct cmd_group *groups; /* ended by one without a name; may be NULL */
    const struct cmd *alone; /* what runs without a subcommand, with or without options; or NULL */
};

/* What a running subcommand has at hand. */
struct cmd_context {
    const struct tool *tool;
    const struct cmd *cmd;
    struct root root;
    struct cmd_common common;
    int log_fd;                  /* of --log, or -1 */
    bool passed;                 /* see cmd_passed() */
    bool muted;                  /* cmd_warn() says nothing, for it was said before */
    const char *const *operands; /* NULL-terminated */
    int n_operands;
};

/**
 * cmd_main() - run a tool: find the subcommand, parse, run, flush
 *
 * `tool --help`, `tool --version`, `tool help [SUBCOMMAND]`, `tool SUBCOMMAND --help` print to
 * stdout and exit 0; a group counts as a subcommand there. An unknown subcommand is exit 2 and
 * names the closest one. A failed write to stdout turns CMD_OK and CMD_NO into CMD_FAILED. Standard
 * descriptors that were closed are opened on /dev/null first, stdout so that writing to it fails:
 * no file of ours may take their place.
 *
 * Return: the exit status.
 */
int cmd_main(const struct tool *tool, int argc, char **argv);

/* The option groups of a subcommand as parsing, help, completions and checks see them; ended by
 * opts == NULL. */
enum { CMD_GROUPS_MAX = 7 };
void cmd_groups(const struct cmd *cmd, void *args, struct cmd_common *common,
                struct opt_group groups[static CMD_GROUPS_MAX]);

/* Has the tool no subcommands? Then its one command is named like it. */
bool cmd_is_single(const struct tool *tool);

/* What follows the group's name in that of the subcommand: "ensure"; NULL: it is not in that group,
 * or, with a group of NULL, in any. */
const char *cmd_name_in(const struct cmd *cmd, const struct cmd_group *group);

/* With CMD_COMMAND: @status is that of the command and not ours. Every other one than CMD_OK
 * becomes CMD_COMMAND_FAILED. Return: @status. */
int cmd_passed(struct cmd_context *ctx, int status);

/* Print "tool: MESSAGE", to --log too, and say which exit status it is. */
int cmd_fail(const struct cmd_context *ctx, int r, const struct err *e);

/* A usage error found by the subcommand itself: message, hint at --help, CMD_USAGE. */
int cmd_usage(const struct cmd_context *ctx, const char *fmt, ...) _printf_(2, 3);

/* "tool: warning: ..." */
void cmd_warn(const struct cmd_context *ctx, const char *fmt, ...) _printf_(2, 3);

/**
 * cmd_signals_catch() - from here on SIGINT, SIGTERM and SIGHUP are only noted, and system calls
 * end with EINTR
 *
 * cmd_interrupted() tells; @arg is unused, so that it fits plan_watch. When cmd_main() ends without
 * success after that, the process dies by the signal, as a shell expects.
 */
void cmd_signals_catch(void);
bool cmd_interrupted(void *arg);

/* The same, and from here on they come only in a call that takes @open for its mask (ppoll(2)):
 * none is missed just before it. */
void cmd_signals_hold(sigset_t *open);

/* From here on signals are what they were before cmd_signals_catch(); one that was noted meanwhile
 * ends the process now. */
void cmd_signals_restore(void);

/* Ignore a signal for our own sake. */
void cmd_signal_ignore(int number);

/* In a child that becomes another program: it does not ignore those. What who started us ignores
 * (nohup) stays ignored. */
void cmd_signals_inherit(void);

/**
 * cmd_plan_run() - show the plan (--dry-run) or do it
 *
 * A dry run prints each step's text on stdout (with --json nothing: the caller's answer has the
 * actions). A real run with
 * --verbose tells each step on stderr, and --log gets what was done and undone.
 *
 * Return: 0 or a negated errno with a message.
 */
int cmd_plan_run(struct cmd_context *ctx, struct plan *plan, struct err *e);

/* "actions":["create","activate"]: what the plan's steps are called. */
void cmd_json_actions(struct json *j, const struct plan *plan);

#endif
