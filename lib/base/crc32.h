/* SPDX-License-Identifier: MIT */
/* crc32 - the checksum of ISO 3309, as in Ethernet and gzip */
#ifndef HEADROOM_CRC32_H
#define HEADROOM_CRC32_H

#include "base.h"

/* The checksum of what @crc is that of (0: of nothing) followed by @len bytes. */
uint32_t crc32_add(uint32_t crc, const void *data, size_t len);

#endif
