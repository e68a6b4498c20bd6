/* SPDX-License-Identifier: MIT */
#include "loop.h"

#include "abi.h"
#include "kv.h"
#include "module.h"
#include "size.h"

#include <linux/fs.h>
#include <linux/major.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <time.h>

#define CONTROL "/dev/loop-control"

enum {
    NUMBER_MAX = 1 << 20, /* what a device's minor number has room for */
    ATTACH_TRIES = 64,
    DEVICE_BLOCK =
        4096, /* direct I/O needs blocks as large as the disk's, and no page is smaller */
    SECTOR = 512,
    GONE_TRIES = 250,
    GONE_PAUSE_MS = 20,
};

void loop_list_clear(struct loop_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->loops[i].backing_file);
    free(list->loops);
    *list = LOOP_LIST_INIT;
}

const char *loop_path(unsigned number, char buf[static LOOP_PATH_MAX])
{
    snprintf(buf, LOOP_PATH_MAX, "/dev/loop%u", number);
    return buf;
}

bool loop_is(const struct stat *st)
{
    return S_ISBLK(st->st_mode) && major(st->st_rdev) == LOOP_MAJOR;
}

/* ---- reading ---- */

/* The first line of an attribute in /sys/block/loopN, or NULL; caller frees. */
static char *attribute(const struct root *root, unsigned number, const char *name)
{
    char path[64], *text;

    snprintf(path, sizeof(path), "/sys/block/loop%u/%s", number, name);
    if (root_read(root, path, &text, NULL, NULL) < 0)
        return NULL;
    text[strcspn(text, "\n")] = '\0';
    return text;
}

/* A kernel that lacks the attribute has it at 0. */
static uint64_t attribute_number(const struct root *root, unsigned number, const char *name)
{
    _cleanup_(free_ptr) char *text = attribute(root, number, name);
    uint64_t n;

    return text && kv_u64((struct kv_span){text, strlen(text)}, &n, NULL) == 0 ? n : 0;
}

static dev_t device_number(const struct root *root, unsigned number)
{
    _cleanup_(free_ptr) char *text = attribute(root, number, "dev");
    unsigned ma, mi;

    return text && sscanf(text, "%u:%u", &ma, &mi) == 2 ? makedev(ma, mi)
                                                        : makedev(LOOP_MAJOR, number);
}

/* Return: 0, or a negated errno; -ENXIO: no file. */
static int status_of(int device, struct loop_info64 *out)
{
    return ioctl(device, LOOP_GET_STATUS64, out) < 0 ? -errno : 0;
}

/* The kernel's 64 bits hold what makedev(3) makes, for all numbers that exist. */
static bool has_file(const struct loop_info64 *info, const struct stat *file)
{
    return (dev_t)info->lo_device == file->st_dev && (ino_t)info->lo_inode == file->st_ino;
}

/* Return: 0, also if nobody can tell; -ENXIO if it has no file any more; or another negated errno:
 * a device that does not answer must not be taken for one of another file. */
static int identify(const struct root *root, struct loop *l)
{
    _cleanup_(close_fd) int fd = -1;
    char path[LOOP_PATH_MAX];
    struct loop_info64 info;
    struct stat st;
    int r;

    if (root->live)
        fd = open(loop_path(l->number, path), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0) {
        r = status_of(fd, &info);
        if (r < 0)
            return r;
        l->identified = true;
        l->dev = (dev_t)info.lo_device;
        l->ino = (ino_t)info.lo_inode;
    } else if (root_stat(root, l->backing_file, 0, &st) == 0) {
        l->identified = true;
        l->dev = st.st_dev;
        l->ino = st.st_ino;
    }
    return 0;
}

/* Return: 1 if the device has a file, 0 if not, or a negated errno. */
static int read_one(const struct root *root, unsigned number, struct loop *out)
{
    struct loop l = {
        .number = number,
        .backing_file = attribute(root, number, "loop/backing_file"),
    };
    int r;

    if (!l.backing_file)
        return 0;
    l.rdev = device_number(root, number);
    l.size = attribute_number(root, number, "size") * SECTOR;
    l.offset = attribute_number(root, number, "loop/offset");
    l.autoclear = attribute_number(root, number, "loop/autoclear") == 1;
    l.direct_io = attribute_number(root, number, "loop/dio") == 1;
    l.read_only = attribute_number(root, number, "ro") == 1;
    r = identify(root, &l);
    if (r < 0) {
        free(l.backing_file);
        return r == -ENXIO ? 0 : r;
    }
    *out = l;
    return 1;
}

