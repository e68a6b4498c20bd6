/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "swapheader.h"
#include "zram.h"
#include "zramowner.h"

static void assert_algorithms(const char *text, const char *one, const char *all)
{
    _cleanup_(free_ptr) char *got_one = NULL, *got_all = NULL;

    assert_int_equal(zram_parse_algorithms(text, &got_one, &got_all, NULL), 0);
    if (one)
        assert_string_equal(got_one, one);
    else
        assert_null(got_one);
    if (all)
        assert_string_equal(got_all, all);
    else
        assert_null(got_all);
}

static void test_algorithms(void **state _unused_)
{
    assert_algorithms("[lzo-rle] lzo lz4 \n", "lzo-rle", "lzo-rle, lzo, lz4");
    assert_algorithms("lzo lzo-rle lz4 [zstd]", "zstd", "lzo, lzo-rle, lz4, zstd");
    assert_algorithms("[a] [b]", "a", "a, b");
    assert_algorithms("[] lz4\n", NULL, "[], lz4");
    assert_algorithms("\n", NULL, NULL);
    assert_algorithms("", NULL, NULL);
}

static void test_stat(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct zram_stat s = {.peak = 1};

    assert_int_equal(
        zram_parse_stat("   4096       87    12288 16777216    20480 0 0 0 0\n", &s, NULL), 0);
    assert_int_equal(s.original, 4096);
    assert_int_equal(s.compressed, 87);
    assert_int_equal(s.used, 12288);
    assert_int_equal(s.limit, 16777216);
    assert_int_equal(s.peak, 20480);
    /* the columns of Linux 3.x */
    assert_int_equal(zram_parse_stat("1 2 3 4 5", &s, NULL), 0);
    assert_int_equal(s.peak, 5);
    assert_int_equal(zram_parse_stat("1 2 3 4", &s, &e), -EBADMSG);
    fake_assert_message(&e, "does not begin with five numbers");
    assert_int_equal(zram_parse_stat("", &s, NULL), -EBADMSG);
    assert_int_equal(zram_parse_stat("1 2 x 4 5", &s, NULL), -EBADMSG);
    assert_int_equal(zram_parse_stat("1 2 3 4 18446744073709551616", &s, NULL), -EOVERFLOW);
    assert_int_equal(s.original, 1);
}

static void test_name(void **state _unused_)
{
    static const char *const wrong[] = {"",        "zram",      "/dev/zram",  "/dev/zram-1",
                                        "zram1p1", "/dev/sda1", "dev/zram1",  "/dev/zram01",
                                        "zram 1",  "1",         "zram9999999"};
    char path[ZRAM_PATH_MAX];
    unsigned n = 7;

    assert_true(zram_parse_name("/dev/zram0", &n));
    assert_int_equal(n, 0);
    assert_true(zram_parse_name("zram12", &n));
    assert_int_equal(n, 12);
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
        assert_false(zram_parse_name(wrong[i], &n));
    assert_int_equal(n, 12);
    assert_string_equal(zram_path(12, path), "/dev/zram12");
}

static void make_device(struct fake *f, unsigned number, const char *label)
{
    struct swapheader h = {.pages = 16, .page_size = (uint32_t)sysconf(_SC_PAGESIZE)};
    _cleanup_(free_ptr) void *page = malloc(h.page_size);
    char path[64];

    snprintf(h.label, sizeof(h.label), "%s", label);
    swapheader_format(&h, page);
    snprintf(path, sizeof(path), "dev/zram%u", number);
    fake_write_bytes(f, path, page, h.page_size);
    snprintf(path, sizeof(path), "sys/block/zram%u/disksize", number);
    fake_write(f, path, "65536\n");
    snprintf(path, sizeof(path), "sys/block/zram%u/comp_algorithm", number);
    fake_write(f, path, "lzo [zstd]\n");
    snprintf(path, sizeof(path), "sys/block/zram%u/mm_stat", number);
    fake_write(f, path, "8192 100 4096 0 4096 0\n");
}

static void test_read(void **state)
{
    struct fake *f = *state;
    _cleanup_(zram_clear) struct zram z = ZRAM_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    make_device(f, 3, ZRAM_LABEL);
    assert_int_equal(zram_read(&f->root, 3, &z, NULL), 0);
    assert_int_equal(z.number, 3);
    assert_int_equal(z.size, 65536);
    assert_string_equal(z.algorithm, "zstd");
    assert_true(z.has_stat);
    assert_int_equal(z.stat.original, 8192);
    assert_true(z.ours);
    assert_int_equal(zram_read(&f->root, 4, &z, &e), -ENODEV);
    fake_assert_message(&e, "/dev/zram4: there is no such device");
    fake_write(f, "sys/block/zram3/disksize", "many\n");
    assert_int_equal(zram_read(&f->root, 3, &z, &e), -EBADMSG);
    fake_assert_message(&e, "/dev/zram3: its disksize is no number");
}

