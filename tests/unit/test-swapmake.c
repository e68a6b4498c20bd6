/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "swapmake.h"

#include <dirent.h>

static int allocate_error, link_error;

int __wrap_fallocate64(int fd, int mode, off_t offset, off_t len);
int __real_fallocate64(int fd, int mode, off_t offset, off_t len);
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t len)
{
    if (!allocate_error)
        return __real_fallocate64(fd, mode, offset, len);
    errno = allocate_error;
    return -1;
}

int __wrap_linkat(int from, const char *old, int to, const char *new, int flags);
int __real_linkat(int from, const char *old, int to, const char *new, int flags);
int __wrap_linkat(int from, const char *old, int to, const char *new, int flags)
{
    if (!link_error)
        return __real_linkat(from, old, to, new, flags);
    errno = link_error;
    return -1;
}

/* SELinux does not let the label be changed. */
ssize_t __wrap_fgetxattr(int fd, const char *name, void *value, size_t size);
ssize_t __wrap_fgetxattr(int fd _unused_, const char *name _unused_, void *value, size_t size)
{
    if (value)
        memcpy(value, "u:r:t:s0", size);
    return (ssize_t)strlen("u:r:t:s0");
}

int __wrap_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags);
int __wrap_fsetxattr(int fd _unused_, const char *name _unused_, const void *value, size_t size _unused_, int flags _unused_)
{
    assert_string_equal(value, "u:r:swapfile_t:s0");
    errno = EACCES;
    return -1;
}

static const struct filesystem plain = {.name = "ext4", .available = 1 << 20};

static struct swapmake wanted(struct fake *f)
{
    allocate_error = link_error = 0;
    return (struct swapmake){
        .dir_fd = f->root.fd,
        .name = "s",
        .path = "/s",
        .fs = &plain,
        .header = {.kind = SWAPHEADER_VALID, .page_size = (uint32_t)sysconf(_SC_PAGESIZE), .pages = 32, .label = "tea"},
        .fd = -1,
    };
}

static int n_entries(struct fake *f)
{
    DIR *d = opendir(f->dir);
    int n = 0;

    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n - 2;
}

static void check_whole(struct fake *f)
{
    char *text = NULL;
    size_t len = 0;
    struct swapheader h;
    struct stat st;

    assert_int_equal(root_stat(&f->root, "s", O_NOFOLLOW, &st), 0);
    assert_int_equal(st.st_mode, S_IFREG | 0600);
    assert_int_equal(root_read(&f->root, "s", &text, &len, NULL), 0);
    assert_int_equal(len, 32 * sysconf(_SC_PAGESIZE));
    assert_int_equal(st.st_blocks * 512, len);
    swapheader_parse(text, len, (uint32_t)sysconf(_SC_PAGESIZE), &h);
    assert_int_equal(h.kind, SWAPHEADER_VALID);
    assert_int_equal(h.pages, 32);
    assert_string_equal(h.label, "tea");
    free(text);
}

static void test_selinux(void **state)
{
    struct fake *f = *state;
    _cleanup_(swapmake_clear) struct swapmake m = wanted(f);

    m.selinux = true;
    assert_int_equal(swapmake_publish(&m, NULL), -EACCES);
    assert_int_equal(n_entries(f), 0);
}

static void test_publish(void **state)
{
    struct fake *f = *state;
    _cleanup_(swapmake_clear) struct swapmake m = wanted(f);
    mode_t mask = umask(0777);
    int r = swapmake_publish(&m, NULL);

    umask(mask);
    assert_int_equal(r, 0);
    assert_true(m.fd >= 0);
    assert_false(m.written);
    check_whole(f);
    assert_int_equal(n_entries(f), 1);
    assert_int_equal(swapmake_withdraw(&m, NULL), 0);
    assert_int_equal(n_entries(f), 0);
}

static uint64_t told;

static void progress(void *arg _unused_, const char *path _unused_, uint64_t done, uint64_t total)
{
    assert_true(done <= total && done > told);
    told = done;
}

static void test_zeros_where_fallocate_lacks(void **state)
{
    struct fake *f = *state;
    _cleanup_(swapmake_clear) struct swapmake m = wanted(f);

    told = 0;
    m.watch.progress = progress;
    allocate_error = EOPNOTSUPP;
    assert_int_equal(swapmake_publish(&m, NULL), 0);
    assert_true(m.written);
    assert_int_equal(told, 32 * sysconf(_SC_PAGESIZE));
    check_whole(f);
}

/* What some kernels demand of a file that was only allocated: the header must survive it. */
static void test_write_later(void **state)
{
    struct fake *f = *state;
    _cleanup_(swapmake_clear) struct swapmake m = wanted(f);

    assert_int_equal(swapmake_publish(&m, NULL), 0);
    assert_int_equal(swapmake_write(&m, NULL), 0);
    assert_true(m.written);
    check_whole(f);
}

