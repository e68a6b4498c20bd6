#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# cgctl run, limit, attach, freeze, thaw, kill, reclaim and wait, with processes

# shellcheck disable=SC2154,SC2030,SC2031,SC2034 # variables of the helpers and of bats; each test is a subshell
load helpers

# A process that runs on although its first thread has ended; sets BG.
spawn_headless() { # GROUP
    spawn_in "$1" python3 -c '
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(1000,)).start()
ctypes.CDLL(None).pthread_exit(None)'
    eventually is_headless "$BG"
}
is_headless() {
    [[ $(sed -n 's/^State:\t//p' "/proc/$1/status") == Z* && $(ls "/proc/$1/task" | wc -l) -gt 1 ]]
}

# ---- run

@test "run: in a new group with its limits, which is gone afterwards" {
    ctl 0 run --name box --memory-max 64M --swap-max 0 --pids-max 50 -- \
        bash -c 'cat /proc/self/cgroup; cat /sys/fs/cgroup/box/{memory.max,memory.swap.max,pids.max}'
    answers $'0::/box\n67108864\n0\n50'
    silent
    no_group /box
    ctl 0 run cat /proc/self/cgroup
    [[ $output == 0::/cgctl-run-* ]]
    no_group "${output#0::}"
}

@test "run: the exit status is the command's, and 125 is our own" {
    ctl 7 run -- bash -c 'exit 7'
    ctl 127 run /no/such/program
    says '/no/such/program: No such file'
    ctl 126 run /etc
    says '/etc: '
    ctl $((128 + 9)) run bash -c 'kill -9 $$'
    silent
    ctl 125 run --memory-max 16E true
    says '--memory-max'
    ctl 125 run
    says 'missing'
    ctl 125 run --no-such-option true
    ctl 125 run --group /t --set memory.oom.group=7 true
    says 'memory.oom.group'
    no_group /t
    [ -z "$(ls -d "$TOP"/*/ 2>/dev/null)" ]
}

@test "run: words of the command stay as they are, empty ones too" {
    ctl 0 run printf '%s.' a '' 'b c' --help -n '!#:+'
    answers 'a..b c.--help.-n.!#:+.'
}

@test "run: the OOM killer is told, with the peak, and is status 137" {
    local swap=unknown
    changes create /t
    ctl 137 run --name box --memory-max 24M --swap-max 0 -- tail /dev/zero
    [ "$(there /t/memory.swap.peak)" = false ] || swap=0B
    says "/box: the kernel killed for lack of memory in the group; peak memory 2?M, peak swap $swap"
    ctl 137 run --memory-max 24M --swap-max 8M --oom-group -- bash -c 'tail /dev/zero; exit 0'
    says 'the kernel killed for lack of memory'
}

@test "run: killed because of a group above, which is told apart" {
    changes create /t --memory-max 24M --swap-max 0
    ctl 137 run --group /t/box -- tail /dev/zero
    says '/t/box: the kernel killed in the group for lack of memory in a group above it or in the machine; peak memory'
    # a child was killed, and the command did not mind
    ctl 137 run --group /t/box -- bash -c 'tail /dev/zero; exit 0'
    says 'for lack of memory in a group above it'
}

@test "run: what does not fit into memory goes to swap, as far as that may go" {
    changes create /t
    ctl 0 run --name box --memory-max 16M --swap-max 64M --report=json -- bash -c 'head -c 24M /dev/zero | tail | wc -c'
    answers $((24 * MiB))
    output=$stderr
    holds '.events_oom_kill == 0 and .pgsteal > 1000 and .pgscan_direct > 1000'
    holds "if $(there /t/memory.swap.peak) then .swap_peak_bytes > 8000000 else .swap_peak_bytes == null end"
    ctl 137 run --memory-max 16M --swap-max 2M -- bash -c 'head -c 64M /dev/zero | tail | wc -c'
}

@test "run: io.max holds on a real disk" {
    local before=${EPOCHREALTIME/.}
    ctl 0 run --io-max "$SCRATCH_DISK:wbps=1M" -- dd if=/dev/zero of="$SCRATCH_DISK" bs=512K count=4 oflag=direct status=none
    # never faster than that, whatever else the machine does; the first half second may be free
    [ $((${EPOCHREALTIME/.} - before)) -gt 1000000 ] || fail "2 MiB took $((${EPOCHREALTIME/.} - before)) us"
    refused 125 'is not a block device' run --io-max "/dev/null:wbps=1M" -- true
}

@test "run: its group is removed under it" {
    spawn "${CTL[@]}" run --group /t/box -- sleep 1000
    eventually grep -qs . "$TOP/t/box/cgroup.procs"
    ctl 0 remove /t --recursive --kill
    status=0
    wait "$BG" || status=$?
    [ "$status" -eq 137 ]
    no_group /t
}

