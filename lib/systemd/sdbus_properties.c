/* SPDX-License-Identifier: MIT */
#include "sdbus_properties.h"

void sdbus_properties_cut(struct sdbus_properties *p, size_t n)
{
    while (p->n > n) {
        free(p->items[--p->n].text);
        free(p->items[p->n].bytes);
    }
}

void sdbus_properties_clear(struct sdbus_properties *p)
{
    sdbus_properties_cut(p, 0);
    free(p->items);
    *p = SDBUS_PROPERTIES_INIT;
}

int sdbus_properties_add(struct sdbus_properties *p, struct sdbus_property item, struct err *e)
{
    struct sdbus_property *more = reallocarray(p->items, p->n + 1, sizeof(*more));

    if (!more) {
        free(item.text);
        free(item.bytes);
        return err_oom(e);
    }
    p->items = more;
    p->items[p->n++] = item;
    return 0;
}

int sdbus_properties_number(struct sdbus_properties *p, const char *name, const char *type,
                            uint64_t number, struct err *e)
{
    return sdbus_properties_add(
        p, (struct sdbus_property){.name = name, .type = type, .number = number}, e);
}

int sdbus_properties_text(struct sdbus_properties *p, const char *name, const char *text,
                          struct err *e)
{
    char *copy = strdup(text);

    if (!copy)
        return err_oom(e);
    return sdbus_properties_add(p, (struct sdbus_property){.name = name, .type = "s", .text = copy},
                                e);
}

int sdbus_properties_bytes(struct sdbus_properties *p, const char *name, const char *type,
                           const void *bytes, size_t size, struct err *e)
{
    void *copy = malloc(size ? size : 1);

    if (!copy)
        return err_oom(e);
    memcpy(copy, bytes, size);
    return sdbus_properties_add(
        p, (struct sdbus_property){.name = name, .type = type, .bytes = copy, .size = size}, e);
}

bool sdbus_properties_same(const struct sdbus_property *a, const struct sdbus_property *b)
{
    const char *left = a->text ? a->text : "", *right = b->text ? b->text : "";

    return streq(a->name, b->name) && a->number == b->number && streq(left, right) &&
           a->size == b->size && (a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
}
