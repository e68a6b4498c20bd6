/* SPDX-License-Identifier: MIT */
#include "cgowner.h"

#include "cgscan.h"
#include "kv.h"

bool cgowner_container(const char *path, struct container *out)
{
    _cleanup_(free_ptr) char *line = NULL;

    /* as a process in it would say it */
    return asprintf(&line, "0::/%s\n", path) > 0 && container_parse(line, out);
}

static bool is_unit(struct kv_span name)
{
    static const char *const endings[] = {".service", ".scope",  ".slice",
                                          ".mount",   ".socket", ".swap"};

    for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
        if (kv_span_ends(name, endings[i]))
            return true;
    return false;
}

const char *cgowner_unit(const char *path, size_t *n)
{
    const char *found = path;

    *n = 0;
    while (*path) {
        struct kv_span name = {path, strcspn(path, "/")};

        if (is_unit(name)) {
            found = name.p;
            *n = name.n;
        }
        path += name.n;
        path += *path == '/';
    }
    return found;
}

int cgowner_of(const char *path, char **out)
{
    struct container c;
    const char *unit;
    char *text = NULL;
    size_t n;

    if (cgowner_container(path, &c)) {
        if (asprintf(&text, "%s %.12s", c.runtime ? c.runtime : "container", c.id) < 0)
            return -ENOMEM;
    } else {
        unit = cgowner_unit(path, &n);
        if (n > 0 && !(text = strndup(unit, n)))
            return -ENOMEM;
    }
    *out = text;
    return 0;
}

struct search {
    const char *id;
    char *path;
};

/* The first one met is the outermost: what the container makes itself lies below it. */
static int look(void *arg, const struct cgscan_group *g, struct err *e)
{
    struct search *s = arg;
    struct container c;

    if (!cgowner_container(g->path, &c) || !str_after(c.id, s->id))
        return 0;
    s->path = strdup(g->path);
    return s->path ? -ECANCELED : err_oom(e);
}

int cgowner_find(const struct cgtree *tree, const char *name, char **out, struct err *e)
{
    char id[CONTAINER_ID + 1];
    struct search s = {.id = container_is_id(name) ? name : id};
    int r = s.id == name ? 0 : container_find(tree->root, name, id, e);

    if (r < 0)
        return r;
    r = cgscan_walk(tree, "", look, &s, e);
    if (r < 0 && r != -ECANCELED)
        return r;
    if (!s.path)
        return err_set(e, -ENOENT, "%s: no group below %s belongs to a container of that id", name,
                       tree->point);
    *out = s.path;
    return 0;
}
