/* SPDX-License-Identifier: MIT */
#include "sibling.h"

#include <unistd.h>

int sibling_path(const char *relative, char out[static PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
    size_t folder, room;

    if (n < 0)
        return -errno;
    out[n] = '\0';
    folder = (size_t)(strrchr(out, '/') + 1 - out);
    room = PATH_MAX - folder;
    return (size_t)snprintf(out + folder, room, "%s", relative) < room ? 0 : -ENAMETOOLONG;
}
