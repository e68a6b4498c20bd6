#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Paths that break programs which read /proc/swaps, split words or print without care.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

# Made, active, known again, listed, removed.
lives() { # NAME
    local file=$D/$1
    changes ensure --size 1M -- "$file"
    good_area "$file" "$MiB"
    idle ensure --size 1M -- "$file"
    ctl 0 list --json -- "$file"
    holds '.swaps | length == 1'
    keeps on -- "$file"
    changes off -- "$file"
    ! is_active "$file" || fail "still active"
    changes on -- "$file"
    is_active "$file"
    changes remove -- "$file"
    only
}

@test "name: blanks" { on_fs ext4 && lives "  my swap  file "; }
@test "name: newline and tab" { on_fs ext4 && lives $'a\nb\tc\n'; }
@test "name: backslashes and what looks like an escape" { on_fs ext4 && lives 'a\b\040c\134\x'; }
@test "name: begins with a dash" { on_fs ext4 && lives --size; }
@test "name: UTF-8" { on_fs ext4 && lives $'\xc3\xa4uslagerung \xe4\xba\xa4\xe6\x8f\x9b'; }
@test "name: bytes that are not UTF-8" { on_fs ext4 && lives $'a\xff\xfeb'; }
@test "name: quotes, dollar, star, hash" { on_fs ext4 && lives "\"it's\" \$HOME * #1;"; }
@test "name: ends in (deleted)" { on_fs ext4 && lives 'file (deleted)'; }
@test "name: looks like a tag" { on_fs ext4 && lives LABEL=x; }
@test "name: 255 bytes" {
    on_fs ext4
    local name
    printf -v name '%0255d' 7
    lives "$name"
}
@test "name: 255 bytes on xfs and btrfs" {
    local kind name
    printf -v name '%0255d' 7
    for kind in xfs btrfs; do
        on_fs "$kind"
        lives "$name"
        rm -rf "$D"
    done
}

@test "name: 256 bytes are too many" {
    on_fs ext4
    local name
    printf -v name '%0256d' 7
    refused 3 'name*long' ensure "$D/$name" --size 1M
}

@test "file and file (deleted) are two areas" {
    on_fs ext4
    changes ensure "$D/file" --size 1M
    changes ensure "$D/file (deleted)" --size 2M
    idle ensure "$D/file" --size 1M
    changes off "$D/file"
    is_active "$D/file (deleted)"
    ! is_active "$D/file" || fail "the wrong one was deactivated"
    changes remove "$D/file"
    is_active "$D/file (deleted)"
}

@test "path: relative" {
    on_fs ext4
    mkdir "$D/sub"
    cd "$D/sub"
    changes ensure swap --size 1M
    good_area "$D/sub/swap" "$MiB"
    idle ensure ./swap --size 1M
    idle ensure ../sub//swap --size 1M
    changes ensure ../swap --size 1M
    good_area "$D/swap" "$MiB"
    ctl 0 ensure swap --size 1M --json
    holds ".path == \"swap\" or .path == \"$D/sub/swap\""
    cd /
}

@test "path: a relative name that begins with a dash" {
    on_fs ext4
    cd "$D"
    changes ensure --size 1M -- -swap
    idle ensure ./-swap --size 1M
    good_area "$D/-swap" "$MiB"
    cd /
}

@test "path: a trailing slash names a directory" {
    on_fs ext4
    refused 6 'directory' ensure "$D/swap/" --size 1M
}

@test "path: empty" {
    on_fs ext4
    refused 2 '*' ensure '' --size 1M
}

@test "list --raw: every area is one line of five words" {
    on_fs ext4
    changes ensure "$D/two words
two lines" --size 1M
    ctl 0 list --raw --noheadings -o path,type,size,used,priority
    local line words
    for line in "${lines[@]}"; do
        read -ra words <<<"$line"
        [ "${#words[@]}" -eq 5 ] || fail "not five words: $line"
    done
    [ "${#lines[@]}" -eq "$(($(wc -l </proc/swaps) - 1))" ]
}

# ---- one file, several names; one name, several files ---------------------------------------------------------------

@test "renamed: an inactive file is used under its new name, and the old name is free" {
    on_fs ext4
    changes create "$D/old" --size 1M
    mv "$D/old" "$D/new"
    changes ensure "$D/new" --size 1M
    changes ensure "$D/old" --size 2M
    good_area "$D/new" "$MiB"
    good_area "$D/old" $((2 * MiB))
}

@test "renamed: the folder of an active file: known by its new name, gone by its old one" {
    on_fs ext4
    mkdir "$D/a"
    changes ensure "$D/a/swap" --size 1M --priority 4
    mv "$D/a" "$D/b"
    idle ensure "$D/b/swap" --size 1M --priority 4
    ctl 3 ensure "$D/a/swap" --size 1M
    says "$D/a/swap: the folder $D/a does not exist"
    ctl 0 list "$D/b/swap"
    changes resize "$D/b/swap" --size 2M
    good_area "$D/b/swap" $((2 * MiB))
    has_priority "$D/b/swap" 4
    changes remove "$D/b/swap"
    [ ! -e "$D/b/swap" ]
}

