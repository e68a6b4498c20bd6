/* SPDX-License-Identifier: MIT */
/* declaration - what the next boot should know about a swap area; shared by fstab and swapunit */
#ifndef HEADROOM_DECLARATION_H
#define HEADROOM_DECLARATION_H

#include "err.h"
#include <sys/stat.h>

enum declaration_discard {
    DECLARATION_DISCARD_UNSET = -1, /* nobody said: none, or what is declared already */
    DECLARATION_DISCARD_NONE,
    DECLARATION_DISCARD_ONCE,
    DECLARATION_DISCARD_PAGES,
    DECLARATION_DISCARD_BOTH,
};

/* What the kernel swaps to. */
enum declaration_backing {
    DECLARATION_BACKING_AUTO, /* nobody said: what is declared already, else what works there */
    DECLARATION_BACKING_FILE,
    DECLARATION_BACKING_LOOP, /* a loop device over the file */
};

struct declaration {
    const char *path; /* canonical and absolute */
    uint64_t size;    /* bytes, header page included: what re-creates a lost file */
    int priority; /* 0 to 32767, or -1: nobody said; the kernel chooses, or what is declared already
                   */
    const char *label; /* or NULL */
    enum declaration_discard discard;
    enum declaration_backing backing;
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

    return discard < 0 ? "" : options[discard];
}

/* The other way round, from the text behind "discard="; NULL: the bare option. Unknown text is
 * UNSET. */
static inline enum declaration_discard declaration_discard_value(const char *value, size_t n)
{
    if (!value)
        return DECLARATION_DISCARD_BOTH;
    if (n == strlen("once") && strncmp(value, "once", n) == 0)
        return DECLARATION_DISCARD_ONCE;
    if (n == strlen("pages") && strncmp(value, "pages", n) == 0)
        return DECLARATION_DISCARD_PAGES;
    return DECLARATION_DISCARD_UNSET;
}

/* The value of "x-headroom.label=" is the label with all but letters, digits, ".", "_" and "-" as
 * %XX (upper case), so that no reader of fstab, of any age, finds a blank, a comma or a quote in
 * it. */
enum { DECLARATION_LABEL_TEXT = 3 * 15 + 1 };

/* Return: @text. Of a label that is too long for a swap header only the beginning is taken. */
const char *declaration_label_text(const char *label, char text[static DECLARATION_LABEL_TEXT]);

/* The other way round. Return: allocated, or NULL: out of memory (ENOMEM), or it is no such text
 * (EINVAL). */
char *declaration_label_of(const char *text, size_t n);

/**
 * declaration_check() - could a swap file be as declared?
 * @where: begins the message: "/etc/fstab:5"
 *
 * Return: 0, or -EINVAL for a path that is not absolute, a size that the format cannot hold, or a
 * label that is too long or has control characters.
 */
int declaration_check(const struct declaration *d, const char *where, struct err *e);

/* "loop", "file", "auto": as --backing and declarations spell it. */
static inline const char *declaration_backing_word(enum declaration_backing backing)
{
    static const char *const words[] = {
        [DECLARATION_BACKING_AUTO] = "auto",
        [DECLARATION_BACKING_FILE] = "file",
        [DECLARATION_BACKING_LOOP] = "loop",
    };

    return words[backing];
}

/* Which file or device a declaration is looked up for: by identity where it exists, by path and
 * tags otherwise. */
struct declaration_target {
    const char *path; /* canonical and absolute */
    bool exists;
    dev_t dev;
    ino_t ino;
    dev_t rdev;        /* of a block device, which may have several nodes; 0: it is a file */
    const char *uuid;  /* lower case, or NULL if unknown */
    const char *label; /* or NULL */
};

/* Set what is known of an existing file or device by its stat(2). */
static inline void declaration_target_exists(struct declaration_target *t, const struct stat *st)
{
    t->exists = true;
    t->dev = st->st_dev;
    t->ino = st->st_ino;
    t->rdev = S_ISBLK(st->st_mode) ? st->st_rdev : 0;
}

/* Is it this file or device? */
static inline bool declaration_target_is(const struct declaration_target *t, const struct stat *st)
{
    if (S_ISBLK(st->st_mode) || t->rdev)
        return t->exists && S_ISBLK(st->st_mode) && st->st_rdev == t->rdev;
    return t->exists && st->st_dev == t->dev && st->st_ino == t->ino;
}

#endif
