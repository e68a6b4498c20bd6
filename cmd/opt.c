/* SPDX-License-Identifier: MIT */
#include "opt.h"

#include <ctype.h>
#include <popt.h>

#include "closest.h"
#include "size.h"

enum { CHOICES_MAX = 256 };

struct opt_storage {
    char **operands; /* NULL-terminated */
    char **values;   /* what OPT_STRING and its like point into */
    size_t n_operands, n_values;
    struct list {
        const char **texts; /* NULL-terminated */
        struct list *next;
    } * lists; /* what OPT_STRINGS point into */
};

/* An option and the struct its value goes to. */
struct place {
    const struct opt *opt;
    void *values;
};

static size_t count(const struct opt_group *groups)
{
    size_t n = 0;

    for (; groups->opts; groups++) {
        for (const struct opt *o = groups->opts; o->name; o++)
            n++;
    }
    return n;
}

static struct place place_at(const struct opt_group *groups, size_t i)
{
    for (; groups->opts; groups++) {
        for (const struct opt *o = groups->opts; o->name; o++) {
            if (i-- == 0)
                return (struct place){o, groups->values};
        }
    }
    return (struct place){NULL, NULL};
}

static const struct opt *find_short(const struct opt_group *groups, char c)
{
    for (; groups->opts; groups++) {
        for (const struct opt *o = groups->opts; o->name; o++) {
            if (o->short_name == c)
                return o;
        }
    }
    return NULL;
}

static const struct opt *find_long(const struct opt_group *groups, const char *name, size_t len)
{
    for (; groups->opts; groups++) {
        for (const struct opt *o = groups->opts; o->name; o++) {
            if (strlen(o->name) == len && strncmp(o->name, name, len) == 0)
                return o;
        }
    }
    return NULL;
}

/* The table as popt wants it; .val is the place of the option, counted from 1. */
static struct poptOption *popt_table(const struct opt_group *groups)
{
    struct poptOption *table = calloc(count(groups) + 1, sizeof(*table));
    size_t n = 0;

    if (!table)
        return NULL;
    for (; groups->opts; groups++) {
        for (const struct opt *o = groups->opts; o->name; o++, n++) {
            table[n].longName = o->name;
            table[n].shortName = o->short_name;
            table[n].argInfo = o->type == OPT_FLAG || o->implied ? POPT_ARG_NONE : POPT_ARG_STRING;
            table[n].val = (int)n + 1;
        }
    }
    return table;
}

static struct opt_storage *storage_new(int argc)
{
    struct opt_storage *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->operands = calloc((size_t)argc + 1, sizeof(*s->operands));
    s->values = calloc((size_t)argc + 1, sizeof(*s->values));
    if (!s->operands || !s->values) {
        opt_free(s);
        return NULL;
    }
    return s;
}

int opt_blame(const char *name, int r, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;

    if (r >= 0 || e->kind != ERR_USAGE)
        return r;
    text = TAKE_PTR(e->text);
    return err_usage(e, r, "--%s: %s", name, text);
}

void opt_free(struct opt_storage *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n_operands; i++)
        free(s->operands[i]);
    for (size_t i = 0; i < s->n_values; i++)
        free(s->values[i]);
    for (struct list *list = s->lists, *next; list; list = next) {
        next = list->next;
        free(list->texts);
        free(list);
    }
    free(s->operands);
    free(s->values);
    free(s);
}

static void storage_clear(struct opt_storage **s)
{
    opt_free(TAKE_PTR(*s));
}

static int unknown_long(const struct opt_group *groups, const char *name, struct err *e)
{
    size_t len = strcspn(name, "=");
    struct closest c;

    closest_begin(&c, name, len);
    for (; groups->opts; groups++) {
        for (const struct opt *o = groups->opts; o->name; o++)
            closest_try(&c, o->name);
    }
    if (c.best)
        return err_usage(e, -EINVAL, "unknown option --%.*s; did you mean --%s?", (int)len, name,
                         c.best);
    return err_usage(e, -EINVAL, "unknown option --%.*s", (int)len, name);
}

/* popt tells the word only, which may hold several short options. */
static int unknown_short(const struct opt_group *groups, const char *word, struct err *e)
{
    const struct opt *o;

    o = find_long(groups, word, strcspn(word, "="));
    if (o)
        return err_usage(e, -EINVAL, "unknown option -%s; did you mean --%s?", word, o->name);
    while (word[1] && find_short(groups, *word))
        word++;
    return err_usage(e, -EINVAL, "unknown option -%c", *word);
}

static int missing_value(const struct opt_group *groups, const char *word, struct err *e)
{
    const char *name = str_after(word, "--");
    const struct opt *o;

    if (name)
        o = find_long(groups, name, strlen(name));
    else
        o = find_short(groups, word[strlen(word) - 1]);
    if (!o)
        return err_usage(e, -EINVAL, "%s: missing value", word);
    return err_usage(e, -EINVAL, "--%s: missing %s", o->name, o->arg);
}

