/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <ctype.h>
#include <inttypes.h>
#include <locale.h>

#include "closest.h"
#include "json.h"
#include "size.h"
#include "smartcols.h"

enum { NAME_MAX_LEN = 32, CELL_MAX = 32, KEYS_MAX = 8 };

struct cell {
    bool set;
    char *text;     /* owned; TABLE_STRING, TABLE_WORDS, or a word in place of a number; of one that
                       is not set: what stands there in place of "-" */
    int64_t number; /* of the words: how many bytes */
};

struct table {
    const char *name;
    const struct table_column *columns;
    const struct table_options *options;
    size_t n_columns;
    size_t *order; /* indexes of the printed columns, as printed */
    size_t n_order;
    struct cell *cells; /* n_rows times n_columns */
    size_t n_rows;
    struct key {
        size_t column;
        bool down; /* the largest first */
    } keys[KEYS_MAX];
    size_t n_keys;
    struct {
        const char *key;
        int64_t value;
        bool set; /* not null */
    } totals[TABLE_TOTALS_MAX];
    size_t n_totals;
};

static size_t count_columns(const struct table_column *columns)
{
    size_t n = 0;

    while (columns[n].name)
        n++;
    return n;
}

static bool is_chosen(const struct table *t, size_t column)
{
    for (size_t i = 0; i < t->n_order; i++) {
        if (t->order[i] == column)
            return true;
    }
    return false;
}

bool table_wants(const struct table *t, size_t column)
{
    for (size_t i = 0; i < t->n_keys; i++) {
        if (t->keys[i].column == column)
            return true;
    }
    return is_chosen(t, column);
}

/* A column that is asked for twice is printed once: JSON objects cannot hold a key twice. */
static void choose(struct table *t, size_t column)
{
    if (!is_chosen(t, column))
        t->order[t->n_order++] = column;
}

/* People want what fits their screen; a script that gives no list wants to know what there is. */
static void choose_shown(struct table *t)
{
    bool json = t->options->json && !t->options->output;

    for (size_t i = 0; i < t->n_columns; i++) {
        if (t->columns[i].shown || t->options->output_all || (json && !t->columns[i].dear))
            choose(t, i);
    }
}

static int unknown_column(const struct table *t, const char *option, const char *name, size_t len,
                          struct err *e)
{
    char all[512] = "";
    struct closest c;

    closest_begin(&c, name, len);
    for (size_t i = 0; i < t->n_columns; i++) {
        size_t used = strlen(all);

        closest_try(&c, t->columns[i].name);
        snprintf(all + used, sizeof(all) - used, "%s%s", used ? ", " : "", t->columns[i].name);
    }
    if (c.best)
        return err_usage(e, -EINVAL, "%s: unknown column \"%.*s\"; did you mean %s?", option,
                         (int)len, name, c.best);
    return err_usage(e, -EINVAL, "%s: unknown column \"%.*s\"; there are %s", option, (int)len,
                     name, all);
}

