#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# swapctl killed or interrupted at any moment: nothing at PATH, or a whole valid file; nothing else; and the space is free again.
#
# HEADROOM_FAULT_ROUNDS: how often, 100 without it.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

ROUNDS=${HEADROOM_FAULT_ROUNDS:-100}
SIZE=$((64 * MiB))

# How long does it take to make an area, at best? So that the random moments fall into that on a slow machine as well. Sets
# SPAN, in microseconds, and leaves nothing.
measure() { # SIZE
    local i begin took
    SPAN=
    for i in 1 2 3; do
        begin=${EPOCHREALTIME/[.,]/}
        "$SWAPCTL" ensure "$D/swap" --size "$1" >/dev/null
        took=$((${EPOCHREALTIME/[.,]/} - begin))
        [ "$took" -ge "${SPAN:-$((took + 1))}" ] || SPAN=$took
        clear_away
    done
}

seconds() { # MICROSECONDS
    printf '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000))
}

# Something up to one and a half times SPAN.
random_moment() {
    seconds $(((RANDOM << 15 | RANDOM) % (SPAN * 3 / 2) + 1))
}

# Runs swapctl and kills it then; sets STATUS, 137 for killed.
kill_after() { # SECONDS ARG...
    STATUS=0
    timeout -s KILL "$1" "$SWAPCTL" "${@:2}" >/dev/null 2>"$HR_DIR/tmp/err" || STATUS=$?
    [ "$STATUS" -eq 0 ] || [ "$STATUS" -eq 137 ] || fail "exit status $STATUS: $(cat "$HR_DIR/tmp/err")"
}

# Runs swapctl and sends it a signal then. Sets STATUS, and WORD to what the shell says of its end: "Interrupt" or "Terminated"
# for a death by the signal, unlike an exit status that only looks like one.
signal_after() { # SIGNAL SECONDS ARG...
    # shellcheck disable=SC2016 # for the inner shell
    local script='set -m
        signal=$1 delay=$2; shift 2
        "$@" >/dev/null 2>"$HR_DIR/tmp/err" &
        sleep "$delay"
        kill -s "$signal" $! 2>/dev/null
        wait $!'
    STATUS=0
    WORD=$(LC_ALL=C bash -c "$script" - "$1" "$2" env --default-signal=INT "$SWAPCTL" "${@:3}" 2>&1) || STATUS=$?
}

died_by() { # SIGNAL
    case $1 in
    INT) [ "$STATUS" -eq 130 ] && [[ $WORD == *Interrupt* ]] ;;
    TERM) [ "$STATUS" -eq 143 ] && [[ $WORD == *Terminated* ]] ;;
    esac
}

nothing_left() { # SPACE
    only
    read_areas
    [ "$AREAS" = "$HR_AREAS" ] || fail "areas: $AREAS"
    free_again "$D" "$1"
}

clear_away() {
    ! is_active "$D/swap" || swapoff "$D/swap"
    rm -f "$D/swap"
}

killed() { # KIND
    local free kills=0 nothing=0 inactive=0 active=0 tries
    on_fs "$1"
    free_bytes "$D"
    free=$SPACE
    measure "$SIZE"
    for ((tries = 0; kills < ROUNDS && tries < 20 * ROUNDS; tries++)); do
        kill_after "$(random_moment)" ensure "$D/swap" --size "$SIZE" --label hr-kill
        [ "$STATUS" -eq 137 ] || continue
        ((++kills))
        if [ ! -e "$D/swap" ]; then
            nothing_left "$free"
            ((++nothing))
            continue
        fi
        good_file "$D/swap" "$SIZE"
        [ "$(tag LABEL "$D/swap")" = hr-kill ]
        only swap
        if is_active "$D/swap"; then
            ((++active))
        else
            ((++inactive))
            changes ensure "$D/swap" --size "$SIZE"
        fi
        clear_away
    done
    clear_away
    nothing_left "$free"
    echo "# $1: $kills kills in $tries runs: nothing $nothing, whole $inactive, whole and active $active" >&3
    [ "$kills" -eq "$ROUNDS" ] || fail "only $kills kills"
}

# bats test_tags=guest
@test "SIGKILL at 100 random moments, ext4: nothing or a whole file" { killed ext4; }
@test "SIGKILL at 100 random moments, xfs: nothing or a whole file" { killed xfs; }
@test "SIGKILL at 100 random moments, btrfs: nothing or a whole file" { killed btrfs; }

