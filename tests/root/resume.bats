#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# resume-offset: the place of a swap file, as other programs tell it, and as the disk itself shows.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
bats_require_minimum_version 1.5.0
load helpers

# The device that the shared file system of this kind is on.
device() { # KIND
    findmnt -n -o SOURCE --mountpoint "$HR_DIR/fs/$1"
}

# The page there is the first one of the file, UUID of the area and all.
page_is_on() { # DEVICE PAGE FILE
    sync -f "$3"
    [ "$(dd if="$1" bs="$PAGE" skip="$2" count=1 iflag=direct status=none | sha256sum)" = \
        "$(head -c "$PAGE" "$3" | sha256sum)" ] || fail "page $2 of $1 is not the beginning of $3"
}

# resume-offset of FILE, in text and JSON; sets OFFSET.
tells() { # FILE UUID
    ctl 0 resume-offset "$1"
    [ "${#lines[@]}" -eq 2 ] || fail "$output"
    OFFSET=${lines[0]}
    [ "${lines[1]}" = "resume=UUID=$2 resume_offset=$OFFSET" ] || fail "$output" "wanted UUID $2"
    ctl 0 resume-offset "$1" --json
    holds ". == {path: \"$1\", resume_offset: $OFFSET, uuid: \"$2\",
        cmdline: \"resume=UUID=$2 resume_offset=$OFFSET\"}"
}

# The same by filefrag, in pages.
by_filefrag() { # FILE
    filefrag -v -b"$PAGE" "$1" | awk '$1 == "0:" { sub(/\.\.$/, "", $4); print $4 }'
}

as_filefrag() { # KIND
    need filefrag
    on_fs "$1"
    # not the first blocks of the disk
    "$SWAPCTL" create "$D/before" --size 3M >/dev/null
    changes create "$D/swap" --size 8M
    tells "$D/swap" "$(tag UUID "$(device "$1")")"
    [ "$OFFSET" = "$(by_filefrag "$D/swap")" ] || fail "$OFFSET, filefrag: $(by_filefrag "$D/swap")"
    page_is_on "$(device "$1")" "$OFFSET" "$D/swap"
    # active, by a link, and from another folder
    swapon "$D/swap"
    ln -s swap "$D/link"
    cd "$D"
    ctl 0 resume-offset link
    [ "${lines[0]}" = "$OFFSET" ]
}

# bats test_tags=guest
@test "resume-offset: ext4: as filefrag says, and the page is there" { as_filefrag ext4; }
# bats test_tags=guest
@test "resume-offset: xfs: as filefrag says, and the page is there" { as_filefrag xfs; }

# bats test_tags=guest
@test "resume-offset: btrfs: as btrfs says, and the page is there" {
    on_fs btrfs
    btrfs inspect-internal map-swapfile --help >/dev/null 2>&1 || skip "btrfs-progs older than 6.1"
    "$SWAPCTL" create "$D/before" --size 3M >/dev/null
    changes create "$D/swap" --size 8M
    tells "$D/swap" "$(tag UUID "$(device btrfs)")"
    local theirs
    theirs=$(btrfs inspect-internal map-swapfile -r "$D/swap")
    [ "$OFFSET" = "$theirs" ] || fail "$OFFSET, btrfs: $theirs"
    page_is_on "$(device btrfs)" "$OFFSET" "$D/swap"
}

@test "resume-offset: btrfs: data that lies twice, or on several devices, is exit 5" {
    need_kernel_fs btrfs
    need mkfs.btrfs
    local one=$HR_DIR/tmp/one two=$HR_DIR/tmp/two loop
    truncate -s 300M "$one" "$two"
    mkdir "$HR_DIR/mnt/dup" "$HR_DIR/mnt/pair"
    mkfs.btrfs -q -d dup "$one"
    mount -o loop "$one" "$HR_DIR/mnt/dup"
    make_swap "$HR_DIR/mnt/dup/swap" 8M
    ctl 5 resume-offset "$HR_DIR/mnt/dup/swap"
    says '*/dup/swap: lies more than once*profile "single"*'
    eventually umount "$HR_DIR/mnt/dup"
    loop=$(losetup -f --show "$two")
    : >"$one" && truncate -s 300M "$one"
    mkfs.btrfs -q -f -d single -m single "$one" "$loop"
    mount -o "loop,device=$loop" "$one" "$HR_DIR/mnt/pair"
    make_swap "$HR_DIR/mnt/pair/swap" 8M
    ctl 5 resume-offset "$HR_DIR/mnt/pair/swap"
    says '*/pair/swap: its file system has 2 devices*'
}

@test "resume-offset: where it cannot be told" {
    on_fs ext4
    echo data >"$D/data"
    ctl 3 resume-offset "$D/data"
    says '*/data: is not a swap file*'
    ctl 3 resume-offset "$D/nosuch"
    says '*/nosuch: cannot open*'
    ctl 3 resume-offset "$D"
    says 'is not a swap file'
    ctl 3 resume-offset "$(device ext4)"
    says 'is a device and needs no offset'
    mkdir "$HR_DIR/mnt/tmpfs"
    mount -t tmpfs -o size=16M headroom "$HR_DIR/mnt/tmpfs"
    make_swap "$HR_DIR/mnt/tmpfs/swap" 1M
    ctl 5 resume-offset "$HR_DIR/mnt/tmpfs/swap"
    says 'lies on tmpfs; its place on the disk can be told on ext4, xfs and btrfs'
}

@test "resume-offset: ext4 with blocks smaller than a page" {
    need filefrag
    need mkfs.ext4
    local M=$HR_DIR/mnt/small
    mkdir "$M"
    truncate -s 64M "$HR_DIR/tmp/small"
    mkfs.ext4 -q -F -b 1024 "$HR_DIR/tmp/small"
    mount -o loop "$HR_DIR/tmp/small" "$M"
    # one block off, so that not every file begins at a page
    head -c 1000 /dev/zero >"$M/odd"
    make_swap "$M/swap" 4M
    local first
    first=$(filefrag -v -b1024 "$M/swap" | awk '$1 == "0:" { sub(/\.\.$/, "", $4); print $4 }')
    if ((first * 1024 % PAGE == 0)); then
        ctl 0 resume-offset "$M/swap"
        [ "${lines[0]}" = $((first * 1024 / PAGE)) ]
    else
        ctl 5 resume-offset "$M/swap"
        says 'begins amid a page'
    fi
}
