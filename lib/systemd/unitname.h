/* SPDX-License-Identifier: MIT */
/* unitname - the names of systemd units, and what marks those that headroom wrote; pure */
#ifndef HEADROOM_UNITNAME_H
#define HEADROOM_UNITNAME_H

#include <stdbool.h>
#include <stddef.h>

/* systemd takes no notice of sections whose names begin so (systemd.unit(5)). */
#define UNITNAME_SECTION "[X-Headroom]"

/* Stands for itself in a name: a letter, a digit, or one of ":_." that does not come first. */
bool unitname_is_plain(char c);

/* systemd-escape --path: "/var/my swap" -> "var-my\x20swap". Return: allocated text; NULL out of
 * memory. */
char *unitname_escape(const char *path);

/* The other way round: "var-my\x20swap" -> "/var/my swap". Return: allocated text; NULL out of
 * memory. */
char *unitname_unescape(const char *name, size_t n);

/* The text has the section UNITNAME_SECTION, which marks what we wrote. */
bool unitname_is_ours(const char *text);

#endif
