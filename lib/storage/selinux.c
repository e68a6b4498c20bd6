/* SPDX-License-Identifier: MIT */
#include "selinux.h"
#include "mounts.h"

#include <sys/xattr.h>

#define ATTRIBUTE "security.selinux"
#define SWAP_TYPE "swapfile_t"

bool selinux_is_on(const struct root *root)
{
    struct stat st;

    return root_stat(root, "/sys/fs/selinux/enforce", 0, &st) == 0;
}

/* The label of a file, or NULL if it has none. */
static int get(int fd, const char *path, char **out, struct err *e)
{
    _cleanup_(free_ptr) char *label = NULL;
    ssize_t n = fgetxattr(fd, ATTRIBUTE, NULL, 0);

    if (n >= 0) {
        label = calloc(1, (size_t)n + 1);
        if (!label)
            return err_oom(e);
        n = fgetxattr(fd, ATTRIBUTE, label, (size_t)n);
    }
    if (n < 0 && errno != ENODATA && errno != EOPNOTSUPP)
        return err_sys(e, -errno, "%s: cannot read its SELinux label", path);
    *out = n > 0 ? TAKE_PTR(label) : NULL;
    return 0;
}

/* As the kernel keeps it, with the NUL. */
static int set(int fd, const char *label, const char *path, struct err *e)
{
    if (fsetxattr(fd, ATTRIBUTE, label, strlen(label) + 1, 0) == 0 || errno == EOPNOTSUPP)
        return 0;
    return err_sys(e, -errno,
                   "%s: cannot give it the SELinux label %s (what forbids it: ausearch -m avc)",
                   path, label);
}

/* @label with the type of swap files; NULL if it has that, or no type: USER:ROLE:TYPE[:RANGE]. */
static int retype(const char *label, char **out, struct err *e)
{
    const char *role = strchr(label, ':');
    const char *type = role ? strchr(role + 1, ':') : NULL;
    size_t n = type ? strcspn(++type, ":") : 0;

    *out = NULL;
    if (n == 0 || (n == strlen(SWAP_TYPE) && memcmp(type, SWAP_TYPE, n) == 0))
        return 0;
    if (asprintf(out, "%.*s" SWAP_TYPE "%s", (int)(type - label), label, type + n) >= 0)
        return 0;
    *out = NULL;
    return err_oom(e);
}

/* The label that a file has, and the one that it should have, or NULL if that is the same. */
static int look(int fd, const char *path, char **was, char **wanted, struct err *e)
{
    _cleanup_(free_ptr) char *label = NULL;
    int r = get(fd, path, &label, e);

    *wanted = NULL;
    if (r == 0 && label)
        r = retype(label, wanted, e);
    if (r == 0)
        *was = TAKE_PTR(label);
    return r;
}

int selinux_label_swap(int fd, const char *path, struct err *e)
{
    _cleanup_(free_ptr) char *was = NULL, *wanted = NULL;
    int r = look(fd, path, &was, &wanted, e);

    return r == 0 && wanted ? set(fd, wanted, path, e) : r;
}

/* The option seclabel says that each file has one of its own. */
static bool has_labels(const struct root *root, int fd)
{
    struct stat st;

    return fstat(fd, &st) < 0 || mounts_has_option(root, st.st_dev, "seclabel", NULL) != 0;
}

static int apply(void *ctx, struct err *e)
{
    struct selinux_step *s = ctx;

    return selinux_label_swap(*s->file, s->path, e);
}

static int undo(void *ctx, struct err *e)
{
    struct selinux_step *s = ctx;

    return set(*s->file, s->was, s->path, e);
}

void selinux_clear(struct selinux_step *s)
{
    free(s->was);
    s->was = NULL;
}

int selinux_plan_swap(struct selinux_step *s, const struct root *root, const int *file,
                      const char *path, struct plan *plan, struct err *e)
{
    _cleanup_(free_ptr) char *was = NULL, *wanted = NULL;
    int r = selinux_is_on(root) ? look(*file, path, &was, &wanted, e) : 0;

    if (r < 0 || !wanted || !has_labels(root, *file))
        return r;
    selinux_clear(s);
    *s = (struct selinux_step){.file = file, .path = path, .was = TAKE_PTR(was)};
    return plan_add(plan, "chcon", apply, undo, s, e, "give %s the SELinux label %s", path, wanted);
}
