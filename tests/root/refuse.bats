#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What ensure refuses or cannot do: each with its exit status and message, and nothing changed on the disk.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

# With --force as well as without.
always_refused() { # STATUS GLOB FILE SIZE
    refused "$1" "$2" ensure "$3" --size "$4"
    refused "$1" "$2" ensure "$3" --size "$4" --force
    refused "$1" "$2" ensure "$3" --size "$4" --dry-run
    refused "$1" "$2" create "$3" --size "$4" --force
}

# Refused; with --force it is made anew and becomes active.
needs_force() { # GLOB FILE SIZE
    local inode
    refused 6 "$1" ensure "$2" --size "$3"
    [[ $stderr == *--force* ]] || fail "does not name --force: $stderr"
    inode=$(stat -c %i "$2")
    ctl 0 ensure "$2" --size "$3" --force --json
    holds '.changed and .actions == ["remake", "activate"]'
    good_area "$2" "$3"
    only "${2##*/}"
    idle ensure "$2" --size "$3" --force
}

# ---- what may be at PATH ----

@test "refuse: a symbolic link to a swap file" {
    on_fs ext4
    make_swap "$D/real" 1M
    ln -s real "$D/swap"
    always_refused 6 "$D/swap: *symbolic link*;*" "$D/swap" 1M
}

@test "refuse: a symbolic link to an active swap file" {
    on_fs ext4
    make_active "$D/real" 1M
    ln -s real "$D/swap"
    refused 6 'symbolic link' ensure "$D/swap" --size 1M
}

@test "refuse: a symbolic link that leads nowhere" {
    on_fs ext4
    ln -s nowhere "$D/swap"
    always_refused 6 "$D/swap: *symbolic link*;*" "$D/swap" 1M
    [ ! -e "$D/nowhere" ]
}

@test "refuse: a symbolic link to a text file" {
    on_fs ext4
    echo precious >"$D/text"
    ln -s "$D/text" "$D/swap"
    always_refused 6 'symbolic link' "$D/swap" 1M
}

@test "refuse: a directory" {
    on_fs ext4
    mkdir "$D/swap"
    always_refused 6 "$D/swap: *directory*;*" "$D/swap" 1M
}

@test "refuse: a fifo, without waiting for a writer" {
    on_fs ext4
    mkfifo "$D/swap"
    CTL=(timeout 20 "$SWAPCTL")
    always_refused 6 "$D/swap: *not a regular file*" "$D/swap" 1M
}

@test "refuse: a character device" {
    on_fs ext4
    mknod "$D/null" c 1 3
    always_refused 6 "$D/null: *not a regular file*" "$D/null" 1M
}

@test "refuse: a block device, which is for on" {
    on_fs ext4
    truncate -s 1M "$HR_DIR/tmp/disk"
    local dev
    dev=$(losetup -f --show "$HR_DIR/tmp/disk")
    always_refused 6 "$dev: *device*" "$dev" 1M
    [ "$(head -c 4096 "$HR_DIR/tmp/disk" | tr -d '\0' | wc -c)" -eq 0 ]
}

# ---- somebody's data ----

@test "refuse: a text file" {
    on_fs ext4
    echo 'my only copy' >"$D/swap"
    always_refused 6 "$D/swap: *not a swap file*" "$D/swap" 1M
}

@test "refuse: a text file of exactly the wanted size" {
    on_fs ext4
    yes 'my only copy' | head -c 1M >"$D/swap"
    always_refused 6 "$D/swap: *not a swap file*" "$D/swap" 1M
}

@test "refuse: one byte of data at the end of zeros" {
    on_fs ext4
    truncate -s $((MiB - 1)) "$D/swap"
    printf 'x' >>"$D/swap"
    always_refused 6 "$D/swap: *" "$D/swap" 1M
}

@test "refuse: an image of a file system, by name" {
    on_fs ext4
    truncate -s 4M "$D/swap"
    mkfs.ext4 -q -F "$D/swap"
    always_refused 6 "$D/swap: *ext4*" "$D/swap" 4M
}

@test "refuse: a partition table, by name" {
    on_fs ext4
    need sfdisk
    truncate -s 4M "$D/swap"
    echo 'label: gpt' | sfdisk -q "$D/swap"
    always_refused 6 "$D/swap: *gpt*" "$D/swap" 4M
}

