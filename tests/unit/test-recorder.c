/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "crc32.h"
#include "fake.h"
#include "recorder.h"
#include "replay.h"

static const struct recorder_rotation no_rotation;

static struct history_header make_header(const char *second)
{
    struct history_header h = {.interval_ms = 1000, .n = 2};

    h.metrics = calloc(2, sizeof(*h.metrics));
    h.metrics[0] = (struct history_metric){METRIC_PERCENT, strdup("ram")};
    h.metrics[1] = (struct history_metric){METRIC_BYTES, strdup(second)};
    return h;
}

static int begin(struct fake *f, const char *name, const struct recorder_rotation *rotation,
                 struct recorder **out, struct err *e)
{
    struct history_header h = make_header("swap.used");
    int r = recorder_open(fake_path(f, name), rotation, &h, out, e);

    history_header_clear(&h);
    return r;
}

static int add(struct recorder *r, unsigned i, struct err *e)
{
    struct history_sample s = {.uptime_ms = 1000 * (i + 1), .time_ms = 1700000000000 + 1000 * i};

    s.values[0] = i % 100;
    s.values[1] = i * 4096.0;
    return recorder_add(r, &s, e);
}

static void record(struct fake *f, const char *name, unsigned from, unsigned to)
{
    _cleanup_(recorder_free) struct recorder *r = NULL;

    assert_int_equal(begin(f, name, &no_rotation, &r, NULL), 0);
    for (unsigned i = from; i < to; i++)
        assert_int_equal(add(r, i, NULL), 0);
}

/* Reads it all; each sample says which one it is. */
struct read {
    int result;
    unsigned headers, n;
    unsigned first, last; /* numbers of samples */
    bool in_order;
    struct replay_loss loss;
};

static struct read read_all(struct fake *f, const char *name, struct err *e)
{
    _cleanup_(replay_free) struct replay *r = NULL;
    struct read got = {.in_order = true};

    got.result = replay_open(fake_path(f, name), false, &r, e);
    while (got.result == 0 && (got.result = replay_next(r, e)) > 0) {
        unsigned i = (unsigned)(replay_sample(r)->uptime_ms / 1000 - 1);

        if (got.result == REPLAY_HEADER) {
            got.headers++;
        } else {
            got.in_order = got.in_order && (got.n == 0 || i > got.last);
            got.first = got.n == 0 ? i : got.first;
            got.last = i;
            got.n++;
            assert_true(replay_sample(r)->values[1] == i * 4096.0);
        }
        got.result = 0;
    }
    if (r)
        got.loss = replay_lost(r);
    return got;
}

static size_t size_of(struct fake *f, const char *name)
{
    struct stat st;

    assert_int_equal(stat(fake_path(f, name), &st), 0);
    return (size_t)st.st_size;
}

static void what_is_recorded_is_read(void **state)
{
    struct read got;

    record(*state, "/h", 0, 3000);
    got = read_all(*state, "/h", NULL);
    assert_int_equal(got.result, 0);
    assert_int_equal(got.n, 3000);
    assert_int_equal(got.headers, 3); /* repeated every HISTORY_REPEAT */
    assert_true(got.in_order);
    assert_int_equal(got.loss.bytes + got.loss.torn, 0);
}

/* Whichever byte a kill stopped at: what was whole before is read, and going on after it too. */
static void torn_at_every_byte(void **state)
{
    struct fake *f = *state;
    size_t two, three;

    record(f, "/h", 0, 2);
    two = size_of(f, "/h");
    record(f, "/whole", 0, 3);
    three = size_of(f, "/whole");
    for (size_t cut = 0; cut < three; cut++) {
        _cleanup_(recorder_free) struct recorder *r = NULL;
        struct read got;

        unlink(fake_path(f, "/h"));
        record(f, "/h", 0, 3);
        assert_int_equal(truncate(fake_path(f, "/h"), (off_t)cut), 0);
        got = read_all(f, "/h", NULL);
        assert_int_equal(got.result, 0);
        assert_int_equal(got.loss.bytes, 0);
        if (cut >= two)
            assert_int_equal(got.n, 2);
        assert_int_equal(begin(f, "/h", &no_rotation, &r, NULL), 0);
        assert_int_equal(size_of(f, "/h"), cut - got.loss.torn);
        assert_int_equal(add(r, 7, NULL), 0);
        got = read_all(f, "/h", NULL);
        assert_int_equal(got.result, 0);
        assert_int_equal(got.loss.bytes + got.loss.torn, 0);
        assert_int_equal(got.last, 7);
    }
}

