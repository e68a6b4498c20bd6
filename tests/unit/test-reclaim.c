/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "reclaim.h"
#include "verdict.h"
#include <inttypes.h>

static char *load(const char *kernel, const char *name, const char *file)
{
    char path[128];

    snprintf(path, sizeof(path), "reclaim/%s/%s/%s", kernel, name, file);
    return fake_data(path);
}

/* The moment of a recording. That of 4.18 has no groups of version 2; where there are, their hits
 * are of all groups of the machine. */
static struct reclaim_counters moment(const char *kernel, const char *name)
{
    _cleanup_(free_ptr) char *vmstat = load(kernel, name, "vmstat"), *stat = NULL, *hits = NULL;
    struct reclaim_counters c = RECLAIM_COUNTERS_INIT;

    assert_int_equal(reclaim_counters_parse(&c, RECLAIM_VMSTAT, vmstat, strlen(vmstat), NULL), 0);
    if (streq(kernel, "4.18"))
        return c;
    stat = load(kernel, name, "memory.stat");
    hits = load(kernel, name, "hits");
    assert_int_equal(reclaim_counters_parse(&c, RECLAIM_ROOT, stat, strlen(stat), NULL), 0);
    reclaim_counters_hits(&c, strtoull(hits, NULL, 10), true);
    return c;
}

static struct reclaim between(const char *kernel, const char *from, const char *to)
{
    struct reclaim_counters before = moment(kernel, from), after = moment(kernel, to);
    struct reclaim r;

    assert_int_equal(reclaim_attribute(&before, &after, &r), 0);
    return r;
}

static void assert_amount(const struct reclaim_amount *a, const char *want)
{
    char is[64] = "?";

    if (a->known && a->low == a->high)
        snprintf(is, sizeof(is), "%" PRIu64, a->low);
    else if (a->known)
        snprintf(is, sizeof(is), "%" PRIu64 "..%" PRIu64, a->low, a->high);
    assert_string_equal(is, want);
}

/* "kswapd direct limit proactive khugepaged", "?" for what is absent */
static void assert_amounts(const struct reclaim_amount a[static RECLAIM_WHO], const char *want)
{
    _cleanup_(free_ptr) char *copy = strdup(want);
    char *next = copy;

    for (int i = 0; i < RECLAIM_WHO; i++)
        assert_amount(&a[i], strsep(&next, " "));
    assert_null(next);
}

static void assert_verdict(const struct reclaim *r, enum verdict want, const char *reason)
{
    char buf[VERDICT_REASON_MAX];
    enum verdict v = verdict_of(r);

    assert_string_equal(verdict_text(v), verdict_text(want));
    if (!strstr(verdict_reason(r, v, buf), reason))
        fail_msg("reason: %s\nwanted: %s", buf, reason);
}

static void assert_efficiency(const struct reclaim *r, double want)
{
    double is;

    assert_true(reclaim_efficiency(&r->all_scanned, &r->all_stolen, &is));
    assert_float_equal(is, want, 0.05);
}

/* No root group's counters, and none of pages by kind: what limits make is nowhere. */
static void test_4_18(void **state _unused_)
{
    struct reclaim r = between("4.18", "0-begin", "1-global");
    double ratio;

    assert_amounts(r.scanned, "60000 20000 ? ? ?");
    assert_amounts(r.stolen, "57000 18000 ? ? ?");
    assert_amount(&r.stalls, "407");
    assert_amount(&r.refaults, "9000");
    assert_amount(&r.hits, "?");
    assert_efficiency(&r, 93.75);
    assert_false(r.all);
    assert_false(reclaim_refault_ratio(&r, &ratio));
    assert_verdict(&r, VERDICT_DIRECT,
                   "programs waited in 407 allocations and scanned 20000 pages");
    assert_verdict(&r, VERDICT_DIRECT, "this kernel does not count what limits");

    r = between("4.18", "1-global", "2-limit");
    assert_amounts(r.scanned, "0 0 ? ? ?");
    assert_false(reclaim_efficiency(&r.all_scanned, &r.all_stolen, &ratio));
    assert_verdict(&r, VERDICT_NONE, "does not count what limits of groups make it scan");
}

