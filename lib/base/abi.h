/* SPDX-License-Identifier: MIT */
/*
 * abi - kernel constants and on-disk structures that the system headers lack or hide
 *
 * Only here; every layout is held by a _Static_assert.
 */
#ifndef HEADROOM_ABI_H
#define HEADROOM_ABI_H

#include <linux/loop.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The swap header, version 1: union swap_header in include/linux/swap.h of the kernel, which no
 * installed header exports. It fills the first page of the area; the signature stands in that
 * page's last 10 bytes, so its place depends on the page size. All integers have the byte order of
 * the machine that wrote it.
 */
struct abi_swap_header {
    uint8_t boot_bits[1024];
    uint32_t version;   /* 1 */
    uint32_t last_page; /* number of pages - 1; the kernel believes this, not the file's size */
    uint32_t nr_badpages;
    uint8_t uuid[16];
    char volume_name[16];
    uint32_t padding[117];
    uint32_t badpages[1];
};
_Static_assert(offsetof(struct abi_swap_header, version) == 1024, "swap header: version");
_Static_assert(offsetof(struct abi_swap_header, last_page) == 1028, "swap header: last_page");
_Static_assert(offsetof(struct abi_swap_header, uuid) == 1036, "swap header: uuid");
_Static_assert(offsetof(struct abi_swap_header, volume_name) == 1052, "swap header: label");
_Static_assert(offsetof(struct abi_swap_header, badpages) == 1536, "swap header: bad pages");

#define ABI_SWAP_SIGNATURE "SWAPSPACE2"    /* a usable area */
#define ABI_SWAP_SIGNATURE_V0 "SWAP-SPACE" /* before Linux 2.2; no kernel takes it any more */
/* A hibernation image stands in for the signature. */
#define ABI_SWAP_SIGNATURE_SUSPEND "S1SUSPEND"
enum { ABI_SWAP_SIGNATURE_LEN = 10 };

/* swapon(2) flags: glibc's <sys/swap.h> lacks the two policies. */
#define ABI_SWAP_FLAG_PREFER 0x8000
#define ABI_SWAP_FLAG_PRIO_MASK 0x7fff
#define ABI_SWAP_FLAG_DISCARD 0x10000
#define ABI_SWAP_FLAG_DISCARD_ONCE 0x20000
#define ABI_SWAP_FLAG_DISCARD_PAGES 0x40000

/* statfs(2) f_type values that <linux/magic.h> of Debian 12 lacks. */
#define ABI_MAGIC_BCACHEFS 0xca451a4e
#define ABI_MAGIC_ZFS 0x2fc12fc1
#define ABI_MAGIC_NTFS3 0x7366746e
#define ABI_MAGIC_JFS 0x3153464a
#define ABI_MAGIC_LUSTRE 0x0bd00bd0
#define ABI_MAGIC_GFS2 0x01161970
#define ABI_MAGIC_VMHGFS 0xbacbacbc

/* A walk of openat2(2) that asks nobody: include/uapi/linux/openat2.h, Linux 5.12. */
#define ABI_RESOLVE_CACHED 0x20

/* Flags of a task as field 9 of /proc/PID/stat shows them: include/linux/sched.h of the kernel. */
#define ABI_PF_EXITING 0x00000004u
#define ABI_PF_FORKNOEXEC 0x00000040u
#define ABI_PF_KTHREAD 0x00200000u

/* pidfds: include/uapi/linux/pidfd.h, of which older header packages have the flags only. The two
 * calls have the same number on every architecture. */
#define ABI_SYS_PIDFD_SEND_SIGNAL 424
#define ABI_SYS_PIDFD_OPEN 434
#define ABI_SYS_PROCESS_MRELEASE 448
#define ABI_MAGIC_PIDFS 0x50494446u

struct abi_pidfd_info {
    uint64_t mask; /* what is asked for, and then what was told */
    uint64_t cgroupid;
    uint32_t pid, tgid, ppid;
    uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
    int32_t exit_code; /* as waitpid(2) tells it */
};
_Static_assert(offsetof(struct abi_pidfd_info, exit_code) == 60, "pidfd info: exit code");
_Static_assert(sizeof(struct abi_pidfd_info) == 64, "pidfd info: first version");

#define ABI_PIDFD_INFO_EXIT (UINT64_C(1) << 3)
#define ABI_PIDFD_GET_INFO _IOWR(0xff, 11, struct abi_pidfd_info)

/* f2fs: keep the blocks of a file where they are; include/uapi/linux/f2fs.h, absent from older
 * header packages. */
#define ABI_F2FS_IOC_SET_PIN_FILE _IOW(0xf5, 13, uint32_t)

/* clone3(2), Linux 5.3, with the group of the child from 5.7: <linux/sched.h> of older header
 * packages lacks them. */
#define ABI_CLONE_CLEAR_SIGHAND 0x100000000ULL /* 5.5 */
#define ABI_CLONE_INTO_CGROUP 0x200000000ULL
struct abi_clone_args {
    uint64_t flags;
    uint64_t pidfd;
    uint64_t child_tid;
    uint64_t parent_tid;
    uint64_t exit_signal;
    uint64_t stack;
    uint64_t stack_size;
    uint64_t tls;
    uint64_t set_tid;
    uint64_t set_tid_size;
    uint64_t cgroup;
};
_Static_assert(offsetof(struct abi_clone_args, cgroup) == 80, "clone3: cgroup");
_Static_assert(sizeof(struct abi_clone_args) == 88, "clone3: size");

/*
 * Loop devices, include/uapi/linux/loop.h: LOOP_CONFIGURE came with Linux 5.8, the others with 4.14
 * and 4.10, and older header packages lack them.
 */
#define ABI_LOOP_SET_DIRECT_IO 0x4C08
#define ABI_LOOP_SET_BLOCK_SIZE 0x4C09
#define ABI_LOOP_CONFIGURE 0x4C0A
#define ABI_LO_FLAGS_DIRECT_IO 16

struct abi_loop_config {
    uint32_t fd;
    uint32_t block_size;
    struct loop_info64 info;
    uint64_t reserved[8];
};
_Static_assert(offsetof(struct abi_loop_config, info) == 8, "loop config: info");
_Static_assert(sizeof(struct abi_loop_config) == 304, "loop config: size");

/* The inode of /proc/PID/ns/cgroup in the first cgroup namespace: PROC_CGROUP_INIT_INO in
 * include/linux/proc_ns.h of the kernel, fixed since the namespace exists. */
#define ABI_CGROUP_INIT_INO 0xEFFFFFFBU

/* The inode of the root of all groups of version 2: the first that kernfs gives away. */
enum { ABI_CGROUP_ROOT_INO = 1 };

#endif
