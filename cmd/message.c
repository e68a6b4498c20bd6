/* SPDX-License-Identifier: MIT */
#include "message.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "progress.h"
#include "utf8.h"

#define NO_MEMORY "out of memory"

enum { PRIORITY = 8 };

/* How many bytes at @s may be printed as they are: those of one character that is no control
 * character, neither of ASCII nor of the 32 behind it; 0: none. */
static size_t printable(const char *s)
{
    unsigned char first = (unsigned char)s[0], second = (unsigned char)s[1];

    if (first < 0x20 || first == 0x7f || (first == 0xc2 && second < 0xa0))
        return 0;
    return utf8_length(s);
}

/* @text without what could steer a terminal, and valid UTF-8; caller frees; NULL without memory. */
static char *clean(const char *text)
{
    char *all = malloc(4 * strlen(text) + 1), *to = all;

    if (!all)
        return NULL;
    while (*text) {
        size_t n = printable(text);

        if (n == 0)
            to += sprintf(to, "\\x%02x", (unsigned char)*text);
        else
            to = mempcpy(to, text, n);
        text += n ? n : 1;
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

/* "<3>" for the journal, else nothing. */
static void format_priority(enum message_level level, char out[static PRIORITY])
{
    *out = '\0';
    if (goes_to_journal())
        snprintf(out, PRIORITY, "<%d>", level);
}

void message_say(const char *tool, enum message_level level, const char *prefix, const char *text)
{
    _cleanup_(free_ptr) char *line = clean(text);
    char priority[PRIORITY];

    progress_end();
    format_priority(level, priority);
    /* stderr has no buffer: one call is one write(2) */
    fprintf(stderr, "%s%s%s%s%s\n", priority, tool ? tool : "", tool ? ": " : "", prefix,
            line ? line : NO_MEMORY);
}

/* What is ready takes PIPE_BUF bytes without waiting, but perhaps not one more. Return: how many
 * were taken. */
static size_t write_ready(const char *line, size_t n)
{
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
    size_t done = 0;
    ssize_t written;

    while (done < n && poll(&out, 1, 0) == 1 && out.revents & POLLOUT) {
        written = write(STDERR_FILENO, line + done, n - done < PIPE_BUF ? n - done : PIPE_BUF);
        if (written < 0)
            break;
        done += (size_t)written;
    }
    return done;
}

bool message_offer(const char *tool, enum message_level level, const char *text)
{
    static bool torn; /* the last line has no end */
    _cleanup_(free_ptr) char *line = NULL, *cleaned = clean(text);
    char priority[PRIORITY];
    size_t done;
    int n;

    format_priority(level, priority);
    n = asprintf(&line, "%s%s%s%s%s\n", torn ? "\n" : "", priority, tool ? tool : "",
                 tool ? ": " : "", cleaned ? cleaned : NO_MEMORY);
    if (n < 0) {
        line = NULL;
        return false;
    }
    progress_end();
    done = write_ready(line, (size_t)n);
    if (done > 0)
        torn = done < (size_t)n;
    return done == (size_t)n;
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
    /* a pipe that nobody reads is no reason to wait, neither now nor for each line */
    const int flags = O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
    int r = open(path, flags);

    /* who might create a file waits while its file system is frozen */
    if (r < 0 && errno == ENOENT)
        r = open(path, flags | O_CREAT, 0640);
    if (r < 0 && errno == ENXIO)
        return err_set(e, -ENXIO, "%s: cannot open the log: nobody reads from this pipe", path);
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

char *message_log_text(const char *tool, const char *what, const char *text)
{
    _cleanup_(free_ptr) char *cleaned = clean(text);
    char *line = NULL;
    const time_t now = time(NULL);
    char date[32], zone[8];
    struct tm tm;
    int n;

    localtime_r(&now, &tm);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
    strftime(zone, sizeof(zone), "%z", &tm);
    n = asprintf(&line, "%s%.3s:%s %s[%d]: %s%s\n", date, zone, zone + 3, tool, (int)getpid(), what,
                 cleaned ? cleaned : NO_MEMORY);
    return n > 0 ? line : NULL;
}

int message_log_try(int fd, const char *tool, const char *what, const char *text)
{
    _cleanup_(free_ptr) char *line = message_log_text(tool, what, text);

    return line ? write_whole(fd, line, strlen(line)) : -ENOMEM;
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