static bool find_column(const struct table *t, const char *name, size_t len, size_t *out)
{
    for (size_t i = 0; i < t->n_columns; i++) {
        if (strlen(t->columns[i].name) == len && strncasecmp(t->columns[i].name, name, len) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static int choose_named(struct table *t, const char *name, size_t len, struct err *e)
{
    size_t column;

    if (!find_column(t, name, len, &column))
        return unknown_column(t, "--output", name, len, e);
    choose(t, column);
    return 0;
}

static int choose_keys(struct table *t, const char *list, struct err *e)
{
    for (;;) {
        struct key key = {.down = *list == '-'};
        size_t len;

        list += key.down;
        len = strcspn(list, ",");
        if (!find_column(t, list, len, &key.column))
            return unknown_column(t, "--sort", list, len, e);
        if (t->n_keys == KEYS_MAX)
            return err_usage(e, -EINVAL, "--sort: more than %d columns", KEYS_MAX);
        t->keys[t->n_keys++] = key;
        list += len;
        if (*list == '\0')
            return 0;
        list++;
    }
}

static int choose_list(struct table *t, const char *list, struct err *e)
{
    int r = 0;

    if (*list == '+') {
        choose_shown(t);
        list++;
    }
    while (r == 0) {
        size_t len = strcspn(list, ",");

        r = choose_named(t, list, len, e);
        list += len;
        if (*list == '\0')
            break;
        list++;
    }
    return r;
}

static int check_options(const struct table_options *options, struct err *e)
{
    if (options->json && options->raw)
        return err_usage(e, -EINVAL, "--json and --raw exclude each other");
    if (options->output && options->output_all)
        return err_usage(e, -EINVAL, "--output and --output-all exclude each other");
    return 0;
}

int table_new(const char *name, const struct table_column *columns,
              const struct table_options *options, struct table **out, struct err *e)
{
    _cleanup_(table_free) struct table *t = NULL;
    int r;

    r = check_options(options, e);
    if (r < 0)
        return r;
    t = calloc(1, sizeof(*t));
    if (!t)
        return err_oom(e);
    t->name = name;
    t->columns = columns;
    t->options = options;
    t->n_columns = count_columns(columns);
    t->order = calloc(t->n_columns, sizeof(*t->order));
    if (!t->order)
        return err_oom(e);
    if (options->output)
        r = choose_list(t, options->output, e);
    else
        choose_shown(t);
    if (r == 0 && options->sort)
        r = choose_keys(t, options->sort, e);
    if (r < 0)
        return r;
    *out = TAKE_PTR(t);
    return 0;
}

void table_free(struct table **table)
{
    struct table *t = TAKE_PTR(*table);

    if (!t)
        return;
    for (size_t i = 0; i < t->n_rows * t->n_columns; i++)
        free(t->cells[i].text);
    free(t->cells);
    free(t->order);
    free(t);
}

static struct cell *cell_at(const struct table *t, size_t row, size_t column)
{
    return &t->cells[row * t->n_columns + column];
}

int table_row(struct table *t, struct err *e)
{
    struct cell *cells = t->cells;

    /* room for 16, 32, 64... rows: it is used up when the number is such a one */
    if (t->n_rows == 0 || (t->n_rows >= 16 && (t->n_rows & (t->n_rows - 1)) == 0))
        cells = reallocarray(cells, t->n_rows ? 2 * t->n_rows : 16, t->n_columns * sizeof(*cells));
    if (!cells)
        return err_oom(e);
    t->cells = cells;
    memset(cell_at(t, t->n_rows, 0), 0, t->n_columns * sizeof(*cells));
    t->n_rows++;
    return 0;
}

int table_set_string(struct table *t, size_t column, const char *value, struct err *e)
{
    struct cell *cell = cell_at(t, t->n_rows - 1, column);
    char *copy = value ? strdup(value) : NULL;

    if (value && !copy)
        return err_oom(e);
    free(cell->text);
    cell->text = copy;
    cell->set = copy != NULL;
    return 0;
}

int table_set_words(struct table *t, size_t column, const char *value, size_t len, struct err *e)
{
    struct cell *cell = cell_at(t, t->n_rows - 1, column);
    char *copy = value ? malloc(len + 1) : NULL;

    if (value && !copy)
        return err_oom(e);
    if (copy) {
        memcpy(copy, value, len);
        copy[len] = '\0';
    }
    free(cell->text);
    cell->text = copy;
    cell->number = (int64_t)len;
    cell->set = copy != NULL;
    return 0;
}

void table_set_number(struct table *t, size_t column, int64_t value)
{
    struct cell *cell = cell_at(t, t->n_rows - 1, column);

    cell->number = value;
    cell->set = true;
}

int table_set_unknown(struct table *t, size_t column, struct err *e)
{
    int r = table_set_string(t, column, "?", e);

    cell_at(t, t->n_rows - 1, column)->set = false;
    return r;
}

int table_set_limit(struct table *t, size_t column, uint64_t value, struct err *e)
{
    if (value == UINT64_MAX)
        return table_set_string(t, column, "max", e);
    table_set_number(t, column, value > INT64_MAX ? INT64_MAX : (int64_t)value);
    return 0;
}

static void add_total(struct table *t, const char *key, int64_t value, bool set)
{
    if (t->n_totals == TABLE_TOTALS_MAX)
        abort();
    t->totals[t->n_totals].key = key;
    t->totals[t->n_totals].value = value;
    t->totals[t->n_totals++].set = set;
}

void table_add_total(struct table *t, const char *key, int64_t value)
{
    add_total(t, key, value, true);
}

void table_add_null_total(struct table *t, const char *key)
{
    add_total(t, key, 0, false);
}

static int compare_cells(const struct cell *a, const struct cell *b, bool down)
{
    int order;

    if (!a->set || !b->set)
        return b->set - a->set;
    if (a->text)
        order = strcmp(a->text, b->text);
    else
        order = (a->number > b->number) - (a->number < b->number);
    return down ? -order : order;
}

static int compare_rows(const void *a, const void *b, void *table)
{
    const struct table *t = table;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    for (size_t i = 0; i < t->n_keys; i++) {
        int order = compare_cells(cell_at(t, x, t->keys[i].column),
                                  cell_at(t, y, t->keys[i].column), t->keys[i].down);

        if (order)
            return order;
    }
    return (x > y) - (x < y);
}

void table_order(const struct table *t, size_t *out)
{
    for (size_t i = 0; i < t->n_rows; i++)
        out[i] = i;
    if (t->n_rows > 0 && t->n_keys > 0)
        qsort_r(out, t->n_rows, sizeof(*out), compare_rows, (void *)(uintptr_t)t);
}

static void json_key(const char *name, char key[static NAME_MAX_LEN])
{
    size_t i;

    for (i = 0; name[i] && i < NAME_MAX_LEN - 1; i++)
        key[i] = isalnum((unsigned char)name[i]) ? (char)tolower((unsigned char)name[i]) : '_';
    key[i] = '\0';
}

static void json_words(struct json *j, const char *key, const struct cell *cell)
{
    const char *end = cell->text + cell->number;

    json_list(j, key);
    for (const char *word = cell->text; cell->number > 0 && word <= end; word += strlen(word) + 1)
        json_string(j, NULL, word);
    json_list_end(j);
}

static void json_cell(struct json *j, const struct table_column *column, const struct cell *cell)
{
    char key[NAME_MAX_LEN];

    if (column->key)
        snprintf(key, sizeof(key), "%s", column->key);
    else
        json_key(column->name, key);
    if (!cell->set)
        json_null(j, key);
    else if (column->type == TABLE_STRING || (cell->text && column->type != TABLE_WORDS))
        json_string(j, key, cell->text);
    else if (column->type == TABLE_WORDS)
        json_words(j, key, cell);
    else if (column->type == TABLE_BOOL)
        json_bool(j, key, cell->number != 0);
    else if (column->type == TABLE_RATIO)
        json_ratio(j, key, (uint64_t)cell->number);
    else
        json_number(j, key, cell->number);
}

static void print_json(const struct table *t, const size_t *rows)
{
    struct json j = JSON_INIT(stdout);

    json_object(&j, NULL);
    json_list(&j, t->name);
    for (size_t row = 0; row < t->n_rows; row++) {
        json_object(&j, NULL);
        for (size_t i = 0; i < t->n_order; i++)
            json_cell(&j, &t->columns[t->order[i]], cell_at(t, rows[row], t->order[i]));
        json_object_end(&j);
    }
    json_list_end(&j);
    for (size_t i = 0; i < t->n_totals; i++)
        if (t->totals[i].set)
            json_number(&j, t->totals[i].key, t->totals[i].value);
        else
            json_null(&j, t->totals[i].key);
    json_object_end(&j);
}

/* "-" for an empty string as well: with --raw, nothing would move the columns behind it. */
static const char *cell_text(const struct table *t, size_t column, const struct cell *cell,
                             char buf[static CELL_MAX])
{
    bool human = !t->options->raw;

    if (!cell->set)
        return cell->text ? cell->text : "-";
    if (cell->text && *cell->text)
        return cell->text;
    switch (t->columns[column].type) {
    case TABLE_STRING:
        return "-";
    case TABLE_BOOL:
        if (human)
            return cell->number ? "yes" : "no";
        break;
    case TABLE_SIZE:
        if (!human || t->options->bytes)
            break;
        *buf = '-';
        size_format(cell->number < 0 ? -(uint64_t)cell->number : (uint64_t)cell->number,
                    buf + (cell->number < 0));
        return buf;
    case TABLE_RATIO:
        snprintf(buf, CELL_MAX, "%" PRId64 ".%02" PRId64, cell->number / 100, cell->number % 100);
        return buf;
    case TABLE_SECONDS:
        if (human && cell->number >= 0)
            return size_format_duration((uint64_t)cell->number, buf);
        break;
    case TABLE_NUMBER:
    case TABLE_WORDS: /* has a room of its own */
        break;
    }
    snprintf(buf, CELL_MAX, "%" PRId64, cell->number);
    return buf;
}

/* Words with blanks between them. */
static char *join(const struct cell *cell)
{
    char *text = malloc((size_t)cell->number + 1);

    for (int64_t i = 0; text && i <= cell->number; i++)
        text[i] = cell->text[i] || i == cell->number ? cell->text[i] : ' ';
    return text;
}

static int fill_cell(const struct table *t, const struct smartcols *lib, struct libscols_line *line,
                     size_t i, size_t row)
{
    const struct cell *cell = cell_at(t, row, t->order[i]);
    _cleanup_(free_ptr) char *joined = NULL;
    char buf[CELL_MAX];

    if (!cell->set || t->columns[t->order[i]].type != TABLE_WORDS)
        return lib->line_set_data(line, i, cell_text(t, t->order[i], cell, buf));
    joined = join(cell);
    if (!joined)
        return -ENOMEM;
    return lib->line_set_data(line, i, *joined ? joined : "-");
}

static int fill_line(const struct table *t, const struct smartcols *lib, struct libscols_line *line,
                     size_t row)
{
    int r = 0;

    for (size_t i = 0; i < t->n_order && r == 0; i++)
        r = fill_cell(t, lib, line, i, row);
    return r;
}

static int fill(const struct table *t, const struct smartcols *lib, const size_t *rows,
                struct libscols_table *scols)
{
    int r = 0;

    lib->table_enable_raw(scols, t->options->raw);
    lib->table_enable_noheadings(scols, t->options->noheadings);
    for (size_t i = 0; i < t->n_order; i++) {
        const struct table_column *c = &t->columns[t->order[i]];
        bool right = c->type != TABLE_STRING && c->type != TABLE_WORDS && c->type != TABLE_BOOL;

        if (!lib->table_new_column(scols, c->name, 0, right ? SCOLS_FL_RIGHT : 0))
            return -ENOMEM;
    }
    for (size_t row = 0; row < t->n_rows && r == 0; row++) {
        struct libscols_line *line = lib->table_new_line(scols, NULL);

        r = line ? fill_line(t, lib, line, rows[row]) : -ENOMEM;
    }
    return r;
}

int table_print(struct table *t, struct err *e)
{
    _cleanup_(free_ptr) size_t *rows = calloc(t->n_rows + 1, sizeof(*rows));
    struct libscols_table *scols;
    struct smartcols lib;
    int r;

    if (!rows)
        return err_oom(e);
    table_order(t, rows);
    if (t->options->json) {
        print_json(t, rows);
        return 0;
    }
    if (t->n_rows == 0)
        return 0;
    r = smartcols_load(&lib, e);
    if (r < 0)
        return r;
    if (!t->options->raw)
        setlocale(LC_CTYPE, ""); /* the width of a path in columns */
    scols = lib.new_table();
    r = scols ? fill(t, &lib, rows, scols) : -ENOMEM;
    if (r == 0)
        r = lib.print_table(scols);
    lib.unref_table(scols);
    return r < 0 ? err_oom(e) : 0;
}

void table_print_help(FILE *out, const struct table_column *columns)
{
    const char *all = "";

    for (const struct table_column *c = columns; c->name; c++)
        if (c->dear)
            all = " but the dear ones (+)";
    fprintf(out, "\nColumns (* shown without --output; --json shows all%s):\n", all);
    for (; columns->name; columns++)
        fprintf(out, "  %c %-14s %s\n",
                columns->shown  ? '*'
                : columns->dear ? '+'
                                : ' ',
                columns->name, columns->help);
}
