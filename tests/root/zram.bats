#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# zram and zswap on the running kernel.
#
# A device with the label of "swapctl zram ensure" is ours: on a machine that had one before, nothing is tried. Devices
# that a test makes by hand are in MADE.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
bats_require_minimum_version 1.5.0
load helpers

CONTROL=/sys/class/zram-control
ZSWAP=/sys/module/zswap/parameters

eval "common_$(declare -f setup)"
eval "common_$(declare -f teardown)"

setup() {
    common_setup
    MADE=()
}

teardown() {
    local number left=
    for number in "${MADE[@]}"; do
        [ ! -e "/sys/block/zram$number" ] || drop "$number" || left+=" zram$number"
    done
    if [ -e "$HR_DIR/zram" ]; then
        zram_down || left+=" headroom-zram"
        rm -f "$HR_DIR/zram"
    fi
    zswap_back || left+=" zswap"
    common_teardown
    [ -z "$left" ] || fail "left behind:$left"
}

# Works with zram, or skips. From here on what has our label is of this test.
on_zram() {
    modprobe -q zram 2>/dev/null || :
    [ -e "$CONTROL/hot_add" ] || skip "this kernel has no zram"
    [ -z "$(zram_ours)" ] || skip "this machine has zram of its own by swapctl"
    run "${CTL[@]}" zram ensure --dry-run
    [ "$status" -ne 6 ] || skip "zram is configured by somebody else here"
    : >"$HR_DIR/zram"
    D=$HR_DIR/tmp/zram
    mkdir "$D"
}

devices() {
    printf '%s\n' /sys/block/zram* | sort
}

# A bare device; sets N.
add_device() {
    N=$(cat "$CONTROL/hot_add")
    MADE+=("$N")
}

# One of somebody else.
add_other() {
    add_device
    echo 8M >"/sys/block/zram$N/disksize"
    mkswap -q -L somebody "/dev/zram$N"
}

drop() { # NUMBER
    ! is_active "/dev/zram$1" || swapoff "/dev/zram$1"
    eventually eval "echo $1 >$CONTROL/hot_remove"
}

