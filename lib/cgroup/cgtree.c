/* SPDX-License-Identifier: MIT */
#include "cgtree.h"

#include "abi.h"
#include "cgroup.h"
#include "cgvalue.h"
#include <ctype.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#define USUAL_POINT "/sys/fs/cgroup"

void cgtree_clear(struct cgtree *t)
{
    close_fd(&t->fd);
    free(t->point);
    free(t->part);
    free(t->own);
    free(t->v1_point);
    *t = CGTREE_INIT;
}

bool cgtree_has_word(const char *list, const char *word)
{
    struct kv_span rest = {list, strlen(list)}, one;

    while (cgvalue_word(&rest, &one))
        if (kv_span_eq(one, word))
            return true;
    return false;
}

bool cgtree_has_name(struct kv_span list, const char *name)
{
    while (list.n > 0) {
        const char *comma = memchr(list.p, ',', list.n);
        size_t n = comma ? (size_t)(comma - list.p) : list.n;

        if (kv_span_eq((struct kv_span){list.p, n}, name))
            return true;
        n += comma != NULL;
        list = (struct kv_span){list.p + n, list.n - n};
    }
    return false;
}

/* "4:cpu,memory:/a" and "0::/a/b"; a path may hold colons. */
int cgtree_parse_own(const char *text, char **own, bool *gone)
{
    static const char deleted[] = " (deleted)";
    _cleanup_(free_ptr) char *path = NULL;
    bool removed = false;
    struct kv line;
    int memory = 0;

    while (kv_next(&text, ':', &line)) {
        const char *colon = memchr(line.value.p, ':', line.value.n);
        size_t head = colon ? (size_t)(colon - line.value.p) : line.value.n;
        struct kv_span controllers = {line.value.p, head};

        if (!colon)
            continue;
        if (cgtree_has_name(controllers, "memory"))
            memory = 1;
        if (!kv_span_eq(line.key, "0") || head > 0 || path)
            continue;
        path = strndup(colon + 1, line.value.n - 1);
        if (!path)
            return -ENOMEM;
        head = strlen(path);
        removed = head >= sizeof(deleted) && streq(path + head - sizeof(deleted) + 1, deleted);
        if (removed)
            path[head - sizeof(deleted) + 1] = '\0';
    }
    *gone = removed;
    *own = TAKE_PTR(path);
    return memory;
}

const char *cgtree_below(const char *part, const char *path)
{
    const char *rest = streq(part, "/") ? path : str_after(path, part);

    if (!rest || (*rest && *rest != '/') || strstr(rest, "/.."))
        return NULL;
    return rest + strspn(rest, "/");
}

static int look_at_own(const struct root *root, struct cgtree *t, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL, *path = NULL;
    const char *below;
    int r = root_read(root, "/proc/self/cgroup", &text, NULL, e);

    if (r == 0)
        r = cgtree_parse_own(text, &path, &t->own_gone);
    if (r < 0)
        return r == -ENOMEM ? err_oom(e) : r;
    t->memory_v1 = r == 1;
    below = path && t->part ? cgtree_below(t->part, path) : NULL;
    t->own = below ? strdup(below) : NULL;
    return below && !t->own ? err_oom(e) : 0;
}

static int open_top(const struct root *root, struct cgtree *t, struct err *e)
{
    t->fd = root_openat(root, t->point, O_RDONLY | O_DIRECTORY, 0);
    if (t->fd < 0)
        return err_sys(e, t->fd, "%s%s: cannot open the control groups", root->path, t->point);
    /* every group but the root has a type */
    t->at_root = faccessat(t->fd, "cgroup.type", F_OK, 0) < 0;
    return 0;
}

