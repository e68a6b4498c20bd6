/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "selinux.h"

#include <sys/sysmacros.h>
#include <sys/xattr.h>

static char label[128]; /* of the file; empty: none */
static int get_error, set_error;
static unsigned sets;

ssize_t __wrap_fgetxattr(int fd, const char *name, void *value, size_t size);
ssize_t __wrap_fgetxattr(int fd _unused_, const char *name, void *value, size_t size)
{
    size_t n = strlen(label) + 1;

    assert_string_equal(name, "security.selinux");
    errno = get_error ? get_error : *label ? 0 : ENODATA;
    if (errno)
        return -1;
    if (value)
        memcpy(value, label, n < size ? n : size);
    return (ssize_t)n;
}

int __wrap_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags);
int __wrap_fsetxattr(int fd _unused_, const char *name, const void *value, size_t size, int flags)
{
    assert_string_equal(name, "security.selinux");
    assert_int_equal(flags, 0);
    sets++;
    errno = set_error;
    if (errno)
        return -1;
    assert_int_equal(((const char *)value)[size - 1], '\0');
    memcpy(label, value, size);
    return 0;
}

static int setup(void **state)
{
    int r = fake_setup(state);

    strcpy(label, "system_u:object_r:default_t:s0");
    get_error = set_error = 0;
    sets = 0;
    fake_write(*state, "s", "content");
    fake_write(*state, "sys/fs/selinux/enforce", "1");
    return r;
}

/* The file system of the file, as mounted with an option */
static void mounted(struct fake *f, const char *option)
{
    struct stat st;
    char line[128];

    assert_int_equal(root_stat(&f->root, "/s", 0, &st), 0);
    snprintf(line, sizeof(line), "26 25 %u:%u / / rw,relatime - ext4 /dev/x rw%s\n", major(st.st_dev), minor(st.st_dev),
             option);
    fake_write(f, "proc/self/mountinfo", line);
}

/* What the plan, applied and taken back, makes of the label; @wanted: NULL for no step at all */
static void plan_makes(void **state, const char *wanted)
{
    struct fake *f = *state;
    _cleanup_(selinux_clear) struct selinux_step step = {.was = NULL};
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(close_fd) int fd = root_openat(&f->root, "/s", O_RDONLY, 0);
    _cleanup_(free_ptr) char *was = strdup(label);

    assert_int_equal(selinux_plan_swap(&step, &f->root, &fd, "/s", &plan, NULL), 0);
    assert_int_equal(sets, 0);
    assert_int_equal(plan.n, wanted ? 1 : 0);
    if (!wanted)
        return;
    assert_string_equal(plan.steps[0].action, "chcon");
    assert_non_null(strstr(plan.steps[0].text, wanted));
    assert_int_equal(plan_apply(&plan, NULL, NULL), 0);
    assert_string_equal(label, wanted);
    plan_undo(&plan, NULL);
    assert_string_equal(label, was);
}

static void test_type(void **state)
{
    plan_makes(state, "system_u:object_r:swapfile_t:s0");
}

static void test_range(void **state)
{
    strcpy(label, "staff_u:object_r:var_t:s0-s0:c0.c1023");
    plan_makes(state, "staff_u:object_r:swapfile_t:s0-s0:c0.c1023");
}

static void test_no_range(void **state)
{
    strcpy(label, "u:r:swapfile_ta");
    plan_makes(state, "u:r:swapfile_t");
}

static void test_nothing_to_do(void **state)
{
    static const char *const labels[] = {"u:r:swapfile_t:s0", "u:r:swapfile_t", "kernel", "u:r", "u:r:", "u:r::s0", ""};

    for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
        strcpy(label, labels[i]);
        plan_makes(state, NULL);
    }
    get_error = EOPNOTSUPP;
    plan_makes(state, NULL);
}

static void test_off(void **state)
{
    struct fake *f = *state;

    assert_true(selinux_is_on(&f->root));
    assert_int_equal(unlink(fake_path(f, "sys/fs/selinux/enforce")), 0);
    assert_false(selinux_is_on(&f->root));
    plan_makes(state, NULL);
}

static void test_mounts(void **state)
{
    mounted(*state, ",seclabel");
    plan_makes(state, "system_u:object_r:swapfile_t:s0");
    sets = 0;
    mounted(*state, ",context=system_u:object_r:default_t:s0");
    plan_makes(state, NULL);
}

static void test_new_file(void **state _unused_)
{
    assert_int_equal(selinux_label_swap(0, "/s", NULL), 0);
    assert_string_equal(label, "system_u:object_r:swapfile_t:s0");
    assert_int_equal(selinux_label_swap(0, "/s", NULL), 0);
    assert_int_equal(sets, 1);
    strcpy(label, "system_u:object_r:nfs_t:s0");
    set_error = EOPNOTSUPP;
    assert_int_equal(selinux_label_swap(0, "/s", NULL), 0);
    assert_int_equal(sets, 2);
}

static void test_failures(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    set_error = EACCES;
    assert_int_equal(selinux_label_swap(0, "/s", &e), -EACCES);
    fake_assert_message(&e, "/s: cannot give it the SELinux label system_u:object_r:swapfile_t:s0");
    err_clear(&e);
    get_error = EIO;
    assert_int_equal(selinux_label_swap(0, "/s", &e), -EIO);
    fake_assert_message(&e, "/s: cannot read its SELinux label: Input/output error");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_type),  TEST(test_range),  TEST(test_no_range), TEST(test_nothing_to_do),
        TEST(test_off),   TEST(test_mounts), TEST(test_new_file), TEST(test_failures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