static void test_failures_leave_nothing(void **state)
{
    struct fake *f = *state;
    const struct {
        int allocate, link, r;
        const char *part;
    } cases[] = {
        {ENOSPC, 0, -ENOSPC, "no space for 128K, its file system has 1M free"},
        {EDQUOT, 0, -EDQUOT, "quota"},
        {EFBIG, 0, -EFBIG, "ulimit -f"},
        {EIO, 0, -EIO, "cannot allocate 128K"},
        {0, EEXIST, -EEXIST, "appeared while it was being made"},
        {0, EMLINK, -EMLINK, "cannot give the new file its name"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;
        _cleanup_(swapmake_clear) struct swapmake m = wanted(f);

        allocate_error = cases[i].allocate;
        link_error = cases[i].link;
        assert_int_equal(swapmake_publish(&m, &e), cases[i].r);
        fake_assert_message(&e, cases[i].part);
        assert_int_equal(m.fd, -1);
        assert_int_equal(n_entries(f), 0);
    }
}

static int patience;

static bool interrupted(void *arg _unused_)
{
    return patience-- == 0;
}

static void test_interrupted(void **state)
{
    struct fake *f = *state;

    for (int after = 0; after < 3; after++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;
        _cleanup_(swapmake_clear) struct swapmake m = wanted(f);

        m.watch.interrupted = interrupted;
        m.header.pages = 1024; /* several chunks when zeros are written */
        allocate_error = after == 2 ? EOPNOTSUPP : 0;
        patience = after;
        assert_int_equal(swapmake_publish(&m, &e), -EINTR);
        assert_int_equal(e.kind, ERR_INTERRUPTED);
        assert_int_equal(n_entries(f), 0);
    }
}

static void test_replaces_exactly(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(swapmake_clear) struct swapmake m = wanted(f);
    struct stat old, other;

    fake_write(f, "s", "old");
    fake_write(f, "other", "precious");
    assert_int_equal(root_stat(&f->root, "s", 0, &old), 0);
    assert_int_equal(root_stat(&f->root, "other", 0, &other), 0);
    m.replaces = &other;
    assert_int_equal(swapmake_publish(&m, &e), -ESTALE);
    fake_assert_message(&e, "nothing was deleted");
    m.replaces = &old;
    assert_int_equal(swapmake_publish(&m, NULL), 0);
    check_whole(f);
    assert_int_equal(n_entries(f), 2);
}

static void test_never_overwrites(void **state)
{
    struct fake *f = *state;
    _cleanup_(swapmake_clear) struct swapmake m = wanted(f);
    char *text;

    fake_write(f, "s", "somebody was faster");
    assert_int_equal(swapmake_publish(&m, NULL), -EEXIST);
    text = fake_read(f, "s");
    assert_string_equal(text, "somebody was faster");
    free(text);
    assert_int_equal(n_entries(f), 1);
}

static void test_withdraw_exactly(void **state)
{
    struct fake *f = *state;
    _cleanup_(swapmake_clear) struct swapmake m = wanted(f);

    assert_int_equal(swapmake_publish(&m, NULL), 0);
    assert_int_equal(unlink(fake_path(f, "s")), 0);
    fake_write(f, "s", "somebody's");
    assert_int_equal(swapmake_withdraw(&m, NULL), -ESTALE);
    assert_true(fake_exists(f, "s"));
}

/* A file that a killed process left aside goes, what may be somebody's stays. */
static void test_left_aside(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(swapmake_clear) struct swapmake m = wanted(f);

    assert_int_equal(swapmake_left(&m, NULL), 0);
    fake_write(f, ".s.headroom", "precious");
    assert_int_equal(swapmake_publish(&m, &e), -EEXIST);
    assert_int_equal(e.kind, ERR_REFUSED);
    fake_assert_message(&e, ".s.headroom");
    assert_int_equal(n_entries(f), 1);
    fake_write_bytes(f, ".s.headroom", "\0\0\0", 3);
    assert_int_equal(swapmake_left(&m, NULL), 1);
    assert_int_equal(swapmake_publish(&m, NULL), 0);
    assert_int_equal(n_entries(f), 1);
    assert_int_equal(renameat(f->root.fd, "s", f->root.fd, ".s.headroom"), 0);
    assert_int_equal(swapmake_left(&m, NULL), 1);
    assert_int_equal(swapmake_tidy(&m, NULL), 0);
    assert_int_equal(n_entries(f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_publish, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_selinux, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_zeros_where_fallocate_lacks, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_write_later, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_failures_leave_nothing, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_interrupted, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_replaces_exactly, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_never_overwrites, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_withdraw_exactly, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_left_aside, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("swapmake", tests, NULL, NULL);
}
