/* SPDX-License-Identifier: MIT */
#include "cgunitplan_step.h"

void cgunitplan_step_clear_all(struct cgunitplan_step *first)
{
    for (struct cgunitplan_step *s = first, *next; s; s = next) {
        next = s->next;
        sdbus_properties_clear(&s->set);
        sdbus_properties_clear(&s->old);
        confile_clear(&s->file);
        free(s->unit);
        free(s->path);
        free(s);
    }
}

struct cgunitplan_step *cgunitplan_step_new(struct cgunitplan_step **list, struct cgunitplan *all,
                                            const char *unit, const char *path, struct err *e)
{
    struct cgunitplan_step *s = calloc(1, sizeof(*s));

    if (!s) {
        err_oom(e);
        return NULL;
    }
    s->file = CONFILE_INIT;
    s->all = all;
    s->next = *list;
    *list = s;
    s->unit = strdup(unit);
    s->path = strdup(path);
    if (s->unit && s->path)
        return s;
    err_oom(e);
    return NULL;
}

int cgunitplan_step_load(struct cgunitplan_step *s, const struct root *root, struct err *e)
{
    _cleanup_(free_ptr) char *path = NULL;

    if (asprintf(&path, "/etc/systemd/system/%s", s->unit) < 0)
        return err_oom(e);
    return confile_load(root, path, &s->file, e);
}
