#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# create, on, off, remove, list, swappiness on the running kernel.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

# A loop device with swap on it; sets DEV.
swap_device() { # LABEL
    truncate -s 8M "$HR_DIR/tmp/$1.disk"
    mkswap -q -L "$1" "$HR_DIR/tmp/$1.disk" >/dev/null
    DEV=$(losetup -f --show "$HR_DIR/tmp/$1.disk")
}

# A label that no other device has.
unique_label() {
    echo "hr-$BASHPID-$RANDOM"
}

# ---- create ----

creates() { # KIND
    on_fs "$1"
    changes create "$D/swap" --size 8M --label hr-create
    good_file "$D/swap" $((8 * MiB))
    [ "$(tag LABEL "$D/swap")" = hr-create ]
    ! is_active "$D/swap" || fail "it is active"
    only swap
    idle create "$D/swap" --size 8M --label hr-create
    swapon "$D/swap"
    idle create "$D/swap" --size 8M
}

@test "create: ext4: made, not activated, and the kernel takes it" { creates ext4; }
@test "create: ext2: made, not activated, and the kernel takes it" { creates ext2; }
@test "create: xfs: made, not activated, and the kernel takes it" { creates xfs; }
@test "create: btrfs: made, not activated, and the kernel takes it" { creates btrfs; }

@test "create --json" {
    on_fs ext4
    ctl 0 create "$D/swap" --size 8M --json
    holds 'keys == ["actions", "changed", "device", "path", "persisted", "priority", "size_bytes"]'
    holds '.changed and .actions == ["create"] and .size_bytes == 8388608 and .priority == null'
}

@test "create: somebody's data is refused" {
    on_fs ext4
    echo precious >"$D/swap"
    refused 6 "$D/swap: *not a swap file*" create "$D/swap" --size 8M
    refused 6 "$D/swap: *not a swap file*" create "$D/swap" --size 8M --force
}

@test "create: another size is refused" {
    on_fs ext4
    make_swap "$D/swap" 4M
    refused 6 "$D/swap: *4M*" create "$D/swap" --size 8M
}

@test "create --dry-run: makes nothing" {
    on_fs ext4
    ctl 0 create "$D/swap" --size 8M --dry-run
    [ "${lines[-1]}" = changed ]
    only
}

@test "create --root: in the tree of another system" {
    on_fs ext4
    mkdir -p "$D/tree/var" "$D/tree/run"
    changes create /var/swap --size 8M --root "$D/tree"
    good_file "$D/tree/var/swap" $((8 * MiB))
    [ ! -e /var/swap ]
    keeps create /var/swap --size 8M --root "$D/tree"
}

@test "ensure, on, off --root: the running kernel is not touched" {
    on_fs ext4
    mkdir -p "$D/tree/var" "$D/tree/run" "$D/tree/proc"
    cp /proc/swaps "$D/tree/proc/swaps"
    make_swap "$D/tree/var/swap" 8M
    refused 5 '*' ensure /var/swap --size 8M --root "$D/tree"
    refused 5 '*' on /var/swap --root "$D/tree"
}

# ---- on ----

@test "on: a file, with a priority" {
    on_fs ext4
    make_swap "$D/swap" 8M
    changes on "$D/swap" --priority 6
    is_active "$D/swap"
    has_priority "$D/swap" 6
    idle on "$D/swap"
    idle on "$D/swap" --priority 6
}

@test "on --json" {
    on_fs ext4
    make_swap "$D/swap" 8M
    ctl 0 on "$D/swap" --priority 6 --json
    holds ".path == \"$D/swap\" and .changed and .actions == [\"activate\"] and .priority == 6"
    holds '.size_bytes == 8388608'
    ctl 0 on "$D/swap" --json
    holds '.changed == false and .actions == [] and .priority == 6'
}

@test "on: a device by path, by label and by UUID" {
    on_fs ext4
    local label uuid
    label=$(unique_label)
    swap_device "$label"
    uuid=$(tag UUID "$DEV")
    changes on "$DEV"
    is_active "$DEV"
    keeps on "LABEL=$label"
    changes off "$DEV"
    changes on "LABEL=$label" --priority 4
    has_priority "$DEV" 4
    keeps on "UUID=$uuid"
    changes off "$DEV"
    changes on "UUID=$uuid" --discard both
    is_active "$DEV"
    ctl 0 list "$DEV" --json -o path,type,backing-file,uuid,label
    holds ".swaps == [{path: \"$DEV\", type: \"loop\", backing_file: \"$HR_DIR/tmp/$label.disk\", uuid: \"$uuid\", label: \"$label\"}]"
}

@test "on: a tag that nothing has" {
    on_fs ext4
    refused 3 'LABEL=hr-nosuch: *' on LABEL=hr-nosuch
    refused 3 'UUID=*: *' on UUID=00000000-0000-4000-8000-000000000000
}

