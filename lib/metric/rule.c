/* SPDX-License-Identifier: MIT */
#include "rule.h"

#include "closest.h"
#include "signame.h"
#include "size.h"
#include "words.h"
#include <stdarg.h>

#define ANY SIZE_MAX

static const struct {
    const char *word, *operands;
    size_t least, most; /* words behind it */
    bool timed;         /* it may take its time */
} verbs[RULE_VERBS] = {
    [RULE_WARN] = {"warn", "", 0, 0, false},
    [RULE_DROP_CACHES] = {"drop-caches", "", 0, 0, true},
    [RULE_RECLAIM] = {"reclaim", "GROUP SIZE", 2, 2, true},
    [RULE_EXEC] = {"exec", "COMMAND [WORD]...", 1, ANY, true},
    [RULE_SIGNAL] = {"signal", "SIGNAL CRITERIA...", 2, ANY, false},
    [RULE_KILL] = {"kill", "CRITERIA... (\".\" is every name)", 1, ANY, true},
    [RULE_LIMIT] = {"limit", "CRITERIA LIMIT... (more than one word of criteria in quotes)", 2, ANY,
                    true},
    [RULE_SWAP_ADD] = {"swap-add", "SIZE DIRECTORY", 2, 2, true},
    [RULE_STOP] = {"stop", "", 0, 0, false},
};

const char *rule_verb_word(enum rule_verb verb)
{
    return verbs[verb].word;
}

static void action_clear(struct rule_action *a)
{
    for (size_t i = 0; i < a->n_words; i++)
        free(a->words[i]);
    free(a->words);
    free(a->text);
}

void rule_clear(struct rule *r)
{
    free(r->text);
    for (size_t i = 0; i < r->n_conditions; i++)
        condition_clear(&r->conditions[i]);
    free(r->conditions);
    for (size_t i = 0; i < r->n_steps; i++) {
        for (size_t k = 0; k < r->steps[i].n; k++)
            action_clear(&r->steps[i].actions[k]);
        free(r->steps[i].actions);
    }
    free(r->steps);
    condition_clear(&r->until);
    *r = RULE_INIT;
}

/* ---- words and punctuation */

enum token { END, WORD, COLON, COMMA };

struct reader {
    const char *text;
    struct err *e;
    /* what stands there next */
    enum token token;
    size_t at, end;
    char *value; /* owned; of a word, without its quotes */
    bool quoted; /* in part at least: no word of the grammar */
};

static void reader_clear(struct reader *rd)
{
    free(rd->value);
}

/* "character 12: ", as people count: the rest of a character in UTF-8 is none. */
static int fail_at(struct reader *rd, size_t at, int r, const char *fmt, ...) _printf_(4, 5);
static int fail_at(struct reader *rd, size_t at, int r, const char *fmt, ...)
{
    _cleanup_(free_ptr) char *why = NULL;
    size_t number = 1;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&why, fmt, ap) < 0)
        why = NULL;
    va_end(ap);
    if (r == -ENOMEM || !why)
        return err_oom(rd->e);
    for (size_t i = 0; i < at; i++)
        number += ((unsigned char)rd->text[i] & 0xc0) != 0x80;
    return err_usage(rd->e, r, "character %zu: %s", number, why);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static bool is_end(char c)
{
    return c == '\0' || is_blank(c);
}

/* Behind the quoted part that begins at @p; NULL: it has no end. */
static const char *skip_quoted(const char *p)
{
    char quote = *p;

    if (quote == '\\')
        return p[1] ? p + 2 : NULL;
    for (p++; *p && *p != quote; p++)
        if (quote == '"' && *p == '\\' && p[1])
            p++;
    return *p ? p + 1 : NULL;
}

static bool is_punctuation(const char *p, bool name)
{
    return (*p == ',' && (name || is_end(p[1]))) || (*p == ':' && is_end(p[1]));
}

