/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "fstablist.h"

/* "LINE PATH SIZE PRIORITY DISCARD LABEL" or "LINE problem: ..." for each entry. */
struct told {
    char text[1024];
    int answer;
};

static int tell(void *arg, unsigned line, const struct declaration *d, const struct err *problem,
                struct err *e _unused_)
{
    struct told *told = arg;
    char *to = told->text + strlen(told->text);
    size_t room = sizeof(told->text) - strlen(told->text);

    if (problem)
        snprintf(to, room, "%u problem: %s\n", line, problem->text);
    else
        snprintf(to, room, "%u %s %llu %d %d %s\n", line, d->path ? d->path : "(none)",
                 (unsigned long long)d->size, d->priority, d->discard,
                 d->label ? d->label : "(none)");
    return told->answer;
}

static void assert_told(const char *text, const char *wanted)
{
    struct told told = {.text = ""};

    assert_int_equal(fstablist_each(text, tell, &told, NULL), 0);
    assert_string_equal(told.text, wanted);
}

static void test_entries(void **state _unused_)
{
    assert_told("", "");
    assert_told("# /a none swap sw,x-headroom.size=1M 0 0\n"
                " #/a none swap sw,x-headroom.size=1M 0 0\n"
                "\n"
                "/dev/sda2 none swap sw 0 0\n"
                "/a /mnt ext4 loop,x-headroom.size=1M 0 0\n"
                "/a none swap sw,ax-headroom.size=1M,x-headroom.sizes=1M 0 0\n"
                "/a none swap sw,noauto,x-headroom.size=1M 0 0\n"
                "/a none swap\n"
                "complete nonsense \\ \xff\xfe %s\n",
                "");
    assert_told("/a none swap sw,nofail,x-headroom.size=1048576 0 0\r\n"
                "\n"
                "  /b\\040c\tnone\tswap\tpri=5,x-headroom.size=2M,discard=pages,"
                "x-headroom.label=x%20y 0 0\n"
                "//c//d none swap x-headroom.size=40960,discard,pri=-1",
                "1 /a 1048576 -1 -1 (none)\n"
                "3 /b c 2097152 5 2 x y\n"
                "4 //c//d 40960 -1 3 (none)\n");
    assert_told("UUID=0815 none swap x-headroom.size=1M 0 0\n", "1 (none) 1048576 -1 -1 (none)\n");
}

#define BAD(option) "1 problem: /etc/fstab:1: cannot understand the option " option "; correct it\n"

static void test_problems(void **state _unused_)
{
    assert_told("/a none swap x-headroom.size 0 0\n", BAD("x-headroom.size="));
    assert_told("/a none swap x-headroom.size=-1 0 0\n", BAD("x-headroom.size=-1"));
    assert_told("/a none swap x-headroom.size=50% 0 0\n", BAD("x-headroom.size=50%"));
    assert_told("/a none swap x-headroom.size=1M,pri=40000 0 0\n", BAD("pri=40000"));
    assert_told("/a none swap x-headroom.size=1M,pri=x 0 0\n", BAD("pri=x"));
    assert_told("/a none swap x-headroom.size=1M,discard=all 0 0\n", BAD("discard=all"));
    assert_told("/a none swap x-headroom.size=1M,x-headroom.label=%zz 0 0\n",
                BAD("x-headroom.label=%zz"));
    /* and nobody else suffers */
    assert_told("/a none swap x-headroom.size=1T1 0 0\n/b none swap x-headroom.size=1M 0 0\n",
                BAD("x-headroom.size=1T1") "2 /b 1048576 -1 -1 (none)\n");
}

struct backings {
    enum declaration_backing of[4];
    size_t n;
};

static int note_backing(void *arg, unsigned line _unused_, const struct declaration *d,
                        const struct err *problem, struct err *e _unused_)
{
    struct backings *b = arg;

    assert_null(problem);
    assert_in_range(b->n, 0, ARRAY_SIZE(b->of) - 1);
    b->of[b->n++] = d->backing;
    return 0;
}

/* noauto keeps others away from it, not us. */
static void test_backing(void **state _unused_)
{
    struct backings b = {.n = 0};

    assert_int_equal(fstablist_each("/a none swap noauto,x-headroom.size=1M,x-headroom.backing=loop 0 0\n"
                                    "/b none swap x-headroom.size=1M,x-headroom.backing=loop 0 0\n"
                                    "/c none swap x-headroom.size=1M,x-headroom.backing=file 0 0\n"
                                    "/d none swap noauto,x-headroom.size=1M,x-headroom.backing=file 0 0\n"
                                    "/e none swap x-headroom.size=1M 0 0\n",
                                    note_backing, &b, NULL),
                     0);
    assert_int_equal(b.n, 4);
    assert_int_equal(b.of[0], DECLARATION_BACKING_LOOP);
    assert_int_equal(b.of[1], DECLARATION_BACKING_LOOP);
    assert_int_equal(b.of[2], DECLARATION_BACKING_FILE);
    assert_int_equal(b.of[3], DECLARATION_BACKING_AUTO);
    assert_told("/a none swap x-headroom.size=1M,x-headroom.backing=tape 0 0\n",
                BAD("x-headroom.backing=tape"));
}

static void test_answer_ends_it(void **state _unused_)
{
    struct told told = {.text = "", .answer = -EIO};

    assert_int_equal(fstablist_each("/a none swap x-headroom.size=1M 0 0\n"
                                    "/b none swap x-headroom.size=1M 0 0\n",
                                    tell, &told, NULL),
                     -EIO);
    assert_string_equal(told.text, "1 /a 1048576 -1 -1 (none)\n");
}

static void assert_mount(struct fake *f, const char *path, const char *wanted)
{
    static const char text[] = "/dev/sda1 / ext4 defaults 0 1\n"
                               "/dev/sdb1 /mnt ext4 defaults 0 2\n"
                               "/dev/sdb2 /mnt/deep ext4 noauto 0 2\n"
                               "/dev/sdb3 /link ext4 defaults 0 2\n"
                               "# /dev/sdb4 /var ext4 defaults 0 2\n"
                               "/var/x none swap sw 0 0\n"
                               "/dev/sdc1 none swap sw 0 0\n";
    _cleanup_(free_ptr) char *mount = NULL;

    assert_int_equal(fstablist_mount_of(&f->root, text, path, &mount, NULL), wanted ? 1 : 0);
    if (wanted)
        assert_string_equal(mount, wanted);
}

static void test_mount_of(void **state)
{
    struct fake *f = *state;

    assert_int_equal(mkdir(fake_path(f, "real"), 0755), 0);
    assert_int_equal(symlink("real", fake_path(f, "link")), 0);
    assert_mount(f, "/swapfile", NULL);
    assert_mount(f, "/var/x", NULL);
    assert_mount(f, "/mnt", NULL);
    assert_mount(f, "/mnt2/x", NULL);
    assert_mount(f, "/mnt/x", "/mnt");
    assert_mount(f, "/mnt/deeper/x", "/mnt");
    assert_mount(f, "/mnt/deep/x/y", "/mnt/deep");
    assert_mount(f, "/real/x", "/real");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries),
        cmocka_unit_test(test_problems),
        cmocka_unit_test(test_answer_ends_it), cmocka_unit_test(test_backing),
        cmocka_unit_test_setup_teardown(test_mount_of, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("fstablist", tests, NULL, NULL);
}
