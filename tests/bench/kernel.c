/* SPDX-License-Identifier: MIT */
/*
 * kernel - the system calls that make a whole, safe swap file and activate it, and nothing else
 *
 * usage: kernel FILE BYTES
 *
 * Prints how long they took together, in microseconds: what no program can do without. The same
 * calls that lib/swap/swapmake.c explains.
 */
#include "abi.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/swap.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

static double spent;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

#define TIMED(call)                                                                                \
    ({                                                                                             \
        double begun_ = now();                                                                     \
        long result_ = (call);                                                                     \
        spent += now() - begun_;                                                                   \
        if (result_ < 0) {                                                                         \
            perror(#call);                                                                         \
            exit(1);                                                                               \
        }                                                                                          \
        result_;                                                                                   \
    })

static void fill_header(char *page, size_t size, unsigned long long bytes)
{
    struct abi_swap_header *h = (struct abi_swap_header *)page;

    h->version = 1;
    h->last_page = (uint32_t)(bytes / size - 1);
    memcpy(page + size - ABI_SWAP_SIGNATURE_LEN, ABI_SWAP_SIGNATURE, ABI_SWAP_SIGNATURE_LEN);
}

int main(int argc, char **argv)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    char *page = calloc(1, size), *dir, *slash, link[64];
    unsigned long long bytes;
    struct statfs fs;
    int fd, dir_fd, flags = FS_NOCOW_FL;

    if (argc != 3 || !page || !(dir = strdup(argv[1])) || !(slash = strrchr(dir, '/')))
        return 2;
    *slash = '\0';
    bytes = strtoull(argv[2], NULL, 10);
    fill_header(page, size, bytes);
    dir_fd = (int)TIMED(open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fstatfs(dir_fd, &fs) < 0)
        return 1;
    fd = (int)TIMED(openat(dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (fs.f_type == BTRFS_SUPER_MAGIC)
        TIMED(ioctl(fd, FS_IOC_SETFLAGS, &flags));
    TIMED(fallocate(fd, 0, 0, (off_t)bytes));
    TIMED(pwrite(fd, page, size, 0));
    TIMED(fsync(fd));
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    TIMED(linkat(AT_FDCWD, link, dir_fd, slash + 1, AT_SYMLINK_FOLLOW));
    TIMED(fsync(dir_fd));
    TIMED(swapon(argv[1], 0));
    printf("%.0f\n", spent);
    return 0;
}
