/* SPDX-License-Identifier: MIT */
/*
 * victim - which process is to be ended so that the others can go on?
 *
 * The one whose end gives back most: its memory that no file stands behind (RssAnon), shared memory
 * and files of tmpfs that it has mapped (RssShmem), and what of it is swapped out (VmSwap), all of
 * /proc/PID/status. What it has mapped of files (RssFile) the kernel can drop without anybody's
 * end. Before Linux 4.5, which does not tell these apart, all that is in RAM counts. Or the one
 * that the kernel itself would take, by /proc/PID/oom_score.
 *
 * One that is ending counts with all the pages that it ever asked for, in pages of the least size,
 * because what it has is partly gone already: at the very end it has no memory to be seen, and the
 * kernel is still busy with giving it back.
 *
 * Nothing here allocates but for the room of struct process, and nothing signals.
 */
#ifndef HEADROOM_VICTIM_H
#define HEADROOM_VICTIM_H

#include "process.h"

/* Why a process is left alone. */
enum victim_bar {
    VICTIM_FREE,      /* nothing speaks against it */
    VICTIM_KERNEL,    /* a kernel thread */
    VICTIM_FIRST,     /* process 1 */
    VICTIM_ENDING,    /* it has ended, or was killed by somebody: its memory comes back anyway */
    VICTIM_ADJUSTED,  /* its oom_score_adj is VICTIM_ADJ_SPARED or less */
    VICTIM_ESSENTIAL, /* without it nobody could log in, or services were no longer looked after */
    VICTIM_OTHER,     /* the caller says so */
    VICTIM_UNMEANT,   /* so too: nobody could have meant it, and nobody is told */
};

/* -1000 keeps the kernel's own killer away. What only wants to be the last to go has set a little
 * more: the message bus (-900), what runs containers and their pods (-999 to -997). */
enum { VICTIM_ADJ_SPARED = -900 };

struct victim_facts {
    pid_t pid;
    uint64_t start;             /* clock ticks since boot */
    char name[PROC_NAME_MAX];   /* as it calls itself; control characters are "?" */
    uint64_t resident, swapped; /* bytes */
    uint64_t score;             /* oom_score; 0 unless it was asked for */
};

#define VICTIM_NONE ((struct victim_facts){.pid = 0})

/* What is known of a process. @score: read oom_score. Return: 0, or as the functions of process.h;
 * -ENODATA if it has no memory of its own. */
int victim_look(struct process *p, bool score, struct victim_facts *out);

/* Is this the name of a program that a machine cannot be run without? Of init, of systemd's own, of
 * the message bus, of sshd (its listener and its sessions), and of logins at the console; pure. */
bool victim_is_essential(struct kv_span exe);

/**
 * victim_barred() - does anything speak against ending the process?
 *
 * A name alone makes nothing essential, because everybody may choose one: on the running system the
 * executable has to be root's too, and written by nobody else.
 *
 * Return: as far as it could be seen.
 */
enum victim_bar victim_barred(struct process *p);

/* "is a kernel thread"; to follow the name in a message. */
const char *victim_bar_text(enum victim_bar bar);

/* The best one so far. */
struct victim_choice {
    bool by_score;
    enum victim_bar (*barred)(void *arg, struct process *p); /* asked as well; NULL: nobody */
    void *arg;
    struct victim_facts best, spared; /* .pid 0: none; .spared: the best one of those left alone */
    enum victim_bar why;              /* .spared was */
    struct victim_facts ending;       /* one that would be taken before .best, and is ending */
};

/* Is @a to be taken rather than @b? Of equals the one that started later, which has less to lose;
 * pure. */
bool victim_before(const struct victim_facts *a, const struct victim_facts *b, bool by_score);

/* One more that might be the one: .ending is good only after the last of them. Nothing more is read
 * of it than is needed to tell. */
void victim_consider(struct victim_choice *c, struct process *p);

#endif
