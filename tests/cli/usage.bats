#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# swapctl usage over the /proc and the cgroups of a fixture

setup() {
    load swapctl
    make_tree
    printf 'MemTotal: 4000000 kB\nMemFree: 1000000 kB\nSwapTotal: 2048 kB\nSwapFree: %d kB\nSwapCached: 16 kB\n' \
        1024 >"$tree/proc/meminfo"
    printf 'root:x:0:0::/root:/bin/sh\nada:x:1000:100::/:/bin/sh\n' >"$tree/etc/passwd"
    process 1 init 0 100
    process 2 kthreadd 0
    process 30 idle 1000 0
    process 40 'web server' 1000 500
    process 50 'odd\n' 77 200
    process 60 worker 1000 24
}

# process PID NAME UID [KIB]
process() {
    mkdir -p "$tree/proc/$1"
    {
        printf 'Name:\t%s\nUid:\t%s\t%s\t%s\t%s\n' "$2" "$3" "$3" "$3" "$3"
        printf 'Gid:\t0\t0\t0\t0\n'
        [ $# -lt 4 ] || printf 'VmSwap:\t%8d kB\n' "$4"
    } >"$tree/proc/$1/status"
}

# group PATH BYTES
group() {
    mkdir -p "$tree/sys/fs/cgroup/$1"
    echo "$2" >"$tree/sys/fs/cgroup/$1/memory.swap.current"
}

groups() {
    mkdir -p "$tree/proc/self" "$tree/sys/fs/cgroup"
    echo '26 25 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw' >"$tree/proc/self/mountinfo"
    echo memory >"$tree/sys/fs/cgroup/cgroup.controllers"
    group system.slice 600000
    group system.slice/db.service 500000
    group user.slice 4096
    group empty.slice 0
}

usage() {
    swapctl usage --root "$tree" "$@"
}

@test "usage: the processes that hold swap, the largest first, and how it adds up" {
    run -0 --separate-stderr usage
    [ -z "$stderr" ]
    [ "${lines[0]}" = 'PID NAME       USER SWAP' ]
    [ "${lines[1]}" = ' 40 web server ada  500K' ]
    [ "${lines[2]}" = ' 50 odd\x0a    77   200K' ]
    [ "${lines[3]}" = '  1 init       root 100K' ]
    [ "${lines[4]}" = ' 60 worker     ada   24K' ]
    [ "${lines[5]}" = '1M in use, 824K accounted for; 200K are shared memory, tmpfs, or in the swap cache (16K)' ]
    [ "${#lines[@]}" = 6 ]
}

@test "usage: the sum, when pages are shared, and when it fits" {
    sed -i 's/^SwapFree:.*/SwapFree: 1224 kB/' "$tree/proc/meminfo"
    run -0 usage
    [ "${lines[-1]}" = '824K in use, 824K accounted for' ]
    sed -i 's/^SwapFree:.*/SwapFree: 1524 kB/' "$tree/proc/meminfo"
    run -0 usage --top 1
    [ "${lines[-1]}" = '524K in use, 824K accounted for; processes share pages: 300K count more than once' ]
}

@test "usage: --top" {
    run -0 usage --top 2 --raw --output pid
    [ "$output" = $'PID\n40\n50' ]
    run -0 usage --top 99 --raw --noheadings -o pid
    [ "$output" = $'40\n50\n1\n60' ]
    run -2 usage --top 0
    run -2 usage --top all
}

@test "usage: JSON" {
    run -0 --separate-stderr usage --json
    jq -e '. == {usage: [
        {pid: 40, name: "web server", user: "ada", swap_bytes: 512000},
        {pid: 50, name: "odd\n", user: "77", swap_bytes: 204800},
        {pid: 1, name: "init", user: "root", swap_bytes: 102400},
        {pid: 60, name: "worker", user: "ada", swap_bytes: 24576}],
        accounted_bytes: 843776, used_bytes: 1048576}' <<<"$output"
    run -0 usage --json --top 1
    jq -e '(.usage | length) == 1 and .accounted_bytes == 843776' <<<"$output"
}

@test "usage: --by user" {
    run -0 usage --by user --raw
    [ "$output" = $'USER COUNT SWAP\nada 2 536576\n77 1 204800\nroot 1 102400' ]
    run -0 usage --by user --json --top 1
    jq -e '. == {usage: [{user: "ada", count: 2, swap_bytes: 536576}], accounted_bytes: 843776, used_bytes: 1048576}' \
        <<<"$output"
}

@test "usage: --by cgroup, each without the groups in it" {
    groups
    run -0 usage --by cgroup --raw
    [ "$output" = $'CGROUP SWAP\n/system.slice/db.service 500000\n/system.slice 100000\n/user.slice 4096' ]
    run -0 usage --by cgroup --json
    jq -e '.usage[1] == {cgroup: "/system.slice", swap_bytes: 100000, tree_bytes: 600000} and
        .accounted_bytes == 604096' <<<"$output"
    run -0 usage --by cgroup
    [[ ${lines[-1]} == *' belong to no group that counts, or are in the swap cache (16K)' ]]
}

@test "usage: --by cgroup where nothing counts swap" {
    groups
    find "$tree/sys" -name memory.swap.current -delete
    run -5 --separate-stderr usage --by cgroup
    [ -z "$output" ]
    [[ $stderr == 'swapctl: cgroups: none of them counts swap'* ]]
    : >"$tree/proc/self/mountinfo"
    run -5 --separate-stderr usage --by cgroup
    [[ $stderr == 'swapctl: cgroups: none that count memory are mounted'* ]]
}

@test "usage: what could not be read is exit status 4 and a warning" {
    echo garbage >"$tree/proc/50/status"
    run -4 --separate-stderr usage --raw --noheadings --output pid
    [ "$output" = $'40\n1\n60' ]
    [ "$stderr" = 'swapctl: warning: processes that could not be read and are missing here: 1; run it as root' ]
}

@test "usage: hidepid is noticed" {
    rm -r "$tree/proc/1"
    run -4 --separate-stderr usage --raw --noheadings --output pid
    [ "$output" = $'40\n50\n60' ]
    [[ $stderr == 'swapctl: warning: /proc: does not show the processes of others'* ]]
}

@test "usage: nobody holds swap" {
    sed -i 's/^SwapFree:.*/SwapFree: 2048 kB/' "$tree/proc/meminfo"
    sed -i 's/^VmSwap:.*/VmSwap: 0 kB/' "$tree"/proc/*/status
    run -0 --separate-stderr usage
    [ -z "$output$stderr" ]
    run -0 usage --json
    [ "$output" = '{"usage":[],"accounted_bytes":0,"used_bytes":0}' ]
}

@test "usage: columns of another view do not exist in this one" {
    usage_error '--output: unknown column "CGROUP"; there are PID, NAME, USER, SWAP' usage usage -o CGROUP
    run -2 --separate-stderr swapctl usage --by process,user
    usage_error 'unexpected operand "x"' usage usage x
}

@test "usage: a full device is a failure" {
    run -3 --separate-stderr eval 'usage >/dev/full'
    [ "$stderr" = 'swapctl: standard output: cannot write: No space left on device' ]
}

@test "usage: without /proc" {
    rm -r "$tree/proc"
    run -5 --separate-stderr usage
    [ "$stderr" = "swapctl: $tree/proc: is not there; mount it" ]
}
