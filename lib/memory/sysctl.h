/* SPDX-License-Identifier: MIT */
/* sysctl - kernel settings below /proc/sys, now and for the next boot */
#ifndef HEADROOM_SYSCTL_H
#define HEADROOM_SYSCTL_H

#include "confile.h"

/* Where headroom keeps its settings: sysctl.d(5). */
#define SYSCTL_FILE "/etc/sysctl.d/60-headroom.conf"

/**
 * sysctl_read() - read a setting that is one number
 * @name: "vm.swappiness"; slashes work as well, as sysctl.d(5) has it
 *
 * Return: 0; -EOPNOTSUPP if this kernel lacks it; -EBADMSG if it is not a number; or a negated
 * errno.
 */
int sysctl_read(const struct root *root, const char *name, int64_t *out, struct err *e);

/* What the steps of one setting work on; must outlive the plan. */
struct sysctl {
    const struct root *root; /* borrowed, as is the name */
    const char *name;
    int64_t old, wanted;
    struct confile file;
};

#define SYSCTL_INIT ((struct sysctl){.root = NULL})

void sysctl_clear(struct sysctl *s);

/**
 * sysctl_plan_set() - set it in the running kernel; the step "swappiness"
 *
 * The undo writes the old value back. vm.swappiness is 0 to 200, on some kernels (Linux before 5.8)
 * only to 100; beyond that is -ERANGE as ERR_USAGE, from here or from the step once the kernel
 * refused the value. A foreign root whose /proc is the running kernel's is refused by the step
 * (-EXDEV, ERR_UNSUPPORTED).
 *
 * Return: 0, 1 if it has that value already, or a negated errno.
 */
int sysctl_plan_set(const struct root *root, const char *name, int64_t value, struct sysctl *s,
                    struct plan *plan, struct err *e);

/**
 * sysctl_text() - the text of a sysctl.d file with @name set to @value; pure
 * @out: allocated, set on success, also when it equals @text
 *
 * The last line that sets @name gets the new value in its place, however it is spelled; without
 * one, a line is appended. All other bytes stay.
 *
 * Return: 0 or -ENOMEM.
 */
int sysctl_text(const char *text, const char *name, int64_t value, char **out, struct err *e);

/**
 * sysctl_plan_persist() - set it for the next boot in SYSCTL_FILE; the step "persist-swappiness"
 *
 * Return: 0, 1 if the file says so already, or a negated errno.
 */
int sysctl_plan_persist(const struct root *root, const char *name, int64_t value, struct sysctl *s,
                        struct plan *plan, struct err *e);

/**
 * sysctl_declared() - the value that SYSCTL_FILE gives @name
 *
 * Return: 1 and the value; 0 if it gives none; -EBADMSG if that is not a number; or a negated errno.
 */
int sysctl_declared(const struct root *root, const char *name, int64_t *out, struct err *e);

/**
 * sysctl_overridden() - does a file that is read after SYSCTL_FILE set @name?
 * @by: the last such file, caller frees; set when the answer is yes
 *
 * systemd-sysctl(8) and procps' sysctl --system sort the files of all sysctl.d folders by name, an
 * earlier folder hides the same name in a later one (/etc, /run, /usr/local/lib, /usr/lib, /lib),
 * and /etc/sysctl.conf is read last by procps.
 *
 * Return: 1 yes, 0 no, or a negated errno.
 */
int sysctl_overridden(const struct root *root, const char *name, char **by, struct err *e);

#endif
