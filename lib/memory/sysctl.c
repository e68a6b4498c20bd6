/* SPDX-License-Identifier: MIT */
#include "sysctl.h"

#include "kv.h"
#include "size.h"
#include <inttypes.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#define PROC_SYS "/proc/sys/"
#define SWAPPINESS "vm.swappiness"

enum { SWAPPINESS_MAX = 200 };

static const char heading[] = "# Written by headroom; see sysctl.d(5).\n";

/* Earlier ones hide files of the same name in later ones. */
static const char *const folders[] = {
    "/etc/sysctl.d",     "/run/sysctl.d", "/usr/local/lib/sysctl.d",
    "/usr/lib/sysctl.d", "/lib/sysctl.d",
};

void sysctl_clear(struct sysctl *s)
{
    confile_clear(&s->file);
    *s = SYSCTL_INIT;
}

/*
 * The name as it stands below /proc/sys. Where a dot comes first, dots separate and slashes stand
 * for dots
 * ("net.ipv4.conf.eth0/1.forwarding").
 */
static void below_proc(struct kv_span name, char *out)
{
    size_t first = 0;
    bool swap;

    while (first < name.n && name.p[first] != '.' && name.p[first] != '/')
        first++;
    swap = first < name.n && name.p[first] == '.';
    for (size_t i = 0; i < name.n; i++)
        out[i] = !swap ? name.p[i] : name.p[i] == '.' ? '/' : name.p[i] == '/' ? '.' : name.p[i];
    out[name.n] = '\0';
}

static char *proc_path(const char *name)
{
    char *path = malloc(strlen(PROC_SYS) + strlen(name) + 1);

    if (path)
        below_proc((struct kv_span){name, strlen(name)}, stpcpy(path, PROC_SYS));
    return path;
}

static int lacking(const char *name, struct err *e)
{
    return err_set(e, -EOPNOTSUPP, "%s: this kernel has no such setting", name);
}

int sysctl_read(const struct root *root, const char *name, int64_t *out, struct err *e)
{
    _cleanup_(free_ptr) char *path = proc_path(name), *text = NULL;
    _cleanup_(close_fd) int fd = -1;
    char *end;
    int64_t value;
    int r;

    if (!path)
        return err_oom(e);
    fd = root_openat(root, path, O_RDONLY, 0);
    if (fd == -ENOENT)
        return lacking(name, e);
    if (fd < 0)
        return err_sys(e, fd, "%s: cannot read %s%s", name, root->path, path);
    r = root_read_fd(fd, path, &text, NULL, e);
    if (r < 0)
        return r;
    errno = 0;
    value = strtoll(text, &end, 10);
    if (end == text || errno || !(*end == '\0' || streq(end, "\n")))
        return err_set(e, -EBADMSG, "%s: %s%s does not hold one number", name, root->path, path);
    *out = value;
    return 0;
}

static int out_of_range(int64_t value, int most, struct err *e)
{
    return err_usage(e, -ERANGE,
                     SWAPPINESS ": %" PRId64 " is out of range; this kernel takes 0 to %d", value,
                     most);
}

