/* SPDX-License-Identifier: MIT */
#include "swapunit.h"

#include "systemd.h"
#include "unittext.h"
#include <limits.h>

#define UNIT_DIR "/etc/systemd/system"
#define WANTS "swap.target.wants"
#define WANTS_DIR UNIT_DIR "/" WANTS

enum { NAME_LONGEST = 255 };

/* Where other people's units of the same name would be; ours would hide or contradict them. */
static const char *const other_dirs[] = {
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
};

void swapunit_clear(struct swapunit *u)
{
    confile_clear(&u->swap);
    confile_clear(&u->service);
    for (size_t i = 0; i < SWAPUNIT_LINKS; i++) {
        free(u->links[i].path);
        free(u->links[i].target);
    }
    *u = SWAPUNIT_INIT;
}

/* Is there a file of this name, and whose is it? As swapunit_find(). */
static int whose(const struct root *root, const char *name, struct err *e)
{
    char path[sizeof("/usr/local/lib/systemd/system/") + NAME_LONGEST];
    _cleanup_(free_ptr) char *text = NULL;
    struct stat st;
    int r;

    snprintf(path, sizeof(path), UNIT_DIR "/%s", name);
    r = root_stat(root, path, O_NOFOLLOW, &st);
    if (r == 0 && !S_ISREG(st.st_mode))
        return 2;
    if (r == 0) {
        r = root_read(root, path, &text, NULL, e);
        return r < 0 ? r : unitname_is_ours(text) ? 1 : 2;
    }
    if (r != -ENOENT && r != -ENOTDIR)
        return err_sys(e, r, "%s%s: cannot look at it", root->path, path);
    for (size_t i = 0; i < ARRAY_SIZE(other_dirs); i++) {
        snprintf(path, sizeof(path), "%s/%s", other_dirs[i], name);
        if (root_stat(root, path, O_NOFOLLOW, &st) == 0)
            return 2;
    }
    return 0;
}

static int load_unit(const struct root *root, const char *name, struct confile *out, struct err *e)
{
    _cleanup_(free_ptr) char *path = NULL;

    if (asprintf(&path, UNIT_DIR "/%s", name) < 0)
        return err_oom(e);
    return confile_load(root, path, out, e);
}

/* What one of our units says, where @d does not. */
static int declared_by(const struct root *root, const char *name, struct declaration *d,
                       struct err *e)
{
    _cleanup_(free_ptr) char *path = NULL, *text = NULL;
    _cleanup_(close_fd) int fd = -1;
    int r;

