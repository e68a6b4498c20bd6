#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# memwatch record and replay: on a folder in place of "/", through kills, full disks and rotations

load memwatch

setup()
{
    tree=$BATS_TEST_TMPDIR/tree
    file=$BATS_TEST_TMPDIR/h
    mkdir -p "$tree"/proc/pressure "$tree"/proc/sys/kernel/random
    printf '%s\n' 'MemTotal: 1000 kB' 'MemFree: 100 kB' 'MemAvailable: 400 kB' 'SwapTotal: 0 kB' >"$tree/proc/meminfo"
    echo 'some avg10=1.25 avg60=2.00 avg300=3.00 total=1' >"$tree/proc/pressure/memory"
    echo '01234567-89ab-cdef-0123-456789abcdef' >"$tree/proc/sys/kernel/random/boot_id"
}

# record WORDS...: fast, from the tree
record()
{
    "$MEMWATCH" record --root "$tree" -i 5ms "$file" "$@"
}

# Wait until the history holds so many samples more than FROM
wait_for_samples()
{
    local _
    for _ in {1..400}; do
        (($(stat -c %s "$file" 2>/dev/null || echo 0) > $1)) && return
        sleep 0.05
    done
    return 1
}

@test "what was recorded is replayed as a table, as CSV and as JSON lines" {
    record -c 3 ram ram.available swap psi.memory.some.avg10
    run -0 --separate-stderr "$MEMWATCH" replay "$file"
    [[ ${lines[0]} =~ ^TIME\ +ram\ ram.available\ +swap\ psi.memory.some.avg10$ ]]
    [[ ${lines[1]} =~ ^20[0-9-]{8}\ [0-9:]{8}\ +60.0%\ +400K\ +-\ +1.2%$ ]]
    [ ${#lines[@]} -eq 4 ]
    run -0 --separate-stderr "$MEMWATCH" replay --csv "$file" psi.memory.some.avg10 ram.available swap
    [ "${lines[0]}" = $'time,uptime,psi.memory.some.avg10,ram.available,swap\r' ]
    [[ ${lines[1]} =~ ^20[0-9-]{8}T[0-9:]{8}\.[0-9]{3}Z,[0-9]+\.[0-9]{3},1.25,409600,$'\r'$ ]]
    run -0 --separate-stderr "$MEMWATCH" replay --json "$file"
    jq -se 'length == 3 and all(.[]; .ram == 60 and ."ram.available" == 409600 and .swap == null and .uptime > 0)' <<<"$output"
    jq -se '[.[].uptime] | . == sort' <<<"$output"
}

@test "a name with commas and quotes is one field of the CSV" {
    record -c 1 'cgroup:/a,"b".memory' ram
    run -0 --separate-stderr "$MEMWATCH" replay --csv "$file"
    [ "${lines[0]}" = $'time,uptime,"cgroup:/a,""b"".memory",ram\r' ]
}

@test "names that would steer a terminal are shown harmless" {
    record -c 1 $'cgroup:/a\033[31m\302\233b.memory'
    run -0 --separate-stderr "$MEMWATCH" replay "$file"
    [[ ${lines[0]} == *'cgroup:/a\x1b[31m\xc2\x9bb.memory' ]]
    run -0 --separate-stderr "$MEMWATCH" plot "$file"
    [[ ${lines[0]} == 'cgroup:/a\x1b[31m\xc2\x9bb.memory  absent' ]]
}

@test "it is appended to, with other metrics too, and --from and --to choose" {
    record -c 2 ram
    sleep 1.1
    at=@$(date +%s)
    record -c 3 ram.available
    run -0 --separate-stderr "$MEMWATCH" replay --json "$file"
    [ "$(jq -s -c '[.[] | [.ram, ."ram.available"]]' <<<"$output")" = '[[60,null],[60,null],[null,409600],[null,409600],[null,409600]]' ]
    run -0 --separate-stderr "$MEMWATCH" replay --json --from "$at" "$file"
    [ ${#lines[@]} -eq 3 ]
    run -0 --separate-stderr "$MEMWATCH" replay --json --to "$at" "$file"
    [ ${#lines[@]} -eq 2 ]
    run -1 --separate-stderr "$MEMWATCH" replay --json --to -1h "$file"
    [ -z "$output" ]
    run -2 "$MEMWATCH" replay "$file" swap
    [[ $output == *'swap: was not recorded; there is ram, ram.available'* ]]
    run -2 "$MEMWATCH" replay --from yesterday "$file"
    [[ $output == *'yesterday: is no time'* ]]
}

@test "killed again and again, it loses nothing that was whole" {
    before=0
    for _ in {1..12}; do
        "$MEMWATCH" record --root "$tree" -i 1ms "$file" ram ram.available 3>&- &
        pid=$!
        wait_for_samples "$before"
        sleep "0.0$((RANDOM % 9 + 1))"
        kill -KILL $pid
        wait $pid || true
        run -0 --separate-stderr "$MEMWATCH" replay --json "$file"
        [ -z "$stderr" ]
        now=${#lines[@]}
        ((now >= ${samples:-0}))
        samples=$now
        before=$(stat -c %s "$file")
    done
    ((samples >= 12))
    jq -se '[.[].uptime] | . == sort' <<<"$output"
}

@test "a torn last record is dropped, and cut off by the next recorder" {
    record -c 3 ram
    size=$(stat -c %s "$file")
    truncate -s $((size - 2)) "$file"
    run -0 --separate-stderr "$MEMWATCH" replay --json -v "$file"
    [ ${#lines[@]} -eq 2 ]
    [[ $stderr == *'the last record was cut off'* ]]
    record -c 1 ram
    run -0 --separate-stderr "$MEMWATCH" replay --json -v "$file"
    [ ${#lines[@]} -eq 3 ]
    [ -z "$stderr" ]
}

@test "damage in the middle costs what it hits, is counted, and is exit status 4" {
    record -c 50 ram
    size=$(stat -c %s "$file")
    printf 'XXXXXXXX' | dd of="$file" bs=1 seek=$((size / 2)) conv=notrunc status=none
    run -4 --separate-stderr "$MEMWATCH" replay --json "$file"
    ((${#lines[@]} >= 47 && ${#lines[@]} < 50))
    [[ $stderr =~ 'damaged in 1 place, where '[0-9]+' bytes were skipped' ]]
    run -4 --separate-stderr "$MEMWATCH" plot "$file"
}

@test "a full disk is told once, leaves no half record, and it goes on" {
    # a limit on the file's size is a full disk that needs no root
    (ulimit -f 1 && exec "$MEMWATCH" record --root "$tree" -i 1ms -c 200 "$file" ram) 2>"$BATS_TEST_TMPDIR/said" 3>&- &&
        status=0 || status=$?
    [ "$status" -eq 4 ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/said")" -eq 1 ]
    grep -q 'h: cannot write: .*; trying again with every sample' "$BATS_TEST_TMPDIR/said"
    (($(stat -c %s "$file") <= 1024))
    run -0 --separate-stderr "$MEMWATCH" replay --json -v "$file"
    [ -z "$stderr" ]
    lines_before=${#lines[@]}
    ((lines_before > 10 && lines_before < 200))
    record -c 1 ram
    run -0 --separate-stderr "$MEMWATCH" replay --json -v "$file"
    [ ${#lines[@]} -eq $((lines_before + 1)) ]
}

@test "what is not a history of ours is refused and left as it was" {
    echo 'my notes' >"$BATS_TEST_TMPDIR/notes"
    ln -s notes "$BATS_TEST_TMPDIR/link"
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    for what in notes link fifo; do
        run -6 "$MEMWATCH" record --root "$tree" -c 1 "$BATS_TEST_TMPDIR/$what" ram
    done
    run -6 "$MEMWATCH" record --root "$tree" -c 1 "$BATS_TEST_TMPDIR" ram
    run -6 "$MEMWATCH" record --root "$tree" -c 1 /dev/null ram
    [ "$(cat "$BATS_TEST_TMPDIR/notes")" = 'my notes' ]
    run -6 "$MEMWATCH" replay "$BATS_TEST_TMPDIR/notes"
    [[ $output == *'is no history'* ]]
    run -6 "$MEMWATCH" replay "$BATS_TEST_TMPDIR/fifo"
    echo 'my notes' >"$file.2"
    run -6 "$MEMWATCH" record --root "$tree" --rotate 4K:2 -c 1 "$file" ram
    [[ $output == *"h.2: is no history"* ]]
}

@test "two recorders do not share a file" {
    "$MEMWATCH" record --root "$tree" -i 1ms "$file" ram 3>&- &
    pid=$!
    wait_for_samples 0
    run -6 "$MEMWATCH" record --root "$tree" -c 1 "$file" ram
    [[ $output == *'another process records to it'* ]]
    kill -TERM $pid
    wait $pid || true
    record -c 1 ram
}

@test "SIGTERM ends it, by that signal; SIGHUP opens the file anew" {
    "$MEMWATCH" record --root "$tree" -i 1ms "$file" ram 2>"$BATS_TEST_TMPDIR/said" 3>&- &
    pid=$!
    wait_for_samples 100
    mv "$file" "$file.old"
    kill -HUP $pid
    wait_for_samples 100
    kill -TERM $pid
    status=0
    wait $pid || status=$?
    [ "$status" -eq 143 ]
    [ ! -s "$BATS_TEST_TMPDIR/said" ]
    "$MEMWATCH" replay --json "$file.old" >"$BATS_TEST_TMPDIR/old"
    "$MEMWATCH" replay --json "$file" >"$BATS_TEST_TMPDIR/new"
    jq -se '[.[].uptime] | . == sort' "$BATS_TEST_TMPDIR/old" "$BATS_TEST_TMPDIR/new"
}

@test "rotated files are replayed in order, or left out" {
    record --rotate 4K:3 -c 600 -i 1ms ram ram.available
    [ -f "$file.1" ]
    [ ! -f "$file.4" ]
    for f in "$file" "$file".[123]; do
        [ ! -f "$f" ] || (($(stat -c %s "$f") <= 4096))
    done
    run -0 --separate-stderr "$MEMWATCH" replay --json "$file"
    jq -se '[.[].uptime] | . == sort and length == 600' <<<"$output"
    all=${#lines[@]}
    run -0 --separate-stderr "$MEMWATCH" replay --json --alone "$file"
    ((${#lines[@]} < all))
    # two histories, each without its elder ones
    run -0 --separate-stderr "$MEMWATCH" replay --json --alone "$file.1" "$file"
    jq -se '[.[].uptime] | . == sort' <<<"$output"
}

@test "words that make no sense" {
    run -2 "$MEMWATCH" record
    run -2 "$MEMWATCH" record "$file" rma
    [[ $output == *'did you mean ram'* ]]
    for bad in 4K 4K: 100:3 4K:0 4K:-1 x:3 4K:99999; do
        run -2 "$MEMWATCH" record --rotate "$bad" "$file"
        [[ $output == *'is not SIZE:N'* ]]
    done
    run -2 "$MEMWATCH" record -i 0 "$file"
    run -2 "$MEMWATCH" replay --csv --json "$file"
    run -3 "$MEMWATCH" replay "$BATS_TEST_TMPDIR/absent"
    [ ! -e "$file" ]
}
