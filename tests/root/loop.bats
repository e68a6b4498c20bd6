#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Swap through loop devices: ensure --backing, and what on, off, remove, list, resize and apply make of it.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers
load loop

# ---- ensure ----

# bats test_tags=guest
@test "overlay: ensure goes through a loop device by itself, and remove takes all of it away" {
    on_overlay
    ctl 0 ensure "$M/swap" --size 8M --priority 5 --json
    holds '.actions == ["create", "attach", "protect", "activate"] and .priority == 5'
    good_loop "$M/swap" $((8 * MiB))
    holds ".device == \"$DEV\" and .path == \"$M/swap\""
    idle ensure "$M/swap" --size 8M --priority 5
    idle ensure "$M/swap" --size 8M --backing loop
    ctl 0 remove "$M/swap" --json
    holds '.results[0].actions == ["deactivate", "unprotect", "unlink"]'
    gone "$M/swap"
    keeps remove "$M/swap"
}

# bats test_tags=guest
@test "overlay on btrfs: the file below has no copy-on-write" {
    on_overlay btrfs
    changes ensure "$M/swap" --size 8M
    good_loop "$M/swap" $((8 * MiB))
    [[ $(lsattr -- "$D/upper/swap") == *C*' '* ]] || fail "$(lsattr -- "$D/upper/swap")"
    changes remove "$M/swap"
}

explicit() { # KIND
    on_plain "$1"
    changes ensure "$D/swap" --size 8M --backing loop --label looped
    good_loop "$D/swap" $((8 * MiB))
    [ "$(losetup -n -O DIO "$DEV" | tr -d ' ')" = 1 ] || fail "no direct I/O"
    idle ensure "$D/swap" --size 8M
    only swap
    changes remove "$D/swap"
    gone "$D/swap"
}

@test "ext4, --backing loop" { explicit ext4; }
@test "ext2, --backing loop" { explicit ext2; }
@test "xfs, --backing loop" { explicit xfs; }
@test "btrfs, --backing loop" { explicit btrfs; }

@test "from the file to the loop device and back" {
    on_plain ext4
    changes ensure "$D/swap" --size 8M --priority 4
    ctl 0 ensure "$D/swap" --size 8M --backing loop --json
    holds '.actions == ["deactivate", "attach", "protect", "activate"] and .priority == 4'
    good_loop "$D/swap" $((8 * MiB))
    ctl 0 ensure "$D/swap" --size 8M --backing file --json
    holds '.actions == ["unprotect", "deactivate", "activate"] and .priority == 4'
    good_area "$D/swap" $((8 * MiB))
    no_loops "$D/swap"
    unguarded "$D/swap"
}

@test "label, priority, mode and size of an active area change" {
    on_overlay
    changes ensure "$M/swap" --size 8M --label one
    changes ensure "$M/swap" --size 8M --label two --priority 9
    [ "$(tag LABEL "$M/swap")" = two ]
    good_loop "$M/swap" $((8 * MiB))
    has_priority "$DEV" 9
    changes resize "$M/swap" --size 12M
    good_loop "$M/swap" $((12 * MiB))
    has_priority "$DEV" 9
    changes resize "$M/swap" --size 8M
    good_loop "$M/swap" $((8 * MiB))
    chattr -i "$M/swap"
    chmod 0644 "$M/swap"
    chattr +i "$M/swap"
    ctl 0 ensure "$M/swap" --size 8M --json
    holds '.actions == ["unprotect", "chmod", "protect"]'
    good_loop "$M/swap" $((8 * MiB))
}

@test "what lies in RAM below an overlay is refused, and nothing is left" {
    need_kernel_fs overlay
    on_plain ext4
    local m=$HR_DIR/mnt/ram o=$HR_DIR/mnt/overlay
    mkdir "$m" "$o"
    mount -t tmpfs none "$m"
    mkdir "$m/upper" "$m/work"
    mount -t overlay -o "lowerdir=$D,upperdir=$m/upper,workdir=$m/work" none "$o"
    ctl 5 ensure "$o/swap" --size 8M
    says "$o/swap: the file system below *tmpfs*;*"
    [ -z "$(ls -A "$o")" ] || fail "$(ls -A "$o")"
    refused 5 "$m/swap: lies on tmpfs*" ensure "$m/swap" --size 8M --backing loop
}

@test "--discard is refused, because it would make holes" {
    on_overlay
    refused 6 "$M/swap: *holes*" ensure "$M/swap" --size 8M --discard both
}