@test "refuse: a hibernation image" {
    on_fs ext4
    make_swap "$D/swap" 1M
    printf 'S1SUSPEND\0' | dd of="$D/swap" bs=1 seek=$((PAGE - 10)) conv=notrunc status=none
    always_refused 6 "$D/swap: *hibernation*;*" "$D/swap" 1M
}

@test "refuse: swap of the first version" {
    on_fs ext4
    allocate "$D/swap" 1M
    printf 'SWAP-SPACE' | dd of="$D/swap" bs=1 seek=$((PAGE - 10)) conv=notrunc status=none
    needs_force "$D/swap: *no kernel*" "$D/swap" "$MiB"
}

# ---- swap, but not usable ----

@test "refuse: only zeros; --force makes it anew" {
    on_fs ext4
    head -c 1M /dev/zero >"$D/swap"
    needs_force "$D/swap: *zero*" "$D/swap" "$MiB"
}

@test "refuse: one single hole; --force makes it anew" {
    on_fs xfs
    truncate -s 1M "$D/swap"
    needs_force "$D/swap: *zero*" "$D/swap" "$MiB"
}

@test "refuse: zeros of another size; --force makes it anew in the wanted size" {
    on_fs ext4
    head -c 768K /dev/zero >"$D/swap"
    needs_force "$D/swap: *zero*" "$D/swap" "$MiB"
}

has_holes() { # KIND
    on_fs "$1"
    : >"$D/swap"
    chmod 0600 "$D/swap"
    no_cow "$D/swap"
    truncate -s 1M "$D/swap"
    mkswap -q "$D/swap" 2>/dev/null
    needs_force "$D/swap: *holes*" "$D/swap" "$MiB"
}

@test "refuse: a header and holes, ext4; --force makes it anew" { has_holes ext4; }
@test "refuse: a header and holes, ext2; --force makes it anew" { has_holes ext2; }
@test "refuse: a header and holes, xfs; --force makes it anew" { has_holes xfs; }
@test "refuse: a header and holes, btrfs; --force makes it anew" { has_holes btrfs; }

is_shared() { # KIND
    on_fs "$1"
    # written, because xfs leaves a hole in the copy where blocks were only allocated
    : >"$D/other"
    no_cow "$D/other"
    head -c 1M /dev/zero >>"$D/other"
    mkswap -q "$D/other" >/dev/null 2>&1
    : >"$D/swap"
    chmod 0600 "$D/swap"
    no_cow "$D/swap"
    cp --reflink=always "$D/other" "$D/swap"
    local before
    before=$(sha256sum <"$D/other")
    refused 6 "$D/swap: *share*" ensure "$D/swap" --size 1M
    changes ensure "$D/swap" --size 1M --force
    good_area "$D/swap" "$MiB"
    [ "$(sha256sum <"$D/other")" = "$before" ]
    only other swap
}

@test "refuse: blocks shared with a copy, xfs; --force makes it anew" { is_shared xfs; }
@test "refuse: blocks shared with a copy, btrfs; --force makes it anew" { is_shared btrfs; }

@test "refuse: a header for pages of another size; --force makes it anew" {
    on_fs ext4
    make_swap "$D/swap" 1M -p 65536
    needs_force "$D/swap: *page size*" "$D/swap" "$MiB"
}

@test "refuse: a header that promises more than the file holds; --force makes it anew" {
    on_fs ext4
    make_swap "$D/swap" 2M
    truncate -s 1M "$D/swap"
    needs_force "$D/swap: *header*" "$D/swap" "$MiB"
}

@test "refuse: another size, inactive" {
    on_fs ext4
    make_swap "$D/swap" 2M
    always_refused 6 "$D/swap: *2M*;*--resize*" "$D/swap" 1M
    always_refused 6 "$D/swap: *2M*;*--resize*" "$D/swap" 4M
}

@test "refuse: another size, active" {
    on_fs ext4
    make_active "$D/swap" 2M
    refused 6 "$D/swap: *2M*;*--resize*" ensure "$D/swap" --size 1M
    refused 6 "$D/swap: *2M*;*--resize*" ensure "$D/swap" --size 1M --force
    is_active "$D/swap"
}

# Another process has the file open; BG is its number.
hold_open() { # FILE
    # shellcheck disable=SC2016 # for the inner shell
    spawn bash -c 'exec 9<"$0" && exec sleep 600' "$1"
    eventually test -e "/proc/$BG/fd/9"
}

