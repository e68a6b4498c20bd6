/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "swapsize.h"

#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)
#define PLENTY (1000 * GIB)

static void test_auto_by_ram(void **state _unused_)
{
    assert_int_equal(swapsize_auto(512 * MIB, PLENTY), 512 * MIB);
    assert_int_equal(swapsize_auto(4 * GIB - 1, PLENTY), 4 * GIB - 1);
    assert_int_equal(swapsize_auto(4 * GIB, PLENTY), 4 * GIB);
    assert_int_equal(swapsize_auto(16 * GIB - 1, PLENTY), 4 * GIB);
    assert_int_equal(swapsize_auto(16 * GIB, PLENTY), 4 * GIB);
    assert_int_equal(swapsize_auto(20 * GIB, PLENTY), 4 * GIB);
    assert_int_equal(swapsize_auto(21 * GIB, PLENTY), 5 * GIB);
    assert_int_equal(swapsize_auto(64 * GIB, PLENTY), 8 * GIB);
    assert_int_equal(swapsize_auto(128 * GIB, PLENTY), 11 * GIB);
    assert_int_equal(swapsize_auto(1024 * GIB, PLENTY), 32 * GIB);
}

static void test_auto_by_space(void **state _unused_)
{
    assert_int_equal(swapsize_auto(8 * GIB, 8 * GIB), 2 * GIB);
    assert_int_equal(swapsize_auto(8 * GIB, 0), 0);
}

static uint64_t resolve(const char *text, struct swapsize_basis basis)
{
    uint64_t bytes = 0;

    assert_int_equal(swapsize_resolve(text, &basis, &bytes, NULL), 0);
    return bytes;
}

static void test_resolve(void **state _unused_)
{
    struct swapsize_basis basis = {.ram = 8 * GIB, .available = PLENTY};

    assert_int_equal(resolve("2G", basis), 2 * GIB);
    assert_int_equal(resolve("50%", basis), 4 * GIB);
    assert_int_equal(resolve("auto", basis), 4 * GIB);
}

static void test_existing_is_kept(void **state _unused_)
{
    struct swapsize_basis basis = {.ram = 8 * GIB, .available = GIB, .existing = 3 * GIB};

    assert_int_equal(resolve("auto", basis), 3 * GIB);
    assert_int_equal(resolve("50%", basis), 4 * GIB);
    basis.existing = 4 * GIB - 4 * GIB / 16;
    assert_int_equal(resolve("50%", basis), basis.existing);
    basis.existing--;
    assert_int_equal(resolve("50%", basis), 4 * GIB);
    basis.existing = 4 * GIB + 4 * GIB / 16;
    assert_int_equal(resolve("50%", basis), basis.existing);
    assert_int_equal(resolve("4G", basis), 4 * GIB);
}

static void test_wrong(void **state _unused_)
{
    const struct swapsize_basis basis = {.ram = 8 * GIB, .available = 100 * MIB};
    const char *const bad[] = {"", "%", "x%", "-5%", "101%", "2Q", "-1G", "auto2", "AUTO"};
    uint64_t bytes = 77;

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;

        assert_true(swapsize_resolve(bad[i], &basis, &bytes, &e) < 0);
        assert_int_equal(e.kind, ERR_USAGE);
        assert_non_null(e.text);
    }
    assert_int_equal(bytes, 77);
}

static void test_auto_without_space(void **state _unused_)
{
    const struct swapsize_basis basis = {.ram = 8 * GIB, .available = 100 * MIB};
    _cleanup_(err_clear) struct err e = ERR_INIT;
    uint64_t bytes;

    assert_int_equal(swapsize_resolve("auto", &basis, &bytes, &e), -ENOSPC);
    fake_assert_message(&e, "free space");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_auto_by_ram),  cmocka_unit_test(test_auto_by_space),
        cmocka_unit_test(test_resolve),      cmocka_unit_test(test_existing_is_kept),
        cmocka_unit_test(test_wrong),        cmocka_unit_test(test_auto_without_space),
    };

    return cmocka_run_group_tests_name("swapsize", tests, NULL, NULL);
}
