/* SPDX-License-Identifier: MIT */
#include "cgroup.h"
#include "kv.h"

/* The words of a line of mountinfo that count here. */
struct mount {
    struct kv_span root;
    struct kv_span point;
    struct kv_span type;
    struct kv_span options; /* of the superblock: where version 1 names its controllers */
};

static bool next_word(struct kv_span *line, struct kv_span *word)
{
    const char *blank = line->n ? memchr(line->p, ' ', line->n) : NULL;
    size_t n = blank ? (size_t)(blank - line->p) : line->n;

    if (n == 0)
        return false;
    *word = (struct kv_span){line->p, n};
    *line = (struct kv_span){line->p + n + (blank != NULL), line->n - n - (blank != NULL)};
    return true;
}

/* "36 35 98:0 /root /point options optional... - type source options" */
static bool parse_line(struct kv_span line, struct mount *out)
{
    struct kv_span word;

    for (int i = 0; i < 6; i++) {
        if (!next_word(&line, &word))
            return false;
        if (i == 3)
            out->root = word;
        else if (i == 4)
            out->point = word;
    }
    do {
        if (!next_word(&line, &word))
            return false;
    } while (!kv_span_eq(word, "-"));
    return next_word(&line, &out->type) && next_word(&line, &word) &&
           next_word(&line, &out->options);
}

static bool has_word(struct kv_span list, char sep, const char *wanted)
{
    const char *p = list.p, *end = list.p + list.n;

    while (p < end) {
        const char *stop = memchr(p, sep, (size_t)(end - p));

        stop = stop ? stop : end;
        if (kv_span_eq((struct kv_span){p, (size_t)(stop - p)}, wanted))
            return true;
        p = stop + 1;
    }
    return false;
}

static bool fits(const struct mount *m, int version)
{
    if (version == 2)
        return kv_span_eq(m->type, "cgroup2");
    return kv_span_eq(m->type, "cgroup") && has_word(m->options, ',', "memory");
}

static bool is_escape(const char *p, size_t n)
{
    if (n < 4 || *p != '\\' || p[1] < '0' || p[1] > '3')
        return false;
    return p[2] >= '0' && p[2] <= '7' && p[3] >= '0' && p[3] <= '7';
}

/* The kernel writes blanks, newlines and backslashes as three octal digits. */
static char *unescape(struct kv_span word)
{
    char *out = malloc(word.n + 1);
    size_t n = 0;

    for (size_t i = 0; out && i < word.n; i++) {
        const char *p = word.p + i;

        if (is_escape(p, word.n - i)) {
            out[n++] = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
            i += 3;
        } else {
            out[n++] = *p;
        }
    }
    if (out)
        out[n] = '\0';
    return out;
}

/* Return: false if there is none. */
static bool find_mount(const char *text, int version, struct mount *best)
{
    bool found = false;

    while (*text) {
        const char *end = strchrnul(text, '\n');
        struct mount m;

        if (parse_line((struct kv_span){text, (size_t)(end - text)}, &m) && fits(&m, version) &&
            (!found || kv_span_eq(m.root, "/"))) {
            *best = m;
            found = true;
            if (kv_span_eq(m.root, "/"))
                break;
        }
        text = *end ? end + 1 : end;
    }
    return found;
}

int cgroup_mount_parse(const char *text, int version, char **out)
{
    struct mount m;

    if (!find_mount(text, version, &m))
        return 0;
    *out = unescape(m.point);
    return *out ? 1 : -ENOMEM;
}

int cgroup_mount_parse_part(const char *text, int version, char **out, char **part)
{
    _cleanup_(free_ptr) char *point = NULL;
    struct mount m;

    if (!find_mount(text, version, &m))
        return 0;
    point = unescape(m.point);
    *part = point ? unescape(m.root) : NULL;
    if (!*part)
        return -ENOMEM;
    *out = TAKE_PTR(point);
    return 1;
}

/* Does a version 2 hierarchy have the controller, or did version 1 take it? */
static bool has_memory(int fd)
{
    _cleanup_(close_fd) int file = openat(fd, "cgroup.controllers", O_RDONLY | O_CLOEXEC);
    _cleanup_(free_ptr) char *text = NULL;
    size_t len;

    if (file < 0 || root_read_fd(file, "cgroup.controllers", &text, &len, NULL) < 0)
        return false;
    return has_word((struct kv_span){text, strcspn(text, "\n")}, ' ', "memory");
}

/* Return: 1 opened, 0 there is none, or a negated errno. */
static int open_version(const struct root *root, const char *mountinfo, int version,
                        struct cgroup_mount *out, struct err *e)
{
    _cleanup_(free_ptr) char *point = NULL;
    _cleanup_(close_fd) int fd = -1;
    int r = cgroup_mount_parse(mountinfo, version, &point);

    if (r <= 0)
        return r < 0 ? err_oom(e) : 0;
    fd = root_openat(root, point, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return err_sys(e, fd, "%s%s: cannot open the cgroups", root->path, point);
    if (version == 2 && !has_memory(fd))
        return 0;
    *out = (struct cgroup_mount){.fd = TAKE_FD(fd), .version = version};
    return 1;
}

int cgroup_open_memory(const struct root *root, struct cgroup_mount *out, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = root_read(root, "/proc/self/mountinfo", &text, NULL, e);

    if (r < 0)
        return r;
    r = open_version(root, text, 2, out, e);
    if (r == 0)
        r = open_version(root, text, 1, out, e);
    if (r == 0)
        return err_unsupported(
            e, -EOPNOTSUPP, "cgroups: none that count memory are mounted (/proc/self/mountinfo)");
    return r < 0 ? r : 0;
}

int cgroup_read(int dir, const char *file, char **text)
{
    _cleanup_(close_fd) int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);

    return fd < 0 ? -errno : root_read_fd(fd, file, text, NULL, NULL);
}

DIR *cgroup_children(int dir)
{
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);

    if (!stream)
        close_fd(&copy);
    return stream;
}

const char *cgroup_next_child(DIR *stream)
{
    struct dirent *entry;

    while ((entry = readdir(stream)))
        if (entry->d_type == DT_DIR && !streq(entry->d_name, ".") && !streq(entry->d_name, ".."))
            return entry->d_name;
    return NULL;
}
