#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# recipes/reclaim-experiment.sh: this kernel does what is said of it

# shellcheck disable=SC2154,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

EXPERIMENT=$BATS_TEST_DIRNAME/../../recipes/reclaim-experiment.sh

# Huge pages take half of the RAM out of the way: to fill all of it takes its time here.
setup_file() {
    [ -n "${HEADROOM_GUEST-}" ] || return 0
    echo 180 >/proc/sys/vm/nr_hugepages
    mkfs.ext4 -q "$SCRATCH_DISK"
    mkdir -p /run/scratch
    mount "$SCRATCH_DISK" /run/scratch
}

teardown_file() {
    [ -n "${HEADROOM_GUEST-}" ] || return 0
    umount /run/scratch
    wipefs -q -a "$SCRATCH_DISK"
    echo 0 >/proc/sys/vm/nr_hugepages
}

# experiment STATUS ARG...: sets output and stderr
experiment() {
    local status=0
    output=$("$EXPERIMENT" --dir /run/scratch "${@:2}" 2>/tmp/stderr 3>&-) || status=$?
    stderr=$(</tmp/stderr)
    echo "$output"
    [ "$status" = "$1" ] || fail "exit status $status, not $1" "$stderr"
}

nothing_is_left() {
    [ "$(ls /run/scratch)" = lost+found ] || fail "$(ls /run/scratch)"
    [ -z "$(ls -d "$TOP"/*/ 2>/dev/null)" ] || fail "$(ls -d "$TOP"/*/)"
}

# A column of a scenario's row, counted from the end: bystander is 2, limit 3, direct 4, kswapd 5
column() { # SCENARIO NUMBER
    awk -v name="$1" -v n="$2" '$1 == name { print $(NF + 1 - n) }' <<<"$output"
}

@test "experiment: short of memory the machine takes from everybody, at its limit a group takes from itself" {
    experiment 0
    silent
    nothing_is_left
    # shellcheck disable=SC2001 # each line
    sed 's/^/# /' <<<"$output" >&3
    grep -qE '^host +host pressure +host pressure \((kswapd|direct)\) .* yes$' <<<"$output"
    grep -qE '^group +cgroup limit +cgroup limit.* yes$' <<<"$output"
    [ "$(column host 5)" -gt 1000 ]
    [ "$(column host 3)" -lt 64 ]
    [ "$(column host 2)" -gt 0 ]
    # 256 MiB were read, of which 32 have room
    [ "$(column group 3)" -gt 40000 ]
    [ "$(column group 5)" = 0 ]
    [ "$(column group 2)" = 0 ]
}

@test "experiment: a machine with too much free memory is left alone, and so is one that is only asked" {
    local before
    before=$(snapshot)
    experiment 0 --dry-run
    [[ $output == *'host: read '*' MiB of holes below /run/scratch; '* ]]
    [ "$(snapshot)" = "$before" ]
    experiment 6 --most 100M
    says_too_much
    [ "$(column group 1)" = yes ]
    nothing_is_left
}
says_too_much() {
    [[ $stderr == 'host      left out: '*' MiB are free, and at most 100 MiB may be read; see --most' ]] || fail "$stderr"
}

reads() {
    compgen -G '/run/scratch/reclaim-experiment.*/host' >/dev/null
}

@test "experiment: interrupted, it leaves nothing" {
    local status=0
    spawn env --default-signal=INT "$EXPERIMENT" --dir /run/scratch >/dev/null
    eventually reads
    kill -INT "$BG"
    wait "$BG" || status=$?
    [ "$status" = 130 ]
    nothing_is_left
}
