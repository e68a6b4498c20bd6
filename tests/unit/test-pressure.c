/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <math.h>

#include "pressure.h"

#define SOME "some avg10=1.78 avg60=1.03 avg300=0.28 total=4213735\n"
#define FULL "full avg10=100.00 avg60=99.99 avg300=0.00 total=18446744073709551615\n"

static void assert_line(const struct pressure_line *line, double a, double b, double c,
                        uint64_t total)
{
    assert_true(line->present);
    assert_true(fabs(line->avg10 - a) < 1e-9);
    assert_true(fabs(line->avg60 - b) < 1e-9);
    assert_true(fabs(line->avg300 - c) < 1e-9);
    assert_true(line->total_us == total);
}

static void test_lines(void **state _unused_)
{
    struct pressure p;

    assert_int_equal(pressure_parse(SOME FULL, &p, NULL), 0);
    assert_line(&p.some, 1.78, 1.03, 0.28, 4213735);
    assert_line(&p.full, 100, 99.99, 0, UINT64_MAX);
    /* cpu before Linux 5.13 has no "full", irq no "some" */
    assert_int_equal(pressure_parse(SOME, &p, NULL), 0);
    assert_true(p.some.present);
    assert_false(p.full.present);
    assert_int_equal(pressure_parse(FULL, &p, NULL), 0);
    assert_false(p.some.present);
    assert_true(p.full.present);
    /* what later kernels may add, and another order */
    assert_int_equal(
        pressure_parse("most avg10=x\nsome total=3 avg600=7 avg300=1 avg10=2.5 avg60=0.125\n", &p,
                       NULL),
        0);
    assert_line(&p.some, 2.5, 0.125, 1, 3);
}

static void test_bad(void **state _unused_)
{
    static const struct {
        const char *text;
        int r;
    } bad[] = {
        {"", -ENODATA},
        {"\n\n", -ENODATA},
        {"awesome avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", -ENODATA},
        {"something avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", -ENODATA},
        {"some", -ENODATA},
        {"some \n", -EBADMSG},
        {"some avg10=0.00 avg60=0.00 avg300=0.00\n", -EBADMSG},
        {"some avg10=0.00 avg60=0.00 total=0\n", -EBADMSG},
        {"some avg10=0.00 avg60=0.00 avg300=0.00 total=\n", -EBADMSG},
        {"some avg10=0.00 avg60=0.00 avg300=0.00 total=-1\n", -EBADMSG},
        {"some avg10=0.00 avg60=0.00 avg300=0.00 total=1.5\n", -EBADMSG},
        {"some avg10= avg60=0.00 avg300=0.00 total=0\n", -EBADMSG},
        {"some avg10=. avg60=0.00 avg300=0.00 total=0\n", -EBADMSG},
        {"some avg10=1. avg60=0.00 avg300=0.00 total=0\n", -EBADMSG},
        {"some avg10=.5 avg60=0.00 avg300=0.00 total=0\n", -EBADMSG},
        {"some avg10=0,5 avg60=0.00 avg300=0.00 total=0\n", -EBADMSG},
        {"some avg10=0.5.5 avg60=0.00 avg300=0.00 total=0\n", -EBADMSG},
        {"some avg10=-0.5 avg60=0.00 avg300=0.00 total=0\n", -EBADMSG},
        {"some avg10=nan avg60=0.00 avg300=0.00 total=0\n", -EBADMSG},
        {"some avg10=1e1 avg60=0.00 avg300=0.00 total=0\n", -EBADMSG},
        {"some avg10=99999999999999999999.0 avg60=0.00 avg300=0.00 total=0\n", -EOVERFLOW},
        {"some avg10=0.00 avg60=0.00 avg300=0.00 total=18446744073709551616\n", -EOVERFLOW},
        {SOME "full avg10=x avg60=0.00 avg300=0.00 total=0\n", -EBADMSG},
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;
        struct pressure p = {.some = {.total_us = 7}};

        if (pressure_parse(bad[i].text, &p, &e) != bad[i].r)
            fail_msg("case %zu: \"%s\"", i, bad[i].text);
        fake_assert_message(&e, "pressure: ");
        assert_int_equal(p.some.total_us, 7);
        assert_false(p.some.present);
    }
}

static void test_read(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct pressure p;

    assert_int_equal(pressure_read(&f->root, "/proc/pressure/memory", &p, &e), -EOPNOTSUPP);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    fake_assert_message(&e, "/proc/pressure/memory: ");
    fake_assert_message(&e, "psi=1");
    fake_write(f, "proc/pressure/memory", "broken\n");
    assert_int_equal(pressure_read(&f->root, "/proc/pressure/memory", &p, &e), -ENODATA);
    assert_int_equal(e.kind, ERR_FAILED);
    fake_write(f, "proc/pressure/memory", SOME FULL);
    assert_int_equal(pressure_read(&f->root, "/proc/pressure/memory", &p, &e), 0);
    assert_line(&p.some, 1.78, 1.03, 0.28, 4213735);
    assert_int_equal(pressure_read(&f->root, "/proc/pressure", &p, &e), -EISDIR);
}

/* What a read answers under psi=0. */
ssize_t __real_read(int fd, void *buf, size_t n);
ssize_t __wrap_read(int fd, void *buf, size_t n);
static bool no_psi;

ssize_t __wrap_read(int fd, void *buf, size_t n)
{
    if (!no_psi)
        return __real_read(fd, buf, n);
    errno = EOPNOTSUPP;
    return -1;
}

static void test_switched_off(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct pressure p;

    fake_write(f, "memory.pressure", SOME FULL);
    no_psi = true;
    assert_int_equal(pressure_read(&f->root, "/memory.pressure", &p, &e), -EOPNOTSUPP);
    no_psi = false;
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    fake_assert_message(&e, "psi=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_bad),
        cmocka_unit_test_setup_teardown(test_read, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_switched_off, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("pressure", tests, NULL, NULL);
}
