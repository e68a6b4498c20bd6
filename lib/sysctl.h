/* SPDX-License-Identifier: MIT */
/* sysctl - kernel settings below /proc/sys, now and for the next boot */
#ifndef HEADROOM_SYSCTL_H
#define HEADROOM_SYSCTL_H

#include "confile.h"

/* Where headroom keeps its settings: sysctl.d(5). */
#define SYSCTL_FILE "/etc/sysctl.d/60-headroom.conf"

/* Read a setting that is one number; @name: "vm.swappiness". Return: 0; -EOPNOTSUPP if this kernel lacks it; or -errno. */
int sysctl_read(const struct root *root, const char *name, int64_t *out, struct err *e);

struct sysctl {
    const struct root *root;
    const char *name;
    int64_t old, wanted;
    struct confile file;
};

#define SYSCTL_INIT ((struct sysctl){.root = NULL})

void sysctl_clear(struct sysctl *s);

/**
 * sysctl_plan_set() - set it in the running kernel
 *
 * The undo writes the old value back. A value that the kernel refuses (EINVAL) is -ERANGE as ERR_USAGE with the range that this kernel
 * has where it is known (vm.swappiness: 200, before Linux 5.8 100). On a foreign root the step is refused by apply
 * (-EXDEV) unless it is the test's own fake /proc/sys: root_write() just writes the file there.
 *
 * Return: 0, 1 if it has that value already, or a negated errno.
 */
int sysctl_plan_set(const struct root *root, const char *name, int64_t value, struct sysctl *s, struct plan *plan,
                    struct err *e);

/**
 * sysctl_plan_persist() - set it for the next boot in SYSCTL_FILE, other lines there stay
 *
 * Return: 0, 1 if the file says so already, or a negated errno.
 */
int sysctl_plan_persist(const struct root *root, const char *name, int64_t value, struct sysctl *s,
                        struct plan *plan, struct err *e);

/**
 * sysctl_overridden() - does a file that is read after SYSCTL_FILE set @name?
 * @by: its path, caller frees; set when the answer is yes
 *
 * systemd-sysctl(8) and procps' sysctl --system sort the files of all sysctl.d folders by name, an earlier folder hides the
 * same name in a later one (/etc, /run, /usr/local/lib, /usr/lib, /lib), and /etc/sysctl.conf is read last by
 * procps.
 *
 * Return: 1 yes, 0 no, or a negated errno.
 */
int sysctl_overridden(const struct root *root, const char *name, char **by, struct err *e);

#endif