/* The same, where the groups' events are known: they speak for the pages. */
static void test_hits_alone(void **state _unused_)
{
    struct reclaim_counters before = moment("4.18", "1-global"), after = moment("4.18", "2-limit");
    struct reclaim r;

    reclaim_counters_hits(&before, 10, true);
    reclaim_counters_hits(&after, 11, true);
    assert_int_equal(reclaim_attribute(&before, &after, &r), 0);
    assert_amount(&r.hits, "1");
    assert_verdict(&r, VERDICT_LIMIT, "met 1 time; this kernel does not count what it scanned");
    before = moment("4.18", "0-begin");
    reclaim_counters_hits(&before, 10, true);
    assert_int_equal(reclaim_attribute(&before, &after, &r), 0);
    assert_verdict(&r, VERDICT_MIXED,
                   "kswapd scanned 60000 pages, direct scanned 20000 pages, limit "
                   "scanned an unknown number of pages");
}

static void test_5_14(void **state _unused_)
{
    struct reclaim r = between("5.14", "0-begin", "1-global");
    double ratio;

    assert_amounts(r.scanned, "50000 1000 0 0 ?");
    assert_amounts(r.stolen, "40000 900 0 0 ?");
    assert_amount(&r.all_scanned, "51000");
    assert_amount(&r.refaults, "7000");
    assert_efficiency(&r, 80.2);
    assert_true(reclaim_refault_ratio(&r, &ratio));
    assert_float_equal(ratio, 0.171, 0.001);
    assert_verdict(&r, VERDICT_KSWAPD, "kswapd scanned 50000 pages in the background");
    assert_verdict(&r, VERDICT_KSWAPD, "names whom pages were taken from");

    r = between("5.14", "1-global", "2-limit");
    assert_amounts(r.scanned, "0 0 137700 ? ?");
    assert_amounts(r.stolen, "0 0 137000 ? ?");
    assert_true(r.with_proactive);
    assert_verdict(&r, VERDICT_LIMIT, "met 4280 times and 137700 pages were scanned for it");
    assert_verdict(&r, VERDICT_LIMIT, "its PSI \"some\" rises");
    assert_verdict(&r, VERDICT_LIMIT, "memory.reclaim counts with it on this kernel");

    r = between("5.14", "2-limit", "3-both");
    assert_amounts(r.scanned, "30000 6000 20000 ? ?");
    assert_verdict(&r, VERDICT_MIXED, "limit scanned 20000 pages");
}

/* Counters of the node: what is direct is told from the limits' by other events. */
static void test_7_1(void **state _unused_)
{
    struct reclaim r = between("7.1", "0-begin", "1-global");

    assert_amounts(r.scanned, "64000 32000 0 0 0");
    assert_amounts(r.stolen, "60000 30000 0 0 0");
    assert_amount(&r.all_scanned, "96000");
    assert_verdict(&r, VERDICT_DIRECT, "waited in 500 allocations");

    r = between("7.1", "1-global", "2-limit");
    assert_amounts(r.scanned, "0 0 137600 0 0");
    assert_verdict(&r, VERDICT_LIMIT, "met 4300 times");
    assert_false(r.with_proactive);

    r = between("7.1", "2-limit", "3-proactive");
    assert_amounts(r.scanned, "0 0 0 8000 0");
    assert_verdict(&r, VERDICT_PROACTIVE, "8000 pages scanned because somebody wrote");

    r = between("7.1", "3-proactive", "4-both");
    assert_amounts(r.scanned, "64000 0..90000 0..90000 0 0");
    assert_amounts(r.stolen, "60000 0..80000 0..80000 0 0");
    assert_efficiency(&r, 90.9);
    assert_verdict(&r, VERDICT_MIXED, "direct scanned 0 to 90000 pages, limit scanned 0 to 90000");
    assert_verdict(&r, VERDICT_MIXED, "300 allocations stalled and limits were met 2000 times");
}

