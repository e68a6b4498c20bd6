/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "swapheader.h"
#include "swaptag.h"

#define UUID "0a1b2c3d-0e4f-4a5b-8c6d-123456789abc"
#define OTHER "ff1b2c3d-0e4f-4a5b-8c6d-123456789abc"

static const uint8_t uuid_bytes[16] = {0x0a, 0x1b, 0x2c, 0x3d, 0x0e, 0x4f, 0x4a, 0x5b,
                                       0x8c, 0x6d, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc};

/* A swap file of one page, its header. */
static void area(struct fake *f, const char *path, uint8_t first, const char *label)
{
    uint32_t size = (uint32_t)sysconf(_SC_PAGESIZE);
    _cleanup_(free_ptr) char *page = malloc(size);
    struct swapheader h = {.kind = SWAPHEADER_VALID, .page_size = size, .pages = 10};

    assert_non_null(page);
    memcpy(h.uuid, uuid_bytes, sizeof(h.uuid));
    h.uuid[0] = first;
    strcpy(h.label, label);
    swapheader_format(&h, page);
    fake_write_bytes(f, path, page, size);
}

static struct swaps_area active[] = {{.path = (char *)"/active"}, {.path = (char *)"/gone"}};
static const struct swaps swaps = {active, ARRAY_SIZE(active)};
static const struct swaps nothing = {NULL, 0};

static void found(struct fake *f, const char *tag, const char *wanted)
{
    _cleanup_(free_ptr) char *path = NULL;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    if (swaptag_find(&f->root, &swaps, tag, &path, &e) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(path, wanted);
}

static void not_found(struct fake *f, const struct swaps *s, const char *tag, int r,
                      const char *part)
{
    _cleanup_(free_ptr) char *path = NULL;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    assert_int_equal(swaptag_find(&f->root, s, tag, &path, &e), r);
    assert_null(path);
    fake_assert_message(&e, part);
}

static void test_is(void **state _unused_)
{
    assert_true(swaptag_is("UUID=x"));
    assert_true(swaptag_is("LABEL="));
    assert_true(swaptag_is("PARTUUID=x"));
    assert_true(swaptag_is("PARTLABEL=x"));
    assert_false(swaptag_is("label=x"));
    assert_false(swaptag_is("UUID"));
    assert_false(swaptag_is("UUIDX=1"));
    assert_false(swaptag_is("./UUID=x"));
    assert_false(swaptag_is("/swapfile"));
}

static void test_active(void **state)
{
    struct fake *f = *state;

    area(f, "active", 0x0a, "one");
    found(f, "UUID=" UUID, "/active");
    found(f, "UUID=0A1B2C3D-0E4F-4A5B-8C6D-123456789ABC", "/active");
    found(f, "UUID=\"" UUID "\"", "/active");
    found(f, "LABEL=one", "/active");
    not_found(f, &swaps, "LABEL=on", -ENODEV, "LABEL=on: no swap area that is active or declared");
    not_found(f, &swaps, "LABEL=", -EINVAL, "not of the form");
    not_found(f, &swaps, "UUID=" OTHER, -ENODEV, "UUID=" OTHER);
    /* what it is no label of */
    not_found(f, &swaps, "PARTLABEL=one", -ENODEV, "PARTLABEL=one");
    not_found(f, &nothing, "LABEL=one", -ENODEV, "LABEL=one");
}

/* What is no swap area has no label, whatever its name is. */
static void test_no_area(void **state)
{
    struct fake *f = *state;

    fake_write(f, "active", "text");
    assert_int_equal(root_mkdirs(&f->root, "/gone", NULL), 0);
    not_found(f, &swaps, "LABEL=one", -ENODEV, "LABEL=one");
}

static void test_declared(void **state)
{
    struct fake *f = *state;

    area(f, "var/my swap", 0x0a, "in fstab");
    area(f, "var/unit-swap", 0xff, "unit");
    fake_write(f, "etc/fstab",
               "/absent none swap sw 0 0\n#/active none swap sw 0 0\n"
               "/var/my\\040swap none swap sw 0 0\n");
    fake_write(f, "etc/systemd/system/var-unit\\x2dswap.swap", "[Swap]\n");
    fake_write(f, "etc/systemd/system/absent.swap", "[Swap]\n");
    fake_write(f, "etc/systemd/system/.swap", "[Swap]\n");
    fake_write(f, "etc/systemd/system/other.service", "[Service]\n");
    found(f, "LABEL=in fstab", "/var/my swap");
    found(f, "UUID=" UUID, "/var/my swap");
    found(f, "LABEL=unit", "/var/unit-swap");
    found(f, "UUID=" OTHER, "/var/unit-swap");
}

/* The same file under several names is one area, two files are not. */
static void test_several(void **state)
{
    struct fake *f = *state;
    char from[128];

    area(f, "active", 0x0a, "twin");
    snprintf(from, sizeof(from), "%s", fake_path(f, "active"));
    assert_int_equal(link(from, fake_path(f, "link")), 0);
    fake_write(f, "etc/fstab", "/active none swap sw 0 0\n/link none swap sw 0 0\n");
    found(f, "LABEL=twin", "/active");
    area(f, "twin", 0xff, "twin");
    fake_write(f, "etc/systemd/system/twin.swap", "[Swap]\n");
    not_found(f, &swaps, "LABEL=twin", -ENOTUNIQ,
              "LABEL=twin: both /active and /twin have it; name the one that is meant by its path");
    found(f, "UUID=" UUID, "/active");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is), TEST(test_active),  TEST(test_no_area),
        TEST(test_declared),       TEST(test_several),
    };

    return cmocka_run_group_tests_name("swaptag", tests, NULL, NULL);
}
