/* SPDX-License-Identifier: MIT */
/*
 * plugin - answers as monitoring systems want them: one line on stdout, and an exit status
 *
 * The guidelines of the Monitoring Plugins project: "SERVICE STATE - text | performance data".
 */
#ifndef HEADROOM_PLUGIN_H
#define HEADROOM_PLUGIN_H

#include "base.h"

/* The exit statuses. */
enum plugin_state { PLUGIN_OK, PLUGIN_WARNING, PLUGIN_CRITICAL, PLUGIN_UNKNOWN };

/* "WARNING" */
const char *plugin_word(enum plugin_state state);

/* The one that counts: critical before warning before unknown before ok. */
enum plugin_state plugin_worst(enum plugin_state a, enum plugin_state b);

/* Print text of others: "|" begins performance data and a newline ends the line, so both, and all
 * control characters, become \xNN. */
void plugin_print(FILE *out, const char *text);

/* "TOOL UNKNOWN - TEXT", the name in upper case. */
void plugin_print_unknown(FILE *out, const char *tool, const char *text);

/**
 * plugin_print_label() - the name of a value in performance data
 *
 * In quotes where it needs them; a "=" in it, which not all who read it bear, becomes "_".
 */
void plugin_print_label(FILE *out, const char *label);

enum { PLUGIN_NUMBER_MAX = 32 };

/* Digits and at most three decimals, without zeros at the end: "83.1". Return: @buf. */
const char *plugin_number(double value, char buf[static PLUGIN_NUMBER_MAX]);

#endif
