/* SPDX-License-Identifier: MIT */
#include "deed_swap.h"
#include "fake.h"

#include "swapheader.h"

enum { MIB = 1 << 20 };

static const struct deed_swap_bounds wide = {.total = UINT64_MAX, .reserve = 0};

static void test_number(void **state _unused_)
{
    assert_int_equal(deed_swap_number("headroom-1.swap"), 1);
    assert_int_equal(deed_swap_number("headroom-999.swap"), 999);
    assert_int_equal(deed_swap_number("headroom-1000.swap"), 0);
    assert_int_equal(deed_swap_number("headroom-99999999999999999999.swap"), 0);
    assert_int_equal(deed_swap_number("headroom-0.swap"), 0);
    assert_int_equal(deed_swap_number("headroom-01.swap"), 0);
    assert_int_equal(deed_swap_number("headroom-.swap"), 0);
    assert_int_equal(deed_swap_number("headroom-1.swap.old"), 0);
    assert_int_equal(deed_swap_number("swapfile"), 0);
}

static void make_proc(struct fake *f, const char *areas)
{
    char text[256];

    snprintf(text, sizeof(text), "Filename\tType\tSize\tUsed\tPriority\n%s", areas);
    fake_write(f, "proc/swaps", text);
    fake_write(f, "data/other", "");
}

/* A file with the bytes that make a swap area of it. */
static void make_area(struct fake *f, const char *path, size_t pages)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *bytes = calloc(pages, page);
    uint32_t version = 1, last = (uint32_t)pages - 1;

    assert_non_null(bytes);
    memcpy(bytes + 1024, &version, sizeof(version));
    memcpy(bytes + 1028, &last, sizeof(last));
    memcpy(bytes + page - 10, "SWAPSPACE2", 10);
    fake_write_bytes(f, path, bytes, pages * page);
    free(bytes);
}

static void assert_choice(struct fake *f, const char *path, uint64_t size, bool there)
{
    _cleanup_(deed_swap_clear) struct deed_swap s = DEED_SWAP_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    if (deed_swap_choose(&f->root, "/data", MIB, &wide, &s, &e) < 0)
        fail_msg("%s", e.text);
    assert_string_equal(s.path, path);
    assert_int_equal(s.size, size);
    assert_int_equal(s.there, there);
}

static void test_choose(void **state)
{
    struct fake *f = *state;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

    make_proc(f, "");
    assert_choice(f, "/data/headroom-1.swap", MIB, false);
    /* what is no swap area is somebody else's */
    fake_write(f, "data/headroom-1.swap", "hello");
    assert_choice(f, "/data/headroom-2.swap", MIB, false);
    /* what is one and not active is used again */
    make_area(f, "data/headroom-7.swap", 16);
    assert_choice(f, "/data/headroom-7.swap", 16 * page, true);
    make_proc(f, "/data/headroom-7.swap file 60 0 -2\n");
    assert_choice(f, "/data/headroom-2.swap", MIB, false);
}

static void assert_refused(struct fake *f, const struct deed_swap_bounds *b, int r,
                           const char *part)
{
    struct deed_swap s = DEED_SWAP_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    assert_int_equal(deed_swap_choose(&f->root, "/data", MIB, b, &s, &e), r);
    assert_null(s.path);
    assert_int_equal(e.kind, ERR_REFUSED);
    fake_assert_message(&e, part);
}

static void test_bounds(void **state)
{
    const struct deed_swap_bounds total = {.total = MIB + 4}, reserve = {UINT64_MAX, 1ULL << 60};
    struct deed_swap s = DEED_SWAP_INIT;
    struct fake *f = *state;

    make_proc(f, "");
    fake_write(f, "data/headroom-3.swap", "1234");
    assert_int_equal(deed_swap_choose(&f->root, "/data", MIB, &total, &s, NULL), 0);
    deed_swap_clear(&s);
    fake_write(f, "data/headroom-3.swap", "12345");
    assert_refused(f, &total, -EDQUOT,
                   "/data: 1M more would be beyond the bound of 1M; there is 5B");
    assert_refused(f, &reserve, -ENOSPC, "/data: 1M of swap would leave less than 1E of the ");
}

static void test_missing(void **state)
{
    struct fake *f = *state;
    struct deed_swap s = DEED_SWAP_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    assert_int_equal(deed_swap_choose(&f->root, "/none", MIB, &wide, &s, &e), -ENOENT);
    fake_assert_message(&e, "/none: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number),
        cmocka_unit_test_setup_teardown(test_choose, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_bounds, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_missing, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("deed_swap", tests, NULL, NULL);
}