/* Is this the whole hierarchy, and are we in the first namespace, which shows all of it? */
static bool is_whole(int fd)
{
    struct stat st, ns;
    struct statfs fs;

    return fstatfs(fd, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC && fstat(fd, &st) == 0 &&
           st.st_ino == ABI_CGROUP_ROOT_INO && stat("/proc/self/ns/cgroup", &ns) == 0 &&
           ns.st_ino == ABI_CGROUP_INIT_INO;
}

/* Where nearly every machine has it. To ask there takes a tenth of what mountinfo takes, and on a
 * machine with many mounts less than that. Return: 1, 0 if it must be looked for, or -ENOMEM. */
static int try_usual(const struct root *root, struct cgtree *t)
{
    _cleanup_(close_fd) int fd = -1;

    if (root->live)
        fd = root_openat(root, USUAL_POINT, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0 || !is_whole(fd))
        return 0;
    t->point = strdup(USUAL_POINT);
    t->part = strdup("/");
    if (!t->point || !t->part)
        return -ENOMEM;
    t->fd = TAKE_FD(fd);
    t->at_root = true;
    return 1;
}

static int look_for_mount(const struct root *root, struct cgtree *t, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = root_read(root, "/proc/self/mountinfo", &text, NULL, e);

    if (r < 0)
        return r;
    r = cgroup_mount_parse_part(text, 2, &t->point, &t->part);
    if (r >= 0)
        r = cgroup_mount_parse(text, 1, &t->v1_point);
    if (r < 0)
        return err_oom(e);
    return t->point ? open_top(root, t, e) : 0;
}

/* It is on version 1 beside a whole hierarchy of version 2: for the message that says so. */
static int look_for_v1(const struct root *root, struct cgtree *t, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = root_read(root, "/proc/self/mountinfo", &text, NULL, e);

    if (r < 0)
        return r;
    return cgroup_mount_parse(text, 1, &t->v1_point) < 0 ? err_oom(e) : 0;
}

int cgtree_look(const struct root *root, struct cgtree *out, struct err *e)
{
    _cleanup_(cgtree_clear) struct cgtree t = CGTREE_INIT;
    int r = try_usual(root, &t);

    if (r < 0)
        return err_oom(e);
    t.root = root;
    if (r == 0)
        r = look_for_mount(root, &t, e);
    if (r >= 0)
        r = look_at_own(root, &t, e);
    if (r == 0 && t.memory_v1 && !t.v1_point)
        r = look_for_v1(root, &t, e);
    if (r < 0)
        return r;
    *out = t;
    t = CGTREE_INIT;
    return 0;
}

int cgtree_refuse_v1(const struct cgtree *t, struct err *e)
{
    static const char remedy[] =
        "boot with systemd.unified_cgroup_hierarchy=1 or, without systemd, "
        "with cgroup_no_v1=all";

    if (t->v1_point)
        return err_unsupported(e, -EOPNOTSUPP,
                               "%s: the memory controller is bound to cgroup version 1 there, and "
                               "cgctl works with version 2; %s",
                               t->v1_point, remedy);
    if (t->memory_v1)
        return err_unsupported(e, -EOPNOTSUPP,
                               "cgroups: the memory controller is bound to cgroup version 1, which "
                               "is not mounted here, and cgctl works with version 2; %s",
                               remedy);
    return err_unsupported(e, -EOPNOTSUPP,
                           "cgroups: version 2 is not mounted; as root: mount -t cgroup2 cgroup2 "
                           "/sys/fs/cgroup");
}

int cgtree_open(const struct root *root, struct cgtree *out, struct err *e)
{
    _cleanup_(cgtree_clear) struct cgtree t = CGTREE_INIT;
    int r = cgtree_look(root, &t, e);

    if (r < 0)
        return r;
    if (t.fd < 0 || t.memory_v1)
        return cgtree_refuse_v1(&t, e);
    *out = t;
    t = CGTREE_INIT;
    return 0;
}

static int check_name(const char *name, const char *part, size_t n, struct err *e)
{
    if (n > NAME_MAX)
        return err_usage(e, -EINVAL, "%s: a name in it is longer than %d bytes", name, NAME_MAX);
    if ((n == 1 && *part == '.') || (n == 2 && strncmp(part, "..", 2) == 0))
        return err_usage(e, -EINVAL, "%s: \"%.*s\" is no name of a group", name, (int)n, part);
    for (size_t i = 0; i < n; i++)
        if (iscntrl((unsigned char)part[i]))
            return err_usage(e, -EINVAL, "%s: holds a control character", name);
    return 0;
}

int cgtree_path(const char *name, char **out, struct err *e)
{
    _cleanup_(free_ptr) char *path = malloc(strlen(name) + 1);
    const char *p = name;
    size_t at = 0;

    if (!path)
        return err_oom(e);
    while (*(p += strspn(p, "/"))) {
        size_t n = strcspn(p, "/");
        int r = check_name(name, p, n, e);

        if (r < 0)
            return r;
        if (at > 0)
            path[at++] = '/';
        memcpy(path + at, p, n);
        at += n;
        p += n;
    }
    path[at] = '\0';
    *out = TAKE_PTR(path);
    return 0;
}

int cgtree_group(const struct cgtree *t, const char *path, struct err *e)
{
    int fd = openat(t->fd, *path ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0)
        return fd;
    if (errno == ENOENT || errno == ENOTDIR || errno == ENODEV)
        return err_set(e, -ENOENT, "/%s: there is no such group below %s", path, t->point);
    return err_sys(e, -errno, "/%s: cannot open the group", path);
}

int cgtree_of_process(const struct cgtree *t, pid_t pid, char **out, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL, *whole = NULL;
    char file[32] = "/proc/self/cgroup";
    const char *below;
    bool gone;
    int r;

    if (pid > 0)
        snprintf(file, sizeof(file), "/proc/%d/cgroup", pid);
    r = root_read(t->root, file, &text, NULL, NULL);
    if (r == -ENOENT || r == -ESRCH)
        return err_set(e, -ESRCH, "%d: there is no such process", pid);
    if (r < 0)
        return err_sys(e, r, "%d: cannot tell its group", pid);
    if (cgtree_parse_own(text, &whole, &gone) < 0)
        return err_oom(e);
    below = whole ? cgtree_below(t->part, whole) : NULL;
    if (!below)
        return err_set(e, -EXDEV, "%d: its group %s lies outside of what is mounted at %s", pid,
                       whole ? whole : "", t->point);
    *out = strdup(below);
    return *out ? 0 : err_oom(e);
}
