/* SPDX-License-Identifier: MIT */
/*
 * process - one process, whose files are read when somebody asks and then at most once
 *
 * The same struct serves for one process after the other, so that its room is allocated once. What
 * is asked for is borrowed until process_begin() or process_clear().
 *
 * The functions return 0 or a negated errno without a message: -ENOENT and -ESRCH: it is gone;
 * -EACCES and -EPERM: not to be seen; -ENODATA: it has no such thing (a kernel thread no
 * executable, a zombie no memory); -ENOMEM, -EFBIG.
 */
#ifndef HEADROOM_PROCESS_H
#define HEADROOM_PROCESS_H

#include "procscan.h"

enum process_file {
    PROCESS_COMM,
    PROCESS_STAT,
    PROCESS_STATUS,
    PROCESS_CMDLINE,
    PROCESS_EXE,
    PROCESS_CGROUP,
    PROCESS_ENVIRON,
    PROCESS_FILES,
};

struct process {
    int proc; /* descriptor of /proc, borrowed */
    bool live;
    pid_t pid;
    pid_t tid;     /* of the thread that is looked at; of a process its own number */
    char path[64]; /* "12/", and room for a name */
    size_t prefix;
    char other[32];   /* "12/task/13/": a thread that lives when the first one has ended */
    bool knows_other; /* it was looked for */
    bool joined;      /* the command line with blanks is made */
    unsigned known;   /* files whose result is known, a bit for each */
    int result[PROCESS_FILES];
    struct proc_stat stat;
    struct proc_status status;
    struct procscan_text text[PROCESS_FILES];
    struct procscan_text line; /* the command line with blanks */
};

#define PROCESS_INIT ((struct process){.proc = -1})

void process_clear(struct process *p);

/* Look at another process from here on, or at the same one anew. @proc: descriptor of /proc;
 * @live: it is that of the running system, so that its links lead to files. */
void process_begin(struct process *p, int proc, bool live, pid_t pid);

/* Look at one of its threads, by the folder that it has there; .pid stays that of the process. */
void process_begin_thread(struct process *p, int proc, bool live, pid_t pid, pid_t tid);

/* The name as the kernel keeps it, 15 bytes at most; NUL-terminated. */
int process_comm(struct process *p, struct kv_span *out);

/* The name uncut, see proc_full_name(); NUL-terminated. */
int process_name(struct process *p, struct kv_span *out);

/* What /proc/PID/stat says. */
int process_stat(struct process *p, const struct proc_stat **out);

/* What /proc/PID/status says, of a process whose first thread has ended too. */
int process_status(struct process *p, const struct proc_status **out);

/* The words, a NUL between them. Empty: a kernel thread or a zombie. */
int process_cmdline(struct process *p, struct kv_span *out);

/* The same with blanks in place of the NULs; NUL-terminated. */
int process_line(struct process *p, struct kv_span *out);

/* What the link to the executable says; NUL-terminated. */
int process_exe(struct process *p, struct kv_span *out);

/* The executable itself, also a deleted one, by quickstat_at(). -EOPNOTSUPP below a foreign root, whose links lead
 * nowhere. */
int process_exe_stat(struct process *p, struct stat *out);

/* Was the executable deleted (or replaced) since it was started? */
bool process_exe_is_deleted(struct process *p);

/* The script that it runs, see script_find(). */
int process_script(struct process *p, struct kv_span *out);

/* The file that a word of the command line means to the process, whatever its folder and root are.
 */
int process_file_stat(struct process *p, struct kv_span name, struct stat *out);

/* The same without waiting for a disk or a server: -EAGAIN if that had to be asked. */
int process_file_quickstat(struct process *p, struct kv_span name, struct stat *out);

/* The text of /proc/PID/cgroup. */
int process_cgroup(struct process *p, const char **out);

/* The variables, a NUL behind each. */
int process_environ(struct process *p, struct kv_span *out);

/* The text of smaps_rollup; until another file is asked for. Dear: the kernel walks through all its
 * memory. */
int process_rollup(struct process *p, const char **out);

/* Proportional set size in bytes, from there. */
int process_pss(struct process *p, uint64_t *out);

enum { PROCESS_NS_MAX = 64 };

/* Which namespace of this type ("net") it is in: "net:[4026531840]". */
int process_ns(struct process *p, const char *type, char out[static PROCESS_NS_MAX]);

/* Do comm and stat, where both were read, tell of one process? */
bool process_is_one(const struct process *p);

#endif
