/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <byteswap.h>

#include "abi.h"
#include "swapheader.h"

enum { PAGE = 4096 };

#define UUID_TEXT "01234567-89ab-4cde-8f01-23456789abcd"
static const uint8_t uuid[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0x4c, 0xde,
                                 0x8f, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd};

/* The beginning of a device, as large as any page. */
static uint8_t area[SWAPHEADER_PAGE_MAX];

static struct swapheader parse(size_t len, uint32_t page_size)
{
    struct swapheader h;

    memset(&h, 0xaa, sizeof(h));
    swapheader_parse(area, len, page_size, &h);
    return h;
}

static void put_u32(size_t at, uint32_t n)
{
    memcpy(area + at, &n, sizeof(n));
}

static void put_signature(uint32_t page_size, const char *signature)
{
    memset(area + page_size - ABI_SWAP_SIGNATURE_LEN, 0, ABI_SWAP_SIGNATURE_LEN);
    memcpy(area + page_size - ABI_SWAP_SIGNATURE_LEN, signature, strlen(signature));
}

/* A fresh area of 100 pages. */
static void make(uint32_t page_size)
{
    struct swapheader h = {.page_size = page_size, .pages = 100, .label = "swap one"};

    memcpy(h.uuid, uuid, sizeof(uuid));
    memset(area, 0, sizeof(area));
    swapheader_format(&h, area);
}

static void assert_kind(enum swapheader_kind kind, uint32_t page_size)
{
    struct swapheader h = parse(sizeof(area), PAGE);

    assert_int_equal(h.kind, kind);
    assert_int_equal(h.page_size, page_size);
    assert_int_equal(h.pages, 0);
    assert_int_equal(h.bad_pages, 0);
    assert_string_equal(h.label, "");
}

static void test_there_and_back(void **state _unused_)
{
    struct swapheader h;

    make(PAGE);
    h = parse(PAGE, PAGE);
    assert_int_equal(h.kind, SWAPHEADER_VALID);
    assert_int_equal(h.page_size, PAGE);
    assert_int_equal(h.pages, 100);
    assert_int_equal(h.bad_pages, 0);
    assert_memory_equal(h.uuid, uuid, 16);
    assert_string_equal(h.label, "swap one");
    /* more of the device changes nothing, less of it is no header */
    assert_int_equal(parse(sizeof(area), PAGE).kind, SWAPHEADER_VALID);
    assert_int_equal(parse(PAGE - 1, PAGE).kind, SWAPHEADER_NONE);
    assert_int_equal(parse(0, PAGE).kind, SWAPHEADER_NONE);
}

static void test_limits(void **state _unused_)
{
    struct swapheader h = {.page_size = PAGE, .pages = UINT32_MAX, .label = "exactly 15 byte"};

    swapheader_format(&h, area);
    assert_int_equal(parse(PAGE, PAGE).pages, UINT32_MAX);
    assert_string_equal(parse(PAGE, PAGE).label, "exactly 15 byte");
    put_u32(1028, UINT32_MAX);
    assert_true(parse(PAGE, PAGE).pages == UINT64_C(1) << 32);
    /* a label of 16 bytes without an end is cut */
    memset(area + 1052, 'x', 16);
    assert_string_equal(parse(PAGE, PAGE).label, "xxxxxxxxxxxxxxx");
    /* the kernel takes two pages */
    put_u32(1028, 1);
    assert_int_equal(parse(PAGE, PAGE).kind, SWAPHEADER_VALID);
    assert_int_equal(parse(PAGE, PAGE).pages, 2);
}

static void test_other_page_size(void **state _unused_)
{
    static const uint32_t others[] = {8192, 16384, 32768, 65536};
    struct swapheader h;

    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        make(others[i]);
        h = parse(sizeof(area), PAGE);
        assert_int_equal(h.kind, SWAPHEADER_PAGE_SIZE);
        assert_int_equal(h.page_size, others[i]);
        assert_int_equal(h.pages, 100);
        assert_string_equal(h.label, "swap one");
        assert_int_equal(parse(others[i] - 1, PAGE).kind, SWAPHEADER_NONE);
        assert_int_equal(parse(sizeof(area), others[i]).kind, SWAPHEADER_VALID);
        put_u32(1024, 2);
        assert_kind(SWAPHEADER_BROKEN, others[i]);
    }
    make(PAGE);
    h = parse(sizeof(area), 16384);
    assert_int_equal(h.kind, SWAPHEADER_PAGE_SIZE);
    assert_int_equal(h.page_size, PAGE);
}

/* The machine's own page size goes first: what stands farther on may be swapped-out memory. */
static void test_own_page_size_first(void **state _unused_)
{
    make(PAGE);
    put_signature(8192, ABI_SWAP_SIGNATURE_SUSPEND);
    put_signature(65536, ABI_SWAP_SIGNATURE);
    assert_int_equal(parse(sizeof(area), PAGE).kind, SWAPHEADER_VALID);
    assert_int_equal(parse(sizeof(area), PAGE).page_size, PAGE);
}

