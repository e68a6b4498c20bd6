/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "lock.h"

#define LOCK "/run/headroom/swap.lock"

/* Another process that has the lock from start_holder() until end_holder() or its death. */
struct holder {
    pid_t pid;
    int say; /* written or closed: it lets go */
    int asked;
};

static struct holder start_holder(struct fake *f)
{
    struct holder h = {.pid = 0};
    int ready[2], go[2];
    char c;

    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    assert_int_equal(pipe2(go, O_CLOEXEC), 0);
    h.pid = fork();
    assert_true(h.pid >= 0);
    if (h.pid == 0) {
        int fd;

        close(go[1]);
        if (lock_take(&f->root, LOCK, 0, NULL, NULL, &fd, NULL) < 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        _exit(read(go[0], &c, 1) == 1 ? 0 : 2);
    }
    close(ready[1]);
    close(go[0]);
    h.say = go[1];
    assert_int_equal(read(ready[0], &c, 1), 1);
    close(ready[0]);
    return h;
}

static void end_holder(struct holder *h)
{
    int status;

    assert_int_equal(write(h->say, "x", 1), 1);
    assert_int_equal(waitpid(h->pid, &status, 0), h->pid);
    assert_int_equal(status, 0);
    close_fd(&h->say);
}

static int take(struct fake *f, uint64_t timeout_ms, int *fd, struct err *e)
{
    return lock_take(&f->root, LOCK, timeout_ms, NULL, NULL, fd, e);
}

static void test_take_and_release(void **state)
{
    struct fake *f = *state;
    _cleanup_(close_fd) int fd = -1, again = -1;
    _cleanup_(free_ptr) char *text = NULL;
    struct stat st;
    char pid[32];

    assert_int_equal(take(f, 0, &fd, NULL), 0);
    assert_int_equal(root_stat(&f->root, LOCK, O_NOFOLLOW, &st), 0);
    assert_int_equal(st.st_mode, S_IFREG | 0600);
    assert_int_equal(root_stat(&f->root, "/run/headroom", O_NOFOLLOW, &st), 0);
    assert_int_equal(st.st_mode, S_IFDIR | 0755);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    snprintf(pid, sizeof(pid), "%10d\n", (int)getpid());
    text = fake_read(f, LOCK);
    assert_string_equal(text, pid);
    assert_int_equal(take(f, 0, &again, NULL), -ETIMEDOUT);
    assert_int_equal(again, -1);
    close_fd(&fd);
    assert_true(fake_exists(f, LOCK));
    assert_int_equal(take(f, 0, &again, NULL), 0);
}

static void test_timeout_names_the_holder(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct holder h = start_holder(f);
    int fd = -1;
    char name[64];

    snprintf(name, sizeof(name), LOCK ": process %d holds the lock; ", (int)h.pid);
    assert_int_equal(take(f, 0, &fd, &e), -ETIMEDOUT);
    assert_int_equal(e.kind, ERR_TIMEOUT);
    fake_assert_message(&e, name);
    err_clear(&e);
    assert_int_equal(take(f, 120, &fd, &e), -ETIMEDOUT);
    fake_assert_message(&e, name);
    assert_int_equal(fd, -1);
    end_holder(&h);
    assert_int_equal(take(f, 0, &fd, NULL), 0);
    close_fd(&fd);
}

/* The holder's file tells nothing, or nonsense: it need not be one of ours. */
static void test_nameless_holder(void **state)
{
    static const char *const texts[] = {"",
                                        "12",
                                        "x\n",
                                        "-3\n",
                                        "99999999999999999999999999\n",
                                        "1\n2\n",
                                        "                                        7\n"};
    struct fake *f = *state;
    _cleanup_(close_fd) int holder = -1;
    int fd = -1;

    fake_write(f, LOCK, "");
    holder = root_openat(&f->root, LOCK, O_RDONLY, 0);
    assert_int_equal(flock(holder, LOCK_EX | LOCK_NB), 0);
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;

        fake_write(f, LOCK, texts[i]);
        assert_int_equal(take(f, 0, &fd, &e), -ETIMEDOUT);
        fake_assert_message(&e, "another process holds the lock");
    }
    assert_int_equal(fd, -1);
}

static bool let_go(void *arg)
{
    struct holder *h = arg;

    if (h->asked++ == 0)
        end_holder(h);
    return false;
}

static void test_waits_until_free(void **state)
{
    struct fake *f = *state;
    struct holder h = start_holder(f);
    _cleanup_(close_fd) int fd = -1;

    assert_int_equal(lock_take(&f->root, LOCK, UINT64_MAX, let_go, &h, &fd, NULL), 0);
    assert_int_equal(h.asked, 1);
    assert_true(fd >= 0);
}

static bool stop_third_time(void *arg)
{
    struct holder *h = arg;

    return ++h->asked == 3;
}

static void test_interruption(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct holder h = start_holder(f);
    int fd = -1;

    assert_int_equal(lock_take(&f->root, LOCK, UINT64_MAX, stop_third_time, &h, &fd, &e), -EINTR);
    assert_int_equal(h.asked, 3);
    assert_int_equal(e.kind, ERR_INTERRUPTED);
    fake_assert_message(&e, "interrupted");
    assert_int_equal(fd, -1);
    end_holder(&h);
}

