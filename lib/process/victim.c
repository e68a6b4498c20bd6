/* SPDX-License-Identifier: MIT */
#include "victim.h"

#include "abi.h"

/* ---- what is known of one */

/* A number that a file of the process holds, "-1000\n". */
static int read_number(struct process *p, const char *name, int64_t *out)
{
    char path[64], text[32];
    _cleanup_(close_fd) int fd = -1;
    char *end;
    ssize_t n;

    snprintf(path, sizeof(path), "%d/%s", (int)p->pid, name);
    fd = openat(p->proc, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    n = read(fd, text, sizeof(text) - 1);
    if (n < 0)
        return -errno;
    text[n] = '\0';
    *out = strtoll(text, &end, 10);
    return end == text || (*end != '\n' && *end != '\0') ? -EBADMSG : 0;
}

static void copy_name(const char *name, char out[static PROC_NAME_MAX])
{
    size_t i;

    for (i = 0; name[i] && i < PROC_NAME_MAX - 1; i++) {
        unsigned char c = (unsigned char)name[i];

        out[i] = c < 0x20 || c == 0x7f ? '?' : name[i];
    }
    out[i] = '\0';
}

int victim_look(struct process *p, bool score, struct victim_facts *out)
{
    const struct proc_status *status;
    const struct proc_stat *stat;
    int64_t number = 0;
    int r = process_stat(p, &stat);

    if (r == 0)
        r = process_status(p, &status);
    if (r == 0 && !status->has_rss)
        r = -ENODATA;
    if (r == 0 && score)
        r = read_number(p, "oom_score", &number);
    if (r < 0)
        return r;
    *out = (struct victim_facts){
        .pid = p->pid,
        .start = stat->start,
        .resident = status->has_parts ? status->rss_anon + status->rss_shmem : status->rss,
        .swapped = status->has_swap ? status->swap : 0,
        .score = number > 0 ? (uint64_t)number : 0,
    };
    copy_name(stat->name, out->name);
    return 0;
}

/* ---- who is left alone */

bool victim_is_essential(struct kv_span exe)
{
    static const char *const names[] = {
        "init",      "systemd",     "sshd",        "sshd-session",
        "sshd-auth", "dbus-daemon", "dbus-broker", "dbus-broker-launch",
        "login",     "agetty",      "runit",       "openrc-init",
        "s6-svscan", "elogind",
    };
    struct kv_span name = proc_exe_deleted(exe);

    name = proc_basename(name.n > 0 ? name : exe);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (kv_span_eq(name, names[i]))
            return true;
    return name.n > 8 && memcmp(name.p, "systemd-", 8) == 0;
}

static bool is_essential(struct process *p, const struct proc_stat *stat)
{
    struct kv_span exe;
    struct stat st;
    int r = process_exe(p, &exe);

    /* without the right to see it, which ends no process of others, its name has to do */
    if (r == -EACCES || r == -EPERM)
        return victim_is_essential((struct kv_span){stat->name, strlen(stat->name)});
    if (r < 0 || !victim_is_essential(exe))
        return false;
    if (!p->live)
        return true;
    return process_exe_stat(p, &st) < 0 || (st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH)));
}

/* Everything of it is on its way out, its memory as well. */
static bool is_exiting(const struct proc_stat *stat)
{
    return stat->flags & ABI_PF_EXITING && stat->threads <= 1;
}

static bool is_ending(struct process *p, const struct proc_stat *stat)
{
    const struct proc_status *status;

    return proc_stat_is_zombie(stat) || is_exiting(stat) ||
           (process_status(p, &status) == 0 && status->killed);
}

enum victim_bar victim_barred(struct process *p)
{
    const struct proc_stat *stat;
    int64_t adj;

    if (p->pid == 1)
        return VICTIM_FIRST;
    if (process_stat(p, &stat) < 0)
        return VICTIM_ENDING;
    if (proc_stat_is_kthread(stat))
        return VICTIM_KERNEL;
    if (is_ending(p, stat))
        return VICTIM_ENDING;
    if (read_number(p, "oom_score_adj", &adj) == 0 && adj <= VICTIM_ADJ_SPARED)
        return VICTIM_ADJUSTED;
    return is_essential(p, stat) ? VICTIM_ESSENTIAL : VICTIM_FREE;
}

const char *victim_bar_text(enum victim_bar bar)
{
    static const char *const texts[] = {
        [VICTIM_FREE] = "may be ended",
        [VICTIM_KERNEL] = "is a kernel thread",
        [VICTIM_FIRST] = "is process 1",
        [VICTIM_ENDING] = "is ending",
        [VICTIM_ADJUSTED] = "is kept by its oom_score_adj",
        [VICTIM_ESSENTIAL] = "is what the machine is run with",
        [VICTIM_OTHER] = "is protected",
        [VICTIM_UNMEANT] = "is not meant",
    };

    return texts[bar];
}

/* ---- the choice */

bool victim_before(const struct victim_facts *a, const struct victim_facts *b, bool by_score)
{
    uint64_t x = a->resident + a->swapped, y = b->resident + b->swapped;

    if (by_score && a->score != b->score)
        return a->score > b->score;
    return x != y ? x > y : a->start > b->start;
}

/* Where memory is over each file that is read takes its time, and few processes have any chance:
 * how much one can have at most stands in the first file. */
static bool is_hopeless(const struct victim_choice *c, const struct proc_stat *stat)
{
    return proc_stat_is_kthread(stat) || (!c->by_score && c->best.pid && stat->mapped > 0 &&
                                          stat->mapped < c->best.resident + c->best.swapped);
}

/* As much as it can have had, but for huge pages; see the header. */
static void note_ending(struct victim_choice *c, const struct proc_stat *stat,
                        struct victim_facts facts)
{
    uint64_t had = stat->faults * (uint64_t)sysconf(_SC_PAGESIZE);

    if (had > facts.resident + facts.swapped)
        facts.resident = had - facts.swapped;
    if (!c->ending.pid || victim_before(&facts, &c->ending, false))
        c->ending = facts;
}

static void note_spared(struct victim_choice *c, const struct victim_facts *facts,
                        enum victim_bar why)
{
    if (why == VICTIM_UNMEANT || (c->spared.pid && !victim_before(facts, &c->spared, c->by_score)))
        return;
    c->spared = *facts;
    c->why = why;
}

/* What is left of it: at the very end nothing is to be seen. */
static void consider_ending(struct victim_choice *c, struct process *p,
                            const struct proc_stat *stat)
{
    struct victim_facts facts = {.pid = p->pid, .start = stat->start};

    copy_name(stat->name, facts.name);
    if (victim_look(p, c->by_score, &facts) == 0 || !proc_stat_is_zombie(stat))
        note_ending(c, stat, facts);
}

void victim_consider(struct victim_choice *c, struct process *p)
{
    const struct proc_stat *stat;
    struct victim_facts facts;
    enum victim_bar bar;

    if (process_stat(p, &stat) < 0 || is_hopeless(c, stat))
        return;
    if (is_ending(p, stat)) {
        consider_ending(c, p, stat);
        return;
    }
    if (victim_look(p, c->by_score, &facts) < 0 || facts.resident + facts.swapped == 0)
        return;
    if (c->best.pid && !victim_before(&facts, &c->best, c->by_score))
        return;
    bar = victim_barred(p);
    if (bar == VICTIM_FREE && c->barred)
        bar = c->barred(c->arg, p);
    if (bar == VICTIM_FREE)
        c->best = facts;
    else
        note_spared(c, &facts, bar);
}