static bool parse_name(const char *name, unsigned *out)
{
    const char *digits = str_after(name, "loop");
    int64_t number;

    if (!digits || size_parse_number(digits, 0, NUMBER_MAX, &number, NULL) < 0)
        return false;
    *out = (unsigned)number;
    return true;
}

static int add(const struct root *root, unsigned number, const struct stat *file,
               struct loop_list *list, struct err *e)
{
    struct loop *more = reallocarray(list->loops, list->n + 1, sizeof(*more)), *l;
    char path[LOOP_PATH_MAX];
    int r;

    if (!more)
        return err_oom(e);
    list->loops = more;
    l = &more[list->n];
    r = read_one(root, number, l);
    if (r <= 0)
        return r < 0 ? err_sys(e, r, "%s: cannot ask which file it has", loop_path(number, path))
                     : 0;
    if (file && !(l->identified && l->dev == file->st_dev && l->ino == file->st_ino))
        free(l->backing_file);
    else
        list->n++;
    return 0;
}

static int by_number(const void *a, const void *b)
{
    const struct loop *x = a, *y = b;

    return x->number < y->number ? -1 : x->number > y->number;
}

int loop_list_read(const struct root *root, const struct stat *file, struct loop_list *out,
                   struct err *e)
{
    _cleanup_(loop_list_clear) struct loop_list list = LOOP_LIST_INIT;
    _cleanup_(close_dir) DIR *dir = NULL;
    const struct dirent *entry;
    unsigned number;
    int r = 0, fd = root_openat(root, "/sys/block", O_RDONLY | O_DIRECTORY, 0);

    dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir && fd != -ENOENT)
        return err_sys(e, fd < 0 ? fd : -errno, "%s/sys/block: cannot list", root->path);
    while (dir && r == 0 && (entry = readdir(dir)))
        if (parse_name(entry->d_name, &number))
            r = add(root, number, file, &list, e);
    if (r < 0)
        return r;
    if (list.n > 0)
        qsort(list.loops, list.n, sizeof(*list.loops), by_number);
    *out = list;
    list = LOOP_LIST_INIT;
    return 0;
}

