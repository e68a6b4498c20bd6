/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "crc32.h"
#include "fake.h"
#include "history.h"

static struct history_metric metrics[] = {
    {METRIC_PERCENT, (char *)"ram"},
    {METRIC_BYTES, (char *)"ram.available"},
    {METRIC_BYTES_PER_SECOND, (char *)"swap.in"},
    {METRIC_PAGES_PER_SECOND, (char *)"reclaim.kswapd"},
    {METRIC_RATIO, (char *)"refault.ratio"},
    {METRIC_COUNT, (char *)"oom"},
    {METRIC_BYTES, (char *)"cgroup:/a b\xff.memory"},
    {METRIC_PERCENT, (char *)"psi.memory.some.avg10"},
    {METRIC_PERCENT, (char *)"disk:/"},
};

static struct history_header a_header(void)
{
    return (struct history_header){
        .interval_ms = 1000,
        .boot = {1, 2, 3},
        .uptime_ms = 5000,
        .time_ms = 1700000000123,
        .n = ARRAY_SIZE(metrics),
        .metrics = metrics,
    };
}

static void the_checksum_is_the_common_one(void **state _unused_)
{
    assert_int_equal(crc32_add(0, "123456789", 9), 0xcbf43926);
    assert_int_equal(crc32_add(crc32_add(0, "1234", 4), "56789", 5), 0xcbf43926);
    assert_int_equal(crc32_add(0, "", 0), 0);
}

static void a_header_is_read_back(void **state _unused_)
{
    _cleanup_(history_header_clear) struct history_header got = HISTORY_HEADER_INIT;
    struct history_header h = a_header();
    static uint8_t buf[HISTORY_FRAME_MAX];
    struct history_frame frame;
    int len = history_put_header(&h, buf, NULL);

    assert_true(len > 0);
    history_find(NULL, buf, (size_t)len, true, &frame);
    assert_int_equal(frame.kind, HISTORY_HEADER);
    assert_int_equal(frame.length, len);
    assert_int_equal(history_get_header(&frame, &got), 0);
    assert_int_equal(got.interval_ms, 1000);
    assert_int_equal(got.uptime_ms, 5000);
    assert_int_equal(got.time_ms, 1700000000123);
    assert_int_equal(got.checksum, h.checksum);
    assert_memory_equal(got.boot, h.boot, HISTORY_BOOT);
    assert_int_equal(got.n, ARRAY_SIZE(metrics));
    for (size_t i = 0; i < got.n; i++) {
        assert_string_equal(got.metrics[i].name, metrics[i].name);
        assert_int_equal(got.metrics[i].unit, metrics[i].unit);
    }
}

/* Writes a sample and reads it back; the length of its frame. */
static int there_and_back(const struct history_header *h, const struct history_sample *s,
                          struct history_sample *got)
{
    uint8_t buf[512];
    struct history_frame frame;
    int len = history_put_sample(h, s, buf);

    history_find(h, buf, (size_t)len, true, &frame);
    assert_int_equal(frame.kind, HISTORY_SAMPLE);
    assert_int_equal(frame.length, len);
    assert_int_equal(history_get_sample(h, &frame, got), 0);
    assert_int_equal(got->uptime_ms, s->uptime_ms);
    assert_int_equal(got->time_ms, s->time_ms);
    return len;
}

static void values_are_read_back(void **state _unused_)
{
    static uint8_t buf[HISTORY_FRAME_MAX];
    struct history_header h = a_header();
    struct history_sample got,
        s = {
            .uptime_ms = 6000,
            .time_ms = 1700000001123,
            .values = {45.23, 17179869184.0, 12345678, 0.5, 1.25, 3, 1152921504606846976.0, NAN, 0},
        };

    assert_true(history_put_header(&h, buf, NULL) > 0);
    assert_in_range(there_and_back(&h, &s, &got), 20, 45);
    for (size_t i = 0; i < h.n; i++) {
        if (i == 7)
            assert_true(isnan(got.values[i]));
        else
            assert_true(got.values[i] == s.values[i]);
    }
}

