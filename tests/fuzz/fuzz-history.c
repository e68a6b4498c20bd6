/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "fuzz.h"
#include "history.h"

/* A history of any bytes: every step goes on, what is found is whole, and can be written again. */

static void write_again(const struct history_header *h)
{
    static uint8_t buf[HISTORY_FRAME_MAX];
    struct history_header copy = *h, got = HISTORY_HEADER_INIT;
    struct history_frame frame;
    int len = history_put_header(&copy, buf, NULL);

    if (len < 0)
        return;
    history_find(NULL, buf, (size_t)len, true, &frame);
    MUST(frame.kind == HISTORY_HEADER && frame.length == (size_t)len);
    MUST(history_get_header(&frame, &got) == 0);
    MUST(got.n == h->n && got.time_ms == h->time_ms && got.uptime_ms == h->uptime_ms);
    history_header_clear(&got);
}

static void sample_again(const struct history_header *h, const struct history_sample *s)
{
    static uint8_t buf[HISTORY_FRAME_MAX];
    static struct history_sample got;
    struct history_frame frame;
    int len;

    if (s->uptime_ms < h->uptime_ms)
        return;
    len = history_put_sample(h, s, buf);
    MUST(len > 0 && len <= HISTORY_FRAME_MAX);
    history_find(h, buf, (size_t)len, true, &frame);
    MUST(frame.kind == HISTORY_SAMPLE && history_get_sample(h, &frame, &got) == 0);
    MUST(got.uptime_ms == s->uptime_ms && got.time_ms == s->time_ms);
    for (size_t i = 0; i < h->n; i++)
        MUST(isnan(got.values[i]) == isnan(s->values[i]));
}

static void read_on(const uint8_t *data, size_t size, struct history_header *h)
{
    static struct history_sample s;
    struct history_frame frame;
    struct history_header next;

    for (size_t at = 0; at < size; at += frame.skipped + frame.length) {
        history_find(h->metrics ? h : NULL, data + at, size - at, true, &frame);
        MUST(at + frame.skipped + frame.length <= size);
        if (frame.kind == HISTORY_NOTHING) {
            MUST(at + frame.skipped == size);
            return;
        }
        MUST(frame.length > 0 && frame.payload + frame.payload_length <= data + size);
        if (frame.kind == HISTORY_HEADER && history_get_header(&frame, &next) == 0) {
            history_header_clear(h);
            *h = next;
            write_again(h);
        } else if (frame.kind == HISTORY_SAMPLE && history_get_sample(h, &frame, &s) == 0) {
            sample_again(h, &s);
        }
    }
}

/* Payloads without the checksum that a fuzzer does not find. */
static void read_payload(const uint8_t *data, size_t size)
{
    _cleanup_(history_header_clear) struct history_header h = HISTORY_HEADER_INIT;
    static struct history_metric metrics[] = {
        {METRIC_PERCENT, (char *)"ram"},
        {METRIC_BYTES, (char *)"ram.used"},
        {METRIC_COUNT, (char *)"oom"},
    };
    const struct history_header known = {.n = ARRAY_SIZE(metrics), .metrics = metrics};
    const struct history_frame frame = {.payload = data, .payload_length = size};
    static struct history_sample s;

    if (history_get_header(&frame, &h) == 0)
        write_again(&h);
    if (history_get_sample(&known, &frame, &s) == 0)
        sample_again(&known, &s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(history_header_clear) struct history_header h = HISTORY_HEADER_INIT;
    _cleanup_(free_ptr) uint8_t *copy = malloc(size + 1);

    MUST(copy);
    memcpy(copy, data, size);
    read_on(copy, size, &h);
    read_payload(copy, size);
    return 0;
}
