/* SPDX-License-Identifier: MIT */
#include "compat_words.h"
#include "message.h"

#include <getopt.h>
#include <stdarg.h>

/* The tables as getopt_long() wants them. */
struct tables {
    struct option *options; /* .val: FIRST and the place in @all */
    const struct opt **all;
    void **values;
    char *letters;
    size_t n;
};

enum { FIRST = 256 };

static void tables_clear(struct tables *t)
{
    free(t->options);
    free(t->all);
    free(t->values);
    free(t->letters);
}

static void add(struct tables *t, const struct opt *o, void *values)
{
    size_t named = 0, used = strlen(t->letters);

    if (o->short_name)
        sprintf(t->letters + used, "%c%s", o->short_name, o->type == OPT_FLAG ? "" : ":");
    while (t->options[named].name)
        named++;
    if (*o->name)
        t->options[named] =
            (struct option){o->name, o->type == OPT_FLAG ? no_argument : required_argument, NULL,
                            FIRST + (int)t->n};
    t->all[t->n] = o;
    t->values[t->n++] = values;
}

static int make_tables(const struct opt_group *groups, struct tables *t, struct err *e)
{
    size_t n = 1;

    for (const struct opt_group *g = groups; g->opts; g++)
        for (const struct opt *o = g->opts; o->name; o++)
            n++;
    t->options = calloc(n, sizeof(*t->options));
    t->all = calloc(n, sizeof(*t->all));
    t->values = calloc(n, sizeof(*t->values));
    t->letters = calloc(n + 1, 2);
    if (!t->options || !t->all || !t->values || !t->letters)
        return err_oom(e);
    strcpy(t->letters, ":");
    for (; groups->opts; groups++)
        for (const struct opt *o = groups->opts; o->name; o++)
            add(t, o, groups->values);
    return 0;
}

/* Which option is meant by what getopt_long() has returned, or left in optopt? */
static size_t find(const struct tables *t, int code)
{
    size_t i = 0;

    if (code >= FIRST)
        return (size_t)(code - FIRST);
    while (i < t->n && t->all[i]->short_name != code)
        i++;
    return i;
}

static bool is_ambiguous(const struct tables *t, const char *word)
{
    size_t n = 0;

    for (size_t i = 0; i < t->n; i++)
        n += strncmp(t->all[i]->name, word, strcspn(word, "=")) == 0;
    return n > 1;
}

static int wrong(const struct tables *t, int code, const char *word, struct err *e)
{
    const struct opt *o = optopt >= FIRST ? t->all[find(t, optopt)] : NULL;

    if (code == ':' && o)
        return err_usage(e, -EINVAL, "option '--%s' requires an argument", o->name);
    if (code == ':')
        return err_usage(e, -EINVAL, "option requires an argument -- '%c'", optopt);
    if (o)
        return err_usage(e, -EINVAL, "option '--%s' doesn't allow an argument", o->name);
    if (optopt)
        return err_usage(e, -EINVAL, "invalid option -- '%c'", optopt);
    return err_usage(e, -EINVAL, "%s option '%s'",
                     is_ambiguous(t, word + 2) ? "ambiguous" : "unrecognized", word);
}

static void store(const struct opt *o, void *values)
{
    void *at = (char *)values + o->offset;
    const char **texts;

    switch (o->type) {
    case OPT_FLAG:
        *(bool *)at = true;
        break;
    case OPT_STRINGS:
        for (texts = *(const char ***)at; *texts; texts++)
            ;
        *texts = optarg;
        break;
    default:
        *(const char **)at = optarg;
        break;
    }
}

int compat_words_parse(int argc, char **argv, const struct opt_group *groups, int *operands,
                       struct err *e)
{
    _cleanup_(tables_clear) struct tables t = {.n = 0};
    int code, r = make_tables(groups, &t, e);

    if (r < 0)
        return r;
    opterr = 0;
    while ((code = getopt_long(argc, argv, t.letters, t.options, NULL)) != -1) {
        size_t at = find(&t, code);

        if (code == '?' || code == ':')
            return wrong(&t, code, argv[optind - 1], e);
        store(t.all[at], t.values[at]);
    }
    *operands = optind;
    return 0;
}

bool compat_words_next(const char **list, struct kv_span *word)
{
    *list += strspn(*list, ",");
    *word = (struct kv_span){*list, strcspn(*list, ",")};
    *list += word->n;
    return word->n > 0;
}

void compat_words_say(const struct cmd_context *ctx, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    message_say_va(ctx->tool->name, MESSAGE_WARNING, "", fmt, ap);
    va_end(ap);
}

void compat_words_help(const struct cmd_context *ctx, const char *about,
                       const struct opt_group *groups, const char *statuses)
{
    printf("Usage: %s [OPTION...] %s\n\n", ctx->tool->name, ctx->cmd->operands);
    opt_print_wrapped(stdout, about, 0, 0);
    opt_print_help(stdout, groups);
    printf("\nExit status: %s.\n\nSee procfind(1).\n", statuses);
}

void compat_words_version(const struct cmd_context *ctx)
{
    printf("%s (headroom) %s; answers as that from procps-ng 4.0.6\n", ctx->tool->name,
           HEADROOM_VERSION);
}
