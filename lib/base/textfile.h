/* SPDX-License-Identifier: MIT */
/* textfile - give a file a new content at once, for those who read it every few seconds */
#ifndef HEADROOM_TEXTFILE_H
#define HEADROOM_TEXTFILE_H

#include "root.h"

/**
 * textfile_replace() - write a file and let it take the place of another
 * @path: as somebody typed it, see root_open_named()
 *
 * The new one is written beside it as ".NAME.PID.headroom", has mode 0644 whatever the umask, and
 * is renamed: who reads sees the old or the new text. A symbolic link is replaced, not followed. It
 * is not written through to the disk: it is made anew all the time.
 *
 * Return: 0; -EISDIR if a directory has the name; or another negated errno: the old file stays.
 */
int textfile_replace(const struct root *root, const char *path, const char *text, size_t len,
                     struct err *e);

#endif
