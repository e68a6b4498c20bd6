/* SPDX-License-Identifier: MIT */
/*
 * cglimit - limits as people write them, and as the kernel's files hold them
 *
 * The kernel rounds down to pages, reads 2^64 as 0 on some versions and kills the group then, and
 * takes an empty text for no text. So every value is read here, and what is written is plain
 * decimal digits or "max". Nothing here touches a group.
 */
#ifndef HEADROOM_CGLIMIT_H
#define HEADROOM_CGLIMIT_H

#include "root.h"

/* What the user said; NULL or false: nothing. The lists are NULL-terminated. */
struct cglimit_words {
    const char *memory_max, *memory_high, *memory_low, *memory_min;
    const char *swap_max;
    const char *memory_plus_swap; /* docker's --memory-swap: both together */
    const char *zswap_max;
    bool oom_group;
    const char *cpu_max, *cpu_weight;
    const char *io_weight;
    const char *pids_max;
    const char *cpuset;
    const char *const *io_max;
    const char *const *set; /* FILE=VALUE */
};

struct cglimit {
    char *file;       /* "memory.max"; owned */
    char *value;      /* what is written, owned */
    uint64_t number;  /* of a value in bytes or a count; CGVALUE_MAX is "max" */
    uint64_t rounded; /* bytes as asked for, where a whole page is less; 0: as asked for */
    bool raw;         /* --set: the kernel may show it in other words */
};

/* In the order in which they are to be written: swap before memory, memory.max last of all memory.
 */
struct cglimits {
    struct cglimit *items;
    size_t n;
};

#define CGLIMITS_INIT ((struct cglimits){.items = NULL})

void cglimit_clear(struct cglimits *l);

/**
 * cglimit_read() - understand all limits of a command line
 *
 * 50% is of MemTotal. --memory-plus-swap needs --memory-max beside it. Devices are looked up.
 *
 * Return: 0; -EINVAL or -ERANGE (usage) with the option's name in the message; or another negated
 * errno.
 */
int cglimit_read(const struct root *root, const struct cglimit_words *words, struct cglimits *out,
                 struct err *e);

/* The limit of a file, or NULL. */
const struct cglimit *cglimit_find(const struct cglimits *l, const char *file);

/* The name of the controller that a file belongs to: "memory" of "memory.max"; "" of the files that
 * every group has. Return: @buf, or NULL if it is none that this program knows. */
enum { CGLIMIT_CONTROLLER = 16 };
const char *cglimit_controller(const char *file, char buf[static CGLIMIT_CONTROLLER]);

/* Does the file's text say what this limit would write? Pure. */
bool cglimit_holds(const struct cglimit *l, const char *text);

/* What is to be written to get back what @text says, as far as this limit changes it; caller frees.
 * NULL: no memory. Pure. */
char *cglimit_undo(const struct cglimit *l, const char *text);

/* ---- the values by themselves, pure; messages without the option's name */

/**
 * cglimit_bytes() - a size, "max", or per cent of @ram
 * @page:  the result is rounded down to it
 * @asked: what was asked for if the result is less, else 0
 *
 * Return: 0; -EINVAL or -ERANGE (usage), also for what would round to 0 without being 0.
 */
int cglimit_bytes(const char *text, uint64_t ram, uint64_t page, uint64_t *out, uint64_t *asked,
                  struct err *e);

enum { CGLIMIT_TEXT = 128 };

/* "150%" or "1.5" processors, or "max", as cpu.max has it: "150000 100000". Return: 0 or (usage)
 * -EINVAL, -ERANGE. */
int cglimit_cpu(const char *text, char buf[static CGLIMIT_TEXT], struct err *e);

/* "0,2-3" with every number once and in order, as the kernel shows it: caller frees. "max" is all
 * of them, an empty line. Return: 0, -ENOMEM, or (usage) -EINVAL, -ERANGE. */
int cglimit_cpus(const char *text, char **out, struct err *e);

/* What follows the device in --io-max: "rbps=10M,wiops=max" becomes "rbps=10485760 wiops=max".
 * Return: 0 or (usage) -EINVAL, -ERANGE. */
int cglimit_io(const char *text, char buf[static CGLIMIT_TEXT], struct err *e);

#endif