/* Recorded: what memory.reclaim made counts as direct in the root group, and is told apart by the
 * events. khugepaged is no counter of its own yet. */
static void test_6_1(void **state _unused_)
{
    struct reclaim r = between("6.1", "0-begin", "1-global");

    assert_amounts(r.scanned, "784268 92588 0 0 ?");
    assert_amounts(r.stolen, "296964 4119 0 0 ?");
    assert_amount(&r.all_scanned, "876856");
    assert_amount(&r.refaults, "187023");
    assert_efficiency(&r, 34.3);
    assert_verdict(&r, VERDICT_DIRECT, "waited in 48 allocations");
    r = between("6.1", "1-global", "2-limit");
    assert_amounts(r.scanned, "0 0 60648 ? ?");
    assert_verdict(&r, VERDICT_LIMIT, "met 1083 times and 60648 pages were");
    r = between("6.1", "2-limit", "2b-read");
    assert_verdict(&r, VERDICT_NONE, "no page was scanned");
    r = between("6.1", "2b-read", "3-proactive");
    assert_amounts(r.scanned, "0 0 0 27319 ?");
    assert_verdict(&r, VERDICT_PROACTIVE, "27319 pages");
    /* the limit scanned 3.9 % of the pages and stole 9.7 % */
    r = between("6.1", "3-proactive", "4-both");
    assert_amounts(r.scanned, "691937 23198 29232 ? ?");
    assert_amounts(r.stolen, "264921 7553 29227 ? ?");
    assert_verdict(&r, VERDICT_MIXED, "limit scanned 29232 pages");
}

static void test_7_3(void **state _unused_)
{
    _cleanup_(free_ptr) char *node = fake_data("reclaim/7.3/node0");
    struct reclaim_counters c = RECLAIM_COUNTERS_INIT;
    struct reclaim r = between("7.3", "0-begin", "1-global");

    reclaim_counters_node(&c, node, strlen(node));
    assert_true(c.of_node && moment("7.3", "0-begin").of_node);
    assert_amounts(r.scanned, "471633 3218 0 0 551");
    assert_amount(&r.all_scanned, "475402");
    assert_verdict(&r, VERDICT_KSWAPD, "hardly had to wait");
    r = between("7.3", "1-global", "2-limit");
    assert_amounts(r.scanned, "0 0 60547 0 0");
    assert_verdict(&r, VERDICT_LIMIT, "met 942 times");
    r = between("7.3", "2b-read", "3-proactive");
    assert_amounts(r.scanned, "0 0 0 25603 0");
    assert_verdict(&r, VERDICT_PROACTIVE, "");
    r = between("7.3", "3-proactive", "4-both");
    assert_amounts(r.scanned, "248970 0..60633 0..60633 0 0");
    assert_amounts(r.stolen, "173659 0..58279 0..58279 0 0");
    assert_verdict(&r, VERDICT_MIXED, "52 allocations stalled and limits were met 863 times");
}

/* In a container the host's groups are not seen: that none was met here shows nothing. */
static void test_7_1_in_container(void **state _unused_)
{
    struct reclaim_counters before = moment("7.1", "0-begin"), after = moment("7.1", "1-global");
    struct reclaim r;

    reclaim_counters_hits(&before, 0, false);
    reclaim_counters_hits(&after, 0, false);
    assert_int_equal(reclaim_attribute(&before, &after, &r), 0);
    assert_amounts(r.scanned, "64000 0..32000 0..32000 0 0");
    assert_verdict(&r, VERDICT_MIXED, "limits were met 0 times");
    /* without stalls it was a limit, wherever its group is */
    before = moment("7.1", "1-global");
    after = moment("7.1", "2-limit");
    reclaim_counters_hits(&before, 0, false);
    reclaim_counters_hits(&after, 0, false);
    assert_int_equal(reclaim_attribute(&before, &after, &r), 0);
    assert_amounts(r.scanned, "0 0 137600 0 0");
    assert_verdict(&r, VERDICT_LIMIT, "in a group that is not seen from here");
}

