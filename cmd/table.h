/* SPDX-License-Identifier: MIT */
/*
 * table - rows for people and for scripts: the only user of smartcols
 *
 * A command states its columns once; that list serves --help, -o, the text, --raw, --json and the
 * checks. Cells have a type; text is humanised, raw and JSON carry plain numbers (a BOOL is "yes"
 * or "no" in text, 1 or 0 in raw); an absent cell is "-" in text and raw and null in JSON. Raw
 * writes blanks, backslashes and whatever is not printable ASCII as \xNN, so a row is always split
 * at its blanks; JSON strings are made valid UTF-8.
 */
#ifndef HEADROOM_TABLE_H
#define HEADROOM_TABLE_H

#include "err.h"

enum table_type {
    TABLE_STRING,
    TABLE_SIZE, /* bytes */
    TABLE_NUMBER,
    TABLE_RATIO, /* hundredths: 253 is printed as 2.53 */
    TABLE_BOOL,
    TABLE_SECONDS, /* "1h30m" in text */
    TABLE_WORDS,   /* a list: blanks between them in text, a list of strings in JSON */
};

struct table_column {
    const char *name; /* upper case heading, "BACKING-FILE"; the JSON key is its lower_snake_case,
                         "backing_file" */
    enum table_type type;
    bool shown; /* without -o; JSON without -o has all columns */
    const char *help;
    const char *key; /* NULL, or the JSON key where it is another: "swap_bytes" */
    bool dear;       /* takes long to find out: JSON without -o goes without it */
};

#define TABLE_COLUMN_END                                                                           \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/* What the common table options ask for; filled by the option room. */
struct table_options {
    bool json, raw, noheadings, bytes, output_all;
    const char *output; /* column list of -o: "PATH,SIZE", "+LABEL" adds to the default; any letter
                           case; NULL: the default */
    const char *sort;   /* "RSS,-PID": by these columns, the one with a minus the largest first;
                           absent ones last; NULL: as the rows were made */
};

struct table;

/**
 * table_new() - begin a table
 * @name:    JSON key of the list: "swaps"
 * @columns: ended by TABLE_COLUMN_END
 * @options: all three are borrowed until table_free()
 *
 * A column that is asked for twice is printed once.
 *
 * Return: 0; -EINVAL as ERR_USAGE for an unknown column in -o (names those there are), for -J
 * together with -r, for -o together with --output-all; -ENOMEM.
 */
int table_new(const char *name, const struct table_column *columns,
              const struct table_options *options, struct table **out, struct err *e);
void table_free(struct table **table);

/* Is this column going to be printed, or sorted by? So that dear ones are computed only when
 * wanted. @column: index into columns. */
bool table_wants(const struct table *table, size_t column);

/* Begin a row; cells that are not set are absent. Return: 0 or -ENOMEM. */
int table_row(struct table *table, struct err *e);

/* Set a cell of the current row. The type is the column's. @value is copied; NULL is absent. */
int table_set_string(struct table *table, size_t column, const char *value, struct err *e);
/* @value: @len bytes of words, a NUL between them; NULL is absent. For TABLE_WORDS. */
int table_set_words(struct table *table, size_t column, const char *value, size_t len,
                    struct err *e);
void table_set_number(struct table *table, size_t column, int64_t value); /* not STRING */

/* There is a number, and nobody could tell it: "?" in text and raw, null in JSON. Return: 0 or
 * -ENOMEM. */
int table_set_unknown(struct table *table, size_t column, struct err *e);

/* A number or, with UINT64_MAX, no limit: "max", in JSON too. Not for STRING. Return: 0 or -ENOMEM.
 */
int table_set_limit(struct table *table, size_t column, uint64_t value, struct err *e);

/* A number that stands in the JSON object behind the list of rows, and nowhere else. @key is
 * borrowed; at most TABLE_TOTALS_MAX of them. */
enum { TABLE_TOTALS_MAX = 4 };
void table_add_total(struct table *table, const char *key, int64_t value);
void table_add_null_total(struct table *table, const char *key);

/**
 * table_print() - print to stdout
 *
 * Nothing but the empty list ({"swaps":[]}) for JSON without rows; nothing at all, no heading
 * either, for text without rows. Text that needs widths sets LC_CTYPE from the environment. Whether
 * stdout took it all is told when it is flushed.
 *
 * Return: 0, -ENOMEM, or for text what smartcols_load() returns.
 */
int table_print(struct table *table, struct err *e);

/* How the rows are going to be sorted: @out takes the place of each in the order they were made in.
 */
void table_order(const struct table *table, size_t *out);

/* The columns as --help shows them. */
void table_print_help(FILE *out, const struct table_column *columns);

#endif
