/* SPDX-License-Identifier: MIT */
/* utf8 - which bytes are characters, RFC 3629 */
#ifndef HEADROOM_UTF8_H
#define HEADROOM_UTF8_H

#include "base.h"

#define UTF8_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD, for what is none */

/* How many bytes the character at @s has; 0 if it is none. A NUL ends every sequence early. */
size_t utf8_length(const char *s);

#endif
