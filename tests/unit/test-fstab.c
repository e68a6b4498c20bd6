/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "fstab.h"

#define UUID "0a1b2c3d-0000-4000-8000-123456789abc"

static const struct declaration area = {.path = "/swapfile", .size = 1048576, .priority = -1};
static const struct declaration_target target = {
    .path = "/swapfile", .uuid = UUID, .label = "my swap"};

#define OURS "/swapfile none swap sw,nofail,x-headroom.size=1048576 0 0\n"

/* What is not ours, in every ugly form. */
static const char strange[] = "# /etc/fstab: static file system information\r\n"
                              "\n"
                              "   \t \n"
                              "UUID=0815   /   ext4\tdefaults,errors=remount-ro 0 1   # root\r\n"
                              "#/swapfile none swap sw 0 0\n"
                              " # /swapfile none swap sw 0 0\n"
                              "/swapfile2 none swap sw 0 0\n"
                              "/swapfile.old\tnone\tswap\tsw,pri=3\t0\t0\n"
                              "/var/swapfile none swap sw 0 0\n"
                              "LABEL=swap none swap sw 0 0\n"
                              "PARTUUID=" UUID " none swap sw 0 0\n"
                              "/swapfile /mnt ext4 loop 0 0\n"
                              "/swapfile none\n"
                              "complete nonsense \\ \xff\xfe %s\n"
                              "Filename Type Size Used Priority\n"
                              "1 2 3:4 / /swapfile rw - swap swap rw\n"
                              "/swapfile none swap sw # no number\n";

static void assert_declared(const char *before, const struct declaration *d, const char *after)
{
    struct declaration_target t = target;
    _cleanup_(free_ptr) char *once = NULL, *twice = NULL;

    t.path = d->path;
    assert_int_equal(fstab_declare_text(NULL, before, d, &t, &once, NULL), 0);
    assert_string_equal(once, after);
    assert_int_equal(fstab_declare_text(NULL, once, d, &t, &twice, NULL), 0);
    assert_string_equal(twice, after);
}

static void assert_undeclared(const char *before, const char *after)
{
    _cleanup_(free_ptr) char *text = NULL;
    size_t begin, end;

    assert_int_equal(fstab_undeclare_text(NULL, before, &target, &text, NULL), 0);
    assert_string_equal(text, after);
    assert_int_equal(fstab_find(NULL, text, &target, &begin, &end, NULL), 0);
}

static void test_append(void **state _unused_)
{
    char text[sizeof(strange) + 200];

    assert_declared("", &area, OURS);
    assert_declared("/dev/sda1 / ext4 ro 0 1", &area, "/dev/sda1 / ext4 ro 0 1\n" OURS);
    snprintf(text, sizeof(text), "%s%s", strange, OURS);
    assert_declared(strange, &area, text);
}

static void test_every_option(void **state _unused_)
{
    struct declaration d = area;

    d.path = "/a b\tc\\d";
    d.priority = 0;
    d.discard = DECLARATION_DISCARD_ONCE;
    assert_declared("", &d,
                    "/a\\040b\\011c\\134d none swap "
                    "sw,nofail,x-headroom.size=1048576,pri=0,discard=once 0 0\n");
}

/* Neither swapon(8) nor systemd can activate it, so they must not try. */
static void test_loop(void **state _unused_)
{
    struct declaration d = area, found = area;

    d.backing = DECLARATION_BACKING_LOOP;
    d.discard = DECLARATION_DISCARD_ONCE; /* would make holes */
    d.priority = 3;
#define LOOP "noauto,x-headroom.backing=loop"
    assert_declared("", &d,
                    "/swapfile none swap sw,nofail,x-headroom.size=1048576,pri=3," LOOP " 0 0\n");
    assert_declared("/swapfile none swap sw,discard 0 0\n", &d,
                    "/swapfile none swap sw,x-headroom.size=1048576,pri=3," LOOP " 0 0\n");
    assert_declared("/swapfile none swap sw,nofail," LOOP ",x-headroom.size=4096 0 0\n", &area, OURS);
    assert_int_equal(fstab_declared(NULL, "/swapfile none swap " LOOP " 0 0\n", &target, &found, NULL), 1);
    assert_int_equal(found.backing, DECLARATION_BACKING_LOOP);
    found.backing = DECLARATION_BACKING_FILE;
    assert_int_equal(fstab_declared(NULL, "/swapfile none swap " LOOP " 0 0\n", &target, &found, NULL), 1);
    assert_int_equal(found.backing, DECLARATION_BACKING_FILE);
}

