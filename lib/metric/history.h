/* SPDX-License-Identifier: MIT */
/*
 * history - how samples of metrics are written to a file, and read back
 *
 * The file is a sequence of frames, and nothing else:
 *
 *     mark       one byte: 0xC3 a header, 0xA5 a sample
 *     length     of the payload, a varint
 *     payload
 *     checksum   4 bytes, least first: CRC-32 of mark, length and payload; that of a sample is
 *                continued from its header's, so that no sample is ever read by a wrong header
 *
 * A varint is a number in 7-bit groups, the least first, all but the last with the top bit set
 * (LEB128), in its shortest form, of at most 64 bits. A header's payload:
 *
 *     "headroom-history"   16 bytes
 *     version              varint; 1
 *     kind                 varint; 0: somebody began to record, 1: he goes on (see below)
 *     interval             varint; milliseconds between two samples
 *     boot                 16 bytes; /proc/sys/kernel/random/boot_id; zeros: not known
 *     uptime               varint; milliseconds of CLOCK_BOOTTIME
 *     time                 varint; milliseconds since 1970 of CLOCK_REALTIME
 *     metrics              varint; how many, then for each: its unit, one byte (enum metric_unit);
 *                          length of its name, a varint; its name
 *     what follows is of a later version, and skipped
 *
 * A sample's payload:
 *
 *     uptime               varint; milliseconds since the header's
 *     drift                varint; by how many milliseconds time went further than uptime since the
 *                          header, n as 2n and -n as 2n-1
 *     presence             one bit for each metric, the least of the first byte first; padded with 0
 *     values               of those present, each a varint: 2n is n units of the metric's scale, 1 is
 *                          followed by an IEEE 754 double of 8 bytes, least first
 *
 * The scale is 1/100 for percent, ratios and pages per second, 1024 for bytes, otherwise 1. A value
 * is rounded to hundredths or to whole bytes.
 *
 * A sample needs its header and nothing else, so damage costs those samples that it hit. So that a
 * damaged header costs little, it is repeated every HISTORY_REPEAT samples, which also keeps the
 * numbers short. Samples are not told as differences from the one before: measured, that would save
 * a fifth, and lose all behind a damaged one.
 */
#ifndef HEADROOM_HISTORY_H
#define HEADROOM_HISTORY_H

#include "metric.h"

enum {
    HISTORY_VERSION = 1,
    HISTORY_REPEAT = 1024,
    HISTORY_METRICS_MAX = 512,
    HISTORY_FRAME_MAX = 64 * 1024, /* no frame is longer */
    HISTORY_BOOT = 16,
};

/* The year 9999 ends; no time in a file is later. */
#define HISTORY_TIME_MAX 253402300799999ULL

struct history_metric {
    enum metric_unit unit;
    char *name; /* owned; not empty, no NUL; otherwise any bytes */
};

struct history_header {
    bool goes_on; /* it repeats the one before, with newer times */
    uint64_t interval_ms;
    uint8_t boot[HISTORY_BOOT];
    uint64_t uptime_ms; /* CLOCK_BOOTTIME */
    uint64_t time_ms;   /* CLOCK_REALTIME */
    size_t n;
    struct history_metric *metrics; /* owned */
    uint32_t checksum;              /* of its frame; what its samples' begin with */
};

#define HISTORY_HEADER_INIT ((struct history_header){.n = 0})

void history_header_clear(struct history_header *h);

struct history_sample {
    uint64_t uptime_ms;
    uint64_t time_ms;
    double values[HISTORY_METRICS_MAX]; /* of the header's metrics; NAN: absent */
};

/**
 * history_put_header() - write the frame of a header; pure
 * @h:   its checksum is set
 * @buf: of HISTORY_FRAME_MAX bytes
 *
 * Return: the frame's length; -E2BIG if the metrics do not fit one, as ERR_USAGE.
 */
int history_put_header(struct history_header *h, uint8_t *buf, struct err *e);

/* The same for a sample, which always fits. Its uptime is not before the header's. Pure. */
int history_put_sample(const struct history_header *h, const struct history_sample *s,
                       uint8_t *buf);

enum history_kind {
    HISTORY_NOTHING, /* no further whole frame */
    HISTORY_HEADER,
    HISTORY_SAMPLE,
};

struct history_frame {
    enum history_kind kind;
    size_t skipped; /* bytes before it that are no whole frame */
    bool cut_off;   /* with HISTORY_NOTHING: what was skipped looks like one frame whose end is
                       missing */
    size_t length;  /* its own; the next one is looked for behind both */
    const uint8_t *payload;
    size_t payload_length;
    uint32_t checksum;
};

/**
 * history_find() - find the next whole frame; pure
 * @h:    by whose header samples are read; NULL: none of them is whole
 * @last: nothing follows @data
 * @out:  always set. HISTORY_NOTHING: .skipped bytes are no use to anybody; with @last all of them,
 *        otherwise the rest may begin a frame, and is to be seen again with more behind it.
 */
void history_find(const struct history_header *h, const uint8_t *data, size_t len, bool last,
                  struct history_frame *out);

/**
 * history_get_header() - read the payload of a header; pure
 * @out: set on success; release with history_header_clear()
 *
 * Return: 0; -EBADMSG if it makes no sense; -EPROTONOSUPPORT if a later version wrote it; -ENOMEM.
 */
int history_get_header(const struct history_frame *frame, struct history_header *out);

/* The same for a sample; of @out's values as many as @h has are set. Return: 0 or -EBADMSG. */
int history_get_sample(const struct history_header *h, const struct history_frame *frame,
                       struct history_sample *out);

#endif
