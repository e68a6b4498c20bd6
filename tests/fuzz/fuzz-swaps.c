/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "swaps.h"

/* As the kernel writes a name. */
static void print_escaped(FILE *f, const char *path)
{
    for (; *path; path++)
        if (strchr(" \t\n\\", *path))
            fprintf(f, "\\%03o", (unsigned char)*path);
        else
            fputc(*path, f);
}

static char *print_swaps(const struct swaps *s)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);

    MUST(f);
    fputs("Filename\n", f);
    for (size_t i = 0; i < s->n; i++) {
        const struct swaps_area *a = &s->areas[i];

        print_escaped(f, a->path);
        fprintf(f, " %s %llu\t%llu\t%d\n", a->type == SWAPS_FILE ? "file\t" : "partition",
                (unsigned long long)a->size / 1024, (unsigned long long)a->used / 1024,
                a->priority);
    }
    fclose(f);
    return text;
}

static bool same(const struct swaps_area *a, const struct swaps_area *b)
{
    return streq(a->path, b->path) && a->type == b->type && a->size == b->size &&
           a->used == b->used && a->priority == b->priority;
}

/* What was understood reads the same when the kernel prints it. */
static void check(const struct swaps *s)
{
    _cleanup_(swaps_clear) struct swaps again = SWAPS_INIT;
    _cleanup_(free_ptr) char *text = print_swaps(s);

    MUST(swaps_parse(text, &again, NULL) == 0 && again.n == s->n);
    for (size_t i = 0; i < s->n; i++)
        MUST(s->areas[i].path[0] && same(&s->areas[i], &again.areas[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);
    _cleanup_(swaps_clear) struct swaps s = SWAPS_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int r = swaps_parse(text, &s, &e);

    if (r == 0)
        check(&s);
    else
        MUST((r == -EBADMSG || r == -EOVERFLOW) && e.text && !s.areas && s.n == 0);
    return 0;
}