static void test_other_byte_order(void **state _unused_)
{
    struct swapheader h;

    make(PAGE);
    put_u32(1024, bswap_32(1));
    put_u32(1028, bswap_32(99));
    put_u32(1032, bswap_32(2));
    put_u32(1536, bswap_32(7));
    put_u32(1540, bswap_32(99));
    h = parse(PAGE, PAGE);
    assert_int_equal(h.kind, SWAPHEADER_VALID);
    assert_int_equal(h.pages, 100);
    assert_int_equal(h.bad_pages, 2);
    put_u32(1540, bswap_32(100));
    assert_kind(SWAPHEADER_BROKEN, PAGE);
}

static void test_broken(void **state _unused_)
{
    make(PAGE);
    put_u32(1024, 0);
    assert_kind(SWAPHEADER_BROKEN, PAGE);
    put_u32(1024, 2);
    assert_kind(SWAPHEADER_BROKEN, PAGE);
    make(PAGE);
    put_u32(1028, 0);
    assert_kind(SWAPHEADER_BROKEN, PAGE);
}

static void test_bad_pages(void **state _unused_)
{
    enum { ROOM = (PAGE - 10 - 1536) / 4 };

    make(PAGE);
    put_u32(1028, 10000);
    for (uint32_t i = 0; i < ROOM; i++)
        put_u32(1536 + i * 4, i + 1);
    put_u32(1032, ROOM);
    assert_int_equal(parse(PAGE, PAGE).kind, SWAPHEADER_VALID);
    assert_int_equal(parse(PAGE, PAGE).bad_pages, ROOM);
    put_u32(1032, ROOM + 1);
    assert_kind(SWAPHEADER_BROKEN, PAGE);
    put_u32(1032, UINT32_MAX);
    assert_kind(SWAPHEADER_BROKEN, PAGE);
    /* the header page is not in the list, nor is a page behind the end */
    put_u32(1032, 1);
    put_u32(1536, 0);
    assert_kind(SWAPHEADER_BROKEN, PAGE);
    put_u32(1536, 10001);
    assert_kind(SWAPHEADER_BROKEN, PAGE);
    put_u32(1536, 10000);
    assert_int_equal(parse(PAGE, PAGE).kind, SWAPHEADER_VALID);
    /* no good page is left */
    put_u32(1028, 1);
    put_u32(1536, 1);
    assert_kind(SWAPHEADER_BROKEN, PAGE);
}

static void test_old(void **state _unused_)
{
    make(PAGE);
    put_signature(PAGE, ABI_SWAP_SIGNATURE_V0);
    assert_kind(SWAPHEADER_OLD, PAGE);
    memset(area, 0, sizeof(area));
    put_signature(65536, ABI_SWAP_SIGNATURE_V0);
    assert_kind(SWAPHEADER_OLD, 65536);
}

static void test_hibernated(void **state _unused_)
{
    static const char *const signatures[] = {"S1SUSPEND", "S2SUSPEND", "ULSUSPEND", "LINHIB0001"};

    for (size_t i = 0; i < ARRAY_SIZE(signatures); i++) {
        make(PAGE);
        put_signature(PAGE, signatures[i]);
        assert_kind(SWAPHEADER_HIBERNATE, PAGE);
        memset(area, 0, sizeof(area));
        put_signature(32768, signatures[i]);
        assert_kind(SWAPHEADER_HIBERNATE, 32768);
    }
    make(PAGE);
    memcpy(area, "\xed\xc3\x02\xe9\x98\x56\xe5\x0c", 8);
    assert_kind(SWAPHEADER_HIBERNATE, PAGE);
}

static void test_none(void **state _unused_)
{
    memset(area, 0, sizeof(area));
    assert_kind(SWAPHEADER_NONE, PAGE);
    memset(area, 0xff, sizeof(area));
    assert_kind(SWAPHEADER_NONE, PAGE);
    make(PAGE);
    area[PAGE - 1] ^= 1;
    assert_kind(SWAPHEADER_NONE, PAGE);
    /* a page too small for the header */
    make(PAGE);
    assert_int_equal(parse(PAGE, 512).kind, SWAPHEADER_PAGE_SIZE);
    assert_int_equal(parse(512, 512).kind, SWAPHEADER_NONE);
    assert_int_equal(parse(PAGE, 0).page_size, PAGE);
}

static void run_mkswap(struct fake *f, const char *options)
{
    _cleanup_(free_ptr) char *command = NULL;

    assert_true(asprintf(&command,
                         "PATH=$PATH:/usr/sbin:/sbin; rm -f %s/area; truncate -s 1M %s/area && "
                         "chmod 600 %s/area && mkswap %s %s/area >/dev/null 2>&1",
                         f->dir, f->dir, f->dir, options, f->dir) > 0);
    if (system(command) != 0)
        skip();
}

