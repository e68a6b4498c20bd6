/* SPDX-License-Identifier: MIT */
#include "rig.h"

/* ---- meminfo */

#define MEMINFO                                                                                    \
    "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 400 kB\nSwapTotal: 200 kB\n"                \
    "SwapFree: 150 kB\nCommitLimit: 700 kB\nCommitted_AS: 1400 kB\n"

static void test_memory(void **state)
{
    struct fake *f = *state;
    struct rig r;

    fake_write(f, "proc/meminfo", MEMINFO);
    rig_begin(&r, &f->root, "ram ram.available ram.used swap swap.used commit zfs.arc memory memory.available");
    assert_state(&r, 0, SAMPLER_EARLY, "ram: no sample");
    sampler_take(r.s);
    assert_number(&r, 0, 60);
    assert_number(&r, 1, 400 * 1024);
    assert_number(&r, 2, 600 * 1024);
    assert_number(&r, 3, 25);
    assert_number(&r, 4, 50 * 1024);
    assert_number(&r, 5, 200);
    assert_state(&r, 6, SAMPLER_ABSENT, "zfs.arc: there is no ZFS");
    assert_number(&r, 7, 100 * 650 / 1200.);
    assert_number(&r, 8, 550 * 1024);
    /* without swap there is no part of it, and memory is RAM */
    fake_write(f, "proc/meminfo",
               "MemTotal: 10 kB\nMemFree: 1 kB\nMemAvailable: 4 kB\nSwapTotal: 0 kB\n");
    sampler_take(r.s);
    assert_number(&r, 0, 60);
    assert_state(&r, 3, SAMPLER_ABSENT, "swap: there is no swap");
    assert_number(&r, 4, 0);
    assert_state(&r, 5, SAMPLER_ABSENT, "commit");
    assert_number(&r, 7, 60);
    assert_number(&r, 8, 4 * 1024);
    rig_end(&r);
}

static void test_memory_broken(void **state)
{
    struct fake *f = *state;
    struct rig r;

    rig_begin(&r, &f->root, "ram swap.used");
    sampler_take(r.s);
    assert_state(&r, 0, SAMPLER_ABSENT, "ram: there is no /proc/meminfo");
    fake_write(f, "proc/meminfo", MEMINFO);
    sampler_take(r.s);
    assert_number(&r, 0, 60);
    fake_write(f, "proc/meminfo", "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 40");
    sampler_take(r.s);
    assert_state(&r, 0, SAMPLER_BROKEN, "meminfo: MemAvailable is not a size");
    assert_state(&r, 1, SAMPLER_BROKEN, "meminfo: MemAvailable is not a size");
    fake_write(f, "proc/meminfo", "");
    sampler_take(r.s);
    assert_state(&r, 0, SAMPLER_BROKEN, "meminfo: has no MemTotal");
    fake_write(f, "proc/meminfo", MEMINFO);
    sampler_take(r.s);
    assert_number(&r, 0, 60);
    rig_end(&r);
}

static void test_arc(void **state)
{
    struct fake *f = *state;
    struct rig r;

    fake_write(f, "proc/meminfo", MEMINFO);
    fake_write(f, "proc/spl/kstat/zfs/arcstats", "c_min 4 102400\nsize 4 204800\n");
    rig_begin(&r, &f->root, "ram ram.available zfs.arc");
    sampler_take(r.s);
    assert_number(&r, 0, 50);
    assert_number(&r, 1, 500 * 1024);
    assert_number(&r, 2, 204800);
    fake_write(f, "proc/spl/kstat/zfs/arcstats", "c_min 4 0\nsize 4 20480000\n");
    sampler_take(r.s);
    assert_number(&r, 0, 0);
    fake_write(f, "proc/spl/kstat/zfs/arcstats", "c_min 4 0\nsize 4 99999999999999999999\n");
    sampler_take(r.s);
    assert_number(&r, 0, 60);
    assert_state(&r, 2, SAMPLER_BROKEN, "arcstats: size is no number");
    rig_end(&r);
}