/* The word at .at; @name: a "," ends it wherever it stands. */
static int read_word(struct reader *rd, bool name)
{
    const char *p = rd->text + rd->at;
    _cleanup_(free_ptr) char *raw = NULL;
    size_t len;
    int r;

    while (!is_end(*p) && !is_punctuation(p, name)) {
        if (*p != '\'' && *p != '"' && *p != '\\') {
            p++;
            continue;
        }
        rd->quoted = true;
        rd->end = (size_t)(p - rd->text);
        p = skip_quoted(p);
        if (!p)
            return fail_at(rd, rd->end, -EINVAL,
                           rd->text[rd->end] == '\\' ? "nothing stands behind the \"\\\""
                                                     : "this quote is not closed");
    }
    rd->end = (size_t)(p - rd->text);
    raw = strndup(rd->text + rd->at, rd->end - rd->at);
    if (!raw)
        return err_oom(rd->e);
    r = words_split(raw, &rd->value, &len, NULL);
    return r < 0 ? fail_at(rd, rd->at, r, "this is no word") : 0;
}

static int advance_to(struct reader *rd, bool name)
{
    const char *p = rd->text + rd->end;

    while (is_blank(*p))
        p++;
    free(TAKE_PTR(rd->value));
    rd->at = rd->end = (size_t)(p - rd->text);
    rd->quoted = false;
    rd->token = *p == '\0' ? END : !is_punctuation(p, name) ? WORD : *p == ',' ? COMMA : COLON;
    if (rd->token == WORD)
        return read_word(rd, name);
    rd->end += rd->token != END;
    return 0;
}

static int advance(struct reader *rd)
{
    return advance_to(rd, false);
}

static bool is_keyword(const struct reader *rd, const char *word)
{
    return rd->token == WORD && !rd->quoted && streq(rd->value, word);
}

static bool is_one_of(const struct reader *rd, const char *const *words)
{
    for (; *words; words++)
        if (is_keyword(rd, *words))
            return true;
    return false;
}

static int expect(struct reader *rd, const char *what)
{
    if (rd->token == END)
        return fail_at(rd, rd->at, -EINVAL, "it ends where %s is expected", what);
    return fail_at(rd, rd->at, -EINVAL, "\"%.*s\" stands where %s is expected",
                   (int)(rd->end - rd->at), rd->text + rd->at, what);
}

/* One more element; @array is a pointer to the pointer. Return: the new one, zeroed; or NULL. */
static void *grow(void *array, size_t n, size_t size)
{
    void *p = reallocarray(*(void **)array, n + 1, size);

    if (!p)
        return NULL;
    *(void **)array = p;
    return memset((char *)p + n * size, 0, size);
}

/* ---- durations and conditions */

/* The word behind "for", "cooldown", "timeout". */
static int read_duration(struct reader *rd, const char *of, bool may_be_none, uint64_t *out)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    uint64_t ms;
    int r = advance(rd);

    if (r < 0)
        return r;
    if (rd->token != WORD)
        return expect(rd, "a duration, as 30s or 5m,");
    r = size_parse_duration(rd->value, &ms, &why);
    if (r < 0)
        return fail_at(rd, rd->at, r, "%s", why.text ? why.text : "");
    if (ms == 0 && !may_be_none)
        return fail_at(rd, rd->at, -ERANGE, "\"%s\" must be longer than nothing", of);
    *out = ms;
    return advance(rd);
}

/* The words up to one that ends it, with a blank between them. */
struct joined {
    char *text;   /* owned */
    size_t *from; /* owned; where each byte stands in the rule */
    size_t n;
};

static void joined_clear(struct joined *j)
{
    free(j->text);
    free(j->from);
}

static void join_word(struct joined *j, const struct reader *rd)
{
    if (j->n > 0) {
        j->from[j->n] = rd->at;
        j->text[j->n++] = ' ';
    }
    for (size_t i = 0; rd->value[i]; i++) {
        j->from[j->n] = rd->at + (rd->quoted ? 0 : i);
        j->text[j->n++] = rd->value[i];
    }
    j->text[j->n] = '\0';
    j->from[j->n] = rd->end;
}

static int read_condition(struct reader *rd, const char *const *ends, struct condition *out)
{
    _cleanup_(joined_clear) struct joined j = {NULL, NULL, 0};
    _cleanup_(err_clear) struct err why = ERR_INIT;
    size_t room = strlen(rd->text) + 2, at = 0;
    int r = 0;

    if (rd->token != WORD || is_one_of(rd, ends))
        return expect(rd, "a condition, as ram>80%,");
    /* a word is never longer than what stands for it, and the blank before it was one */
    j.text = malloc(room);
    j.from = calloc(room, sizeof(*j.from));
    if (!j.text || !j.from)
        return err_oom(rd->e);
    for (; rd->token == WORD && !is_one_of(rd, ends) && r == 0; r = advance(rd))
        join_word(&j, rd);
    if (r < 0)
        return r;
    r = condition_parse_at(j.text, out, &at, &why);
    return r < 0 ? fail_at(rd, j.from[at], r, "%s", why.text ? why.text : "") : 0;
}

