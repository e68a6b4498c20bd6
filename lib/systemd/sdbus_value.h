/* SPDX-License-Identifier: MIT */
/* sdbus_value - what sdbus.c calls of libsystemd, and properties in its messages */
#ifndef HEADROOM_SDBUS_VALUE_H
#define HEADROOM_SDBUS_VALUE_H

#include "sdbus_properties.h"
#include <systemd/sd-bus.h>

/* What is used of the library; variadic ones among them, so they are called by these pointers. */
#define CALLS(X)                                                                                   \
    X(sd_bus_new)                                                                                  \
    X(sd_bus_set_address)                                                                          \
    X(sd_bus_start)                                                                                \
    X(sd_bus_open_system)                                                                          \
    X(sd_bus_open_user)                                                                            \
    X(sd_bus_flush_close_unref)                                                                    \
    X(sd_bus_message_new_method_call)                                                              \
    X(sd_bus_message_append)                                                                       \
    X(sd_bus_message_append_array)                                                                 \
    X(sd_bus_message_open_container)                                                               \
    X(sd_bus_message_close_container)                                                              \
    X(sd_bus_message_read)                                                                         \
    X(sd_bus_message_read_array)                                                                   \
    X(sd_bus_message_enter_container)                                                              \
    X(sd_bus_message_exit_container)                                                               \
    X(sd_bus_message_unref)                                                                        \
    X(sd_bus_call)                                                                                 \
    X(sd_bus_get_property)                                                                         \
    X(sd_bus_error_free)                                                                           \
    X(sd_bus_match_signal)                                                                         \
    X(sd_bus_process)                                                                              \
    X(sd_bus_wait)                                                                                 \
    X(sd_bus_path_encode)                                                                          \
    X(sd_bus_get_fd)

#define POINTER(name) __typeof__(&name) name;
struct sdbus_calls {
    CALLS(POINTER)
};

/* Append a list of properties, a(sv). Return: as sd_bus_message_append(3). */
int sdbus_value_append(const struct sdbus_calls *c, sd_bus_message *m,
                       const struct sdbus_properties *p);

/* Read the value of a property, which has its name and type. Return: as sd_bus_message_read(3), or
 * -ENOMEM. */
int sdbus_value_read(const struct sdbus_calls *c, sd_bus_message *m, struct sdbus_property *p);

#endif
