#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What ensure finds at PATH and does, on each file system.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

# ---- absent: made, once ----

makes_area() { # KIND
    on_fs "$1"
    changes ensure "$D/swap" --size 16M --label hr-made --priority 7
    good_area "$D/swap" $((16 * MiB))
    [ "$(tag LABEL "$D/swap")" = hr-made ]
    has_priority "$D/swap" 7
    only swap
    idle ensure "$D/swap" --size 16M --label hr-made --priority 7
    idle ensure "$D/swap" --size 16M
}

# bats test_tags=guest
@test "ensure: absent, ext4: made and activated, then left alone" { makes_area ext4; }
@test "ensure: absent, ext2 (zeros are written): made and activated, then left alone" { makes_area ext2; }
# bats test_tags=guest
@test "ensure: absent, xfs: made and activated, then left alone" { makes_area xfs; }
# bats test_tags=guest
@test "ensure: absent, btrfs: made and activated, then left alone" { makes_area btrfs; }

@test "ensure: a file on btrfs is made without copy-on-write" {
    on_fs btrfs
    changes ensure "$D/swap" --size 4M
    [[ $(lsattr "$D/swap") == *C*" $D/swap" ]]
}

@test "ensure: btrfs, folder with compression: the file is made without it" {
    on_fs btrfs
    chattr +c "$D"
    changes ensure "$D/swap" --size 4M
    good_area "$D/swap" $((4 * MiB))
    [[ $(lsattr "$D/swap") != *c*" $D/swap" ]]
}

@test "ensure: the size is rounded down to pages" {
    on_fs ext4
    changes ensure "$D/swap" --size $((MiB + PAGE - 1))
    good_area "$D/swap" "$MiB"
    idle ensure "$D/swap" --size $((MiB + 1))
}

@test "ensure: the smallest area has 10 pages" {
    on_fs ext4
    changes ensure "$D/swap" --size $((10 * PAGE))
    good_area "$D/swap" $((10 * PAGE))
}

@test "ensure: two files have different UUIDs" {
    on_fs ext4
    changes ensure "$D/a" --size 1M
    changes ensure "$D/b" --size 1M
    [ "$(tag UUID "$D/a")" != "$(tag UUID "$D/b")" ]
}

@test "ensure: umask does not matter" {
    on_fs ext4
    umask 0
    changes ensure "$D/swap" --size 1M
    good_area "$D/swap" "$MiB"
    umask 0777
    changes ensure "$D/other" --size 1M
    umask 0022
    good_area "$D/other" "$MiB"
}

# ---- there, but not active ----

activates() { # KIND
    on_fs "$1"
    make_swap "$D/swap" 16M -L hr-old
    local uuid inode
    uuid=$(tag UUID "$D/swap") inode=$(stat -c %i "$D/swap")
    changes ensure "$D/swap" --size 16M
    good_area "$D/swap" $((16 * MiB))
    [ "$(tag UUID "$D/swap") $(tag LABEL "$D/swap")" = "$uuid hr-old" ]
    [ "$(stat -c %i "$D/swap")" = "$inode" ]
    only swap
}

@test "ensure: inactive, ext4: activated as it is" { activates ext4; }
@test "ensure: inactive, ext2: activated as it is" { activates ext2; }
@test "ensure: inactive, xfs: activated as it is" { activates xfs; }
@test "ensure: inactive, btrfs: activated as it is" { activates btrfs; }

@test "ensure: its own file after a reboot is activated as it is" {
    on_fs ext4
    changes ensure "$D/swap" --size 16M
    local uuid
    uuid=$(tag UUID "$D/swap")
    swapoff "$D/swap"
    ctl 0 ensure "$D/swap" --size 16M --json
    holds '.changed == true and .actions == ["activate"]'
    [ "$(tag UUID "$D/swap")" = "$uuid" ]
}

@test "ensure: inactive, with mode, owner and label wrong: corrected, nothing else" {
    on_fs ext4
    make_swap "$D/swap" 16M -L hr-old
    chown 1:1 "$D/swap"
    chmod 0644 "$D/swap"
    local uuid
    uuid=$(tag UUID "$D/swap")
    ctl 0 ensure "$D/swap" --size 16M --label hr-new --json
    holds '.changed and (.actions | sort) == ["activate", "chmod", "chown", "label"]'
    good_area "$D/swap" $((16 * MiB))
    [ "$(tag UUID "$D/swap") $(tag LABEL "$D/swap")" = "$uuid hr-new" ]
}