static int read_conditions(struct reader *rd, struct rule *rule)
{
    static const char *const ends[] = {"and", "for", NULL};
    int r = 0;

    for (;;) {
        struct condition *c = grow(&rule->conditions, rule->n_conditions, sizeof(*c));

        if (!c)
            return err_oom(rd->e);
        r = read_condition(rd, ends, c);
        if (r < 0)
            return r;
        rule->n_conditions++;
        if (!is_keyword(rd, "and"))
            break;
        r = advance(rd);
        if (r < 0)
            return r;
    }
    if (is_keyword(rd, "for"))
        r = read_duration(rd, "for", true, &rule->for_ms);
    if (r == 0 && rd->token != COLON)
        return expect(rd, rule->for_ms ? "\":\" and an action" : "\"and\", \"for\" or \":\"");
    return r;
}

/* ---- actions */

static int unknown_action(struct reader *rd)
{
    struct closest c;

    closest_begin(&c, rd->value, SIZE_MAX);
    for (size_t i = 0; i < RULE_VERBS; i++)
        closest_try(&c, verbs[i].word);
    if (c.best)
        return fail_at(rd, rd->at, -EINVAL, "%s: is no action; did you mean %s?", rd->value,
                       c.best);
    return fail_at(rd, rd->at, -EINVAL, "%s: is no action", rd->value);
}

static int read_verb(struct reader *rd, enum rule_verb *out)
{
    static const char *const others[] = {"then", "cooldown", "until", "timeout", NULL};
    int r = advance_to(rd, true);

    if (r < 0)
        return r;
    if (rd->token != WORD || is_one_of(rd, others))
        return expect(rd, "an action, as warn,");
    for (*out = 0; *out < RULE_VERBS; (*out)++)
        if (streq(rd->value, verbs[*out].word))
            return 0;
    return unknown_action(rd);
}

static int bad_word(struct reader *rd, int r, const struct err *why)
{
    return fail_at(rd, rd->at, r, "%s", why->text ? why->text : "");
}

/* What a word means by itself that stands there as number @n. */
static int judge_word(struct reader *rd, struct rule_action *a, size_t n)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    int r = 0;

    if ((a->verb == RULE_RECLAIM && n == 1) || (a->verb == RULE_SWAP_ADD && n == 0)) {
        r = size_parse(rd->value, &a->bytes, &why);
        if (r == 0 && a->bytes == 0)
            r = err_usage(&why, -ERANGE, "a size above 0 is expected");
    } else if (a->verb == RULE_SIGNAL && n == 0) {
        r = signame_parse(rd->value, &a->signal, &why);
        if (r == 0 && a->signal == 0)
            r = err_usage(&why, -ERANGE, "signal 0 does nothing");
    } else if (a->verb == RULE_EXEC && n == 0 && !*rd->value) {
        r = err_usage(&why, -EINVAL, "a command is expected");
    }
    return r < 0 ? bad_word(rd, r, &why) : 0;
}

static int add_word(struct reader *rd, struct rule_action *a)
{
    char **room = reallocarray(a->words, a->n_words + 2, sizeof(*room));

    if (!room)
        return err_oom(rd->e);
    a->words = room;
    a->words[a->n_words++] = TAKE_PTR(rd->value);
    a->words[a->n_words] = NULL;
    return 0;
}

