/* SPDX-License-Identifier: MIT */
/*
 * match - criteria that a process meets or not, prepared once and then asked of many
 *
 * All criteria that were added must hold; what one of them lists are alternatives. Everything that
 * can be wrong with what a user wrote is found while it is added, as ERR_USAGE: an empty list, an
 * unknown user, a bad number. Nothing wrong ever comes to mean "every process".
 */
#ifndef HEADROOM_MATCH_H
#define HEADROOM_MATCH_H

#include "container_names.h"
#include "pattern.h"
#include "process.h"
#include "proctree.h"

enum match_ids { MATCH_EUID, MATCH_RUID, MATCH_EGID, MATCH_RGID, MATCH_IDS };
enum match_numbers { MATCH_PID, MATCH_PARENT, MATCH_SESSION, MATCH_PGROUP, MATCH_NUMBERS };
enum match_sizes { MATCH_RSS, MATCH_SWAP, MATCH_PSS, MATCH_SIZES };

/* What patterns are compared with. */
enum match_subject {
    MATCH_NAME, /* the name, uncut */
    MATCH_COMM, /* the name as the kernel cuts it */
    MATCH_LINE, /* the whole command line */
};

struct match_list {
    bool used;
    uint32_t *v; /* owned */
    size_t n;
};

/* A list of texts. */
struct match_texts {
    char **v; /* owned, each of them too */
    size_t n;
};

/* A file that somebody named. */
struct match_file {
    bool used, exists;
    bool unseen; /* to see whether it exists somebody had to be waited for */
    char *path;  /* owned, absolute; where links lead */
    char *named; /* owned, absolute; as it was given */
    dev_t dev;
    ino_t ino;
};

enum match_sign { MATCH_MORE, MATCH_AT_LEAST, MATCH_LESS, MATCH_AT_MOST };

struct match {
    bool any; /* something was asked for */
    /* Set before criteria are added, by who looks again and again for weeks: no disk and no server
     * is waited for when a file is looked at, and a pidfile's number means nobody who started after
     * that was written. What cannot be seen at once is told by its path alone. */
    bool wary;
    /* Borrowed, and set as early; of pidfiles. NULL: those are waited for all the same. */
    struct askers *askers;
    /* The same for users and groups: their names are looked up there. NULL: each anew. */
    struct users *users;
    /* The same for containers, of who looks again and again: they are what their names mean while
     * processes are asked. NULL: what they mean when they are added. */
    struct container_names *names;
    bool from_file; /* the number */
    bool later;     /* it is of one who started later */
    bool invert;
    bool zombies; /* they count */
    bool kthreads;
    enum match_subject subject;
    struct pattern *patterns; /* owned */
    size_t n_patterns;
    struct match_list numbers[MATCH_NUMBERS], ids[MATCH_IDS], terminals;
    char states[16]; /* "RS"; empty: any */
    uint64_t older_ms, newer_ms;
    bool has_older, has_newer;
    struct match_texts args, cgroups, containers, variables;
    struct match_list named; /* more containers: numbers of .names */
    const struct root *root; /* borrowed; of .named */
    bool has_words;
    char *words; /* owned: of the whole command line */
    size_t words_len;
    struct match_file exe, script;
    struct match_namespace {
        const char *type;
        char id[PROCESS_NS_MAX];
        pid_t pid; /* whose it is */
    } namespaces[8];
    size_t n_namespaces;
    struct match_size {
        enum match_sizes what;
        enum match_sign sign;
        uint64_t bytes;
    } sizes[8];
    size_t n_sizes;
    pid_t subtree; /* 0: none */
    struct proctree tree;
    uint64_t now_ms; /* since boot */
    /* A criterion of the caller's own, asked last; answers as match_test(). NULL: none. */
    int (*own)(const void *arg, struct process *p);
    const void *own_arg;
};

#define MATCH_INIT ((struct match){.any = false})