static void test_killed_holder(void **state)
{
    struct fake *f = *state;
    struct holder h = start_holder(f);
    int fd = -1, status;

    assert_int_equal(kill(h.pid, SIGKILL), 0);
    assert_int_equal(waitpid(h.pid, &status, 0), h.pid);
    close_fd(&h.say);
    assert_int_equal(take(f, 0, &fd, NULL), 0);
    close_fd(&fd);
}

static void assert_refused(struct fake *f, int r, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int fd = -1;

    assert_int_equal(take(f, 0, &fd, &e), r);
    assert_int_equal(e.kind, ERR_REFUSED);
    fake_assert_message(&e, message);
    assert_int_equal(fd, -1);
}

static void test_symbolic_link(void **state)
{
    struct fake *f = *state;
    _cleanup_(free_ptr) char *text = NULL;

    fake_write(f, "precious", "keep me");
    fake_write(f, "run/headroom/x", "");
    assert_int_equal(symlink("/precious", fake_path(f, LOCK)), 0);
    assert_refused(f, -ELOOP, LOCK ": is a symbolic link");
    text = fake_read(f, "precious");
    assert_string_equal(text, "keep me");
    assert_int_equal(unlink(fake_path(f, LOCK)), 0);
    assert_int_equal(symlink("/nowhere", fake_path(f, LOCK)), 0);
    assert_refused(f, -ELOOP, LOCK ": is a symbolic link");
    assert_false(fake_exists(f, "nowhere"));
}

static void test_hard_link(void **state)
{
    struct fake *f = *state;
    _cleanup_(free_ptr) char *text = NULL, *precious = strdup(fake_path(f, "precious"));

    fake_write(f, "precious", "keep me");
    fake_write(f, "run/headroom/x", "");
    assert_int_equal(link(precious, fake_path(f, LOCK)), 0);
    assert_refused(f, -EMLINK, "second name");
    text = fake_read(f, "precious");
    assert_string_equal(text, "keep me");
}

static void test_not_a_file(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int fd = -1;

    fake_write(f, "run/headroom/x", "");
    assert_int_equal(mkfifo(fake_path(f, LOCK), 0600), 0);
    assert_refused(f, -EINVAL, "not a regular file");
    assert_int_equal(unlink(fake_path(f, LOCK)), 0);
    assert_int_equal(mkdir(fake_path(f, LOCK), 0700), 0);
    assert_int_equal(take(f, 0, &fd, &e), -EISDIR);
    fake_assert_message(&e, LOCK ": cannot open the lock");
}

static void test_other_owner(void **state)
{
    struct fake *f = *state;

    if (geteuid() != 0)
        skip();
    fake_write(f, LOCK, "keep me");
    assert_int_equal(chown(fake_path(f, LOCK), 12345, 0), 0);
    assert_refused(f, -EPERM, "belongs to user 12345");
}

static void test_no_folder(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int fd = -1;

    fake_write(f, "run", "a file");
    assert_int_equal(take(f, 0, &fd, &e), -ENOTDIR);
    assert_non_null(e.text);
    assert_int_equal(lock_take(&f->root, "top.lock", 0, NULL, NULL, &fd, NULL), 0);
    assert_true(fake_exists(f, "top.lock"));
    close_fd(&fd);
}

/* The holder deletes the file and lets go: a lock on the old one would exclude nobody. */
struct deletion {
    struct fake *f;
    int holder;
};

static bool delete_and_let_go(void *arg)
{
    struct deletion *d = arg;

    if (d->holder >= 0)
        assert_int_equal(unlink(fake_path(d->f, LOCK)), 0);
    close_fd(&d->holder);
    return false;
}

static void test_deleted_meanwhile(void **state)
{
    struct deletion d = {.f = *state, .holder = -1};
    _cleanup_(close_fd) int fd = -1;
    struct stat ours, named;
    int other = -1;

    assert_int_equal(take(d.f, 0, &d.holder, NULL), 0);
    assert_int_equal(lock_take(&d.f->root, LOCK, UINT64_MAX, delete_and_let_go, &d, &fd, NULL), 0);
    assert_int_equal(fstat(fd, &ours), 0);
    assert_int_equal(root_stat(&d.f->root, LOCK, O_NOFOLLOW, &named), 0);
    assert_int_equal(ours.st_ino, named.st_ino);
    assert_int_equal(take(d.f, 0, &other, NULL), -ETIMEDOUT);
}

static void test_root(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(close_fd) int fd = -1;
    int other = -1;

    assert_int_equal(lock_take_root(&f->root, 0, NULL, NULL, &fd, NULL), 0);
    assert_int_equal(lock_take_root(&f->root, 0, NULL, NULL, &other, &e), -ETIMEDOUT);
    fake_assert_message(&e, f->root.path);
    fake_assert_message(&e, ": another process holds the lock");
    assert_int_equal(other, -1);
    close_fd(&fd);
    assert_int_equal(lock_take_root(&f->root, 0, NULL, NULL, &fd, NULL), 0);
    /* no file was made for it */
    assert_int_equal(rmdir(f->dir), 0);
    assert_int_equal(mkdir(f->dir, 0755), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)
        TEST(test_take_and_release),
        TEST(test_timeout_names_the_holder),
        TEST(test_nameless_holder),
        TEST(test_waits_until_free),
        TEST(test_interruption),
        TEST(test_killed_holder),
        TEST(test_symbolic_link),
        TEST(test_hard_link),
        TEST(test_not_a_file),
        TEST(test_other_owner),
        TEST(test_no_folder),
        TEST(test_deleted_meanwhile),
        TEST(test_root),
    };

    return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