static void spoil(struct fake *f, const char *name, size_t at)
{
    FILE *file = fopen(fake_path(f, name), "r+");
    int c;

    assert_non_null(file);
    assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
    c = fgetc(file);
    assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
    fputc(c ^ 0x11, file);
    assert_int_equal(fclose(file), 0);
}

/* One spoiled byte anywhere behind the header costs one sample and is counted. */
static void damage_costs_what_it_hits(void **state)
{
    struct fake *f = *state;
    size_t one, all;

    record(f, "/one", 0, 1);
    one = size_of(f, "/one");
    record(f, "/whole", 0, 50);
    all = size_of(f, "/whole");
    for (size_t at = one; at < all - 20; at++) {
        struct read got;

        unlink(fake_path(f, "/h"));
        record(f, "/h", 0, 50);
        spoil(f, "/h", at);
        got = read_all(f, "/h", NULL);
        assert_int_equal(got.result, 0);
        assert_int_equal(got.n, 49);
        assert_int_equal(got.loss.places, 1);
        assert_in_range(got.loss.bytes, 5, 40);
        assert_int_equal(got.loss.torn, 0);
    }
}

static void a_lost_header_costs_until_the_next(void **state)
{
    struct read got;

    record(*state, "/h", 0, 2000);
    spoil(*state, "/h", 20);
    got = read_all(*state, "/h", NULL);
    assert_int_equal(got.result, 0);
    assert_int_equal(got.n, 2000 - HISTORY_REPEAT);
    assert_int_equal(got.first, HISTORY_REPEAT);
    assert_int_equal(got.loss.places, 1);
}

/* Rubbish at the end that is not the beginning of a record stays, and is counted. */
static void foreign_bytes_are_not_cut_off(void **state)
{
    struct fake *f = *state;
    struct read got;
    FILE *file;

    record(f, "/h", 0, 5);
    file = fopen(fake_path(f, "/h"), "a");
    assert_non_null(file);
    fputs("hello world", file);
    fclose(file);
    got = read_all(f, "/h", NULL);
    assert_int_equal(got.loss.bytes, 11);
    record(f, "/h", 5, 6);
    got = read_all(f, "/h", NULL);
    assert_int_equal(got.n, 6);
    assert_int_equal(got.loss.bytes, 11);
}

static void refused(struct fake *f, const char *name, int result, const char *message)
{
    _cleanup_(recorder_free) struct recorder *r = NULL;
    struct err e = ERR_INIT;

    assert_int_equal(begin(f, name, &no_rotation, &r, &e), result);
    assert_int_equal(e.kind, ERR_REFUSED);
    fake_assert_message(&e, message);
    err_clear(&e);
}

static void others_files_are_refused(void **state)
{
    _cleanup_(recorder_free) struct recorder *first = NULL;
    struct fake *f = *state;
    char *text;

    fake_write(f, "/notes", "do not touch\n");
    refused(f, "/notes", -EBADMSG, "is no history");
    text = fake_read(f, "/notes");
    assert_string_equal(text, "do not touch\n");
    free(text);
    assert_int_equal(symlink("notes", fake_path(f, "/link")), 0);
    refused(f, "/link", -ELOOP, "symbolic link");
    assert_int_equal(mkdir(fake_path(f, "/folder"), 0755), 0);
    refused(f, "/folder", -EINVAL, "a directory");
    refused(f, "/folder/", -EISDIR, "a directory");
    assert_int_equal(mkfifo(fake_path(f, "/fifo"), 0600), 0);
    refused(f, "/fifo", -EINVAL, "not a regular file");
    assert_int_equal(begin(f, "/h", &no_rotation, &first, NULL), 0);
    refused(f, "/h", -EBUSY, "another process records to it");
}

