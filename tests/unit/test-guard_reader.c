/* SPDX-License-Identifier: MIT */
#include "guard_reader.h"

#include "fake.h"
#include "monotonic.h"

#include <sys/wait.h>

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define CONTAINERS "var/lib/containers/storage/overlay-containers/containers.json"

/* What a dead server does to who opens a file there. */
static bool dead;
int __real_root_open_named(const struct root *root, const char *path, int flags);
int __wrap_root_open_named(const struct root *root, const char *path, int flags);

int __wrap_root_open_named(const struct root *root, const char *path, int flags)
{
    while (dead)
        pause();
    return __real_root_open_named(root, path, flags);
}

/* And one whose SIGKILL comes to nothing. */
pid_t __real_waitpid(pid_t pid, int *status, int flags);
pid_t __wrap_waitpid(pid_t pid, int *status, int flags);

pid_t __wrap_waitpid(pid_t pid, int *status, int flags)
{
    return dead ? 0 : __real_waitpid(pid, status, flags);
}

static const struct guard_options_words words = GUARD_OPTIONS_WORDS;

/* A machine whose configuration this is. */
static struct guard_config_source machine(struct fake *f, const char *text)
{
    fake_write(f, "proc/meminfo",
               "MemTotal: 1000 kB\nMemFree: 500 kB\nMemAvailable: 600 kB\nBuffers: 1 kB\n"
               "Cached: 10 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
    fake_write(f, "etc/conf", text);
    return (struct guard_config_source){
        .root = &f->root, .file = "/etc/conf", .words = &words, .base = {.root = &f->root}};
}

static void assert_wrong(const struct guard_config_source *source, int result, enum err_kind kind,
                         const char *part)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct guard_config_found found = GUARD_CONFIG_FOUND_INIT;

    assert_int_equal(guard_reader_read(source, &found, &e), result);
    assert_int_equal(e.kind, kind);
    assert_null(found.text);
    fake_assert_message(&e, part);
}

static void assert_text(struct fake *f, const char *wanted)
{
    const struct guard_config_source source = machine(f, wanted);
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(guard_config_found_clear) struct guard_config_found found = GUARD_CONFIG_FOUND_INIT;

    assert_int_equal(guard_reader_read(&source, &found, &e), 0);
    assert_string_equal(found.text, wanted);
    assert_string_equal(found.names, "");
}

static void test_text(void **state)
{
    static char more_than_a_pipe_holds[400 * 1024];

    assert_text(*state, "# a comment\nram>80%: warn\n");
    memset(more_than_a_pipe_holds, '\n', sizeof(more_than_a_pipe_holds) - 1);
    memcpy(more_than_a_pipe_holds, "ram>80%: warn", 13);
    assert_text(*state, more_than_a_pipe_holds);
}

/* Nobody is asked for them a second time. */
static void test_names(void **state)
{
    struct fake *f = *state;
    struct guard_config_source source =
        machine(f, "set protect '--gid crowd --container db'\n"
                   "ram>80%: kill -x a --euid ada,0,bob --container web\n");
    _cleanup_(guard_config_found_clear) struct guard_config_found found = GUARD_CONFIG_FOUND_INIT;
    _cleanup_(guard_config_clear) struct guard_config c = GUARD_CONFIG_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    source.base.dry_run = true;
    fake_write(f, "proc/1/stat", "1 (init) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0\n");
    fake_write(f, "etc/passwd", "ada:x:1000:100::/:/bin/sh\nbob:x:1001:100::/:/bin/sh\n");
    fake_write(f, "etc/group", "crowd:x:70:\n");
    fake_write(f, CONTAINERS, "[{\"id\":\"" ID "\",\"names\":[\"web\",\"db\"]}]");
    assert_int_equal(guard_reader_read(&source, &found, &e), 0);
    assert_string_equal(found.names, "g70 crowd\nu1000 ada\nu1001 bob\n");
    fake_write(f, "etc/passwd", "");
    fake_write(f, "etc/group", "");
    assert_non_null(strstr(found.containers, " db\n" ID " "));
    fake_write(f, CONTAINERS, "[]");
    source = guard_config_with(&source, &found);
    assert_int_equal(guard_config_read(&source, &c, &e), 0);
    guard_config_clear(&c);
    source.names = "u1000 ada\ng70 crowd\n";
    assert_int_equal(guard_config_read(&source, &c, &e), -EINVAL);
    fake_assert_message(&e, "user \"bob\": is not known here");
    source.names = found.names;
    source.containers = "";
    assert_int_equal(guard_config_read(&source, &c, &e), -ENOENT);
    fake_assert_message(&e, "container \"web\": is not known here");
}

static void test_wrong(void **state)
{
    static char huge[GUARD_READER_FILE_MAX + 2];
    struct fake *f = *state;
    struct guard_config_source source = machine(f, "ram>80%: warm\n");

    assert_wrong(&source, -EINVAL, ERR_USAGE, "/etc/conf:1: character 10: warm");
    source = machine(f, "\n");
    assert_wrong(&source, -ENOENT, ERR_USAGE, "/etc/conf: holds no rule");
    memset(huge, '\n', sizeof(huge) - 1);
    source = machine(f, huge);
    assert_wrong(&source, -EFBIG, ERR_USAGE, "/etc/conf: is larger than 1 MiB");
    source.file = "/etc/none";
    assert_wrong(&source, -ENOENT, ERR_FAILED, "/etc/none: cannot open");
}

static void test_no_file(void **state)
{
    struct fake *f = *state;
    struct guard_config_source source = machine(f, "ram>80%: warn\n");

    source.file = "/etc";
    assert_wrong(&source, -EINVAL, ERR_USAGE, "/etc: is a folder; wanted is a regular file");
    assert_int_equal(mkfifo(fake_path(f, "etc/pipe"), 0600), 0);
    source.file = "/etc/pipe";
    assert_wrong(&source, -EINVAL, ERR_USAGE, "/etc/pipe: is a pipe; wanted is a regular file");
}

static void test_late(void **state)
{
    _cleanup_(bounded_left_clear) struct bounded_left left = BOUNDED_LEFT_INIT;
    struct guard_config_source source = machine(*state, "ram>80%: warn\n");
    _cleanup_(guard_reader_clear) struct guard_reader reader = GUARD_READER_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    uint64_t until, now = monotonic_ms();
    struct pollfd fd;
    struct guard_config_found found = GUARD_CONFIG_FOUND_INIT;

    assert_int_equal(guard_reader_poll(&reader, &fd, &until), 0);
    assert_int_equal(guard_reader_continue(&reader, now, &found, &e), 0);
    dead = true;
    source.base.left = &left;
    assert_int_equal(guard_reader_start(&reader, &source, now, &e), 0);
    assert_int_equal(guard_reader_poll(&reader, &fd, &until), 1);
    assert_true(until == now + GUARD_READER_LIMIT_MS);
    assert_int_equal(guard_reader_continue(&reader, until - 1, &found, &e), 0);
    assert_true(guard_reader_is_busy(&reader));
    assert_int_equal(guard_reader_continue(&reader, until, &found, &e), -ETIMEDOUT);
    assert_int_equal(e.kind, ERR_TIMEOUT);
    fake_assert_message(&e, "/etc/conf: could not be read in 10 s");
    assert_false(guard_reader_is_busy(&reader));
    assert_int_equal(left.n, 1);
    dead = false;
    while (left.n > 0)
        bounded_left_reap(&left);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_text, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_names, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_wrong, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_no_file, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_late, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("guard_reader", tests, NULL, NULL);
}
