/* SPDX-License-Identifier: MIT */
#include "fake.h"

static void test_kinds(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    assert_int_equal(err_set(&e, -EIO, "%s: broken", "/a"), -EIO);
    assert_int_equal(e.kind, ERR_FAILED);
    assert_string_equal(e.text, "/a: broken");
    assert_int_equal(err_set(&e, -EOPNOTSUPP, "no"), -EOPNOTSUPP);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    assert_int_equal(err_set(&e, -ETIMEDOUT, "late"), -ETIMEDOUT);
    assert_int_equal(e.kind, ERR_TIMEOUT);
    assert_int_equal(err_set(&e, -EINTR, "stopped"), -EINTR);
    assert_int_equal(e.kind, ERR_INTERRUPTED);
    assert_int_equal(err_refuse(&e, -EEXIST, "%d files", 2), -EEXIST);
    assert_int_equal(e.kind, ERR_REFUSED);
    assert_string_equal(e.text, "2 files");
    assert_int_equal(err_unsupported(&e, -EINVAL, "never"), -EINVAL);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    assert_int_equal(err_usage(&e, -EINVAL, "what"), -EINVAL);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_string_equal(e.text, "what");
}

static void test_sys_adds_the_cause(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    assert_int_equal(err_sys(&e, -ENOSPC, "%s: cannot write", "/a"), -ENOSPC);
    assert_int_equal(e.kind, ERR_FAILED);
    assert_string_equal(e.text, "/a: cannot write: No space left on device");
    assert_int_equal(err_sys(&e, -EOPNOTSUPP, "/b"), -EOPNOTSUPP);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
}

static void test_nobody_listens(void **state _unused_)
{
    assert_int_equal(err_set(NULL, -EIO, "x"), -EIO);
    assert_int_equal(err_sys(NULL, -EIO, "x"), -EIO);
    assert_int_equal(err_refuse(NULL, -EIO, "x"), -EIO);
    assert_int_equal(err_unsupported(NULL, -EIO, "x"), -EIO);
    assert_int_equal(err_usage(NULL, -EIO, "x"), -EIO);
    assert_int_equal(err_oom(NULL), -ENOMEM);
    err_append(NULL, "x");
}

/* An argument may point into the message that is replaced. */
static void test_message_of_a_message(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    err_set(&e, -EIO, "inner");
    err_refuse(&e, -EIO, "outer, because %s", e.text);
    assert_string_equal(e.text, "outer, because inner");
}

static void test_append(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    err_append(&e, "; nothing to append to");
    assert_null(e.text);
    err_refuse(&e, -EIO, "first");
    err_append(&e, "; then %d", 2);
    assert_string_equal(e.text, "first; then 2");
    assert_int_equal(e.kind, ERR_REFUSED);
}

static void test_out_of_memory(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    err_usage(&e, -EINVAL, "older");
    assert_int_equal(err_oom(&e), -ENOMEM);
    assert_int_equal(e.kind, ERR_FAILED);
    assert_string_equal(e.text, "out of memory");
    err_append(&e, "; and more");
    assert_string_equal(e.text, "out of memory; and more");
    err_oom(&e);
    err_clear(&e);
    assert_null(e.text);
    err_clear(&e);
}

int __real_vasprintf(char **out, const char *fmt, va_list ap);
int __wrap_vasprintf(char **out, const char *fmt, va_list ap) _printf_(2, 0);
int __wrap_asprintf(char **out, const char *fmt, ...) _printf_(2, 3);
static int texts_left = 100;

int __wrap_vasprintf(char **out, const char *fmt, va_list ap)
{
    return texts_left-- > 0 ? __real_vasprintf(out, fmt, ap) : -1;
}

int __wrap_asprintf(char **out, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = __wrap_vasprintf(out, fmt, ap);
    va_end(ap);
    return n;
}

/* No memory for the message: it says so, and what is returned stays. */
static void test_no_memory_for_the_message(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    texts_left = 0;
    assert_int_equal(err_refuse(&e, -EIO, "x"), -EIO);
    assert_string_equal(e.text, "out of memory");
    assert_int_equal(e.kind, ERR_REFUSED);
    assert_int_equal(err_sys(&e, -EIO, "x"), -EIO);
    assert_string_equal(e.text, "out of memory");
    texts_left = 1;
    assert_int_equal(err_sys(&e, -EIO, "x"), -EIO);
    assert_string_equal(e.text, "out of memory");
    texts_left = 1;
    err_set(&e, -EIO, "kept");
    err_append(&e, "; lost");
    assert_string_equal(e.text, "kept");
    texts_left = 1;
    err_append(&e, "; lost");
    assert_string_equal(e.text, "kept");
    texts_left = 100;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_sys_adds_the_cause),
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_message_of_a_message),
        cmocka_unit_test(test_append),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_no_memory_for_the_message),
    };

    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
