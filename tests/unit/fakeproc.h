/* SPDX-License-Identifier: MIT */
/* fakeproc - processes in a fake /proc */
#ifndef HEADROOM_TEST_FAKEPROC_H
#define HEADROOM_TEST_FAKEPROC_H

#include "fake.h"

struct fakeproc {
    int pid, ppid;
    const char *comm;
    char state;     /* 0: S */
    unsigned flags; /* ABI_PF_... */
    int threads;    /* 0: 1 */
    int pgroup, session, tty;
    unsigned long start;          /* ticks; 0: its number */
    unsigned long faults, mapped; /* pages that it asked for; bytes */
    const char *words;            /* "a|b": a bar stands for the NUL behind a word; NULL: none */
    const char *exe;
    unsigned uid, gid;
    int rss_kib, swap_kib; /* -1: none */
    const char *cgroup;
    const char *environ; /* as .words */
};

/* Write its comm, stat, status, cmdline, exe, cgroup and environ. */
void fakeproc_make(struct fake *f, struct fakeproc p);

/* A link below the fake root. */
void fakeproc_link(struct fake *f, const char *path, const char *to);

/* Words with a NUL behind each, of words with bars. @len: of all. Caller frees. */
char *fakeproc_words(const char *bars, size_t *len);

#endif
