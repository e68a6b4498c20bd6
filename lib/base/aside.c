/* SPDX-License-Identifier: MIT */
#include "aside.h"

#include <fcntl.h>

#define SUFFIX ".headroom"

enum { STEM_MAX = 240, TRIES = 4 };

void aside_name(const char *name, char aside[static NAME_MAX + 1])
{
    snprintf(aside, NAME_MAX + 1, ".%.*s" SUFFIX, STEM_MAX, name);
}

bool aside_first_name(const char *aside, char name[static NAME_MAX + 1])
{
    const size_t n = strlen(aside), end = strlen(SUFFIX);

    if (n <= 1 + end || n > NAME_MAX || *aside != '.' || !streq(aside + n - end, SUFFIX))
        return false;
    memcpy(name, aside + 1, n - 1 - end);
    name[n - 1 - end] = '\0';
    return true;
}

/* Return: 1 it is, 0 it is another one or nothing, or a negated errno. */
static int is_file(int dir_fd, const char *name, const struct stat *meant)
{
    struct stat now;

    if (fstatat(dir_fd, name, &now, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -errno;
    return now.st_dev == meant->st_dev && now.st_ino == meant->st_ino;
}

static int rename_by(int dir_fd, const char *from, const char *to, unsigned flags)
{
    if (renameat2(dir_fd, from, dir_fd, to, flags) == 0)
        return 0;
    return errno == EINVAL || errno == ENOSYS ? -EOPNOTSUPP : -errno;
}

int aside_move_back(int dir_fd, const char *name, const char *aside)
{
    return rename_by(dir_fd, aside, name, RENAME_NOREPLACE);
}

int aside_move(int dir_fd, const char *name, const char *aside, const struct stat *meant)
{
    /* most strangers are found without being moved */
    int r = is_file(dir_fd, name, meant);

    if (r <= 0)
        return r < 0 ? r : -ESTALE;
    r = rename_by(dir_fd, name, aside, RENAME_NOREPLACE);
    if (r < 0)
        return r == -ENOENT ? -ESTALE : r;
    r = is_file(dir_fd, aside, meant);
    if (r == 1)
        return 0;
    if (aside_move_back(dir_fd, name, aside) < 0)
        return -EUCLEAN;
    return r < 0 ? r : -ESTALE;
}

int aside_exchange(int dir_fd, const char *name, const char *aside, const struct stat *meant,
                   const struct stat *ours)
{
    int r = is_file(dir_fd, name, meant), why;

    if (r <= 0)
        return r < 0 ? r : -ESTALE;
    r = rename_by(dir_fd, name, aside, RENAME_EXCHANGE);
    if (r < 0)
        return r == -ENOENT ? -ESTALE : r;
    r = is_file(dir_fd, aside, meant);
    if (r == 1)
        return 0;
    why = r < 0 ? r : -ESTALE;
    /* who takes the name while it is given back shall have it too */
    for (int i = 0; i < TRIES && rename_by(dir_fd, name, aside, RENAME_EXCHANGE) == 0; i++)
        if (is_file(dir_fd, aside, ours) == 1)
            return why;
    return -EUCLEAN;
}
