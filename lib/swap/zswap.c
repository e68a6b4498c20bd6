/* SPDX-License-Identifier: MIT */
#include "zswap.h"

#include "kv.h"
#include "systemd.h"
#include "vmstat.h"
#include <linux/magic.h>
#include <sys/vfs.h>

#define PARAMETERS "/sys/module/zswap/parameters"
#define DEBUG "/sys/kernel/debug/zswap/"

static const char heading[] =
    "# Written by headroom: settings of zswap at boot; see tmpfiles.d(5).\n";

static const struct {
    const char *name; /* below PARAMETERS */
    const char *action;
} parameters[ZSWAP_PARAMETERS] = {
    [ZSWAP_COMPRESSOR] = {"compressor", "zswap-compressor"},
    [ZSWAP_MAX_POOL_PERCENT] = {"max_pool_percent", "zswap-max-pool"},
    [ZSWAP_SHRINKER] = {"shrinker_enabled", "zswap-shrinker"},
    [ZSWAP_ENABLED] = {"enabled", "zswap-enabled"},
};

enum { PATH_MAX_HERE = 64 };

static const char *path_of(enum zswap_parameter p, char path[static PATH_MAX_HERE])
{
    snprintf(path, PATH_MAX_HERE, PARAMETERS "/%s", parameters[p].name);
    return path;
}

void zswap_clear(struct zswap *z)
{
    for (size_t i = 0; i < ZSWAP_PARAMETERS; i++)
        free(z->values[i]);
    *z = ZSWAP_INIT;
}

void zswap_change_clear(struct zswap_change *c)
{
    for (size_t i = 0; i < ZSWAP_PARAMETERS; i++)
        free(c->settings[i].old);
    confile_clear(&c->file);
    *c = ZSWAP_CHANGE_INIT;
}

/* One line without its end. Return: 0, 1 if the file is not there, or a negated errno. */
static int read_line(const struct root *root, const char *path, char **out, struct err *e)
{
    _cleanup_(close_fd) int fd = root_openat(root, path, O_RDONLY, 0);
    char *text;
    int r;

    if (fd == -ENOENT)
        return 1;
    if (fd < 0)
        return err_sys(e, fd, "%s%s: cannot open", root->path, path);
    r = root_read_fd(fd, path, &text, NULL, e);
    if (r < 0)
        return r;
    text[strcspn(text, "\n")] = '\0';
    *out = text;
    return 0;
}

static struct zswap_number read_number(const struct root *root, const char *path)
{
    _cleanup_(free_ptr) char *text = NULL;
    struct zswap_number n = {.known = false};

    if (read_line(root, path, &text, NULL) == 0)
        n.known = kv_u64((struct kv_span){text, strlen(text)}, &n.value, NULL) == 0;
    return n;
}

static struct zswap_number from_meminfo(const char *text, const char *key)
{
    struct zswap_number n = {.known = false};
    struct kv_span value;

    n.known = kv_find(text, ':', key, &value) && kv_kib(value, &n.value) == 0;
    return n;
}

static void read_sizes(const struct root *root, struct zswap *z)
{
    _cleanup_(free_ptr) char *text = NULL;
    struct zswap_number total, percent = {.known = false};
    const char *share = z->values[ZSWAP_MAX_POOL_PERCENT];

    if (root_read(root, "/proc/meminfo", &text, NULL, NULL) < 0)
        return;
    z->pool = from_meminfo(text, "Zswap");
    z->stored = from_meminfo(text, "Zswapped");
    total = from_meminfo(text, "MemTotal");
    if (share)
        percent.known = kv_u64((struct kv_span){share, strlen(share)}, &percent.value, NULL) == 0;
    z->limit.known = total.known && percent.known;
    if (z->limit.known)
        z->limit.value = total.value / 100 * percent.value;
}

static void read_counters(const struct root *root, struct zswap *z)
{
    _cleanup_(vmstat_clear) struct vmstat v = VMSTAT_INIT;

    if (!z->pool.known)
        z->pool = read_number(root, DEBUG "pool_total_size");
    z->pages = read_number(root, DEBUG "stored_pages");
    if (vmstat_read(root, "/proc/vmstat", &v, NULL) == 0)
        z->written_back.known = vmstat_get(&v, "zswpwb", &z->written_back.value);
    if (!z->written_back.known)
        z->written_back = read_number(root, DEBUG "written_back_pages");
}

static int lacking(const struct root *root, struct err *e)
{
    return err_unsupported(e, -EOPNOTSUPP,
                           "%s" PARAMETERS ": this kernel was built without zswap; zram may serve "
                           "instead (swapctl zram ensure)",
                           root->path);
}