/* The running kernel, seen through a root that is not its own. */
static bool is_foreign_proc(const struct root *root, const char *path)
{
    _cleanup_(close_fd) int fd = -1;
    struct statfs fs;

    if (root->live)
        return false;
    fd = root_openat(root, path, O_PATH, 0);
    return fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

static int write_value(const struct sysctl *s, int64_t value, struct err *e)
{
    _cleanup_(free_ptr) char *path = proc_path(s->name);
    char text[24];
    int r;

    if (!path)
        return err_oom(e);
    if (is_foreign_proc(s->root, path))
        return err_unsupported(e, -EXDEV,
                               "%s: belongs to the running kernel, not to the system below %s; "
                               "set it without --root",
                               s->name, s->root->path);
    snprintf(text, sizeof(text), "%" PRId64, value);
    r = root_write(s->root, path, text, e);
    /* Values over 200 never come here, so a kernel that refuses has the older limit. */
    if (r == -EINVAL && streq(s->name, SWAPPINESS))
        return out_of_range(value, 100, e);
    return r;
}

static int apply_set(void *sysctl, struct err *e)
{
    struct sysctl *s = sysctl;

    return write_value(s, s->wanted, e);
}

static int undo_set(void *sysctl, struct err *e)
{
    struct sysctl *s = sysctl;

    return write_value(s, s->old, e);
}

static int check_writable(const struct root *root, const char *name, struct err *e)
{
    _cleanup_(free_ptr) char *path = proc_path(name);
    _cleanup_(close_fd) int fd = -1;

    if (!path)
        return err_oom(e);
    fd = root_openat(root, path, O_WRONLY, 0);
    if (fd == -EACCES || fd == -EPERM)
        return err_set(e, fd, "%s: not permitted to set it; run as root", name);
    if (fd == -EROFS)
        return err_set(e, fd, "%s: %s%s is read-only, as in a container; set it on the host", name,
                       root->path, path);
    return fd < 0 ? err_sys(e, fd, "%s: cannot open %s%s", name, root->path, path) : 0;
}

int sysctl_plan_set(const struct root *root, const char *name, int64_t value, struct sysctl *s,
                    struct plan *plan, struct err *e)
{
    int64_t old;
    int r;

    if (streq(name, SWAPPINESS) && (value < 0 || value > SWAPPINESS_MAX))
        return out_of_range(value, SWAPPINESS_MAX, e);
    r = sysctl_read(root, name, &old, e);
    if (r < 0)
        return r;
    if (old == value)
        return 1;
    r = check_writable(root, name, e);
    if (r < 0)
        return r;
    s->root = root;
    s->name = name;
    s->old = old;
    s->wanted = value;
    return plan_add(plan, "swappiness", apply_set, undo_set, s, e,
                    "set %s to %" PRId64 " (now %" PRId64 ")", name, value, old);
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static struct kv_span strip(const char *p, const char *end)
{
    while (p < end && blank(*p))
        p++;
    while (end > p && blank(end[-1]))
        end--;
    return (struct kv_span){p, (size_t)(end - p)};
}

/* The value that the line sets @wanted (as below /proc/sys) to. Return: false if it does not. */
static bool line_sets(const char *p, const char *end, const char *wanted, struct kv_span *value)
{
    struct kv_span line = strip(p, end), key;
    const char *equals = memchr(line.p, '=', line.n);
    char name[256];

    if (line.n == 0 || *line.p == '#' || *line.p == ';' || !equals)
        return false;
    key = strip(line.p, equals);
    /* "-name = value" does not complain when the kernel refuses */
    if (key.n > 0 && *key.p == '-')
        key = strip(key.p + 1, equals);
    if (key.n >= sizeof(name))
        return false;
    below_proc(key, name);
    *value = strip(equals + 1, line.p + line.n);
    return streq(name, wanted);
}

/* The last value that a text gives @name. Return: false if it gives none. */
static bool find_value(const char *text, const char *name, struct kv_span *value)
{
    char wanted[256];
    bool found = false;

    if (strlen(name) >= sizeof(wanted))
        return false;
    below_proc((struct kv_span){name, strlen(name)}, wanted);
    for (const char *p = text, *end; *p; p = *end ? end + 1 : end) {
        struct kv_span one;

        end = strchrnul(p, '\n');
        if (line_sets(p, end, wanted, &one)) {
            *value = one;
            found = true;
        }
    }
    return found;
}

int sysctl_text(const char *text, const char *name, int64_t value, char **out, struct err *e)
{
    size_t len = strlen(text);
    struct kv_span old;
    char *made;
    int n;

    if (find_value(text, name, &old))
        n = asprintf(&made, "%.*s%" PRId64 "%s", (int)(old.p - text), text, value, old.p + old.n);
    else
        n = asprintf(&made, "%s%s%s = %" PRId64 "\n", len ? text : heading,
                     len && text[len - 1] != '\n' ? "\n" : "", name, value);
    if (n < 0)
        return err_oom(e);
    *out = made;
    return 0;
}

int sysctl_plan_persist(const struct root *root, const char *name, int64_t value, struct sysctl *s,
                        struct plan *plan, struct err *e)
{
    _cleanup_(free_ptr) char *what = NULL;
    char *text;
    int r;

    r = confile_load(root, SYSCTL_FILE, &s->file, e);
    if (r < 0)
        return r;
    r = sysctl_text(s->file.text, name, value, &text, e);
    if (r < 0)
        return r;
    if (asprintf(&what, "keep %s = %" PRId64 " in " SYSCTL_FILE, name, value) < 0)
        r = err_oom(e);
    else
        r = confile_plan(&s->file, text, plan, "persist-swappiness", what, e);
    if (r < 0)
        free(text);
    return r;
}

int sysctl_declared(const struct root *root, const char *name, int64_t *out, struct err *e)
{
    _cleanup_(confile_clear) struct confile file = CONFILE_INIT;
    _cleanup_(free_ptr) char *text = NULL;
    struct kv_span value;
    int r;

    r = confile_load(root, SYSCTL_FILE, &file, e);
    if (r < 0 || !find_value(file.text, name, &value))
        return r;
    text = strndup(value.p, value.n);
    if (!text)
        return err_oom(e);
    if (size_parse_number(text, INT64_MIN, INT64_MAX, out, NULL) < 0)
        return err_set(e, -EBADMSG, "%s" SYSCTL_FILE ": sets %s to \"%s\", which is not a number",
                       root->path, name, text);
    return 1;
}

/* Return: 1 if the file sets @name, 0 if not or if there is no such file, or a negated errno. */
static int file_sets(const struct root *root, const char *path, const char *name, struct err *e)
{
    _cleanup_(close_fd) int fd = root_openat(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    _cleanup_(free_ptr) char *text = NULL;
    struct kv_span value;
    int r;

    /* links to /dev/null hide a file; in a foreign root they dangle */
    if (fd == -ENOENT)
        return 0;
    if (fd < 0)
        return err_sys(e, fd, "%s%s: cannot open", root->path, path);
    r = root_read_fd(fd, path, &text, NULL, e);
    return r < 0 ? r : find_value(text, name, &value);
}

/* Is a file of this name in one of the folders before that one? */
static bool hidden(const struct root *root, size_t folder, const char *name)
{
    _cleanup_(free_ptr) char *path = NULL;
    struct stat st;

    for (size_t i = 0; i < folder; i++) {
        free(TAKE_PTR(path));
        if (asprintf(&path, "%s/%s", folders[i], name) >= 0 &&
            root_stat(root, path, O_NOFOLLOW, &st) == 0)
            return true;
    }
    return false;
}

static bool is_read_later(const char *name, const char *than)
{
    size_t n = strlen(name);

    return n > strlen(".conf") && streq(name + n - strlen(".conf"), ".conf") &&
           strcmp(name, than) > 0;
}

/* The last file of a folder that sets @name and sorts behind *@last, which it then replaces. */
static int search_folder(const struct root *root, size_t folder, const char *name, char **last,
                         char **by, struct err *e)
{
    _cleanup_(close_dir) DIR *dir = NULL;
    const struct dirent *entry;
    int fd, r;

    fd = root_openat(root, folders[folder], O_RDONLY | O_DIRECTORY, 0);
    if (fd == -ENOENT || fd == -ENOTDIR)
        return 0;
    dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        return err_sys(e, fd < 0 ? fd : -errno, "%s%s: cannot list", root->path, folders[folder]);
    while ((entry = readdir(dir))) {
        _cleanup_(free_ptr) char *path = NULL;
        char *copy;

        if (!is_read_later(entry->d_name, *last) || hidden(root, folder, entry->d_name))
            continue;
        copy = asprintf(&path, "%s/%s", folders[folder], entry->d_name) < 0 ? NULL
                                                                            : strdup(entry->d_name);
        if (!copy)
            return err_oom(e);
        r = file_sets(root, path, name, e);
        if (r <= 0) {
            free(copy);
            if (r < 0)
                return r;
            continue;
        }
        free(*last);
        *last = copy;
        free(*by);
        *by = TAKE_PTR(path);
    }
    return 0;
}

int sysctl_overridden(const struct root *root, const char *name, char **by, struct err *e)
{
    _cleanup_(free_ptr) char *last = strdup(strrchr(SYSCTL_FILE, '/') + 1), *found = NULL;
    int r = 0;

    if (!last)
        return err_oom(e);
    for (size_t i = 0; i < ARRAY_SIZE(folders) && r == 0; i++)
        r = search_folder(root, i, name, &last, &found, e);
    if (r == 0)
        r = file_sets(root, "/etc/sysctl.conf", name, e);
    if (r < 0)
        return r;
    if (r == 1) {
        free(found);
        found = strdup("/etc/sysctl.conf");
        if (!found)
            return err_oom(e);
    }
    if (!found)
        return 0;
    *by = TAKE_PTR(found);
    return 1;
}