/* ---- single rules, on few counters */

static struct reclaim_counters parse(const char *vmstat, const char *root)
{
    struct reclaim_counters c = RECLAIM_COUNTERS_INIT;

    assert_int_equal(reclaim_counters_parse(&c, RECLAIM_VMSTAT, vmstat, strlen(vmstat), NULL), 0);
    assert_int_equal(reclaim_counters_parse(&c, RECLAIM_ROOT, root, strlen(root), NULL), 0);
    return c;
}

#define OLD_ZERO                                                                                   \
    "pgpgin 1\npgscan_kswapd 0\npgscan_direct 0\npgsteal_kswapd 0\npgsteal_direct 0\n"             \
    "pgscan_anon 0\npgscan_file 0\npgsteal_anon 0\npgsteal_file 0\n"
#define ROOT_ZERO "pgscan 0\npgsteal 0\npgscan_direct 0\npgsteal_direct 0\n"

/* 6.1: what memory.reclaim makes looks like a limit, until the groups' events say that there was
 * none. */
static void test_proactive_6_1(void **state _unused_)
{
    struct reclaim_counters before = parse(OLD_ZERO, ROOT_ZERO);
    struct reclaim_counters after =
        parse("pgpgin 1\npgscan_kswapd 0\npgscan_direct 0\npgsteal_kswapd 0\npgsteal_direct 0\n"
              "pgscan_anon 0\npgscan_file 900\npgsteal_anon 0\npgsteal_file 800\n",
              "pgscan_direct 900\npgsteal_direct 800\npgscan 900\npgsteal 800\n");
    struct reclaim r;

    assert_int_equal(reclaim_attribute(&before, &after, &r), 0);
    assert_amounts(r.scanned, "0 0 900 ? ?");
    assert_true(r.with_proactive);
    assert_verdict(&r, VERDICT_LIMIT, "in a group that is not seen from here");
    reclaim_counters_hits(&before, 7, true);
    reclaim_counters_hits(&after, 7, true);
    assert_int_equal(reclaim_attribute(&before, &after, &r), 0);
    assert_amounts(r.scanned, "0 0 0 900 ?");
    assert_amounts(r.stolen, "0 0 0 800 ?");
    assert_false(r.with_proactive);
    assert_verdict(&r, VERDICT_PROACTIVE, "or lowered a limit");
    reclaim_counters_hits(&after, 8, true);
    assert_int_equal(reclaim_attribute(&before, &after, &r), 0);
    assert_amounts(r.scanned, "0 0 900 ? ?");
    assert_true(r.with_proactive);
}

/* 6.15 to 7.0: memory.reclaim is apart, in the root group's counters only. */
static void test_proactive_6_15(void **state _unused_)
{
    struct reclaim_counters before = parse(OLD_ZERO "pgscan_khugepaged 0\npgscan_proactive 0\n",
                                           ROOT_ZERO "pgscan_proactive 0\npgscan_khugepaged 0\n");
    struct reclaim_counters after =
        parse("pgpgin 1\npgscan_kswapd 0\npgscan_direct 0\npgsteal_kswapd 0\npgsteal_direct 0\n"
              "pgscan_anon 0\npgscan_file 900\npgsteal_anon 0\npgsteal_file 800\n"
              "pgscan_khugepaged 0\npgscan_proactive 0\n",
              "pgscan_direct 20\npgsteal_direct 10\npgscan_proactive 880\npgscan_khugepaged 0\n");
    struct reclaim r;

    assert_int_equal(reclaim_attribute(&before, &after, &r), 0);
    assert_amounts(r.scanned, "0 0 20 880 0");
    assert_false(r.with_proactive);
    /* too few to be anything but what the two files differ by, if no group met a limit */
    assert_verdict(&r, VERDICT_PROACTIVE, "880 pages");
}

