#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# memwatch reclaim on folders in place of "/": the command whose life it tells of puts the next moment in place

# shellcheck disable=SC2154 # variables of bats
bats_require_minimum_version 1.5.0

REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
HEADROOM_BUILD=${HEADROOM_BUILD:-${BUILD_DIR:-$REPO/build}}
MEMWATCH=${MEMWATCH:-$HEADROOM_BUILD/cmd/memwatch/memwatch}
DATA=$REPO/tests/data/reclaim

setup() {
    ROOT=$BATS_TEST_TMPDIR/root
    GROUPS_TOP=$ROOT/sys/fs/cgroup
    mkdir -p "$ROOT"/proc/{self,pressure,2,50} "$ROOT/sys/devices/system/node/node0" "$GROUPS_TOP"
}

# A machine with groups of version 2; without, the memory controller is bound to version 1.
version_2() {
    echo '26 25 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw' >"$ROOT/proc/self/mountinfo"
    echo '0::/' >"$ROOT/proc/self/cgroup"
}
version_1() {
    echo '26 25 0:23 / /sys/fs/cgroup rw - cgroup cgroup rw,memory' >"$ROOT/proc/self/mountinfo"
    echo '4:memory:/' >"$ROOT/proc/self/cgroup"
}

# Puts a moment of tests/data/reclaim in place.
moment() { # KERNEL NAME
    cp "$DATA/$1/$2/vmstat" "$ROOT/proc/vmstat"
    [ ! -e "$DATA/$1/$2/memory.stat" ] || cp "$DATA/$1/$2/memory.stat" "$GROUPS_TOP/memory.stat"
    rm -f "$ROOT/sys/devices/system/node/node0/vmstat"
    [ ! -e "$DATA/$1/node0" ] || cp "$DATA/$1/node0" "$ROOT/sys/devices/system/node/node0/vmstat"
}
group() { # PATH MAX HIGH
    mkdir -p "$GROUPS_TOP/$1"
    printf 'low 0\nhigh %d\nmax %d\noom 0\noom_kill 0\n' "$3" "$2" >"$GROUPS_TOP/$1/memory.events"
}
stat_of() { # PID NAME FLAGS TICKS
    echo "$1 ($2) S 2 0 0 0 -1 $3 0 0 0 0 0 $4 0 0 20 0 1 0 99 0 0" >"$ROOT/proc/$1/stat"
}
pressure() { # SOME FULL
    printf '%s avg10=0.00 avg60=0.00 avg300=0.00 total=%d\n' some "$1" full "$2" >"$ROOT/proc/pressure/memory"
}

# memwatch reclaim --json over a command of this file. Sets output, the report.
reclaim() { # ARG... -- COMMAND...
    export ROOT GROUPS_TOP DATA
    export -f moment group stat_of pressure
    run -0 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" --json "$@"
    output=$stderr
}
holds() { # EXPRESSION of jq
    jq -e "$1" <<<"$output" >/dev/null || { echo "not true: $1 of $output" && return 1; }
}

@test "memwatch reclaim: 4.18 counts the machine's own shortage only" {
    version_1
    moment 4.18 0-begin
    reclaim -- bash -c 'moment 4.18 1-global'
    holds '.verdict == "host pressure (direct)" and .group == null and .hits == null'
    holds '.scanned == {kswapd: 60000, direct: 20000, limit: null, proactive: null, khugepaged: null, all: 80000}'
    holds '.efficiency.all == 93.75 and .refaults == 9000 and .refault_ratio == null and .stalls == 407'
    reclaim -- bash -c 'moment 4.18 2-limit'
    holds '.verdict == "none" and (.reason | test("does not count what limits"))'
}

@test "memwatch reclaim: on 5.14 a limit is what the machine's own counters lack" {
    version_2
    moment 5.14 1-global
    group a 5 0
    group b/c 7 1
    reclaim --cgroup /b/c --cgroup nothing -- bash -c 'moment 5.14 2-limit; group b/c 107 3'
    holds '.verdict == "cgroup limit" and .group == "/b/c" and .hits == 102 and .status == 0'
    holds '.scanned.limit == 137700 and .stolen.limit == 137000 and .limit_with_proactive'
    holds '.cgroups["/b/c"] == {max: 100, high: 2, oom: 0, oom_kill: 0, psi_some: null, psi_full: null}'
    holds '.cgroups | has("/nothing") and .["/nothing"] == null'
    reclaim -- bash -c 'moment 5.14 3-both; group a 6 0'
    holds '.verdict == "mixed" and .group == "/a" and .scanned.limit == 20000'
}