@test "on: a mounted device is refused" {
    on_fs ext4
    fresh_fs ext2 8M
    local dev
    dev=$(findmnt -n -o SOURCE "$M")
    refused '3' "$dev: *" on "$dev"
    mountpoint -q "$M"
}

@test "on: a text file, a directory, nothing" {
    on_fs ext4
    echo text >"$D/text"
    refused 3 "$D/text: *no swap header*" on "$D/text"
    refused 6 "$D: *neither a file nor a block device*" on "$D"
    refused 3 "$D/nothing: *" on "$D/nothing"
}

@test "on: what the kernel does not like is explained" {
    on_fs ext4
    truncate -s 4M "$D/holes"
    mkswap -q "$D/holes" 2>/dev/null
    chmod 0600 "$D/holes"
    refused 3 "$D/holes: *holes*" on "$D/holes"
    make_swap "$D/pages" 4M -p 65536
    refused 3 "$D/pages: *65536*" on "$D/pages"
    make_swap "$D/short" 4M
    truncate -s 2M "$D/short"
    refused 3 "$D/short: *header*" on "$D/short"
}

# ---- off ----

@test "off: a file, then nothing to do" {
    on_fs ext4
    make_active "$D/swap" 8M
    changes off "$D/swap"
    ! is_active "$D/swap" || fail "still active"
    good_file "$D/swap" $((8 * MiB))
    idle off "$D/swap"
}

@test "off: through another name" {
    on_fs ext4
    make_swap "$D/swap" 8M
    ln "$D/swap" "$D/link"
    swapon "$D/swap"
    changes off "$D/link"
    ! is_active "$D/swap" || fail "still active"
}

@test "off: several, one line each" {
    on_fs ext4
    make_active "$D/a" 1M
    make_active "$D/b" 1M
    make_swap "$D/c" 1M
    ctl 0 off "$D/a" "$D/c" "$D/b"
    answers "$D/a: changed
$D/c: unchanged
$D/b: changed"
    ! is_active "$D/a" && ! is_active "$D/b" || fail "still active"
}