remakes_empty() { # KIND
    on_fs "$1"
    : >"$D/swap"
    chmod 0644 "$D/swap"
    changes ensure "$D/swap" --size 16M
    good_area "$D/swap" $((16 * MiB))
    only swap
}

@test "ensure: an empty file, ext4: made anew" { remakes_empty ext4; }
@test "ensure: an empty file, ext2: made anew" { remakes_empty ext2; }
@test "ensure: an empty file, xfs: made anew" { remakes_empty xfs; }
@test "ensure: an empty file, btrfs: made anew" { remakes_empty btrfs; }

# ---- active ----

@test "ensure: active, with mode and owner wrong: corrected while it stays active" {
    on_fs ext4
    make_active "$D/swap" 16M
    chmod 0640 "$D/swap"
    chown 1:0 "$D/swap"
    ctl 0 ensure "$D/swap" --size 16M --json
    holds '.changed and (.actions | sort) == ["chmod", "chown"]'
    good_area "$D/swap" $((16 * MiB))
}

@test "ensure: active, another priority: deactivated and activated with it" {
    on_fs ext4
    make_active "$D/swap" 16M
    ctl 0 ensure "$D/swap" --size 16M --priority 11 --json
    holds '.changed and .priority == 11 and .actions == ["deactivate", "activate"]'
    has_priority "$D/swap" 11
    idle ensure "$D/swap" --size 16M --priority 11
    changes ensure "$D/swap" --size 16M --priority 12
    has_priority "$D/swap" 12
}

relabels() { # KIND
    on_fs "$1"
    make_active "$D/swap" 16M -L hr-old
    local uuid
    uuid=$(tag UUID "$D/swap")
    changes ensure "$D/swap" --size 16M --label hr-new
    good_area "$D/swap" $((16 * MiB))
    [ "$(tag UUID "$D/swap") $(tag LABEL "$D/swap")" = "$uuid hr-new" ]
    idle ensure "$D/swap" --size 16M --label hr-new
}

# bats test_tags=guest
@test "ensure: active, another label, ext4: relabelled, UUID kept" { relabels ext4; }
@test "ensure: active, another label, xfs: relabelled, UUID kept" { relabels xfs; }
@test "ensure: active, another label, btrfs: relabelled, UUID kept" { relabels btrfs; }

@test "ensure: a label change keeps the priority" {
    on_fs ext4
    changes ensure "$D/swap" --size 4M --priority 9
    changes ensure "$D/swap" --size 4M --label hr-late
    has_priority "$D/swap" 9
}

@test "ensure: active through a hard link: unchanged" {
    on_fs ext4
    make_swap "$D/swap" 4M
    ln "$D/swap" "$D/link"
    swapon "$D/swap"
    idle ensure "$D/link" --size 4M
    idle ensure "$D/swap" --size 4M
}

# bats test_tags=guest
@test "ensure: active under the path of a bind mount: unchanged" {
    on_fs ext4
    make_active "$D/swap" 4M
    mkdir "$HR_DIR/mnt/bind"
    mount --bind "$D" "$HR_DIR/mnt/bind"
    idle ensure "$HR_DIR/mnt/bind/swap" --size 4M
    is_active "$D/swap"
}

@test "ensure: made through a bind mount, asked for by the other path: unchanged" {
    on_fs xfs
    mkdir "$HR_DIR/mnt/bind"
    mount --bind "$D" "$HR_DIR/mnt/bind"
    changes ensure "$HR_DIR/mnt/bind/swap" --size 4M
    idle ensure "$D/swap" --size 4M
}

@test "ensure: a symbolic link among the parents is followed" {
    on_fs ext4
    ln -s "$D" "$D.link"
    changes ensure "$D.link/swap" --size 4M
    good_area "$D/swap" $((4 * MiB))
    idle ensure "$D/swap" --size 4M
    idle ensure "$D.link/swap" --size 4M
}

# bats test_tags=guest
@test "ensure: discard policies are taken" {
    on_fs ext4
    local policy
    for policy in once pages both; do
        changes ensure "$D/$policy" --size 1M --discard "$policy"
        good_area "$D/$policy" "$MiB"
        idle ensure "$D/$policy" --size 1M --discard "$policy"
    done
}

