/* SPDX-License-Identifier: MIT */
#include "guard_command.h"

#include "abi.h"
#include "bounded.h"
#include "child.h"
#include "cmd.h"
#include "deed_child.h"
#include "deed_tool.h"
#include "gpu.h"
#include "meminfo.h"
#include "message.h"
#include "monotonic.h"
#include "oomadj.h"

#include <sys/syscall.h>
#include <sys/wait.h>

enum { END_MS = 10000, BLIND_MS = 100, ASK_MS = 5000, LINE = 256, ANSWER = 8192, WORDS = 8 };

/* ---- how much there is */

static void format_amount(char line[static LINE], const char *what, const char *when, uint64_t used,
                          uint64_t total)
{
    const double gib = 1 << 30;

    snprintf(line, LINE, "[%s] %s: %.2f GiB / %.2f GiB (%.1f%%)", what, when, (double)used / gib,
             (double)total / gib, total ? 100 * (double)used / (double)total : 0);
}

struct gpu_question {
    const struct root *root;
    const char *when;
};

/* In a child: a driver may hang, and what it takes along is not for who guards. */
static void write_gpus(void *arg, int out)
{
    const struct gpu_question *q = arg;
    _cleanup_(gpu_clear) struct gpus gpus = GPUS_INIT;
    uint64_t used, total;
    char name[32], line[LINE];

    if (q->root->live)
        deed_child_reset_rank((struct deed_child_rank){OOMADJ_USUAL, 0});
    if (gpu_list(q->root, q->root->live ? GPU_NVML : NULL, &gpus, NULL) < 0)
        return;
    for (size_t i = 0; i < gpus.n; i++) {
        snprintf(name, sizeof(name), gpus.n > 1 ? "GPU %zu" : "GPU", i);
        if (gpu_memory(&gpus, i, &used, &total) < 0)
            continue;
        format_amount(line, name, q->when, used, total);
        dprintf(out, "%s\n", line);
    }
}

/* Until its end, or so long. */
static void read_answer(const struct bounded *b, char text[static ANSWER])
{
    struct pollfd in = {.fd = b->fd, .events = POLLIN};
    uint64_t now = monotonic_ms(), until = now + ASK_MS;
    size_t n = 0;
    ssize_t got = 1;

    for (; got > 0 && n < ANSWER - 1 && now < until; now = monotonic_ms()) {
        got = poll(&in, 1, (int)(until - now)) == 1 ? read(b->fd, text + n, ANSWER - 1 - n) : 0;
        n += got > 0 ? (size_t)got : 0;
    }
    text[n] = '\0';
}

static void tell_gpus(const struct root *root, const char *when)
{
    struct gpu_question q = {root, when};
    char text[ANSWER], *line, *rest = text;
    struct bounded b;

    if (bounded_start(&b, write_gpus, &q, NULL) < 0)
        return;
    read_answer(&b, text);
    bounded_bury(&b, NULL);
    while ((line = strsep(&rest, "\n")) && rest)
        message_say(NULL, MESSAGE_INFO, "", line);
}

static void tell_memory(const struct root *root, const char *when)
{
    struct meminfo m;
    char line[LINE];

    if (meminfo_read(root, &m, NULL) == 0) {
        format_amount(line, "Memory", when, m.total - m.available, m.total);
        message_say(NULL, MESSAGE_INFO, "", line);
    }
    tell_gpus(root, when);
}

/* ---- other programs */

static size_t add_option(const char **words, size_t n, const char *option, const char *value)
{
    if (!value)
        return n;
    words[n] = option;
    words[n + 1] = value;
    return n + 2;
}

/* ---- is there enough swap */

struct question {
    const char *path, *workload;
    const struct root *root;
};

static int become_recommend(const void *arg)
{
    const struct question *q = arg;
    const char *words[WORDS] = {q->path, "recommend"};
    size_t n = 2;

    n = add_option(words, n, "--workload", q->workload);
    add_option(words, n, "--root", q->root->live ? NULL : q->root->path);
    return deed_child_exec(words);
}

/* What stands behind "NAME: " on a line of its own. */
static bool find_line(const char *text, const char *name, char out[static 32])
{
    for (const char *p = text; p; p = strchr(p, '\n')) {
        const char *value;

        p += *p == '\n';
        value = str_after(p, name);
        if (value && snprintf(out, 32, "%.*s", (int)strcspn(value, "\n"), value) < 32)
            return true;
    }
    return false;
}

static void warn_of_swap(const char *answer)
{
    char wanted[32], active[32], line[LINE];

    if (!find_line(answer, "recommended: ", wanted) || !find_line(answer, "active: ", active))
        return;
    if (streq(active, "0B"))
        snprintf(line, sizeof(line),
                 "no swap is active, and %s are recommended; run \"swapctl ensure /swapfile --size "
                 "%s\"",
                 wanted, wanted);
    else
        snprintf(line, sizeof(line),
                 "the active swap (%s) is less than recommended (%s); \"swapctl resize\" makes an "
                 "area longer",
                 active, wanted);
    message_say("memwatch", MESSAGE_WARNING, "warning: ", line);
}

