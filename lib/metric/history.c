/* SPDX-License-Identifier: MIT */
#include "history.h"

#include <math.h>

#include "crc32.h"

enum { MARK_HEADER = 0xC3, MARK_SAMPLE = 0xA5, CHECKSUM = 4, VARINT_MAX = 10 };

static const char magic[16] = "headroom-history"; /* without its NUL */

void history_header_clear(struct history_header *h)
{
    for (size_t i = 0; i < h->n; i++)
        free(h->metrics[i].name);
    free(h->metrics);
    *h = HISTORY_HEADER_INIT;
}

/* ---- writing ---- */

static uint8_t *put_varint(uint8_t *to, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        *to++ = (uint8_t)(n | 0x80);
    *to++ = (uint8_t)n;
    return to;
}

static size_t varint_length(uint64_t n)
{
    uint8_t buf[VARINT_MAX];

    return (size_t)(put_varint(buf, n) - buf);
}

/* What the numbers in the file are multiples of. */
static double scale_of(enum metric_unit unit)
{
    switch (unit) {
    case METRIC_PERCENT:
    case METRIC_RATIO:
    case METRIC_PAGES_PER_SECOND:
        return 0.01;
    case METRIC_BYTES:
        return 1024;
    case METRIC_BYTES_PER_SECOND:
    case METRIC_COUNT:
        break;
    }
    return 1;
}

static uint8_t *put_double(uint8_t *to, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    *to++ = 1;
    for (int i = 0; i < 8; i++)
        *to++ = (uint8_t)(bits >> (8 * i));
    return to;
}

/* Values are rounded to the scale, those of bytes to whole bytes. */
static uint8_t *put_value(uint8_t *to, enum metric_unit unit, double value)
{
    const double most = (double)(1ULL << 52);
    const uint64_t kib = 1024;
    bool hundredths = scale_of(unit) < 1;
    uint64_t n;

    if (!(value >= 0))
        return put_double(to, value);
    if (unit == METRIC_BYTES) {
        if (value >= most * 1024)
            return put_double(to, value);
        n = value < most ? (uint64_t)(value + 0.5) : (uint64_t)value;
        return n % kib == 0 ? put_varint(to, n / kib << 1) : put_double(to, (double)n);
    }
    if (value * 100 >= most)
        return put_double(to, value);
    n = (uint64_t)((hundredths ? value * 100 : value) + 0.5);
    return put_varint(to, n << 1);
}

/* @payload lies in @buf behind the room for the longest length, and moves up to the real one. */
static int close_frame(uint8_t *buf, uint8_t mark, const uint8_t *payload, size_t len,
                       uint32_t seed, uint32_t *checksum)
{
    uint8_t *to = buf;
    uint32_t sum;

    *to++ = mark;
    to = put_varint(to, len);
    memmove(to, payload, len);
    to += len;
    sum = crc32_add(seed, buf, (size_t)(to - buf));
    for (int i = 0; i < CHECKSUM; i++)
        *to++ = (uint8_t)(sum >> (8 * i));
    if (checksum)
        *checksum = sum;
    return (int)(to - buf);
}

static size_t header_length(const struct history_header *h)
{
    size_t len = sizeof(magic) + HISTORY_BOOT + 6 * VARINT_MAX;

    for (size_t i = 0; i < h->n; i++) {
        size_t name = strlen(h->metrics[i].name);

        len += 1 + varint_length(name) + name;
    }
    return len;
}

int history_put_header(struct history_header *h, uint8_t *buf, struct err *e)
{
    uint8_t *payload = buf + 1 + VARINT_MAX, *to = payload;

    if (h->n > HISTORY_METRICS_MAX ||
        header_length(h) > HISTORY_FRAME_MAX - 1 - VARINT_MAX - CHECKSUM)
        return err_usage(e, -E2BIG, "too many metrics for one history; record them to two files");
    memcpy(to, magic, sizeof(magic));
    to += sizeof(magic);
    to = put_varint(to, HISTORY_VERSION);
    to = put_varint(to, h->goes_on);
    to = put_varint(to, h->interval_ms);
    memcpy(to, h->boot, HISTORY_BOOT);
    to += HISTORY_BOOT;
    to = put_varint(to, h->uptime_ms);
    to = put_varint(to, h->time_ms);
    to = put_varint(to, h->n);
    for (size_t i = 0; i < h->n; i++) {
        size_t len = strlen(h->metrics[i].name);

        *to++ = (uint8_t)h->metrics[i].unit;
        to = put_varint(to, len);
        memcpy(to, h->metrics[i].name, len);
        to += len;
    }
    return close_frame(buf, MARK_HEADER, payload, (size_t)(to - payload), 0, &h->checksum);
}

