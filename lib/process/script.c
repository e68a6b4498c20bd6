/* SPDX-License-Identifier: MIT */
#include "script.h"

/* How an interpreter reads its command line. */
static const struct family {
    const char *const *names; /* beginnings; a version may follow: python3.11 */
    const char *code;         /* short options that are followed by the program itself */
    const char *value;        /* short options whose value may be a word of its own */
    const char *file;         /* short options whose value is the script */
    const char *const *long_code;
    const char *const *long_value;
    bool only_by_option; /* the first plain word is the program itself */
} families[] = {
    {.names = (const char *const[]){"sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "fish",
                                    "rbash", NULL},
     .code = "c",
     .value = "oO",
     .long_value = (const char *const[]){"--rcfile", "--init-file", NULL}},
    {.names = (const char *const[]){"python", "pypy", NULL}, .code = "cm", .value = "WXQ"},
    {.names = (const char *const[]){"perl", NULL}, .code = "eE"},
    {.names = (const char *const[]){"ruby", NULL}, .code = "e", .value = "ICErK"},
    {.names = (const char *const[]){"node", "nodejs", NULL},
     .code = "ep",
     .value = "rC",
     .long_code = (const char *const[]){"--eval", "--print", NULL},
     .long_value = (const char *const[]){"--require", "--import", "--conditions", "--loader",
                                         "--env-file", NULL}},
    {.names = (const char *const[]){"php", NULL}, .code = "r", .value = "cdz", .file = "fF"},
    {.names = (const char *const[]){"lua", "luajit", NULL}, .code = "e", .value = "l"},
    {.names = (const char *const[]){"tclsh", "wish", "expect", "Rscript", "guile", NULL},
     .code = "c",
     .value = "e",
     .file = "f"},
    {.names = (const char *const[]){"awk", "gawk", "mawk", NULL},
     .code = "e",
     .value = "Fv",
     .file = "f",
     .only_by_option = true},
};

/* "python3.11" is "python", "pythonista" is not. */
static bool is_called(struct kv_span name, const char *start)
{
    size_t n = strlen(start);

    if (name.n < n || memcmp(name.p, start, n) != 0)
        return false;
    for (size_t i = n; i < name.n; i++)
        if (!strchr("0123456789.-", name.p[i]))
            return false;
    return true;
}

static const struct family *family_of(struct kv_span exe)
{
    struct kv_span name = proc_basename(exe);

    for (size_t i = 0; i < ARRAY_SIZE(families); i++)
        for (const char *const *start = families[i].names; *start; start++)
            if (is_called(name, *start))
                return &families[i];
    return NULL;
}

static bool among(const char *const *list, struct kv_span word)
{
    for (; list && *list; list++)
        if (kv_span_eq(word, *list))
            return true;
    return false;
}

enum meaning {
    PLAIN, /* an option */
    CODE,  /* the program follows, or a module's name */
    VALUE, /* the next word belongs to it */
    FILE_, /* the next word is the script */
};

static bool holds(const char *letters, char c)
{
    return letters && strchr(letters, c);
}

/* "-euo": letters, of which one may have a value, in the same word or the next. */
static enum meaning meaning_of(const struct family *f, struct kv_span word)
{
    if (word.p[1] == '-') {
        if (among(f->long_code, word))
            return CODE;
        return among(f->long_value, word) ? VALUE : PLAIN;
    }
    for (size_t i = 1; i < word.n; i++) {
        bool last = i + 1 == word.n;

        if (holds(f->code, word.p[i]))
            return CODE;
        if (holds(f->file, word.p[i]))
            return last ? FILE_ : CODE;
        if (holds(f->value, word.p[i]))
            return last ? VALUE : PLAIN;
    }
    return PLAIN;
}

bool script_find(struct kv_span exe, struct kv_span cmdline, struct kv_span *out)
{
    const struct family *f = family_of(exe);
    struct proc_words words = proc_words_of(cmdline.p, cmdline.n);
    struct kv_span word;

    if (!proc_words_next(&words, &word))
        return false;
    if (!f)
        f = family_of(word); /* one binary with many names */
    if (!f)
        return false;
    while (proc_words_next(&words, &word)) {
        enum meaning meaning;

        if (kv_span_eq(word, "--"))
            return !f->only_by_option && proc_words_next(&words, out);
        if (word.n < 2 || (*word.p != '-' && *word.p != '+')) {
            if (f->only_by_option || word.n == 0 || kv_span_eq(word, "-"))
                return false;
            *out = word;
            return true;
        }
        meaning = meaning_of(f, word);
        if (meaning == CODE)
            return false;
        if (meaning == FILE_)
            return proc_words_next(&words, out);
        if (meaning == VALUE && !proc_words_next(&words, &word))
            return false;
    }
    return false;
}