static void odd_values_are_kept_whole_or_rounded_as_promised(void **state _unused_)
{
    static uint8_t buf[HISTORY_FRAME_MAX];
    struct history_header h = a_header();
    struct history_sample got,
        s = {
            .uptime_ms = 5000,
            .time_ms = 1700000000123,
            .values = {45.2349, 1001.4, 7.5, 1e300, -2.5, INFINITY, 4095, 1e15, 100.005},
        };
    const double wanted[] = {45.23, 1001, 8, 1e300, -2.5, NAN, 4095, 1e15, 100.01};

    assert_true(history_put_header(&h, buf, NULL) > 0);
    there_and_back(&h, &s, &got);
    for (size_t i = 0; i < h.n; i++) {
        if (isnan(wanted[i]))
            assert_true(isnan(got.values[i]));
        else
            assert_true(fabs(got.values[i] - wanted[i]) < 1e-9);
    }
}

static void the_clock_may_be_set_in_both_directions(void **state _unused_)
{
    static uint8_t buf[HISTORY_FRAME_MAX];
    struct history_header h = a_header();
    struct history_sample got, s = {.uptime_ms = 6000, .time_ms = 1700000001123 - 3600000};

    assert_true(history_put_header(&h, buf, NULL) > 0);
    there_and_back(&h, &s, &got);
    s.time_ms = 0;
    there_and_back(&h, &s, &got);
    s.time_ms = HISTORY_TIME_MAX;
    there_and_back(&h, &s, &got);
}

static void a_sample_of_another_header_is_not_read(void **state _unused_)
{
    static uint8_t buf[HISTORY_FRAME_MAX];
    struct history_header h = a_header(), other = a_header();
    struct history_sample s = {.uptime_ms = 5000, .time_ms = 1700000000123};
    struct history_frame frame;
    int len;

    assert_true(history_put_header(&h, buf, NULL) > 0);
    other.time_ms++;
    assert_true(history_put_header(&other, buf, NULL) > 0);
    len = history_put_sample(&h, &s, buf);
    history_find(&other, buf, (size_t)len, true, &frame);
    assert_int_equal(frame.kind, HISTORY_NOTHING);
    assert_int_equal(frame.skipped, len);
    history_find(NULL, buf, (size_t)len, true, &frame);
    assert_int_equal(frame.kind, HISTORY_NOTHING);
}

static void every_flipped_bit_is_noticed(void **state _unused_)
{
    static uint8_t buf[HISTORY_FRAME_MAX];
    struct history_header h = a_header();
    struct history_sample s = {.uptime_ms = 5000, .time_ms = 1700000000123, .values = {1, 2, 3}};
    struct history_frame frame;
    int len;

    assert_true(history_put_header(&h, buf, NULL) > 0);
    len = history_put_sample(&h, &s, buf);
    for (int bit = 0; bit < 8 * len; bit++) {
        buf[bit / 8] = (uint8_t)(buf[bit / 8] ^ 1U << bit % 8);
        history_find(&h, buf, (size_t)len, true, &frame);
        assert_int_equal(frame.kind, HISTORY_NOTHING);
        buf[bit / 8] = (uint8_t)(buf[bit / 8] ^ 1U << bit % 8);
    }
    history_find(&h, buf, (size_t)len, true, &frame);
    assert_int_equal(frame.kind, HISTORY_SAMPLE);
}

static void what_is_cut_off_waits_for_more(void **state _unused_)
{
    static uint8_t buf[HISTORY_FRAME_MAX];
    struct history_header h = a_header();
    struct history_frame frame;
    size_t len = (size_t)history_put_header(&h, buf, NULL);

    for (size_t part = 1; part < len; part++) {
        history_find(NULL, buf, part, false, &frame);
        assert_int_equal(frame.kind, HISTORY_NOTHING);
        assert_int_equal(frame.skipped, 0);
        history_find(NULL, buf, part, true, &frame);
        assert_int_equal(frame.kind, HISTORY_NOTHING);
        assert_int_equal(frame.skipped, part);
        assert_true(frame.cut_off);
    }
}

