/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "vmstat.h"

static struct vmstat parse(const char *text)
{
    struct vmstat v;
    char *copy = strdup(text);

    assert_non_null(copy);
    assert_int_equal(vmstat_parse(copy, &v, NULL), 0);
    return v;
}

static struct vmstat load(const char *name)
{
    _cleanup_(free_ptr) char *text = fake_data(name);

    return parse(text);
}

static void assert_counter(const struct vmstat *v, const char *name, uint64_t want)
{
    uint64_t n;

    if (!vmstat_get(v, name, &n) || n != want)
        fail_msg("%s is not %llu", name, (unsigned long long)want);
}

static void assert_absent(const struct vmstat *v, const char *name)
{
    uint64_t n = 7;

    if (vmstat_get(v, name, &n) || n != 7)
        fail_msg("%s is there", name);
}

/* Names came and went with kernels: what one lacks is absent, not 0. */
static void test_generations(void **state _unused_)
{
    _cleanup_(vmstat_clear) struct vmstat old = load("proc/2.6.32/vmstat");
    _cleanup_(vmstat_clear) struct vmstat middle = load("proc/4.18/vmstat");
    _cleanup_(vmstat_clear) struct vmstat new = load("proc/6.18/vmstat");

    assert_counter(&old, "pgscan_kswapd_dma32", 948813);
    assert_absent(&old, "pgscan_kswapd");
    assert_absent(&old, "oom_kill");
    assert_counter(&middle, "pgscan_kswapd", 7710334);
    assert_counter(&middle, "workingset_refault", 412339);
    assert_counter(&middle, "oom_kill", 3);
    assert_absent(&middle, "pgscan_anon");
    assert_absent(&middle, "workingset_refault_anon");
    assert_counter(&new, "pgscan_proactive", 0);
    assert_counter(&new, "pgscan_anon", 0);
    assert_absent(&new, "workingset_refault");
    assert_absent(&new, "pgscan");
    assert_string_equal(middle.items[0].name, "nr_free_pages");
    assert_string_equal(middle.items[middle.n - 1].name, "oom_kill");
}

static void test_shapes(void **state _unused_)
{
    _cleanup_(vmstat_clear) struct vmstat v = VMSTAT_INIT;

    v = parse("");
    assert_int_equal(v.n, 0);
    assert_absent(&v, "");
    vmstat_clear(&v);
    v = parse("a 18446744073709551615\nb\t 2\na 3");
    assert_int_equal(v.n, 3);
    assert_counter(&v, "a", UINT64_MAX);
    assert_counter(&v, "b", 2);
    vmstat_clear(&v);
    assert_null(v.text);
    assert_int_equal(v.n, 0);
    vmstat_clear(&v);
}

static void test_bad(void **state _unused_)
{
    static const struct {
        const char *text;
        int r;
        const char *message;
    } bad[] = {
        {"a", -EBADMSG, "line 1 "},
        {"a 1\nb\n", -EBADMSG, "line 2 "},
        {"a 1\n\nb 1\n", -EBADMSG, "line 2 "},
        {"\n", -EBADMSG, "line 1 "},
        {" a 1\n", -EBADMSG, "line 1 "},
        {"a \n", -EBADMSG, "line 1 "},
        {"a -1\n", -EBADMSG, "line 1 "},
        {"a 1 \n", -EBADMSG, "line 1 "},
        {"a 1 2\n", -EBADMSG, "line 1 "},
        {"a b\n", -EBADMSG, "line 1 "},
        {"a 18446744073709551616\n", -EOVERFLOW, "line 1 "},
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;
        _cleanup_(free_ptr) char *copy = strdup(bad[i].text);
        struct vmstat v = VMSTAT_INIT;

        if (vmstat_parse(copy, &v, &e) != bad[i].r)
            fail_msg("case %zu: \"%s\"", i, bad[i].text);
        fake_assert_message(&e, bad[i].message);
        assert_null(v.text);
        assert_null(v.items);
    }
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
static bool no_memory;

void *__wrap_calloc(size_t n, size_t size)
{
    return no_memory ? NULL : __real_calloc(n, size);
}

static void test_no_memory(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct vmstat v = VMSTAT_INIT;
    char text[] = "a 1\n";

    no_memory = true;
    assert_int_equal(vmstat_parse(text, &v, &e), -ENOMEM);
    no_memory = false;
    fake_assert_message(&e, "out of memory");
    assert_null(v.text);
}

static void test_delta(void **state _unused_)
{
    _cleanup_(vmstat_clear) struct vmstat before = parse("grew 5\nsame 7\nback 9\ngone 1\n");
    _cleanup_(vmstat_clear) struct vmstat after = parse("came 1\nback 8\nsame 7\ngrew 12\n");
    uint64_t n = 99;

    assert_true(vmstat_delta(&before, &after, "grew", &n));
    assert_int_equal(n, 7);
    assert_true(vmstat_delta(&before, &after, "same", &n));
    assert_int_equal(n, 0);
    n = 99;
    assert_false(vmstat_delta(&before, &after, "back", &n));
    assert_false(vmstat_delta(&before, &after, "gone", &n));
    assert_false(vmstat_delta(&before, &after, "came", &n));
    assert_false(vmstat_delta(&before, &after, "gre", &n));
    assert_int_equal(n, 99);
}

static void test_read(void **state)
{
    struct fake *f = *state;
    _cleanup_(vmstat_clear) struct vmstat v = VMSTAT_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    assert_int_equal(vmstat_read(&f->root, "/proc/vmstat", &v, &e), -ENOENT);
    fake_assert_message(&e, "/proc/vmstat");
    fake_write(f, "proc/vmstat", "broken\n");
    assert_int_equal(vmstat_read(&f->root, "/proc/vmstat", &v, &e), -EBADMSG);
    assert_null(v.text);
    fake_write(f, "sys/devices/system/node/node0/vmstat", "pgscan_kswapd 12\n");
    assert_int_equal(vmstat_read(&f->root, "/sys/devices/system/node/node0/vmstat", &v, &e), 0);
    assert_counter(&v, "pgscan_kswapd", 12);
}

static void test_live(void **state _unused_)
{
    _cleanup_(vmstat_clear) struct vmstat v = VMSTAT_INIT;
    struct root live = ROOT_INIT;
    uint64_t n;

    assert_int_equal(root_open(&live, NULL, NULL), 0);
    assert_int_equal(vmstat_read(&live, "/proc/vmstat", &v, NULL), 0);
    assert_true(vmstat_get(&v, "pgfault", &n));
    assert_true(n > 0);
    root_close(&live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_generations),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_delta),
        cmocka_unit_test_setup_teardown(test_read, fake_setup, fake_teardown),
        cmocka_unit_test(test_live),
    };

    return cmocka_run_group_tests_name("vmstat", tests, NULL, NULL);
}