/* Up to the end of the action. */
static int read_words(struct reader *rd, struct rule_action *a)
{
    static const char *const ends[] = {"then", "cooldown", "until", "timeout", NULL};
    size_t begin = 0, end = 0;
    int r = advance_to(rd, rd->text[rd->end] == ',');

    for (; r == 0 && rd->token == WORD && !is_one_of(rd, ends); r = r < 0 ? r : advance(rd)) {
        if (a->n_words == verbs[a->verb].most)
            return expect(rd, "\",\", \"then\", \"cooldown\", \"until\" or the end");
        if (a->n_words == (a->verb == RULE_SIGNAL))
            begin = rd->at;
        end = rd->end;
        r = judge_word(rd, a, a->n_words);
        if (r == 0)
            r = add_word(rd, a);
    }
    if (r < 0)
        return r;
    if (a->n_words < verbs[a->verb].least)
        return fail_at(rd, rd->at, -EINVAL, "%s wants %s", verbs[a->verb].word,
                       verbs[a->verb].operands);
    a->text = strndup(rd->text + begin, end > begin ? end - begin : 0);
    return a->text ? 0 : err_oom(rd->e);
}

static int read_timeout(struct reader *rd, struct rule_action *a)
{
    a->timeout_ms = RULE_NO_TIMEOUT;
    if (!is_keyword(rd, "timeout"))
        return 0;
    if (!verbs[a->verb].timed)
        return fail_at(rd, rd->at, -EINVAL, "%s takes no time that could be limited",
                       verbs[a->verb].word);
    /* SIGKILL at once */
    return read_duration(rd, "timeout", a->verb == RULE_KILL, &a->timeout_ms);
}

static int read_action(struct reader *rd, struct rule_step *step)
{
    struct rule_action *a = grow(&step->actions, step->n, sizeof(*a));
    int r;

    if (!a)
        return err_oom(rd->e);
    step->n++;
    r = read_verb(rd, &a->verb);
    if (r < 0)
        return r;
    a->at = rd->at;
    r = read_words(rd, a);
    if (r == 0)
        r = read_timeout(rd, a);
    if (r == 0 && a->verb == RULE_STOP && (rd->token == COMMA || is_keyword(rd, "then")))
        return fail_at(rd, rd->at, -EINVAL,
                       "what follows would never be done: stop ends the guard");
    return r;
}

static int read_steps(struct reader *rd, struct rule *rule)
{
    int r = 0;

    do {
        struct rule_step *step = grow(&rule->steps, rule->n_steps, sizeof(*step));

        if (!step)
            return err_oom(rd->e);
        rule->n_steps++;
        do
            r = read_action(rd, step);
        while (r == 0 && rd->token == COMMA);
    } while (r == 0 && is_keyword(rd, "then"));
    return r;
}

/* ---- the end of it */

static int read_until(struct reader *rd, struct rule *rule)
{
    static const char *const ends[] = {"and", "cooldown", "until", NULL};
    int r = advance(rd);

    if (r == 0)
        r = read_condition(rd, ends, &rule->until);
    if (r == 0 && is_keyword(rd, "and"))
        return fail_at(rd, rd->at, -EINVAL, "\"until\" takes one condition");
    rule->has_until = r == 0;
    return r;
}

static int read_tail(struct reader *rd, struct rule *rule)
{
    int r = 0;

    while (r == 0 && rd->token != END) {
        bool cooldown = is_keyword(rd, "cooldown"), until = is_keyword(rd, "until");

        if ((cooldown && rule->cooldown_ms) || (until && rule->has_until))
            return fail_at(rd, rd->at, -EINVAL, "\"%s\" was given before", rd->value);
        if (cooldown)
            r = read_duration(rd, "cooldown", false, &rule->cooldown_ms);
        else if (until)
            r = read_until(rd, rule);
        else if (rule->cooldown_ms || rule->has_until)
            return expect(rd, rule->has_until ? "\"cooldown\" or the end" : "\"until\" or the end");
        else
            return expect(rd, "\",\", \"then\", \"cooldown\", \"until\" or the end");
    }
    return r;
}

int rule_parse(const char *text, struct rule *out, struct err *e)
{
    _cleanup_(reader_clear) struct reader rd = {.text = text, .e = e};
    _cleanup_(rule_clear) struct rule rule = RULE_INIT;
    int r = advance(&rd);

    if (r == 0)
        r = read_conditions(&rd, &rule);
    if (r == 0)
        r = read_steps(&rd, &rule);
    if (r == 0)
        r = read_tail(&rd, &rule);
    if (r < 0)
        return r;
    rule.text = strdup(text);
    if (!rule.text)
        return err_oom(e);
    *out = rule;
    rule = RULE_INIT;
    return 0;
}