int history_put_sample(const struct history_header *h, const struct history_sample *s, uint8_t *buf)
{
    uint8_t *payload = buf + 1 + VARINT_MAX, *to = payload, *present;
    uint64_t uptime = s->uptime_ms - h->uptime_ms;
    int64_t drift = (int64_t)(s->time_ms - h->time_ms - uptime);

    to = put_varint(to, uptime);
    to = put_varint(to, drift < 0 ? ((0 - (uint64_t)drift) << 1) - 1 : (uint64_t)drift << 1);
    present = to;
    memset(to, 0, (h->n + 7) / 8);
    to += (h->n + 7) / 8;
    for (size_t i = 0; i < h->n; i++) {
        if (!isfinite(s->values[i]))
            continue;
        present[i / 8] = (uint8_t)(present[i / 8] | 1U << i % 8);
        to = put_value(to, h->metrics[i].unit, s->values[i]);
    }
    return close_frame(buf, MARK_SAMPLE, payload, (size_t)(to - payload), h->checksum, NULL);
}

/* ---- reading ---- */

struct cursor {
    const uint8_t *at, *end;
};

/* Return: false if there is none, or not in its shortest form. */
static bool get_varint(struct cursor *c, uint64_t *out)
{
    uint64_t n = 0;

    for (unsigned shift = 0; shift < 64 && c->at < c->end; shift += 7) {
        uint8_t byte = *c->at++;

        if (shift == 63 && byte > 1)
            return false;
        n |= (uint64_t)(byte & 0x7f) << shift;
        if (byte & 0x80)
            continue;
        *out = n;
        return byte != 0 || shift == 0;
    }
    return false;
}

static bool get_bytes(struct cursor *c, void *out, size_t len)
{
    if ((size_t)(c->end - c->at) < len)
        return false;
    memcpy(out, c->at, len);
    c->at += len;
    return true;
}

