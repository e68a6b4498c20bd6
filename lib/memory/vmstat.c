/* SPDX-License-Identifier: MIT */
#include "vmstat.h"

#include "kv.h"

void vmstat_clear(struct vmstat *v)
{
    free(v->items);
    free(v->text);
    *v = VMSTAT_INIT;
}

static size_t count_lines(const char *text)
{
    size_t n = 0;

    for (const char *p = text; *p; p = *p ? p + 1 : p) {
        p = strchrnul(p, '\n');
        n++;
    }
    return n;
}

/* Ends the name with a NUL where its blank was. */
static int parse_line(char *line, struct vmstat_item *out)
{
    char *blank = strpbrk(line, " \t");
    int r;

    if (!blank || blank == line)
        return -EBADMSG;
    *blank = '\0';
    blank += 1 + strspn(blank + 1, " \t");
    r = kv_u64((struct kv_span){blank, strlen(blank)}, &out->value, NULL);
    if (r == 0)
        out->name = line;
    return r;
}

int vmstat_parse(char *text, struct vmstat *out, struct err *e)
{
    size_t n = count_lines(text), i = 0;
    _cleanup_(free_ptr) struct vmstat_item *items = calloc(n ? n : 1, sizeof(*items));
    char *line, *next = text;

    if (!items)
        return err_oom(e);
    while (i < n) {
        int r;

        line = strsep(&next, "\n");
        r = parse_line(line, &items[i++]);
        if (r < 0)
            return err_set(e, r, "vmstat: line %zu does not read as a name and a number", i);
    }
    *out = (struct vmstat){text, TAKE_PTR(items), n};
    return 0;
}

int vmstat_read(const struct root *root, const char *path, struct vmstat *out, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = root_read(root, path, &text, NULL, e);

    if (r == 0)
        r = vmstat_parse(text, out, e);
    if (r == 0)
        (void)TAKE_PTR(text);
    return r;
}

bool vmstat_get(const struct vmstat *v, const char *name, uint64_t *out)
{
    for (size_t i = 0; i < v->n; i++)
        if (streq(v->items[i].name, name)) {
            *out = v->items[i].value;
            return true;
        }
    return false;
}

bool vmstat_delta(const struct vmstat *before, const struct vmstat *after, const char *name,
                  uint64_t *out)
{
    uint64_t was, is;

    if (!vmstat_get(before, name, &was) || !vmstat_get(after, name, &is) || is < was)
        return false;
    *out = is - was;
    return true;
}