static void assert_same_as_mkswap(struct fake *f, uint32_t page_size, const char *label,
                                  const char *options)
{
    struct swapheader h = {.page_size = page_size, .pages = (1 << 20) / page_size};
    _cleanup_(free_ptr) char *theirs = NULL, *ours = malloc(page_size);
    size_t len;

    run_mkswap(f, options);
    memcpy(h.uuid, uuid, sizeof(uuid));
    strcpy(h.label, label);
    memset(ours, 0xaa, page_size);
    swapheader_format(&h, ours);
    assert_int_equal(root_read(&f->root, "area", &theirs, &len, NULL), 0);
    assert_int_equal(len, 1 << 20);
    assert_memory_equal(ours, theirs, page_size);
}

static void test_same_as_mkswap(void **state)
{
    uint32_t page_size = (uint32_t)sysconf(_SC_PAGESIZE);

    assert_same_as_mkswap(*state, page_size, "", "-U " UUID_TEXT);
    assert_same_as_mkswap(*state, page_size, "swap one", "-U " UUID_TEXT " -L 'swap one'");
    assert_same_as_mkswap(*state, page_size, "exactly 15 byte",
                          "-U " UUID_TEXT " -L 'exactly 15 byte'");
    assert_same_as_mkswap(*state, 65536, "big", "-U " UUID_TEXT " -L big -p 65536");
}

static void test_uuid(void **state _unused_)
{
    char text[SWAPHEADER_UUID_TEXT];
    uint8_t one[16] = {0}, two[16] = {0};

    assert_ptr_equal(swapheader_uuid_text(uuid, text), text);
    assert_string_equal(text, UUID_TEXT);
    assert_int_equal(swapheader_uuid_random(one), 0);
    assert_int_equal(swapheader_uuid_random(two), 0);
    assert_memory_not_equal(one, two, 16);
    assert_int_equal(one[6] >> 4, 4);
    assert_int_equal(one[8] >> 6, 2);
}

/* A sandbox may forbid getrandom(2), a signal may cut it short. */
ssize_t __real_getrandom(void *buf, size_t n, unsigned flags);
ssize_t __wrap_getrandom(void *buf, size_t n, unsigned flags);
static int failure;

ssize_t __wrap_getrandom(void *buf, size_t n, unsigned flags)
{
    int now = failure;

    if (now == 0)
        return __real_getrandom(buf, n, flags);
    if (now == EINTR)
        failure = 0;
    if (now < 0)
        return -now;
    errno = now;
    return -1;
}

static void test_no_randomness(void **state _unused_)
{
    static const uint8_t zeros[16];
    uint8_t u[16] = {0};

    failure = ENOSYS;
    assert_int_equal(swapheader_uuid_random(u), -ENOSYS);
    failure = -8; /* only eight bytes */
    assert_int_equal(swapheader_uuid_random(u), -EIO);
    assert_memory_equal(u, zeros, 16);
    failure = EINTR;
    assert_int_equal(swapheader_uuid_random(u), 0);
    assert_memory_not_equal(u, zeros, 16);
}

static void test_round(void **state _unused_)
{
    uint64_t pages = 7;

    assert_int_equal(swapheader_round(0, PAGE, &pages), -ERANGE);
    assert_int_equal(swapheader_round(10 * PAGE - 1, PAGE, &pages), -ERANGE);
    assert_int_equal(swapheader_round((UINT64_C(1) << 32) * PAGE, PAGE, &pages), -ERANGE);
    assert_int_equal(swapheader_round(UINT64_MAX, PAGE, &pages), -ERANGE);
    assert_int_equal(pages, 7);
    assert_int_equal(swapheader_round(10 * PAGE, PAGE, &pages), 0);
    assert_int_equal(pages, 10);
    assert_int_equal(swapheader_round(11 * PAGE - 1, PAGE, &pages), 0);
    assert_int_equal(pages, 10);
    assert_int_equal(swapheader_round((UINT64_C(1) << 32) * PAGE - 1, PAGE, &pages), 0);
    assert_int_equal(pages, UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_other_page_size),
        cmocka_unit_test(test_own_page_size_first),
        cmocka_unit_test(test_other_byte_order),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_bad_pages),
        cmocka_unit_test(test_old),
        cmocka_unit_test(test_hibernated),
        cmocka_unit_test(test_none),
        cmocka_unit_test_setup_teardown(test_same_as_mkswap, fake_setup, fake_teardown),
        cmocka_unit_test(test_uuid),
        cmocka_unit_test(test_no_randomness),
        cmocka_unit_test(test_round),
    };

    return cmocka_run_group_tests_name("swapheader", tests, NULL, NULL);
}
