#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The kernel's limit of areas against the missing privilege, and several runs at once.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

LOCK=/run/headroom/swap.lock

# Activates small areas until the kernel takes no more.
fill_up() {
    local i
    mkdir "$D/full"
    for ((i = 0; i < 64; i++)); do
        make_swap "$D/full/$i" 64K
        swapon "$D/full/$i" 2>/dev/null || break
    done
    [ "$i" -lt 64 ] || skip "this kernel takes more than 64 areas"
    rm "$D/full/$i"
}

# bats test_tags=guest
@test "too many areas is not a missing privilege, and nothing is left" {
    on_fs ext4
    fill_up
    refused_late 3 "$D/swap: *no more swap areas*;*" ensure "$D/swap" --size 1M
    [[ $stderr != *CAP_SYS_ADMIN* ]]
    make_swap "$D/old" 1M
    refused_late 3 "$D/old: *no more swap areas*;*" ensure "$D/old" --size 1M
    refused_late 3 "$D/old: *no more swap areas*;*" on "$D/old"
    # a half that can be done is undone as well
    chmod 0640 "$D/old"
    try ensure "$D/old" --size 1M --label hr-new
    [ "$status" -eq 3 ]
    [ "$(stat -c %a "$D/old")" = 640 ]
    [ "$(tag LABEL "$D/old")" = '' ]
    CTL=(setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$SWAPCTL")
    refused 3 'CAP_SYS_ADMIN' ensure "$D/swap" --size 1M
    [[ $stderr != *areas* ]]
    CTL=("$SWAPCTL")
    changes off "$D/full/0"
    changes ensure "$D/swap" --size 1M
}

# bats test_tags=guest
@test "ten runs at once: one changes, nine find it unchanged" {
    on_fs ext4
    local i pids=()
    for i in 0 1 2 3 4 5 6 7 8 9; do
        "$SWAPCTL" ensure "$D/swap" --size 16M --label hr-ten >"$HR_DIR/tmp/out.$i" 2>&1 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i"
    done
    [ "$(cat "$HR_DIR"/tmp/out.* | sort | uniq -c | sed 's/^ *//')" = "1 changed
9 unchanged" ] || fail "$(head "$HR_DIR"/tmp/out.*)"
    good_area "$D/swap" $((16 * MiB))
    only swap
}

@test "ten runs at once for ten files: all change" {
    on_fs xfs
    local i pids=()
    for i in 0 1 2 3 4 5 6 7 8 9; do
        "$SWAPCTL" ensure "$D/$i" --size 4M >"$HR_DIR/tmp/out.$i" 2>&1 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i"
    done
    [ "$(cat "$HR_DIR"/tmp/out.* | sort -u)" = changed ]
    for i in 0 1 2 3 4 5 6 7 8 9; do
        good_area "$D/$i" $((4 * MiB))
    done
}

@test "the lock: waited for as long as asked, then exit 124" {
    on_fs ext4
    hold_lock
    refused 124 "$LOCK: *lock*;*" ensure "$D/swap" --size 1M --lock-timeout 1s
    refused 124 "$LOCK: *lock*;*" create "$D/swap" --size 1M --lock-timeout 0
    refused 124 "$LOCK: *lock*;*" off "$HR_BYSTANDER" --lock-timeout 100ms
    refused 124 "$LOCK: *lock*;*" remove "$HR_BYSTANDER" --lock-timeout 100ms
    kill "$BG"
    wait "$BG" 2>/dev/null || :
    changes ensure "$D/swap" --size 1M --lock-timeout 0
}

@test "the lock: who waits gets it" {
    on_fs ext4
    hold_lock
    "$SWAPCTL" ensure "$D/swap" --size 1M >"$HR_DIR/tmp/out" 2>&1 3>&- &
    local pid=$!
    sleep 0.3
    [ ! -e "$D/swap" ]
    kill "$BG"
    wait "$pid"
    [ "$(cat "$HR_DIR/tmp/out")" = changed ]
    good_area "$D/swap" "$MiB"
}

@test "the lock: list and dry runs do not wait for it" {
    on_fs ext4
    make_active "$D/swap" 1M
    hold_lock
    ctl 0 list "$D/swap" --noheadings
    ctl 0 swappiness
}

@test "the lock: an interrupted wait ends at once" {
    on_fs ext4
    hold_lock
    local pid rc=0
    "$SWAPCTL" ensure "$D/swap" --size 1M --lock-timeout 1h >/dev/null 2>&1 3>&- &
    pid=$!
    sleep 0.3
    kill -TERM "$pid"
    wait "$pid" || rc=$?
    [ "$rc" -eq $((128 + 15)) ]
    [ ! -e "$D/swap" ]
}

# Another process holds the lock until it is killed.
hold_lock() {
    mkdir -p "${LOCK%/*}"
    [ -e "$LOCK" ] || (umask 077 && : >"$LOCK")
    # shellcheck disable=SC2016 # for the inner shell
    spawn bash -c 'exec 9<>"$0" && flock 9 && exec sleep 600' "$LOCK"
    eventually lock_is_held
}

lock_is_held() {
    ! flock -n "$LOCK" true
}
