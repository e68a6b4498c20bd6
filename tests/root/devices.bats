#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Block devices as swap areas, and areas named by UUID= and LABEL=. The devices are loop devices over images of a test's own.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

# A loop device over a new image; sets DEV and IMAGE.
device() { # NAME SIZE [losetup options]
    IMAGE=$HR_DIR/tmp/$1.disk
    [ -e "$IMAGE" ] || truncate -s "$2" "$IMAGE"
    DEV=$(losetup -f --show "${@:3}" "$IMAGE")
}

# A label that nothing else has; the second word tells several apart.
unique_label() { # [WORD]
    echo "hr-${1-}$BASHPID-$RANDOM" | cut -c 1-15
}

content() { # DEVICE
    sha256sum <"$1"
}

# The device keeps its content while swapctl refuses.
refused_on() { # DEVICE STATUS GLOB ARG...
    local before
    before=$(content "$1")
    refused "${@:2}"
    [ "$(content "$1")" = "$before" ] || fail "$1 was written to"
}

# ---- create --device ----

# bats test_tags=guest
@test "create --device: a blank device, all of it, and the kernel takes it" {
    on_fs ext4
    device blank 8M
    ctl 0 create "$DEV" --device --label hr-device --json
    holds ".path == \"$DEV\" and .device == \"$DEV\" and .changed and .actions == [\"create\"]"
    holds '.size_bytes == 8388608 and .priority == null and .persisted == null'
    [ "$(tag TYPE "$DEV")" = swap ]
    [ "$(tag LABEL "$DEV")" = hr-device ]
    [[ $(tag UUID "$DEV") =~ ^[0-9a-f]{8}-[0-9a-f-]{27}$ ]]
    idle create "$DEV" --device
    idle create "$DEV" --device --label hr-device --size 8M
    changes on "$DEV"
    is_active "$DEV"
    [ "$AREA_SIZE" -eq $((8 * MiB - PAGE)) ]
    idle create "$DEV" --device
    swapoff "$DEV"
}

@test "create --device: the header is that of mkswap" {
    on_fs ext4
    device blank 8M
    changes create "$DEV" --device --label hr-x
    head -c "$PAGE" "$DEV" >"$D/ours"
    mkswap -q -f -L hr-x -U "$(tag UUID "$DEV")" "$DEV" >/dev/null
    head -c "$PAGE" "$DEV" | cmp - "$D/ours"
}

@test "create --device: a part of it, and not more than it has" {
    on_fs ext4
    device blank 8M
    refused_on "$DEV" 3 "$DEV: is 8M large*" create "$DEV" --device --size 9M
    refused_on "$DEV" 2 '*40 KiB*' create "$DEV" --device --size 36K
    changes create "$DEV" --device --size 4M
    idle create "$DEV" --device --size 4M
    refused_on "$DEV" 6 "$DEV: is a swap area of 4M, not of 8M*" create "$DEV" --device
    changes create "$DEV" --device --force
    swapon "$DEV"
    is_active "$DEV"
    [ "$AREA_SIZE" -eq $((8 * MiB - PAGE)) ]
    swapoff "$DEV"
}

@test "create --device: too small for an area" {
    on_fs ext4
    device blank 32K
    refused_on "$DEV" 3 "$DEV: is 32K large*" create "$DEV" --device
}

@test "create --device: another label is set in place" {
    on_fs ext4
    device blank 8M
    changes create "$DEV" --device --label one
    local uuid
    uuid=$(tag UUID "$DEV")
    ctl 0 create "$DEV" --device --label two --json
    holds '.actions == ["label"]'
    [ "$(tag LABEL "$DEV") $(tag UUID "$DEV")" = "two $uuid" ]
    swapon "$DEV"
    refused_on "$DEV" 6 "$DEV: is active*" create "$DEV" --device --label three
}

holds_data() { # KIND COMMAND...: makes it on $DEV
    on_fs ext4
    device data 16M
    "${@:2}" "$DEV" >/dev/null 2>&1
    refused_on "$DEV" 6 "$DEV: holds something (*$1*); --force *" create "$DEV" --device
    ctl 0 create "$DEV" --device --force --json
    holds '.actions == ["remake"]'
    [ "$(tag TYPE "$DEV")" = swap ]
    [ -z "$(wipefs -n "$DEV" | grep -v -e swap -e DEVICE)" ] || fail "$(wipefs -n "$DEV")"
}

@test "create --device: ext4 is refused, --force wipes it" { holds_data ext4 mkfs.ext4 -q; }
@test "create --device: vfat is refused, --force wipes it" { need mkfs.vfat; holds_data vfat mkfs.vfat; }
@test "create --device: btrfs is refused, --force wipes it" { need mkfs.btrfs; holds_data btrfs mkfs.btrfs -q -M -f; }

