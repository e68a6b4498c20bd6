/* SPDX-License-Identifier: MIT */
#include "container_names.h"
#include "monotonic.h"
#include "size.h"

#include <inttypes.h>

enum { AGAIN_MS = 5000, TICK_MS = 10 };

void container_names_clear(struct container_names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        free(names->v[i]->name);
        free(names->v[i]);
    }
    free(names->v);
    *names = CONTAINER_NAMES_INIT;
}

static int append(struct container_names *names, const char *name, struct err *e)
{
    struct container_name **v =
        reallocarray(names->v, names->n + 1, sizeof(struct container_name *));
    struct container_name *new;

    if (!v)
        return err_oom(e);
    names->v = v;
    new = calloc(1, sizeof(*new));
    if (new)
        new->name = strdup(name);
    if (!new || !new->name) {
        free(new);
        return err_oom(e);
    }
    names->v[names->n++] = new;
    return 0;
}

/* @id: empty: not known yet */
static int append_known(struct container_names *names, const char *name, const char *id,
                        uint64_t asked_ms, struct err *e)
{
    int r = append(names, name, e);
    struct container_name *c;

    if (r < 0)
        return r;
    c = names->v[names->n - 1];
    snprintf(c->id, sizeof(c->id), "%s", id);
    c->known = *id != '\0';
    c->asked_ms = asked_ms;
    return 0;
}

static int find_now(const struct container_names *names, const struct root *root, const char *name,
                    char id[static CONTAINER_ID + 1], struct err *e)
{
    if (names->when == CONTAINER_NAMES_EARLY)
        return container_find(root, name, id, e);
    if (names->when == CONTAINER_NAMES_GIVEN)
        return err_usage(e, -ENOENT, "container \"%s\": is not known here", name);
    *id = '\0';
    return 0;
}

int container_names_add(struct container_names *names, const struct root *root, const char *name,
                        uint32_t *number, struct err *e)
{
    char id[CONTAINER_ID + 1];
    uint64_t now = monotonic_boot_ms();
    size_t i = 0;
    int r = 0;

    if (!container_is_name(name))
        return err_usage(e, -EINVAL, "container \"%s\": is neither an id nor a name", name);
    while (i < names->n && !streq(names->v[i]->name, name))
        i++;
    if (i == names->n) {
        r = find_now(names, root, name, id, e);
        if (r == 0)
            r = append_known(names, name, id, now, e);
    }
    if (r == 0)
        *number = (uint32_t)i;
    return r;
}

/* ---- when a process is seen */

static bool was_seen(const struct container_name *c, const char *id)
{
    size_t n = c->n_seen < CONTAINER_NAMES_SEEN ? c->n_seen : CONTAINER_NAMES_SEEN;

    for (size_t i = 0; i < n; i++)
        if (streq(c->seen[i], id))
            return true;
    return false;
}

static void look_up(struct container_name *c, const struct root *root, uint64_t now)
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
    bool late = names->when == CONTAINER_NAMES_LATE, seen = !late || was_seen(c, id);

    if (!seen || (late && !c->known && now >= c->again_ms))
        look_up(c, root, now);
    if (!seen)
        snprintf(c->seen[c->n_seen++ % CONTAINER_NAMES_SEEN], sizeof(c->seen[0]), "%s", id);
    return c->known && streq(c->id, id);
}

/* Processes count their start in ticks of the kernel. */
bool container_names_may_fit(const struct container_names *names, uint32_t number,
                             uint64_t started_ms)
{
    const struct container_name *c = names->v[number];

    return c->unsure && started_ms + TICK_MS >= c->asked_ms;
}

/* ---- by a child */

struct order {
    const struct root *root;
    const char *name;
};

struct answer {
    int result;
    uint64_t asked_ms;
    char id[CONTAINER_ID + 1];
};

static void answer(void *arg, int out)
{
    const struct order *o = arg;
    struct answer a = {.asked_ms = monotonic_boot_ms()};

    a.result = container_find(o->root, o->name, a.id, NULL);
    (void)!write(out, &a, sizeof(a));
}

/* Nobody has the name now: nobody younger has it, and who had it has no other. */
static bool is_sure(const struct answer *a)
{
    return a->result == 0 || a->result == -ENOENT;
}

static void take(struct container_name *c, const struct answer *a)
{
    if (!is_sure(a) || a->asked_ms < c->asked_ms)
        return;
    c->asked_ms = a->asked_ms;
    if (a->result < 0)
        return;
    memcpy(c->id, a->id, sizeof(c->id));
    c->known = true;
}

void container_names_ask(struct container_names *names, uint32_t number, const struct root *root,
                         uint64_t ms)
{
    struct container_name *c = names->v[number];
    struct order o = {root, c->name};
    struct answer a;
    int r;

    if (names->when != CONTAINER_NAMES_GIVEN || !names->askers)
        return;
    r = askers_ask(names->askers, c->name, answer, &o, ms, &a, sizeof(a), NULL);
    c->unsure = r != 0 || !is_sure(&a);
    if (r >= 0)
        take(c, &a);
}

/* ---- as text: "ID MILLISECONDS NAME", each on a line */

char *container_names_list(const struct container_names *names)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    bool failed;

    if (!f)
        return NULL;
    for (size_t i = 0; i < names->n; i++)
        if (names->v[i]->known)
            fprintf(f, "%s %" PRIu64 " %s\n", names->v[i]->id, names->v[i]->asked_ms,
                    names->v[i]->name);
    failed = ferror(f);
    if (fclose(f) != 0 || failed)
        free(TAKE_PTR(text));
    return text;
}

int container_names_add_list(struct container_names *names, const char *list, struct err *e)
{
    _cleanup_(free_ptr) char *copy = strdup(list);
    char *line, *rest = copy;
    int r = 0;

    if (!copy)
        return err_oom(e);
    while (r == 0 && (line = strsep(&rest, "\n")) && rest) {
        const char *id = strsep(&line, " "), *asked = strsep(&line, " ");
        int64_t ms;

        if (!line || !container_is_id(id) || size_parse_number(asked, 0, INT64_MAX, &ms, NULL) < 0)
            return err_set(e, -EINVAL, "\"%s\": is no list of containers", id);
        r = append_known(names, line, id, (uint64_t)ms, e);
    }
    return r;
}