    if (asprintf(&path, UNIT_DIR "/%s", name) < 0) {
        path = NULL;
        return err_oom(e);
    }
    /* a link is somebody else's */
    fd = root_openat(root, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    if (fd < 0)
        return 0;
    r = root_read_fd(fd, path, &text, NULL, e);
    if (r == 0 && unitname_is_ours(text))
        unittext_declared(text, d);
    return r;
}

int swapunit_declared(const struct root *root, struct declaration *d, struct err *e)
{
    _cleanup_(free_ptr) char *escaped = unitname_escape(d->path), *swap = NULL, *service = NULL;
    int r;

    if (!escaped || asprintf(&swap, "%s.swap", escaped) < 0 ||
        asprintf(&service, UNITTEXT_CREATE "%s.service", escaped) < 0)
        return err_oom(e);
    r = declared_by(root, swap, d, e);
    return r < 0 ? r : declared_by(root, service, d, e);
}

int swapunit_find(const struct root *root, const char *path, struct err *e)
{
    struct declaration d = {.path = path, .priority = -1, .discard = DECLARATION_DISCARD_UNSET};
    _cleanup_(free_ptr) char *escaped = unitname_escape(path), *swap = NULL, *service = NULL;
    int r;

    if (!escaped || asprintf(&swap, "%s.swap", escaped) < 0 ||
        asprintf(&service, UNITTEXT_CREATE "%s.service", escaped) < 0)
        return err_oom(e);
    r = strlen(swap) > NAME_LONGEST ? 0 : whose(root, swap, e);
    if (r != 0)
        return r;
    /* without a swap unit, the service counts when it does the whole */
    r = declared_by(root, service, &d, e);
    return r < 0 ? r : d.backing == DECLARATION_BACKING_LOOP;
}

static int name_link(struct swapunit_link *l, const char *unit)
{
    if (asprintf(&l->path, WANTS_DIR "/%s", unit) < 0)
        l->path = NULL;
    if (asprintf(&l->target, "../%s", unit) < 0)
        l->target = NULL;
    return l->path && l->target ? 0 : -ENOMEM;
}

/* Loads what is ours; a service that is not stays unloaded. Return: whose() the service is. */
static int load(const struct root *root, const char *path, struct swapunit *u, struct err *e)
{
    _cleanup_(free_ptr) char *escaped = unitname_escape(path), *swap = NULL, *service = NULL;
    int r, of_service;

    u->root = root;
    u->reload = systemd_runs(root);
    if (!escaped || asprintf(&swap, "%s.swap", escaped) < 0 ||
        asprintf(&service, UNITTEXT_CREATE "%s.service", escaped) < 0 ||
        name_link(&u->links[0], swap) < 0 || name_link(&u->links[1], service) < 0)
        return err_oom(e);
    of_service = whose(root, service, e);
    if (of_service < 0)
        return of_service;
    r = load_unit(root, swap, &u->swap, e);
    if (r == 0 && of_service != 2)
        r = load_unit(root, service, &u->service, e);
    return r < 0 ? r : of_service;
}

static int wants_open(const struct swapunit *u, struct err *e)
{
    int fd = root_openat(u->root, WANTS_DIR, O_RDONLY | O_DIRECTORY, 0);
    int r;

    if (fd == -ENOENT) {
        r = root_mkdirs(u->root, WANTS_DIR, e);
        if (r < 0)
            return r;
        fd = root_openat(u->root, WANTS_DIR, O_RDONLY | O_DIRECTORY, 0);
    }
    return fd < 0 ? err_sys(e, fd, "%s" WANTS_DIR ": cannot open", u->root->path) : fd;
}

static const char *link_name(const struct swapunit_link *l)
{
    return l->path + strlen(WANTS_DIR "/");
}

/* Like systemctl(1): no folder is left when its last link is gone. */
static void wants_tidy(const struct swapunit *u)
{
    _cleanup_(close_fd) int dir = root_openat(u->root, UNIT_DIR, O_RDONLY | O_DIRECTORY, 0);

    if (dir >= 0)
        (void)unlinkat(dir, WANTS, AT_REMOVEDIR);
}

static int make_link_in(const struct swapunit *u, const struct swapunit_link *l, int dir,
                        struct err *e)
{
    int r = symlinkat(l->target, dir, link_name(l)) < 0 ? -errno : 0;

