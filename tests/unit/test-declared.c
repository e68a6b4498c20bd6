/* SPDX-License-Identifier: MIT */
#include "declared.h"
#include "fake.h"
#include "unittext.h"

#define UNITS "etc/systemd/system/"

/* The swap unit for it, enabled or not. */
static void write_unit(struct fake *f, const struct declaration *d, bool enabled)
{
    _cleanup_(free_ptr) char *name = unitname_escape(d->path), *text = NULL;
    char path[300];

    assert_int_equal(unittext_swap(d, &text, NULL), 0);
    snprintf(path, sizeof(path), UNITS "%s.swap", name);
    fake_write(f, path, text);
    fake_write(f, UNITS "swap.target.wants/placeholder", "");
    snprintf(path, sizeof(path), UNITS "swap.target.wants/%s.swap", name);
    if (enabled)
        assert_int_equal(symlink("../x.swap", fake_path(f, path)), 0);
}

/* The service for one on a loop device, which is enabled itself. */
static void write_loop(struct fake *f, const char *path, const char *escaped)
{
    const struct declaration d = {.path = path,
                                  .size = 1 << 21,
                                  .priority = 7,
                                  .label = "looped",
                                  .backing = DECLARATION_BACKING_LOOP};
    _cleanup_(free_ptr) char *text = NULL;
    char name[300];

    assert_int_equal(unittext_service(&d, "/usr/sbin/swapctl", &text, NULL), 0);
    snprintf(name, sizeof(name), UNITS "headroom-create-%s.service", escaped);
    fake_write(f, name, text);
    fake_write(f, UNITS "swap.target.wants/placeholder", "");
    snprintf(name, sizeof(name), UNITS "swap.target.wants/headroom-create-%s.service", escaped);
    assert_int_equal(symlink("../x.service", fake_path(f, name)), 0);
}

static const struct declared_area *at(const struct declared *d, size_t i)
{
    assert_in_range(i, 0, d->n - 1);
    return &d->areas[i];
}

static void assert_area(const struct declared_area *a, const char *where, const char *path,
                        uint64_t size)
{
    assert_null(a->problem.text);
    assert_string_equal(a->where, where);
    assert_string_equal(a->d.path, path);
    assert_int_equal(a->d.size, size);
}

static void assert_problem(const struct declared_area *a, const char *message)
{
    assert_non_null(a->problem.text);
    fake_assert_message(&a->problem, message);
}

static void test_nothing(void **state)
{
    struct fake *f = *state;
    _cleanup_(declared_clear) struct declared d = DECLARED_INIT;

    assert_int_equal(declared_read(&f->root, &d, NULL), 0);
    assert_int_equal(d.n, 0);
    fake_write(f, "etc/fstab", "/dev/sda2 none swap sw 0 0\n");
    fake_write(f, UNITS "var-x.swap", "[Swap]\nWhat=/var/x\n");
    assert_int_equal(declared_read(&f->root, &d, NULL), 0);
    assert_int_equal(d.n, 0);
}

static void test_loop(void **state)
{
    struct fake *f = *state;
    _cleanup_(declared_clear) struct declared d = DECLARED_INIT;

    fake_write(f, "etc/fstab", "/a none swap noauto,x-headroom.size=1M,x-headroom.backing=loop 0 0\n");
    write_loop(f, "/var/x", "var-x");
    write_loop(f, "/var/y", "var-wrong");
    assert_int_equal(declared_read(&f->root, &d, NULL), 0);
    assert_int_equal(d.n, 3);
    assert_area(at(&d, 0), "/etc/fstab:1", "/a", 1 << 20);
    assert_int_equal(at(&d, 0)->d.backing, DECLARATION_BACKING_LOOP);
    assert_problem(at(&d, 1), "is not the name of a unit for /var/y");
    assert_area(at(&d, 2), "/etc/systemd/system/headroom-create-var-x.service", "/var/x", 1 << 21);
    assert_int_equal(at(&d, 2)->d.backing, DECLARATION_BACKING_LOOP);
    assert_int_equal(at(&d, 2)->d.priority, 7);
    assert_string_equal(at(&d, 2)->d.label, "looped");
}

