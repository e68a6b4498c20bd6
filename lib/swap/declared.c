/* SPDX-License-Identifier: MIT */
#include "declared.h"

#include "fstablist.h"
#include "kv.h"
#include "unittext.h"

#define FSTAB "/etc/fstab"
#define UNIT_DIR "/etc/systemd/system"

static void clear_area(struct declared_area *a)
{
    free(a->where);
    free(a->path);
    free(a->label);
    err_clear(&a->problem);
    *a = (struct declared_area){.problem = ERR_INIT};
}

void declared_clear(struct declared *d)
{
    for (size_t i = 0; i < d->n; i++)
        clear_area(&d->areas[i]);
    free(d->areas);
    *d = DECLARED_INIT;
}

/* Takes @a over, also when it fails. */
static int add(struct declared *list, struct declared_area *a, struct err *e)
{
    struct declared_area *areas = reallocarray(list->areas, list->n + 1, sizeof(*areas));

    if (!areas) {
        clear_area(a);
        return err_oom(e);
    }
    a->d.path = a->path;
    a->d.label = a->label;
    list->areas = areas;
    areas[list->n++] = *a;
    if (!a->problem.text)
        declaration_check(&areas[list->n - 1].d, a->where, &areas[list->n - 1].problem);
    return 0;
}

static char *copy(const char *text)
{
    return text ? strdup(text) : NULL;
}

static int add_entry(void *arg, unsigned line, const struct declaration *d,
                     const struct err *problem, struct err *e)
{
    struct declared_area a = {.d = *d, .how = PERSIST_FSTAB, .problem = ERR_INIT};

    if (asprintf(&a.where, FSTAB ":%u", line) < 0)
        return err_oom(e);
    a.path = copy(d->path);
    a.label = copy(d->label);
    if ((d->path && !a.path) || (d->label && !a.label)) {
        clear_area(&a);
        return err_oom(e);
    }
    if (problem)
        err_set(&a.problem, -EBADMSG, "%s", problem->text);
    return add(arg, &a, e);
}

static int read_fstab(const struct root *root, struct declared *list, struct err *e)
{
    _cleanup_(confile_clear) struct confile fstab = CONFILE_INIT;
    int r = confile_load(root, FSTAB, &fstab, e);

    return r < 0 ? r : fstablist_each(fstab.text, add_entry, list, e);
}

/* ---- units ---- */

/* The service counts only where it is enabled itself: for an area on a loop device. */
static int is_unit(const struct dirent *entry)
{
    return str_ends(entry->d_name, ".swap") ||
           (str_after(entry->d_name, UNITTEXT_CREATE) && str_ends(entry->d_name, ".service"));
}

static int is_conf(const struct dirent *entry)
{
    return str_ends(entry->d_name, ".conf");
}

/* By bytes: alphasort(3) would obey the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* scandirat(3) below the root. A folder that is absent has no names. */
static int names_in(const struct root *root, const char *folder,
                    int (*filter)(const struct dirent *), struct dirent ***names, struct err *e)
{
    _cleanup_(close_fd) int fd = root_openat(root, folder, O_RDONLY | O_DIRECTORY, 0);
    int n;

    *names = NULL;
    if (fd == -ENOENT || fd == -ENOTDIR)
        return 0;
    n = fd < 0 ? -1 : scandirat(fd, ".", names, filter, by_name);
    return n < 0 ? err_sys(e, fd < 0 ? fd : -errno, "%s%s: cannot list", root->path, folder) : n;
}

