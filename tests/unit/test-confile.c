/* SPDX-License-Identifier: MIT */
#include "confile.h"
#include "fake.h"

#include <linux/fs.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/xattr.h>

struct fixture {
    struct confile file;
    struct plan plan;
    struct err e;
};

static void fixture_clear(struct fixture *x)
{
    plan_clear(&x->plan);
    confile_clear(&x->file);
    err_clear(&x->e);
}

#define FIXTURE                                                                                    \
    _cleanup_(fixture_clear) struct fixture x = {                                                  \
        .file = CONFILE_INIT, .plan = PLAN_INIT, .e = ERR_INIT}

/* Load and plan; as confile_plan(). */
static int edit(struct fake *f, struct fixture *x, const char *path, const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    int r;

    assert_int_equal(confile_load(&f->root, path, &x->file, NULL), 0);
    r = confile_plan(&x->file, copy, &x->plan, "edit", "edit it", &x->e);
    if (r < 0)
        free(copy);
    return r;
}

static void assert_text(struct fake *f, const char *path, const char *wanted)
{
    _cleanup_(free_ptr) char *text = fake_read(f, path);

    assert_string_equal(text, wanted);
}

/* Nothing but @n files lie in that folder: no temporary file was left. */
static void assert_files(struct fake *f, const char *path, int n)
{
    _cleanup_(close_dir) DIR *dir = opendir(fake_path(f, path));
    const struct dirent *entry;

    assert_non_null(dir);
    while ((entry = readdir(dir)))
        if (!streq(entry->d_name, ".") && !streq(entry->d_name, ".."))
            n--;
    assert_int_equal(n, 0);
}

