/* SPDX-License-Identifier: MIT */
/*
 * proc - what the files of /proc/PID say, proc(5); all of it pure
 *
 * A process writes its own name, command line and environment: nothing here trusts them.
 */
#ifndef HEADROOM_PROC_H
#define HEADROOM_PROC_H

#include "kv.h"
#include <sys/types.h>

/* A kernel thread's name may be longer than the 15 bytes of a process. */
enum { PROC_NAME_MAX = 64, PROC_COMM_MAX = 15 };

/* What is asked of /proc/PID/stat. */
struct proc_stat {
    char name[PROC_NAME_MAX]; /* as it is; cut if longer */
    char state;               /* R S D T t Z X I */
    pid_t ppid;
    pid_t pgroup;
    pid_t session;
    uint32_t tty;   /* device number as makedev(3) makes them; 0: none */
    uint32_t flags; /* ABI_PF_... */
    uint32_t threads;
    uint64_t faults; /* times that a page of its memory had to be found for it */
    uint64_t cpu;    /* clock ticks that it has used, in the kernel and out of it */
    uint64_t start;  /* clock ticks since boot; with the number it is the identity of the process */
    uint64_t mapped; /* bytes: what of its memory is in RAM or swapped out is none beside it */
    int exit_code;   /* of a zombie, as waitpid(2) tells it; 0 also where it is not to be seen */
};

/**
 * proc_stat_parse() - read the text of /proc/PID/stat
 *
 * The name stands between the first "(" and the last ")", and may hold both.
 *
 * Return: 0; -EBADMSG if a field is missing or no number; -EOVERFLOW.
 */
int proc_stat_parse(const char *text, struct proc_stat *out);

/* The kernel's own. */
bool proc_stat_is_kthread(const struct proc_stat *s);

/* It was forked and has not called execve(2) since. */
bool proc_stat_is_fork(const struct proc_stat *s);

/* It has ended and waits for its parent. One whose first thread alone has ended still runs. */
bool proc_stat_is_zombie(const struct proc_stat *s);

/* Its first thread has ended and others run: what is known of its memory stands in task/TID. */
bool proc_stat_lost_leader(const struct proc_stat *s);

/* What is asked of /proc/PID/status. */
struct proc_status {
    char name[PROC_NAME_MAX]; /* the kernel's escapes undone; cut if longer */
    uid_t ruid, euid;
    gid_t rgid, egid;       /* -1, which no group is, without Gid */
    bool has_rss, has_swap; /* false: no memory of its own, a kernel thread or a zombie */
    uint64_t rss;           /* bytes of its memory that are in RAM (VmRSS) */
    bool has_parts;         /* of these, since Linux 4.5: */
    uint64_t rss_anon;      /* what no file stands behind */
    uint64_t rss_shmem;     /* of tmpfs, and shared memory */
    bool killed;            /* SIGKILL was sent, and it has memory yet */
    uint64_t swap;          /* bytes of anonymous memory that are swapped out (VmSwap) */
};

/**
 * proc_status_parse() - read the text of /proc/PID/status
 *
 * Return: 0; -ENODATA without Name or Uid; -EBADMSG or -EOVERFLOW if a value is not a number.
 */
int proc_status_parse(const char *text, struct proc_status *out);

/* The name in the text of /proc/PID/comm: without the newline that the kernel adds. */
struct kv_span proc_comm_parse(const char *text, size_t len);

/* Proportional set size of /proc/PID/smaps_rollup, in bytes. Return: 0, -ENODATA, -EBADMSG or
 * -EOVERFLOW. */
int proc_pss_parse(const char *text, uint64_t *out);

/* Unique set size of the same file: pages in RAM that nobody else has mapped. Return: the same. */
int proc_uss_parse(const char *text, uint64_t *out);

/* Memory in RAM in the text of /proc/PID/statm, which counts pages of @page bytes. Return: 0,
 * -EBADMSG or -EOVERFLOW. */
int proc_statm_parse(const char *text, uint64_t page, uint64_t *out);

/* ---- command lines: words with a NUL between them */

/**
 * proc_cmdline_length() - how much of the text of /proc/PID/cmdline is command line
 *
 * Without the NUL behind the last word. A title that the process wrote over its words
 * (setproctitle) has no NUL, or is padded with many: it is one word then.
 */
size_t proc_cmdline_length(const char *text, size_t len);

/* Walks over the words of a command line. */
struct proc_words {
    const char *p; /* NULL: no more */
    const char *end;
};
struct proc_words proc_words_of(const char *text, size_t len);

/* The next word; it may be empty. Return: false at the end. */
bool proc_words_next(struct proc_words *words, struct kv_span *word);

/* Are the last words of @text those of @tail, and are there others before them? */
bool proc_words_end_with(struct kv_span text, struct kv_span tail);

/* The part behind the last slash. */
struct kv_span proc_basename(struct kv_span path);

/**
 * proc_full_name() - the name of a process that comm has cut to 15 bytes
 * @comm:    of 15 bytes
 * @cmdline: its command line
 * @exe:     where its executable lies; empty if not known
 *
 * From the first words of the command line (a script's name stands behind that of its interpreter)
 * or from @exe, whichever begins with @comm; else @comm itself, because a process may call itself
 * anything.
 */
struct kv_span proc_full_name(struct kv_span comm, struct kv_span cmdline, struct kv_span exe);

/* ---- environment, cgroup, exe */

/* The value of a variable in the text of /proc/PID/environ. Return: false if it is not set. */
bool proc_environ_find(const char *text, size_t len, struct kv_span key, struct kv_span *value);

/* One line of /proc/PID/cgroup, cgroups(7). */
struct proc_cgroup {
    struct kv_span controllers; /* empty for version 2; "memory", "cpu,cpuacct", "name=systemd" */
    struct kv_span path;        /* without the " (deleted)" of a group that is gone */
};

/* Step through the lines; @cursor starts at the text. Lines that are none are skipped. Return:
 * false at the end. */
bool proc_cgroup_next(const char **cursor, struct proc_cgroup *out);

/* The group that counts its memory: of the memory controller, else of version 2; where there is
 * neither, the first. Return: an empty span if there is none. */
struct kv_span proc_cgroup_memory(const char *text);

/* What the link /proc/PID/exe says of a file that was deleted: the path without " (deleted)", else
 * an empty span. A live file may be called so too: only the file itself can tell. */
struct kv_span proc_exe_deleted(struct kv_span link);

/* The number that is the name of a folder in /proc, or 0: those of the kernel begin with no zero.
 */
pid_t proc_pid_parse(const char *name);

#endif
