#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# A kernel that lacks zram, zswap or pressure stall information. Empty folders hide what the kernel has, in a mount namespace;
# others are hidden along. Fake trees of such kernels: tests/cli.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

# There is nothing in these folders, and no module to load.
without() { # FOLDER...
    local folder hide=
    mkdir "$HR_DIR/tmp/empty" "$HR_DIR/tmp/bin"
    for folder; do
        [ ! -d "$folder" ] || hide+="mount --bind '$HR_DIR/tmp/empty' '$folder' && "
    done
    [ ! -d /lib/modules ] || hide+="mount --bind '$HR_DIR/tmp/empty' /lib/modules && "
    spawn unshare --mount --propagation private bash -c "$hide: >'$HR_DIR/tmp/ready'; exec sleep 600"
    eventually [ -e "$HR_DIR/tmp/ready" ]
    CTL=(nsenter --mount="/proc/$BG/ns/mnt" "$SWAPCTL")
}

everything_else_works() {
    on_fs ext4
    changes ensure "$D/swap" --size 1M --label x
    changes resize "$D/swap" --size 2M
    ctl 0 list "$D/swap"
    try usage
    [[ $status == [04] ]] || fail "usage: $status $stderr"
    try recommend --target "$D"
    [[ $status == [01] ]] || fail "recommend: $status $stderr"
    try status
    [[ $status == [01] ]] || fail "status: $status $stderr"
    ctl 0 swappiness
    changes remove "$D/swap"
}

@test "a kernel without zram: told (5), nothing is listed, the rest works" {
    without /sys/class /sys/block/zram*
    ctl 5 zram ensure --size 16M
    says '*zram*'
    ctl 0 zram list
    answers ''
    ctl 0 zram list --json
    holds '.zram == []'
    ctl 0 zram remove --all-ours
    everything_else_works
}

@test "a kernel without zswap: told (5), the rest works" {
    without /sys/module
    ctl 5 zswap
    says '*zswap*'
    ctl 5 zswap on
    ctl 5 zswap off
    everything_else_works
}

@test "a kernel without pressure stall information: everything works" {
    without /proc/pressure
    everything_else_works
}

# bats test_tags=guest
@test "a kernel without all of them: everything works" {
    without /proc/pressure /sys/module /sys/class
    everything_else_works
}
