#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# memwatch reclaim: who is said to take memory away, by those who do

# shellcheck disable=SC2154,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

# A partition of the scratch disk: a digit at the end of the disk's own name is set apart.
part() { # NUMBER
    [[ $SCRATCH_DISK == *[0-9] ]] && set -- "p$1"
    echo "$SCRATCH_DISK$1"
}

# The scratch disk holds swap for what does not fit into RAM, and a file larger than any group here. Huge pages take half of
# the RAM out of the way: to fill all of it takes its time here.
setup_file() {
    [ -n "${HEADROOM_GUEST-}" ] || return 0
    echo 180 >/proc/sys/vm/nr_hugepages
    sfdisk -q "$SCRATCH_DISK" <<<$',600M\n,\n'
    mkswap -q "$(part 1)"
    swapon "$(part 1)"
    mkfs.ext4 -q "$(part 2)"
    mkdir -p /run/scratch
    mount "$(part 2)" /run/scratch
    dd if=/dev/zero of=/run/scratch/file bs=1M count=150 status=none
    sync
}

teardown_file() {
    [ -n "${HEADROOM_GUEST-}" ] || return 0
    umount /run/scratch
    swapoff "$(part 1)"
    echo 0 >/proc/sys/vm/nr_hugepages
}

# Runs memwatch reclaim --json for the life of a command that must succeed. Sets output.
reclaim() { # ARG...
    local status=0
    "$MEMWATCH" reclaim --json "$@" >/dev/null 2>/tmp/report 3>&- || status=$?
    output=$(tail -n 1 /tmp/report)
    [ "$status" = 0 ] || fail "memwatch reclaim $*" "exit status $status" "$(</tmp/report)"
}

# A file's pages belong to the group that read it first, also when that is gone.
forget_file() {
    echo 1 >/proc/sys/vm/drop_caches
}

memory_group() { # GROUP MAX
    echo +memory >"$TOP/cgroup.subtree_control"
    mkdir "$TOP$1"
    echo "$2" >"$TOP$1/memory.max"
    forget_file
}

# Fills so much memory.
hog() { # MIB
    python3 -c '
import sys
a = bytearray(int(sys.argv[1]) << 20)
for i in range(0, len(a), 4096):
    a[i] = 1' "$1"
}
export -f hog

# In a group, reads a file twice that is larger than the group may be.
# shellcheck disable=SC2016
readonly read_twice='echo 0 >"$1/cgroup.procs" && cat /run/scratch/file /run/scratch/file >/dev/null'

ram_and_more() { # MORE
    awk -v more="$1" '/^MemAvailable/ { print int($2 / 1024) + more }' /proc/meminfo
}

# The page counters of a new kernel are bounds where the events do not tell.
is_new() {
    grep -q '^pgscan_kswapd ' /sys/devices/system/node/node0/vmstat
}

@test "reclaim: nothing" {
    reclaim true
    holds '.verdict == "none" and .group == null and .status == 0'
    holds '.scanned.all == 0 and .efficiency.all == null and .hits == 0 and .stalls == 0'
}

@test "reclaim: the machine is short of memory" {
    reclaim -- bash -c "hog $(ram_and_more 150)"
    holds '.verdict | test("^host pressure \\((kswapd|direct)\\)$")'
    holds '.scanned.limit < 64 and .hits == 0 and .group == null'
    holds '.scanned.kswapd + .scanned.direct > 30000 and .stolen.all > 25000'
    holds '.efficiency.all > 0 and .efficiency.all <= 100'
    holds '.stalls > 0 or .scanned.direct == 0'
    holds '.kswapd_cpu["0"] > 0 and .psi_some > 0'
}

