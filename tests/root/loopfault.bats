#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Swap through loop devices when something fails, is killed, or swaps in earnest.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers
load loop

@test "when activation fails, no device, no file and no protection is left" {
    on_overlay
    need strace
    run strace -f -qq -o /dev/null -e inject=swapon:error=ENOMEM:when=1 "${CTL[@]}" ensure "$M/swap" --size 8M
    [ "$status" = 3 ] || fail "$status $output"
    gone "$M/swap"
    make_swap "$M/old" 8M
    run strace -f -qq -o /dev/null -e inject=swapon:error=ENOMEM:when=1 "${CTL[@]}" ensure "$M/old" --size 8M
    [ "$status" = 3 ] || fail "$status $output"
    no_loops "$M/old"
    unguarded "$M/old"
    good_file "$M/old" $((8 * MiB))
}

# The kernel would swap to one file twice.
@test "a loop device that does not answer is not taken for another file's" {
    on_overlay
    need strace
    changes ensure "$M/swap" --size 8M
    local when verb size
    for verb in ensure resize on; do
        size=(--size 8M)
        [ "$verb" != on ] || size=()
        for ((when = 1; when <= 6; when++)); do
            strace -qq -o "$HR_DIR/tmp/trace" -e trace=ioctl -e "inject=ioctl:error=EIO:when=$when" \
                "${CTL[@]}" "$verb" "$M/swap" "${size[@]}" >/dev/null 2>&1 3>&- || :
            [ "$when" -gt 1 ] || grep -q INJECTED "$HR_DIR/tmp/trace" || fail "$verb asked nothing"
            good_loop "$M/swap" $((8 * MiB))
        done
    done
}

@test "when a resize fails, the old area is back on a loop device" {
    on_overlay
    changes ensure "$M/swap" --size 8M --priority 6
    ctl 3 resize "$M/swap" --size 2G
    says "$M/swap: no space*"
    good_loop "$M/swap" $((8 * MiB))
    has_priority "$DEV" 6
}

@test "SIGKILL at any moment leaves what the next run and remove can handle" {
    on_overlay
    local i
    for ((i = 0; i < ${HEADROOM_FAULT_ROUNDS:-60}; i++)); do
        spawn "${CTL[@]}" ensure "$M/swap" --size 8M
        sleep "0.00$((RANDOM % 10))$((RANDOM % 10))"
        kill -KILL "$BG" 2>/dev/null || :
        wait "$BG" 2>/dev/null || :
        if ((i % 2)); then
            ctl 0 ensure "$M/swap" --size 8M
            good_loop "$M/swap" $((8 * MiB))
            spawn "${CTL[@]}" remove "$M/swap"
            sleep "0.00$((RANDOM % 10))$((RANDOM % 10))"
            kill -KILL "$BG" 2>/dev/null || :
            wait "$BG" 2>/dev/null || :
        fi
        ctl 0 remove "$M/swap"
        gone "$M/swap"
    done
}

# Memory that is checked before and after; see resize.bats.
@test "what is swapped out comes back whole" {
    need perl
    on_overlay
    changes ensure "$M/swap" --size 48M --priority 32000
    good_loop "$M/swap" $((48 * MiB))
    mkfifo "$HR_DIR/tmp/go"
    spawn hog 24 "$HR_DIR/tmp/go" "$HR_DIR/tmp/report"
    eventually holds_much "$DEV" $((16 * MiB)) || fail "nothing was swapped out"
    changes resize "$M/swap" --size 64M
    echo go >"$HR_DIR/tmp/go"
    wait "$BG"
    [ "$(cat "$HR_DIR/tmp/report")" = whole ]
}

# Only a helper area makes it possible, and that needs a loop device too.
# bats test_tags=guest
@test "overlay: what fits nowhere else goes to a helper and comes back whole" {
    [ "${HEADROOM_GUEST:-0}" = 1 ] || skip "only in a guest (HEADROOM_GUEST=1): it fills the memory"
    on_overlay disk
    leave_memory $((256 * MiB))
    changes ensure "$M/swap" --size 176M --priority 32000
    good_loop "$M/swap" $((176 * MiB))
    mkdir "$HR_DIR/mnt/hog"
    mount -t tmpfs -o size=4G none "$HR_DIR/mnt/hog"
    fill_until_stuck "$HR_DIR/mnt/hog/hog" "$DEV"
    ctl 0 resize "$M/swap" --size 204M --json
    holds '.actions == ["unprotect", "helper-on", "deactivate", "resize", "attach", "protect", "activate", "helper-off"]'
    still_filled "$HR_DIR/mnt/hog/hog"
    good_loop "$M/swap" $((204 * MiB))
    read_loops "$M"
    [ "${#LOOPS[@]}" = 1 ] || fail "${LOOPS[*]}"
    [ "$(ls -A "$M")" = swap ] || fail "$(ls -A "$M")"
    umount "$HR_DIR/mnt/hog"
}

# bats test_tags=guest
@test "what is swapped out comes back whole, ext4" {
    need perl
    on_plain ext4
    changes ensure "$D/swap" --size 48M --priority 32000 --backing loop
    good_loop "$D/swap" $((48 * MiB))
    mkfifo "$HR_DIR/tmp/go"
    spawn hog 24 "$HR_DIR/tmp/go" "$HR_DIR/tmp/report"
    eventually holds_much "$DEV" $((16 * MiB)) || fail "nothing was swapped out"
    changes off "$D/swap"
    echo go >"$HR_DIR/tmp/go"
    wait "$BG"
    [ "$(cat "$HR_DIR/tmp/report")" = whole ]
}
