/* SPDX-License-Identifier: MIT */
#include "pattern.h"

#include <ctype.h>

static bool is_plain(const char *text)
{
    return text[strcspn(text, "\\^$.|?*+()[]{}")] == '\0';
}

static int compile_regex(struct pattern *p, struct err *e)
{
    int flags = REG_EXTENDED | REG_NOSUB | (p->flags & PATTERN_IGNORE_CASE ? REG_ICASE : 0);
    _cleanup_(free_ptr) char *whole = NULL;
    char why[128];
    int r;

    /* by itself first: "a)(b" must not become right by what is put around it */
    r = regcomp(&p->regex, p->text, flags);
    if (r == 0 && p->flags & PATTERN_EXACT) {
        regfree(&p->regex);
        if (asprintf(&whole, "^(%s)$", p->text) < 0) {
            whole = NULL;
            return err_oom(e);
        }
        r = regcomp(&p->regex, whole, flags);
    }
    if (r == REG_ESPACE)
        return err_oom(e);
    if (r != 0) {
        regerror(r, NULL, why, sizeof(why));
        why[0] = (char)tolower((unsigned char)why[0]);
        return err_usage(e, -EINVAL,
                         "pattern \"%s\": %s; a \\ before a character makes it plain text", p->text,
                         why);
    }
    p->compiled = true;
    return 0;
}

int pattern_compile(const char *text, unsigned flags, struct pattern *out, struct err *e)
{
    struct pattern p = {.flags = flags, .len = strlen(text)};
    int r = 0;

    if (p.len == 0)
        return err_usage(e, -EINVAL, "pattern: is empty, and would match every process");
    p.text = strdup(text);
    if (!p.text)
        return err_oom(e);
    if (!(flags & PATTERN_LITERAL) && !is_plain(text))
        r = compile_regex(&p, e);
    if (r < 0) {
        free(p.text);
        return r;
    }
    *out = p;
    return 0;
}

void pattern_clear(struct pattern *p)
{
    if (p->compiled)
        regfree(&p->regex);
    free(p->text);
    *p = (struct pattern){.text = NULL};
}

bool pattern_test(const struct pattern *p, const char *text, size_t len)
{
    bool fold = p->flags & PATTERN_IGNORE_CASE;

    if (p->compiled)
        return regexec(&p->regex, text, 0, NULL, 0) == 0;
    if (p->flags & PATTERN_EXACT) {
        if (len != p->len)
            return false;
        return fold ? strcasecmp(text, p->text) == 0 : memcmp(text, p->text, len) == 0;
    }
    return fold ? strcasestr(text, p->text) != NULL : memmem(text, len, p->text, p->len) != NULL;
}