/* No reader of fstab finds a blank, a comma or a quote in it; without one the option goes. */
static void test_label(void **state _unused_)
{
    struct declaration d = area;

    d.label = "my, \"s";
    assert_declared("", &d,
                    "/swapfile none swap "
                    "sw,nofail,x-headroom.size=1048576,x-headroom.label=my%2C%20%22s 0 0\n");
    assert_declared("/swapfile none swap x-headroom.label=old,sw 0 0\n", &d,
                    "/swapfile none swap "
                    "x-headroom.label=my%2C%20%22s,sw,x-headroom.size=1048576 0 0\n");
    assert_declared("/swapfile none swap x-headroom.label=old,sw 0 0\n", &area,
                    "/swapfile none swap sw,x-headroom.size=1048576 0 0\n");
}

static void test_update_in_place(void **state _unused_)
{
    struct declaration d = area;

    assert_declared("a\n/swapfile\tnone  swap\tdefaults,noauto,pri=5,foo,discard=pages  0 0\r\nb\n",
                    &area,
                    "a\n/swapfile\tnone  swap\tdefaults,foo,x-headroom.size=1048576  0 0\r\nb\n");
    d.priority = 32767;
    d.discard = DECLARATION_DISCARD_BOTH;
    assert_declared("/swapfile none swap discard=once,x-headroom.size=5,pri=1,pri=2 0 0", &d,
                    "/swapfile none swap discard,x-headroom.size=1048576,pri=32767 0 0");
    assert_declared("//swapfile none swap\r\nb", &area,
                    "//swapfile none swap x-headroom.size=1048576\r\nb");
    assert_declared("/swapfile none swap noauto", &area,
                    "/swapfile none swap x-headroom.size=1048576");
    assert_declared("/swapf\\151le none swap noautox,xpri=3", &area,
                    "/swapf\\151le none swap noautox,xpri=3,x-headroom.size=1048576");
}

static void test_tags_become_paths(void **state _unused_)
{
    assert_declared("UUID=0A1B2C3D-0000-4000-8000-123456789ABC none swap sw\n", &area,
                    "/swapfile none swap sw,x-headroom.size=1048576\n");
    assert_declared(" LABEL=my\\040swap none swap sw\n", &area,
                    " /swapfile none swap sw,x-headroom.size=1048576\n");
    assert_declared("LABEL=\"my\\040swap\" none swap sw\n", &area,
                    "/swapfile none swap sw,x-headroom.size=1048576\n");
}

static void test_one_entry_remains(void **state _unused_)
{
    assert_declared("/swapfile none swap sw 0 0\nx\nUUID=" UUID " none swap sw 0 0\ny\n", &area,
                    "/swapfile none swap sw,x-headroom.size=1048576 0 0\nx\ny\n");
}

static void test_undeclare(void **state _unused_)
{
    char text[2 * sizeof(strange) + 200];
    char rest[2 * sizeof(strange)];

    snprintf(text, sizeof(text), "%s%s%sLABEL=my\\040swap none swap sw", strange, OURS, strange);
    snprintf(rest, sizeof(rest), "%s%s", strange, strange);
    assert_undeclared(text, rest);
    assert_undeclared(strange, strange);
    assert_undeclared("", "");
    assert_undeclared("/swapfile none swap sw", "");
}

static void test_find(void **state _unused_)
{
    static const char text[] = "# x\n" OURS "y\n";
    size_t begin = 0, end = 0;

    assert_int_equal(fstab_find(NULL, text, &target, &begin, &end, NULL), 1);
    assert_int_equal(begin, 4);
    assert_int_equal(end, 4 + strlen(OURS));
}

static void test_bad_options(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    char *text = NULL;

    assert_int_equal(
        fstab_declare_text(NULL, "/swapfile none swap sw,x=\"y 0 0\n", &area, &target, &text, &e),
        -EBADMSG);
    assert_null(text);
    fake_assert_message(&e, "the options \"sw,x=\"y\" of the entry for /swapfile cannot be read");
}

/* The target as it is below the root. */
static struct declaration_target existing(struct fake *f)
{
    struct declaration_target t = target;
    struct stat st;

    assert_int_equal(root_stat(&f->root, t.path, 0, &st), 0);
    t.exists = true;
    t.dev = st.st_dev;
    t.ino = st.st_ino;
    return t;
}

static void test_identity(void **state)
{
    static const char text[] = "/swapfile2 none swap sw\n"
                               "/gone none swap sw\n"
                               "/var/link none swap sw\n";
    struct fake *f = *state;
    _cleanup_(free_ptr) char *out = NULL;
    struct declaration_target t;

    fake_write(f, "swapfile", "x");
    fake_write(f, "swapfile2", "x");
    fake_write(f, "var/x", "");
    assert_int_equal(symlink("/swapfile", fake_path(f, "var/link")), 0);
    t = existing(f);
    assert_int_equal(fstab_declare_text(&f->root, text, &area, &t, &out, NULL), 0);
    assert_string_equal(out, "/swapfile2 none swap sw\n"
                             "/gone none swap sw\n"
                             "/var/link none swap sw,x-headroom.size=1048576\n");
}