static void test_both_places(void **state)
{
    struct fake *f = *state;
    _cleanup_(declared_clear) struct declared d = DECLARED_INIT;

    fake_write(f, "etc/fstab",
               "# comment\n/b none swap x-headroom.size=1M,pri=4 0 0\n"
               "/a none swap x-headroom.size=2M,x-headroom.label=l 0 0\n");
    write_unit(f, &(struct declaration){"/var/y", 1 << 22, -1, NULL, DECLARATION_DISCARD_UNSET},
               true);
    write_unit(
        f, &(struct declaration){"/var/x %\"y", 1 << 21, 9, "l \"\\%", DECLARATION_DISCARD_ONCE},
        true);
    write_unit(f, &(struct declaration){"/var/z", 1 << 22, -1, NULL, DECLARATION_DISCARD_UNSET},
               false);
    assert_int_equal(declared_read(&f->root, &d, NULL), 0);
    assert_int_equal(d.n, 4);
    assert_area(at(&d, 0), "/etc/fstab:2", "/b", 1 << 20);
    assert_int_equal(at(&d, 0)->d.priority, 4);
    assert_int_equal(at(&d, 0)->how, PERSIST_FSTAB);
    assert_area(at(&d, 1), "/etc/fstab:3", "/a", 1 << 21);
    assert_string_equal(at(&d, 1)->d.label, "l");
    assert_area(at(&d, 2), "/etc/systemd/system/var-x\\x20\\x25\\x22y.swap", "/var/x %\"y",
                1 << 21);
    assert_int_equal(at(&d, 2)->d.priority, 9);
    assert_int_equal(at(&d, 2)->d.discard, DECLARATION_DISCARD_ONCE);
    assert_string_equal(at(&d, 2)->d.label, "l \"\\%");
    assert_int_equal(at(&d, 2)->how, PERSIST_UNIT);
    assert_area(at(&d, 3), "/etc/systemd/system/var-y.swap", "/var/y", 1 << 22);
    assert_null(at(&d, 3)->d.label);
}

/* Drop-ins in the order of their names; the last assignment counts. */
static void test_drop_ins(void **state)
{
    struct fake *f = *state;
    _cleanup_(declared_clear) struct declared d = DECLARED_INIT;

    write_unit(f, &(struct declaration){"/x", 1 << 20, 1, NULL, DECLARATION_DISCARD_UNSET}, true);
    fake_write(f, UNITS "x.swap.d/20.conf", "[Swap]\nPriority=20");
    fake_write(f, UNITS "x.swap.d/10.conf", "[Swap]\nPriority=10\nOptions=nofail,discard=pages\n");
    fake_write(f, UNITS "x.swap.d/30.conf~", "[Swap]\nPriority=30\n");
    fake_write(f, UNITS "x.swap.d/40.conf", "[Unit]\nPriority=40\n");
    assert_int_equal(declared_read(&f->root, &d, NULL), 0);
    assert_int_equal(d.n, 1);
    assert_int_equal(at(&d, 0)->d.priority, 20);
    assert_int_equal(at(&d, 0)->d.discard, DECLARATION_DISCARD_PAGES);
}