void match_clear(struct match *m);

/* Name or command line: the next pattern, an alternative to those before. @flags: of pattern.h. */
int match_pattern(struct match *m, const char *text, unsigned flags, struct err *e);

/* One of these numbers, "12,13". 0 means the caller's own, for sessions and process groups. */
int match_numbers(struct match *m, enum match_numbers what, const char *list, struct err *e);

/* One more of these numbers, as it is: 0 is the parent of process 1, and of what came from outside
 * the namespace. */
int match_number(struct match *m, enum match_numbers what, uint32_t number, struct err *e);

/* One of these users or groups, "root,33". */
int match_users(struct match *m, const struct root *root, enum match_ids what, const char *list,
                struct err *e);

/* One of these terminals, "pts/0,tty1"; "-" is none. */
int match_terminals(struct match *m, const struct root *root, const char *list, struct err *e);

/* One of these states, "R,D". With Z zombies count, which do not otherwise. */
int match_states(struct match *m, const char *list, struct err *e);

/* A word of the command line behind the first is this. */
int match_argument(struct match *m, const char *word, struct err *e);

/* The command line is these words, see words_split(). */
int match_words(struct match *m, const char *line, struct err *e);

/* It runs this executable: the same file, or one that lay there and was deleted. */
int match_exe(struct match *m, const struct root *root, const char *path, struct err *e);

/* It is an interpreter that runs this script. */
int match_script(struct match *m, const struct root *root, const char *path, struct err *e);

/* It is in this control group, or in one below it, of any hierarchy; "/a/b", or a pattern as of
 * glob(7), in which a * matches slashes too. */
int match_cgroup(struct match *m, const struct root *root, const char *path, struct err *e);

/* It is in this container: see container_is_id(), container_find(), and .names. Where nobody
 * knows whether it is the one of that name, that is not to be seen. */
int match_container(struct match *m, const struct root *root, const char *name, struct err *e);

/* It is in the same namespaces as another process: "net,pid:1". */
int match_namespaces(struct match *m, const struct root *root, const char *text, struct err *e);

/* It has this variable, "K", or this one with that value, "K=V". */
int match_variable(struct match *m, const char *text, struct err *e);

/* Its memory is ">1G", ">=", "<" or "<="; up to eight such comparisons, which all must hold. */
int match_size(struct match *m, enum match_sizes what, const char *text, struct err *e);

/* It runs for at least, or for less than, so long. */
void match_older(struct match *m, uint64_t ms);
void match_newer(struct match *m, uint64_t ms);

/* It is this process, or descends from it. */
void match_subtree(struct match *m, pid_t pid);

/* It is a kernel thread. */
void match_kthreads(struct match *m);

/**
 * match_pidfile() - it is the process whose number stands in the file
 * @locked: and that file is locked, flock(2) or fcntl(2), as daemons do while they run
 *
 * Return: 0; 1: there is no such file, or it is not locked, or .later, and so no process matches;
 * -EINVAL as ERR_USAGE if it holds no number; or another negated errno.
 */
int match_pidfile(struct match *m, const struct root *root, const char *path, bool locked,
                  struct err *e);

/* May the answer change while the process does nothing that the kernel tells of? Its age, state,
 * memory, place. */
bool match_is_volatile(const struct match *m);

/* Before processes are asked: the time, and the tree. The walk begins anew. Return: 0, or a negated
 * errno with a message. */
int match_begin(struct match *m, const struct root *root, struct procscan *s, struct err *e);

/**
 * match_test() - does the process meet all criteria?
 *
 * Reads only what they need, the cheapest first. Zombies match only when asked for.
 *
 * Return: 1, 0, or a negated errno without a message: -ENOENT and -ESRCH: it is gone; -EACCES and
 * -EPERM: what could be seen fits, and the rest is not to be seen; others: a failure.
 */
int match_test(const struct match *m, struct process *p);

#endif
