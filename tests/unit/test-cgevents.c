/* SPDX-License-Identifier: MIT */
#include "cgevents.h"
#include "fake.h"

static bool always(void *arg)
{
    ++*(int *)arg;
    return true;
}

static int wait_for(struct fake *f, struct cgevents_wish wish, struct cgevents_patience patience,
                    struct err *e)
{
    _cleanup_(close_fd) int dir = root_openat(&f->root, "g", O_RDONLY | O_DIRECTORY, 0);

    return cgevents_wait(dir, "g", &wish, &patience, e);
}

static void test_wait(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    const struct cgevents_wish empty = {"cgroup.events", "populated", false, 0},
                               full = {"cgroup.events", "populated", false, 1},
                               killed = {"memory.events", "oom_kill", true, 3},
                               again = {"memory.events", "oom_kill", true, 4},
                               unknown = {"memory.events", "oom_group_kill", true, 0},
                               absent = {"pids.events", "max", true, 0};
    int asked = 0;

    fake_write(f, "g/cgroup.procs", "");
    fake_write(f, "g/cgroup.events", "populated 0\nfrozen 1\n");
    fake_write(f, "g/memory.events", "oom 1\noom_kill 4\n");
    assert_int_equal(wait_for(f, empty, (struct cgevents_patience){.timeout_ms = 0}, &e),
                     CGEVENTS_YES);
    assert_int_equal(wait_for(f, killed, (struct cgevents_patience){.timeout_ms = 0}, &e),
                     CGEVENTS_YES);
    assert_int_equal(wait_for(f, full, (struct cgevents_patience){.timeout_ms = 0}, &e),
                     -ETIMEDOUT);
    assert_int_equal(e.kind, ERR_TIMEOUT);
    assert_int_equal(
        wait_for(f, again, (struct cgevents_patience){CGEVENTS_FOREVER, always, &asked}, &e),
        -EINTR);
    assert_int_equal(asked, 1);
    assert_int_equal(wait_for(f, unknown, (struct cgevents_patience){.timeout_ms = 0}, &e),
                     -EOPNOTSUPP);
    fake_assert_message(&e, "/g: this kernel does not count that in memory.events");
    assert_int_equal(wait_for(f, absent, (struct cgevents_patience){.timeout_ms = 0}, &e),
                     -EOPNOTSUPP);
    fake_assert_message(&e, "/g: there is no pids.events");
}

/* The files of a group that was removed are not there, and nor is cgroup.procs. */
static void test_gone(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    const struct cgevents_wish empty = {"cgroup.events", "populated", false, 0};

    fake_write(f, "g/x/y", "");
    assert_int_equal(wait_for(f, empty, (struct cgevents_patience){.timeout_ms = 0}, &e),
                     CGEVENTS_GONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_wait, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_gone, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("cgevents", tests, NULL, NULL);
}