static void a_later_version_is_left_alone(void **state)
{
    static uint8_t buf[HISTORY_FRAME_MAX];
    _cleanup_(recorder_free) struct recorder *r = NULL;
    struct history_header h = make_header("swap");
    struct fake *f = *state;
    struct err e = ERR_INIT;
    struct read got;
    int len = history_put_header(&h, buf, NULL);
    uint32_t sum;

    buf[2 + 16] = 2; /* mark, length, magic, version */
    sum = crc32_add(0, buf, (size_t)len - 4);
    for (int i = 0; i < 4; i++)
        buf[len - 4 + i] = (uint8_t)(sum >> (8 * i));
    fake_write_bytes(f, "/h", buf, (size_t)len);
    assert_int_equal(begin(f, "/h", &no_rotation, &r, &e), -EPROTONOSUPPORT);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    err_clear(&e);
    got = read_all(f, "/h", &e);
    assert_int_equal(got.result, -EPROTONOSUPPORT);
    err_clear(&e);
    history_header_clear(&h);
}

static void rotation_keeps_the_newest_in_order(void **state)
{
    const struct recorder_rotation rotation = {4096, 3};
    _cleanup_(recorder_free) struct recorder *r = NULL;
    struct fake *f = *state;
    struct read got;

    assert_int_equal(begin(f, "/h", &rotation, &r, NULL), 0);
    for (unsigned i = 0; i < 3000; i++) {
        assert_int_equal(add(r, i, NULL), 0);
        assert_true(size_of(f, "/h") <= 4096);
    }
    for (int i = 1; i <= 3; i++) {
        char name[8];

        snprintf(name, sizeof(name), "/h.%d", i);
        assert_in_range(size_of(f, name), 4000, 4096);
    }
    assert_false(fake_exists(f, "/h.4"));
    got = read_all(f, "/h", NULL);
    assert_int_equal(got.last, 2999);
    assert_int_equal(got.n, got.last - got.first + 1);
    assert_true(got.in_order);
    assert_int_equal(got.loss.bytes + got.loss.torn, 0);
}

/* Killed between two of its renames, a rotation leaves one name out; nothing is lost by it. */
static void a_rotation_that_was_killed_is_read_and_mended(void **state)
{
    const struct recorder_rotation rotation = {4096, 3};
    struct fake *f = *state;
    struct read before, got;

    for (int missing = 0; missing <= 2; missing++) {
        _cleanup_(recorder_free) struct recorder *r = NULL, *again = NULL;
        char from[16], to[96];

        assert_int_equal(begin(f, "/h", &rotation, &r, NULL), 0);
        for (unsigned i = 0; i < 1000; i++)
            assert_int_equal(add(r, i, NULL), 0);
        recorder_free(&r);
        unlink(fake_path(f, "/h.3"));
        before = read_all(f, "/h", NULL);
        for (int i = 2; i >= missing; i--) {
            snprintf(from, sizeof(from), i ? "/h.%d" : "/h", i);
            snprintf(to, sizeof(to), "%s/h.%d", f->dir, i + 1);
            assert_int_equal(rename(fake_path(f, from), to), 0);
        }
        got = read_all(f, "/h", NULL);
        assert_int_equal(got.result, 0);
        assert_int_equal(got.n, before.n);
        assert_int_equal(got.first, before.first);
        assert_true(got.in_order);
        /* the next rotation fills the place and throws nothing away */
        assert_int_equal(begin(f, "/h", &rotation, &again, NULL), 0);
        for (unsigned i = 1000; i < 1060; i++)
            assert_int_equal(add(again, i, NULL), 0);
        got = read_all(f, "/h", NULL);
        assert_int_equal(got.n, before.n + 60);
        assert_true(got.in_order);
        for (int i = 0; i <= 3; i++) {
            snprintf(from, sizeof(from), i ? "/h.%d" : "/h", i);
            unlink(fake_path(f, from));
        }
    }
}

static void what_rotation_would_replace_is_looked_at(void **state)
{
    const struct recorder_rotation rotation = {4096, 2};
    _cleanup_(recorder_free) struct recorder *r = NULL;
    struct fake *f = *state;
    struct err e = ERR_INIT;

    fake_write(f, "/h.2", "my notes\n");
    assert_int_equal(begin(f, "/h", &rotation, &r, &e), -EBADMSG);
    assert_int_equal(e.kind, ERR_REFUSED);
    fake_assert_message(&e, "h.2: is no history");
    err_clear(&e);
    assert_false(fake_exists(f, "/h"));
    unlink(fake_path(f, "/h.2"));
    assert_int_equal(begin(f, "/h", &rotation, &r, NULL), 0);
    fake_write(f, "/h.2", "my notes\n");
    for (unsigned i = 0; i < 1000; i++) {
        int n = add(r, i, &e);

        if (n < 0)
            break;
    }
    fake_assert_message(&e, "h.2: is no history");
    err_clear(&e);
    assert_true(fake_exists(f, "/h.2"));
}

