# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# memwatch - where the program lies, and a small machine to run it on
#
# shellcheck disable=SC2034 # what is set here is for the tests

bats_require_minimum_version 1.5.0

REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
HEADROOM_BUILD=${HEADROOM_BUILD:-${BUILD_DIR:-$REPO/build}}
MEMWATCH=${MEMWATCH:-$HEADROOM_BUILD/cmd/memwatch/memwatch}

memwatch() {
    "$MEMWATCH" "$@"
}

# meminfo AVAILABLE SWAP-FREE: of 1000000 kB each
meminfo() {
    printf '%s kB\n' 'MemTotal: 1000000' "MemFree: 50000" "MemAvailable: $1" 'Buffers: 10000' 'Cached: 300000' \
        'Shmem: 20000' 'SwapTotal: 1000000' "SwapFree: $2" 'SReclaimable: 30000' 'Committed_AS: 800000' \
        'CommitLimit: 1500000' >"$tree/proc/meminfo"
}

# psi RESOURCE SOME FULL: percent over 10 seconds
psi() {
    printf 'some avg10=%s avg60=0.50 avg300=0.00 total=1000\nfull avg10=%s avg60=0.00 avg300=0.00 total=500\n' \
        "$2" "$3" >"$tree/proc/pressure/$1"
}

# group PATH CURRENT MAX
group() {
    local dir=$tree/sys/fs/cgroup/$1
    mkdir -p "$dir"
    echo "$2" >"$dir/memory.current"
    echo "$3" >"$dir/memory.max"
    echo max >"$dir/memory.high"
    echo 4096 >"$dir/memory.swap.current"
    echo max >"$dir/memory.swap.max"
    : >"$dir/cgroup.procs"
    printf 'anon 1000\nfile 2000\nactive_file 0\ninactive_file 1048576\nfile_dirty 0\nfile_writeback 0\n' >"$dir/memory.stat"
    printf 'low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n' >"$dir/memory.events"
}

# process PID NAME RSS-KB SWAP-KB
process() {
    mkdir -p "$tree/proc/$1"
    printf 'Name:\t%s\nState:\tS (sleeping)\nPid:\t%s\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nVmRSS:\t%s kB\nVmSwap:\t%s kB\n' \
        "$2" "$1" "$3" "$4" >"$tree/proc/$1/status"
    printf '%d (%s) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 0\n' "$1" "$2" "$1" >"$tree/proc/$1/stat"
    printf '9999 %d 1 1 0 1 0\n' "$(($3 * 1024 / $(getconf PAGESIZE)))" >"$tree/proc/$1/statm"
}

# A machine with 1 GB, cgroup v2 and a swap file in $tree
make_tree() {
    tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree"/{etc,run,data} "$tree"/proc/{self,pressure,sys/vm} "$tree/sys/fs/cgroup"
    meminfo 400000 900000
    psi memory 2.50 1.00
    psi cpu 0.00 0.00
    psi io 0.00 0.00
    printf 'pgscan_kswapd 100\npgscan_direct 10\npgscan_anon 60\npgscan_file 60\npgsteal_kswapd 90\npgsteal_direct 5\npgsteal_anon 50\npgsteal_file 55\nworkingset_refault_anon 1\nworkingset_refault_file 2\nallocstall_normal 4\npswpin 1\npswpout 2\noom_kill 0\npgpgin 5\n' \
        >"$tree/proc/vmstat"
    printf 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/swapfile file 1000000 100000 -2\n' >"$tree/proc/swaps"
    echo '26 25 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw' >"$tree/proc/self/mountinfo"
    echo '0::/' >"$tree/proc/self/cgroup"
    echo 'cpu io memory pids' >"$tree/sys/fs/cgroup/cgroup.controllers"
    : >"$tree/sys/fs/cgroup/cgroup.procs"
    echo 'root:x:0:0::/root:/bin/sh' >"$tree/etc/passwd"
    group web 67108864 134217728
    group db 268435456 max
    process 1 init 4000 0
    process 20 big 200000 1000
}