/* The two files are read one after the other. */
static void test_clamped(void **state _unused_)
{
    struct reclaim_counters before = parse(OLD_ZERO, ROOT_ZERO);
    struct reclaim_counters after =
        parse("pgpgin 1\npgscan_kswapd 0\npgscan_direct 500\npgsteal_kswapd 0\npgsteal_direct 501\n"
              "pgscan_anon 0\npgscan_file 500\npgsteal_anon 0\npgsteal_file 501\nallocstall 4\n",
              "pgscan_direct 490\npgsteal_direct 495\n");
    struct reclaim r;

    assert_int_equal(reclaim_attribute(&before, &after, &r), 0);
    assert_amounts(r.scanned, "0 500 0 0 ?");
    assert_amount(&r.stalls, "?");
    assert_efficiency(&r, 100);
    assert_verdict(&r, VERDICT_DIRECT, "programs waited in an unknown number of allocations");
}

static void test_backwards(void **state _unused_)
{
    struct reclaim_counters before = parse("allocstall 5\npgscan_kswapd 9\n", ""),
                            after = parse("allocstall 4\npgscan_kswapd 10\n", "");
    struct reclaim r;

    memset(&r, 7, sizeof(r));
    assert_int_equal(reclaim_attribute(&before, &after, &r), RECLAIM_DROPPED);
    assert_int_equal(r.stalls.low, 0x0707070707070707);
}

/* The meaning is told by the order, or by the node's own counters. */
static void test_of_node(void **state _unused_)
{
    struct reclaim_counters c = parse("pgscan_kswapd 1\npgpgin 1\n", "");

    assert_true(c.of_node);
    c = parse("pgpgin 1\npgscan_kswapd 1\n", "");
    assert_false(c.of_node);
    c = parse("pgpgin 1\n", "pgscan_direct 1\n");
    assert_false(c.of_node);
    reclaim_counters_node(&c, "nr_free_pages 1\npgscan_kswapd 1\n", 32);
    assert_true(c.of_node);
    reclaim_counters_node(&c, "nr_free_pages 1\npgscan_kswapd_x 1\nxpgscan_kswapd 1\n", 50);
    assert_false(c.of_node);
    reclaim_counters_node(&c, "pgscan_kswapd 1\n", 16);
    assert_true(c.of_node);
    reclaim_counters_node(&c, "pgscan_kswapd 1\n", 3);
    assert_false(c.of_node);
    reclaim_counters_node(&c, "", 0);
    assert_false(c.of_node);
}

/* With vm.zone_reclaim_mode a program reclaims on its node without a stall. */
static void test_zone_reclaim(void **state _unused_)
{
    struct reclaim_counters before = parse("pgscan_kswapd 0\npgscan_direct 0\nallocstall 0\n"
                                           "zone_reclaim_success 0\nzone_reclaim_failed 0\n",
                                           ""),
                            after = parse("pgscan_kswapd 0\npgscan_direct 100\nallocstall 0\n"
                                          "zone_reclaim_success 3\nzone_reclaim_failed 0\n",
                                          "");
    struct reclaim r;

    reclaim_counters_hits(&before, 0, true);
    reclaim_counters_hits(&after, 0, true);
    assert_int_equal(reclaim_attribute(&before, &after, &r), 0);
    assert_amounts(r.scanned, "0 100 0 ? ?");
}