@test "refuse: mode is wrong and another process has the file open" {
    on_fs ext4
    make_swap "$D/swap" 1M
    chmod 0644 "$D/swap"
    hold_open "$D/swap"
    refused 6 "$D/swap: *open*" ensure "$D/swap" --size 1M
    kill "$BG"
    wait "$BG" 2>/dev/null || :
    changes ensure "$D/swap" --size 1M
    good_area "$D/swap" "$MiB"
}

@test "an open file is no obstacle while its mode is right" {
    on_fs ext4
    make_swap "$D/swap" 1M
    hold_open "$D/swap"
    changes ensure "$D/swap" --size 1M
}

# ---- size ----

@test "size: below 10 pages" {
    on_fs ext4
    refused 2 '*' ensure "$D/swap" --size $((10 * PAGE - 1))
    refused 2 '*' ensure "$D/swap" --size 0
}

@test "size: more than the format holds" {
    on_fs xfs
    refused 2 '*' ensure "$D/swap" --size $((PAGE * 4294967296))
    refused 2 '*' ensure "$D/swap" --size 1E
}

@test "size: not enough space, ext4: all of it is free again" { no_space ext4 4G; }
@test "size: not enough space, ext2: all of it is free again" {
    fresh_fs ext2 32M
    on_folder "$M" fills_up 64M
}
@test "size: not enough space, xfs: all of it is free again" { no_space xfs 4G; }
@test "size: not enough space, btrfs: all of it is free again" { no_space btrfs 4G; }

no_space() { # KIND SIZE
    on_fs "$1"
    fills_up "$2"
}

# In $D.
fills_up() { # SIZE
    refused 3 "$D/swap: *no space*;*" ensure "$D/swap" --size "$1"
    : >"$D/empty"
    refused 3 "$D/empty: *no space*;*" ensure "$D/empty" --size "$1"
    head -c 1M /dev/zero >"$D/zeros"
    sync -f "$D"
    refused 3 "$D/zeros: *no space*;*" ensure "$D/zeros" --size "$1" --force
}

@test "size: a little more than is free" {
    on_fs ext4
    local free
    free_bytes "$D"
    free=$SPACE
    refused 3 'no space' ensure "$D/swap" --size $((free + MiB))
}

@test "size: larger than the limit of the process" {
    on_fs ext4
    ulimit -f 512
    refused 3 "$D/swap: *limit*" ensure "$D/swap" --size 1M
}

# ---- folder ----

@test "folder: missing" {
    on_fs ext4
    refused 3 "$D/no*" ensure "$D/no/swap" --size 1M
}

@test "folder: is a file" {
    on_fs ext4
    : >"$D/file"
    refused 3 "$D/file*" ensure "$D/file/swap" --size 1M
}

@test "folder: writable by others" {
    on_fs ext4
    chmod 0777 "$D"
    refused 6 "$D/swap: *folder*;*" ensure "$D/swap" --size 1M
    refused 6 "$D/swap: *folder*;*" ensure "$D/swap" --size 1M --force
    make_swap "$D/swap" 1M
    refused 6 "$D/swap: *folder*;*" ensure "$D/swap" --size 1M
}

@test "folder: writable by others, with the sticky bit" {
    on_fs ext4
    chmod 1777 "$D"
    changes ensure "$D/swap" --size 1M
    good_area "$D/swap" "$MiB"
}

# ---- file system ----

@test "read-only mount" {
    on_fs ext4
    make_swap "$D/old" 1M
    mkdir "$HR_DIR/mnt/ro"
    mount --bind "$D" "$HR_DIR/mnt/ro"
    mount -o remount,ro,bind "$HR_DIR/mnt/ro"
    refused 3 "$HR_DIR/mnt/ro/swap: *read-only*;*" ensure "$HR_DIR/mnt/ro/swap" --size 1M
    refused 3 "$HR_DIR/mnt/ro/old: *read-only*;*" ensure "$HR_DIR/mnt/ro/old" --size 1M
    refused 3 "$HR_DIR/mnt/ro/old: *read-only*;*" on "$HR_DIR/mnt/ro/old"
}

@test "read-only file system" {
    fresh_fs ext2 8M
    make_swap "$M/old" 1M
    mount -o remount,ro "$M"
    on_folder "$M" refused 3 "$M/swap: *read-only*;*" ensure "$M/swap" --size 1M
    on_folder "$M" refused 3 "$M/old: *read-only*;*" ensure "$M/old" --size 1M
}

