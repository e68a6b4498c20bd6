/* SPDX-License-Identifier: MIT */
#include "signame.h"
#include "size.h"

#include <signal.h>

static const struct {
    const char *name;
    int number;
} names[] = {
    {"HUP", SIGHUP},       {"INT", SIGINT},     {"QUIT", SIGQUIT}, {"ILL", SIGILL},
    {"TRAP", SIGTRAP},     {"ABRT", SIGABRT},   {"IOT", SIGIOT},   {"BUS", SIGBUS},
    {"FPE", SIGFPE},       {"KILL", SIGKILL},   {"USR1", SIGUSR1}, {"SEGV", SIGSEGV},
    {"USR2", SIGUSR2},     {"PIPE", SIGPIPE},   {"ALRM", SIGALRM}, {"TERM", SIGTERM},
    {"STKFLT", SIGSTKFLT}, {"CHLD", SIGCHLD},   {"CLD", SIGCHLD},  {"CONT", SIGCONT},
    {"STOP", SIGSTOP},     {"TSTP", SIGTSTP},   {"TTIN", SIGTTIN}, {"TTOU", SIGTTOU},
    {"URG", SIGURG},       {"XCPU", SIGXCPU},   {"XFSZ", SIGXFSZ}, {"VTALRM", SIGVTALRM},
    {"PROF", SIGPROF},     {"WINCH", SIGWINCH}, {"IO", SIGIO},     {"POLL", SIGPOLL},
    {"PWR", SIGPWR},       {"SYS", SIGSYS},
};

/* "RTMIN", "RTMIN+3", "RTMAX-3" */
static bool parse_realtime(const char *name, int *out)
{
    bool up = strncasecmp(name, "RTMIN", 5) == 0;
    int64_t offset = 0;

    if (!up && strncasecmp(name, "RTMAX", 5) != 0)
        return false;
    name += 5;
    if (*name && (*name != (up ? '+' : '-') ||
                  size_parse_number(name + 1, 0, SIGRTMAX - SIGRTMIN, &offset, NULL) < 0))
        return false;
    *out = up ? SIGRTMIN + (int)offset : SIGRTMAX - (int)offset;
    return true;
}

int signame_parse(const char *text, int *out, struct err *e)
{
    const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
    int64_t number;

    if (size_parse_number(text, 0, SIGRTMAX, &number, NULL) == 0) {
        *out = (int)number;
        return 0;
    }
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (strcasecmp(names[i].name, name) == 0) {
            *out = names[i].number;
            return 0;
        }
    }
    if (parse_realtime(name, out))
        return 0;
    return err_usage(e, -EINVAL, "\"%s\": is no signal; wanted a name such as TERM, or a number",
                     text);
}

const char *signame_format(int number, char buf[static SIGNAME_MAX])
{
    snprintf(buf, SIGNAME_MAX, "%d", number);
    if (number >= SIGRTMIN && number <= SIGRTMAX)
        snprintf(buf, SIGNAME_MAX, "SIGRTMIN+%d", number - SIGRTMIN);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (names[i].number == number) {
            snprintf(buf, SIGNAME_MAX, "SIG%s", names[i].name);
            break;
        }
    }
    return buf;
}
