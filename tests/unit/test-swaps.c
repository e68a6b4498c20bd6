/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <limits.h>
#include <sys/sysmacros.h>

#include "swaps.h"

#define HEADING "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
#define KB UINT64_C(1024)

static struct swaps parse(const char *text)
{
    struct swaps s;

    assert_int_equal(swaps_parse(text, &s, NULL), 0);
    return s;
}

static void assert_area(const struct swaps_area *a, const char *path, enum swaps_type type,
                        uint64_t size, uint64_t used, int priority)
{
    assert_string_equal(a->path, path);
    assert_int_equal(a->type, type);
    assert_int_equal(a->size, size);
    assert_int_equal(a->used, used);
    assert_int_equal(a->priority, priority);
}

static void test_areas(void **state _unused_)
{
    _cleanup_(swaps_clear) struct swaps s =
        parse(HEADING "/dev/dm-1                               partition\t2097148\t\t20480\t\t-2\n"
                      "/swapfile                               file\t\t1048572\t\t0\t\t32767\n"
                      "/zram0 file 18014398509481983 1 -2147483647 and later columns");

    assert_int_equal(s.n, 3);
    assert_area(&s.areas[0], "/dev/dm-1", SWAPS_PARTITION, 2097148 * KB, 20480 * KB, -2);
    assert_area(&s.areas[1], "/swapfile", SWAPS_FILE, 1048572 * KB, 0, 32767);
    assert_area(&s.areas[2], "/zram0", SWAPS_FILE, UINT64_MAX - 1023, 1024, -2147483647);
    swaps_clear(&s);
    assert_null(s.areas);
    assert_int_equal(s.n, 0);
}

static void test_none(void **state _unused_)
{
    static const char *const texts[] = {
        HEADING,
        "",
        "Filename",
        /* lxcfs tells a container of its limit so */
        HEADING "none                                    virtual\t\t1048576\t12\t0\n",
    };

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        _cleanup_(swaps_clear) struct swaps s = parse(texts[i]);

        assert_int_equal(s.n, 0);
    }
}

static void test_escapes(void **state _unused_)
{
    _cleanup_(swaps_clear) struct swaps s =
        parse(HEADING "/a\\040b\\011c\\012d\\134e\\134040 file 4 0 -2\n"
                      "/gone\\040(deleted) file 4 0 -3\n"
                      "/\xff\x01\xc3\xa4\\377 file 4 0 -4\n");

    assert_int_equal(s.n, 3);
    assert_string_equal(s.areas[0].path, "/a b\tc\nd\\e\\040");
    assert_string_equal(s.areas[1].path, "/gone (deleted)");
    assert_string_equal(s.areas[2].path, "/\xff\x01\xc3\xa4\xff");
}