/* The entry outlived the file. */
static void test_gone_behind_links(void **state)
{
    struct fake *f = *state;
    _cleanup_(free_ptr) char *out = NULL;

    fake_write(f, "var/x", "");
    assert_int_equal(symlink("/", fake_path(f, "var/top")), 0);
    assert_int_equal(fstab_undeclare_text(&f->root,
                                          "/var/../swapfile none swap sw\n"
                                          "/var/top/swapfile none swap sw\n"
                                          "/var/swapfile none swap sw\n",
                                          &target, &out, NULL),
                     0);
    assert_string_equal(out, "/var/swapfile none swap sw\n");
}

static void test_plan(void **state)
{
    struct fake *f = *state;
    _cleanup_(confile_clear) struct confile file = CONFILE_INIT, again = CONFILE_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(free_ptr) char *text = NULL, *after = NULL, *undone = NULL;

    fake_write(f, "etc/fstab", strange);
    assert_int_equal(confile_load(&f->root, "/etc/fstab", &file, NULL), 0);
    assert_int_equal(fstab_plan_declare(&file, &area, &target, &plan, NULL), 0);
    assert_int_equal(plan.n, 1);
    assert_string_equal(plan.steps[0].action, "persist-fstab");
    assert_string_equal(plan.steps[0].text, "declare /swapfile in /etc/fstab");
    assert_int_equal(plan_apply(&plan, NULL, NULL), 0);
    text = fake_read(f, "etc/fstab");
    assert_string_equal(text + strlen(text) - strlen(OURS), OURS);

    assert_int_equal(confile_load(&f->root, "/etc/fstab", &again, NULL), 0);
    assert_int_equal(fstab_plan_declare(&again, &area, &target, &plan, NULL), 1);
    assert_int_equal(fstab_plan_undeclare(&again, &target, &plan, NULL), 0);
    assert_string_equal(plan.steps[1].action, "unpersist-fstab");
    assert_int_equal(plan_apply(&plan, NULL, NULL), 0);
    after = fake_read(f, "etc/fstab");
    assert_string_equal(after, strange);
    plan_undo(&plan, NULL);
    undone = fake_read(f, "etc/fstab");
    assert_string_equal(undone, strange);
}

static void test_plan_absent(void **state)
{
    struct fake *f = *state;
    _cleanup_(confile_clear) struct confile file = CONFILE_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(free_ptr) char *text = NULL;

    assert_int_equal(confile_load(&f->root, "/etc/fstab", &file, NULL), 0);
    assert_int_equal(fstab_plan_undeclare(&file, &target, &plan, NULL), 1);
    assert_int_equal(fstab_plan_declare(&file, &area, &target, &plan, NULL), 0);
    assert_int_equal(plan_apply(&plan, NULL, NULL), 0);
    text = fake_read(f, "etc/fstab");
    assert_string_equal(text, OURS);
    plan_undo(&plan, NULL);
    assert_false(fake_exists(f, "etc/fstab"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

static void assert_first_file(const char *text, const char *wanted)
{
    _cleanup_(free_ptr) char *path = NULL;

    assert_int_equal(fstab_next_file(&text, &path, NULL), wanted ? 1 : 0);
    if (wanted)
        assert_string_equal(path, wanted);
    else
        assert_null(path);
}

static void test_first_file(void **state _unused_)
{
    assert_first_file(strange, "/swapfile2");
    assert_first_file("/dev/sda2 none swap sw 0 0\nUUID=" UUID " none swap sw 0 0\n"
                      "#/a none swap sw 0 0\n/b /c ext4 sw 0 0\n/d\\040e none swap sw 0 0",
                      "/d e");
    assert_first_file("/dev/sda2 none swap sw 0 0\n", NULL);
    assert_first_file("", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append),
        cmocka_unit_test(test_every_option), cmocka_unit_test(test_loop),
        cmocka_unit_test(test_label),
        cmocka_unit_test(test_update_in_place),
        cmocka_unit_test(test_tags_become_paths),
        cmocka_unit_test(test_one_entry_remains),
        cmocka_unit_test(test_undeclare),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_bad_options),
        cmocka_unit_test(test_first_file),
        TEST(test_identity),
        TEST(test_gone_behind_links),
        TEST(test_plan),
        TEST(test_plan_absent),
    };

    return cmocka_run_group_tests_name("fstab", tests, NULL, NULL);
}
