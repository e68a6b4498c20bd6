/* SPDX-License-Identifier: MIT */
/* swapheader - the first page of a swap area. The layout is in abi.h. */
#ifndef HEADROOM_SWAPHEADER_H
#define HEADROOM_SWAPHEADER_H

#include "base.h"

enum { SWAPHEADER_LABEL_MAX = 15, SWAPHEADER_UUID_TEXT = 37, SWAPHEADER_PAGE_MAX = 65536 };

/* mkswap's minimum; the kernel would take less. */
enum { SWAPHEADER_PAGES_MIN = 10 };

enum swapheader_kind {
    SWAPHEADER_NONE,      /* no signature of any kind */
    SWAPHEADER_VALID,     /* the kernel of this machine takes it */
    SWAPHEADER_PAGE_SIZE, /* made for another page size: the kernel says EINVAL */
    SWAPHEADER_OLD,       /* version 0, before Linux 2.2 */
    SWAPHEADER_BROKEN,    /* a signature, but a version or size that no kernel takes */
    SWAPHEADER_HIBERNATE, /* a hibernation image: never to be overwritten */
};

struct swapheader {
    enum swapheader_kind kind;
    uint32_t page_size; /* that the signature was found for */
    uint64_t pages;     /* header page included; 0 unless VALID or PAGE_SIZE */
    uint32_t bad_pages; /* the kernel takes any only from a device, not from a regular file; format
                           writes none */
    uint8_t uuid[16];
    char label[SWAPHEADER_LABEL_MAX + 1];
};

/**
 * swapheader_parse() - what do the first bytes of a file or device say?
 * @buf, @len: its beginning, up to SWAPHEADER_PAGE_MAX bytes; shorter is fine
 * @page_size: of this machine
 *
 * A header of the other byte order is valid: the kernel swaps it.
 */
void swapheader_parse(const void *buf, size_t len, uint32_t page_size, struct swapheader *out);

/**
 * swapheader_read() - read and parse the header of an open file or device
 *
 * An empty file has SWAPHEADER_NONE.
 *
 * Return: 0, or the negated errno of pread(2); -ENOMEM; no message, because callers differ in what
 * they make of it.
 */
int swapheader_read(int fd, struct swapheader *out);

/* Fill @page (of @h->page_size bytes) with the header for @h: pages, uuid and label. */
void swapheader_format(const struct swapheader *h, void *page);

/* Lower case, with dashes. Return: @text. */
const char *swapheader_uuid_text(const uint8_t uuid[16], char text[static SWAPHEADER_UUID_TEXT]);

/* A random (version 4) UUID. Return: 0, or the negated errno of getrandom(2) (ENOSYS in some
 * sandboxes). */
int swapheader_uuid_random(uint8_t uuid[16]);

/**
 * swapheader_round() - a wanted size as pages
 *
 * Return: 0; -ERANGE if it rounds down to less than SWAPHEADER_PAGES_MIN pages or more than the
 * format holds.
 */
int swapheader_round(uint64_t bytes, uint32_t page_size, uint64_t *pages);

#endif