static void test_new_file(void **state)
{
    struct fake *f = *state;
    FIXTURE;
    struct stat st;

    assert_int_equal(edit(f, &x, "/etc/deep/new.conf", "a\n"), 0);
    assert_false(x.file.exists);
    assert_false(fake_exists(f, "etc"));
    umask(077);
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    umask(022);
    assert_text(f, "etc/deep/new.conf", "a\n");
    assert_int_equal(root_stat(&f->root, "etc/deep/new.conf", 0, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    plan_undo(&x.plan, NULL);
    assert_files(f, "etc/deep", 0);
}

static void test_replace_and_undo(void **state)
{
    struct fake *f = *state;
    FIXTURE;
    struct stat st;
    char value[8];

    fake_write(f, "etc/fstab", "old\n");
    assert_int_equal(chmod(fake_path(f, "etc/fstab"), 0640), 0);
    if (geteuid() == 0)
        assert_int_equal(chown(fake_path(f, "etc/fstab"), 12, 34), 0);
    assert_int_equal(setxattr(fake_path(f, "etc/fstab"), "user.kept", "yes", 3, 0), 0);
    assert_int_equal(edit(f, &x, "/etc/fstab", "new\n"), 0);
    assert_text(f, "etc/fstab", "old\n");
    for (int i = 0; i < 2; i++) {
        if (i == 0)
            assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
        else
            plan_undo(&x.plan, NULL);
        assert_text(f, "etc/fstab", i ? "old\n" : "new\n");
        assert_int_equal(root_stat(&f->root, "etc/fstab", 0, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0640);
        assert_int_equal(st.st_uid, geteuid() == 0 ? 12 : geteuid());
        assert_int_equal(st.st_gid, geteuid() == 0 ? 34 : getegid());
        assert_int_equal(getxattr(fake_path(f, "etc/fstab"), "user.kept", value, sizeof(value)), 3);
        assert_files(f, "etc", 1);
    }
}

static void test_acl_is_kept(void **state)
{
    /* user::rw- user:12:r-- group::r-- mask::r-- other::--- */
    static const unsigned char acl[] = {2,   0,   0,   0,   1,   0,   6,  0,   255, 255, 255,
                                        255, 2,   0,   4,   0,   12,  0,  0,   0,   4,   0,
                                        4,   0,   255, 255, 255, 255, 16, 0,   4,   0,   255,
                                        255, 255, 255, 32,  0,   0,   0,  255, 255, 255, 255};
    struct fake *f = *state;
    FIXTURE;
    unsigned char now[64];

    fake_write(f, "etc/fstab", "old\n");
    if (setxattr(fake_path(f, "etc/fstab"), "system.posix_acl_access", acl, sizeof(acl), 0) < 0)
        skip();
    assert_int_equal(edit(f, &x, "/etc/fstab", "new\n"), 0);
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_int_equal(
        getxattr(fake_path(f, "etc/fstab"), "system.posix_acl_access", now, sizeof(now)),
        sizeof(acl));
    assert_memory_equal(now, acl, sizeof(acl));
}

static void test_nothing_to_do(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    fake_write(f, "etc/fstab", "same\n");
    assert_int_equal(edit(f, &x, "/etc/fstab", "same\n"), 1);
    confile_clear(&x.file);
    assert_int_equal(edit(f, &x, "/etc/absent", NULL), 1);
    assert_int_equal(x.plan.n, 0);
}

static void test_delete_and_undo(void **state)
{
    struct fake *f = *state;
    FIXTURE;
    struct stat st;

    fake_write(f, "etc/unit", "text\n");
    assert_int_equal(chmod(fake_path(f, "etc/unit"), 0600), 0);
    assert_int_equal(edit(f, &x, "/etc/unit", NULL), 0);
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_files(f, "etc", 0);
    plan_undo(&x.plan, NULL);
    assert_text(f, "etc/unit", "text\n");
    assert_int_equal(root_stat(&f->root, "etc/unit", 0, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void test_links_are_followed(void **state)
{
    struct fake *f = *state;
    FIXTURE;
    char target[16] = "";

    fake_write(f, "real/fstab", "old\n");
    fake_write(f, "etc/other", "");
    assert_int_equal(symlink("/real/fstab", fake_path(f, "etc/fstab")), 0);
    assert_int_equal(edit(f, &x, "/etc/fstab", "new\n"), 0);
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_text(f, "real/fstab", "new\n");
    assert_int_equal(readlink(fake_path(f, "etc/fstab"), target, sizeof(target)), 11);
    assert_files(f, "real", 1);
    assert_files(f, "etc", 2);
}

static void test_dangling_link(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    fake_write(f, "etc/other", "");
    assert_int_equal(symlink("/real/fstab", fake_path(f, "etc/fstab")), 0);
    assert_int_equal(edit(f, &x, "/etc/fstab", "new\n"), -ENOENT);
    fake_assert_message(&x.e, "/etc/fstab: is a symbolic link to a file that is not there; ");
}

static void test_stale(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    fake_write(f, "etc/fstab", "old\n");
    assert_int_equal(edit(f, &x, "/etc/fstab", "new\n"), 0);
    fake_write(f, "etc/fstab", "OLD\n");
    assert_int_equal(plan_apply(&x.plan, NULL, &x.e), -ESTALE);
    fake_assert_message(&x.e, "/etc/fstab: somebody else changed it meanwhile; try again");
    assert_text(f, "etc/fstab", "OLD\n");
    assert_int_equal(unlink(fake_path(f, "etc/fstab")), 0);
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), -ESTALE);
    assert_files(f, "etc", 0);
}

static void test_stale_new_file(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    assert_int_equal(edit(f, &x, "/etc/fstab", "new\n"), 0);
    fake_write(f, "etc/fstab", "theirs\n");
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), -ESTALE);
    assert_text(f, "etc/fstab", "theirs\n");
    assert_files(f, "etc", 1);
}

static void test_undo_respects_others(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    fake_write(f, "etc/fstab", "old\n");
    assert_int_equal(edit(f, &x, "/etc/fstab", "new\n"), 0);
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    fake_write(f, "etc/fstab", "new\nand more\n");
    err_set(&x.e, -EIO, "something else failed");
    plan_undo(&x.plan, &x.e);
    fake_assert_message(&x.e, "something else failed; and undoing \"edit\" failed: ");
    fake_assert_message(&x.e, "/etc/fstab: somebody else changed it meanwhile");
    assert_text(f, "etc/fstab", "new\nand more\n");
}

static void test_no_regular_file(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    fake_write(f, "etc/dir/x", "");
    assert_int_equal(mkfifo(fake_path(f, "etc/fifo"), 0600), 0);
    assert_int_equal(confile_load(&f->root, "/etc/dir", &x.file, &x.e), -EINVAL);
    assert_int_equal(x.e.kind, ERR_REFUSED);
    fake_assert_message(&x.e, "/etc/dir: is not a regular file");
    assert_int_equal(confile_load(&f->root, "/etc/fifo", &x.file, NULL), -EINVAL);
    assert_null(x.file.path);
}

static void test_nul_bytes(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    fake_write_bytes(f, "etc/fstab", "a\0b", 3);
    assert_int_equal(edit(f, &x, "/etc/fstab", "a"), -EBADMSG);
    fake_assert_message(&x.e, "/etc/fstab: holds NUL bytes");
}

static void test_failed_write_leaves_nothing(void **state)
{
    struct fake *f = *state;
    FIXTURE;
    struct rlimit old, none;
    int r;

    fake_write(f, "etc/fstab", "old\n");
    assert_int_equal(edit(f, &x, "/etc/fstab", "new\n"), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    none = (struct rlimit){0, old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    r = plan_apply(&x.plan, NULL, &x.e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(r, -EFBIG);
    fake_assert_message(&x.e, "/etc/fstab: cannot write its new text: ");
    assert_text(f, "etc/fstab", "old\n");
    assert_files(f, "etc", 1);
}

static void test_leftover(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    fake_write(f, "etc/fstab", "old\n");
    fake_write(f, "etc/.fstab.headroom", "half of a n");
    assert_int_equal(edit(f, &x, "/etc/fstab", "new\n"), 0);
    assert_int_equal(plan_apply(&x.plan, NULL, &x.e), 0);
    assert_text(f, "etc/fstab", "new\n");
    assert_files(f, "etc", 1);
}

static bool make_immutable(struct fake *f, const char *path, bool on)
{
    _cleanup_(close_fd) int fd = open(fake_path(f, path), O_RDONLY | O_CLOEXEC);
    int flags;

    if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
        return false;
    flags = on ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
    return ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
}

static void test_immutable(void **state)
{
    struct fake *f = *state;

    fake_write(f, "etc/fstab", "old\n");
    for (int i = 0; i < 2; i++) {
        const char *path = i ? "etc" : "etc/fstab";
        FIXTURE;
        int r;

        if (!make_immutable(f, path, true))
            skip();
        r = edit(f, &x, "/etc/fstab", "new\n");
        assert_true(make_immutable(f, path, false));
        assert_int_equal(r, -EPERM);
        fake_assert_message(&x.e, "use chattr -i");
    }
}

static void test_immutable_meanwhile(void **state)
{
    struct fake *f = *state;
    FIXTURE;
    int r;

    fake_write(f, "etc/fstab", "old\n");
    assert_int_equal(edit(f, &x, "/etc/fstab", "new\n"), 0);
    if (!make_immutable(f, "etc/fstab", true))
        skip();
    r = plan_apply(&x.plan, NULL, &x.e);
    assert_true(make_immutable(f, "etc/fstab", false));
    assert_int_equal(r, -EPERM);
    assert_text(f, "etc/fstab", "old\n");
    assert_files(f, "etc", 1);
}

static void test_locked(void **state)
{
    struct fake *f = *state;
    FIXTURE;
    _cleanup_(close_fd) int fd = -1;

    fake_write(f, "etc/fstab", "old\n");
    assert_int_equal(edit(f, &x, "/etc/fstab", "new\n"), 0);
    fd = open(fake_path(f, "etc/fstab"), O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(plan_apply(&x.plan, NULL, &x.e), -ETIMEDOUT);
    assert_int_equal(x.e.kind, ERR_TIMEOUT);
    fake_assert_message(&x.e, "/etc/fstab: is locked by another process");
    assert_text(f, "etc/fstab", "old\n");
    close_fd(&fd);
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_text(f, "etc/fstab", "new\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_new_file),
        TEST(test_replace_and_undo),
        TEST(test_acl_is_kept),
        TEST(test_nothing_to_do),
        TEST(test_delete_and_undo),
        TEST(test_links_are_followed),
        TEST(test_dangling_link),
        TEST(test_stale),
        TEST(test_stale_new_file),
        TEST(test_undo_respects_others),
        TEST(test_no_regular_file),
        TEST(test_nul_bytes),
        TEST(test_failed_write_leaves_nothing),
        TEST(test_leftover),
        TEST(test_immutable),
        TEST(test_immutable_meanwhile),
        TEST(test_locked),
    };

    return cmocka_run_group_tests_name("confile", tests, NULL, NULL);
}