partitioned() { # LABEL
    need sfdisk
    on_fs ext4
    truncate -s 16M "$HR_DIR/tmp/disk.disk"
    printf 'label: %s\nstart=2048,size=8192\nstart=10240,size=8192\n' "$1" | sfdisk -q "$HR_DIR/tmp/disk.disk"
    device disk 16M -P
}

@test "create --device: a disk with a gpt is refused, --force wipes both copies of it" {
    partitioned gpt
    refused_on "$DEV" 6 "$DEV: holds something (gpt partition table)*" create "$DEV" --device
    changes create "$DEV" --device --force
    [ -z "$(wipefs -n "$DEV" | grep -v -e swap -e DEVICE)" ] || fail "$(wipefs -n "$DEV")"
    [ ! -e "/sys/class/block/${DEV##*/}/${DEV##*/}p1" ] || fail "the kernel still has its partitions"
}

@test "create --device: a disk whose table is gone, but not from the kernel, is refused" {
    partitioned dos
    [ -e "/sys/class/block/${DEV##*/}/${DEV##*/}p1" ] || skip "this kernel finds no partitions on loop devices"
    dd if=/dev/zero of="$DEV" bs=512 count=1 conv=notrunc status=none
    refused_on "$DEV" 6 "$DEV: has partitions*" create "$DEV" --device
}

# bats test_tags=guest
@test "create --device: a partition, and its disk is in use then" {
    partitioned dos
    [ -b "${DEV}p1" ] || skip "there are no device nodes for partitions here"
    changes create "${DEV}p1" --device
    changes on "${DEV}p1"
    is_active "${DEV}p1"
    [ "$AREA_SIZE" -eq $((4 * MiB - PAGE)) ]
    refused 6 "$DEV: *" create "$DEV" --device --force
    refused 6 "${DEV}p1: is active swap*" create "${DEV}p1" --device --force
    ctl 0 list "${DEV}p1" --json
    holds '.swaps[0].type == "loop" or .swaps[0].type == "partition"'
    changes off "${DEV}p1"
}

@test "create --device: a member of a RAID is refused" {
    on_fs ext4
    device raid 16M
    # the superblock of version 1.2, at 4 KiB: magic, major version, and where it lies
    printf '\xfc\x4e\x2b\xa9\x01' | dd of="$DEV" bs=1 seek=4096 conv=notrunc status=none
    printf '\x08' | dd of="$DEV" bs=1 seek=$((4096 + 144)) conv=notrunc status=none
    [ "$(tag TYPE "$DEV")" = linux_raid_member ] || skip "libblkid wants more of a RAID's superblock"
    refused_on "$DEV" 6 "$DEV: holds something (linux_raid_member)*" create "$DEV" --device
}

@test "create --device: a mounted device is refused, also by force, and it says where" {
    on_fs ext4
    fresh_fs ext2 8M
    local dev
    dev=$(findmnt -n -o SOURCE "$M")
    refused 6 "$dev: is mounted at $M; *" create "$dev" --device
    refused 6 "$dev: is mounted at $M; *" create "$dev" --device --force
    mountpoint -q "$M"
}

@test "create --device: active swap is refused by force" {
    on_fs ext4
    device blank 8M
    changes create "$DEV" --device
    swapon "$DEV"
    refused 6 "$DEV: is active swap*" create "$DEV" --device --force
    is_active "$DEV"
}

@test "create --device: a hibernation image is refused, also by force" {
    on_fs ext4
    device image 8M
    mkswap -q "$DEV" >/dev/null
    printf 'S1SUSPEND\0' | dd of="$DEV" bs=1 seek=$((PAGE - 10)) conv=notrunc status=none
    refused_on "$DEV" 6 "$DEV: holds a hibernation image*" create "$DEV" --device
    refused_on "$DEV" 6 "$DEV: holds a hibernation image*" create "$DEV" --device --force
    refused_on "$DEV" 6 "$DEV: holds a hibernation image*" on "$DEV"
    refused_on "$DEV" 6 "$DEV: holds a hibernation image*" remove "$DEV"
}

@test "create --device: an area for another page size needs force" {
    on_fs ext4
    device pages 8M
    mkswap -q -p 65536 "$DEV" >/dev/null 2>&1
    refused_on "$DEV" 6 "$DEV: has a swap header that this kernel does not take*" create "$DEV" --device
    changes create "$DEV" --device --force
    [ "$(tag TYPE "$DEV")" = swap ]
    head -c $((65536)) "$DEV" | tail -c 10 | grep -qv SWAPSPACE2
}

@test "create --device: a file, a folder, a character device, nothing" {
    on_fs ext4
    truncate -s 8M "$D/file"
    mknod "$D/null" c 1 3
    refused 6 "$D/file: is not a block device*" create "$D/file" --device
    refused 6 "$D: is not a block device*" create "$D" --device
    refused 6 "$D/null: is not a block device*" create "$D/null" --device
    refused 3 "$D/nothing: *" create "$D/nothing" --device
}