@test "run: --report says what it used" {
    changes create /t
    ctl 0 run --name box --memory-max 64M --swap-max 0 --report -- true
    [[ $stderr == *"/box:"*"peak memory"*"processor time"*"something waited for memory"*"pages reclaimed"* ]]
    ctl 3 run --name box --memory-max 64M --swap-max 0 --report=json -- bash -c 'head -c 8M /dev/zero | tail | wc -c >/dev/null; exit 3'
    output=$stderr
    holds '.group == "/box" and .status == 3 and .memory_peak_bytes > 8000000 and .cpu_usec > 0'
    holds '.events_oom_kill == 0'
    holds "(.swap_peak_bytes != null) == $(there /t/memory.swap.peak)"
    holds "(.pgscan_proactive != null) == $(there /t/memory.stat pgscan_proactive)"
}

@test "run: what we ignore for our own sake the command does not" {
    ctl 0 run grep ^SigIgn /proc/self/status
    answers "$(grep ^SigIgn /proc/self/status)"
}

@test "run: signals are forwarded" {
    spawn "${CTL[@]}" run --name box -- bash -c 'trap "echo got >\"$0\"; exit 9" TERM; echo ready >"$0"; while :; do sleep 0.1; done' "$BATS_TEST_TMPDIR/got"
    eventually [ -s "$BATS_TEST_TMPDIR/got" ]
    kill -TERM "$BG"
    status=0
    wait "$BG" || status=$?
    [ "$status" -eq 9 ]
    [ "$(<"$BATS_TEST_TMPDIR/got")" = got ]
    no_group /box
}

@test "run: a group that is used again stays, and only what is new counts" {
    changes create /t --memory-max 24M --swap-max 0
    ctl 137 run --group /t -- tail /dev/zero
    ctl 0 run --group /t -- true
    silent
    is_group /t
    ctl 0 run --group /t/new --keep -- true
    is_group /t/new
    ctl 0 run --group /t/x/y/z -- true
    no_group /t/x
    ctl 125 run --name t true
    says '/t: is there already'
}

@test "run: what outlives the command keeps the group, and is not killed" {
    ctl 0 run --name box -- bash -c 'sleep 1000 >/dev/null 2>&1 & disown'
    says '/box: the command has ended, but not all that it started'
    is_group /box
    [ -n "$(<"$TOP/box/cgroup.procs")" ]
    changes remove /box --kill
    no_group /box
}

@test "run: as another user" {
    ctl 0 run --user nobody -- id -un
    answers nobody
    ctl 0 run --user 4711 -- bash -c 'id -u; id -G'
    answers $'4711\n4711'
    ctl 125 run --user nosuchuser -- true
    says '--user: there is no user nosuchuser'
}

@test "run: in a run stands beside the other, not outside of its parents" {
    changes create /t --pids-max 50
    ctl 0 run --group /t/a -- "$CGCTL" run cat /proc/self/cgroup
    [[ $output == 0::/t/cgctl-run-* ]]
    ctl 0 run -- bash -c '"$1" run true && grep -c cgctl-run /proc/self/cgroup' - "$CGCTL"
    answers 1
}

@test "run: where clone3 is forbidden or old, the child waits until it was moved" {
    # a filter that answers ENOSYS, as container runtimes' do for what they do not know
    cat >"$BATS_TEST_TMPDIR/filter.py" <<'END'
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
code = struct.pack("HBBI", 0x20, 0, 0, 0) + struct.pack("HBBI", 0x15, 0, 1, 435) + \
    struct.pack("HBBI", 0x06, 0, 0, 0x00050000 | 38) + struct.pack("HBBI", 0x06, 0, 0, 0x7fff0000)
buf = ctypes.create_string_buffer(code)
prog = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(buf)))
libc.prctl(38, 1, 0, 0, 0)
assert libc.prctl(22, 2, prog, 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
END
    CTL=(python3 "$BATS_TEST_TMPDIR/filter.py" "$CGCTL")
    ctl 5 run --name box -- bash -c 'cat /proc/self/cgroup; exit 5'
    answers 0::/box
    no_group /box
}

# ---- limit

@test "limit: the group where the process is" {
    changes create /t/a
    changes create /t/b
    spawn_in /t/a sleep 1000
    local first=$BG
    spawn_in /t/b sleep 1000
    changes limit "$first" "$BG" --memory-max 64M --swap-max 0
    has /t/a/memory.max $((64 * MiB))
    has /t/b/memory.max $((64 * MiB))
    in_group "$first" /t/a
    keeps limit --group /t/a --memory-max 64M
    refused 6 'is in the root group' limit $$ --memory-max 64M
    refused 3 'there is no such process' limit 4194303 --memory-max 64M
    refused 2 'wanted is one of PID' limit --memory-max 64M
    refused 2 'missing a limit' limit "$first"
    refused 3 'does not take' limit "$first" "$BG" --memory-max 65M --set memory.oom.group=7
    has /t/a/memory.max $((64 * MiB))
}