static void test_ours(void **state)
{
    struct fake *f = *state;
    _cleanup_(zram_list_clear) struct zram_list list = ZRAM_LIST_INIT;

    make_device(f, 10, ZRAM_LABEL);
    make_device(f, 2, "zram2");
    make_device(f, 1, "headroom-zram2");
    make_device(f, 0, ZRAM_LABEL);
    /* a device without a size keeps nothing, whatever was there before */
    fake_write(f, "sys/block/zram0/disksize", "0\n");
    fake_write(f, "sys/block/loop0/size", "0\n");
    assert_int_equal(zram_list_read(&f->root, &list, NULL), 0);
    assert_int_equal(list.n, 4);
    for (size_t i = 0; i < 4; i++) {
        static const unsigned numbers[] = {0, 1, 2, 10};

        assert_int_equal(list.devices[i].number, numbers[i]);
        assert_int_equal(list.devices[i].ours, numbers[i] == 10);
    }
}

/* Kernels that lack an attribute, and trees without any device. */
static void test_absent(void **state)
{
    struct fake *f = *state;
    _cleanup_(zram_clear) struct zram z = ZRAM_INIT;
    _cleanup_(zram_list_clear) struct zram_list list = {.n = 0};

    assert_int_equal(zram_list_read(&f->root, &list, NULL), 0);
    assert_int_equal(list.n, 0);
    fake_write(f, "sys/block/zram0/disksize", "4096\n");
    assert_int_equal(zram_read(&f->root, 0, &z, NULL), 0);
    assert_null(z.algorithm);
    assert_null(z.algorithms);
    assert_false(z.has_stat);
    assert_false(z.ours);
}

static void assert_owner(struct fake *f, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    if (!message) {
        assert_int_equal(zramowner_check(&f->root, &e), 0);
        return;
    }
    assert_int_equal(zramowner_check(&f->root, &e), -EEXIST);
    assert_int_equal(e.kind, ERR_REFUSED);
    fake_assert_message(&e, message);
}

static void test_generator(void **state)
{
    struct fake *f = *state;

    assert_owner(f, NULL);
    fake_write(f, "usr/lib/systemd/zram-generator.conf", "# [zram0]\n[other]\n");
    assert_owner(f, NULL);
    fake_write(f, "usr/lib/systemd/zram-generator.conf", "# hello\n\n [zram0]\nzram-size = ram\n");
    assert_owner(f, "/usr/lib/systemd/zram-generator.conf: zram-generator sets up zram");
    /* an empty file of the administrator's hides that of the vendor */
    fake_write(f, "etc/systemd/zram-generator.conf", "");
    assert_owner(f, NULL);
    fake_write(f, "run/systemd/zram-generator.conf.d/10.txt", "[zram0]\n");
    assert_owner(f, NULL);
    fake_write(f, "run/systemd/zram-generator.conf.d/10.conf", "[zram0]\n");
    assert_owner(f, "/run/systemd/zram-generator.conf.d/10.conf: zram-generator sets up zram");
    fake_write(f, "etc/systemd/zram-generator.conf", "[zram1]");
    assert_owner(f, "/etc/systemd/zram-generator.conf: zram-generator sets up zram");
}

static void test_tools(void **state)
{
    struct fake *f = *state;

    fake_write(f, "lib/systemd/system/zramswap.service", "[Service]\n");
    assert_owner(f, "/lib/systemd/system/zramswap.service: zram-tools sets up zram");
    fake_write(f, "etc/default/zramswap", "PERCENT=50\n");
    assert_owner(f, "/etc/default/zramswap: zram-tools sets up zram");
    fake_write(f, "etc/systemd/system/other.service", "");
    assert_int_equal(symlink("/dev/null", fake_path(f, "etc/systemd/system/zramswap.service")), 0);
    assert_owner(f, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_algorithms),
        cmocka_unit_test(test_stat),
        cmocka_unit_test(test_name),
        TEST(test_read),
        TEST(test_ours),
        TEST(test_absent),
        TEST(test_generator),
        TEST(test_tools),
    };

    return cmocka_run_group_tests_name("zram", tests, NULL, NULL);
}