@test "create: a device needs --device" {
    on_fs ext4
    device blank 8M
    refused_on "$DEV" 6 "$DEV: is a block device; *create --device*" create "$DEV" --size 8M
    refused_on "$DEV" 6 "$DEV: is a block device; *create --device*" ensure "$DEV" --size 8M
}

@test "create --device: through a symbolic link" {
    on_fs ext4
    device blank 8M
    ln -s "$DEV" "$D/link"
    ctl 0 create "$D/link" --device --json
    holds ".path == \"$DEV\""
}

@test "create --device --dry-run: writes nothing" {
    on_fs ext4
    device blank 8M
    local before
    before=$(content "$DEV")
    ctl 0 create "$DEV" --device --dry-run
    answers "make a swap area on $DEV, 8M
changed"
    [ "$(content "$DEV")" = "$before" ]
}

@test "create --device, on: a read-only device" {
    on_fs ext4
    device ro 8M -r
    refused 3 "$DEV: is read-only*" create "$DEV" --device
    mkswap -q "$IMAGE" >/dev/null 2>&1
    refused 3 "$DEV: is read-only*" on "$DEV"
}

@test "create --device --root: is about the running system only" {
    on_fs ext4
    device blank 8M
    mkdir "$D/tree"
    refused_on "$DEV" 5 '*' create "$DEV" --device --root "$D/tree"
}

# ---- on ----

@test "on: a mounted device: where, and nothing is tried" {
    on_fs ext4
    fresh_fs ext2 8M
    local dev
    dev=$(findmnt -n -o SOURCE "$M")
    refused 3 "$dev: is mounted at $M; *" on "$dev"
    refused 3 "$dev: is mounted at $M; *" on "$dev" --dry-run
}

@test "on: a device without a swap header, or with one that promises more than it has" {
    on_fs ext4
    device blank 8M
    refused 3 "$DEV: has no swap header; make one with \"swapctl create --device\"" on "$DEV"
    refused 3 "$DEV: has no swap header*" on "$DEV" --dry-run
    device short 8M
    mkswap -q "$DEV" >/dev/null
    losetup -d "$DEV"
    truncate -s 4M "$IMAGE"
    device short 4M
    refused 3 "$DEV: its header promises more*" on "$DEV"
}

# ---- off, remove ----

@test "remove: a device: off, undeclared, the signature wiped" {
    on_fs ext4
    device blank 8M
    changes create "$DEV" --device
    swapon "$DEV"
    ctl 0 remove "$DEV" --json
    holds ".results == [{path: \"$DEV\", changed: true, actions: [\"deactivate\", \"wipe\"], error: null}]"
    ! is_active "$DEV" || fail "still active"
    [ -z "$(tag TYPE "$DEV")" ]
    refused_on "$DEV" 6 "$DEV: is not a swap area*" remove "$DEV"
    changes create "$DEV" --device
}

@test "remove: an inactive device by its label, others are left alone" {
    on_fs ext4
    local label other
    label=$(unique_label a) other=$(unique_label b)
    device other 8M
    changes create "$DEV" --device --label "$other"
    device mine 8M
    changes create "$DEV" --device --label "$label"
    ctl 0 remove "LABEL=$label" --json
    holds '.results[0].actions == ["wipe"]'
    [ -z "$(tag TYPE "$DEV")" ]
    refused 3 "LABEL=$label: *" remove "LABEL=$label"
}

@test "remove: a device with a file system is refused" {
    on_fs ext4
    device data 8M
    mkfs.ext4 -q "$DEV"
    refused_on "$DEV" 6 "$DEV: is not a swap area*" remove "$DEV"
    refused_on "$DEV" 6 "$DEV: is not a swap area*" remove "$DEV" --force
}

@test "remove: a mounted device is refused" {
    on_fs ext4
    fresh_fs ext2 8M
    local dev
    dev=$(findmnt -n -o SOURCE "$M")
    refused 6 "$dev: is mounted at $M; *" remove "$dev" --force
}

# ---- device mapper ----