@test "limit: a container's own group, and its runtime is not forgotten" {
    local id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    changes create "/docker/$id/init"
    ctl 0 limit --container 0123456789ab --memory-max 64M --swap-max 0
    answers changed
    says "/docker/$id: is the group of a container; its runtime may set other limits again"
    has "/docker/$id/memory.max" $((64 * MiB))
    has "/docker/$id/init/memory.max" max
    ctl 0 list /docker -r -n -o owner
    answers $'-\ndocker\\x200123456789ab\ndocker\\x200123456789ab'
    ctl 3 limit --container aaaaaaaaaaaa --memory-max 64M
}

# ---- attach

@test "attach: moves, says how much stays behind, and answers for each" {
    changes create /t/a
    changes create /t/b
    spawn_hog /t/a 8
    ctl 0 attach /t/b "$BG"
    answers changed
    says '/t/b: up to '
    in_group "$BG" /t/b
    [ "$(<"$TOP/t/a/memory.current")" -gt $((8 * MiB)) ]
    keeps attach /t/b "$BG"
    ctl 4 attach /t/a "$BG" 4194303 --json
    holds '.results[0].changed and (.results[1].changed | not) and (.results[1].error | test("no such process"))'
    holds '.left_behind_bytes > 8000000'
    spawn_in /t/a bash -c 'sleep 1000 & wait'
    eventually eval '[ "$(wc -l <"$TOP/t/a/cgroup.procs")" -eq 3 ]'
    ctl 0 attach /t/b --with-children "$BG"
    [ "$(grep -c ': changed$' <<<"$output")" -eq 2 ]
    [ "$(wc -l <"$TOP/t/a/cgroup.procs")" -eq 1 ]
}

@test "attach: what the kernel does not allow is explained" {
    changes create /t/a --memory-max 64M --swap-max 0
    spawn sleep 1000
    ctl 6 attach /t "$BG"
    says "$BG: /t hands controllers to groups in it, so it takes no processes"
    ctl 3 attach /t/a 2
    says '2: cannot be moved to /t/a; kernel threads stay'
    ctl 2 attach /t/a x
    ctl 3 attach /t/nothing "$BG"
    in_group "$BG" /
}

@test "attach: a process that is dead already has nothing to move" {
    changes create /t
    spawn python3 -c 'import os, time
if os.fork() == 0: os._exit(0)
time.sleep(1000)'
    eventually eval 'pgrep -r Z -P "$BG"'
    refused 3 'has ended already' attach /t "$(pgrep -r Z -P "$BG")"
}

# ---- freeze, thaw, kill

@test "freeze and thaw: wait until it is so" {
    changes create /t
    spawn_in /t bash -c 'while :; do echo x >>"$1"; sleep 0.05; done' - "$BATS_TEST_TMPDIR/beat"
    eventually [ -s "$BATS_TEST_TMPDIR/beat" ]
    changes freeze /t --wait
    grep -qx 'frozen 1' "$TOP/t/cgroup.events"
    keeps freeze /t --wait
    local before
    before=$(wc -c <"$BATS_TEST_TMPDIR/beat")
    sleep 0.3
    [ "$(wc -c <"$BATS_TEST_TMPDIR/beat")" -eq "$before" ]
    changes thaw /t --wait
    eventually eval '[ "$(wc -c <"$BATS_TEST_TMPDIR/beat")" -gt '"$before"' ]'
    ctl 5 freeze /
    says '/: cannot be frozen'
}

@test "kill: all of it, frozen too, and not what is outside" {
    mkdir -p "$TOP/t/a"
    spawn_in /t sleep 1000
    local outside first=$BG
    spawn_in /t/a sleep 1000
    local second=$BG
    spawn sleep 1000
    outside=$BG
    changes freeze /t --wait
    changes kill /t --wait
    grep -qx 'populated 0' "$TOP/t/cgroup.events"
    ! kill -0 "$first" 2>/dev/null || fail "the first lives"
    ! kill -0 "$second" 2>/dev/null || fail "the second lives"
    kill -0 "$outside"
    keeps kill /t
    ctl 6 kill /
    says '/: that is every process here'
    ctl 3 kill /nothing
}

