/* SPDX-License-Identifier: MIT */
/* answer - print what was found, in the form that was asked for */
#ifndef HEADROOM_PROCFIND_ANSWER_H
#define HEADROOM_PROCFIND_ANSWER_H

#include "search.h"

/* Print the processes found, or for none what stands for that. Return: 0, or a negated errno with a
 * message. */
int answer_print(struct search *s, struct err *e);

/* A line of --wait exit and --follow: "+12", or the same as JSON. @what: "start" or "exit". */
void answer_event(const struct search *s, const char *what, pid_t pid);

/* "12 0", "12 SIGKILL", "12 unknown"; @status: as waitpid(2) tells it, NULL: not known. */
void answer_exit(const struct search *s, pid_t pid, const int *status);

#endif
