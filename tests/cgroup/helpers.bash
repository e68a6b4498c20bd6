# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# helpers - what the tests of cgctl share
#
# Only for a guest of tests/vm: there every group is ours. A test's groups lie below /t, which is gone after it, with the
# processes that are in it.
#
# shellcheck disable=SC2034,SC2154 # some are for the tests, some come from bats

bats_require_minimum_version 1.5.0

TOP=/sys/fs/cgroup
MiB=1048576

setup() {
    [ -n "${HEADROOM_GUEST-}" ] || skip "only in a guest of tests/vm"
    PIDS=()
    CTL=("$CGCTL")
}

teardown() {
    local pid
    for pid in "${PIDS[@]}"; do
        kill -KILL "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    clear_groups
    controllers_back
}

clear_groups() {
    local i dir
    for ((i = 0; i < 100; i++)); do
        for dir in "$TOP"/*/; do
            [ -d "$dir" ] || return 0
            echo 0 >"${dir}cgroup.freeze" 2>/dev/null
            echo 1 >"${dir}cgroup.kill" 2>/dev/null
            by_hand "$dir"
            find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null
        done
        sleep 0.1
    done
    fail "groups are left: $(ls -d "$TOP"/*/)"
}

# What cgroup.kill leaves out
by_hand() {
    local tid tgid
    while read -r tid; do
        tgid=$(awk '/^Tgid:/ { print $2 }' "/proc/$tid/status" 2>/dev/null) && kill -KILL "$tgid" 2>/dev/null
    done < <(find "$1" -name cgroup.threads -exec cat {} + 2>/dev/null)
    return 0
}

# Every test begins without controllers handed down.
controllers_back() {
    local name
    for name in $(<"$TOP/cgroup.subtree_control"); do
        echo "-$name" >"$TOP/cgroup.subtree_control"
    done
}

fail() {
    printf '%s\n' "$@"
    return 1
}

# A process in a group that holds so much memory of its own: dd waits for somebody to read its block; sets BG.
spawn_hog() { # GROUP MIB
    local pipe=$BATS_TEST_TMPDIR/pipe.$2
    mkfifo "$pipe"
    # shellcheck disable=SC2016
    spawn_in "$1" bash -c 'exec 9<>"$1" && exec dd if=/dev/zero of="$1" bs="$2"M count=1 status=none' - "$pipe" "$2"
    eventually uses "$1" $(($2 * MiB))
}
uses() { # GROUP BYTES
    [ "$(<"$TOP$1/memory.current")" -gt "$2" ]
}

# Repeats a command that may fail for a moment, for at most 20 s.
eventually() {
    local i
    for ((i = 0; i < 200; i++)); do
        "$@" && return 0
        sleep 0.1
    done
    fail "never: $*"
}

# A process in the background; sets BG.
spawn() {
    "$@" 3>&- 4>&- &
    BG=$!
    PIDS+=("$BG")
}

# The same in a group.
spawn_in() { # GROUP COMMAND...
    local group=$1
    shift
    spawn bash -c 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"' - "$TOP$group" "$@"
    eventually in_group "$BG" "$group"
}
in_group() { # PID GROUP
    grep -qxF "0::$2" "/proc/$1/cgroup" 2>/dev/null
}

# Runs cgctl and demands this exit status. Sets output and stderr.
ctl() { # STATUS ARG...
    local want=$1
    shift
    try "$@"
    [ "$status" -eq "$want" ] ||
        fail "cgctl $*" "exit status $status, not $want" "stdout: $output" "stderr: $stderr"
}
try() { # ARG...
    status=0
    output=$("${CTL[@]}" "$@" 2>/tmp/stderr 3>&-) || status=$?
    stderr=$(</tmp/stderr)
}

answers() { # TEXT
    [ "$output" = "$1" ] || fail "answer: $output" "wanted: $1" "stderr: $stderr"
}

# A line on stderr has the program's name and this glob in it, and no full stop.
says() { # GLOB
    local line
    while IFS= read -r line; do
        # shellcheck disable=SC2053 # a pattern is wanted
        if [[ $line == "cgctl: "*$1* ]]; then
            [[ $line != *. && $line != *": Invalid argument" ]] || fail "no good message: $line"
            return 0
        fi
    done <<<"$stderr"
    fail "message: $stderr" "wanted: cgctl: ...$1..."
}
silent() {
    [ -z "$stderr" ] || fail "unexpected message: $stderr"
}

changes() { ctl 0 "$@" && answers changed; }
keeps() { ctl 0 "$@" && answers unchanged; }

holds() { # EXPRESSION of jq
    jq -e "$1" <<<"$output" >/dev/null || fail "not true: $1" "of: $output"
}

# A group's file holds this.
has() { # FILE TEXT
    [ "$(<"$TOP$1")" = "$2" ] || fail "$1: $(<"$TOP$1")" "wanted: $2"
}
# Whether this kernel has the file, or the word at the start of a line of it: true or false
there() { # FILE [WORD]
    if [ -e "$TOP$1" ] && grep -qs "^${2-}" "$TOP$1"; then echo true; else echo false; fi
}
is_group() { [ -d "$TOP$1" ]; }
no_group() { [ ! -e "$TOP$1" ] || fail "still there: $1"; }

# Everything that the groups say: names, controllers and limits; one program, for each takes its time here
snapshot() {
    grep -rs '' "$TOP" --include={cgroup.subtree_control,cgroup.freeze,memory.max,memory.high,memory.swap.max,cpu.max,pids.max} || :
}

# cgctl ARG... fails with this status and message, prints nothing and changes nothing.
refused() { # STATUS GLOB ARG...
    local before after
    before=$(snapshot)
    ctl "$1" "${@:3}"
    answers ''
    says "$2"
    after=$(snapshot)
    [ "$after" = "$before" ] || fail "changed:" "$(diff <(echo "$before") <(echo "$after"))"
}
