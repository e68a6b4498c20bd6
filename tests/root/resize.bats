#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# resize and ensure --resize: longer and shorter, in place, whatever the area holds.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

identity() { # FILE
    echo "$(stat -c '%i %a %u' -- "$1") $(tag UUID "$1") $(tag LABEL "$1")"
}

resizes() { # KIND
    local before
    on_fs "$1"
    changes ensure "$D/swap" --size 16M --label keep --priority 9
    before=$(identity "$D/swap")
    for size in 24 8 16; do
        changes resize "$D/swap" --size "${size}M"
        good_area "$D/swap" $((size * MiB))
        has_priority "$D/swap" 9
        same "$before" "$(identity "$D/swap")"
        only swap
        idle resize "$D/swap" --size "${size}M"
        idle ensure "$D/swap" --size "${size}M"
    done
}

# bats test_tags=guest
@test "resize: active, ext4: longer and shorter, everything else kept" { resizes ext4; }
@test "resize: active, ext2 (zeros are written): longer and shorter, everything else kept" { resizes ext2; }
# bats test_tags=guest
@test "resize: active, xfs: longer and shorter, everything else kept" { resizes xfs; }
@test "resize: active, btrfs: longer and shorter, everything else kept" { resizes btrfs; }

@test "resize: an inactive file stays inactive" {
    on_fs ext4
    make_swap "$D/swap" 8M -L keep
    changes resize "$D/swap" --size 12M
    good_file "$D/swap" $((12 * MiB))
    [ "$(tag LABEL "$D/swap")" = keep ]
    ! is_active "$D/swap" || fail "it was activated"
}

@test "ensure --resize: resizes, relabels and activates in one go" {
    on_fs ext4
    make_swap "$D/swap" 8M -L old
    ctl 0 ensure "$D/swap" --size 12M --resize --label new --priority 3 --json
    holds '.changed and .size_bytes == 12582912 and .priority == 3 and .actions == ["resize", "label", "activate"]'
    good_area "$D/swap" $((12 * MiB))
    [ "$(tag LABEL "$D/swap")" = new ]
}

@test "resize: without --resize ensure refuses, and says how" {
    on_fs ext4
    changes ensure "$D/swap" --size 8M
    refused 6 "$D/swap: is a swap area of 8M *--resize*" ensure "$D/swap" --size 12M
}

@test "resize: no space: the area stays as it was, active" {
    fresh_fs ext4 64M
    D=$M/d
    mkdir "$D"
    changes ensure "$D/swap" --size 16M --priority 5
    ctl 3 resize "$D/swap" --size 1G
    says "$D/swap: no space for 1G"
    good_file "$D/swap" $((16 * MiB))
    has_priority "$D/swap" 5
    only swap
}

@test "resize: what is not there, is data, or is too small" {
    on_fs ext4
    echo precious >"$D/text"
    ctl 3 resize "$D/none" --size 8M
    says "$D/none: is no swap file"
    refused 3 "$D/text: is no swap file" resize "$D/text" --size 8M
    make_swap "$D/swap" 8M
    refused 2 '* 10 pages *' resize "$D/swap" --size 8K
    refused 2 'missing --size' resize "$D/swap"
}

@test "resize --dry-run: says the steps and does nothing" {
    on_fs ext4
    changes ensure "$D/swap" --size 8M
    untouched '%T@ %C@' ctl 0 resize "$D/swap" --size 12M --dry-run
    [ "$output" = "deactivate $D/swap
resize $D/swap from 8M to 12M
activate $D/swap
changed" ] || fail "$output"
}

# bats test_tags=guest
@test "resize: memory that is swapped out survives growing, shrinking and a refusal" {
    need perl
    on_fs ext4
    changes ensure "$D/swap" --size 64M --priority 32000
    mkfifo "$HR_DIR/tmp/go"
    spawn hog 24 "$HR_DIR/tmp/go" "$HR_DIR/tmp/report"
    eventually holds_much "$D/swap" $((16 * MiB)) || fail "nothing was swapped out"
    ctl 6 resize "$D/swap" --size 8M
    says "$D/swap: holds *cannot be made smaller*"
    holds_much "$D/swap" $((16 * MiB))
    changes resize "$D/swap" --size 96M
    changes resize "$D/swap" --size 40M
    good_area "$D/swap" $((40 * MiB))
    has_priority "$D/swap" 32000
    echo go >"$HR_DIR/tmp/go"
    wait "$BG"
    [ "$(cat "$HR_DIR/tmp/report")" = whole ]
}

# Only a helper area makes it possible.
# bats test_tags=guest
@test "resize: what fits nowhere else goes to a helper and comes back whole" {
    [ "${HEADROOM_GUEST:-0}" = 1 ] || skip "only in a guest (HEADROOM_GUEST=1): it fills the memory"
    on_disk
    leave_memory $((256 * MiB))
    changes ensure "$D/swap" --size 176M --priority 32000
    mkdir "$HR_DIR/mnt/hog"
    mount -t tmpfs -o size=4G none "$HR_DIR/mnt/hog"
    fill_until_stuck "$HR_DIR/mnt/hog/hog" "$D/swap"
    ctl 0 resize "$D/swap" --size 204M --json
    holds '.actions == ["helper-on", "deactivate", "resize", "activate", "helper-off"]'
    still_filled "$HR_DIR/mnt/hog/hog"
    good_area "$D/swap" $((204 * MiB))
    only swap
    umount "$HR_DIR/mnt/hog"
}
