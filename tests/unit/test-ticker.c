/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "ticker.h"
#include <poll.h>
#include <sys/socket.h>

static void assert_next(uint64_t next, uint64_t now, uint64_t want)
{
    struct ticker t = {.next = next, .interval = 100};

    ticker_advance(&t, now);
    assert_int_equal(t.next, want);
}

/* However late it is, one tick was missed and not many. */
static void test_grid(void **state _unused_)
{
    assert_next(1000, 999, 1000);
    assert_next(1000, 1000, 1100);
    assert_next(1000, 1001, 1100);
    assert_next(1000, 1099, 1100);
    assert_next(1000, 1100, 1200);
    assert_next(1000, 86400001, 86400100);
}

static void test_start(void **state _unused_)
{
    uint64_t before = ticker_now();
    struct ticker t = ticker_start(1500);

    assert_int_equal(t.interval, 1500000000);
    assert_true(t.next >= before + t.interval && t.next <= ticker_now() + t.interval);
    /* a span that no clock reaches */
    t = ticker_start(UINT64_MAX);
    assert_true(t.next > ticker_now());
}

static void test_wait(void **state _unused_)
{
    int pair[2];
    uint64_t until = ticker_now() + 1000000;

    assert_int_equal(ticker_wait(0, -1, NULL), 0);
    assert_int_equal(ticker_wait(until, -1, NULL), 0);
    assert_true(ticker_now() >= until);
    /* out-of-band data is POLLPRI, as a trigger's */
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    close(pair[1]);
    assert_true(ticker_wait(TICKER_NEVER, pair[0], NULL) & POLLHUP);
    close(pair[0]);
    assert_true(ticker_wait(TICKER_NEVER, 1000, NULL) & POLLNVAL);
}

static void nothing(int number _unused_)
{
}

static void test_signal(void **state _unused_)
{
    struct sigaction caught = {.sa_handler = nothing};
    sigset_t blocked, open;

    sigaction(SIGUSR1, &caught, NULL);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, &open);
    raise(SIGUSR1); /* before it sleeps */
    assert_int_equal(ticker_wait(TICKER_NEVER, -1, &open), -EINTR);
    sigprocmask(SIG_SETMASK, &open, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grid),
        cmocka_unit_test(test_start),
        cmocka_unit_test(test_wait),
        cmocka_unit_test(test_signal),
    };

    return cmocka_run_group_tests_name("ticker", tests, NULL, NULL);
}