static void test_bad(void **state _unused_)
{
    static const struct {
        const char *line;
        int r;
    } bad[] = {
        {"\n", -EBADMSG},
        {"/a\n", -EBADMSG},
        {"/a file\n", -EBADMSG},
        {"/a file 4\n", -EBADMSG},
        {"/a file 4 0\n", -EBADMSG},
        {"/a file 4 0 \n", -EBADMSG},
        {"/a virtual 4 0 0\n", -EBADMSG},
        {"none file2 4 0 0\n", -EBADMSG},
        {"/a b file 4 0 -2\n", -EBADMSG},
        {"/a file -4 0 -2\n", -EBADMSG},
        {"/a file 4 x -2\n", -EBADMSG},
        {"/a file 4kB 0 -2\n", -EBADMSG},
        {"/a file 4 0 -\n", -EBADMSG},
        {"/a file 4 0 --2\n", -EBADMSG},
        {"/a file 4 0 +2\n", -EBADMSG},
        {"/a\\ file 4 0 -2\n", -EBADMSG},
        {"/a\\04 file 4 0 -2\n", -EBADMSG},
        {"/a\\048 file 4 0 -2\n", -EBADMSG},
        {"/a\\400 file 4 0 -2\n", -EBADMSG},
        {"/a\\000 file 4 0 -2\n", -EBADMSG},
        {"/a file 18014398509481984 0 -2\n", -EOVERFLOW},
        {"/a file 0 18014398509481984 -2\n", -EOVERFLOW},
        {"/a file 99999999999999999999 0 -2\n", -EOVERFLOW},
        {"/a file 4 0 2147483648\n", -EOVERFLOW},
        {"/a file 4 0 -2147483648\n", -EOVERFLOW},
        {"/a file 4 0 99999999999999999999\n", -EOVERFLOW},
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;
        struct swaps s = SWAPS_INIT;
        char text[256];

        snprintf(text, sizeof(text), HEADING "/fine file 4 0 -2\n%s", bad[i].line);
        if (swaps_parse(text, &s, &e) != bad[i].r)
            fail_msg("case %zu: %s", i, bad[i].line);
        fake_assert_message(&e, "/proc/swaps: line 3 ");
        assert_null(s.areas);
        assert_int_equal(s.n, 0);
    }
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
static int allocations_left = INT_MAX;

void *__wrap_malloc(size_t size)
{
    return allocations_left-- > 0 ? __real_malloc(size) : NULL;
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
    return allocations_left-- > 0 ? __real_reallocarray(p, n, size) : NULL;
}

/* Two areas take two allocations each; each of the four may fail. */
static void test_no_memory(void **state _unused_)
{
    for (int n = 0; n < 4; n++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;
        struct swaps s = SWAPS_INIT;
        int r;

        allocations_left = n;
        r = swaps_parse(HEADING "/a file 4 0 -2\n/b file 4 0 -3\n", &s, &e);
        allocations_left = INT_MAX;
        assert_int_equal(r, -ENOMEM);
        fake_assert_message(&e, "out of memory");
        assert_null(s.areas);
        assert_int_equal(s.n, 0);
    }
}

static void test_read(void **state)
{
    struct fake *f = *state;
    _cleanup_(swaps_clear) struct swaps s = SWAPS_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    assert_int_equal(swaps_read(&f->root, &s, &e), -EOPNOTSUPP);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    fake_assert_message(&e, "/proc/swaps: is missing; ");
    fake_write(f, "proc/swaps", HEADING "broken\n");
    assert_int_equal(swaps_read(&f->root, &s, &e), -EBADMSG);
    assert_null(s.areas);
    fake_write(f, "proc/swaps", HEADING "/swapfile file 4 0 -2\n");
    assert_int_equal(swaps_read(&f->root, &s, &e), 0);
    assert_int_equal(s.n, 1);
}

static struct stat look(struct fake *f, const char *path)
{
    struct stat st;

    assert_int_equal(root_stat(&f->root, path, 0, &st), 0);
    return st;
}

/* By identity below the root: other spellings match, other files of the same name do not. */
static void test_find_file(void **state)
{
    struct fake *f = *state;
    _cleanup_(swaps_clear) struct swaps s =
        parse(HEADING "/not\\040there file 4 0 -2\n/dir/../second file 4 0 -3\n/first file 4 0 -4\n"
                      "/odd\\040(deleted) file 4 0 -5\n");
    struct stat st;

    fake_write(f, "first", "1");
    fake_write(f, "second", "2");
    fake_write(f, "third", "3");
    fake_write(f, "odd (deleted)", "4");
    fake_write(f, "dir/x", "");
    assert_int_equal(symlink("first", fake_path(f, "by-link")), 0);
    st = look(f, "/by-link");
    assert_ptr_equal(swaps_find(&f->root, &s, &st), &s.areas[2]);
    st = look(f, "/first");
    assert_ptr_equal(swaps_find(&f->root, &s, &st), &s.areas[2]);
    st = look(f, "/second");
    assert_ptr_equal(swaps_find(&f->root, &s, &st), &s.areas[1]);
    st = look(f, "/odd (deleted)");
    assert_ptr_equal(swaps_find(&f->root, &s, &st), &s.areas[3]);
    st = look(f, "/third");
    assert_null(swaps_find(&f->root, &s, &st));
}

/* Device nodes are names for a number; a file is never a device. */
static void test_find_device(void **state)
{
    struct fake *f = *state;
    _cleanup_(swaps_clear) struct swaps s =
        parse(HEADING "/file file 4 0 -2\n/node partition 4 0 -3\n");
    struct stat st;

    fake_write(f, "file", "");
    if (mknod(fake_path(f, "node"), S_IFBLK | 0600, makedev(7, 1000)) < 0 ||
        mknod(fake_path(f, "twin"), S_IFBLK | 0600, makedev(7, 1000)) < 0 ||
        mknod(fake_path(f, "other"), S_IFBLK | 0600, makedev(7, 1001)) < 0)
        skip();
    st = look(f, "/twin");
    assert_ptr_equal(swaps_find(&f->root, &s, &st), &s.areas[1]);
    st = look(f, "/other");
    assert_null(swaps_find(&f->root, &s, &st));
    st = look(f, "/file");
    st.st_mode = (st.st_mode & ~(mode_t)S_IFMT) | S_IFBLK;
    assert_null(swaps_find(&f->root, &s, &st));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_areas),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test_setup_teardown(test_read, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_find_file, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_find_device, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("swaps", tests, NULL, NULL);
}