@test "SIGKILL while a file of zeros is made anew: the old one or a whole new one" {
    local kills=0 old=0 tries
    on_fs ext4
    measure "$SIZE"
    for ((tries = 0; kills < ROUNDS / 2 && tries < 10 * ROUNDS; tries++)); do
        head -c "$MiB" /dev/zero >"$D/swap"
        kill_after "$(random_moment)" ensure "$D/swap" --size "$SIZE" --force
        if [ "$STATUS" -eq 137 ]; then
            ((++kills))
            if [ "$(stat -c %s "$D/swap")" -eq "$MiB" ]; then
                ((++old))
            else
                good_file "$D/swap" "$SIZE"
            fi
            # one of the two may lie aside; the next run deletes it
            ctl 0 ensure "$D/swap" --size "$SIZE" --force
            only swap
        fi
        clear_away
    done
    echo "# $kills kills in $tries runs: the old one $old" >&3
    [ "$kills" -eq $((ROUNDS / 2)) ]
}

@test "SIGKILL while an area is relabelled: it is whole, with one label or the other" {
    local kills=0 tries uuid
    on_fs ext4
    measure 4M
    make_active "$D/swap" 4M -L hr-0
    uuid=$(tag UUID "$D/swap")
    for ((tries = 0; kills < ROUNDS / 2 && tries < 10 * ROUNDS; tries++)); do
        kill_after "$(random_moment)" ensure "$D/swap" --size 4M --label "hr-$((tries % 2))"
        [ "$STATUS" -eq 137 ] || continue
        ((++kills))
        good_file "$D/swap" $((4 * MiB))
        [ "$(tag UUID "$D/swap")" = "$uuid" ]
        [[ $(tag LABEL "$D/swap") == hr-[01] ]]
        only swap
    done
    [ "$kills" -eq $((ROUNDS / 2)) ]
}

# It dies by the signal with all undone, or it was done before.
interrupted() { # KIND
    local free signal deaths=0 tries
    on_fs "$1"
    free_bytes "$D"
    free=$SPACE
    measure "$SIZE"
    for ((tries = 0; deaths < ROUNDS / 2 && tries < 10 * ROUNDS; tries++)); do
        signal=INT
        [ $((tries % 2)) -eq 0 ] || signal=TERM
        signal_after $signal "$(random_moment)" ensure "$D/swap" --size "$SIZE"
        if [ "$STATUS" -eq 0 ]; then
            good_area "$D/swap" "$SIZE"
            only swap
            clear_away
        else
            died_by $signal || fail "exit status $STATUS after $signal: $WORD $(cat "$HR_DIR/tmp/err")"
            nothing_left "$free"
            ((++deaths))
        fi
    done
    echo "# $1: $deaths undone in $tries runs" >&3
    [ "$deaths" -eq $((ROUNDS / 2)) ] || fail "only $deaths interruptions"
}

# bats test_tags=guest
@test "SIGINT and SIGTERM at a random moment, ext4: undone" { interrupted ext4; }
@test "SIGINT and SIGTERM at a random moment, xfs: undone" { interrupted xfs; }
@test "SIGINT and SIGTERM at a random moment, btrfs: undone" { interrupted btrfs; }

# Half-way through the writing of zeros, which takes long enough to be watched.
half_way() { # SIGNAL
    local free rc=0 pid
    on_fs ext2
    free_bytes "$D"
    free=$SPACE
    # without job control a background process ignores SIGINT
    env --default-signal=INT "$SWAPCTL" ensure "$D/swap" --size 400M >/dev/null 2>"$HR_DIR/tmp/err" 3>&- &
    pid=$!
    until [ $(($(stat -f -c '%f * %S' "$D"))) -lt $((free - 32 * MiB)) ]; do
        kill -0 "$pid" || fail "too early: $(cat "$HR_DIR/tmp/err")"
    done
    kill -s "$1" "$pid"
    wait "$pid" || rc=$?
    [ "$rc" -eq $((128 + $(kill -l "$1"))) ] || fail "exit status $rc: $(cat "$HR_DIR/tmp/err")"
    nothing_left "$free"
}

@test "SIGINT while zeros are written: undone" { half_way INT; }
@test "SIGTERM while zeros are written: undone" { half_way TERM; }
@test "SIGHUP while zeros are written: undone" { half_way HUP; }
@test "SIGKILL while zeros are written: nothing is left" { half_way KILL; }

@test "SIGINT while zeros are written says that it was interrupted" {
    on_fs ext2
    measure 40M
    signal_after INT "$(seconds "$SPAN")" ensure "$D/swap" --size 400M
    died_by INT || fail "$STATUS $WORD"
    [[ $(cat "$HR_DIR/tmp/err") == "swapctl: $D/swap: interrupted"* ]] || fail "$(cat "$HR_DIR/tmp/err")"
}
