/* SPDX-License-Identifier: MIT */
#include "oomadj.h"

#include "size.h"

static const char path[] = "/proc/self/oom_score_adj";

int oomadj_read(const struct root *root, int *out)
{
    _cleanup_(free_ptr) char *text = NULL;
    int64_t value;
    int r = root_read(root, path, &text, NULL, NULL);

    if (r < 0)
        return r;
    text[strcspn(text, "\n")] = '\0';
    if (size_parse_number(text, OOMADJ_NEVER, OOMADJ_FIRST, &value, NULL) < 0)
        return -EBADMSG;
    *out = (int)value;
    return 0;
}

int oomadj_write(const struct root *root, int value)
{
    _cleanup_(close_fd) int fd = root_openat(root, path, O_WRONLY, 0);
    char text[16];
    int n = snprintf(text, sizeof(text), "%d\n", value);

    if (fd < 0)
        return fd;
    return write(fd, text, (size_t)n) < 0 ? -errno : 0;
}
