/* SPDX-License-Identifier: MIT */
/* username - the names of users, each looked up once */
#ifndef HEADROOM_USERNAME_H
#define HEADROOM_USERNAME_H

#include "root.h"

struct username {
    struct username_entry {
        uid_t uid;
        char *name;
    } * entries; /* owned */
    size_t n;
};

#define USERNAME_INIT ((struct username){.entries = NULL})

void username_clear(struct username *u);

/**
 * username_of() - the name of a user
 * @out: borrowed from @u; the number where there is no name
 *
 * On the live root by getpwuid(3), elsewhere from /etc/passwd of that tree.
 *
 * Return: 0 or -ENOMEM.
 */
int username_of(struct username *u, const struct root *root, uid_t uid, const char **out,
                struct err *e);

#endif