static void test_bad(void **state _unused_)
{
    static const struct {
        const char *text;
        size_t len;
        int r;
        const char *message;
    } bad[] = {
        {"pgscan_kswapd\n", 14, -EBADMSG, "/proc/vmstat: pgscan_kswapd is no whole number"},
        {"pgscan_kswapd \n", 15, -EBADMSG, "pgscan_kswapd is no"},
        {"pgscan_kswapd 12", 16, -EBADMSG, "pgscan_kswapd is no whole"},
        {"pgscan_kswapd 1 2\n", 18, -EBADMSG, "pgscan_kswapd is no"},
        {"pgscan_kswapd  1\n", 17, -EBADMSG, "pgscan_kswapd is no"},
        {"pgscan_kswapd -1\n", 17, -EBADMSG, "pgscan_kswapd is no"},
        {"pgscan_kswapd 1\0\n", 17, -EBADMSG, "pgscan_kswapd is no"},
        {"a 1\nallocstall_dma x\n", 21, -EBADMSG, "allocstall_dma is no"},
        {"pgsteal_file 18446744073709551616\n", 34, -EOVERFLOW, "pgsteal_file is larger"},
        {"workingset_refault 99999999999999999999\n", 40, -EOVERFLOW, "workingset_refault is lar"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;
        struct reclaim_counters c = RECLAIM_COUNTERS_INIT;

        if (reclaim_counters_parse(&c, RECLAIM_VMSTAT, bad[i].text, bad[i].len, &e) != bad[i].r)
            fail_msg("case %zu: \"%s\"", i, bad[i].text);
        fake_assert_message(&e, bad[i].message);
    }
}

/* Names that are not ours may be followed by anything; the first of a name counts; what lies far
 * behind is found. */
static void test_odd(void **state _unused_)
{
    _cleanup_(free_ptr) char *text = malloc(10000);
    struct reclaim_counters c;

    c = parse("pgscan_kswapd_normal -7\npgscan x\npgs\n\n \n\0x 1\npgscan_direct 3\n"
              "pgscan_direct 4\npgscan_direct_throttle ?\npgscan_anon 18446744073709551615\n",
              "pgscan_kswapd ?\npgscan 8\n");
    assert_int_equal(c.present, UINT64_C(1) << RECLAIM_ROOT_SCAN);
    c = parse("pgscan_kswapd_normal -7\npgscan x\npgs\n\n \npgscan_direct 3\n"
              "pgscan_direct 4\npgscan_direct_throttle ?\npgscan_anon 18446744073709551615\n",
              "pgscan_kswapd ?\npgscan 8\n");
    assert_int_equal(c.value[RECLAIM_SCAN_DIRECT], 3);
    assert_int_equal(c.value[RECLAIM_SCAN_ANON], UINT64_MAX);
    assert_int_equal(c.present, UINT64_C(1) << RECLAIM_SCAN_DIRECT |
                                    UINT64_C(1) << RECLAIM_SCAN_ANON |
                                    UINT64_C(1) << RECLAIM_ROOT_SCAN);
    assert_non_null(text);
    memset(text, 'x', 9000);
    strcpy(text + 9000, "\npgscan_file 5\n");
    c = parse(text, "");
    assert_int_equal(c.value[RECLAIM_SCAN_FILE], 5);
}

/* Huge counters: sums stay at the largest number there is. */
static void test_huge(void **state _unused_)
{
    struct reclaim_counters before =
                                parse("pgpgin 1\npgscan_anon 0\npgscan_file 0\npgsteal_anon 0\n"
                                      "pgsteal_file 0\n",
                                      ""),
                            after = parse("pgpgin 1\npgscan_anon 18446744073709551615\n"
                                          "pgscan_file 18446744073709551615\npgsteal_anon 5\n"
                                          "pgsteal_file 18446744073709551615\n",
                                          "");
    struct reclaim r;

    assert_int_equal(reclaim_attribute(&before, &after, &r), 0);
    assert_amount(&r.all_scanned, "18446744073709551615");
    assert_efficiency(&r, 100);
    assert_amounts(r.scanned, "? ? ? ? ?");
}

static void test_names(void **state _unused_)
{
    for (int key = 0; key < RECLAIM_HITS; key++) {
        const char *name = reclaim_key_name((enum reclaim_key)key);
        enum reclaim_source source = key < RECLAIM_ROOT_SCAN ? RECLAIM_VMSTAT : RECLAIM_ROOT;

        assert_int_equal(reclaim_key(source, name, strlen(name)), key);
        assert_int_equal(reclaim_key(source, name, strlen(name) - 1), -1);
    }
    assert_null(reclaim_key_name(RECLAIM_HITS));
}

/* ---- the verdict's own rules */

static struct reclaim_amount number(uint64_t n)
{
    return (struct reclaim_amount){true, n, n};
}

static void test_verdicts(void **state _unused_)
{
    struct reclaim r = {.hits_of_all = true, .hits = number(0), .stalls = number(0)};

    for (int i = 0; i < RECLAIM_WHO; i++)
        r.scanned[i] = number(0);
    assert_verdict(&r, VERDICT_NONE, "no page was scanned");
    r.scanned[RECLAIM_KHUGEPAGED] = number(500);
    assert_verdict(&r, VERDICT_NONE, "500 pages scanned to make room for huge pages");
    r.scanned[RECLAIM_KHUGEPAGED] = number(0);
    r.scanned[RECLAIM_KSWAPD] = number(1000);
    r.scanned[RECLAIM_DIRECT] = number(49);
    assert_verdict(&r, VERDICT_KSWAPD, "hardly had to wait");
    r.scanned[RECLAIM_DIRECT] = number(50);
    r.stalls = number(1);
    assert_verdict(&r, VERDICT_DIRECT, "waited in 1 allocation and scanned 50 pages");
    r.scanned[RECLAIM_PROACTIVE] = number(49);
    assert_verdict(&r, VERDICT_DIRECT, "");
    r.scanned[RECLAIM_PROACTIVE] = number(50);
    assert_verdict(&r, VERDICT_MIXED, "proactive scanned 50 pages");
    r.scanned[RECLAIM_PROACTIVE] = number(0);
    r.scanned[RECLAIM_LIMIT] = number(63);
    assert_verdict(&r, VERDICT_DIRECT, "");
    r.hits = number(1);
    assert_verdict(&r, VERDICT_MIXED, "limit scanned 63 pages");
    for (int i = 0; i < RECLAIM_WHO; i++)
        r.scanned[i] = number(0);
    assert_verdict(&r, VERDICT_LIMIT, "met 1 time and there was no page to scan");
    r.hits = number(0);
    r.scanned[RECLAIM_LIMIT] = number(64);
    assert_verdict(&r, VERDICT_LIMIT, "a limit was lowered and 64 pages were scanned");
}

/* The longest that can be said has room. */
static void test_longest(void **state _unused_)
{
    struct reclaim r = {.with_proactive = true};
    char buf[VERDICT_REASON_MAX];

    for (int i = 0; i < RECLAIM_WHO; i++)
        r.scanned[i] = (struct reclaim_amount){true, UINT64_MAX - 1, UINT64_MAX};
    r.hits = r.stalls = r.scanned[0];
    assert_int_equal(verdict_of(&r), VERDICT_MIXED);
    verdict_reason(&r, VERDICT_MIXED, buf);
    assert_true(strlen(buf) < VERDICT_REASON_MAX - 1);
    assert_non_null(strstr(buf, "not who needed them"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_4_18),
        cmocka_unit_test(test_hits_alone),
        cmocka_unit_test(test_5_14),
        cmocka_unit_test(test_7_1),
        cmocka_unit_test(test_6_1),
        cmocka_unit_test(test_7_3),
        cmocka_unit_test(test_7_1_in_container),
        cmocka_unit_test(test_proactive_6_1),
        cmocka_unit_test(test_proactive_6_15),
        cmocka_unit_test(test_clamped),
        cmocka_unit_test(test_backwards),
        cmocka_unit_test(test_of_node),
        cmocka_unit_test(test_zone_reclaim),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_odd),
        cmocka_unit_test(test_huge),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_longest),
    };

    return cmocka_run_group_tests_name("reclaim", tests, NULL, NULL);
}
