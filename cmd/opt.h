/* SPDX-License-Identifier: MIT */
/*
 * opt - options: the only user of popt
 *
 * A subcommand states its options once, in a const table; parsing, --help, the completions and the
 * checks all read that table. Values land in the subcommand's own struct (at .offset), which starts
 * as a copy of its defaults.
 */
#ifndef HEADROOM_OPT_H
#define HEADROOM_OPT_H

#include "err.h"
#include <stddef.h>

enum opt_type {
    OPT_FLAG,     /* bool */
    OPT_STRING,   /* const char *, borrowed from argv's life time */
    OPT_NUMBER,   /* int64_t, within .min and .max */
    OPT_DURATION, /* uint64_t, milliseconds */
    OPT_CHOICE,   /* int: index into .choices */
    OPT_SIZE,     /* const char *: a size whose meaning (50%, auto) the command resolves */
    OPT_FILE,     /* const char *: as OPT_STRING, completed as a file name */
    OPT_DIR,      /* const char *: as OPT_STRING, completed as a directory */
    OPT_COLUMNS,  /* const char *: as OPT_STRING, completed from the subcommand's columns */
    OPT_STRINGS,  /* const char *const *: all values that were given, NULL-terminated; NULL: none */
};

struct opt {
    char short_name;  /* '\0': none */
    const char *name; /* without the dashes; "": none */
    enum opt_type type;
    size_t offset;   /* into the subcommand's struct */
    const char *arg; /* placeholder in help: "SIZE"; NULL for flags */
    const char *help;
    const char *const *choices; /* OPT_CHOICE: NULL-terminated; OPT_SIZE, OPT_STRING: words that
                                   completion offers, or NULL */
    int64_t min, max;           /* OPT_NUMBER */
    const char *implied; /* what the option means without "=VALUE"; a value must be joined to it by
                            "=" then */
};

#define OPT_END                                                                                    \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/* One table and the struct that its offsets are meant for. */
struct opt_group {
    const char *title; /* heading in --help; NULL for the subcommand's own; not repeated */
    const struct opt *opts;
    void *values;
};

/* What the words are that are no options. */
enum opt_operands {
    OPT_OPERANDS, /* anything; they may stand between the options */
    OPT_NUMBERS,  /* numbers, so that "-1" is one of them and no option */
    OPT_COMMAND,  /* a command: the first of them ends our options, for the others are its own */
};

/**
 * opt_parse() - parse a subcommand's command line
 * @argv:     argv[0] is the subcommand; @groups is ended by one with opts == NULL
 * @operands: NULL-terminated, points into @storage
 * @storage:  allocated; what @operands and the strings point into; caller releases with opt_free()
 *
 * "--" ends the options. An option given twice: the last one counts, but of OPT_STRINGS all. A
 * value is checked by its type, and a wrong one names the option, the value and what would be
 * right. A value may be empty only for OPT_STRING and OPT_STRINGS.
 *
 * Return: 0, -EINVAL as ERR_USAGE, or -ENOMEM.
 */
struct opt_storage;
int opt_parse(int argc, const char **argv, const struct opt_group *groups, enum opt_operands kind,
              const char *const **operands, struct opt_storage **storage, struct err *e);
void opt_free(struct opt_storage *storage);

/* The library found a value wrong and does not know of options: put "--NAME: " before a message of
 * ERR_USAGE. Return: @r. */
int opt_blame(const char *name, int r, struct err *e);

/* Print the options of the groups as --help shows them: aligned, wrapped at 80 columns. */
void opt_print_help(FILE *out, const struct opt_group *groups);

/* Print words and a newline, wrapped at 80 columns; the line stands at column @at, all text begins
 * at column @indent. */
void opt_print_wrapped(FILE *out, const char *text, int at, int indent);

#endif