/* swapctl knows the rules. Where it is not, nobody can say. */
static void check_swap(const struct root *root, const struct guard_command_want *want)
{
    _cleanup_(free_ptr) char *answer = malloc(DEED_CHILD_OUTPUT + 1);
    struct deed_child child = DEED_CHILD_INIT;
    char path[PATH_MAX];
    const struct question q = {path, want->workload, root};

    if (!answer || deed_tool_find("swapctl", path, NULL) < 0 ||
        deed_child_start(&child, become_recommend, &q, want->rank, answer, ASK_MS, NULL) < 0)
        return;
    deed_child_wait(&child);
    if (!child.signal && WIFEXITED(child.status) && WEXITSTATUS(child.status) == CMD_NO)
        warn_of_swap(answer);
}

/* ---- the command */

/* The words that are run; caller frees. */
static const char **make_words(const struct guard_command_want *want, const char *cgctl)
{
    size_t n = 0, m = 0;
    const char **words;

    while (want->words[m])
        m++;
    words = calloc(m + WORDS + 1, sizeof(*words));
    if (words && cgctl) {
        words[n++] = cgctl;
        words[n++] = "run";
        n = add_option(words, n, "--memory-max", want->memory_max);
        n = add_option(words, n, "--swap-max", want->swap_max);
        words[n++] = "--";
    }
    if (words)
        memcpy(words + n, want->words, m * sizeof(*words));
    return words;
}

/* A signal that comes before the command is there must not end in a handler of ours. */
static void forget_handlers(void)
{
    struct sigaction now;

    for (int number = 1; number < NSIG; number++)
        if (sigaction(number, NULL, &now) == 0 && now.sa_handler != SIG_IGN &&
            now.sa_handler != SIG_DFL)
            signal(number, SIG_DFL);
}

static _Noreturn void child(const struct guard_command_want *want, const char *const *words)
{
    cmd_signals_restore();
    forget_handlers();
    cmd_signals_inherit();
    if (want->mask)
        sigprocmask(SIG_SETMASK, want->mask, NULL);
    deed_child_reset_rank(want->rank);
    /* execvp(3) takes the words of others as its own and does not write to them */
    execvp(words[0], (char *const *)(uintptr_t)words);
    child_fail("memwatch", words[0], -errno,
               errno == ENOENT ? DEED_CHILD_NOT_FOUND : DEED_CHILD_CANNOT_RUN);
}

int guard_command_start(struct guard_command *c, const struct root *root,
                        const struct guard_command_want *want, struct err *e)
{
    bool grouped = want->memory_max || want->swap_max;
    _cleanup_(free_ptr) const char **words = NULL;
    char cgctl[PATH_MAX];
    int r = grouped ? deed_tool_find("cgctl", cgctl, e) : 0;
    pid_t pid;

    if (r < 0)
        return r;
    words = make_words(want, grouped ? cgctl : NULL);
    if (!words)
        return err_oom(e);
    check_swap(root, want);
    tell_memory(root, "Before");
    pid = fork();
    if (pid < 0)
        return err_sys(e, -errno, "cannot start a process");
    if (pid == 0)
        child(want, words);
    *c = (struct guard_command){.root = root,
                                .pid = pid,
                                .fd = (int)syscall(ABI_SYS_PIDFD_OPEN, pid, 0),
                                .grouped = grouped,
                                .kill_at = UINT64_MAX};
    return 0;
}

size_t guard_command_poll(const struct guard_command *c, struct pollfd *fd, uint64_t *until)
{
    *until = UINT64_MAX;
    if (c->pid == 0)
        return 0;
    *until = c->fd < 0 ? monotonic_ms() + BLIND_MS : c->kill_at;
    *fd = (struct pollfd){.fd = c->fd, .events = POLLIN};
    return c->fd >= 0;
}

bool guard_command_continue(struct guard_command *c, uint64_t now)
{
    int how;

    if (c->pid == 0)
        return true;
    if (waitpid(c->pid, &how, WNOHANG) != c->pid) {
        if (now >= c->kill_at) {
            c->kill_at = UINT64_MAX;
            guard_command_signal(c, SIGKILL);
        }
        return false;
    }
    c->pid = 0;
    close_fd(&c->fd);
    c->status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
    tell_memory(c->root, "After");
    return true;
}

void guard_command_signal(const struct guard_command *c, int number)
{
    if (c->pid > 0)
        kill(c->pid, number);
}

void guard_command_end(struct guard_command *c, uint64_t now)
{
    guard_command_signal(c, SIGTERM);
    if (!c->grouped)
        c->kill_at = now + END_MS;
}
