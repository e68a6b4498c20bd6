#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# memwatch guard: a leak is ended before the kernel has to do it, and what its actions do to swap and groups

# shellcheck disable=SC2154,SC2030,SC2031,SC2034 # variables of the helpers and of bats; each test is a subshell
load helpers
# shellcheck source=/dev/null
. "$BATS_TEST_DIRNAME/../bench/leak.bash"

begin() { # ARG...
    LOG=$BATS_TEST_TMPDIR/log
    spawn "$MEMWATCH" guard --log "$LOG" "$@"
    GUARD=$BG
    eventually logged ': started'
}

logged() { # PATTERN
    grep -qE -e "$1" "$LOG" 2>/dev/null
}

within() { # COMMAND...
    eventually "$@" || fail "never: $*" "$(<"$LOG")"
}

kernel_kills() {
    awk '$1 == "oom_kill" { print $2 }' /proc/vmstat
}

@test "guard: a leak is ended in time, the probe answers, and nobody else suffers" {
    local before kills
    leak_setup "$BATS_TEST_TMPDIR"
    kills=$(kernel_kills)
    # nobody ends who counts
    echo -1000 >/proc/self/oom_score_adj
    begin -r 'ram>80%: kill .'
    leak_others 4
    PIDS+=("${leak_workers[@]}" "$leak_probe")
    eventually test -s "$leak_dir/worst"
    sleep 2
    before=$(leak_worst)
    leak_run 120
    late=$(leak_worst)
    leak_end_others
    echo "# probe late by $before ms before, by $late ms while the memory ran out, which took $leak_ms ms" >&3
    [ "$leak_status" = 143 ] || fail "the leak ended with $leak_status" "$(<"$LOG")"
    within logged 'killed [0-9]+ hrleak \(.* by SIGTERM'
    [ "$leak_innocents" = 0 ]
    [ "$(kernel_kills)" = "$kills" ]
    # where nothing at all happens and it is late already, the machine below is to blame
    [ "$late" -lt 1000 ] || [ "$before" -gt 100 ]
}

@test "guard: swap-add makes a file, then another, up to its bound" {
    local dir=/var/tmp/guard
    mkdir "$dir"
    begin --swap-bound 40M --disk-reserve 1M -r "ram>0: swap-add 20M $dir, swap-add 20M $dir, swap-add 20M $dir"
    within logged 'beyond the bound of 40M; there is 40M'
    grep -q "^$dir/headroom-1.swap " /proc/swaps
    grep -q "^$dir/headroom-2.swap " /proc/swaps
    [ ! -e "$dir/headroom-3.swap" ]
    swapoff "$dir/headroom-2.swap"
    kill "$GUARD"
    # one that is there and not active goes before a new one
    begin --swap-bound 40M --disk-reserve 1M -r "ram>0: swap-add 20M $dir"
    within logged 'headroom-2.swap, 20M, which was there'
    within grep -q "^$dir/headroom-2.swap " /proc/swaps
    swapoff "$dir/headroom-1.swap" "$dir/headroom-2.swap"
    rm -r "$dir"
}

@test "guard: a command with limits runs in a group of its own" {
    run -137 "$MEMWATCH" guard -r 'ram>99%: warn' --memory-max 20M --swap-max 0 -- tail /dev/zero
    run -7 "$MEMWATCH" guard -r 'ram>99%: warn' --memory-max 20M -- sh -c 'grep -q cgctl-run /proc/self/cgroup && exit 7'
}

@test "guard: it goes first to the processor, and what it starts does not" {
    begin -r 'ram>0: exec nice'
    within logged 'it printed: 0$'
    [ "$(awk '{ print $19 }' "/proc/$GUARD/stat")" = -20 ]
    run -0 --separate-stderr nice -n 5 "$MEMWATCH" guard -r 'ram>99%: warn' -- nice
    [ "$output" = 5 ]
}