int loop_open(unsigned number, const struct stat *file, int flags, struct err *e)
{
    char path[LOOP_PATH_MAX];
    _cleanup_(close_fd) int fd =
        open(loop_path(number, path), flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct loop_info64 info;
    int r;

    if (fd < 0)
        return errno == ENXIO ? -ENXIO : err_sys(e, -errno, "%s: cannot open", path);
    r = status_of(fd, &info);
    if (r == -ENXIO || (r == 0 && !has_file(&info, file)))
        return -ENXIO;
    return r < 0 ? err_sys(e, r, "%s: cannot ask which file it has", path) : TAKE_FD(fd);
}

/* ---- attaching ---- */

static int fail_control(int r, struct err *e)
{
    if (r == -ENOENT || r == -ENODEV || r == -ENXIO)
        return err_unsupported(e, -EOPNOTSUPP,
                               CONTROL ": is missing: this kernel has no loop devices, or they are "
                                       "kept from this container");
    return err_sys(e, r, CONTROL ": cannot open");
}

/* Opening it loads the module, where the folder of devices has it beforehand. */
static int open_control(struct err *e)
{
    int fd = open(CONTROL, O_RDWR | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT && module_find("loop") == 0 && module_load("loop", NULL) == 0)
        fd = open(CONTROL, O_RDWR | O_CLOEXEC);
    return fd < 0 ? fail_control(-errno, e) : fd;
}

/* Before Linux 5.8: a call for each part. Direct I/O and the size of blocks are tried. */
static int configure_in_parts(int device, int file, const struct loop_info64 *info)
{
    int r = 0;

    if (ioctl(device, LOOP_SET_FD, file) < 0)
        return -errno;
    for (int i = 0; i < ATTACH_TRIES; i++) {
        r = ioctl(device, LOOP_SET_STATUS64, info) < 0 ? -errno : 0;
        if (r != -EAGAIN) /* pages that somebody has just read are still in the way */
            break;
    }
    if (r < 0) {
        ioctl(device, LOOP_CLR_FD, 0);
        return r;
    }
    ioctl(device, ABI_LOOP_SET_BLOCK_SIZE, (unsigned long)DEVICE_BLOCK);
    ioctl(device, ABI_LOOP_SET_DIRECT_IO, 1UL);
    return 0;
}

static int configure(int device, int file, const char *path, bool autoclear)
{
    struct abi_loop_config config = {
        .fd = (uint32_t)file,
        .block_size = DEVICE_BLOCK,
        .info.lo_flags = ABI_LO_FLAGS_DIRECT_IO | (autoclear ? LO_FLAGS_AUTOCLEAR : 0U),
    };

    snprintf((char *)config.info.lo_file_name, sizeof(config.info.lo_file_name), "%s", path);
    if (ioctl(device, ABI_LOOP_CONFIGURE, &config) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOTTY)
        return -errno;
    config.info.lo_flags = autoclear ? LO_FLAGS_AUTOCLEAR : 0;
    return configure_in_parts(device, file, &config.info);
}

/* Return: 0; -EBUSY if another process was faster; or another negated errno. */
static int try_attach(int control, int file, const char *path, bool autoclear,
                      struct loop_device *out, struct err *e)
{
    int number = ioctl(control, LOOP_CTL_GET_FREE);
    _cleanup_(close_fd) int fd = -1;
    struct loop_info64 info;
    char name[LOOP_PATH_MAX];
    int r;

    if (number < 0)
        return err_sys(e, -errno, CONTROL ": cannot get a free loop device");
    fd = open(loop_path((unsigned)number, name), O_RDWR | O_CLOEXEC);
    if (fd < 0 && (errno == ENXIO || errno == EBUSY)) /* taken away at this moment */
        return -EBUSY;
    if (fd < 0)
        return err_sys(e, -errno, "%s: cannot open", name);
    r = configure(fd, file, path, autoclear);
    if (r == -EBUSY)
        return r;
    if (r == 0)
        r = status_of(fd, &info);
    if (r < 0)
        return err_sys(e, r, "%s: cannot attach it to %s", path, name);
    *out = (struct loop_device){
        .fd = TAKE_FD(fd),
        .number = (unsigned)number,
        .direct_io = (info.lo_flags & ABI_LO_FLAGS_DIRECT_IO) != 0,
    };
    return 0;
}

int loop_attach(int file, const char *path, bool autoclear, struct loop_device *out, struct err *e)
{
    _cleanup_(close_fd) int control = open_control(e);
    int r = control;

    for (int i = 0; i < ATTACH_TRIES && control >= 0; i++) {
        r = try_attach(control, file, path, autoclear, out, e);
        if (r != -EBUSY)
            return r;
    }
    return r == -EBUSY ? err_set(e, r,
                                 "%s: other processes took every loop device that was free; try "
                                 "again",
                                 path)
                       : r;
}

int loop_refresh(int device, const char *path, struct err *e)
{
    if (ioctl(device, LOOP_SET_CAPACITY, 0) < 0 || ioctl(device, BLKFLSBUF, 0) < 0)
        return err_sys(e, -errno, "%s: cannot refresh its loop device", path);
    return 0;
}

/* ---- detaching ---- */

bool loop_wait_gone(const struct root *root, unsigned number, const struct stat *file)
{
    const struct timespec pause = {.tv_nsec = GONE_PAUSE_MS * 1000000L};
    int fd;

    for (int i = 0; i < GONE_TRIES; i++) {
        _cleanup_(free_ptr) char *name = attribute(root, number, "loop/backing_file");

        if (!name)
            return true;
        nanosleep(&pause, NULL);
    }
    /* or does it have another file by now? */
    fd = loop_open(number, file, O_RDONLY, NULL);
    if (fd >= 0)
        close(fd);
    return fd == -ENXIO;
}

int loop_detach(const struct root *root, unsigned number, const struct stat *file, const char *path,
                struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    char name[LOOP_PATH_MAX];
    int fd, r;

    loop_path(number, name);
    fd = loop_open(number, file, O_RDONLY | O_EXCL, &why);
    if (fd == -ENXIO)
        return 1;
    if (fd == -EBUSY)
        return err_set(e, fd,
                       "%s: its loop device %s is in use (mounted, active swap, or part of a RAID "
                       "or LVM volume); end that first",
                       path, name);
    if (fd < 0)
        return err_set(e, fd, "%s", why.text);
    r = ioctl(fd, LOOP_CLR_FD, 0) < 0 && errno != ENXIO ? -errno : 0;
    close_fd(&fd);
    if (r < 0)
        return err_sys(e, r, "%s: cannot detach %s", path, name);
    if (!loop_wait_gone(root, number, file))
        return err_set(e, -EBUSY,
                       "%s: is still attached to %s: another process has that open, and it goes "
                       "when the process closes it",
                       path, name);
    return 0;
}
