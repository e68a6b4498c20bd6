/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "gpu.h"

static void write_cards(struct fake *f)
{
    fake_write(f, "sys/class/drm/version", "drm\n");
    fake_write(f, "sys/class/drm/card0/device/vendor", "0x8086\n"); /* in the machine's RAM */
    fake_write(f, "sys/class/drm/card1/device/mem_info_vram_total", "8000\n");
    fake_write(f, "sys/class/drm/card1/device/mem_info_vram_used", "2000\n");
    fake_write(f, "sys/class/drm/card1-DP-1/device/mem_info_vram_total", "1\n");
    fake_write(f, "sys/class/drm/card3/lmem_total_bytes", "6000\n");
    fake_write(f, "sys/class/drm/card3/lmem_avail_bytes", "1000\n");
}

static void assert_memory(const struct gpus *g, size_t i, const char *name, uint64_t used,
                          uint64_t total)
{
    uint64_t a = 0, b = 0;

    assert_string_equal(gpu_name(g, i), name);
    assert_int_equal(gpu_memory(g, i, &a, &b), 0);
    assert_int_equal(a, used);
    assert_int_equal(b, total);
}

static void test_files(void **state)
{
    struct fake *f = *state;
    _cleanup_(gpu_clear) struct gpus g = GPUS_INIT;
    uint64_t used = 7, total = 7;

    assert_int_equal(gpu_list(&f->root, NULL, &g, NULL), 0);
    assert_int_equal(g.n, 0);
    write_cards(f);
    assert_int_equal(gpu_list(&f->root, NULL, &g, NULL), 0);
    assert_int_equal(g.n, 2);
    assert_memory(&g, 0, "card1", 2000, 8000);
    assert_memory(&g, 1, "card3", 5000, 6000);
    fake_write(f, "sys/class/drm/card1/device/mem_info_vram_used", "8001\n");
    assert_int_equal(gpu_memory(&g, 0, &used, &total), -EBADMSG);
    fake_write(f, "sys/class/drm/card1/device/mem_info_vram_used", "99999999999999999999\n");
    assert_int_equal(gpu_memory(&g, 0, &used, &total), -EOVERFLOW);
    fake_write(f, "sys/class/drm/card1/device/mem_info_vram_used", "\n");
    assert_int_equal(gpu_memory(&g, 0, &used, &total), -EBADMSG);
    assert_int_equal(used, 7);
    assert_int_equal(total, 7);
}

static void test_nvidia(void **state)
{
    struct fake *f = *state;
    _cleanup_(gpu_clear) struct gpus g = GPUS_INIT;
    uint64_t used, total;

    write_cards(f);
    assert_int_equal(gpu_list(&f->root, FAKE_NVML, &g, NULL), 0);
    assert_int_equal(g.n, 5);
    assert_memory(&g, 0, "NVIDIA Test 0", 100, 1000);
    assert_string_equal(gpu_name(&g, 1), "NVIDIA 1");
    assert_int_equal(gpu_memory(&g, 1, &used, &total), -EIO);
    assert_memory(&g, 2, "NVIDIA Test 2", 102, 1002);
    assert_memory(&g, 3, "card1", 2000, 8000);
}

static void test_no_library(void **state)
{
    struct fake *f = *state;
    _cleanup_(gpu_clear) struct gpus g = GPUS_INIT;

    assert_int_equal(gpu_list(&f->root, "libnvidia-that-is-not-there.so.1", &g, NULL), 0);
    assert_int_equal(g.n, 0);
    assert_null(g.library);
    /* a library that is another */
    assert_int_equal(gpu_list(&f->root, "libc.so.6", &g, NULL), 0);
    assert_int_equal(g.n, 0);
    assert_null(g.library);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_files, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_nvidia, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_no_library, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("gpu", tests, NULL, NULL);
}