@test "another file in the place of an active one, under whose name it was activated" {
    on_fs ext4
    mkdir "$D/a"
    changes ensure "$D/a/swap" --size 1M
    mv "$D/a" "$D/b"
    mkdir "$D/a"
    make_swap "$D/a/swap" 2M
    changes ensure "$D/a/swap" --size 2M
    idle ensure "$D/b/swap" --size 1M
    changes off "$D/a/swap"
    is_active "$D/b/swap"
}

@test "hard link: every command takes the other name; only that name is deleted" {
    on_fs ext4
    changes ensure "$D/swap" --size 1M
    ln "$D/swap" "$D/link"
    ctl 0 list "$D/link"
    changes ensure "$D/link" --size 2M --resize --label linked
    [ "$(tag LABEL "$D/swap")" = linked ]
    changes off "$D/link"
    changes on "$D/link"
    idle ensure "$D/swap" --size 2M
    changes remove "$D/link"
    only swap
    good_file "$D/swap" $((2 * MiB))
    ! is_active "$D/swap" || fail "still active"
}

@test "bind mount: every command takes the other path" {
    on_fs ext4
    local bind=$HR_DIR/mnt/bind
    mkdir "$bind"
    changes ensure "$D/swap" --size 1M
    mount --bind "$D" "$bind"
    ctl 0 list "$bind/swap"
    changes ensure "$bind/swap" --size 2M --resize --label bound
    good_area "$D/swap" $((2 * MiB))
    changes off "$bind/swap"
    changes on "$bind/swap"
    idle ensure "$D/swap" --size 2M
    changes remove "$bind/swap"
    only
}

@test "bind mount: of the file itself" {
    on_fs ext4
    changes ensure "$D/swap" --size 1M
    : >"$HR_DIR/mnt/file"
    mount --bind "$D/swap" "$HR_DIR/mnt/file"
    idle ensure "$HR_DIR/mnt/file" --size 1M
    changes off "$HR_DIR/mnt/file"
    # its name is a mount point, which cannot be deleted: told, and active again
    changes on "$HR_DIR/mnt/file"
    ctl 3 remove "$HR_DIR/mnt/file"
    says "$HR_DIR/mnt/file: *"
    is_active "$D/swap"
}

# As a container has it, or a unit with ReadWritePaths=: the kernel shows names there that lead nowhere here, and the other way
# round. Without CAP_SYS_PTRACE, for with it the file is activated as init sees it.
elsewhere=(unshare --mount --propagation private setpriv --bounding-set=-sys_ptrace)

@test "mount namespace: everything works on an area that was activated in another one" {
    on_fs ext4
    local elsewhere=("${elsewhere[@]}" "$SWAPCTL")
    "${elsewhere[@]}" ensure "$D/swap" --size 1M --priority 8 --label there
    keeps ensure "$D/swap" --size 1M --priority 8 --label there
    changes ensure "$D/swap" --size 2M --resize --label here
    has_priority "$D/swap" 8
    [ "$("${elsewhere[@]}" ensure "$D/swap" --size 2M --label here)" = unchanged ]
    [ "$("${elsewhere[@]}" off "$D/swap")" = changed ]
    "${elsewhere[@]}" on "$D/swap"
    changes resize "$D/swap" --size 1M
    "${elsewhere[@]}" off "$D/swap"
    "${elsewhere[@]}" on "$D/swap"
    changes off "$D/swap"
    "${elsewhere[@]}" on "$D/swap"
    changes remove "$D/swap"
    only
}

@test "mount namespace: the path leads to another file there" {
    on_fs ext4
    mkdir "$D/a" "$D/b"
    changes ensure "$D/a/swap" --size 1M
    # shellcheck disable=SC2016 # for the inner shell
    unshare --mount --propagation private bash -c \
        'mount --bind "$1/b" "$1/a" && "$0" ensure "$1/a/swap" --size 2M' "$SWAPCTL" "$D"
    good_area "$D/a/swap" "$MiB"
    good_file "$D/b/swap" $((2 * MiB))
    idle ensure "$D/a/swap" --size 1M
    idle ensure "$D/b/swap" --size 2M
    changes remove "$D/a/swap"
    keeps ensure "$D/b/swap" --size 2M
    changes remove "$D/b/swap"
}

# The kernel leaves out of the area what does not fill a page
@test "mount namespace: also on a file system with small blocks" {
    fresh_fs ext4 100M
    [ "$(stat -f -c %S "$M")" = 1024 ]
    "${elsewhere[@]}" "$SWAPCTL" ensure "$M/swap" --size 10M
    keeps ensure "$M/swap" --size 10M
    changes off "$M/swap"
}

# As a unit with ProtectSystem= has it: its namespace ends, and the kernel goes on to show the name
@test "mount namespace: the kernel shows the name that init knows" {
    on_fs ext4
    # shellcheck disable=SC2016 # for the inner shell, which is init
    unshare --pid --fork --mount-proc bash -c \
        'unshare --mount --propagation private "$0" ensure "$1/swap" --size 1M && grep "^$1/swap " /proc/swaps' "$SWAPCTL" "$D"
    changes off "$D/swap"
}