static uint32_t get_checksum(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

enum verdict { WHOLE, NO_FRAME, CUT_OFF };

/* What begins at @data? */
static enum verdict look(const struct history_header *h, const uint8_t *data, size_t len,
                         struct history_frame *out)
{
    struct cursor c = {data + 1, data + (len < 1 + VARINT_MAX ? len : 1 + VARINT_MAX)};
    bool header = data[0] == MARK_HEADER;
    uint64_t payload;
    size_t head;

    if (!header && (data[0] != MARK_SAMPLE || !h))
        return NO_FRAME;
    if (!get_varint(&c, &payload))
        return c.at == c.end && len < 1 + VARINT_MAX ? CUT_OFF : NO_FRAME;
    head = (size_t)(c.at - data);
    if (payload > HISTORY_FRAME_MAX - head - CHECKSUM)
        return NO_FRAME;
    /* before the long way over the checksum, so that rubbish is passed over fast */
    if (header && memcmp(c.at, magic, len - head < sizeof(magic) ? len - head : sizeof(magic)) != 0)
        return NO_FRAME;
    if (len - head < payload + CHECKSUM)
        return CUT_OFF;
    out->checksum = crc32_add(header ? 0 : h->checksum, data, head + payload);
    if (out->checksum != get_checksum(data + head + payload))
        return NO_FRAME;
    out->kind = header ? HISTORY_HEADER : HISTORY_SAMPLE;
    out->length = head + payload + CHECKSUM;
    out->payload = data + head;
    out->payload_length = payload;
    return WHOLE;
}

void history_find(const struct history_header *h, const uint8_t *data, size_t len, bool last,
                  struct history_frame *out)
{
    size_t at = 0;

    *out = (struct history_frame){.kind = HISTORY_NOTHING};
    for (; at < len; at++) {
        enum verdict v = look(h, data + at, len - at, out);

        if (v == WHOLE || (v == CUT_OFF && !last))
            break;
        if (at == 0)
            out->cut_off = v == CUT_OFF;
    }
    out->skipped = at;
}

static bool get_metric(struct cursor *c, struct history_metric *out)
{
    _cleanup_(free_ptr) char *name = NULL;
    uint8_t unit;
    uint64_t len;

    if (!get_bytes(c, &unit, 1) || unit > METRIC_COUNT || !get_varint(c, &len) || len == 0 ||
        len > (size_t)(c->end - c->at))
        return false;
    name = calloc(1, len + 1);
    if (!name || !get_bytes(c, name, len) || strlen(name) != len)
        return false;
    out->unit = unit;
    out->name = TAKE_PTR(name);
    return true;
}

static bool get_metrics(struct cursor *c, uint64_t n, struct history_header *h)
{
    h->metrics = calloc(n + 1, sizeof(*h->metrics));
    if (!h->metrics)
        return false;
    for (; h->n < n; h->n++) {
        if (!get_metric(c, &h->metrics[h->n]))
            return false;
    }
    return true;
}

int history_get_header(const struct history_frame *frame, struct history_header *out)
{
    _cleanup_(history_header_clear) struct history_header h = HISTORY_HEADER_INIT;
    struct cursor c = {frame->payload, frame->payload + frame->payload_length};
    uint64_t version, kind, n;
    char word[sizeof(magic)];

    if (!get_bytes(&c, word, sizeof(word)) || memcmp(word, magic, sizeof(word)) != 0 ||
        !get_varint(&c, &version) || version == 0)
        return -EBADMSG;
    if (version > HISTORY_VERSION)
        return -EPROTONOSUPPORT;
    if (!get_varint(&c, &kind) || kind > 1 || !get_varint(&c, &h.interval_ms) ||
        !get_bytes(&c, h.boot, HISTORY_BOOT) || !get_varint(&c, &h.uptime_ms) ||
        !get_varint(&c, &h.time_ms) || h.uptime_ms > HISTORY_TIME_MAX ||
        h.time_ms > HISTORY_TIME_MAX || !get_varint(&c, &n) || n > HISTORY_METRICS_MAX)
        return -EBADMSG;
    if (!get_metrics(&c, n, &h))
        return h.metrics ? -EBADMSG : -ENOMEM;
    h.goes_on = kind == 1;
    h.checksum = frame->checksum;
    *out = h;
    h = HISTORY_HEADER_INIT;
    return 0;
}

static bool get_value(struct cursor *c, enum metric_unit unit, double *out)
{
    uint64_t n, bits = 0;
    uint8_t raw[8];

    if (!get_varint(c, &n))
        return false;
    if ((n & 1) == 0) {
        double scale = scale_of(unit), steps = (double)(n >> 1);

        *out = scale < 1 ? steps / 100 : steps * scale;
        return true;
    }
    if (n != 1 || !get_bytes(c, raw, sizeof(raw)))
        return false;
    for (int i = 0; i < 8; i++)
        bits |= (uint64_t)raw[i] << (8 * i);
    memcpy(out, &bits, sizeof(*out));
    return isfinite(*out);
}

int history_get_sample(const struct history_header *h, const struct history_frame *frame,
                       struct history_sample *out)
{
    struct cursor c = {frame->payload, frame->payload + frame->payload_length};
    uint8_t present[HISTORY_METRICS_MAX / 8];
    uint64_t uptime, drift;

    if (!get_varint(&c, &uptime) || !get_varint(&c, &drift) ||
        !get_bytes(&c, present, (h->n + 7) / 8))
        return -EBADMSG;
    for (size_t i = 0; i < h->n; i++) {
        out->values[i] = NAN;
        if ((present[i / 8] >> i % 8 & 1) && !get_value(&c, h->metrics[i].unit, &out->values[i]))
            return -EBADMSG;
    }
    out->uptime_ms = h->uptime_ms + uptime;
    out->time_ms = h->time_ms + uptime + (drift & 1 ? -((drift + 1) >> 1) : drift >> 1);
    return c.at == c.end && out->uptime_ms <= HISTORY_TIME_MAX && out->time_ms <= HISTORY_TIME_MAX
               ? 0
               : -EBADMSG;
}