# bats test_tags=guest
@test "create, on, list, remove: a device of the device mapper, and what lies below it is in use" {
    need dmsetup
    modprobe -q dm-mod 2>/dev/null || :
    dmsetup version >/dev/null 2>&1 || skip "this kernel has no device mapper"
    on_fs ext4
    device below 8M
    local name=headroom-$BASHPID failed=0
    # udev may not run here, so nobody is waited for, and the node is made by hand
    echo "0 16384 linear $DEV 0" | dmsetup --noudevsync create "$name"
    dmsetup mknodes "$name"
    mapper "$name" || failed=1
    eventually dmsetup --noudevsync remove "$name"
    dmsetup mknodes
    [ "$failed" -eq 0 ]
}
mapper() { # NAME
    [ -b "/dev/mapper/$1" ] || fail "no /dev/mapper/$1: $(ls -l /dev/mapper)" || return
    refused 6 "$DEV: is part of /dev/mapper/$1 *" create "$DEV" --device --force || return
    refused 3 "$DEV: is part of /dev/mapper/$1 *" on "$DEV" || return
    changes create "/dev/mapper/$1" --device --label hr-mapper || return
    changes on "/dev/mapper/$1" || return
    ctl 0 list "/dev/mapper/$1" --json || return
    holds '.swaps[0].type == "partition" and .swaps[0].label == "hr-mapper" and .swaps[0].backing_file == null' || return
    changes remove "/dev/mapper/$1"
}

# ---- UUID=, LABEL= ----

@test "tags: an active swap file by label and UUID" {
    on_fs ext4
    local label uuid
    label=$(unique_label)
    make_swap "$D/swap" 1M -L "$label"
    uuid=$(tag UUID "$D/swap")
    swapon "$D/swap"
    ctl 0 list "LABEL=$label" --raw --noheadings -o path
    answers "$D/swap"
    ctl 0 list "UUID=$uuid" --raw --noheadings -o path
    answers "$D/swap"
    ctl 0 list "UUID=${uuid^^}" --raw --noheadings -o path
    answers "$D/swap"
    keeps on "LABEL=$label"
    changes off "UUID=$uuid"
    ! is_active "$D/swap" || fail "still active"
    # inactive and not declared: nobody knows where it is
    ctl 1 list "LABEL=$label"
    refused 3 "LABEL=$label: *name it by its path" on "LABEL=$label"
}

@test "tags: a file is removed by its label" {
    on_fs ext4
    local label
    label=$(unique_label)
    make_active "$D/swap" 1M -L "$label"
    ctl 0 remove "LABEL=$label"
    answers changed
    only
}

@test "tags: two areas with one label are refused, both are named" {
    on_fs ext4
    local label
    label=$(unique_label)
    make_active "$D/swap" 1M -L "$label"
    device twin 8M
    mkswap -q -L "$label" "$DEV" >/dev/null
    local command
    for command in on off remove list; do
        refused 6 "LABEL=$label: both $D/swap and $DEV have it; *" "$command" "LABEL=$label"
    done
    refused_on "$DEV" 6 "LABEL=$label: both $D/swap and $DEV have it; *" create "LABEL=$label" --device
    is_active "$D/swap"
    swapoff "$D/swap"
    # now nothing leads to the file
    changes on "LABEL=$label"
    is_active "$DEV"
}

@test "tags: a declared file and the loop device over it are one area" {
    fake_etc ext4
    local label
    label=$(unique_label)
    ctl 0 ensure "$D/swap" --size 8M --backing loop --label "$label" --persist fstab
    ctl 0 list "LABEL=$label" --raw --noheadings -o type,backing-file
    answers "loop $D/swap"
    changes off "LABEL=$label"
    changes on "LABEL=$label"
    ctl 0 off --all
    answers changed
    changes remove "LABEL=$label"
    [ ! -e "$D/swap" ]
    ctl 1 list "LABEL=$label"
}

@test "tags: two devices that are copies of each other are refused" {
    on_fs ext4
    device one 8M
    mkswap -q "$DEV" >/dev/null
    cp "$IMAGE" "$HR_DIR/tmp/two.disk"
    device two 8M
    refused 6 "UUID=*: both *" on "UUID=$(tag UUID "$DEV")"
}

@test "tags: the label of a file system is no swap area" {
    on_fs ext4
    local label
    label=$(unique_label)
    device data 8M
    mkfs.ext4 -q -L "$label" "$DEV"
    refused_on "$DEV" 3 "LABEL=$label: $DEV has it, but is no swap area" on "LABEL=$label"
}

@test "tags: a partition by PARTUUID" {
    partitioned gpt
    [ -b "${DEV}p1" ] || skip "there are no device nodes for partitions here"
    local uuid
    uuid=$(blkid -p -s PART_ENTRY_UUID -o value "${DEV}p1")
    changes create "PARTUUID=$uuid" --device
    changes on "PARTUUID=${uuid^^}"
    is_active "${DEV}p1"
    changes remove "PARTUUID=$uuid"
    [ -z "$(tag TYPE "${DEV}p1")" ]
}

@test "tags: without privileges it says that not all can be seen" {
    on_fs ext4
    CTL=(setpriv --reuid=65534 --regid=65534 --clear-groups "$SWAPCTL")
    ctl 3 list LABEL=hr-nosuch
    says 'LABEL=hr-nosuch: nothing that could be looked at has it; run as root*'
}
