/* SPDX-License-Identifier: MIT */
/*
 * users - the names of users and groups, and whom a name means
 *
 * On the live root by getpwuid(3) and its like, which may ask a server and wait for it, elsewhere
 * from /etc/passwd and /etc/group of that tree.
 */
#ifndef HEADROOM_USERS_H
#define HEADROOM_USERS_H

#include "root.h"

/* Names, each looked up once. */
struct users {
    struct users_entry {
        uint32_t id;
        bool group;
        char *name;
    } * entries; /* owned */
    size_t n;
    bool closed; /* nothing is looked up any more: whom these do not name nobody knows */
};

#define USERS_INIT ((struct users){.entries = NULL})

void users_clear(struct users *u);

/**
 * users_name_of() - the name of a user
 * @out: borrowed from @u; the number where there is no name
 *
 * Return: 0 or -ENOMEM.
 */
int users_name_of(struct users *u, const struct root *root, uid_t uid, const char **out,
                  struct err *e);

/* The same for a group. */
int users_group_name_of(struct users *u, const struct root *root, gid_t gid, const char **out,
                        struct err *e);

/**
 * users_find() - whom somebody means
 * @name: a name, or a number, which needs none
 *
 * Return: 0; -EINVAL as ERR_USAGE if there is no such user; -ENOMEM.
 */
int users_find(const struct root *root, const char *name, uid_t *out, struct err *e);

/* The same for a group. */
int users_find_group(const struct root *root, const char *name, gid_t *out, struct err *e);

/* The same for both, among those that are known, and what had to be looked up is kept there. */
int users_find_kept(struct users *u, const struct root *root, const char *name, bool group,
                    uint32_t *out, struct err *e);

/* All of them as text, for another process. Return: NULL without memory; caller frees. */
char *users_list(const struct users *u);

/* Add what users_list() has written. Return: 0; -EINVAL if it is none; -ENOMEM. */
int users_add_list(struct users *u, const char *list, struct err *e);

#endif
