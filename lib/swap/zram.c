/* SPDX-License-Identifier: MIT */
#include "zram.h"

#include "kv.h"
#include "size.h"
#include "swapheader.h"

enum { NUMBER_MAX = 1 << 20 }; /* what a device's minor number has room for */

void zram_clear(struct zram *z)
{
    free(z->algorithm);
    free(z->algorithms);
    *z = ZRAM_INIT;
}

void zram_list_clear(struct zram_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        zram_clear(&list->devices[i]);
    free(list->devices);
    *list = ZRAM_LIST_INIT;
}

const char *zram_path(unsigned number, char buf[static ZRAM_PATH_MAX])
{
    snprintf(buf, ZRAM_PATH_MAX, "/dev/zram%u", number);
    return buf;
}

bool zram_parse_name(const char *name, unsigned *out)
{
    const char *digits = str_after(name, "/dev/zram");
    int64_t number;

    if (!digits)
        digits = str_after(name, "zram");
    if (!digits || (digits[0] == '0' && digits[1]) ||
        size_parse_number(digits, 0, NUMBER_MAX, &number, NULL) < 0)
        return false;
    *out = (unsigned)number;
    return true;
}

int zram_parse_algorithms(const char *text, char **one, char **all, struct err *e)
{
    _cleanup_(free_ptr) char *chosen = NULL, *list = malloc(2 * strlen(text) + 1);
    char *to = list;

    if (!list)
        return err_oom(e);
    for (const char *p = text; *(p += strspn(p, " \t\n"));) {
        size_t n = strcspn(p, " \t\n");
        bool in_use = n > 2 && p[0] == '[' && p[n - 1] == ']';

        if (in_use && !chosen && !(chosen = strndup(p + 1, n - 2)))
            return err_oom(e);
        to += sprintf(to, "%s%.*s", to > list ? ", " : "", (int)(in_use ? n - 2 : n), p + in_use);
        p += n;
    }
    *one = TAKE_PTR(chosen);
    *all = to > list ? TAKE_PTR(list) : NULL;
    return 0;
}

int zram_parse_stat(const char *text, struct zram_stat *out, struct err *e)
{
    uint64_t values[5];
    struct kv_span rest = {text, strcspn(text, "\n")};
    int r = 0;

    while (rest.n > 0 && *rest.p == ' ') {
        rest.p++;
        rest.n--;
    }
    for (size_t i = 0; i < ARRAY_SIZE(values) && r == 0; i++)
        r = kv_u64(rest, &values[i], &rest);
    if (r < 0)
        return err_set(e, r, "mm_stat of a zram device: does not begin with five numbers");
    *out = (struct zram_stat){values[0], values[1], values[2], values[3], values[4]};
    return 0;
}

/* Return: 0; 1 if this kernel has no such attribute; or a negated errno. */
static int attribute(const struct root *root, unsigned number, const char *name, char **out,
                     struct err *e)
{
    _cleanup_(close_fd) int fd = -1;
    char path[64];

    snprintf(path, sizeof(path), "/sys/block/zram%u/%s", number, name);
    fd = root_openat(root, path, O_RDONLY, 0);
    if (fd == -ENOENT)
        return 1;
    if (fd < 0)
        return err_sys(e, fd, "%s%s: cannot open", root->path, path);
    return root_read_fd(fd, path, out, NULL, e);
}

static int read_size(const struct root *root, struct zram *z, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = attribute(root, z->number, "disksize", &text, e);

    if (r == 1)
        return err_set(e, -ENODEV, "/dev/zram%u: there is no such device", z->number);
    if (r == 0) {
        r = kv_u64((struct kv_span){text, strcspn(text, "\n")}, &z->size, NULL);
        if (r < 0)
            return err_set(e, r, "/dev/zram%u: its disksize is no number", z->number);
    }
    return r;
}

static int read_algorithm(const struct root *root, struct zram *z, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = attribute(root, z->number, "comp_algorithm", &text, e);

    if (r != 0)
        return r < 0 ? r : 0;
    return zram_parse_algorithms(text, &z->algorithm, &z->algorithms, e);
}

static int read_stat(const struct root *root, struct zram *z, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = attribute(root, z->number, "mm_stat", &text, e);

    if (r != 0)
        return r < 0 ? r : 0;
    r = zram_parse_stat(text, &z->stat, e);
    z->has_stat = r == 0;
    return r;
}

/* Who may not read the device cannot know, and may not change it either. */
static bool is_ours(const struct root *root, const struct zram *z)
{
    _cleanup_(close_fd) int fd = -1;
    char path[ZRAM_PATH_MAX];
    struct swapheader h;

    if (z->size == 0)
        return false;
    fd = root_openat(root, zram_path(z->number, path), O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    return fd >= 0 && swapheader_read(fd, &h) == 0 && h.kind == SWAPHEADER_VALID &&
           streq(h.label, ZRAM_LABEL);
}

int zram_read(const struct root *root, unsigned number, struct zram *out, struct err *e)
{
    _cleanup_(zram_clear) struct zram z = {.number = number};
    int r = read_size(root, &z, e);

    if (r == 0)
        r = read_algorithm(root, &z, e);
    if (r == 0)
        r = read_stat(root, &z, e);
    if (r < 0)
        return r;
    z.ours = is_ours(root, &z);
    *out = z;
    z = ZRAM_INIT;
    return 0;
}

static int add(const struct root *root, unsigned number, struct zram_list *list, struct err *e)
{
    struct zram *devices = reallocarray(list->devices, list->n + 1, sizeof(*devices));
    int r;

    if (!devices)
        return err_oom(e);
    list->devices = devices;
    r = zram_read(root, number, &devices[list->n], e);
    if (r == -ENODEV) {
        if (e)
            err_clear(e); /* removed since the folder was read */
        return 0;
    }
    list->n += r == 0;
    return r;
}

static int by_number(const void *a, const void *b)
{
    const struct zram *one = a, *other = b;

    return (one->number > other->number) - (one->number < other->number);
}

int zram_list_read(const struct root *root, struct zram_list *out, struct err *e)
{
    _cleanup_(zram_list_clear) struct zram_list list = ZRAM_LIST_INIT;
    _cleanup_(close_dir) DIR *dir = NULL;
    const struct dirent *entry;
    int fd = root_openat(root, "/sys/block", O_RDONLY | O_DIRECTORY, 0), r = 0;
    unsigned number;

    if (fd == -ENOENT) {
        *out = list;
        return 0;
    }
    dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        return err_sys(e, fd < 0 ? fd : -errno, "%s/sys/block: cannot list", root->path);
    while (r == 0 && (entry = readdir(dir)))
        if (zram_parse_name(entry->d_name, &number))
            r = add(root, number, &list, e);
    if (r < 0)
        return r;
    if (list.n > 0)
        qsort(list.devices, list.n, sizeof(*list.devices), by_number);
    *out = list;
    list = ZRAM_LIST_INIT;
    return 0;
}