# The device that there is now; sets DEV and SYS.
ours() {
    DEV=$(zram_ours)
    [ -n "$DEV" ] || fail "there is none"
    SYS=/sys/block/${DEV##*/}
}

has_size() { # DEVICE MiB
    is_active "$1" || fail "$1 is not active"
    [ "$AREA_SIZE" -eq $(($2 * MiB - PAGE)) ] || fail "active with $AREA_SIZE bytes"
}

algorithm() {
    sed 's/.*\[\(.*\)\].*/\1/' "$SYS/comp_algorithm"
}

# ---- zram ----

# bats test_tags=guest
@test "zram ensure: made, known again, taken away" {
    on_zram
    local before
    before=$(devices)
    changes zram ensure --size 16M
    ours
    has_size "$DEV" 16
    has_priority "$DEV" 100
    [ "$(tag LABEL "$DEV")" = headroom-zram ]
    idle zram ensure --size 16M
    idle zram ensure
    changes zram remove --all-ours
    [ "$(devices)" = "$before" ] || fail "devices: $(devices)"
    idle zram remove --all-ours
}

# bats test_tags=guest
@test "zram ensure: every setting, and JSON" {
    on_zram
    local other
    add_device
    other=$(tr ' ' '\n' <"/sys/block/zram$N/comp_algorithm" | grep -v '\[' | grep . | head -n 1)
    [ -n "$other" ] || skip "this kernel has one algorithm for zram"
    ctl 0 zram ensure --size 16M --algorithm "$other" --mem-limit 8M --priority 7 --json
    ours
    holds ".device == \"$DEV\" and .changed and .algorithm == \"$other\" and .mem_limit == 8388608"
    holds '.size_bytes == 16777216 and .priority == 7'
    [ "$(algorithm)" = "$other" ]
    [ "$(cat "$SYS/disksize")" -eq $((16 * MiB)) ]
    read -ra stat <"$SYS/mm_stat"
    [ "${stat[3]}" -eq $((8 * MiB)) ]
    has_priority "$DEV" 7
    ctl 0 zram list --json
    holds ".zram[] | select(.device == \"$DEV\") | .ours and .mem_limit == 8388608 and .priority == 7 and .used > 0"
}

@test "zram ensure: another size, limit and priority of a device in use" {
    on_zram
    changes zram ensure --size 16M --mem-limit 8M
    ours
    changes zram ensure --size 32M
    has_size "$DEV" 32
    read -ra stat <"$SYS/mm_stat"
    [ "${stat[3]}" -eq $((8 * MiB)) ] || fail "the limit is ${stat[3]}"
    [ "$(zram_ours)" = "$DEV" ]
    changes zram ensure --mem-limit 0 --priority 3
    read -ra stat <"$SYS/mm_stat"
    [ "${stat[3]}" -eq 0 ]
    has_priority "$DEV" 3
    idle zram ensure --size 32M --mem-limit 0 --priority 3
}

@test "zram ensure: one that was deactivated by hand" {
    on_zram
    changes zram ensure --size 16M
    ours
    swapoff "$DEV"
    changes zram ensure
    is_active "$DEV"
    [ "$(zram_ours)" = "$DEV" ]
}

@test "zram ensure: an unknown algorithm, and nothing is left" {
    on_zram
    local before
    before=$(devices)
    ctl 5 zram ensure --size 16M --algorithm nosuch
    says '"nosuch": this kernel*has no such algorithm; it has *lzo*'
    [ "$(devices)" = "$before" ]
    [ -z "$(zram_ours)" ]
}

@test "zram: the devices of others are left alone" {
    on_zram
    add_other
    swapon -p 1 "/dev/zram$N"
    local other=/dev/zram$N uuid
    uuid=$(tag UUID "$other")
    ctl 6 zram ensure --size 16M --device "$N"
    says "$other: is in use and was not set up by swapctl"
    ctl 6 zram remove "$other" --force
    changes zram ensure --size 16M
    changes zram remove --all-ours
    is_active "$other"
    [ "$(tag UUID "$other")" = "$uuid" ]
    swapoff "$other"
}

@test "zram ensure --device: one that nobody has set up" {
    on_zram
    add_device
    changes zram ensure --size 16M --device "$N"
    ours
    [ "$DEV" = "/dev/zram$N" ]
    ctl 0 zram remove "$DEV" --json
    holds '.results[0].actions == ["deactivate", "remove-device"]'
    [ ! -e "/sys/block/zram$N" ]
    keeps zram remove "zram$N"
}

# bats test_tags=guest
@test "zram ensure: a device that is held open is told to be in use, and is as before" {
    on_zram
    changes zram ensure --size 16M
    ours
    exec 8<"$DEV"
    ctl 3 zram ensure --size 32M
    says "$DEV: another program has it in use"
    ctl 3 zram remove "$DEV"
    exec 8<&-
    has_size "$DEV" 16
    has_priority "$DEV" 100
}

@test "zram ensure: without the privilege nothing is tried" {
    on_zram
    need setpriv
    local before
    before=$(devices)
    CTL=(setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$SWAPCTL")
    ctl 3 zram ensure --size 16M
    says 'zram ensure needs CAP_SYS_ADMIN'
    [ "$(devices)" = "$before" ]
}

# bats test_tags=guest
@test "zram ensure: loads the kernel's module" {
    # elsewhere it may be in use, or come back with other parameters
    [ "${HEADROOM_GUEST:-}" = 1 ] || skip "only in a guest"
    on_zram
    need modprobe
    modprobe -r zram || skip "zram is no module that can be unloaded"
    [ ! -e "$CONTROL" ]
    ctl 0 zram ensure --size 16M --dry-run
    [ "${lines[0]}" = "load the kernel module zram" ]
    [ ! -e "$CONTROL" ]
    ctl 0 zram ensure --size 16M --json
    holds '.actions == ["load-module", "add-device", "set-size", "format", "activate"]'
    ours
    has_size "$DEV" 16
    ctl 5 zram ensure --algorithm nosuch
    changes zram remove --all-ours
}

# ---- zswap ----

on_zswap() {
    [ -w "$ZSWAP/enabled" ] || skip "this kernel has no zswap, or it cannot be set"
    zswap_save
}

# bats test_tags=guest
@test "zswap: on and off, and how large" {
    on_zswap
    echo N >"$ZSWAP/enabled"
    changes zswap on --max-pool-percent 7
    [ "$(cat "$ZSWAP/enabled")" = Y ]
    [ "$(cat "$ZSWAP/max_pool_percent")" -eq 7 ]
    keeps zswap on --max-pool-percent 7
    ctl 0 zswap --json
    holds '.enabled and .max_pool_percent == 7 and .pool_limit_bytes > 0'
    changes zswap off
    [ "$(cat "$ZSWAP/enabled")" = N ]
}

# bats test_tags=guest
@test "zswap: an unknown compressor, and nothing is changed" {
    on_zswap
    echo N >"$ZSWAP/enabled"
    local before
    before=$(cat "$ZSWAP/compressor")
    ctl 5 zswap on --compressor nosuch
    says 'zswap: this kernel has no compressor "nosuch"'
    [ "$(cat "$ZSWAP/enabled") $(cat "$ZSWAP/compressor")" = "N $before" ]
}