/* A text that is longer than the kernel hands out at once, and than the first room for it. */
static void test_long(void **state)
{
    struct fake *f = *state;
    size_t filler = 40000;
    char *text = malloc(filler + sizeof(MEMINFO));
    struct rig r;

    assert_non_null(text);
    memset(text, 'x', filler);
    memcpy(text + 5000, "\nMemFree: 1 kB", 14);
    text[filler - 1] = '\n';
    strcpy(text + filler, MEMINFO);
    fake_write(f, "proc/meminfo", text);
    free(text);
    rig_begin(&r, &f->root, "ram");
    sampler_take(r.s);
    assert_state(&r, 0, SAMPLER_BROKEN, "MemFree is not a size");
    rig_end(&r);
}

/* ---- vmstat */

static void write_vmstat(struct fake *f, unsigned kswapd, unsigned steal, unsigned refault,
                         unsigned in, unsigned kill)
{
    char text[512];

    snprintf(text, sizeof(text),
             "nr_free_pages 1\npgscan_kswapd %u\npgscan_anon %u\npgscan_file %u\npgsteal_anon %u\n"
             "pgsteal_file 0\nworkingset_refault_anon %u\nworkingset_refault_file 0\npswpin %u\n"
             "pswpout 0\noom_kill %u\n",
             kswapd, kswapd, kswapd, steal, refault, in, kill);
    fake_write(f, "proc/vmstat", text);
}

static void test_rates(void **state)
{
    struct fake *f = *state;
    double page = (double)sysconf(_SC_PAGESIZE);
    struct rig r;

    write_vmstat(f, 1000, 500, 50, 7, 1);
    rig_begin(&r, &f->root,
              "reclaim.kswapd reclaim.efficiency refault.ratio swap.in swap.out oom "
              "reclaim.proactive");
    sampler_take(r.s);
    assert_state(&r, 0, SAMPLER_EARLY, "reclaim.kswapd: is told between two samples");
    assert_state(&r, 5, SAMPLER_EARLY, "oom: ");
    assert_int_equal(sampler_interval(r.s), 0);
    /* two seconds, and then a gap of a day: rates are right across it */
    seconds += 2;
    write_vmstat(f, 1200, 700, 150, 17, 4);
    sampler_take(r.s);
    assert_int_equal(sampler_interval(r.s), 2000000000);
    assert_number(&r, 0, 100);
    assert_number(&r, 1, 50);
    assert_number(&r, 2, 0.5);
    assert_number(&r, 3, 5 * page);
    assert_number(&r, 4, 0);
    assert_number(&r, 5, 3);
    assert_state(&r, 6, SAMPLER_ABSENT, "this kernel does not count it");
    seconds += 86400;
    write_vmstat(f, 1200 + 864000, 700, 150, 17, 4);
    sampler_take(r.s);
    assert_number(&r, 0, 10);
    assert_number(&r, 1, 0);
    assert_state(&r, 2, SAMPLER_ABSENT, "refault.ratio: no page was taken away");
    rig_end(&r);
}

static void test_backwards(void **state)
{
    struct fake *f = *state;
    struct rig r;

    write_vmstat(f, 1000, 500, 50, 7, 1);
    rig_begin(&r, &f->root, "reclaim.kswapd swap.in");
    sampler_take(r.s);
    seconds++;
    write_vmstat(f, 999, 500, 50, 8, 1);
    sampler_take(r.s);
    assert_state(&r, 0, SAMPLER_EARLY, "the one before does not serve");
    assert_number(&r, 1, (double)sysconf(_SC_PAGESIZE));
    seconds++;
    write_vmstat(f, 1009, 500, 50, 8, 1);
    sampler_take(r.s);
    assert_number(&r, 0, 10);
    fake_write(f, "proc/vmstat", "pgscan_kswapd 99999999999999999999\npswpin 3\n");
    seconds++;
    sampler_take(r.s);
    assert_state(&r, 0, SAMPLER_BROKEN, "vmstat: pgscan_kswapd is no whole number");
    /* what was broken is no base for the next interval */
    write_vmstat(f, 2000, 500, 50, 8, 1);
    seconds++;
    sampler_take(r.s);
    assert_state(&r, 0, SAMPLER_EARLY, "");
    rig_end(&r);
}

