/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "monotonic.h"
#include "notify.h"
#include <sys/socket.h>
#include <sys/un.h>

static char received[1024];

/* A manager that listens there; "@..." is abstract. */
static int listen_at(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    memcpy(address.sun_path, name, strlen(name));
    if (*name == '@')
        address.sun_path[0] = '\0';
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    return fd;
}

/* A datagram is there as soon as it was sent. */
static const char *next(int fd)
{
    ssize_t n = recv(fd, received, sizeof(received) - 1, 0);

    received[n < 0 ? 0 : n] = '\0';
    return n < 0 ? NULL : received;
}

static void say(const char *socket, const char *usec, const char *pid)
{
    socket ? setenv("NOTIFY_SOCKET", socket, 1) : unsetenv("NOTIFY_SOCKET");
    usec ? setenv("WATCHDOG_USEC", usec, 1) : unsetenv("WATCHDOG_USEC");
    pid ? setenv("WATCHDOG_PID", pid, 1) : unsetenv("WATCHDOG_PID");
}

static void assert_told(const char *name)
{
    _cleanup_(close_fd) int fd = listen_at(name);
    _cleanup_(notify_close) struct notify n;

    say(name, NULL, NULL);
    assert_int_equal(notify_open(&n, NULL), 0);
    assert_null(getenv("NOTIFY_SOCKET"));
    assert_int_equal(n.watchdog_ms, 0);
    notify_send(&n, NOTIFY_READY);
    assert_string_equal(next(fd), "READY=1");
    notify_status(&n, "ram 80%\nand more");
    assert_string_equal(next(fd), "STATUS=ram 80% and more");
    assert_null(next(fd));
}

static void test_path(void **state)
{
    assert_told(fake_path(*state, "manager"));
}

static void test_abstract(void **state _unused_)
{
    char name[64];

    snprintf(name, sizeof(name), "@headroom-test-%d", (int)getpid());
    assert_told(name);
}

static void test_reloading(void **state)
{
    const char *name = fake_path(*state, "manager");
    _cleanup_(close_fd) int fd = listen_at(name);
    _cleanup_(notify_close) struct notify n;
    uint64_t before = monotonic_ms();
    const char *time;

    say(name, NULL, NULL);
    assert_int_equal(notify_open(&n, NULL), 0);
    notify_reloading(&n);
    time = str_after(next(fd), "RELOADING=1\nMONOTONIC_USEC=");
    assert_non_null(time);
    assert_true(strtoull(time, NULL, 10) / 1000 >= before);
    assert_true(strtoull(time, NULL, 10) / 1000 <= monotonic_ms());
}

static uint64_t watchdog(const char *name, const char *usec, const char *pid)
{
    _cleanup_(notify_close) struct notify n;

    say(name, usec, pid);
    assert_int_equal(notify_open(&n, NULL), 0);
    assert_null(getenv("WATCHDOG_USEC"));
    assert_null(getenv("WATCHDOG_PID"));
    return n.watchdog_ms;
}

static void test_watchdog(void **state)
{
    char *name = strdup(fake_path(*state, "manager"));
    _cleanup_(free_ptr) char *owned _unused_ = name;
    _cleanup_(close_fd) int fd _unused_ = listen_at(name);
    char own[16], other[16];

    snprintf(own, sizeof(own), "%d", (int)getpid());
    snprintf(other, sizeof(other), "%d", (int)getppid());
    assert_int_equal(watchdog(name, "30000000", NULL), 15000);
    assert_int_equal(watchdog(name, "30000000", own), 15000);
    assert_int_equal(watchdog(name, "30000000", other), 0);
    assert_int_equal(watchdog(name, "30000000", "x"), 0);
    assert_int_equal(watchdog(name, "1", own), 1);
    assert_int_equal(watchdog(name, "0", own), 0);
    assert_int_equal(watchdog(name, "-5", own), 0);
    assert_int_equal(watchdog(name, "", own), 0);
    assert_int_equal(watchdog(name, NULL, own), 0);
    assert_int_equal(watchdog(NULL, "30000000", own), 0);
}

static void assert_unreached(const char *name, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(notify_close) struct notify n;

    say(name, "1000000", NULL);
    assert_true(notify_open(&n, &e) < 0);
    fake_assert_message(&e, message);
    assert_int_equal(n.fd, -1);
    assert_int_equal(n.watchdog_ms, 0);
    notify_send(&n, NOTIFY_READY);
}

static void test_nobody_there(void **state)
{
    char name[200];

    assert_unreached(fake_path(*state, "none"), "cannot connect: No such file");
    assert_unreached("none", "is neither a path nor @NAME");
    assert_unreached("/", "is neither");
    memset(name, '/', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    assert_unreached(name, "is neither");
}

/* One that does not read keeps nobody waiting. */
static void test_full(void **state)
{
    const char *name = fake_path(*state, "manager");
    _cleanup_(close_fd) int fd = listen_at(name);
    _cleanup_(notify_close) struct notify n;

    say(name, NULL, NULL);
    assert_int_equal(notify_open(&n, NULL), 0);
    for (int i = 0; i < 5000; i++)
        notify_send(&n, NOTIFY_WATCHDOG);
    assert_string_equal(next(fd), "WATCHDOG=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_path, fake_setup, fake_teardown),
        cmocka_unit_test(test_abstract),
        cmocka_unit_test_setup_teardown(test_reloading, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_watchdog, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_nobody_there, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_full, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
