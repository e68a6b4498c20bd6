/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "swapwatch.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

/* What /proc/swaps says, one look after the other; at the end the area is gone. */
static const uint64_t shown[] = {90, 100, 101, 40, 0};
static size_t looks;

int __wrap_swaps_read(const struct root *root, struct swaps *out, struct err *e);
int __wrap_swaps_read(const struct root *root _unused_, struct swaps *out, struct err *e _unused_)
{
    struct swaps s = {calloc(2, sizeof(struct swaps_area)), 2};

    assert_non_null(s.areas);
    s.areas[0] = (struct swaps_area){.path = strdup("/other"), .size = 500, .used = 70};
    s.areas[1] = (struct swaps_area){.path = strdup("/kernel's name"), .size = 500};
    if (looks < ARRAY_SIZE(shown))
        s.areas[1].used = shown[looks++];
    else
        swaps_clear(&s);
    *out = s;
    return 0;
}

static struct {
    sem_t told;
    uint64_t done[16];
    size_t n;
    pthread_t main;
    bool own_thread, deaf; /* of the calls after the first */
} seen;

static void progress(void *arg, const char *path, uint64_t done, uint64_t total)
{
    sigset_t mask;

    assert_ptr_equal(arg, &seen);
    assert_string_equal(path, "/name");
    assert_int_equal(total, 100);
    assert_true(seen.n < ARRAY_SIZE(seen.done));
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    if (!pthread_equal(pthread_self(), seen.main)) {
        seen.own_thread = true;
        seen.deaf = sigismember(&mask, SIGINT) && sigismember(&mask, SIGTERM);
    }
    seen.done[seen.n++] = done;
    sem_post(&seen.told);
}

static const struct swaps_area area = {.path = (char *)"/kernel's name", .size = 500, .used = 100};
static const struct swapwatch watch = {progress, &seen};

static int setup(void **state _unused_)
{
    memset(&seen, 0, sizeof(seen));
    looks = 0;
    seen.main = pthread_self();
    return sem_init(&seen.told, 0, 0);
}

static void await(unsigned times)
{
    while (times-- > 0)
        while (sem_wait(&seen.told) < 0)
            ;
}

/* The first is told at once, then what the kernel shows, but nothing that cannot be: more than
 * there was, or nothing at all, which only the end of swapoff(2) says. */
static void test_looks(void **state _unused_)
{
    static const uint64_t wanted[] = {0, 10, 0, 60, 100};
    sigset_t mask;
    struct swapwatch_run *run = swapwatch_begin(&watch, &area, "/name");

    assert_non_null(run);
    await(4);
    swapwatch_end(run, true);
    assert_int_equal(seen.n, ARRAY_SIZE(wanted));
    for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
        assert_int_equal(seen.done[i], wanted[i]);
    assert_true(seen.own_thread);
    assert_true(seen.deaf);
    /* and the caller hears its signals as before */
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_false(sigismember(&mask, SIGINT));
}

static void test_interrupted(void **state _unused_)
{
    struct swapwatch_run *run = swapwatch_begin(&watch, &area, "/name");

    assert_non_null(run);
    swapwatch_end(run, false);
    for (size_t i = 0; i < seen.n; i++)
        assert_true(seen.done[i] < 100);
    swapwatch_end(NULL, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_looks, setup),
        cmocka_unit_test_setup(test_interrupted, setup),
    };

    return cmocka_run_group_tests_name("swapwatch", tests, NULL, NULL);
}
