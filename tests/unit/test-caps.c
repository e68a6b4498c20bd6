/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <sys/capability.h>
#include <sys/wait.h>

#include "caps.h"

enum { SYS_ADMIN_BIT = 21 };

/* What the kernel says of this very process. */
static bool kernel_says(void)
{
    char line[256];
    bool effective = false;
    FILE *f = fopen("/proc/self/status", "re");

    assert_non_null(f);
    while (fgets(line, sizeof(line), f)) {
        const char *mask = str_after(line, "CapEff:");

        if (mask)
            effective = strtoull(mask, NULL, 16) >> SYS_ADMIN_BIT & 1;
    }
    fclose(f);
    return effective;
}

static void test_agrees_with_kernel(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    assert_int_equal(caps_sys_admin(), kernel_says());
    assert_int_equal(caps_need_sys_admin("swapon", &e), kernel_says() ? 0 : -EPERM);
    assert_int_equal(e.text == NULL, kernel_says());
}

static bool refuses(void)
{
    static const char message[] =
        "swapon needs CAP_SYS_ADMIN: run it as root (sudo), or in a container "
        "with --cap-add SYS_ADMIN";
    _cleanup_(err_clear) struct err e = ERR_INIT;

    return !caps_sys_admin() && caps_need_sys_admin("swapon", NULL) == -EPERM &&
           caps_need_sys_admin("swapon", &e) == -EPERM && e.kind == ERR_FAILED &&
           streq(e.text, message);
}

/* Root without the capability is not enough; in a child, because there is no way back. */
static void test_without(void **state _unused_)
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        cap_t none = cap_init();
        bool good = none && cap_set_proc(none) == 0 && refuses();

        cap_free(none);
        _exit(good ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agrees_with_kernel),
        cmocka_unit_test(test_without),
    };

    return cmocka_run_group_tests_name("caps", tests, NULL, NULL);
}