@test "memwatch reclaim: on 7.1 stalls and limits tell, and both together give bounds" {
    version_2
    group a 5 0
    moment 7.1 0-begin
    reclaim -- bash -c 'moment 7.1 1-global'
    holds '.verdict == "host pressure (direct)" and .scanned.direct == 32000 and .scanned.limit == 0'
    reclaim -- bash -c 'moment 7.1 2-limit; group a 9 0'
    holds '.verdict == "cgroup limit" and .group == "/a" and .scanned.direct == 0 and .scanned.limit == 137600'
    reclaim -- bash -c 'moment 7.1 3-proactive'
    holds '.verdict == "proactive" and .scanned.proactive == 8000'
    reclaim -- bash -c 'moment 7.1 4-both; group a 99 0'
    holds '.verdict == "mixed" and .group == "/a" and .scanned.kswapd == 64000'
    holds '.scanned.direct == {low: 0, high: 90000} and .scanned.limit == {low: 0, high: 90000}'
    holds '.efficiency.direct == null and .efficiency.all == 90.91'
}

@test "memwatch reclaim: in a container only its own groups are seen, and the rest is not guessed" {
    version_2
    group . 0 0
    echo domain >"$GROUPS_TOP/cgroup.type"
    moment 7.1 0-begin
    reclaim -- bash -c 'moment 7.1 1-global'
    holds '.verdict == "mixed" and .scanned.limit == {low: 0, high: 32000}'
    holds '.kswapd_cpu == null'
    moment 5.14 1-global
    reclaim -- bash -c 'moment 5.14 2-limit'
    holds '.verdict == "cgroup limit" and .group == null and .scanned.limit == 137700'
    holds '.reason | test("not seen from here")'
}

@test "memwatch reclaim: a group that is removed meanwhile may have met its limit" {
    version_2
    group a 5 0
    moment 5.14 1-global
    # the limit's pages alone would be taken for memory.reclaim if no group had met one
    reclaim -- bash -c 'moment 5.14 2-limit'
    holds '.verdict == "proactive" and .scanned.proactive == 137700'
    moment 5.14 1-global
    reclaim -- bash -c 'moment 5.14 2-limit; rm -r "$GROUPS_TOP/a"'
    holds '.verdict == "cgroup limit" and .group == null'
}

@test "memwatch reclaim: kswapd is a thread of the kernel, and its CPU the growth of both times" {
    version_2
    moment 5.14 0-begin
    stat_of 2 kthreadd 2129984 5
    stat_of 50 kswapd0 2129984 1000
    mkdir "$ROOT/proc/60"
    stat_of 60 kswapd1 4194304 1000
    reclaim -- bash -c 'sleep 0.1; stat_of 50 kswapd0 2129984 100000'
    holds '(.kswapd_cpu | keys) == ["0"] and .kswapd_cpu["0"] > 1000'
    reclaim -- bash -c 'echo 50 >"$ROOT/proc/50/stat"'
    holds '.kswapd_cpu == {"0": null}'
}

@test "memwatch reclaim: pressure is that of the interval, and a missing line stays unknown" {
    version_2
    moment 5.14 0-begin
    pressure 1000000 0
    reclaim -- bash -c 'sleep 0.1; pressure 1001000 0'
    holds '.psi_some > 0 and .psi_some <= 1 and .psi_full == 0'
    sed -i '/^full/d' "$ROOT/proc/pressure/memory"
    reclaim true
    holds '.psi_some == 0 and .psi_full == null'
    rm "$ROOT/proc/pressure/memory"
    reclaim true
    holds '.psi_some == null and .psi_full == null'
}

@test "memwatch reclaim: counters that go backwards leave the interval out" {
    version_2
    moment 5.14 1-global
    reclaim -- bash -c 'moment 5.14 0-begin'
    holds '.verdict == null and (has("scanned") | not) and (.reason | test("went backwards"))'
}

