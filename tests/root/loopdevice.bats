#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# loop list, attach and detach: the devices of exactly one file.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers
load loop

@test "loop: only the loops of exactly the file: hard link, renamed file, second file of the name" {
    on_plain ext4
    mkdir "$D/a" "$D/b"
    make_swap "$D/a/swap" 4M
    make_swap "$D/b/swap" 4M
    ctl 0 loop attach "$D/a/swap"
    local one=$output
    ctl 0 loop attach "$D/b/swap"
    local two=$output
    [ "$one" != "$two" ]
    ln "$D/a/swap" "$D/link"
    mv "$D/a/swap" "$D/a/renamed"
    mv "$D/b/swap" "$D/a/swap"
    ctl 0 loop list "$D/link" --raw --noheadings --output device
    answers "$one"
    ctl 0 loop list "$D/a/swap" --raw --noheadings --output device
    answers "$two"
    changes loop detach "$D/link"
    no_loops "$D/a/renamed"
    loops_over "$D/a/swap"
    [ "${LOOPS[*]}" = "$two" ]
    ctl 1 loop list "$D/link"
    answers ''
    changes loop detach "$D/a/swap"
    rm "$D/link"
}

@test "loop: a deleted file's loop device does not count for the file that has its name now" {
    on_plain ext4
    make_swap "$D/swap" 4M
    ctl 0 loop attach "$D/swap"
    local old=$output
    rm "$D/swap"
    changes ensure "$D/swap" --size 4M --backing loop
    good_loop "$D/swap" $((4 * MiB))
    [ "$DEV" != "$old" ]
    keeps loop detach "$D/nothing"
    changes remove "$D/swap"
    [ -e "/sys/block/${old#/dev/}/loop/backing_file" ]
    losetup -d "$old"
}

# bats test_tags=guest
@test "loop attach: prints the device, and finds it the next time" {
    on_plain ext4
    make_swap "$D/swap" 8M
    ctl 0 loop attach "$D/swap" --json
    holds '.changed and .actions == ["attach"]'
    local dev
    dev=$(jq -r .device <<<"$output")
    [ "$(losetup -n -O BACK-FILE "$dev" | tr -d ' ')" = "$D/swap" ]
    [ "$(losetup -n -O DIO "$dev" | tr -d ' ')" = 1 ]
    ctl 0 loop attach "$D/swap"
    answers "$dev"
    ctl 0 loop attach "$D/swap" --json
    holds "(.changed | not) and .device == \"$dev\""
    ctl 0 loop list "$D/swap" --json
    holds ".loops == [{device: \"$dev\", backing_file: \"$D/swap\", size: 8388608, autoclear: false, direct_io: true, swap: false, offset: 0, read_only: false}]"
    ctl 0 loop detach "$D/swap" --json
    holds '.results[0].actions == ["detach"]'
    no_loops "$D/swap"
    keeps loop detach "$D/swap"
}

@test "loop attach: a device that stays is used by ensure, and taken away by remove only" {
    on_plain ext4
    make_swap "$D/swap" 8M
    ctl 0 loop attach "$D/swap"
    local dev=$output
    changes ensure "$D/swap" --size 8M --backing loop
    is_active "$dev"
    changes resize "$D/swap" --size 12M
    is_active "$dev"
    [ "$AREA_SIZE" -eq $((12 * MiB - PAGE)) ]
    changes off "$D/swap"
    loops_over "$D/swap"
    [ "${LOOPS[*]}" = "$dev" ]
    changes on "$dev"
    ctl 0 remove "$D/swap" --json
    holds '.results[0].actions == ["deactivate", "detach", "unlink"]'
    gone "$D/swap"
}

@test "loop detach: what holds active swap is refused, whatever the file is called" {
    on_plain ext4
    changes ensure "$D/swap" --size 8M --backing loop
    chattr -a "$D/swap"
    ln "$D/swap" "$D/link"
    ctl 6 loop detach "$D/link"
    says "$D/link: is active swap on /dev/loop*; deactivate*"
    good_area_of_loop "$D/swap"
    rm "$D/link"
}

good_area_of_loop() { # FILE
    loops_over "$1"
    is_active "${LOOPS[0]}"
}

@test "loop detach: a device that somebody holds is not said to be gone" {
    on_plain ext4
    make_swap "$D/swap" 8M
    ctl 0 loop attach "$D/swap"
    local dev=$output
    exec {held}<"$dev"
    ctl 3 loop detach "$D/swap"
    says "$D/swap: is still attached to $dev*"
    exec {held}<&-
    eventually no_loops "$D/swap"
}

@test "loop detach: a mounted one fails and stays as it is" {
    on_plain ext4
    local dev
    fallocate -l 8M "$D/image"
    mkfs.ext4 -q -F "$D/image"
    dd if=/dev/zero of="$D/fill" bs=1M count=8 status=none
    cat "$D/image" >"$D/fill"
    dev=$(losetup -f --show "$D/fill")
    mkdir "$HR_DIR/mnt/image"
    mount "$dev" "$HR_DIR/mnt/image"
    ctl 3 loop detach "$D/fill"
    says "$D/fill: its loop device $dev is in use *"
    [ "$(losetup -n -O AUTOCLEAR "$dev" | tr -d ' ')" = 0 ] || fail "it was marked to go"
    umount "$HR_DIR/mnt/image"
    changes loop detach "$D/fill"
}

@test "loop attach: an active plain swap file, a device, a folder are refused" {
    on_plain ext4
    make_active "$D/swap" 8M
    ctl 6 loop attach "$D/swap"
    says "$D/swap: is active swap without a loop device*"
    no_loops "$D/swap"
    ctl 6 loop attach /dev/loop0
    ctl 6 loop attach "$D"
    ctl 6 loop detach /dev/loop0
}

# bats test_tags=guest
@test "loop attach: GET_FREE races with other programs: everybody gets a device of his own" {
    on_plain ext4
    local i n=8 pids=()
    [ "${HEADROOM_GUEST:-0}" = 0 ] || n=4
    for ((i = 0; i < n; i++)); do
        make_swap "$D/swap$i" 1M
    done
    for ((i = 0; i < n; i++)); do
        losetup -f "$D/swap$i" 2>/dev/null & pids+=($!)
        "${CTL[@]}" loop attach "$D/swap$(((i + n / 2) % n))" >"$HR_DIR/tmp/dev$i" 3>&- & pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i" || :
    done
    for ((i = 0; i < n; i++)); do
        [[ $(<"$HR_DIR/tmp/dev$i") == /dev/loop* ]] || fail "no device"
        loops_over "$D/swap$i"
        [ "${#LOOPS[@]}" -ge 1 ] || fail "swap$i has none"
        changes loop detach "$D/swap$i"
    done
}