@test "tmpfs" {
    need_kernel_fs tmpfs
    local m=$HR_DIR/mnt/tmpfs
    mkdir "$m"
    mount -t tmpfs -o size=4M,mode=0755 none "$m"
    unsupported "$m" tmpfs
}

@test "ramfs" {
    need_kernel_fs ramfs
    local m=$HR_DIR/mnt/ramfs
    mkdir "$m"
    mount -t ramfs -o mode=0755 none "$m"
    unsupported "$m" ramfs
}

@test "overlay, without a loop device" {
    need_kernel_fs overlay
    on_fs ext4
    local m=$HR_DIR/mnt/overlay
    mkdir "$m" "$D/lower" "$D/upper" "$D/work"
    make_swap "$D/lower/old" 1M
    mount -t overlay -o "lowerdir=$D/lower,upperdir=$D/upper,workdir=$D/work" none "$m"
    refused 5 "$m/old: *overlay*--backing loop*;*" ensure "$m/old" --size 1M --backing file
    [ -z "$(ls -A "$D/upper")" ] || fail "copied up: $(ls -A "$D/upper")"
    refused 5 "$m/swap: *overlay*;*" ensure "$m/swap" --size 1M --backing file
    [ -z "$(ls -A "$D/upper")" ]
}

@test "squashfs" {
    need_kernel_fs squashfs
    need mksquashfs
    on_fs ext4
    local m=$HR_DIR/mnt/squash
    mkdir "$m" "$D/tree"
    make_swap "$D/tree/old" 1M
    mksquashfs "$D/tree" "$HR_DIR/tmp/squash" -quiet -no-progress >/dev/null
    mount -o loop,ro -t squashfs "$HR_DIR/tmp/squash" "$m"
    unsupported "$m" squashfs
    on_folder "$m" refused 5 "$m/old: *squashfs*" ensure "$m/old" --size 1M
}

# Neither makes anything below this mount point, nor touches it.
unsupported() { # FOLDER KIND
    on_folder "$1" refused 5 "$1/swap: *$2*;*" ensure "$1/swap" --size 1M
    on_folder "$1" refused 5 "$1/swap: *$2*;*" create "$1/swap" --size 1M --force
}

@test "btrfs: a compressed file" {
    on_fs btrfs
    : >"$D/swap"
    chmod 0600 "$D/swap"
    chattr +c "$D/swap"
    yes swap | head -c 1M >"$D/swap"
    mkswap -q "$D/swap" >/dev/null 2>&1
    needs_force "$D/swap: *compress*" "$D/swap" "$MiB"
}

@test "btrfs: a copy-on-write file" {
    on_fs btrfs
    : >"$D/swap"
    chmod 0600 "$D/swap"
    fallocate -l 1M "$D/swap"
    mkswap -q "$D/swap" >/dev/null
    needs_force "$D/swap: *copy-on-write*" "$D/swap" "$MiB"
}

@test "btrfs: a file held by a snapshot" {
    on_fs btrfs
    need btrfs
    btrfs -q subvolume create "$D/sub"
    make_swap "$D/sub/swap" 1M
    btrfs -q subvolume snapshot -r "$D/sub" "$D/snap"
    on_folder "$D/sub" refused 6 "$D/sub/swap: *snapshot*" ensure "$D/sub/swap" --size 1M
    btrfs -q subvolume delete "$D/snap" "$D/sub"
}

# ---- privilege ----

@test "without CAP_SYS_ADMIN" {
    on_fs ext4
    CTL=(setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$SWAPCTL")
    refused 3 'CAP_SYS_ADMIN' ensure "$D/swap" --size 1M
    make_swap "$D/old" 1M
    refused 3 'CAP_SYS_ADMIN' ensure "$D/old" --size 1M
    refused 3 'CAP_SYS_ADMIN' on "$D/old"
    swapon "$D/old"
    refused 3 'CAP_SYS_ADMIN' off "$D/old"
    refused 3 'CAP_SYS_ADMIN' remove "$D/old"
    is_active "$D/old"
}

@test "create needs no CAP_SYS_ADMIN" {
    on_fs ext4
    CTL=(setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$SWAPCTL")
    changes create "$D/swap" --size 1M
    good_file "$D/swap" "$MiB"
}

@test "as a user who is not root" {
    on_fs ext4
    CTL=(setpriv --reuid=65534 --regid=65534 --clear-groups "$SWAPCTL")
    refused 3 '*' ensure "$D/swap" --size 1M
}
