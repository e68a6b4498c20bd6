# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# procfind - where the program lies, processes that a test starts, and a fake system
#
# Nothing here ends a process that the test did not start: they are known by their number.
#
# shellcheck disable=SC2034 # what is set here is for the tests

bats_require_minimum_version 1.5.0

REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
HEADROOM_BUILD=${HEADROOM_BUILD:-${BUILD_DIR:-$REPO/build}}
PROCFIND=${PROCFIND:-$HEADROOM_BUILD/cmd/procfind/procfind}

procfind() {
    "$PROCFIND" "$@"
}

# "procfind LONG SHORT ARG" of every option
options() {
    "$HEADROOM_BUILD/completions/generate" list procfind
}

# An argument for sleep that no other process has
make_tag() {
    tag=100000.$BASHPID$RANDOM$RANDOM
}

# start COMMAND...: in the background; its number is in $pid
started=()
start() {
    "$@" 3>&- &
    pid=$!
    started+=("$pid")
}

# end_started: for teardown
end_started() {
    local each
    for each in "${started[@]}"; do
        kill -KILL "$each" 2>/dev/null || true
        wait "$each" 2>/dev/null || true
    done
    started=()
}

# until_true COMMAND...: tried again and again; the test fails if it never succeeds
until_true() {
    local i
    for ((i = 0; i < 3000; i++)); do
        "$@" && return
        sleep 0.02
    done
    echo "never: $*"
    return 1
}

# Does the process run this program already? Before that it is a copy of its shell.
runs() {
    [[ $(tr '\0' ' ' <"/proc/$1/cmdline") == *"$2"* ]]
}

# start_sleep: a sleep with $tag for its argument, in $pid
start_sleep() {
    start sleep "$tag"
    until_true runs "$pid" "sleep $tag"
}

# as_nobody COMMAND...
as_nobody() {
    setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

need_root() {
    [[ $(id -u) == 0 ]] || skip "needs root"
}

# fake PID COMM PPID STATE WORDS: in the fake system $tree; a bar in WORDS stands for the NUL behind a word
fake() {
    local dir=$tree/proc/$1
    mkdir -p "$dir"
    printf '%s\n' "$2" >"$dir/comm"
    printf '%s (%s) %s %s 1 1 0 -1 64 0 0 0 0 0 0 0 0 20 0 1 0 %s00 0 0 0\n' "$1" "$2" "$4" "$3" "$1" >"$dir/stat"
    printf 'Name:\t%s\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nVmRSS:\t%d kB\nVmSwap:\t0 kB\n' "$2" "$1" >"$dir/status"
    printf '%s' "$5" | tr '|' '\0' >"$dir/cmdline"
    printf '0::/a/%s\n' "$2" >"$dir/cgroup"
    : >"$dir/environ"
}

# A system for --root in $tree; now is 100 s after its boot
make_tree() {
    tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree/etc"
    fake 1 init 0 S '/sbin/init|'
    fake 7 worker 1 S 'worker|a b|c|'
    fake 12 worker 7 R 'worker|a|b c|'
    fake 13 'odd) R 1 (name' 12 S 'odd||'
    fake 20 kthread 2 I ''
    fake 21 gone 1 Z ''
    ln -s /bin/worker "$tree/proc/7/exe"
    ln -s '/bin/worker (deleted)' "$tree/proc/12/exe"
    echo '100.00 100.00' >"$tree/proc/uptime"
    echo 'root:x:0:0::/:/bin/sh' >"$tree/etc/passwd"
}

# stdout is empty, the status is 2, and stderr is MESSAGE and the hint at --help
usage_error() {
    local message=$1
    shift
    run -2 --separate-stderr procfind "$@"
    [ -z "$output" ]
    [ "$stderr" = "procfind: $message"$'\n'"Try 'procfind --help' for more information." ] ||
        { echo "stderr: $stderr" && return 1; }
}