@test "a file with holes is refused, and made anew by --force" {
    on_overlay
    truncate -s 8M "$M/swap"
    chmod 0600 "$M/swap"
    mkswap -q "$M/swap" >/dev/null
    untouched '%T@ %C@' ctl 6 ensure "$M/swap" --size 8M
    says "$M/swap: has holes*"
    untouched '%T@ %C@' ctl 6 on "$M/swap"
    says "$M/swap: has holes*"
    untouched '%T@ %C@' ctl 6 loop attach "$M/swap"
    no_loops "$M/swap"
    changes ensure "$M/swap" --size 8M --force
    good_loop "$M/swap" $((8 * MiB))
}

@test "a file of the lower layer is copied up and used" {
    on_fs ext4
    make_swap "$D/image" 8M -L lower
    local image=$D/image
    on_overlay_over "$image"
    changes ensure "$M/swap" --size 8M
    good_loop "$M/swap" $((8 * MiB))
    [ "$(tag LABEL "$M/swap")" = lower ]
    unguarded "$D/lower/swap"
    changes remove "$M/swap"
}

on_overlay_over() { # FILE, as lower/swap
    need_kernel_fs overlay
    LOOPED=1
    M=$HR_DIR/mnt/overlay
    mkdir "$M" "$D/lower" "$D/upper" "$D/work"
    mv "$1" "$D/lower/swap"
    mount -t overlay -o "lowerdir=$D/lower,upperdir=$D/upper,workdir=$D/work" none "$M"
}

@test "--dry-run says the steps and does nothing" {
    on_overlay
    untouched '%T@ %C@' ctl 0 ensure "$M/swap" --size 8M --dry-run
    [ "$output" = "create $M/swap, 8M
attach $M/swap to a loop device
let nobody write to $M/swap but its loop device
activate $M/swap
changed" ] || fail "$output"
    [ ! -e "$M/swap" ]
}

# ---- protection ----

protects() { # FILE
    local sum
    sum=$(tail -c +$((PAGE + 1)) "$1" | sha256sum)
    ! truncate -s 0 "$1" 2>/dev/null || fail "it can be cut"
    ! dd if=/dev/zero of="$1" bs=4096 seek=1 count=1 conv=notrunc 2>/dev/null || fail "it can be written"
    ! rm -f "$1" 2>/dev/null || fail "it can be deleted"
    ! mv "$1" "$1.new" 2>/dev/null || fail "it can be renamed"
    ! fallocate --punch-hole -o 4096 -l 4096 "$1" 2>/dev/null || fail "it can get holes"
    [ "$sum" = "$(tail -c +$((PAGE + 1)) "$1" | sha256sum)" ]
}

# The device itself goes on being written to.
writes_through() {
    local size=$((64 * 4096))
    head -c "$size" /dev/urandom >"$HR_DIR/tmp/data"
    dd if="$HR_DIR/tmp/data" of="$1" bs=4096 seek=16 oflag=direct conv=notrunc status=none
    dd if="$1" bs=4096 skip=16 count=64 iflag=direct status=none | cmp - "$HR_DIR/tmp/data"
}

# bats test_tags=guest
@test "while it is active nobody can write to, cut, rename or delete the file: overlay" {
    on_overlay
    changes ensure "$M/swap" --size 8M
    good_loop "$M/swap" $((8 * MiB))
    protects "$M/swap"
    changes off "$M/swap"
    unguarded "$M/swap"
}

protected_on() { # KIND
    on_plain "$1"
    changes ensure "$D/swap" --size 8M --backing loop
    good_loop "$D/swap" $((8 * MiB))
    protects "$D/swap"
    # nobody may write to the device while it is swap
    exec {held}<"$DEV"
    swapoff "$DEV"
    guarded "$D/swap"
    writes_through "$DEV"
    exec {held}<&-
    eventually no_loops "$D/swap"
    changes remove "$D/swap"
}

# ext4 forbids writing to an immutable file through a loop device as well: there it is append-only.
# bats test_tags=guest
@test "the protection lets the device write: ext4" { protected_on ext4; }
# bats test_tags=guest
@test "the protection lets the device write: xfs" { protected_on xfs; }
# bats test_tags=guest
@test "the protection lets the device write: btrfs" { protected_on btrfs; }

@test "a file that stayed protected, as after a reboot, is no obstacle" {
    on_plain ext4
    changes ensure "$D/swap" --size 8M --backing loop
    local verb
    for verb in "ensure $D/swap --size 8M --backing loop" "ensure $D/swap --size 8M" "on $D/swap" \
        "resize $D/swap --size 12M" "ensure $D/swap --size 12M --label x" "remove $D/swap"; do
        swapoff_below "$D"
        eventually no_loops "$D/swap"
        chattr +i "$D/swap"
        # shellcheck disable=SC2086 # words
        changes $verb
    done
    gone "$D/swap"
}

# ---- on, off, list, remove by any name ----

@test "off takes the file, any name of it, the device and the UUID" {
    on_overlay
    local uuid name
    changes create "$M/swap" --size 8M
    uuid=$(tag UUID "$M/swap")
    mkdir "$HR_DIR/mnt/bind"
    mount --bind "$M" "$HR_DIR/mnt/bind"
    for name in file bind device uuid; do
        changes on "$M/swap"
        good_loop "$M/swap" $((8 * MiB))
        case $name in
        file) changes off "$M/swap" ;;
        bind) changes off "$HR_DIR/mnt/bind/swap" ;;
        device) changes off "$DEV" ;;
        uuid) changes off "UUID=$uuid" ;;
        esac
        no_loops "$M/swap"
        unguarded "$M/swap"
        keeps off "$M/swap"
    done
}