static int bad_option(poptContext con, int code, const struct opt_group *groups, struct err *e)
{
    const char *word = poptBadOption(con, POPT_BADOPTION_NOALIAS);

    switch (code) {
    case POPT_ERROR_BADOPT:
        if (str_after(word, "--"))
            return unknown_long(groups, word + 2, e);
        return unknown_short(groups, word + 1, e);
    case POPT_ERROR_NOARG:
        return missing_value(groups, word, e);
    case POPT_ERROR_UNWANTEDARG:
        return err_usage(e, -EINVAL, "%.*s: takes no value", (int)strcspn(word, "="), word);
    case POPT_ERROR_MALLOC:
        return err_oom(e);
    default:
        return err_usage(e, -EINVAL, "%s: %s", word, poptStrerror(code));
    }
}

/* "none, once or both" */
static const char *join_choices(const struct opt *o, char buf[static CHOICES_MAX])
{
    buf[0] = '\0';
    for (size_t i = 0; o->choices[i]; i++) {
        size_t used = strlen(buf);
        const char *between = i == 0 ? "" : o->choices[i + 1] ? ", " : " or ";

        snprintf(buf + used, CHOICES_MAX - used, "%s%s", between, o->choices[i]);
    }
    return buf;
}

static int parse_choice(const struct opt *o, const char *text, int *out, struct err *e)
{
    char all[CHOICES_MAX];
    struct closest c;

    closest_begin(&c, text, SIZE_MAX);
    for (int i = 0; o->choices[i]; i++) {
        if (streq(o->choices[i], text)) {
            *out = i;
            return 0;
        }
        closest_try(&c, o->choices[i]);
    }
    join_choices(o, all);
    if (c.best)
        return err_usage(e, -EINVAL, "\"%s\" is not %s; did you mean \"%s\"?", text, all, c.best);
    return err_usage(e, -EINVAL, "\"%s\" is not %s", text, all);
}

/* What a size amounts to is the command's business; that it is one is settled here. */
static int check_size(const char *text, struct err *e)
{
    size_t len = strlen(text);
    double percent;
    uint64_t bytes;

    if (streq(text, "auto"))
        return 0;
    if (text[len - 1] == '%')
        return size_parse_percent(text, &percent, e);
    return size_parse(text, &bytes, e);
}

static int convert(const struct opt *o, void *at, const char *text, struct err *e)
{
    int r = 0;

    if (*text == '\0' && o->type != OPT_STRING && o->type != OPT_STRINGS)
        return err_usage(e, -EINVAL, "is empty; wanted %s", o->arg);
    switch (o->type) {
    case OPT_NUMBER:
        return size_parse_number(text, o->min, o->max, at, e);
    case OPT_DURATION:
        return size_parse_duration(text, at, e);
    case OPT_CHOICE:
        return parse_choice(o, text, at, e);
    case OPT_SIZE:
        r = check_size(text, e);
        break;
    default:
        break;
    }
    if (r == 0)
        *(const char **)at = text;
    return r;
}

/* One more of an option that may be given many times. */
static int append(void *at, const char *text, struct opt_storage *s, struct err *e)
{
    const char ***out = at, **texts;
    struct list *list = s->lists;
    size_t n = 0;

    while (list && list->texts != *out)
        list = list->next;
    if (!*out || !list) {
        list = calloc(1, sizeof(*list));
        if (!list)
            return err_oom(e);
        list->next = s->lists;
        s->lists = list;
    }
    while (list->texts && list->texts[n])
        n++;
    texts = reallocarray(list->texts, n + 2, sizeof(*texts));
    if (!texts)
        return err_oom(e);
    texts[n] = text;
    texts[n + 1] = NULL;
    *out = list->texts = texts;
    return 0;
}

static int store(struct place place, const char *text, struct opt_storage *s, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    void *at = (char *)place.values + place.opt->offset;

    if (place.opt->type == OPT_FLAG) {
        *(bool *)at = true;
        return 0;
    }
    if (place.opt->type == OPT_STRINGS)
        return append(at, text, s, e);
    if (convert(place.opt, at, text, &why) < 0)
        return err_usage(e, -EINVAL, "--%s: %s", place.opt->name, why.text);
    return 0;
}

/* popt replaces "!#:+" in a value by the next word of the command line; nobody who types it knows
 * that. */
static bool tampered(poptContext con, const char *value)
{
    const char *word = poptBadOption(con, 0);
    size_t word_len = strlen(word), len = strlen(value);

    return len > word_len || !streq(word + word_len - len, value);
}

static int take(poptContext con, struct place place, struct opt_storage *s, struct err *e)
{
    char *text = poptGetOptArg(con);

    if (place.opt->implied)
        return store(place, place.opt->implied, s, e);
    if (place.opt->type != OPT_FLAG) {
        if (!text)
            return err_oom(e);
        s->values[s->n_values++] = text;
        if (tampered(con, text))
            return err_usage(e, -EINVAL, "--%s: a value cannot hold \"!#:+\"", place.opt->name);
    }
    return store(place, text, s, e);
}

static int take_operand(char *text, struct opt_storage *s, struct err *e)
{
    if (!text)
        return err_oom(e);
    s->operands[s->n_operands++] = text;
    return 0;
}

/* "-1" where numbers are wanted: the command can tell better than "unknown option -1" what is wrong
 * with it. */
