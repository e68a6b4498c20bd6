/* SPDX-License-Identifier: MIT */
/*
 * root - the directory that stands for "/"
 *
 * Everything that reads /proc, /sys or /etc, and everything that writes a configuration file, does
 * it below a `struct root`. On a running system that is "/" itself (live); in tests and when an
 * image is prepared it is some folder, and symbolic links in it cannot lead out of it (openat2(2),
 * RESOLVE_IN_ROOT; on kernels before 5.6, which lack it, the links of a foreign root are followed
 * as they are).
 *
 * A path is written as users write it ("/etc/fstab"); leading slashes are dropped.
 */
#ifndef HEADROOM_ROOT_H
#define HEADROOM_ROOT_H

#include "err.h"
#include <fcntl.h>
#include <sys/stat.h>

struct root {
    int fd;     /* O_PATH descriptor of the directory */
    bool live;  /* it is the "/" of this process: system calls on the kernel are allowed */
    char *path; /* owned: how the root was named, canonical; "" for the live root, so that it
                   prefixes well */
};

#define ROOT_INIT ((struct root){.fd = -1})

/**
 * root_open() - open the directory that stands for "/"
 * @dir: NULL, or any name of "/": the live root; otherwise a directory
 * @out: set on success; release with root_close()
 *
 * Return: 0, or the negated errno of open(2).
 */
int root_open(struct root *out, const char *dir, struct err *e);
void root_close(struct root *root);

/**
 * root_openat() - open(2) below the root, always with O_CLOEXEC
 *
 * Writes no message, because callers know better what the file was for.
 *
 * Return: a descriptor (caller closes), or a negated errno.
 */
int root_openat(const struct root *root, const char *path, int flags, mode_t mode);

/**
 * root_open_named() - the same for a path as somebody typed it
 *
 * On the live root a relative path starts where the user stands, not at "/".
 */
int root_open_named(const struct root *root, const char *path, int flags);

/* fstat(2) of @path below the root; @flags: 0 or O_NOFOLLOW. Return: 0 or a negated errno, no
 * message. */
int root_stat(const struct root *root, const char *path, int flags, struct stat *out);

/**
 * root_read() - read a whole file below the root
 * @out: NUL-terminated text, caller frees; set on success
 * @len: its length without the NUL, or NULL when nobody wants to know
 *
 * Reads until read(2) returns 0: the kernel's seq files hand out at most a page at a time.
 * Files over 64 MiB are -EFBIG: nothing that is read whole here is that large.
 *
 * Return: 0, or a negated errno with a message.
 */
int root_read(const struct root *root, const char *path, char **out, size_t *len, struct err *e);

/* The same from a descriptor, from its current position; @name only for the message. */
int root_read_fd(int fd, const char *name, char **out, size_t *len, struct err *e);

/**
 * root_write() - write @text to an existing file in one write(2), as the kernel's attribute files
 * want it
 *
 * Not for regular files that must survive a crash: see confile.h.
 */
int root_write(const struct root *root, const char *path, const char *text, struct err *e);

/* mkdir -p below the root with mode 0755. Return: 0, or a negated errno with a message. */
int root_mkdirs(const struct root *root, const char *path, struct err *e);

/**
 * root_path_of() - where an open file or directory lies, seen from the root
 * @fd:  any descriptor, O_PATH too
 * @out: absolute path, caller frees
 *
 * From /proc/self/fd (proc(5)), so all symbolic links are resolved; -ENOENT if the file was deleted
 * or lies outside a foreign root.
 */
int root_path_of(const struct root *root, int fd, char **out, struct err *e);

#endif
