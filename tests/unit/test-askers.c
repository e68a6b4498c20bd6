/* SPDX-License-Identifier: MIT */
#include "askers.h"
#include "fake.h"

#include <poll.h>
#include <sys/wait.h>

enum { LONG_MS = 60000 };

static struct askers askers;

/* Comes back when the pipe is closed, and says how often it was asked. */
struct question {
    int gate[2];
    int number;
};

static void say(void *arg, int out)
{
    const struct question *q = arg;
    char c;

    close(q->gate[1]);
    (void)!read(q->gate[0], &c, 1);
    (void)!write(out, &q->number, sizeof(q->number));
}

static void say_nothing(void *arg _unused_, int out _unused_)
{
}

static int ask(struct question *q, const char *key, uint64_t ms, int *answer)
{
    return askers_ask(&askers, key, say, q, ms, answer, sizeof(*answer), NULL);
}

static void shut(struct question *q)
{
    assert_int_equal(pipe2(q->gate, O_CLOEXEC), 0);
}

static void open_gate(struct question *q)
{
    close(q->gate[1]);
    close(q->gate[0]);
}

static void await(size_t i)
{
    struct pollfd in = {.fd = askers.v[i].child.fd, .events = POLLIN};

    assert_int_equal(poll(&in, 1, -1), 1);
}

static bool has_children(void)
{
    return waitpid(-1, NULL, WNOHANG) >= 0;
}

static void test_answer(void **state _unused_)
{
    struct question q = {.gate = {-1, -1}, .number = 7};
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int answer = 0;

    assert_int_equal(ask(&q, "a", LONG_MS, &answer), 0);
    assert_int_equal(answer, 7);
    assert_int_equal(
        askers_ask(&askers, "a", say_nothing, NULL, LONG_MS, &answer, sizeof(answer), &e), -ECHILD);
    fake_assert_message(&e, "a: its reader ended without an answer");
    assert_int_equal(askers.n, 0);
    assert_false(has_children());
}

static void test_one_for_each_question(void **state _unused_)
{
    struct question q = {.number = 1};
    int answer = 0;

    shut(&q);
    for (uint64_t ms = 1; ms < 100000000; ms *= 100)
        assert_int_equal(ask(&q, "a", ms, &answer), -ETIMEDOUT);
    assert_int_equal(askers.n, 1);
    assert_int_equal(ask(&q, "b", 1, &answer), -ETIMEDOUT);
    assert_int_equal(askers.n, 2);
    /* another one in whose words it is the same */
    assert_int_equal(
        askers_ask(&askers, "a", say_nothing, NULL, LONG_MS, &answer, sizeof(answer), NULL),
        -ECHILD);
    assert_int_equal(askers.n, 2);
    askers_clear(&askers);
    assert_false(has_children());
    open_gate(&q);
}

/* He is buried at once, and what he said is for who asks next. */
static void test_late(void **state _unused_)
{
    struct question first = {.number = 1}, second = {.number = 2};
    int answer = 0;

    shut(&first);
    shut(&second);
    assert_int_equal(ask(&first, "a", 1, &answer), -ETIMEDOUT);
    open_gate(&first);
    await(0);
    askers_reap(&askers);
    assert_false(has_children());
    assert_int_equal(ask(&second, "a", 1, &answer), ASKERS_LATE);
    assert_int_equal(answer, 1);
    assert_int_equal(askers.n, 1);
    assert_int_equal(ask(&second, "a", LONG_MS, &answer), -ETIMEDOUT);
    open_gate(&second);
    await(0);
    second.gate[0] = second.gate[1] = -1;
    second.number = 3;
    assert_int_equal(ask(&second, "a", LONG_MS, &answer), 0);
    assert_int_equal(answer, 3);
    assert_int_equal(askers.n, 0);
    assert_false(has_children());
    askers_clear(&askers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_one_for_each_question),
        cmocka_unit_test(test_late),
    };

    return cmocka_run_group_tests_name("askers", tests, NULL, NULL);
}