static void test_problems_stay_alone(void **state)
{
    struct fake *f = *state;
    _cleanup_(declared_clear) struct declared d = DECLARED_INIT;

    fake_write(f, "etc/fstab",
               "/a none swap x-headroom.size=lots 0 0\n"
               "LABEL=x none swap x-headroom.size=1M 0 0\n"
               "/tiny none swap x-headroom.size=1 0 0\n"
               "/b none swap x-headroom.size=1M 0 0\n");
    write_unit(f, &(struct declaration){"/x", 1 << 20, 1, NULL, DECLARATION_DISCARD_UNSET}, true);
    fake_write(f, UNITS "x.swap.d/a.conf", "[Swap]\nPriority=high\n");
    write_unit(f, &(struct declaration){"/y", 1 << 20, 1, NULL, DECLARATION_DISCARD_UNSET}, true);
    fake_write(f, UNITS "y.swap.d/a.conf", "[Swap]\nWhat=/elsewhere\n");
    assert_int_equal(declared_read(&f->root, &d, NULL), 0);
    assert_int_equal(d.n, 6);
    assert_problem(at(&d, 0), "/etc/fstab:1: cannot understand");
    assert_string_equal(at(&d, 0)->path, "/a");
    assert_problem(at(&d, 1), "/etc/fstab:2: does not name a swap file by its path");
    assert_null(at(&d, 1)->path);
    assert_problem(at(&d, 2), "/etc/fstab:3: declares /tiny with 1 bytes");
    assert_area(at(&d, 3), "/etc/fstab:4", "/b", 1 << 20);
    assert_problem(at(&d, 4), "x.swap: cannot understand what it has for Priority=");
    assert_problem(at(&d, 5), "y.swap: is not the name of a unit for /elsewhere");
}

static void test_declared_twice(void **state)
{
    struct fake *f = *state;
    _cleanup_(declared_clear) struct declared d = DECLARED_INIT;

    fake_write(f, "real/file", "");
    assert_int_equal(symlink("real", fake_path(f, "link")), 0);
    fake_write(f, "etc/fstab",
               "/link/file none swap x-headroom.size=1M 0 0\n"
               "/real/file none swap x-headroom.size=2M 0 0\n"
               "/x none swap x-headroom.size=1M 0 0\n");
    write_unit(f, &(struct declaration){"/x", 1 << 20, 1, NULL, DECLARATION_DISCARD_UNSET}, true);
    assert_int_equal(declared_read(&f->root, &d, NULL), 0);
    assert_int_equal(d.n, 4);
    assert_null(at(&d, 0)->said_by);
    assert_string_equal(at(&d, 1)->said_by, "/etc/fstab:1");
    assert_string_equal(at(&d, 2)->said_by, "/etc/systemd/system/x.swap");
    assert_null(at(&d, 3)->said_by);
}

/* Masked, and somebody else's: not ours to keep. */
static void test_links_are_not_ours(void **state)
{
    struct fake *f = *state;
    _cleanup_(declared_clear) struct declared d = DECLARED_INIT;

    fake_write(f, UNITS "swap.target.wants/placeholder", "");
    assert_int_equal(symlink("/dev/null", fake_path(f, UNITS "x.swap")), 0);
    assert_int_equal(symlink("../x.swap", fake_path(f, UNITS "swap.target.wants/x.swap")), 0);
    assert_int_equal(declared_read(&f->root, &d, NULL), 0);
    assert_int_equal(d.n, 0);
}

static int check_mount(const struct root *root, const char *path, struct err *e)
{
    return declared_check_mount(root, &(struct declaration){.path = path, .size = 1 << 20}, e);
}

/* What is mounted is shown by tests/root; here, where it matters. */
static void test_mounts(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    const struct root live = {.fd = f->root.fd, .live = true, .path = (char *)""};

    fake_write(f, "etc/fstab", "/dev/sdb1 /gone ext4 defaults 0 0\n");
    assert_int_equal(check_mount(&f->root, "/gone/x", NULL), 0);
    assert_int_equal(check_mount(&live, "/x", NULL), 0);
    assert_int_equal(check_mount(&live, "/gone2/x", NULL), 0);
    assert_int_equal(check_mount(&live, "/gone/x", &e), -ENODEV);
    fake_assert_message(&e,
                        "/gone/x: /etc/fstab mounts a file system at /gone, which is not there");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nothing),        TEST(test_both_places), TEST(test_loop),
        TEST(test_drop_ins),       TEST(test_problems_stay_alone),
        TEST(test_declared_twice), TEST(test_links_are_not_ours),
        TEST(test_mounts),
    };

    return cmocka_run_group_tests_name("declared", tests, NULL, NULL);
}