@test "off --json: a result for each" {
    on_fs ext4
    make_active "$D/a" 1M
    make_swap "$D/b" 1M
    ctl 0 off "$D/a" "$D/b" --json
    holds ".results == [{path: \"$D/a\", changed: true, actions: [\"deactivate\"], error: null},
                        {path: \"$D/b\", changed: false, actions: [], error: null}]"
}

@test "off: one of several fails: the others are done, exit 4" {
    on_fs ext4
    make_active "$D/a" 1M
    make_active "$D/b" 1M
    ln -s a "$D/link"
    ctl 4 off "$D/a" "$D/no/such" "$D/b"
    says "$D/no*"
    answers "$D/a: changed
$D/b: changed"
    ! is_active "$D/a" && ! is_active "$D/b" || fail "still active"
}

@test "off --dry-run: stays active" {
    on_fs ext4
    make_active "$D/swap" 1M
    ctl 0 off "$D/swap" --dry-run
    [ "${lines[-1]}" = changed ]
    is_active "$D/swap"
}

# ---- remove ----

removes() { # KIND
    on_fs "$1"
    local free
    free_bytes "$D"
    free=$SPACE
    changes ensure "$D/swap" --size 32M
    ctl 0 remove "$D/swap" --json
    holds ".results == [{path: \"$D/swap\", changed: true, actions: [\"deactivate\", \"unlink\"], error: null}]"
    only
    free_again "$D" "$free"
    idle remove "$D/swap"
}

@test "remove: ext4: deactivated and deleted, the space is free" { removes ext4; }
@test "remove: xfs: deactivated and deleted, the space is free" { removes xfs; }
@test "remove: btrfs: deactivated and deleted, the space is free" { removes btrfs; }

@test "remove: an inactive one" {
    on_fs ext4
    make_swap "$D/swap" 1M
    ctl 0 remove "$D/swap" --json
    holds '.results[0].actions == ["unlink"]'
    only
}

@test "remove: what is not a swap file is refused" {
    on_fs ext4
    echo precious >"$D/text"
    : >"$D/empty"
    head -c 1M /dev/zero >"$D/zeros"
    mkdir "$D/folder"
    make_swap "$D/real" 1M
    ln -s real "$D/link"
    mknod "$D/null" c 1 3
    local name
    for name in text folder link null; do
        refused 6 "$D/$name: *" remove "$D/$name"
        refused 6 "$D/$name: *" remove "$D/$name" --force
    done
    for name in empty zeros; do
        refused 6 "$D/$name: *" remove "$D/$name"
    done
}

@test "remove: a hibernation image is refused" {
    on_fs ext4
    make_swap "$D/swap" 4M
    printf 'S1SUSPEND\0' | dd of="$D/swap" bs=1 seek=$((PAGE - 10)) conv=notrunc status=none
    refused 6 "$D/swap: *hibernation*" remove "$D/swap"
    refused 6 "$D/swap: *hibernation*" remove "$D/swap" --force
}

@test "remove: several, one of them data: that one stays, exit 4" {
    on_fs ext4
    make_active "$D/a" 1M
    make_active "$D/c" 1M
    echo precious >"$D/b"
    ctl 4 remove "$D/a" "$D/b" "$D/c"
    says "$D/b: *"
    answers "$D/a: changed
$D/c: changed"
    only b
    [ "$(cat "$D/b")" = precious ]
}

@test "remove --dry-run: tells, does nothing" {
    on_fs ext4
    make_active "$D/swap" 1M
    untouched '%T@ %C@' ctl 0 remove "$D/swap" --dry-run
    [ "${lines[-1]}" = changed ]
    [ "${#lines[@]}" -eq 3 ]
}

# ---- list ----

@test "list: the table" {
    on_fs ext4
    make_active "$D/swap" 8M
    ctl 0 list
    read -ra head <<<"${lines[0]}"
    [ "${head[*]:0:5}" = "PATH TYPE SIZE USED PRIORITY" ]
    [[ $output == *"$D/swap "* ]]
    [[ $output == *"$HR_BYSTANDER "* ]]
}

@test "list PATH --raw: one line in bytes" {
    on_fs ext4
    make_swap "$D/swap" 8M
    swapon -p 8 "$D/swap"
    ctl 0 list "$D/swap" --raw --noheadings -o path,type,size,used,priority
    answers "$D/swap file $((8 * MiB - PAGE)) 0 8"
}

@test "list --json --output-all: every column" {
    on_fs xfs
    make_swap "$D/swap" 8M -L hr-list
    swapon -p 8 "$D/swap"
    ctl 0 list "$D/swap" --json --output-all
    holds '.swaps | length == 1'
    holds ".swaps[0] == {path: \"$D/swap\", type: \"file\", size: $((8 * MiB - PAGE)), used: 0, priority: 8,
           backing_file: null, fstype: \"xfs\", uuid: \"$(tag UUID "$D/swap")\", label: \"hr-list\", persisted: null}"
}

@test "list: the file system under the file" {
    local kind
    for kind in ext4 ext2 btrfs; do
        [ -d "$HR_DIR/fs/$kind" ] || continue
        on_fs "$kind"
        make_active "$D/swap" 1M
        ctl 0 list "$D/swap" --noheadings --raw -o fstype
        answers "$kind"
        swapoff "$D/swap"
        rm -rf "$D"
    done
}

@test "list: by another name of the file" {
    on_fs ext4
    make_active "$D/swap" 1M
    ln -s swap "$D/link"
    cd "$D"
    ctl 0 list ./swap --noheadings --raw -o path
    answers "$D/swap"
    cd /
}

@test "list: a path that is not active: exit 1, the others are shown" {
    on_fs ext4
    make_active "$D/a" 1M
    make_swap "$D/b" 1M
    ctl 1 list "$D/b"
    ctl 1 list "$D/nothing"
    ctl 1 list "$D/a" "$D/b" --raw --noheadings -o path
    answers "$D/a"
}

@test "list needs no privilege" {
    on_fs ext4
    make_active "$D/swap" 1M
    chmod 0755 "$HR_DIR"
    CTL=(setpriv --reuid=65534 --regid=65534 --clear-groups "$SWAPCTL")
    ctl 0 list "$D/swap" --raw --noheadings -o path,size
    answers "$D/swap $((MiB - PAGE))"
    chmod 0700 "$HR_DIR"
}

@test "list changes nothing" {
    on_fs ext4
    make_active "$D/swap" 1M
    untouched '%T@ %C@' ctl 0 list --output-all
}

# ---- swappiness ----

@test "swappiness: prints, sets once" {
    save_swappiness
    ctl 0 swappiness
    answers 55
    changes swappiness 61
    [ "$(cat /proc/sys/vm/swappiness)" -eq 61 ]
    keeps swappiness 61
    ctl 0 swappiness
    answers 61
}

@test "swappiness: what the kernel does not take" {
    save_swappiness
    ctl 2 swappiness 201
    ctl 2 swappiness -- -1
    ctl 2 swappiness 6x
    [ "$(cat /proc/sys/vm/swappiness)" -eq 55 ]
}

@test "swappiness --dry-run: stays" {
    save_swappiness
    ctl 0 swappiness 61 --dry-run
    [ "${lines[-1]}" = changed ]
    [ "$(cat /proc/sys/vm/swappiness)" -eq 55 ]
}

@test "swappiness: without the privilege" {
    save_swappiness
    CTL=(setpriv --reuid=65534 --regid=65534 --clear-groups "$SWAPCTL")
    ctl 3 swappiness 61
    says 'run it as root'
    [ "$(cat /proc/sys/vm/swappiness)" -eq 55 ]
}
