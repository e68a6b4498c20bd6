/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "unittext.h"

static bool same_text(const char *a, const char *b)
{
    return a && b ? streq(a, b) : a == b;
}

/* What was understood reads the same when it is written anew, where a unit can express it. */
static void check(const struct declaration *d)
{
    _cleanup_(free_ptr) char *text = NULL, *path = NULL, *label = NULL;
    struct declaration again;
    /* an empty label is none */
    const char *wanted = d->label && *d->label ? d->label : NULL;

    if (!*d->path || unittext_swap(d, &text, NULL) < 0)
        return;
    MUST(unitname_is_ours(text));
    MUST(unittext_parse(text, "x.swap", &path, &label, &again, NULL) == 0);
    MUST(streq(again.path, d->path) && again.size == d->size && again.priority == d->priority);
    MUST(same_text(again.label, wanted));
    MUST(again.discard == d->discard);
}

/* Any bytes survive as the option of fstab, and no reader of that finds a blank or a comma. */
static void check_label(const char *label)
{
    char text[DECLARATION_LABEL_TEXT];
    _cleanup_(free_ptr) char *back = NULL;
    size_t n = strlen(declaration_label_text(label, text));

    MUST(strcspn(text, " \t\n,\"'\\#") == n);
    back = declaration_label_of(text, n);
    MUST(back && strncmp(back, label, 15) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);
    _cleanup_(free_ptr) char *path = NULL, *label = NULL, *taken = NULL;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct declaration d;
    int r = unittext_parse(text, "x.swap", &path, &label, &d, &e);

    if (r == 0)
        check(&d);
    else
        MUST(r == -EBADMSG && e.text && !path && !label);
    check_label(text);
    taken = declaration_label_of(text, size);
    MUST(taken || errno == EINVAL);
    return 0;
}
