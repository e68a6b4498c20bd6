/* SPDX-License-Identifier: MIT */
#include "btrfs.h"
#include "fake.h"

#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <sys/ioctl.h>

/* What the fake chunk tree holds, in order; one answer has at most two of them. */
static struct {
    uint64_t start, length, type, place;
    uint16_t stripes;
} chunks[8];
static size_t n_chunks;
static uint64_t n_devices;
static uint32_t item_len = sizeof(struct btrfs_chunk);
static int fail_with;

static void answer_search(struct btrfs_ioctl_search_args *args)
{
    const struct btrfs_ioctl_search_key key = args->key;
    char *to = args->buf;

    assert_int_equal(key.tree_id, BTRFS_CHUNK_TREE_OBJECTID);
    assert_true(key.min_objectid == 256 && key.max_objectid == 256);
    assert_true(key.min_type == BTRFS_CHUNK_ITEM_KEY && key.max_type == BTRFS_CHUNK_ITEM_KEY);
    assert_true(key.min_transid == 0 && key.max_transid == UINT64_MAX);
    args->key.nr_items = 0;
    for (size_t i = 0; i < n_chunks && args->key.nr_items < 2; i++) {
        struct btrfs_ioctl_search_header header = {.offset = chunks[i].start, .len = item_len};
        struct btrfs_chunk item = {
            .length = htole64(chunks[i].length),
            .type = htole64(chunks[i].type | BTRFS_BLOCK_GROUP_DATA),
            .num_stripes = htole16(chunks[i].stripes),
            .stripe.offset = htole64(chunks[i].place),
        };

        if (chunks[i].start < key.min_offset || chunks[i].start > key.max_offset)
            continue;
        args->key.nr_items++;
        to = mempcpy(to, &header, sizeof(header));
        to = mempcpy(to, &item, sizeof(item));
    }
}

int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd _unused_, unsigned long request, void *arg)
{
    struct btrfs_ioctl_fs_info_args *info = arg;

    if (fail_with) {
        errno = fail_with;
        return -1;
    }
    if (request == BTRFS_IOC_TREE_SEARCH) {
        answer_search(arg);
        return 0;
    }
    assert_int_equal(request, BTRFS_IOC_FS_INFO);
    info->num_devices = n_devices;
    memset(info->fsid, 0x5a, sizeof(info->fsid));
    return 0;
}

static int setup(void **state _unused_)
{
    memset(chunks, 0, sizeof(chunks));
    for (n_chunks = 0; n_chunks < 5; n_chunks++) {
        chunks[n_chunks].start = 1000 * n_chunks;
        chunks[n_chunks].length = 900;
        chunks[n_chunks].place = 70000 - 1000 * n_chunks;
        chunks[n_chunks].stripes = 1;
    }
    n_devices = 1;
    item_len = sizeof(struct btrfs_chunk);
    fail_with = 0;
    return 0;
}

static void assert_place(uint64_t logical, uint64_t wanted)
{
    uint64_t place;

    assert_int_equal(btrfs_physical(0, "/x", logical, &place, NULL), 0);
    assert_int_equal(place, wanted);
}

static void test_physical(void **state _unused_)
{
    assert_place(0, 70000);
    assert_place(899, 70899);
    assert_place(1000, 69000);
    assert_place(2345, 68345);
    assert_place(4001, 66001);
}

static void assert_no_place(uint64_t logical, int wanted, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    uint64_t place = 7;

    assert_int_equal(btrfs_physical(0, "/x", logical, &place, &e), wanted);
    assert_int_equal(place, 7);
    fake_assert_message(&e, message);
}

static void test_no_place(void **state _unused_)
{
    assert_no_place(900, -ENODATA, "/x: no chunk");
    assert_no_place(UINT64_MAX, -ENODATA, "/x: no chunk");
    chunks[0].start = 5;
    assert_no_place(4, -ENODATA, "/x: no chunk");
    chunks[2].type = BTRFS_BLOCK_GROUP_DUP;
    assert_no_place(2000, -EOPNOTSUPP, "/x: lies more than once");
    chunks[3].stripes = 2;
    assert_no_place(3000, -EOPNOTSUPP, "/x: lies more than once");
}

static void test_failures(void **state _unused_)
{
    fail_with = EPERM;
    assert_no_place(0, -EPERM, "CAP_SYS_ADMIN");
    fail_with = EIO;
    assert_no_place(0, -EIO, "/x: cannot read the chunks");
    fail_with = 0;
    item_len = sizeof(struct btrfs_chunk) - 1;
    assert_no_place(0, -EBADMSG, "/x: the chunks");
    item_len = 4096;
    assert_no_place(0, -EBADMSG, "/x: the chunks");
}

static void test_identity(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    uint8_t uuid[16] = {0};

    assert_int_equal(btrfs_identity(0, "/x", uuid, &e), 0);
    assert_int_equal(uuid[15], 0x5a);
    n_devices = 3;
    assert_int_equal(btrfs_identity(0, "/x", uuid, &e), -EOPNOTSUPP);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    fake_assert_message(&e, "/x: its file system has 3 devices");
    fail_with = ENOTTY;
    assert_int_equal(btrfs_identity(0, "/x", uuid, &e), -ENOTTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_physical, setup),
        cmocka_unit_test_setup(test_no_place, setup),
        cmocka_unit_test_setup(test_failures, setup),
        cmocka_unit_test_setup(test_identity, setup),
    };

    return cmocka_run_group_tests_name("btrfs", tests, NULL, NULL);
}
