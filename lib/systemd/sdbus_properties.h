/* SPDX-License-Identifier: MIT */
/* sdbus_properties - properties of systemd's units, as sdbus.h sends and gets them */
#ifndef HEADROOM_SDBUS_PROPERTIES_H
#define HEADROOM_SDBUS_PROPERTIES_H

#include "err.h"

/* A property of a unit. .type is its D-Bus signature and says which members count. */
struct sdbus_property {
    const char *name; /* static */
    const char *type; /* "t", "b": .number; "s": .text; "as": the same, as a list of one; "au",
                         "ay": .bytes; "a(st)": .text is a device and .number its limit,
                         SDBUS_INFINITY for none */
    uint64_t number;
    char *text;  /* owned */
    void *bytes; /* owned */
    size_t size; /* of .bytes */
};

#define SDBUS_INFINITY UINT64_MAX

struct sdbus_properties {
    struct sdbus_property *items;
    size_t n;
};

#define SDBUS_PROPERTIES_INIT ((struct sdbus_properties){.items = NULL})

void sdbus_properties_clear(struct sdbus_properties *p);

/* Forget all behind the first @n. */
void sdbus_properties_cut(struct sdbus_properties *p, size_t n);

/* The same name and value? */
bool sdbus_properties_same(const struct sdbus_property *a, const struct sdbus_property *b);

/* Take over what @item owns, also when it fails. Return: 0 or -ENOMEM. */
int sdbus_properties_add(struct sdbus_properties *p, struct sdbus_property item, struct err *e);

/* The same by value: "t" or "b"; a copy of the text; a copy of the bytes. Return: as above. */
int sdbus_properties_number(struct sdbus_properties *p, const char *name, const char *type,
                            uint64_t number, struct err *e);
int sdbus_properties_text(struct sdbus_properties *p, const char *name, const char *text,
                          struct err *e);
int sdbus_properties_bytes(struct sdbus_properties *p, const char *name, const char *type,
                           const void *bytes, size_t size, struct err *e);

#endif
