/* SPDX-License-Identifier: MIT */
#include "swaptag.h"
#include "fstab.h"
#include "loop.h"
#include "probe.h"
#include "swapheader.h"
#include "unittext.h"

#define UNIT_DIR "/etc/systemd/system"

static const char *const types[] = {"UUID", "LABEL", "PARTUUID", "PARTLABEL"};

struct search {
    const struct root *root;
    const char *tag; /* as it was given */
    char *type, *value;
    char *path; /* what has it, or NULL */
    struct stat st;
    char *other;   /* what has it and is no swap area */
    bool shut_out; /* something could not be read */
};

static void search_clear(struct search *s)
{
    free(s->type);
    free(s->value);
    free(s->path);
    free(s->other);
}

bool swaptag_is(const char *text)
{
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        const char *rest = str_after(text, types[i]);

        if (rest && *rest == '=')
            return true;
    }
    return false;
}

static bool header_has(const struct search *s, const struct swapheader *h)
{
    char uuid[SWAPHEADER_UUID_TEXT];

    if (h->kind != SWAPHEADER_VALID && h->kind != SWAPHEADER_PAGE_SIZE)
        return false;
    if (streq(s->type, "UUID"))
        return strcasecmp(swapheader_uuid_text(h->uuid, uuid), s->value) == 0;
    return streq(s->type, "LABEL") && streq(h->label, s->value);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    if (S_ISBLK(a->st_mode) || S_ISBLK(b->st_mode))
        return S_ISBLK(a->st_mode) && S_ISBLK(b->st_mode) && a->st_rdev == b->st_rdev;
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The device shows what the file says of itself. */
static bool is_over(const struct root *root, const struct stat *device, const struct stat *file)
{
    _cleanup_(loop_list_clear) struct loop_list list = LOOP_LIST_INIT;

    if (!loop_is(device) || !S_ISREG(file->st_mode) ||
        loop_list_read(root, file, &list, NULL) < 0)
        return false;
    for (size_t i = 0; i < list.n; i++)
        if (list.loops[i].rdev == device->st_rdev)
            return true;
    return false;
}

/* It has the tag: it is the first, or that one by another name, or one too many. Of a file and a
 * loop device over it the file is meant. */
static int take(struct search *s, const char *path, const struct stat *st, struct err *e)
{
    if (s->path && (is_same(&s->st, st) || is_over(s->root, st, &s->st)))
        return 0;
    if (s->path && is_over(s->root, &s->st, st)) {
        free(s->path);
        s->path = NULL;
    }
    if (s->path)
        return err_refuse(e, -ENOTUNIQ,
                          "%s: both %s and %s have it; name the one that is meant by its path",
                          s->tag, s->path, path);
    s->path = strdup(path);
    s->st = *st;
    return s->path ? 0 : err_oom(e);
}

/* Takes a file or device by what its header says. */
static int look(struct search *s, const char *path, struct err *e)
{
    _cleanup_(close_fd) int fd = -1;
    struct swapheader h;
    struct stat st;

    if (root_stat(s->root, path, 0, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)))
        return 0;
    fd = root_openat(s->root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (fd == -EACCES || fd == -EPERM)
        s->shut_out = true;
    if (fd < 0 || fstat(fd, &st) < 0 || swapheader_read(fd, &h) < 0 || !header_has(s, &h))
        return 0;
    return take(s, path, &st, e);
}

static int look_at_fstab(struct search *s, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    const char *cursor;
    int r;

    if (root_read(s->root, "/etc/fstab", &text, NULL, NULL) < 0)
        return 0;
    cursor = text;
    do {
        _cleanup_(free_ptr) char *path = NULL;

        r = fstab_next_file(&cursor, &path, e);
        if (r != 1)
            break;
        r = look(s, path, e);
    } while (r == 0);
    return r;
}

static int look_at_units(struct search *s, struct err *e)
{
    int fd = root_openat(s->root, UNIT_DIR, O_RDONLY | O_DIRECTORY, 0), r = 0;
    _cleanup_(close_dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;

    if (!dir)
        close_fd(&fd);
    while (dir && r == 0 && (entry = readdir(dir))) {
        const char *service = str_after(entry->d_name, UNITTEXT_CREATE);
        const char *name = service ? service : entry->d_name;
        const char *suffix = service ? ".service" : ".swap";
        size_t n = strlen(name), cut = strlen(suffix);
        _cleanup_(free_ptr) char *path = NULL;

        if (n <= cut || !streq(name + n - cut, suffix))
            continue;
        path = unitname_unescape(name, n - cut);
        r = path ? look(s, path, e) : err_oom(e);
    }
    return r;
}

static int look_at_device(void *search, const char *device, const char *kind, struct err *e)
{
    struct search *s = search;
    bool part = str_after(s->type, "PART"), swap = kind && str_after(kind, "sw");
    struct stat st;

    if (root_stat(s->root, device, 0, &st) < 0)
        return 0;
    if (part || swap)
        return take(s, device, &st, e);
    if (!s->other)
        s->other = strdup(device);
    return 0;
}

static int look_everywhere(struct search *s, const struct swaps *swaps, struct err *e)
{
    int r = 0;

    for (size_t i = 0; i < swaps->n && r == 0; i++)
        r = look(s, swaps->areas[i].path, e);
    if (r == 0)
        r = look_at_fstab(s, e);
    if (r == 0)
        r = look_at_units(s, e);
    if (r == 0 && s->root->live)
        r = probe_each_tagged(s->type, s->value, look_at_device, s, e);
    return r;
}

static int nothing_has_it(const struct search *s, struct err *e)
{
    if (s->other)
        return err_set(e, -ENODEV, "%s: %s has it, but is no swap area", s->tag, s->other);
    if (s->shut_out || (s->root->live && geteuid() != 0))
        return err_set(e, -EACCES, "%s: nothing that could be looked at has it; run as root (sudo)",
                       s->tag);
    return err_set(e, -ENODEV,
                   "%s: no swap area that is active or declared has it, and no block device; name "
                   "it by its path",
                   s->tag);
}

/* As libblkid writes those of swap areas and partitions. */
static void lower(char *uuid)
{
    for (; *uuid; uuid++)
        if (*uuid >= 'A' && *uuid <= 'Z')
            *uuid = (char)(*uuid - 'A' + 'a');
}

int swaptag_find(const struct root *root, const struct swaps *swaps, const char *tag, char **path,
                 struct err *e)
{
    _cleanup_(search_clear) struct search s = {.root = root, .tag = tag};
    int r = probe_split_tag(tag, &s.type, &s.value, e);

    if (r < 0)
        return r;
    if (streq(s.type, "UUID") || streq(s.type, "PARTUUID"))
        lower(s.value);
    r = look_everywhere(&s, swaps, e);
    if (r < 0)
        return r;
    if (!s.path)
        return nothing_has_it(&s, e);
    *path = TAKE_PTR(s.path);
    return 0;
}