/* What limits make is in the root group's counters, which are dear and so read only if vmstat's
 * have moved. */
static void test_limit(void **state)
{
    struct fake *f = *state;
    struct rig r;

    fake_write(f, "proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    fake_write(f, "proc/self/cgroup", "0::/\n");
    fake_write(f, "sys/devices/system/node/node0/vmstat", "nr_free_pages 1\n");
    fake_write(f, "sys/fs/cgroup/memory.stat", "anon 5\npgscan 100\npgscan_direct 100\n");
    fake_write(f, "proc/vmstat",
               "pgscan_kswapd 0\npgscan_direct 40\npgscan_anon 0\npgscan_file 100\n");
    rig_begin(&r, &f->root, "reclaim.limit reclaim.direct");
    sampler_take(r.s);
    seconds++;
    fake_write(f, "sys/fs/cgroup/memory.stat", "anon 5\npgscan 200\npgscan_direct 200\n");
    fake_write(f, "proc/vmstat",
               "pgscan_kswapd 0\npgscan_direct 50\npgscan_anon 0\npgscan_file 200\n");
    sampler_take(r.s);
    assert_number(&r, 0, 90);
    assert_number(&r, 1, 10);
    /* broken, but nobody looks */
    fake_write(f, "sys/fs/cgroup/memory.stat", "pgscan x\n");
    seconds++;
    sampler_take(r.s);
    assert_number(&r, 0, 0);
    fake_write(f, "proc/vmstat",
               "pgscan_kswapd 0\npgscan_direct 50\npgscan_anon 0\npgscan_file 201\n");
    seconds++;
    sampler_take(r.s);
    assert_state(&r, 0, SAMPLER_BROKEN, "memory.stat: pgscan is no whole number");
    rig_end(&r);
}

/* Since Linux 7.1 the two are one number. */
static void test_limit_of_node(void **state)
{
    struct fake *f = *state;
    struct rig r;

    fake_write(f, "proc/vmstat",
               "pgscan_kswapd 0\npgscan_direct 40\npgpgin 1\nallocstall_normal 5\n");
    rig_begin(&r, &f->root, "reclaim.limit reclaim.direct");
    sampler_take(r.s);
    seconds++;
    fake_write(f, "proc/vmstat",
               "pgscan_kswapd 0\npgscan_direct 50\npgpgin 1\nallocstall_normal 5\n");
    sampler_take(r.s);
    assert_number(&r, 0, 10);
    assert_number(&r, 1, 0);
    seconds++;
    fake_write(f, "proc/vmstat",
               "pgscan_kswapd 0\npgscan_direct 60\npgpgin 1\nallocstall_normal 6\n");
    sampler_take(r.s);
    assert_state(&r, 0, SAMPLER_ABSENT, "memwatch reclaim");
    rig_end(&r);
}

static void copy_data(struct fake *f, const char *kernel, const char *name, const char *to)
{
    _cleanup_(free_ptr) char *text = NULL;
    char path[64];

    snprintf(path, sizeof(path), "proc/%s/%s", kernel, name);
    text = fake_data(path);
    fake_write(f, to, text);
}

/* What real machines wrote. */
static void test_machines(void **state)
{
    static const struct {
        const char *kernel;
        bool kswapd, psi, root; /* what it tells of */
    } kernels[] = {{"2.6.32", false, false, false},
                   {"4.18", true, false, false},
                   {"6.1", true, true, true},
                   {"6.18", true, true, false},
                   {"7.3", true, true, true}};
    struct fake *f = *state;

    fake_write(f, "proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    fake_write(f, "proc/self/cgroup", "0::/\n");
    for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
        struct rig r;

        copy_data(f, kernels[i].kernel, "meminfo", "proc/meminfo");
        copy_data(f, kernels[i].kernel, "vmstat", "proc/vmstat");
        if (kernels[i].psi)
            copy_data(f, kernels[i].kernel, "pressure/memory", "proc/pressure/memory");
        if (kernels[i].root) {
            copy_data(f, kernels[i].kernel, "memory.stat", "sys/fs/cgroup/memory.stat");
            copy_data(f, kernels[i].kernel, "node0", "sys/devices/system/node/node0/vmstat");
        }
        rig_begin(&r, &f->root,
                  "ram.used swap.in reclaim.kswapd psi.memory.full.avg300 reclaim.limit "
                  "reclaim.direct");
        sampler_take(r.s);
        seconds++;
        sampler_take(r.s);
        assert_int_equal(sampler_value(r.s, 0, &(double){0}), SAMPLER_NUMBER);
        assert_number(&r, 1, 0);
        if (kernels[i].kswapd)
            assert_number(&r, 2, 0);
        else /* its names end in that of the zone */
            assert_state(&r, 2, SAMPLER_ABSENT, "does not count");
        if (kernels[i].psi)
            assert_number(&r, 3, 0);
        else
            assert_state(&r, 3, SAMPLER_ABSENT, "psi=1");
        if (kernels[i].root) {
            assert_number(&r, 4, 0);
            assert_number(&r, 5, 0);
        }
        rig_end(&r);
    }
}

/* ---- PSI */

static void test_psi(void **state)
{
    struct fake *f = *state;
    struct rig r;

    fake_write(f, "proc/pressure/memory",
               "some avg10=1.25 avg60=2.50 avg300=3.75 total=1\n"
               "full avg10=0.25 avg60=0.50 avg300=0.75 total=1\n");
    fake_write(f, "proc/pressure/cpu", "some avg10=9.00 avg60=8.00 avg300=7.00 total=1\n");
    rig_begin(&r, &f->root,
              "psi.memory.some.avg10 psi.memory.full.avg300 psi.cpu.some.avg60 psi.cpu.full.avg10 "
              "psi.io.some.avg10");
    sampler_take(r.s);
    assert_number(&r, 0, 1.25);
    assert_number(&r, 1, 0.75);
    assert_number(&r, 2, 8);
    assert_state(&r, 3, SAMPLER_ABSENT, "psi.cpu.full.avg10: this kernel does not tell it");
    assert_state(&r, 4, SAMPLER_ABSENT, "psi=1");
    fake_write(f, "proc/pressure/memory", "some avg10=1.25 avg60=");
    sampler_take(r.s);
    assert_state(&r, 0, SAMPLER_BROKEN, "pressure: the line \"some\"");
    rig_end(&r);
}

/* ---- disks */

static void test_disk(void **state)
{
    struct fake *f = *state;
    double percent = -1;
    struct rig r;

    fake_write(f, "data/file", "x");
    rig_begin(&r, &f->root, "disk:/data disk:/absent");
    sampler_take(r.s);
    sampler_take(r.s);
    assert_int_equal(sampler_value(r.s, 0, &percent), SAMPLER_NUMBER);
    assert_true(percent >= 0 && percent <= 100);
    assert_state(&r, 1, SAMPLER_ABSENT, "disk:/absent: there is no such file or folder");
    rig_end(&r);
}

/* ---- processes */

static void test_proc(void **state)
{
    struct fake *f = *state;
    struct rig r;

    fake_write(f, "proc/12/status",
               "Name:\tsleep\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nVmRSS:\t 8 kB\nVmSwap:\t 4 kB\n");
    fake_write(f, "proc/12/smaps_rollup", "1-2 ---p 00000000 00:00 0 [rollup]\nPss: 6 kB\n");
    fake_write(f, "proc/2/status", "Name:\tkthreadd\nUid:\t0\t0\t0\t0\n");
    fake_write(f, "proc/3/status", "Name:\tx\nUid:\tnobody\n");
    rig_begin(&r, &f->root,
              "proc:12.rss proc:12.pss proc:12.swap proc:2.rss proc:3.rss proc:9.rss");
    sampler_take(r.s);
    assert_number(&r, 0, 8192);
    assert_number(&r, 1, 6144);
    assert_number(&r, 2, 4096);
    assert_state(&r, 3, SAMPLER_ABSENT, "no memory of its own");
    assert_state(&r, 4, SAMPLER_BROKEN, "proc:3.rss: its status makes no sense");
    assert_state(&r, 5, SAMPLER_ABSENT, "no such process");
    fake_write(f, "proc/12/smaps_rollup", "Pss: six kB\n");
    sampler_take(r.s);
    assert_state(&r, 1, SAMPLER_BROKEN, "smaps_rollup");
    rig_end(&r);
}

/* ---- kswapd */

static void write_thread(struct fake *f, int pid, const char *name, unsigned flags, unsigned cpu)
{
    char path[64], text[256];

    snprintf(path, sizeof(path), "proc/%d/stat", pid);
    snprintf(text, sizeof(text), "%d (%s) S 2 0 0 0 -1 %u 0 0 0 0 %u 1 0 0 20 0 1 0 50 0 0 0 0 0\n",
             pid, name, flags, cpu);
    fake_write(f, path, text);
}

static void test_kswapd(void **state)
{
    enum { KTHREAD = 0x00200000 };
    struct fake *f = *state;
    double tick = 100.0 / (double)sysconf(_SC_CLK_TCK);
    struct rig r;

    write_thread(f, 50, "kswapd0", KTHREAD, 100);
    write_thread(f, 51, "kswapd1", KTHREAD, 100);
    write_thread(f, 52, "kswapd2", 0, 100); /* called so by somebody */
    rig_begin(&r, &f->root, "kswapd.cpu kswapd.cpu:0 kswapd.cpu:1 kswapd.cpu:2");
    sampler_take(r.s);
    assert_state(&r, 0, SAMPLER_EARLY, "between two samples");
    assert_state(&r, 3, SAMPLER_ABSENT, "no such node");
    seconds += 2;
    write_thread(f, 50, "kswapd0", KTHREAD, 110);
    write_thread(f, 51, "kswapd1", KTHREAD, 130);
    sampler_take(r.s);
    assert_number(&r, 0, 15 * tick);
    assert_number(&r, 1, 5 * tick);
    assert_number(&r, 2, 15 * tick);
    /* another process of that number, and a counter that went back */
    seconds++;
    write_thread(f, 50, "kswapd0", 0, 200);
    write_thread(f, 51, "kswapd1", KTHREAD, 1);
    sampler_take(r.s);
    assert_state(&r, 1, SAMPLER_ABSENT, "not to be seen");
    assert_state(&r, 2, SAMPLER_EARLY, "");
    rig_end(&r);
}

/* ---- GPUs */

static void test_gpu(void **state)
{
    struct fake *f = *state;
    struct rig r;

    fake_write(f, "sys/class/drm/card0/device/mem_info_vram_total", "8000\n");
    fake_write(f, "sys/class/drm/card0/device/mem_info_vram_used", "2000\n");
    rig_begin(&r, &f->root, "gpu:0 gpu:0.used gpu:1 gpu:99999999999999999999");
    sampler_take(r.s);
    assert_number(&r, 0, 25);
    assert_number(&r, 1, 2000);
    assert_state(&r, 2, SAMPLER_ABSENT, "gpu:1: there is no such GPU");
    assert_state(&r, 3, SAMPLER_ABSENT, "there is no such GPU");
    fake_write(f, "sys/class/drm/card0/device/mem_info_vram_used", "x\n");
    sampler_take(r.s);
    assert_state(&r, 0, SAMPLER_BROKEN, "its driver does not tell");
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_memory, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_memory_broken, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_arc, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_long, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_rates, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_backwards, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_limit, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_limit_of_node, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_machines, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_psi, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_disk, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_proc, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_kswapd, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_gpu, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("sampler", tests, NULL, NULL);
}