@test "ensure: --swappiness sets it along, once" {
    on_fs ext4
    save_swappiness
    ctl 0 ensure "$D/swap" --size 1M --swappiness 37 --json
    holds '.actions | sort == ["activate", "create", "swappiness"]'
    [ "$(cat /proc/sys/vm/swappiness)" -eq 37 ]
    keeps ensure "$D/swap" --size 1M --swappiness 37
}

# ---- answers ----

@test "ensure --json: an area that is made" {
    on_fs ext4
    ctl 0 ensure "$D/swap" --size 16M --priority 5 --json
    holds 'keys == ["actions", "changed", "device", "path", "persisted", "priority", "size_bytes"]'
    holds ".path == \"$D/swap\" and .device == \"$D/swap\" and .size_bytes == 16777216 and .priority == 5"
    holds '.changed == true and .actions == ["create", "activate"] and .persisted == null'
}

@test "ensure --json: nothing to do" {
    on_fs ext4
    make_active "$D/swap" 16M -L hr-json
    ctl 0 ensure "$D/swap" --size 16M --json
    holds '.changed == false and .actions == [] and .size_bytes == 16777216 and .persisted == null'
    is_active "$D/swap"
    holds ".priority == $AREA_PRIORITY"
}

@test "ensure --dry-run: tells the steps, does nothing" {
    on_fs ext4
    untouched '%T@ %C@' ctl 0 ensure "$D/swap" --size 16M --dry-run
    [ "${#lines[@]}" -eq 3 ]
    [[ ${lines[0]} == *"$D/swap"*16M* ]]
    [[ ${lines[1]} == *"$D/swap"* ]]
    [ "${lines[2]}" = changed ]
}

@test "ensure --dry-run --json: the same object as the real run" {
    on_fs ext4
    local dry
    ctl 0 ensure "$D/swap" --size 16M --priority 4 --dry-run --json
    dry=$output
    [ ! -e "$D/swap" ]
    ctl 0 ensure "$D/swap" --size 16M --priority 4 --json
    [ "$(jq -S . <<<"$dry")" = "$(jq -S . <<<"$output")" ] || fail "dry: $dry" "real: $output"
}

@test "ensure --dry-run on an active area: unchanged" {
    on_fs ext4
    make_active "$D/swap" 4M
    idle ensure "$D/swap" --size 4M --dry-run
}

@test "ensure --verbose: tells the steps on stderr" {
    on_fs ext4
    ctl 0 ensure "$D/swap" --size 4M --verbose
    answers changed
    [[ $stderr == *"$D/swap"* ]]
}

@test "ensure: says nothing on stderr when all is well" {
    on_fs ext4
    changes ensure "$D/swap" --size 4M
    [ -z "$stderr" ]
    keeps ensure "$D/swap" --size 4M
    [ -z "$stderr" ]
}

@test "ensure: an answer that cannot be written is a failure" {
    on_fs ext4
    run bash -c '"$1" ensure "$2" --size 1M >/dev/full' - "$SWAPCTL" "$D/swap"
    [ "$status" -eq 3 ]
}

# As a container does, or a unit with ReadWritePaths= but without CAP_SYS_PTRACE: the kernel then shows a name that leads
# nowhere from here.
# bats test_tags=guest
@test "ensure: active, but activated in another mount namespace: known all the same" {
    on_fs ext4
    # shellcheck disable=SC2016 # for the inner shell
    local elsewhere=(unshare --mount --propagation private setpriv --bounding-set=-sys_ptrace)
    "${elsewhere[@]}" "$SWAPCTL" ensure "$D/hidden" --size 1M --priority 8
    ! is_active "$D/hidden" || fail "the kernel shows the name"
    idle ensure "$D/hidden" --size 1M --priority 8
    ctl 0 ensure "$D/hidden" --size 1M --json
    holds '.changed == false and .priority == 8'
    ctl 0 list "$D/hidden" --raw --noheadings -o size,priority
    answers "$((MiB - PAGE)) 8"
    make_swap "$D/other" 1M
    changes ensure "$D/other" --size 1M
    keeps on "$D/hidden"
    changes ensure "$D/hidden" --size 1M --priority 9
    has_priority "$D/hidden" 9
    changes off "$D/hidden"
    "${elsewhere[@]}" "$SWAPCTL" on "$D/hidden"
    changes remove "$D/hidden"
    only other
}
