/* SPDX-License-Identifier: MIT */
#ifdef HAVE_LIBSYSTEMD

#include "sdbus_value.h"

static int append_value(const struct sdbus_calls *c, sd_bus_message *m,
                        const struct sdbus_property *p)
{
    if (streq(p->type, "t"))
        return c->sd_bus_message_append(m, "t", p->number);
    if (streq(p->type, "b"))
        return c->sd_bus_message_append(m, "b", (int)p->number);
    if (streq(p->type, "s"))
        return c->sd_bus_message_append(m, "s", p->text);
    if (streq(p->type, "as"))
        return c->sd_bus_message_append(m, "as", 1, p->text);
    if (streq(p->type, "a(st)"))
        return c->sd_bus_message_append(m, "a(st)", 1, p->text, p->number);
    return c->sd_bus_message_append_array(m, p->type[1], p->bytes, p->size);
}

static int append_property(const struct sdbus_calls *c, sd_bus_message *m,
                           const struct sdbus_property *p)
{
    int r = c->sd_bus_message_open_container(m, 'r', "sv");

    if (r >= 0)
        r = c->sd_bus_message_append(m, "s", p->name);
    if (r >= 0)
        r = c->sd_bus_message_open_container(m, 'v', p->type);
    if (r >= 0)
        r = append_value(c, m, p);
    if (r >= 0)
        r = c->sd_bus_message_close_container(m);
    return r < 0 ? r : c->sd_bus_message_close_container(m);
}

int sdbus_value_append(const struct sdbus_calls *c, sd_bus_message *m,
                       const struct sdbus_properties *p)
{
    int r = c->sd_bus_message_open_container(m, 'a', "(sv)");

    for (size_t i = 0; i < p->n && r >= 0; i++)
        r = append_property(c, m, &p->items[i]);
    return r < 0 ? r : c->sd_bus_message_close_container(m);
}

/* The number of a device in a list of them; one that is not there is not limited. */
static int read_device(const struct sdbus_calls *c, sd_bus_message *m, struct sdbus_property *p)
{
    const char *device;
    uint64_t number;
    int r = c->sd_bus_message_enter_container(m, 'a', "(st)");

    p->number = SDBUS_INFINITY;
    while (r >= 0 && (r = c->sd_bus_message_read(m, "(st)", &device, &number)) > 0)
        if (streq(device, p->text))
            p->number = number;
    return r;
}

static int read_copy(const struct sdbus_calls *c, sd_bus_message *m, struct sdbus_property *p)
{
    const void *bytes;
    size_t size;
    int r = c->sd_bus_message_read_array(m, p->type[1], &bytes, &size);
    void *copy;

    if (r < 0)
        return r;
    copy = malloc(size ? size : 1);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, bytes, size);
    free(p->bytes);
    p->bytes = copy;
    p->size = size;
    return 0;
}

int sdbus_value_read(const struct sdbus_calls *c, sd_bus_message *m, struct sdbus_property *p)
{
    const char *text;
    int flag = 0, r;

    if (streq(p->type, "t"))
        return c->sd_bus_message_read(m, "t", &p->number);
    if (streq(p->type, "b")) {
        r = c->sd_bus_message_read(m, "b", &flag);
        p->number = flag != 0;
        return r;
    }
    if (streq(p->type, "a(st)"))
        return read_device(c, m, p);
    if (!streq(p->type, "s"))
        return read_copy(c, m, p);
    r = c->sd_bus_message_read(m, "s", &text);
    if (r < 0)
        return r;
    free(p->text);
    p->text = strdup(text);
    return p->text ? 0 : -ENOMEM;
}

#endif