static bool negative_number(poptContext con, int code)
{
    const char *word = poptBadOption(con, POPT_BADOPTION_NOALIAS);

    return code == POPT_ERROR_BADOPT && word[0] == '-' && isdigit((unsigned char)word[1]);
}

/* "--report=json", where popt expects no value because there need not be one. Return: 1 if it is
 * such an option, 0 if not, or a negated errno. */
static int take_joined(poptContext con, const struct opt_group *groups, struct opt_storage *s,
                       struct err *e)
{
    const char *name = str_after(poptBadOption(con, POPT_BADOPTION_NOALIAS), "--");
    size_t len = name ? strcspn(name, "=") : 0;

    for (; name && name[len] && groups->opts; groups++) {
        for (const struct opt *o = groups->opts; o->name; o++) {
            const struct place place = {o, groups->values};
            int r;

            if (!o->implied || strlen(o->name) != len || strncmp(o->name, name, len) != 0)
                continue;
            s->values[s->n_values] = strdup(name + len + 1);
            if (!s->values[s->n_values])
                return err_oom(e);
            r = store(place, s->values[s->n_values++], s, e);
            return r < 0 ? r : 1;
        }
    }
    return 0;
}

static int walk(poptContext con, const struct opt_group *groups, enum opt_operands kind,
                struct opt_storage *s, struct err *e)
{
    int code, r = 0;

    while (r >= 0 && (code = poptGetNextOpt(con)) != -1) {
        if (code == 0)
            r = take_operand(poptGetOptArg(con), s, e);
        else if (code > 0)
            r = take(con, place_at(groups, (size_t)code - 1), s, e);
        else if (kind == OPT_NUMBERS && negative_number(con, code))
            r = take_operand(strdup(poptBadOption(con, POPT_BADOPTION_NOALIAS)), s, e);
        else if (code != POPT_ERROR_UNWANTEDARG || (r = take_joined(con, groups, s, e)) == 0)
            r = bad_option(con, code, groups, e);
    }
    return r < 0 ? r : 0;
}

int opt_parse(int argc, const char **argv, const struct opt_group *groups, enum opt_operands kind,
              const char *const **operands, struct opt_storage **storage, struct err *e)
{
    _cleanup_(storage_clear) struct opt_storage *s = storage_new(argc);
    _cleanup_(free_ptr) struct poptOption *table = popt_table(groups);
    unsigned flags = POPT_CONTEXT_ARG_OPTS | POPT_CONTEXT_NO_EXEC;
    poptContext con;
    int r;

    if (!s || !table)
        return err_oom(e);
    if (kind == OPT_COMMAND)
        flags |= POPT_CONTEXT_POSIXMEHARDER;
    con = poptGetContext(NULL, argc, argv, table, flags);
    if (!con)
        return err_oom(e);
    r = walk(con, groups, kind, s, e);
    poptFreeContext(con);
    if (r < 0)
        return r;
    *operands = (const char *const *)s->operands;
    *storage = TAKE_PTR(s);
    return 0;
}

/* "  -s, --size=SIZE"; Return: its width. */
static int print_names(FILE *out, const struct opt *o)
{
    char short_name[] = "    ";

    if (!*o->name)
        return fprintf(out, "  -%c%s%s", o->short_name, o->arg ? " " : "", o->arg ? o->arg : "");
    if (o->short_name)
        snprintf(short_name, sizeof(short_name), "-%c, ", o->short_name);
    if (o->implied)
        return fprintf(out, "  %s--%s[=%s]", short_name, o->name, o->arg);
    return fprintf(out, "  %s--%s%s%s", short_name, o->name, o->arg ? " " : "",
                   o->arg ? o->arg : "");
}

void opt_print_wrapped(FILE *out, const char *text, int at, int indent)
{
    enum { WIDTH = 80 };
    int column = at;

    while (*text) {
        int len = (int)strcspn(text, " ");

        if (column > indent && column + 1 + len > WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            column += fprintf(out, " ");
        } else if (column < indent) {
            column += fprintf(out, "%*s", indent - column, "");
        }
        column += fprintf(out, "%.*s", len, text);
        text += len;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void print_description(FILE *out, const struct opt *o, int at, int indent)
{
    char all[CHOICES_MAX];
    _cleanup_(free_ptr) char *text = NULL;

    if (o->type != OPT_CHOICE || asprintf(&text, "%s: %s", o->help, join_choices(o, all)) < 0)
        text = NULL;
    opt_print_wrapped(out, text ? text : o->help, at, indent);
}

void opt_print_help(FILE *out, const struct opt_group *groups)
{
    enum { COLUMN = 28 };
    const char *above = "";

    for (; groups->opts; groups++) {
        const char *title = groups->title ? groups->title : "Options";

        if (!streq(title, above))
            fprintf(out, "\n%s:\n", title);
        above = title;
        for (const struct opt *o = groups->opts; o->name; o++) {
            int width = print_names(out, o);

            if (width > COLUMN - 2) {
                fputc('\n', out);
                width = 0;
            }
            print_description(out, o, width, COLUMN);
        }
    }
}
