#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Paths that break programs which read /proc/swaps, split words or print without care.
#
# bats file_tags=host

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
