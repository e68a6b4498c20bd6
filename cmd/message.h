/* SPDX-License-Identifier: MIT */
/*
 * message - the only writer to stderr, and to the file of --log
 *
 * A message is one line in one write(2), so lines of several processes do not mix. File names are
 * other people's: control characters, and bytes that are no UTF-8, are written as \xNN, so that they
 * neither steer the terminal nor forge lines.
 */
#ifndef HEADROOM_MESSAGE_H
#define HEADROOM_MESSAGE_H

#include "err.h"
#include <stdarg.h>

/* As in syslog(3). */
enum message_level { MESSAGE_ERROR = 3, MESSAGE_WARNING = 4, MESSAGE_INFO = 6 };

/**
 * message_say() - print "TOOL: PREFIX TEXT"
 * @tool:   NULL: no name in front
 * @prefix: "warning: ", or ""
 *
 * Where stderr goes to the journal (JOURNAL_STREAM of systemd.exec(5) is this very stderr), the
 * line begins with its level as "<3>", which sd-daemon(3) describes. A progress line is wiped
 * first.
 */
void message_say(const char *tool, enum message_level level, const char *prefix, const char *text);

/* The same from a format. */
void message_say_va(const char *tool, enum message_level level, const char *prefix, const char *fmt,
                    va_list ap);

/* As message_say(), but waits for nobody: a pipe or terminal that takes nothing now loses it.
 * Return: false if it, or its end, was lost. */
bool message_offer(const char *tool, enum message_level level, const char *text);

/**
 * message_log_open() - open the file of --log
 * @path: appended to; made with mode 0640 if it is absent
 * @fd:   set on success; -1 is no log for message_log()
 *
 * Return: 0 or the negated errno of open(2), with a message.
 */
int message_log_open(const char *path, int *fd, struct err *e);

/**
 * message_log() - append "2026-01-31T23:59:59+01:00 TOOL[PID]: WHAT TEXT"
 * @what: "done: ", "undone: ", "failed: "
 *
 * A log that cannot be written (a full disk) does not stop the work that it tells of.
 */
void message_log(int fd, const char *tool, const char *what, const char *text);

/* The same, for who has other ways to tell that it failed. Return: 0 or a negated errno. */
int message_log_try(int fd, const char *tool, const char *what, const char *text);

/* What that appends, with its end; caller frees; NULL without memory. */
char *message_log_text(const char *tool, const char *what, const char *text);

/* Append a line that has its time in itself. Return: 0 or a negated errno. */
int message_log_line(int fd, const char *line);

#endif