@test "kill: a process whose first thread has ended, which cgroup.kill leaves out" {
    changes create /t
    spawn_headless /t
    echo 1 >"$TOP/t/cgroup.kill"
    sleep 0.3
    # newer kernels leave none out
    is_headless "$BG" || spawn_headless /t
    changes kill /t --wait --timeout 60
    grep -qx 'populated 0' "$TOP/t/cgroup.events"
    changes remove /t
}

@test "kill and remove: what starts new processes all the time" {
    changes create /t
    spawn_in /t bash -c 'while :; do (:) & (:) & wait; done'
    changes kill /t --wait
    grep -qx 'populated 0' "$TOP/t/cgroup.events"
    spawn_in /t bash -c 'while :; do (:) & (:) & wait; done'
    changes remove /t --kill
    no_group /t
}

@test "remove: two at once, and one that finds it gone" {
    local i one
    mkdir -p "$TOP"/t/{a,b}/{c,d}
    spawn "${CTL[@]}" remove /t --recursive --kill
    one=$BG
    ctl 0 remove /t --recursive --kill
    wait "$one"
    no_group /t
    keeps remove /t --recursive
}

@test "remove: what came into it meanwhile is not lost" {
    mkdir -p "$TOP"/t/a
    spawn_in /t/a sleep 1000
    refused 6 '/t: has processes; --kill' remove /t --recursive
    is_group /t/a
    kill -0 "$BG"
}

@test "kill: does not kill itself" {
    changes create /t
    ctl 6 run --group /t -- "$CGCTL" kill /t
    says '/t: this program is in that group itself'
}

# ---- reclaim

@test "reclaim: says how much it really was, and 4 when that is less" {
    changes create /t --memory-max max --swap-max max
    spawn_hog /t 20
    ctl 0 reclaim /t 4M
    [ "$output" -ge $((4 * MiB)) ]
    [ "$(<"$TOP/t/memory.swap.current")" -ge $((3 * MiB)) ]
    ctl 4 reclaim /t 900M --json
    holds '.asked_bytes == 943718400 and .reclaimed_bytes < 40000000 and .reclaimed_bytes > 0'
    says 'were reclaimed; the rest is in use'
    ctl 2 reclaim /t ' '
    ctl 2 reclaim /t 0
}

# Zero bytes: what the kernel says of the key alone
takes_swappiness() { # VALUE
    echo "0 swappiness=$1" 2>/dev/null >"$TOP/t/memory.reclaim"
}

@test "reclaim: with a swappiness of its own, where the kernel takes one" {
    changes create /t --memory-max max --swap-max max
    if ! takes_swappiness 60; then
        ctl 5 reclaim /t 1M --swappiness 200
        says 'this kernel takes no swappiness'
        return
    fi
    spawn_hog /t 20
    ctl 4 reclaim /t 900M --swappiness 0
    [ "$(<"$TOP/t/memory.swap.current")" -lt $MiB ]
    ctl 0 reclaim /t 4M --swappiness 200
    [ "$(<"$TOP/t/memory.swap.current")" -ge $((3 * MiB)) ]
}

# ---- wait

@test "wait: an OOM kill wakes it" {
    changes create /t --memory-max 24M --swap-max 0
    spawn "${CTL[@]}" wait /t oom_kill --timeout 60
    sleep 0.5
    kill -0 "$BG"
    try run --group /t -- tail /dev/zero
    wait "$BG"
}

@test "wait: until it is empty, until it is removed, or not so long" {
    changes create /t
    ctl 0 wait /t empty
    spawn_in /t sleep 1000
    ctl 124 wait /t empty --timeout 300ms
    says 'it did not happen in the time'
    spawn "${CTL[@]}" wait /t oom_kill
    local waiter=$BG
    ctl 0 kill /t --wait
    changes remove /t
    status=0
    wait "$waiter" || status=$?
    [ "$status" -eq 1 ]
    ctl 3 wait /t empty
}

@test "wait: a stall wakes it" {
    changes create /t --memory-max 16M --swap-max 64M
    spawn "${CTL[@]}" wait /t psi:some:20ms/2s --timeout 120
    local waiter=$BG
    spawn_in /t bash -c 'while :; do head -c 24M /dev/zero | tail | wc -c; done >/dev/null'
    wait "$waiter" || fail "$(grep . "$TOP"/t/{memory.pressure,memory.events,cgroup.procs})"
}

@test "wait: what is no event" {
    changes create /t
    ctl 2 wait /t oom-kill
    says 'EVENT: "oom-kill" is not oom_kill, oom'
    ctl 2 wait /t psi:some:3s/2s
    ctl 2 wait /t psi:most:1s/2s
    ctl 2 wait /t psi:some:1s
    ctl 2 wait /t psi:some:1s/20s
}
