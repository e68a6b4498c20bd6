#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Where messages go: stderr, the journal, the file of --log; and what --soft-fail makes of failures

setup() {
    load swapctl
    make_tree
    log=$BATS_TEST_TMPDIR/log
}

swappiness() {
    swapctl swappiness --root "$tree" "$@"
}

readonly DATE='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}'

# The log has exactly these lines; each argument is an extended regular expression for what follows the time and the name
log_has() {
    local n=0
    for line; do
        n=$((n + 1))
        sed -n "${n}p" "$log" | grep -qxE "$DATE swapctl\[[0-9]+\]: $line" ||
            { echo "line $n is not \"$line\":" && cat "$log" && return 1; }
    done
    [ "$(wc -l <"$log")" = "$n" ]
}

# ---- --log

@test "--log: one line for each change, none for none" {
    run -0 --separate-stderr swappiness 10 --persist --log "$log"
    [ "$output" = changed ]
    [ -z "$stderr" ]
    log_has 'done: set vm\.swappiness to 10.*' 'done: keep .*/etc/sysctl\.d/60-headroom\.conf'
    run -0 swappiness 10 --persist --log "$log"
    [ "$output" = unchanged ]
    [ "$(wc -l <"$log")" = 2 ]
}

@test "--log: appended to, and private to its owner and group" {
    (umask 0 && run -0 swappiness 10 --log "$log")
    [ "$(stat -c %a "$log")" = 640 ]
    run -0 swappiness 20 --log "$log"
    log_has 'done: .* to 10 .*' 'done: .* to 20 .*'
}

@test "--log: the time is that of the time zone" {
    TZ=UTC-5:30 run -0 swappiness 10 --log "$log"
    grep -qE '^[0-9T:-]{19}\+05:30 swapctl' "$log"
}

@test "--log: a failure is told on stderr and in the log" {
    run -3 --separate-stderr swapctl create "$tree/nowhere/swapfile" --size 1M --log "$log"
    [[ $stderr == "swapctl: "*nowhere* ]]
    log_has 'failed: .*nowhere.*'
}

@test "--log: a file name cannot forge a line" {
    run -3 swapctl create "$tree/no"$'\n'"2026-01-01T00:00:00+00:00 swapctl[1]: done: all/swapfile" --size 1M --log "$log"
    log_has 'failed: .*\\x0a2026.*'
}

@test "--log: a dry run writes none, and a wrong command line neither" {
    run -0 swappiness 10 --dry-run --log "$log"
    [ ! -e "$log" ]
    run -2 swappiness eleven --log "$log"
    [ ! -s "$log" ]
}

@test "--log: one that cannot be opened is a failure before anything is changed" {
    run -3 --separate-stderr swappiness 10 --log "$BATS_TEST_TMPDIR/nowhere/log"
    [[ $stderr == "swapctl: $BATS_TEST_TMPDIR/nowhere/log: cannot open the log: "* ]]
    [ "$(<"$tree/proc/sys/vm/swappiness")" = 60 ]
}

@test "--log: a full disk is told once for a line, and stops nothing" {
    run -0 --separate-stderr swappiness 10 --log /dev/full
    [ "$output" = changed ]
    [[ $stderr == "swapctl: warning: the log cannot be written" ]]
}

# ---- the journal

@test "journal: lines get their level where stderr is the journal's" {
    local file=$BATS_TEST_TMPDIR/journal
    : >"$file"
    JOURNAL_STREAM=$(stat -c %d:%i "$file")
    export JOURNAL_STREAM
    swappiness 20 --verbose 2>"$file"
    grep -qE '^<6>swapctl: .* to 20 ' "$file"
    [ "$(wc -l <"$file")" = 1 ]
    swappiness 2000 2>"$file" || [ $? = 2 ]
    [ "$(grep -c '^<3>' "$file")" = 2 ]
    [ "$(wc -l <"$file")" = 2 ]
}

@test "journal: no level where stderr is something else" {
    JOURNAL_STREAM=1:1 run -0 --separate-stderr swappiness 10 --verbose
    [[ $stderr == "swapctl: "* ]]
    JOURNAL_STREAM=nonsense run -0 --separate-stderr swappiness 20 --verbose
    [[ $stderr == "swapctl: "* ]]
}

# ---- --soft-fail

@test "--soft-fail: a failure is told and exits with 0" {
    run -0 --separate-stderr swapctl ensure "$tree/nowhere/swapfile" --size 1M --soft-fail --dry-run
    [ -z "$output" ]
    [[ $stderr == "swapctl: "*nowhere* ]]
    run -0 --separate-stderr swapctl ensure "$tree/etc" --size 1M --soft-fail --dry-run
    [[ $stderr == "swapctl: "* ]]
}

@test "--soft-fail: the same without it fails" {
    run -3 swapctl ensure "$tree/nowhere/swapfile" --size 1M --dry-run
    run -6 swapctl ensure "$tree/etc" --size 1M --dry-run
}

@test "--soft-fail: a wrong command line stays an error" {
    run -2 swapctl ensure "$tree/swapfile" --soft-fail
    run -2 swapctl ensure "$tree/swapfile" --size many --soft-fail
    run -2 swapctl ensure --soft-fail --size 1M
    run -2 swapctl create "$tree/swapfile" --size 1M --soft-fail
}

@test "--soft-fail: stdout that cannot be written is a failure like others" {
    # with a root of its own, so that no privilege is needed
    run -0 --separate-stderr bash -c '"$@" >/dev/full' bash "$SWAPCTL" ensure /swapfile --size 1M --dry-run --root "$tree" --soft-fail
    [[ $stderr == "swapctl: standard output: "* ]]
    run -3 bash -c '"$@" >/dev/full' bash "$SWAPCTL" ensure /swapfile --size 1M --dry-run --root "$tree"
}
