/* SPDX-License-Identifier: MIT */
#include "zramowner.h"

#define GENERATOR "zram-generator.conf"

/* A file in an earlier one hides the same name in later ones. */
static const char *const folders[] = {
    "/etc/systemd",
    "/run/systemd",
    "/usr/local/lib/systemd",
    "/usr/lib/systemd",
};

static const char *const tools[] = {
    "/etc/default/zramswap",
    "/etc/systemd/system/zramswap.service",
    "/usr/lib/systemd/system/zramswap.service",
    "/lib/systemd/system/zramswap.service",
};

static int taken(const struct root *root, const char *path, const char *owner, struct err *e)
{
    return err_refuse(e, -EEXIST,
                      "%s%s: %s sets up zram by it at boot; change it there, or --force to have "
                      "one more device",
                      root->path, path, owner);
}

/* An empty generator configuration turns it off. */
static bool has_section(const char *text)
{
    for (const char *p = text; *p; p = *p ? p + 1 : p) {
        p += strspn(p, " \t");
        if (str_after(p, "[zram"))
            return true;
        p = strchrnul(p, '\n');
    }
    return false;
}

/* Return: 1 it is there, 0 not, or as zramowner_check(). */
static int check_file(const struct root *root, const char *path, struct err *e)
{
    _cleanup_(close_fd) int fd = root_openat(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    _cleanup_(free_ptr) char *text = NULL;
    int r;

    if (fd == -ENOENT || fd == -ENOTDIR)
        return 0;
    if (fd < 0)
        return err_sys(e, fd, "%s%s: cannot open", root->path, path);
    r = root_read_fd(fd, path, &text, NULL, e);
    if (r < 0)
        return r;
    return has_section(text) ? taken(root, path, "zram-generator", e) : 1;
}

static int check_drop_ins(const struct root *root, const char *folder, struct err *e)
{
    _cleanup_(free_ptr) char *path = NULL;
    _cleanup_(close_dir) DIR *dir = NULL;
    const struct dirent *entry;
    int fd, r = 0;

    if (asprintf(&path, "%s/" GENERATOR ".d", folder) < 0)
        return err_oom(e);
    fd = root_openat(root, path, O_RDONLY | O_DIRECTORY, 0);
    if (fd == -ENOENT || fd == -ENOTDIR)
        return 0;
    dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        return err_sys(e, fd < 0 ? fd : -errno, "%s%s: cannot list", root->path, path);
    while (r >= 0 && (entry = readdir(dir))) {
        _cleanup_(free_ptr) char *file = NULL;
        const char *dot = strrchr(entry->d_name, '.');

        if (*entry->d_name == '.' || !dot || !streq(dot, ".conf"))
            continue;
        if (asprintf(&file, "%s/%s", path, entry->d_name) < 0)
            return err_oom(e);
        r = check_file(root, file, e);
    }
    return r < 0 ? r : 0;
}

static int check_generator(const struct root *root, struct err *e)
{
    char path[64];
    int r = 0;

    for (size_t i = 0; i < ARRAY_SIZE(folders) && r == 0; i++) {
        snprintf(path, sizeof(path), "%s/" GENERATOR, folders[i]);
        r = check_file(root, path, e);
    }
    for (size_t i = 0; i < ARRAY_SIZE(folders) && r >= 0; i++)
        r = check_drop_ins(root, folders[i], e);
    return r < 0 ? r : 0;
}

static bool is_masked(const struct root *root, const char *path)
{
    _cleanup_(close_fd) int fd = root_openat(root, path, O_PATH | O_NOFOLLOW, 0);
    char target[16];

    return fd >= 0 && readlinkat(fd, "", target, sizeof(target)) == (ssize_t)strlen("/dev/null") &&
           strncmp(target, "/dev/null", strlen("/dev/null")) == 0;
}

static int check_tools(const struct root *root, struct err *e)
{
    struct stat st;

    if (is_masked(root, "/etc/systemd/system/zramswap.service"))
        return 0;
    for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
        if (root_stat(root, tools[i], O_NOFOLLOW, &st) == 0)
            return taken(root, tools[i], "zram-tools", e);
    return 0;
}

int zramowner_check(const struct root *root, struct err *e)
{
    int r = check_generator(root, e);

    return r < 0 ? r : check_tools(root, e);
}