static void free_names(struct dirent **names, int n)
{
    for (int i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

static int append_file(const struct root *root, const char *path, FILE *out, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = root_read(root, path, &text, NULL, e);

    if (r == 0)
        fprintf(out, "%s\n", text);
    return r;
}

/* The unit and its drop-ins, to @out. */
static int append_all(const struct root *root, const char *unit, FILE *out, struct err *e)
{
    _cleanup_(free_ptr) char *folder = NULL;
    struct dirent **names;
    int n, r;

    r = append_file(root, unit, out, e);
    if (r < 0)
        return r;
    if (asprintf(&folder, "%s.d", unit) < 0)
        return err_oom(e);
    n = names_in(root, folder, is_conf, &names, e);
    for (int i = 0; i < n && r == 0; i++) {
        _cleanup_(free_ptr) char *path = NULL;

        r = asprintf(&path, "%s/%s", folder, names[i]->d_name) < 0
                ? err_oom(e)
                : append_file(root, path, out, e);
    }
    free_names(names, n);
    return n < 0 ? n : r;
}

static int whole_text(const struct root *root, const char *unit, char **out, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    bool bad;
    int r;

    if (!f)
        return err_oom(e);
    r = append_all(root, unit, f, e);
    bad = ferror(f);
    bad |= fclose(f) != 0;
    if (r == 0 && bad)
        r = err_oom(e);
    if (r == 0)
        *out = TAKE_PTR(text);
    return r;
}

/* systemd would not load it under another name, and we would not find the service. */
static int check_name(const char *name, const struct declaration *d, const char *path,
                      const char *where, struct err *e)
{
    _cleanup_(free_ptr) char *escaped = unitname_escape(path);
    bool loop = d->backing == DECLARATION_BACKING_LOOP;
    const char *rest;

    if (!escaped)
        return err_oom(e);
    rest = loop ? str_after(name, UNITTEXT_CREATE) : name;
    rest = rest ? str_after(rest, escaped) : NULL;
    if (rest && streq(rest, loop ? ".service" : ".swap"))
        return 0;
    return err_set(e, -EBADMSG,
                   "%s: is not the name of a unit for %s; correct the one or the other", where,
                   path);
}

static int parse_unit(const struct root *root, const char *name, struct declared_area *a,
                      struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = whole_text(root, a->where, &text, e);

    if (r == 0)
        r = unittext_parse(text, a->where, &a->path, &a->label, &a->d, e);
    return r == 0 ? check_name(name, &a->d, a->path, a->where, e) : r;
}

/* Return: 1 if the unit is ours and enabled, 0, or a negated errno. */
static int is_wanted(const struct root *root, const char *name, const char *where, struct err *e)
{
    _cleanup_(free_ptr) char *link = NULL, *text = NULL;
    struct stat st;
    int r;

    if (root_stat(root, where, O_NOFOLLOW, &st) < 0 || !S_ISREG(st.st_mode))
        return 0;
    if (asprintf(&link, UNIT_DIR "/swap.target.wants/%s", name) < 0)
        return err_oom(e);
    if (root_stat(root, link, O_NOFOLLOW, &st) < 0)
        return 0;
    r = root_read(root, where, &text, NULL, e);
    return r < 0 ? r : unitname_is_ours(text);
}

static int add_unit(const struct root *root, const char *name, struct declared *list, struct err *e)
{
    struct declared_area a = {.how = PERSIST_UNIT, .problem = ERR_INIT};
    int r;

    if (asprintf(&a.where, UNIT_DIR "/%s", name) < 0)
        return err_oom(e);
    r = is_wanted(root, name, a.where, &a.problem);
    if (r == 0) {
        clear_area(&a);
        return 0;
    }
    if (r > 0)
        r = parse_unit(root, name, &a, &a.problem);
    if (r == -ENOMEM) {
        clear_area(&a);
        return err_oom(e);
    }
    return add(list, &a, e);
}

static int read_units(const struct root *root, struct declared *list, struct err *e)
{
    struct dirent **names;
    int n, r = 0;

    n = names_in(root, UNIT_DIR, is_unit, &names, e);
    for (int i = 0; i < n && r == 0; i++)
        r = add_unit(root, names[i]->d_name, list, e);
    free_names(names, n);
    return n < 0 ? n : r;
}

/* ---- the whole list ---- */

static bool same_file(const struct root *root, const char *a, const char *b)
{
    struct stat one, two;

    if (streq(a, b))
        return true;
    return root_stat(root, a, 0, &one) == 0 && root_stat(root, b, 0, &two) == 0 &&
           one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

/* The one that counts: a unit, else the first. */
static bool outranks(const struct declared *list, size_t a, size_t b)
{
    const struct declared_area *one = &list->areas[a], *two = &list->areas[b];

    return one->how == two->how ? a < b : one->how == PERSIST_UNIT;
}

static void mark_repeated(const struct root *root, struct declared *list)
{
    for (size_t i = 0; i < list->n; i++) {
        struct declared_area *a = &list->areas[i];

        for (size_t j = 0; j < list->n && a->path && !a->said_by; j++) {
            const struct declared_area *b = &list->areas[j];

            if (j != i && b->path && outranks(list, j, i) && same_file(root, a->path, b->path))
                a->said_by = b->where;
        }
    }
}

int declared_read(const struct root *root, struct declared *out, struct err *e)
{
    _cleanup_(declared_clear) struct declared list = DECLARED_INIT;
    int r;

    r = read_fstab(root, &list, e);
    if (r == 0)
        r = read_units(root, &list, e);
    if (r < 0)
        return r;
    mark_repeated(root, &list);
    *out = list;
    list = DECLARED_INIT;
    return 0;
}

/* The number of the mount that an open folder lies on, proc(5). */
static int mount_id(const struct root *root, int fd, uint64_t *id)
{
    _cleanup_(free_ptr) char *text = NULL;
    struct kv_span value;
    char path[40];
    int r;

    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    r = root_read(root, path, &text, NULL, NULL);
    if (r < 0)
        return r;
    return kv_find(text, ':', "mnt_id", &value) ? kv_u64(value, id, NULL) : -ENODATA;
}

/* Is something mounted at this folder? Also a bind mount, of the same file system as around it. */
static bool is_mounted(const struct root *root, const char *folder)
{
    _cleanup_(close_fd) int fd = root_openat(root, folder, O_PATH | O_DIRECTORY, 0);
    _cleanup_(close_fd) int above = -1;
    uint64_t here, there;

    if (fd < 0)
        return false;
    above = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (above < 0 || mount_id(root, fd, &here) < 0 || mount_id(root, above, &there) < 0)
        return true; /* nobody can tell, and the file may well belong there */
    return here != there;
}

int declared_check_mount(const struct root *root, const struct declaration *d, struct err *e)
{
    _cleanup_(confile_clear) struct confile fstab = CONFILE_INIT;
    _cleanup_(free_ptr) char *mount = NULL;
    int r;

    if (!root->live)
        return 0;
    r = confile_load(root, FSTAB, &fstab, e);
    if (r == 0)
        r = fstablist_mount_of(root, fstab.text, d->path, &mount, e);
    if (r <= 0 || is_mounted(root, mount))
        return r < 0 ? r : 0;
    return err_set(e, -ENODEV,
                   "%s: " FSTAB
                   " mounts a file system at %s, which is not there yet; mount it first",
                   d->path, mount);
}
