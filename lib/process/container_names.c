/* SPDX-License-Identifier: MIT */
#include "container_names.h"
#include "monotonic.h"

enum { AGAIN_MS = 5000 };

void container_names_clear(struct container_names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        free(names->v[i]->name);
        free(names->v[i]);
    }
    free(names->v);
    *names = CONTAINER_NAMES_INIT;
}

static int append(struct container_names *names, const char *name)
{
    struct container_name **v =
        reallocarray(names->v, names->n + 1, sizeof(struct container_name *));
    struct container_name *new;

    if (!v)
        return -ENOMEM;
    names->v = v;
    new = calloc(1, sizeof(*new));
    if (new)
        new->name = strdup(name);
    if (!new || !new->name) {
        free(new);
        return -ENOMEM;
    }
    names->v[names->n++] = new;
    return 0;
}

int container_names_add(struct container_names *names, const char *name, uint32_t *number,
                        struct err *e)
{
    size_t i = 0;

    if (!container_is_name(name))
        return err_usage(e, -EINVAL, "container \"%s\": is neither an id nor a name", name);
    while (i < names->n && !streq(names->v[i]->name, name))
        i++;
    if (i == names->n && append(names, name) < 0)
        return err_oom(e);
    *number = (uint32_t)i;
    return 0;
}

static bool was_seen(const struct container_name *c, const char *id)
{
    size_t n = c->n_seen < CONTAINER_NAMES_SEEN ? c->n_seen : CONTAINER_NAMES_SEEN;

    for (size_t i = 0; i < n; i++)
        if (streq(c->seen[i], id))
            return true;
    return false;
}

static void ask(struct container_name *c, const struct root *root, uint64_t now)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;

    c->known = container_find(root, c->name, c->id, &why) == 0;
    c->again_ms = now + AGAIN_MS;
}

bool container_names_fits(struct container_names *names, uint32_t number, const struct root *root,
                          const char *id)
{
    struct container_name *c = names->v[number];
    uint64_t now = monotonic_ms();
    bool seen = was_seen(c, id);

    if (!seen || (!c->known && now >= c->again_ms))
        ask(c, root, now);
    if (!seen)
        snprintf(c->seen[c->n_seen++ % CONTAINER_NAMES_SEEN], sizeof(c->seen[0]), "%s", id);
    return c->known && streq(c->id, id);
}