    /* some file systems cannot sync a directory and have no need to */
    if (r == 0 && fsync(dir) < 0 && errno != EINVAL) {
        r = -errno;
        (void)unlinkat(dir, link_name(l), 0);
    }
    return r < 0 ? err_sys(e, r, "%s%s: cannot make the link that enables the unit", u->root->path,
                           l->path)
                 : 0;
}

static int make_link(const struct swapunit *u, const struct swapunit_link *l, struct err *e)
{
    _cleanup_(close_fd) int dir = wants_open(u, e);
    int r = dir < 0 ? dir : make_link_in(u, l, dir, e);

    if (r < 0)
        wants_tidy(u);
    return r;
}

static int remove_link(const struct swapunit *u, const struct swapunit_link *l, struct err *e)
{
    _cleanup_(close_fd) int dir = root_openat(u->root, WANTS_DIR, O_RDONLY | O_DIRECTORY, 0);
    int r = dir < 0 ? dir : unlinkat(dir, link_name(l), 0) < 0 ? -errno : 0;

    if (r == -ENOENT)
        return 0;
    if (r < 0)
        return err_sys(e, r, "%s%s: cannot remove the link that enables the unit", u->root->path,
                       l->path);
    fsync(dir);
    wants_tidy(u);
    return 0;
}

static bool relinks(const struct swapunit *u)
{
    for (size_t i = 0; i < SWAPUNIT_LINKS; i++)
        if (u->links[i].exists != u->links[i].wanted)
            return true;
    return false;
}

/* From what is to what is wanted, or back. */
static int set_links(const struct swapunit *u, bool back, struct err *e)
{
    int r = 0, one;

    for (size_t i = 0; i < SWAPUNIT_LINKS; i++) {
        const struct swapunit_link *l = &u->links[i];

        if (l->exists == l->wanted)
            continue;
        one = l->wanted != back ? make_link(u, l, r < 0 ? NULL : e)
                                : remove_link(u, l, r < 0 ? NULL : e);
        r = r < 0 ? r : one;
    }
    return r;
}

/* Sets .exists, and .target of one that exists. Return: 0 or a negated errno. */
static int read_link(const struct swapunit *u, struct swapunit_link *l, struct err *e)
{
    _cleanup_(close_fd) int dir = root_openat(u->root, WANTS_DIR, O_PATH | O_DIRECTORY, 0);
    char target[PATH_MAX], *copy;
    ssize_t n;

    n = dir < 0 ? -1 : readlinkat(dir, link_name(l), target, sizeof(target) - 1);
    if (n < 0 && (dir >= 0 ? errno : -dir) == ENOENT)
        return 0;
    if (n < 0 && dir >= 0 && errno == EINVAL)
        return err_refuse(e, -EEXIST, "%s%s: is not a symbolic link, so it is not ours; remove it",
                          u->root->path, l->path);
    if (n < 0)
        return err_sys(e, dir < 0 ? dir : -errno, "%s%s: cannot read the link", u->root->path,
                       l->path);
    target[n] = '\0';
    copy = strdup(target);
    if (!copy)
        return err_oom(e);
    free(l->target);
    l->target = copy;
    l->exists = true;
    return 0;
}

/* @wanted: the one that shall be there, or NULL */
static int read_links(struct swapunit *u, const struct swapunit_link *wanted, struct err *e)
{
    int r = 0;

    for (size_t i = 0; i < SWAPUNIT_LINKS && r == 0; i++) {
        r = read_link(u, &u->links[i], e);
        u->links[i].wanted = &u->links[i] == wanted;
    }
    return r;
}

/* After the last undo, so that systemd sees the old state whole. */
static int reload_again(struct swapunit *u, int r, struct err *e)
{
    if (r < 0 || !u->reloaded)
        return r;
    u->reloaded = false;
    return systemd_reload(e);
}

static int apply_reload(void *unit, struct err *e)
{
    struct swapunit *u = unit;
    int r = systemd_reload(e);

    u->reloaded = r == 0;
    return r;
}

static int apply_files(void *unit, struct err *e)
{
    struct swapunit *u = unit;
    int r = 0;

    if (u->service.changes)
        r = confile_apply(&u->service, e);
    if (r == 0 && u->swap.changes) {
        r = confile_apply(&u->swap, e);
        if (r < 0 && u->service.changes)
            confile_undo(&u->service, NULL);
    }
    return r;
}

static int restore_files(struct swapunit *u, struct err *e)
{
    int r = 0, r2 = 0;

    if (u->swap.changes)
        r = confile_undo(&u->swap, e);
    if (u->service.changes)
        r2 = confile_undo(&u->service, r < 0 ? NULL : e);
    return r < 0 ? r : r2;
}

static int undo_files(void *unit, struct err *e)
{
    return reload_again(unit, restore_files(unit, e), e);
}

static int apply_links(void *unit, struct err *e)
{
    int r = set_links(unit, false, e);

    if (r < 0)
        (void)set_links(unit, true, NULL);
    return r;
}

static int undo_links(void *unit, struct err *e)
{
    struct swapunit *u = unit;
    int r = set_links(u, true, e);

    return u->swap.changes || u->service.changes ? r : reload_again(u, r, e);
}

static int apply_undeclare(void *unit, struct err *e)
{
    int r = apply_links(unit, e);

    if (r < 0)
        return r;
    r = apply_files(unit, e);
    if (r < 0)
        (void)set_links(unit, true, NULL);
    return r;
}

static int undo_undeclare(void *unit, struct err *e)
{
    struct swapunit *u = unit;
    int r = restore_files(u, e);

    if (r == 0)
        r = set_links(u, true, e);
    return reload_again(u, r, e);
}

static int not_ours(const struct root *root, const char *path, struct err *e)
{
    _cleanup_(free_ptr) char *name = unitname_escape(path);

    return err_refuse(e, -EEXIST,
                      "%s%s: somebody else wrote a systemd unit for it (see systemctl cat "
                      "'%s.swap'); change that one, or remove it first",
                      root->path, path, name ? name : "");
}

/* Hands a text over to the file that shall have it. Return: 0, or a negated errno. */
static int prepare(struct confile *f, char *text, struct err *e)
{
    int r = confile_prepare(f, text, e);

    if (r < 0)
        free(text);
    return r < 0 ? r : 0;
}

static int prepare_files(const struct declaration *d, const char *swapctl, struct swapunit *u,
                         struct err *e)
{
    bool loop = d->backing == DECLARATION_BACKING_LOOP;
    char *text = NULL;
    int r;

