#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The device below the file system fails, for real: a loop device over a sparse image on a full disk cannot write, one over an
# image that was cut off cannot read.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

# An ext4 that takes what is written, and cannot bring it to its disk; sets D to a folder in it. Without a journal, which
# would end the file system at the first failure.
full_disk() {
    local outer=$HR_DIR/mnt/0outer inner=$HR_DIR/mnt/inner
    need_kernel_fs ext4
    mkdir "$outer" "$inner"
    mount -t tmpfs -o size=8M none "$outer"
    truncate -s 64M "$outer/img"
    mkfs.ext4 -q -F -O ^has_journal -E nodiscard,lazy_itable_init=0 "$outer/img"
    mount -o loop "$outer/img" "$inner"
    D=$inner/d
    mkdir "$D"
    sync -f "$inner"
    dd if=/dev/zero of="$outer/fill" bs=64k status=none 2>/dev/null || :
}

# bats test_tags=guest
@test "a disk that cannot write: told, nothing is at PATH, and it is not declared" {
    local before
    full_disk
    before=$(ls -A "$D")
    ctl 3 ensure "$D/swap" --size 16M
    answers ''
    says "$D/swap: *"
    [ "$(ls -A "$D")" = "$before" ] || fail "left: $(ls -lA "$D")"
    read_areas
    [ "$AREAS" = "$HR_AREAS" ] || fail "$AREAS"
}

@test "a disk that cannot write has the area, a good one has fstab: nothing is declared" {
    local failing
    fake_etc ext4
    local good=$D
    full_disk
    failing=$D/swap D=$good
    ctl 3 ensure "$failing" --size 16M --persist fstab
    says "$failing: *"
    [ ! -e "$failing" ]
    cmp "$good/fstab.before" "$good/etc/fstab"
}

# An area in the part of the disk that is going to be lost.
cut_off() {
    local img=$HR_DIR/tmp/img mnt=$HR_DIR/mnt/cut dev
    need_kernel_fs ext4
    mkdir "$mnt"
    truncate -s 64M "$img"
    mkfs.ext4 -q -F -O ^has_journal -E nodiscard,lazy_itable_init=0 "$img"
    dev=$(losetup --find --show --direct-io=on "$img") || skip "no loop device with direct I/O here"
    mount "$dev" "$mnt"
    D=$mnt/d
    mkdir "$D"
    allocate "$D/filler" 40M
    make_swap "$D/swap" 8M
    umount "$mnt"
    truncate -s 24M "$img"
    mount "$dev" "$mnt"
    ! head -c 4096 "$D/swap" >/dev/null 2>&1 || skip "this kernel reads zeros there"
}

# bats test_tags=guest
@test "a disk that cannot read: told as such, and never taken for an empty file" {
    local before command
    cut_off
    before=$(stat -c '%i %s %b %a %Y %Z' "$D/swap")
    for command in "ensure $D/swap --size 8M" "ensure $D/swap --size 8M --force" "create $D/swap --size 8M --force" \
        "resize $D/swap --size 16M" "on $D/swap" "remove $D/swap"; do
        # shellcheck disable=SC2086 # words
        ctl 3 $command
        answers ''
        says "$D/swap: *nput/output error"
    done
    [ "$(stat -c '%i %s %b %a %Y %Z' "$D/swap")" = "$before" ]
}
