/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "unittext.h"

static void assert_bad(const char *path, int wanted, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    assert_int_equal(unittext_check(path, &e), wanted);
    fake_assert_message(&e, message);
    fake_assert_message(&e, "; declare it in fstab");
}

static void test_check(void **state _unused_)
{
    static const char *const broken[] = {"/\x80",
                                         "/\xc0\xaf",
                                         "/\xc3",
                                         "/\xe0\x80\x80",
                                         "/\xed\xa0\x80",
                                         "/\xf0\x80\x80\x80",
                                         "/\xf4\x90\x80\x80",
                                         "/\xf5\x80\x80\x80",
                                         "/a\nb",
                                         "/\x7f",
                                         "/a\x1b"};
    char longest[256];

    assert_int_equal(unittext_check("/a \"b'\\c%$;\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", NULL), 0);
    assert_bad("/a ", -EINVAL, "/a : ends in a blank");
    assert_bad("/a\\", -EINVAL, "/a\\: ends in a backslash");
    for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
        assert_bad(broken[i], -EINVAL, "holds control characters or bytes that are not UTF-8");
    memset(longest, 'a', sizeof(longest));
    longest[0] = '/';
    /* headroom-create- and .service leave 231 of 255 bytes */
    longest[232] = '\0';
    assert_int_equal(unittext_check(longest, NULL), 0);
    longest[232] = 'a';
    longest[233] = '\0';
    assert_bad(longest, -ENAMETOOLONG, "is too long for the name of a systemd unit");
}

static void assert_line(const char *text, const char *line)
{
    const char *p = strstr(text, line);

    if (!p || (p > text && p[-1] != '\n') || p[strlen(line)] != '\n')
        fail_msg("no line \"%s\" in:\n%s", line, text);
}

static void test_swap(void **state _unused_)
{
    const struct declaration d = {.path = "/swapfile", .size = 4096000, .priority = -1};
    _cleanup_(free_ptr) char *text = NULL;

    assert_int_equal(unittext_swap(&d, &text, NULL), 0);
    assert_true(unitname_is_ours(text));
    assert_string_equal(strchr(text, '\n') + 1,
                        "[Unit]\n"
                        "Description=Swap area /swapfile\n"
                        "Documentation=man:swapctl(8)\n"
                        "Wants=headroom-create-swapfile.service\n"
                        "After=headroom-create-swapfile.service systemd-remount-fs.service\n"
                        "\n"
                        "[Swap]\n"
                        "What=/swapfile\n"
                        "TimeoutSec=5min\n"
                        "\n"
                        "[Install]\n"
                        "WantedBy=swap.target\n"
                        "\n"
                        "[X-Headroom]\n"
                        "Size=4096000\n");
}

static void test_swap_options(void **state _unused_)
{
    const struct declaration d = {
        .path = "/a b%c\"", .size = 1, .priority = 0, .discard = DECLARATION_DISCARD_PAGES};
    _cleanup_(free_ptr) char *text = NULL;

    assert_int_equal(unittext_swap(&d, &text, NULL), 0);
    assert_line(text, "Description=Swap area /a b%%c\"");
    assert_line(text, "What=/a b%%c\"");
    assert_line(text, "Priority=0");
    assert_line(text, "Options=discard=pages");
    assert_line(text, "Wants=headroom-create-a\\x20b\\x25c\\x22.service");
}

static void test_service(void **state _unused_)
{
    const struct declaration d = {
        .path = "/a b%c\"d\\e$f;'", .size = 4096000, .priority = 3, .label = "$HOME \"%x\\"};
    _cleanup_(free_ptr) char *text = NULL;

    assert_int_equal(unittext_service(&d, "/usr/local/sbin/swapctl", &text, NULL), 0);
    assert_true(unitname_is_ours(text));
    assert_line(text, "DefaultDependencies=no");
    assert_line(text, "RequiresMountsFor=\"/a b%%c\\\"d\\\\e$f;'\" /usr/local/sbin/swapctl");
    assert_line(text, "ConditionPathExists=!/a b%%c\"d\\e$f;'");
    assert_line(text, "Before=a\\x20b\\x25c\\x22d\\x5ce\\x24f\\x3b\\x27.swap umount.target");
    assert_line(text, "Type=oneshot");
    assert_line(text, "ExecStart=/usr/local/sbin/swapctl create \"/a b%%c\\\"d\\\\e$$f;'\" "
                      "--size 4096000 --label \"$$HOME \\\"%%x\\\\\"");
}

/* No swap unit activates it: the service does the whole, at boot and at the end. */
static void test_loop_service(void **state _unused_)
{
    const struct declaration d = {
        .path = "/a b%c\"d\\e$f;'",
        .size = 4096000,
        .priority = 3,
        .label = "$HOME \"%x\\",
        .backing = DECLARATION_BACKING_LOOP,
    };
    struct declaration found = {.priority = -1};
    _cleanup_(free_ptr) char *text = NULL, *path = NULL, *label = NULL;

    assert_int_equal(unittext_service(&d, "/usr/local/sbin/swapctl", &text, NULL), 0);
    assert_true(unitname_is_ours(text));
    assert_line(text, "After=systemd-remount-fs.service systemd-tmpfiles-setup-dev.service");
    assert_line(text, "Before=swap.target umount.target");
    assert_line(text, "RemainAfterExit=yes");
    assert_line(text, "ExecStart=/usr/local/sbin/swapctl ensure \"/a b%%c\\\"d\\\\e$$f;'\" "
                      "--size 4096000 --label \"$$HOME \\\"%%x\\\\\" --backing loop --priority 3");
    assert_line(text, "ExecStop=-/usr/local/sbin/swapctl off --force \"/a b%%c\\\"d\\\\e$$f;'\"");
    assert_line(text, "WantedBy=swap.target");
    assert_null(strstr(text, "ConditionPathExists"));
    assert_null(strstr(text, "~@swap"));
    unittext_declared(text, &found);
    assert_int_equal(found.backing, DECLARATION_BACKING_LOOP);
    assert_int_equal(found.priority, 3);
    assert_int_equal(unittext_parse(text, "/x", &path, &label, &found, NULL), 0);
    assert_string_equal(path, d.path);
    assert_string_equal(label, d.label);
    assert_int_equal(found.size, d.size);
    assert_int_equal(found.priority, 3);
    assert_int_equal(found.backing, DECLARATION_BACKING_LOOP);
}