    r = loop ? 0 : unittext_swap(d, &text, e);
    if (r == 0)
        r = prepare(&u->swap, text, e);
    if (r == 0)
        r = unittext_service(d, swapctl, &text, e);
    if (r == 0)
        r = prepare(&u->service, text, e);
    return r;
}

int swapunit_plan_declare(const struct root *root, const struct declaration *d, const char *swapctl,
                          struct swapunit *u, struct plan *plan, struct err *e)
{
    const struct swapunit_link *unit;
    int r;

    r = unittext_check(d->path, e);
    if (r < 0)
        return r;
    r = swapunit_find(root, d->path, e);
    if (r == 0 || r == 1)
        r = load(root, d->path, u, e);
    if (r == 2)
        r = not_ours(root, d->path, e);
    if (r >= 0)
        r = prepare_files(d, swapctl, u, e);
    if (r < 0)
        return r;
    unit = &u->links[d->backing == DECLARATION_BACKING_LOOP];
    if (u->swap.changes || u->service.changes)
        r = plan_add(plan, "persist-unit", apply_files, undo_files, u, e, "declare %s in %s",
                     d->path, unit == u->links ? u->swap.path : u->service.path);
    if (r >= 0)
        r = read_links(u, unit, e);
    if (r == 0 && relinks(u))
        r = plan_add(plan, "enable-unit", apply_links, undo_links, u, e, "enable it: %s -> %s",
                     unit->path, unit->target);
    if (r < 0)
        return r;
    return u->swap.changes || u->service.changes || relinks(u) ? 0 : 1;
}

int swapunit_plan_undeclare(const struct root *root, const char *path, struct swapunit *u,
                            struct plan *plan, struct err *e)
{
    int r;

    /* such a unit cannot be ours */
    if (unittext_check(path, NULL) == -ENAMETOOLONG)
        return 1;
    r = swapunit_find(root, path, e);
    if (r < 0 || r == 2)
        return r < 0 ? r : 1;
    r = load(root, path, u, e);
    if (r < 0)
        return r;
    r = confile_prepare(&u->swap, NULL, e);
    if (r >= 0 && u->service.path)
        r = confile_prepare(&u->service, NULL, e);
    if (r >= 0)
        r = read_links(u, NULL, e);
    if (r < 0)
        return r;
    if (!u->swap.changes && !u->service.changes && !relinks(u))
        return 1;
    return plan_add(plan, "unpersist-unit", apply_undeclare, undo_undeclare, u, e,
                    "take the units of %s back: %s", path,
                    u->links[1].exists ? u->service.path : u->swap.path);
}

int swapunit_plan_reload(struct swapunit *u, struct plan *plan, struct err *e)
{
    if (!u->reload || (!u->swap.changes && !u->service.changes && !relinks(u)))
        return 1;
    return plan_add(plan, "reload-systemd", apply_reload, NULL, u, e, "reload systemd's units");
}