/* A full disk, as a limit on the file's size makes it: nothing half is left, and it goes on. */
static void a_full_disk_leaves_no_half_record(void **state)
{
    _cleanup_(recorder_free) struct recorder *r = NULL;
    struct fake *f = *state;
    struct rlimit old, full;
    struct read got;
    struct err e = ERR_INIT;
    unsigned i = 0;
    size_t size;

    assert_int_equal(begin(f, "/h", &no_rotation, &r, NULL), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_IGN);
    full = (struct rlimit){1000, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
    while (add(r, i, &e) == 0)
        i++;
    assert_int_equal(add(r, i + 1, &e), -EFBIG);
    size = size_of(f, "/h");
    got = read_all(f, "/h", NULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    err_clear(&e);
    assert_true(size <= 1000);
    assert_int_equal(got.n, i);
    assert_int_equal(got.loss.bytes + got.loss.torn, 0);
    assert_int_equal(add(r, i + 2, NULL), 0);
    got = read_all(f, "/h", NULL);
    assert_int_equal(got.n, i + 1);
    assert_int_equal(got.last, i + 2);
}

static void somebody_else_changes_the_file(void **state)
{
    _cleanup_(recorder_free) struct recorder *r = NULL;
    struct fake *f = *state;
    char old[128];

    assert_int_equal(begin(f, "/h", &no_rotation, &r, NULL), 0);
    assert_int_equal(add(r, 0, NULL), 0);
    assert_int_equal(truncate(fake_path(f, "/h"), 0), 0); /* logrotate's copytruncate */
    assert_int_equal(add(r, 1, NULL), 0);
    assert_int_equal(read_all(f, "/h", NULL).first, 1);
    assert_int_equal(unlink(fake_path(f, "/h")), 0);
    assert_int_equal(add(r, 2, NULL), 0);
    assert_int_equal(read_all(f, "/h", NULL).first, 2);
    snprintf(old, sizeof(old), "%s", fake_path(f, "/old"));
    assert_int_equal(rename(fake_path(f, "/h"), old), 0); /* logrotate, with SIGHUP */
    assert_int_equal(recorder_reopen(r, NULL), 0);
    assert_int_equal(add(r, 3, NULL), 0);
    assert_int_equal(read_all(f, "/h", NULL).first, 3);
    assert_int_equal(read_all(f, "/old", NULL).last, 2);
    assert_int_equal(recorder_sync(r, NULL), 0);
}

static void other_metrics_begin_behind_a_header_of_their_own(void **state)
{
    _cleanup_(recorder_free) struct recorder *r = NULL;
    struct history_header h = make_header("ram.available");
    struct read got;

    record(*state, "/h", 0, 4);
    assert_int_equal(recorder_open(fake_path(*state, "/h"), &no_rotation, &h, &r, NULL), 0);
    assert_int_equal(h.n, 0);
    assert_int_equal(add(r, 4, NULL), 0);
    got = read_all(*state, "/h", NULL);
    assert_int_equal(got.headers, 2);
    assert_int_equal(got.n, 5);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_recorded_is_read),
        TEST(torn_at_every_byte),
        TEST(damage_costs_what_it_hits),
        TEST(a_lost_header_costs_until_the_next),
        TEST(foreign_bytes_are_not_cut_off),
        TEST(others_files_are_refused),
        TEST(a_later_version_is_left_alone),
        TEST(rotation_keeps_the_newest_in_order),
        TEST(a_rotation_that_was_killed_is_read_and_mended),
        TEST(what_rotation_would_replace_is_looked_at),
        TEST(a_full_disk_leaves_no_half_record),
        TEST(somebody_else_changes_the_file),
        TEST(other_metrics_begin_behind_a_header_of_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