@test "reclaim: a group meets its limit, and the machine has memory" {
    memory_group /t 64M
    reclaim --cgroup /t -- bash -c "$read_twice" - "$TOP/t"
    holds '.verdict == "cgroup limit" and .group == "/t"'
    # 300 MiB were read, of which 64 have room
    holds '.scanned.limit > 50000 and .scanned.limit < 200000 and .stolen.limit <= .scanned.limit'
    holds '.scanned.kswapd == 0 and .scanned.direct == 0 and .stalls == 0'
    holds '.cgroups["/t"] | .max > 100 and .high == 0 and .oom_kill == 0'
    holds '.hits == .cgroups["/t"].max'
    holds '.psi_some != null and .cgroups["/t"].psi_some != null'
    holds '.reason | test("PSI")'
}

@test "reclaim: the group is named that met its own limit, not those above" {
    memory_group /t max
    echo +memory >"$TOP/t/cgroup.subtree_control"
    mkdir "$TOP/t/a" "$TOP/t/b"
    echo 48M >"$TOP/t/b/memory.high"
    reclaim --cgroup /t --cgroup /none -- bash -c "$read_twice" - "$TOP/t/b"
    holds '.verdict == "cgroup limit" and .group == "/t/b"'
    holds '.cgroups["/t"].high > 100 and .cgroups["/t"].max == 0 and .cgroups["/none"] == null'
}

@test "reclaim: a group that the command makes and removes is found while it is there" {
    forget_file
    reclaim -i 100ms -- "$CGCTL" run --name box --memory-max 64M -- \
        bash -c 'cat /run/scratch/file /run/scratch/file >/dev/null; sleep 0.5'
    holds '.verdict == "cgroup limit" and .group == "/box" and .hits > 100'
}

@test "reclaim: one that is gone before anybody looked is not taken for something else" {
    forget_file
    reclaim -i 1h -- "$CGCTL" run --name box --memory-max 64M -- cat /run/scratch/file /run/scratch/file
    holds '.verdict == "cgroup limit" and .group == null'
    holds '.reason | test("not seen from here")'
}

@test "reclaim: somebody writes to memory.reclaim" {
    memory_group /t max
    bash -c 'echo 0 >"$1/cgroup.procs" && cat /run/scratch/file >/dev/null' - "$TOP/t"
    reclaim -- bash -c 'echo 100M >"$1/memory.reclaim"' - "$TOP/t"
    holds '.verdict == "proactive" and .group == null'
    holds '.scanned.proactive >= 25600 and .stolen.proactive >= 25000 and .scanned.limit < 64'
    holds '.scanned.kswapd == 0 and .scanned.direct == 0 and .hits == 0'
}

@test "reclaim: both at once are mixed" {
    memory_group /t 64M
    reclaim --cgroup /t -- bash -c "$read_twice && $read_twice &
        hog $(ram_and_more 100); wait" - "$TOP/t"
    holds '.verdict == "mixed" and .group == "/t"'
    holds '.hits > 100 and .stolen.all <= .scanned.all'
    if is_new; then
        holds '.scanned.direct | type == "number" or (.low == 0 and .high > 0)'
    else
        holds '.scanned.limit > 5000 and .scanned.kswapd + .scanned.direct > 5000'
        holds '.scanned.limit + .scanned.kswapd + .scanned.direct <= 1.05 * .scanned.all'
    fi
}

@test "reclaim: intervals are told one by one" {
    "$MEMWATCH" reclaim -c 3 -i 300ms >/tmp/report 3>&-
    [ "$(grep -c '^0\.[34] s: none; no page was scanned$' /tmp/report)" = 3 ] || fail "$(</tmp/report)"
}

@test "watch --on-pressure: not a word while nobody waits, a row when somebody does" {
    local pid
    memory_group /t 24M
    echo 0 >"$TOP/t/memory.swap.max"
    spawn "$MEMWATCH" watch --on-pressure some:150ms/2s psi.memory.some.avg10 >/tmp/rows
    pid=$BG
    eventually test -e "/proc/$pid/wchan"
    sleep 3
    [ ! -s /tmp/rows ] || fail "$(</tmp/rows)"
    spawn bash -c "while :; do $read_twice; done" - "$TOP/t"
    eventually test -s /tmp/rows
    kill -KILL "$BG"
    wait "$BG" || :
    kill "$pid"
    wait "$pid" || :
}
