/* SPDX-License-Identifier: MIT */
#include "rulefile.h"

#include "words.h"

void rulefile_clear(struct rulefile *f)
{
    for (size_t i = 0; i < f->n_rules; i++)
        rule_clear(&f->rules[i].rule);
    free(f->rules);
    for (size_t i = 0; i < f->n_options; i++) {
        free(f->options[i].name);
        free(f->options[i].value);
    }
    free(f->options);
    *f = RULEFILE_INIT;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Where the comment begins, or the end. An open quote is for others to complain of. */
static size_t find_comment(const char *line)
{
    char quote = '\0';
    size_t i;

    for (i = 0; line[i]; i++) {
        char c = line[i];

        if (c == '\\' && quote != '\'' && line[i + 1])
            i++;
        else if (quote)
            quote = c == quote ? '\0' : quote;
        else if (c == '\'' || c == '"')
            quote = c;
        else if (c == '#' && (i == 0 || is_blank(line[i - 1])))
            break;
    }
    return i;
}

/* One more of @size bytes, zeroed, behind @n of them; NULL without memory. */
static void *grow(void *array, size_t n, size_t size)
{
    void *p = reallocarray(*(void **)array, n + 1, size);

    if (!p)
        return NULL;
    *(void **)array = p;
    return memset((char *)p + n * size, 0, size);
}

/* "set NAME VALUE" */
static int add_option(struct rulefile *f, const char *line, size_t number, struct err *e)
{
    _cleanup_(free_ptr) char *words = NULL;
    const char *name, *value;
    struct rulefile_option *o;
    size_t len;
    int r = words_split(line, &words, &len, e);

    if (r < 0)
        return r;
    name = words + strlen(words) + 1;
    value = name < words + len ? name + strlen(name) + 1 : NULL;
    if (!value || value >= words + len || value + strlen(value) + 1 != words + len)
        return err_usage(e, -EINVAL, "wanted: set OPTION VALUE; a value with blanks in quotes");
    o = grow(&f->options, f->n_options, sizeof(*o));
    if (!o)
        return err_oom(e);
    f->n_options++;
    *o = (struct rulefile_option){strdup(name), strdup(value), number};
    return o->name && o->value ? 0 : err_oom(e);
}

static int add_rule(struct rulefile *f, const char *line, size_t number, struct err *e)
{
    struct rulefile_rule *rule = grow(&f->rules, f->n_rules, sizeof(*rule));
    int r;

    if (!rule)
        return err_oom(e);
    rule->line = number;
    r = rule_parse(line, &rule->rule, e);
    f->n_rules += r == 0;
    return r;
}

/* @line: at its own place, so that positions are those of the file; it is cut at its end. */
static int add_line(struct rulefile *f, char *line, size_t number, struct err *e)
{
    size_t end = find_comment(line), begin = strspn(line, " \t");
    const char *word = line + begin;

    while (end > begin && (is_blank(line[end - 1]) || line[end - 1] == '\r'))
        end--;
    line[end] = '\0';
    if (begin >= end)
        return 0;
    if (str_after(word, "set") && (is_blank(word[3]) || word[3] == '\0'))
        return add_option(f, word, number, e);
    return add_rule(f, line, number, e);
}

static int read_line(struct rulefile *f, const char *text, size_t len, size_t number, struct err *e)
{
    char line[RULEFILE_LINE_MAX + 1];

    if (memchr(text, '\0', len))
        return err_usage(e, -EINVAL, "holds a NUL byte; this is no text");
    if (len > RULEFILE_LINE_MAX)
        return err_usage(e, -EINVAL, "longer than %d bytes", RULEFILE_LINE_MAX);
    memcpy(line, text, len);
    line[len] = '\0';
    return add_line(f, line, number, e);
}

int rulefile_parse(const char *name, const char *text, size_t len, struct rulefile *out,
                   struct err *e)
{
    _cleanup_(rulefile_clear) struct rulefile f = RULEFILE_INIT;
    _cleanup_(err_clear) struct err why = ERR_INIT;
    size_t number = 0;

    for (size_t at = 0; at < len; at++) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t n = end ? (size_t)(end - text) - at : len - at;
        int r = read_line(&f, text + at, n, ++number, &why);

        if (r == -ENOMEM)
            return err_oom(e);
        if (r < 0)
            return err_usage(e, r, "%s:%zu: %s", name, number, why.text);
        at += n;
    }
    *out = f;
    f = RULEFILE_INIT;
    return 0;
}
