/* SPDX-License-Identifier: MIT */
/* declaration - what the next boot should know about a swap area; shared by fstab and swapunit */
#ifndef HEADROOM_DECLARATION_H
#define HEADROOM_DECLARATION_H

#include "base.h"

enum declaration_discard { DECLARATION_DISCARD_NONE, DECLARATION_DISCARD_ONCE, DECLARATION_DISCARD_PAGES,
                           DECLARATION_DISCARD_BOTH };

struct declaration {
    const char *path;  /* canonical and absolute */
    uint64_t size;     /* bytes, header page included: what re-creates a lost file */
    int priority;      /* 0 to 32767, or -1: the kernel chooses */
    const char *label; /* or NULL */
    enum declaration_discard discard;
};

/* The option of swapon(8) and fstab(5); "" for none. */
static inline const char *declaration_discard_option(enum declaration_discard discard)
{
    static const char *const options[] = {
        [DECLARATION_DISCARD_NONE] = "",
        [DECLARATION_DISCARD_ONCE] = "discard=once",
        [DECLARATION_DISCARD_PAGES] = "discard=pages",
        [DECLARATION_DISCARD_BOTH] = "discard",
    };

    return options[discard];
}

/* Which file or device a declaration is looked up for: by identity where it exists, by path and tags otherwise. */
struct declaration_target {
    const char *path;  /* canonical and absolute */
    bool exists;
    dev_t dev;
    ino_t ino;
    const char *uuid;  /* lower case, or NULL if unknown */
    const char *label; /* or NULL */
};

#endif