static void test_service_refuses(void **state _unused_)
{
    struct declaration d = {.path = "/swapfile", .size = 4096000, .label = "\xff"};
    _cleanup_(err_clear) struct err e = ERR_INIT;
    char *text = NULL;

    assert_int_equal(unittext_service(&d, "/usr/sbin/swapctl", &text, &e), -EINVAL);
    fake_assert_message(&e, "/swapfile: its label holds bytes that are not UTF-8");
    d.label = NULL;
    assert_int_equal(unittext_service(&d, "/opt/$x/swapctl", &text, &e), -EINVAL);
    fake_assert_message(&e, "/opt/$x/swapctl: a systemd unit cannot run a program of this name");
    assert_int_equal(unittext_service(&d, "sbin/swapctl", &text, NULL), -EINVAL);
    d.path = "/swapfile ";
    assert_int_equal(unittext_service(&d, "/usr/sbin/swapctl", &text, NULL), -EINVAL);
    assert_int_equal(unittext_swap(&d, &text, NULL), -EINVAL);
    assert_null(text);
}

static void assert_parsed(const struct declaration *wanted)
{
    _cleanup_(free_ptr) char *text = NULL, *path = NULL, *label = NULL;
    struct declaration d;

    assert_int_equal(unittext_swap(wanted, &text, NULL), 0);
    assert_int_equal(unittext_parse(text, "unit", &path, &label, &d, NULL), 0);
    assert_string_equal(d.path, wanted->path);
    assert_int_equal(d.size, wanted->size);
    assert_int_equal(d.priority, wanted->priority);
    if (wanted->label)
        assert_string_equal(d.label, wanted->label);
    else
        assert_null(d.label);
    assert_int_equal(d.discard, wanted->discard);
}

/* What is written is what is read. */
static void test_parse(void **state _unused_)
{
    assert_parsed(&(struct declaration){"/swapfile", 4096000, -1, NULL, DECLARATION_DISCARD_UNSET});
    assert_parsed(&(struct declaration){"/a b%c\\d\"e$f;#", UINT64_MAX, 32767, " \"\\%$\xc3\xa4 ",
                                        DECLARATION_DISCARD_BOTH});
    assert_parsed(&(struct declaration){"/a", 0, 0, "l", DECLARATION_DISCARD_ONCE});
    assert_parsed(&(struct declaration){"/[Swap]", 1, 0, "[Swap]", DECLARATION_DISCARD_PAGES});
}

static void assert_unparsable(const char *text, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    char *path = NULL, *label = NULL;
    struct declaration d = {.size = 7};

    assert_int_equal(unittext_parse(text, "/etc/x.swap", &path, &label, &d, &e), -EBADMSG);
    assert_null(path);
    assert_null(label);
    assert_int_equal(d.size, 7);
    fake_assert_message(&e, "/etc/x.swap: cannot understand what it has for ");
    fake_assert_message(&e, message);
}

static void test_parse_problems(void **state _unused_)
{
    assert_unparsable("", "What=");
    assert_unparsable("What=/a\n[X-Headroom]\nSize=1\n", "What=");
    assert_unparsable("[Swap]\nWhat=/a%b\n[X-Headroom]\nSize=1\n", "What=");
    assert_unparsable("[Swap]\nWhat=/a%\n[X-Headroom]\nSize=1\n", "What=");
    assert_unparsable("[Swap]\nWhat=/a\nSize=1\n[X-Headroom]\n", "Size=");
    assert_unparsable("[Swap]\nWhat=/a\n[X-Headroom]\nSize=-1\n", "Size=");
    assert_unparsable("[Swap]\nWhat=/a\n[X-Headroom]\nSize=1\nLabel=x\n", "Label=");
    assert_unparsable("[Swap]\nWhat=/a\n[X-Headroom]\nSize=1\nLabel=\"\n", "Label=");
    assert_unparsable("[Swap]\nWhat=/a\n[X-Headroom]\nSize=1\nLabel=\"\\\"\n", "Label=");
    assert_unparsable("[Swap]\nWhat=/a\nPriority=40000\n[X-Headroom]\nSize=1\n", "Priority=");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check),           cmocka_unit_test(test_swap),
        cmocka_unit_test(test_swap_options),    cmocka_unit_test(test_service),
        cmocka_unit_test(test_service_refuses), cmocka_unit_test(test_loop_service),
        cmocka_unit_test(test_parse),           cmocka_unit_test(test_parse_problems),
    };

    return cmocka_run_group_tests_name("unittext", tests, NULL, NULL);
}