static void names_that_do_not_fit_are_refused(void **state _unused_)
{
    _cleanup_(free_ptr) char *name = malloc(HISTORY_FRAME_MAX);
    static uint8_t buf[HISTORY_FRAME_MAX];
    struct history_metric one = {METRIC_BYTES, name};
    struct history_header h = {.n = 1, .metrics = &one};
    struct history_frame frame;
    struct err e = ERR_INIT;
    int len;

    memset(name, 'x', HISTORY_FRAME_MAX - 1);
    name[HISTORY_FRAME_MAX - 1] = '\0';
    assert_int_equal(history_put_header(&h, buf, &e), -E2BIG);
    assert_int_equal(e.kind, ERR_USAGE);
    err_clear(&e);
    name[HISTORY_FRAME_MAX - 200] = '\0';
    len = history_put_header(&h, buf, &e);
    assert_in_range(len, HISTORY_FRAME_MAX - 200, HISTORY_FRAME_MAX);
    history_find(NULL, buf, (size_t)len, true, &frame);
    assert_int_equal(frame.kind, HISTORY_HEADER);
}

/* A payload that somebody made, in a frame whose checksum is right. */
static int read_payload(const void *payload, size_t len)
{
    _cleanup_(history_header_clear) struct history_header h = HISTORY_HEADER_INIT;
    const struct history_frame frame = {
        .kind = HISTORY_HEADER, .payload = payload, .payload_length = len};

    return history_get_header(&frame, &h);
}

#define MAGIC "headroom-history"
#define BOOT "0123456789abcdef"

static void senseless_headers(void **state _unused_)
{
#define TRY(text) read_payload(text, sizeof(text) - 1)
    assert_int_equal(TRY(MAGIC "\x01\x00\x01" BOOT "\x01\x01\x01\x00\x03ram"), 0);
    assert_int_equal(TRY(MAGIC "\x01\x00\x01" BOOT "\x01\x01\x01\x00\x03ram and more"), 0);
    assert_int_equal(TRY(MAGIC "\x02"), -EPROTONOSUPPORT);
    assert_int_equal(TRY(MAGIC "\x00\x00\x01" BOOT "\x01\x01\x00"), -EBADMSG);
    assert_int_equal(TRY("headroom-histori\x01\x00\x01" BOOT "\x01\x01\x00"), -EBADMSG);
    /* no such kind; no such unit; an empty name; one with a NUL; one that is longer than the rest
     */
    assert_int_equal(TRY(MAGIC "\x01\x02\x01" BOOT "\x01\x01\x00"), -EBADMSG);
    assert_int_equal(TRY(MAGIC "\x01\x00\x01" BOOT "\x01\x01\x01\x77\x03ram"), -EBADMSG);
    assert_int_equal(TRY(MAGIC "\x01\x00\x01" BOOT "\x01\x01\x01\x00\x00"), -EBADMSG);
    assert_int_equal(TRY(MAGIC "\x01\x00\x01" BOOT "\x01\x01\x01\x00\x03r\0m"), -EBADMSG);
    assert_int_equal(TRY(MAGIC "\x01\x00\x01" BOOT "\x01\x01\x01\x00\x04ram"), -EBADMSG);
    /* more metrics than there may be; a time that is none; a number in a longer form than it needs
     */
    assert_int_equal(TRY(MAGIC "\x01\x00\x01" BOOT "\x01\x01\xff\x7f"), -EBADMSG);
    assert_int_equal(TRY(MAGIC "\x01\x00\x01" BOOT "\x01\xff\xff\xff\xff\xff\xff\x7f\x00"),
                     -EBADMSG);
    assert_int_equal(TRY(MAGIC "\x81\x00\x00\x01" BOOT "\x01\x01\x00"), -EBADMSG);
#undef TRY
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checksum_is_the_common_one),
        cmocka_unit_test(a_header_is_read_back),
        cmocka_unit_test(values_are_read_back),
        cmocka_unit_test(odd_values_are_kept_whole_or_rounded_as_promised),
        cmocka_unit_test(the_clock_may_be_set_in_both_directions),
        cmocka_unit_test(a_sample_of_another_header_is_not_read),
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(what_is_cut_off_waits_for_more),
        cmocka_unit_test(names_that_do_not_fit_are_refused),
        cmocka_unit_test(senseless_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
