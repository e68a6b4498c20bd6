/* SPDX-License-Identifier: MIT */
#include "username.h"

#include <pwd.h>

void username_clear(struct username *u)
{
    for (size_t i = 0; i < u->n; i++)
        free(u->entries[i].name);
    free(u->entries);
    *u = USERNAME_INIT;
}

/* Caller frees; NULL: has no name, or memory ran out. */
static char *from_passwd(const struct root *root, uid_t uid)
{
    int fd = root_openat(root, "/etc/passwd", O_RDONLY, 0);
    _cleanup_(close_file) FILE *f = fd < 0 ? NULL : fdopen(fd, "re");
    char buf[4096];
    struct passwd pw, *found;

    if (!f) {
        close_fd(&fd);
        return NULL;
    }
    while (fgetpwent_r(f, &pw, buf, sizeof(buf), &found) == 0)
        if (pw.pw_uid == uid)
            return strdup(pw.pw_name);
    return NULL;
}

static char *look_up(const struct root *root, uid_t uid)
{
    struct passwd pw, *found = NULL;
    char buf[4096], *number;

    if (!root->live) {
        number = from_passwd(root, uid);
        if (number)
            return number;
    } else if (getpwuid_r(uid, &pw, buf, sizeof(buf), &found) == 0 && found) {
        return strdup(pw.pw_name);
    }
    return asprintf(&number, "%u", uid) < 0 ? NULL : number;
}

int username_of(struct username *u, const struct root *root, uid_t uid, const char **out,
                struct err *e)
{
    struct username_entry *entries;
    char *name;

    for (size_t i = 0; i < u->n; i++) {
        if (u->entries[i].uid == uid) {
            *out = u->entries[i].name;
            return 0;
        }
    }
    entries = reallocarray(u->entries, u->n + 1, sizeof(*entries));
    if (!entries)
        return err_oom(e);
    u->entries = entries;
    name = look_up(root, uid);
    if (!name)
        return err_oom(e);
    u->entries[u->n++] = (struct username_entry){uid, name};
    *out = name;
    return 0;
}