static int read_values(const struct root *root, struct zswap *z, struct err *e)
{
    char path[PATH_MAX_HERE];
    int r = 0;

    for (enum zswap_parameter p = 0; p < ZSWAP_PARAMETERS && r >= 0; p++)
        r = read_line(root, path_of(p, path), &z->values[p], e);
    if (r >= 0 && !z->values[ZSWAP_ENABLED])
        return lacking(root, e);
    return r < 0 ? r : 0;
}

int zswap_read(const struct root *root, struct zswap *out, struct err *e)
{
    _cleanup_(zswap_clear) struct zswap z = ZSWAP_INIT;
    int r = read_values(root, &z, e);

    if (r < 0)
        return r;
    read_sizes(root, &z);
    read_counters(root, &z);
    *out = z;
    z = ZSWAP_INIT;
    return 0;
}

/* The running kernel, seen through a root that is not its own. */
static bool is_foreign_sys(const struct root *root, const char *path)
{
    _cleanup_(close_fd) int fd = -1;
    struct statfs fs;

    if (root->live)
        return false;
    fd = root_openat(root, path, O_PATH, 0);
    return fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == SYSFS_MAGIC;
}

static int no_compressor(const char *name, struct err *e)
{
    return err_unsupported(e, -EOPNOTSUPP,
                           "zswap: this kernel has no compressor \"%s\"; /proc/crypto lists those "
                           "that are loaded",
                           name);
}

static int explain(const struct zswap_setting *s, const char *value, int r, struct err *e)
{
    if (s->parameter == ZSWAP_COMPRESSOR && (r == -EINVAL || r == -ENOENT))
        return no_compressor(value, e);
    if (s->parameter == ZSWAP_ENABLED && (r == -EPERM || r == -EINVAL || r == -ENODEV))
        return err_set(e, r,
                       "zswap: the kernel could not set it up; its log (dmesg) says why, often the "
                       "compressor is missing");
    return r;
}

static int write_value(const struct zswap_setting *s, const char *value, struct err *e)
{
    _cleanup_(free_ptr) char *now = NULL;
    char path[PATH_MAX_HERE];
    int r;

    path_of(s->parameter, path);
    if (is_foreign_sys(s->root, path))
        return err_unsupported(e, -EXDEV,
                               "zswap: belongs to the running kernel, not to the system below %s; "
                               "set it without --root",
                               s->root->path);
    r = root_write(s->root, path, value, e);
    if (r < 0)
        return explain(s, value, r, e);
    r = read_line(s->root, path, &now, e);
    if (r < 0)
        return r;
    if (r > 0 || !streq(now, value))
        return err_set(e, -EIO, "zswap: the kernel kept %s at \"%s\", not \"%s\"",
                       parameters[s->parameter].name, now ? now : "", value);
    return 0;
}

/* Did the kernel fall back to another compressor when it was switched on? */
static int check_compressor(const struct zswap_setting *s, struct err *e)
{
    _cleanup_(free_ptr) char *now = NULL;
    char path[PATH_MAX_HERE];
    int r;

    if (!s->compressor)
        return 0;
    r = read_line(s->root, path_of(ZSWAP_COMPRESSOR, path), &now, e);
    if (r < 0 || (now && streq(now, s->compressor)))
        return r;
    return no_compressor(s->compressor, e);
}

static int apply(void *setting, struct err *e)
{
    const struct zswap_setting *s = setting;
    int r = write_value(s, s->wanted, e);

    if (r < 0)
        return r;
    r = check_compressor(s, e);
    if (r < 0)
        (void)write_value(s, s->old, NULL);
    return r;
}

static int undo(void *setting, struct err *e)
{
    const struct zswap_setting *s = setting;

    return write_value(s, s->old, e);
}

static int check_writable(const struct root *root, const char *path, struct err *e)
{
    _cleanup_(close_fd) int fd = root_openat(root, path, O_WRONLY, 0);

    if (fd == -EACCES || fd == -EPERM)
        return err_set(e, fd, "zswap: not permitted to set it; run as root");
    if (fd == -EROFS)
        return err_set(e, fd, "zswap: %s%s is read-only, as in a container; set it on the host",
                       root->path, path);
    return fd < 0 ? err_sys(e, fd, "%s%s: cannot open", root->path, path) : 0;
}

