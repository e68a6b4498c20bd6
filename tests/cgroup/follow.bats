#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# cgctl limit --follow, with a server that is killed, restarted and moved

# shellcheck disable=SC2154,SC2030,SC2031,SC2034 # variables of the helpers and of bats; each test is a subshell
load helpers

# What it said, when a test fails
show() {
    fail "$@" "stdout:" "$(<"$OUT")" "stderr:" "$(<"$ERR")"
}
within() { # COMMAND...
    eventually "$@" || show "never: $*"
}

# A program with a name of its own; sets SERVER.
make_server() {
    SERVER=$BATS_TEST_TMPDIR/webserver
    cp "$(type -P sleep)" "$SERVER"
}
# Starts it in a group; sets BG.
serve() { # GROUP
    spawn_in "$1" "$SERVER" 1000
    eventually runs_server "$BG"
}
runs_server() {
    grep -qx webserver "/proc/$1/comm" 2>/dev/null
}
end() { # PID
    kill -KILL "$1"
    wait "$1" 2>/dev/null || :
}

# In the background, its answers in $OUT and $ERR; sets FOLLOWER.
follow() { # ARG...
    OUT=$BATS_TEST_TMPDIR/out ERR=$BATS_TEST_TMPDIR/err
    env --default-signal=INT,TERM "${CTL[@]}" limit --swap-max 0 "$@" >"$OUT" 2>"$ERR" 3>&- 4>&- &
    FOLLOWER=$!
    PIDS+=("$FOLLOWER")
}
says_lines() { # TEXT
    [ "$(<"$OUT")" = "$1" ]
}
is_set() { # FILE TEXT
    [ "$(cat "$TOP$1" 2>/dev/null)" = "$2" ]
}

@test "follow: what runs is limited, and what is started again, in a group that is made again" {
    make_server
    changes create /t
    mkdir "$TOP/t/a" "$TOP/t/other"
    spawn_in /t/other sleep 1000
    serve /t/a
    follow --follow '-x webserver' --memory-max 64M --interval 1h
    within is_set /t/a/memory.max $((64 * MiB))
    within says_lines '/t/a: changed'
    has /t/a/memory.swap.max 0
    has /t/other/memory.max max
    end "$BG"
    eventually rmdir "$TOP/t/a"
    mkdir "$TOP/t/a"
    has /t/a/memory.max max
    serve /t/a
    within is_set /t/a/memory.max $((64 * MiB))
    within says_lines $'/t/a: changed\n/t/a: changed'
    # in a group that has the limits already nothing is done, and so nothing is said
    end "$BG"
    serve /t/a
    mkdir "$TOP/t/b"
    serve /t/b
    within is_set /t/b/memory.max $((64 * MiB))
    within says_lines $'/t/a: changed\n/t/a: changed\n/t/b: changed'
    [ ! -s "$ERR" ] || fail "$(<"$ERR")"
}

@test "follow: other limits, and another group, are found at the interval" {
    make_server
    changes create /t
    mkdir "$TOP/t/a" "$TOP/t/b"
    serve /t/a
    follow --follow '-x webserver' --memory-max 64M --interval 500ms --json
    within is_set /t/a/memory.max $((64 * MiB))
    echo max >"$TOP/t/a/memory.max"
    within is_set /t/a/memory.max $((64 * MiB))
    echo "$BG" >"$TOP/t/b/cgroup.procs"
    within is_set /t/b/memory.max $((64 * MiB))
    within says_lines "$(printf '{"group":"/t/%s","pids":[%s],"changed":true,"actions":[%s]}\n' \
        a "$BG" '"enable-controller","set","set"' a "$BG" '"set"' b "$BG" '"set","set"')"
}

@test "follow: what cannot be limited is said once, and the rest is done" {
    make_server
    changes create /t
    mkdir "$TOP/t/a"
    spawn "$SERVER" 1000
    local root=$BG
    eventually runs_server "$root"
    follow --follow '-x webserver' --memory-max 64M --interval 200ms
    within grep -q "^cgctl: $root: is in the root group" "$ERR"
    serve /t/a
    within is_set /t/a/memory.max $((64 * MiB))
    # five more looks at least
    for _ in 1 2 3 4 5; do
        echo max >"$TOP/t/a/memory.max"
        within is_set /t/a/memory.max $((64 * MiB))
    done
    [ "$(grep -c 'is in the root group' "$ERR")" = 1 ] || fail "$(<"$ERR")"
}

@test "follow: it sleeps while nothing happens, and ends by the signal that asks it to" {
    local before after name
    make_server
    changes create /t/a
    serve /t/a
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    for name in TERM INT; do
        echo max >"$TOP/t/a/memory.max"
        follow --follow '-x webserver' --memory-max 64M
        within says_lines '/t/a: changed'
        # builtins alone, for it hears of every process
        read -r -t 1 <>"$BATS_TEST_TMPDIR/fifo" || :
        switches "$FOLLOWER" before
        read -r -t 3 <>"$BATS_TEST_TMPDIR/fifo" || :
        switches "$FOLLOWER" after
        [ "$before" = "$after" ] || fail "it woke up: $before, $after"
        kill -s "$name" "$FOLLOWER"
        status=0
        wait "$FOLLOWER" || status=$?
        [ "$status" = $((128 + $(kill -l "$name"))) ] || fail "status $status"
        has /t/a/memory.max $((64 * MiB))
    done
}
# How often a process went to sleep, without starting one; sets the variable.
switches() { # PID VARIABLE
    local key value
    while read -r key value _; do
        [ "$key" != voluntary_ctxt_switches: ] || printf -v "$2" %s "$value"
    done <"/proc/$1/status"
}

@test "follow: criteria that choose nobody in particular are refused" {
    changes create /t
    refused 2 '--follow: ' limit --follow '' --memory-max 64M
    refused 2 '--follow: no criterion' limit --follow '--include-self' --memory-max 64M
    refused 2 '--follow: unknown option --no-such' limit --follow '--no-such x' --memory-max 64M
    refused 6 '--follow: all but some' limit --follow '-v -x bash' --memory-max 64M
    refused 2 'wanted is one of' limit --follow '-x webserver' --memory-max 64M 1
    refused 2 '--interval: is for --follow' limit --interval 1s --memory-max 64M 1
    refused 2 '--interval: ' limit --follow '-x webserver' --interval 1ms --memory-max 64M
    refused 2 'missing a limit' limit --follow '-x webserver'
    ctl 1 limit --follow '-x no-such-program' --memory-max 64M --dry-run
    answers ''
}