@test "remove takes the device and the UUID as well, and means the file" {
    on_overlay
    changes ensure "$M/swap" --size 8M
    good_loop "$M/swap" $((8 * MiB))
    changes remove "$DEV"
    gone "$M/swap"
    changes ensure "$M/swap" --size 8M
    changes remove "UUID=$(tag UUID "$M/swap")"
    gone "$M/swap"
}

@test "a file that is declared and active has its UUID once" {
    fake_etc ext4
    LOOPED=1
    changes ensure "$D/swap" --size 8M --backing loop --persist fstab
    changes off "UUID=$(tag UUID "$D/swap")"
    no_loops "$D/swap"
    changes on "UUID=$(tag UUID "$D/swap")"
    good_loop "$D/swap" $((8 * MiB))
    changes remove "UUID=$(tag UUID "$D/swap")"
    gone "$D/swap"
}

declared_as() { # HOW
    fake_etc ext4
    LOOPED=1
    ctl 0 ensure "$D/swap" --size 8M --backing loop --priority 3 --persist "$1" --json
    holds ".persisted == \"$1\""
    good_loop "$D/swap" $((8 * MiB))
    ctl 0 list "$D/swap" --json
    holds ".swaps[0].persisted == \"$1\""
    ctl 0 status --json
    holds '.areas[0].state == "ok"'
    idle ensure "$D/swap" --size 8M --persist auto
    inside swapoff "$DEV"
    eventually no_loops "$D/swap"
    chattr -i -a "$D/swap"
    rm "$D/swap"
    ctl 0 apply
    answers "$D/swap: changed"
    good_loop "$D/swap" $((8 * MiB))
    has_priority "$DEV" 3
    ctl 0 apply
    answers "$D/swap: unchanged"
    # what is declared counts when nobody says
    changes off "$D/swap"
    changes ensure "$D/swap" --size 8M --priority 3
    good_loop "$D/swap" $((8 * MiB))
    # and follows what was said
    changes ensure "$D/swap" --size 8M --backing file
    good_area "$D/swap" $((8 * MiB))
    ! grep -r -q -i 'backing.*loop' "$D/etc" || fail "$(grep -r -i 'backing.*loop' "$D/etc")"
    ctl 0 status --json
    holds ".areas | length == 1 and .[0].state == \"ok\" and .[0].declared == \"$1\""
    changes resize "$D/swap" --size 12M
    changes ensure "$D/swap" --size 12M --backing loop
    grep -r -q -i 'backing=loop' "$D/etc"
    changes remove "$D/swap"
    ctl 0 status
    answers ''
    gone "$D/swap"
}

@test "declared in fstab: apply makes it true, and the declaration follows" { declared_as fstab; }
@test "declared by a unit: apply makes it true, and the declaration follows" { declared_as unit; }

@test "list knows the file and its bind mount, and says what is behind the device" {
    on_overlay
    changes ensure "$M/swap" --size 8M
    good_loop "$M/swap" $((8 * MiB))
    mkdir "$HR_DIR/mnt/bind"
    mount --bind "$M" "$HR_DIR/mnt/bind"
    ctl 0 list "$HR_DIR/mnt/bind/swap" --json
    holds ".swaps[0] | .path == \"$DEV\" and .type == \"loop\" and .backing_file == \"$M/swap\" and .fstype == \"overlay\""
    changes on "$M/swap" --priority 3
    good_loop "$M/swap" $((8 * MiB))
    has_priority "$DEV" 3
    umount "$HR_DIR/mnt/bind"
    changes off "$M/swap"
    ctl 1 list "$M/swap"
}