static int plan_one(struct zswap_setting *s, struct plan *plan, struct err *e)
{
    const char *name = parameters[s->parameter].name;
    char path[PATH_MAX_HERE];
    int r;

    if (!s->old)
        return err_unsupported(e, -EOPNOTSUPP, "zswap: this kernel has no setting \"%s\"", name);
    if (streq(s->old, s->wanted))
        return 0;
    r = check_writable(s->root, path_of(s->parameter, path), e);
    return r < 0 ? r
                 : plan_add(plan, parameters[s->parameter].action, apply, undo, s, e,
                            "set zswap's %s to %s (now %s)", name, s->wanted, s->old);
}

int zswap_plan_set(const struct root *root, const char *const values[static ZSWAP_PARAMETERS],
                   struct zswap_change *c, struct plan *plan, struct err *e)
{
    _cleanup_(zswap_clear) struct zswap z = ZSWAP_INIT;
    int r = read_values(root, &z, e);

    for (enum zswap_parameter p = 0; p < ZSWAP_PARAMETERS && r == 0; p++) {
        if (!values[p])
            continue;
        c->settings[p] = (struct zswap_setting){
            .root = root,
            .parameter = p,
            .wanted = values[p],
            .compressor = p == ZSWAP_ENABLED ? values[ZSWAP_COMPRESSOR] : NULL,
            .old = TAKE_PTR(z.values[p]),
        };
        r = plan_one(&c->settings[p], plan, e);
    }
    return r;
}

/* A line that writes a parameter: "w PATH - - - - VALUE". */
static bool writes(const char *line, const char *end, const char *path)
{
    const char *p = line + strcspn(line, " \t\n");

    if (*line != 'w' || p >= end)
        return false;
    p += strspn(p, " \t");
    return (size_t)(end - p) > strlen(path) && str_after(p, path) && strchr(" \t", p[strlen(path)]);
}

static enum zswap_parameter written_by(const char *line, const char *end)
{
    char path[PATH_MAX_HERE];
    enum zswap_parameter p = 0;

    while (p < ZSWAP_PARAMETERS && !writes(line, end, path_of(p, path)))
        p++;
    return p;
}

static void print_line(FILE *out, enum zswap_parameter p, const char *value)
{
    char path[PATH_MAX_HERE];

    fprintf(out, "w %s - - - - %s\n", path_of(p, path), value);
}

int zswap_text(const char *text, const char *const values[static ZSWAP_PARAMETERS], char **out,
               struct err *e)
{
    bool done[ZSWAP_PARAMETERS] = {false};
    char *made = NULL;
    size_t len;
    FILE *f = open_memstream(&made, &len);

    if (!f)
        return err_oom(e);
    if (!*text)
        fputs(heading, f);
    for (const char *line = text, *end; *line; line = *end ? end + 1 : end) {
        enum zswap_parameter p;

        end = strchrnul(line, '\n');
        p = written_by(line, end);
        if (p == ZSWAP_PARAMETERS || !values[p])
            fprintf(f, "%.*s\n", (int)(end - line), line);
        else if (!done[p])
            print_line(f, p, values[p]);
        if (p < ZSWAP_PARAMETERS)
            done[p] = true;
    }
    for (enum zswap_parameter p = 0; p < ZSWAP_PARAMETERS; p++)
        if (values[p] && !done[p])
            print_line(f, p, values[p]);
    if (fclose(f) != 0) {
        free(made);
        return err_oom(e);
    }
    *out = made;
    return 0;
}

static int no_systemd(const char *const values[static ZSWAP_PARAMETERS], struct err *e)
{
    char words[256] = "";

    for (enum zswap_parameter p = 0; p < ZSWAP_PARAMETERS; p++) {
        size_t used = strlen(words);

        if (values[p])
            snprintf(words + used, sizeof(words) - used, " zswap.%s=%s", parameters[p].name,
                     values[p]);
    }
    return err_unsupported(e, -EOPNOTSUPP,
                           "--persist: there is no systemd that would read " ZSWAP_FILE
                           "; add%s to the kernel's command line in the boot loader",
                           words);
}

int zswap_plan_persist(const struct root *root, const char *const values[static ZSWAP_PARAMETERS],
                       struct zswap_change *c, struct plan *plan, struct err *e)
{
    char *text;
    int r;

    if (!systemd_installed(root))
        return no_systemd(values, e);
    r = confile_load(root, ZSWAP_FILE, &c->file, e);
    if (r < 0)
        return r;
    r = zswap_text(c->file.text, values, &text, e);
    if (r < 0)
        return r;
    r = confile_plan(&c->file, text, plan, "persist-zswap", "keep it in " ZSWAP_FILE, e);
    if (r < 0)
        free(text);
    return r;
}
