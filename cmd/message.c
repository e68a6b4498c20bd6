/* SPDX-License-Identifier: MIT */
#include "message.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "progress.h"

#define NO_MEMORY "out of memory"

/* @text without what could steer a terminal; caller frees; NULL without memory. */
static char *clean(const char *text)
{
    char *all = malloc(4 * strlen(text) + 1), *to = all;

    if (!all)
        return NULL;
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            to += sprintf(to, "\\x%02x", *text);
        else
            *to++ = *text;
    }
    *to = '\0';
    return all;
}

static bool goes_to_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long dev, ino;
    struct stat st;

    return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
           fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

void message_say(const char *tool, enum message_level level, const char *prefix, const char *text)
{
    _cleanup_(free_ptr) char *line = clean(text);
    char priority[8] = "";

    progress_end();
    if (goes_to_journal())
        snprintf(priority, sizeof(priority), "<%d>", level);
    /* stderr has no buffer: one call is one write(2) */
    fprintf(stderr, "%s%s%s%s%s\n", priority, tool ? tool : "", tool ? ": " : "", prefix,
            line ? line : NO_MEMORY);
}

bool message_offer(const char *tool, enum message_level level, const char *text)
{
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};

    if (poll(&out, 1, 0) != 1 || !(out.revents & POLLOUT))
        return false;
    message_say(tool, level, "", text);
    return true;
}

void message_say_va(const char *tool, enum message_level level, const char *prefix, const char *fmt,
                    va_list ap)
{
    _cleanup_(free_ptr) char *text = NULL;

    if (vasprintf(&text, fmt, ap) < 0)
        text = NULL;
    message_say(tool, level, prefix, text ? text : NO_MEMORY);
}

int message_log_open(const char *path, int *fd, struct err *e)
{
    int r = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_CLOEXEC, 0640);

    if (r < 0)
        return err_sys(e, -errno, "%s: cannot open the log", path);
    *fd = r;
    return 0;
}

static int write_whole(int fd, const char *line, size_t n)
{
    ssize_t written = write(fd, line, n);

    if (written < 0)
        return -errno;
    return (size_t)written == n ? 0 : -ENOSPC;
}

int message_log_try(int fd, const char *tool, const char *what, const char *text)
{
    _cleanup_(free_ptr) char *line = NULL, *cleaned = clean(text);
    const time_t now = time(NULL);
    char date[32], zone[8];
    struct tm tm;
    int n;

    localtime_r(&now, &tm);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
    strftime(zone, sizeof(zone), "%z", &tm);
    n = asprintf(&line, "%s%.3s:%s %s[%d]: %s%s\n", date, zone, zone + 3, tool, (int)getpid(), what,
                 cleaned ? cleaned : NO_MEMORY);
    return n > 0 ? write_whole(fd, line, (size_t)n) : -ENOMEM;
}

int message_log_line(int fd, const char *line)
{
    _cleanup_(free_ptr) char *whole = NULL;
    int n = asprintf(&whole, "%s\n", line);

    return n > 0 ? write_whole(fd, whole, (size_t)n) : -ENOMEM;
}

void message_log(int fd, const char *tool, const char *what, const char *text)
{
    if (fd >= 0 && message_log_try(fd, tool, what, text) < 0)
        message_say(tool, MESSAGE_WARNING, "warning: ", "the log cannot be written");
}
