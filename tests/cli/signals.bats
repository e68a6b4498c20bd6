#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Waiting for the lock, and being told to stop while waiting

setup() {
    load swapctl
    make_tree
    exec {held}<"$tree"
    flock "$held"
}

teardown() {
    [ -z "${pid-}" ] || kill -KILL "$pid" 2>/dev/null || true
}

# Start "swappiness 10" in the background, as $pid; returns when it waits for the lock.
start() {
    # not by the function: $! has to be the program; and SIGINT counts, though a shell without job control has what runs in
    # its background ignore it, and so does everything below a script in the background
    env --default-signal=INT "$SWAPCTL" swappiness 10 --root "$tree" --lock-timeout 10m >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" \
        {held}>&- 3>&- &
    pid=$!
    # before it is swapctl it is a copy of this shell, which has the lock open too; later it has the tree open once as
    # the root and once as the lock
    until [ /proc/"$pid"/exe -ef "$SWAPCTL" ] && [ "$(readlink /proc/"$pid"/fd/* 2>/dev/null | grep -cxF "$tree")" = 2 ]; do
        kill -0 "$pid"
        sleep 0.01
    done
}

finished() {
    local status=0
    wait "$pid" || status=$?
    pid=
    [ "$status" = "$1" ] || { echo "status $status, wanted $1" && cat "$BATS_TEST_TMPDIR"/{out,err} && return 1; }
}

swappiness() {
    cat "$tree/proc/sys/vm/swappiness"
}

@test "lock: who cannot have it in time says so and changes nothing" {
    run -124 --separate-stderr swapctl swappiness 10 --root "$tree" --lock-timeout 20ms
    [ -z "$output" ]
    [[ $stderr == "swapctl: $tree: another process holds the lock; "* ]]
    run -124 swapctl swappiness 10 --root "$tree" --lock-timeout 0
    [ "$(swappiness)" = 60 ]
}

@test "lock: who waits gets it" {
    start
    flock -u "$held"
    finished 0
    [ "$(<"$BATS_TEST_TMPDIR/out")" = changed ]
    [ "$(swappiness)" = 10 ]
}

@test "lock: a dry run and a question do not wait" {
    run -0 swapctl swappiness 10 --root "$tree" --dry-run --lock-timeout 0
    run -0 swapctl swappiness --root "$tree" --lock-timeout 0
}

@test "lock: nothing of it is left in the tree" {
    flock -u "$held"
    run -0 swapctl swappiness 10 --root "$tree"
    [ -z "$(ls -A "$tree/run")" ]
    # and it was let go
    flock -n "$held"
}

@test "signals: SIGTERM and SIGHUP end it with a message, by that signal, and change nothing" {
    local signal
    for signal in TERM:143 HUP:129; do
        start
        kill -"${signal%:*}" "$pid"
        finished "${signal#*:}"
        [ ! -s "$BATS_TEST_TMPDIR/out" ]
        grep -qE '^swapctl: .*interrupted' "$BATS_TEST_TMPDIR/err"
        [ "$(swappiness)" = 60 ]
    done
}

@test "signals: SIGINT too, where it is not ignored" {
    start
    kill -INT "$pid"
    finished 130
    [ "$(swappiness)" = 60 ]
}

@test "signals: what is ignored, as by nohup, stays ignored" {
    trap '' HUP
    start
    trap - HUP
    kill -HUP "$pid"
    flock -u "$held"
    finished 0
    [ "$(swappiness)" = 10 ]
}
