#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# usage: a process whose memory is swapped out is found, and so are its user and its control group.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
bats_require_minimum_version 1.5.0
load helpers

# A process that holds 24 MiB of memory and asks the kernel to swap it out (MADV_PAGEOUT, Linux 5.4); sets BG. It is started
# by the command in ENTER, if there is one.
ENTER=()
spawn_swapped() {
    need python3
    make_swap "$D/swap" 64M
    swapon -p 100 "$D/swap"
    spawn "${ENTER[@]}" python3 -c '
import mmap, time
m = mmap.mmap(-1, 24 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
m[:] = bytes(range(1, 252)) * ((24 << 20) // 251) + bytes((24 << 20) % 251)
while True:
    m.madvise(21)
    time.sleep(0.5)'
    # in the background of a build machine the kernel may take its time
    eventually is_swapped || skip "the kernel swaps nothing out when it is asked to"
}

is_swapped() {
    [ "$(vm_swap)" -ge 16384 ]
}

vm_swap() {
    awk '$1 == "VmSwap:" { kib = $2 } END { print kib + 0 }' "/proc/$BG/status"
}

# bats test_tags=guest
@test "usage: the process is found, with what /proc says of it" {
    on_fs ext4
    spawn_swapped
    local before after
    before=$(vm_swap)
    ctl 0 usage --json
    after=$(vm_swap)
    holds ".usage | map(select(.pid == $BG)) | length == 1"
    holds ".usage | map(select(.pid == $BG))[0] | .user == \"root\" and .name == \"python3\" and
        .swap_bytes >= ([$before, $after] | min) * 1024 and .swap_bytes <= ([$before, $after] | max) * 1024"
    holds '.usage as $rows | $rows == ($rows | sort_by(-.swap_bytes))'
    holds '.accounted_bytes >= 16777216 and .used_bytes >= 16777216'
    ctl 0 usage --top 1 --raw --noheadings --output pid
    answers "$BG"
}

@test "usage: so is its user" {
    on_fs ext4
    spawn_swapped
    ctl 0 usage --by user --json
    holds '.usage | map(select(.user == "root"))[0] | .swap_bytes >= 16777216 and .count >= 1'
}

# A guest boots with nothing but the root group, which counts no swap: the process gets one of its own, before it has any memory.
own_group() {
    GROUP=/sys/fs/cgroup/headroom-usage
    echo +memory >/sys/fs/cgroup/cgroup.subtree_control
    mkdir "$GROUP"
    # shellcheck disable=SC2016 # for the inner shell
    ENTER=(bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$GROUP")
}

# bats test_tags=guest
@test "usage: so is its control group" {
    on_fs ext4
    GROUP=
    [ "${HEADROOM_GUEST:-0}" != 1 ] || own_group
    spawn_swapped
    run --separate-stderr "$SWAPCTL" usage --by cgroup --json
    [ "$status" -ne 5 ] || [ -n "$GROUP" ] || skip "no control group counts swap here: $stderr"
    [ "$status" -eq 0 ] || fail "exit status $status: $stderr"
    # the group of this test holds it, or one above it where it is not visible
    holds '.accounted_bytes >= 16777216 and .usage[0].swap_bytes >= 16777216'
    [ -n "$GROUP" ] || return 0
    holds '.usage[0].cgroup == "/headroom-usage"'
    kill -KILL "$BG"
    wait "$BG" || :
    eventually rmdir "$GROUP"
}

@test "usage: without privileges it sees the same processes, or says that it does not" {
    on_fs ext4
    need setpriv
    spawn_swapped
    CTL=(setpriv --reuid=65534 --regid=65534 --clear-groups "$SWAPCTL")
    run --separate-stderr "${CTL[@]}" usage --raw --noheadings --output pid
    if [ "$status" -eq 0 ]; then
        grep -qx "$BG" <<<"$output" || fail "no $BG: $output"
    else
        [ "$status" -eq 4 ] || fail "exit status $status: $stderr"
        says 'warning: *run it as root'
    fi
}
