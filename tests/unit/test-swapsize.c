/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "swapsize.h"

#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)
#define PLENTY (1000 * GIB)

static struct swapsize_advice advise(enum swapsize_workload workload, struct swapsize_basis basis)
{
    struct swapsize_advice advice;

    assert_int_equal(swapsize_advise(workload, &basis, &advice), 0);
    assert_true(strlen(advice.reason) > 20);
    return advice;
}

static uint64_t auto_size(uint64_t ram, uint64_t available)
{
    struct swapsize_basis basis = {.ram = ram, .available = available};
    struct swapsize_advice advice;

    swapsize_advise(SWAPSIZE_GENERAL, &basis, &advice);
    return advice.bytes;
}

static void test_auto_by_ram(void **state _unused_)
{
    assert_int_equal(auto_size(512 * MIB, PLENTY), 512 * MIB);
    assert_int_equal(auto_size(4 * GIB - 1, PLENTY), 4 * GIB - 1);
    assert_int_equal(auto_size(4 * GIB, PLENTY), 4 * GIB);
    assert_int_equal(auto_size(16 * GIB - 1, PLENTY), 4 * GIB);
    assert_int_equal(auto_size(16 * GIB, PLENTY), 4 * GIB);
    assert_int_equal(auto_size(20 * GIB, PLENTY), 4 * GIB);
    assert_int_equal(auto_size(21 * GIB, PLENTY), 5 * GIB);
    assert_int_equal(auto_size(64 * GIB, PLENTY), 8 * GIB);
    assert_int_equal(auto_size(128 * GIB, PLENTY), 11 * GIB);
    assert_int_equal(auto_size(1024 * GIB, PLENTY), 32 * GIB);
}

static void test_auto_by_space(void **state _unused_)
{
    assert_int_equal(auto_size(8 * GIB, 8 * GIB), 2 * GIB);
    assert_int_equal(auto_size(8 * GIB, 0), 0);
}

static void assert_advice(struct swapsize_advice a, uint64_t bytes, const char *rule)
{
    assert_int_equal(a.bytes, bytes);
    assert_string_equal(a.rule, rule);
}

static void test_rules_of_general(void **state _unused_)
{
    struct swapsize_basis basis = {.ram = 2 * GIB, .available = PLENTY, .promised = 100 * GIB};

    assert_advice(advise(SWAPSIZE_GENERAL, basis), 2 * GIB, "ram");
    basis.ram = 8 * GIB;
    assert_advice(advise(SWAPSIZE_GENERAL, basis), 4 * GIB, "fixed");
    basis.ram = 64 * GIB;
    assert_advice(advise(SWAPSIZE_GENERAL, basis), 8 * GIB, "square-root");
    basis.available = 16 * GIB;
    assert_advice(advise(SWAPSIZE_GENERAL, basis), 4 * GIB, "quarter-of-disk");
    /* what is there already can be made anew */
    basis.existing = 16 * GIB;
    assert_advice(advise(SWAPSIZE_GENERAL, basis), 8 * GIB, "square-root");
}

static void test_workloads(void **state _unused_)
{
    static const struct {
        uint64_t ram, batch, llm, hibernate;
    } cases[] = {
        {1, 1, 1, 2},     {8, 4, 8, 12},      {32, 16, 32, 38},
        {64, 32, 64, 72}, {128, 32, 64, 139}, {4096, 64, 64, 4160},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct swapsize_basis basis = {.ram = cases[i].ram * GIB, .available = PLENTY};

        assert_int_equal(advise(SWAPSIZE_BATCH, basis).bytes, cases[i].batch * GIB);
        assert_int_equal(advise(SWAPSIZE_LLM, basis).bytes, cases[i].llm * GIB);
        assert_int_equal(advise(SWAPSIZE_HIBERNATE, basis).bytes, cases[i].hibernate * GIB);
    }
}

static void test_promised(void **state _unused_)
{
    struct swapsize_basis basis = {.ram = 16 * GIB, .available = PLENTY, .promised = 8 * GIB};

    assert_advice(advise(SWAPSIZE_BATCH, basis), 8 * GIB, "half-ram");
    basis.promised = 9 * GIB;
    assert_advice(advise(SWAPSIZE_BATCH, basis), 9 * GIB, "promised");
    basis.promised = PLENTY;
    assert_advice(advise(SWAPSIZE_BATCH, basis), 16 * GIB, "promised");
    assert_advice(advise(SWAPSIZE_LLM, basis), 16 * GIB, "ram-for-models");
    assert_advice(advise(SWAPSIZE_HIBERNATE, basis), 20 * GIB, "ram-and-general");
}

static void test_little_space(void **state _unused_)
{
    struct swapsize_basis basis = {.ram = 8 * GIB, .available = 256 * MIB - 1};
    struct swapsize_advice a;

    assert_int_equal(swapsize_advise(SWAPSIZE_BATCH, &basis, &a), 1);
    assert_int_equal(swapsize_advise(SWAPSIZE_HIBERNATE, &basis, &a), 0);
    assert_advice(a, 12 * GIB, "ram-and-general");
    basis.existing = 1;
    assert_int_equal(swapsize_advise(SWAPSIZE_BATCH, &basis, &a), 0);
    assert_advice(a, 64 * MIB, "quarter-of-disk");
    basis = (struct swapsize_basis){.ram = 32 * MIB, .available = PLENTY};
    assert_int_equal(swapsize_advise(SWAPSIZE_GENERAL, &basis, &a), 0);
    assert_advice(a, 32 * MIB, "ram");
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
        cmocka_unit_test(test_auto_by_ram),
        cmocka_unit_test(test_auto_by_space),
        cmocka_unit_test(test_rules_of_general),
        cmocka_unit_test(test_workloads),
        cmocka_unit_test(test_promised),
        cmocka_unit_test(test_little_space),
        cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_existing_is_kept),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_auto_without_space),
    };

    return cmocka_run_group_tests_name("swapsize", tests, NULL, NULL);
}
