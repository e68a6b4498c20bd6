#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# clean: the swap files of a folder whose names begin alike, and nothing else

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

# Swap and no swap, all beginning with "sw".
folder() {
    on_fs "$1"
    make_active "$D/sw1" 2M
    make_swap "$D/sw 2" 1M
    make_swap "$D/other" 1M
    echo data >"$D/sw.conf"
    : >"$D/sw.empty"
    mkdir "$D/sw.d"
    ln -s other "$D/sw.link"
    mkfifo "$D/sw.fifo"
}

@test "clean: what has a swap header goes, the rest stays" {
    folder ext4
    ctl 0 clean --dir "$D" --prefix sw --yes
    answers "$D/sw 2: changed
$D/sw.conf: skipped
$D/sw.d: skipped
$D/sw.empty: skipped
$D/sw.fifo: skipped
$D/sw.link: skipped
$D/sw1: changed"
    [[ $stderr == *"$D/sw.conf: has no swap header; left as it is"* ]] || fail "$stderr"
    [[ $stderr == *"$D/sw.link: is not a regular file; left as it is"* ]] || fail "$stderr"
    only other sw.conf sw.d sw.empty sw.fifo sw.link
    [ "$(cat "$D/sw.conf")" = data ]
    ! is_active "$D/sw1" || fail "still active"
    ctl 0 clean --dir "$D" --prefix sw1 --yes
    answers ''
}

@test "clean: JSON" {
    folder ext4
    ctl 0 clean --dir "$D" --prefix sw --yes --json
    holds '[.results[] | select(.changed)] | length == 2'
    holds '.results[-1] == {"path": "'"$D/sw1"'", "changed": true, "actions": ["deactivate", "unlink"], "skipped": null, "error": null}'
    holds '[.results[] | .skipped | select(.)] | sort | unique == ["has no swap header", "is not a regular file"]'
}

@test "clean: without --yes nothing is done, with --dry-run all is told" {
    folder ext4
    untouched '%T@ %C@' ctl 2 clean --dir "$D" --prefix sw
    says 'files would be deleted: look with --dry-run which, then add --yes'
    untouched '%T@ %C@' ctl 0 clean --dir "$D" --prefix sw --dry-run
    [[ $output == "delete $D/sw 2
$D/sw 2: changed
"*"deactivate $D/sw1
delete $D/sw1
$D/sw1: changed" ]] || fail "$output"
}

@test "clean: a prefix that is empty or no beginning of a name is a usage error" {
    folder ext4
    untouched '%T@ %C@' ctl 2 clean --dir "$D" --prefix '' --yes
    says '--prefix: is empty, which would mean every swap file in'
    untouched '%T@ %C@' ctl 2 clean --dir "$D" --prefix ./sw --yes
    says 'has a slash'
    untouched '%T@ %C@' ctl 2 clean --dir "$D" --yes
    untouched '%T@ %C@' ctl 2 clean --prefix sw --yes
    # a pattern is no pattern
    untouched '%T@ %C@' ctl 0 clean --dir "$D" --prefix 'sw*' --yes
    answers ''
}

@test "clean: the folder must be one, and no link" {
    folder ext4
    ln -s . "$D/link"
    refused 6 "$D/link: is a symbolic link; name the folder" clean --dir "$D/link" --prefix sw --yes
    refused 3 "$D/sw1: is not a folder" clean --dir "$D/sw1" --prefix sw --yes
    refused 3 "$D/nosuch: cannot open the folder" clean --dir "$D/nosuch" --prefix sw --yes
}

@test "clean: a folder named from where one stands" {
    folder ext4
    cd "$D"
    ctl 0 clean --dir . --prefix 'sw 2' --yes
    answers "$D/sw 2: changed"
}

@test "clean: a hibernation image stays, and the others go" {
    folder ext4
    printf S1SUSPEND | dd of="$D/sw 2" bs=1 seek=$((PAGE - 10)) conv=notrunc status=none
    ctl 4 clean --dir "$D" --prefix sw --yes 2>/dev/null
    [[ $output == *"$D/sw 2: failed"*"$D/sw1: changed" ]] || fail "$output"
    [[ $stderr == *"$D/sw 2: holds a hibernation image"* ]] || fail "$stderr"
    [ -e "$D/sw 2" ]
    ctl 6 clean --dir "$D" --prefix 'sw 2' --yes
}

@test "clean: declarations go with their files, and only those" {
    fake_etc ext4
    ctl 0 ensure "$D/sw1" --size 2M --persist fstab
    ctl 0 ensure "$D/sw2" --size 1M --persist unit
    ctl 0 ensure "$D/other" --size 1M --persist fstab
    ctl 0 clean --dir "$D" --prefix sw --yes
    answers "$D/sw1: changed
$D/sw2: changed"
    fstab_gained "$D/other none swap sw,nofail,x-headroom.size=1048576 0 0"
    [ -z "$(find "$D/etc/systemd" -name '*sw2*')" ]
    ctl 0 status
    [[ $output == *"$D/other"* ]] || fail "$output"
}

@test "clean: odd names" {
    on_fs ext4
    local name
    for name in $'sw\nline' $'sw\ttab' 'sw\back' $'sw\xff' 'sw (deleted)' 'sw #'; do
        make_swap "$D/$name" 64K
    done
    swapon "$D/sw (deleted)"
    ctl 0 clean --dir "$D" --prefix sw --yes --json
    holds '[.results[].changed] == [true, true, true, true, true, true]'
    only
}

@test "clean --root: files of another tree, and the kernel is not touched" {
    on_fs ext4
    mkdir -p "$D/tree/etc" "$D/tree/d" "$D/tree/run"
    make_swap "$D/tree/d/sw" 64K
    make_active "$D/sw" 64K
    echo '/d/sw none swap sw 0 0' >"$D/tree/etc/fstab"
    ctl 0 clean --root "$D/tree" --dir /d --prefix s --yes
    answers '/d/sw: changed'
    [ ! -e "$D/tree/d/sw" ]
    [ ! -s "$D/tree/etc/fstab" ]
    is_active "$D/sw"
}

# A loop device that somebody attached to the file to stay; sets DEV.
attach() { # FILE
    DEV=$(losetup -f --show "$1")
}

@test "clean: the loop devices of exactly those files go, with what is active on them" {
    on_fs ext4
    local DEV
    make_swap "$D/sw1" 2M
    attach "$D/sw1"
    swapon "$DEV"
    make_swap "$D/sw2" 1M
    attach "$D/sw2"
    make_swap "$D/other" 1M
    ln "$D/other" "$D/same"
    attach "$D/other"
    swapon "$DEV"
    ctl 0 clean --dir "$D" --prefix sw --yes --json
    holds '[.results[] | [.changed, .error]] == [[true, null], [true, null]]'
    only other same
    read_loops "$D"
    [ "${LOOPS[*]}" = "$DEV" ] || fail "loops: ${LOOPS[*]}"
    is_active "$DEV"
    # a name is no way around: it is one file
    ctl 0 clean --dir "$D" --prefix same --yes
    read_loops "$D"
    [ "${#LOOPS[@]}" -eq 0 ]
    only other
}

@test "clean: a file whose loop device is in use otherwise stays" {
    on_fs ext4
    local DEV
    make_swap "$D/sw1" 2M
    attach "$D/sw1"
    # somebody who has the device open
    exec 8<"$DEV"
    ctl 3 clean --dir "$D" --prefix sw --yes
    answers "$D/sw1: failed"
    [ -e "$D/sw1" ]
    exec 8<&-
    ctl 0 clean --dir "$D" --prefix sw --yes
    only
}