@test "memwatch reclaim: what the kernel says must be whole" {
    version_2
    for text in 'pgscan_kswapd 12x' 'pgscan_kswapd 99999999999999999999' 'pgsteal_anon -1' 'allocstall_dma'; do
        echo "$text" >"$ROOT/proc/vmstat"
        run -3 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" -c 1 -i 10ms
        [[ -z $output && $stderr == "memwatch: /proc/vmstat: ${text%% *} is "* ]]
    done
    printf 'pgpgin 1\npgscan_kswapd 12' >"$ROOT/proc/vmstat"
    run -125 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" -- touch "$ROOT/ran"
    [[ $stderr == *'pgscan_kswapd is no whole number' ]]
    [ ! -e "$ROOT/ran" ]
    moment 5.14 0-begin
    echo 'pgscan x' >"$GROUPS_TOP/memory.stat"
    run -3 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" -c 1 -i 10ms
    [[ $stderr == 'memwatch: memory.stat: pgscan is no whole number' ]]
    moment 5.14 0-begin
    mkdir "$GROUPS_TOP/a"
    echo 'max 99999999999999999999' >"$GROUPS_TOP/a/memory.events"
    run -3 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" -c 1 -i 10ms
    [[ $stderr == 'memwatch: /a: memory.events makes no sense' ]]
    rm "$ROOT/proc/vmstat"
    run -3 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" -c 1
    [[ $stderr == *'/proc/vmstat: '* ]]
}

@test "memwatch reclaim: the command's status, output and words are its own" {
    version_2
    moment 5.14 0-begin
    run -7 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" -- bash -c 'printf "%s." "$@"; exit 7' - a '' --json
    [ "$output" = a..--json. ]
    [[ $stderr == *' s: none; no page was scanned' ]]
    run -127 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" /no/such/program
    [[ $stderr == 'memwatch: /no/such/program: No such file'*'none; no page was scanned' ]]
    run -126 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" /
    # shellcheck disable=SC2016
    run -137 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" -- bash -c 'kill -9 $$'
    # a moment that makes no sense at the end takes nothing from the command's status
    # shellcheck disable=SC2016
    run -7 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" -- bash -c 'echo pgscan_anon >"$1/proc/vmstat"; exit 7' - "$ROOT"
    [[ $stderr == *'pgscan_anon is no whole number' ]]
}

@test "memwatch reclaim: what makes no sense to ask for" {
    version_1
    moment 4.18 0-begin
    run -2 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" --bogus
    run -2 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" -i 0
    [[ $stderr == *--interval* ]]
    run -2 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" -c 0
    run -125 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" -c 1 true
    [[ $stderr == *--count* ]]
    run -5 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" -c 1 --cgroup /a
    [[ $stderr == *'version 1'* ]]
    version_2
    run -2 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" -c 1 --cgroup a/../b
}

@test "memwatch reclaim: in words" {
    version_2
    group a 5 0
    moment 7.1 3-proactive
    pressure 0 0
    export ROOT GROUPS_TOP DATA
    export -f moment group pressure
    run -0 --separate-stderr "$MEMWATCH" reclaim --root "$ROOT" --cgroup a -- bash -c 'moment 7.1 4-both; group a 2005 0'
    printf '%s\n' "$stderr"
    [[ $stderr == *' s: mixed: /a; kswapd scanned 64000 pages, direct scanned 0 to 90000 pages, limit scanned 0 to 90000'* ]]
    [[ $stderr == *$'\n  kswapd: scanned 64000, stolen 60000 (93.8%)\n  direct: scanned 0..90000, stolen 0..80000\n'* ]]
    [[ $stderr == *$'\n  all: scanned 154000, stolen 140000 (90.9%)\n'* ]]
    [[ $stderr == *'allocation stalls 300, limits met 2000 times'* ]]
    [[ $stderr == *$'\n  system: PSI some 0.0%, full 0.0%\n  /a: PSI ?, max 2000, high 0, oom 0, oom_kill 0' ]]
}

@test "memwatch reclaim: ends by the signal that ends it" {
    version_2
    moment 5.14 0-begin
    env --default-signal=INT "$MEMWATCH" reclaim --root "$ROOT" -i 10ms >"$BATS_TEST_TMPDIR/out" 3>&- &
    while [ ! -s "$BATS_TEST_TMPDIR/out" ]; do
        kill -0 $!
        sleep 0.05
    done
    kill -INT $!
    status=0
    wait $! || status=$?
    [ "$status" = 130 ]
}
