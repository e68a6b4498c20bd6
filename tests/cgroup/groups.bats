#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Groups and their limits, on a kernel that has all controllers on version 2 and nobody who manages the groups

# shellcheck disable=SC2154,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

@test "create: makes the group, those above it, and hands down what its limits need" {
    changes create /t/a/b --memory-max 64M --swap-max 32M --pids-max 20
    silent
    has /t/a/b/memory.max $((64 * MiB))
    has /t/a/b/memory.swap.max $((32 * MiB))
    has /t/a/b/pids.max 20
    has /t/a/cgroup.subtree_control 'memory pids'
    has /cgroup.subtree_control 'memory pids'
    keeps create t/a/b --memory-max 64M --swap-max 32M
    ctl 0 create /t/c --json
    holds '.group == "/t/c" and .changed and .actions == ["create"]'
    is_group /t/c
}

@test "create: without limits hands down memory alone, so that it is counted" {
    changes create /t
    has /cgroup.subtree_control memory
    [ -e "$TOP/t/memory.current" ]
}

@test "create: every kind of limit arrives as the kernel writes it" {
    local device
    device=$(lsblk -dno MAJ:MIN "$SCRATCH_DISK" | tr -d ' ')
    changes create /t --memory-max 64M --memory-high 48MiB --memory-low 1.5M --memory-min 4096 --swap-max 0 \
        --oom-group --cpu-max 150% --cpu-weight 50 --pids-max max --cpuset 0 --io-max "$SCRATCH_DISK:rbps=1M,wiops=10" \
        --set cgroup.max.depth=3
    has /t/memory.max $((64 * MiB))
    has /t/memory.high $((48 * MiB))
    has /t/memory.low $((3 * MiB / 2))
    has /t/memory.min 4096
    has /t/memory.swap.max 0
    has /t/memory.oom.group 1
    has /t/cpu.max '150000 100000'
    has /t/cpu.weight 50
    has /t/pids.max max
    has /t/cpuset.cpus 0
    has /t/io.max "$device rbps=1048576 wbps=max riops=max wiops=10"
    has /t/cgroup.max.depth 3
    keeps set /t --cpu-max 1.5 --io-max "$device:wiops=10" --cpuset 0 --cpu-weight 50 --memory-high 48M
    changes set /t --cpu-max max --cpuset max --io-max "$device:rbps=max,wiops=max"
    has /t/cpu.max 'max 100000'
    has /t/cpuset.cpus ''
    has /t/io.max ''
}

@test "create: a dry run says the steps and does none" {
    ctl 0 create /t/a --memory-max 64M --swap-max 0 --dry-run
    answers $'hand the memory controller to the groups in /\nmake the group /t\nhand the memory controller to the groups in /t\nmake the group /t/a\nset memory.swap.max of /t/a to "0"\nset memory.max of /t/a to "67108864"\nchanged'
    no_group /t
    has /cgroup.subtree_control ''
}

@test "all or nothing: what cannot all be set leaves nothing behind" {
    refused 5 'this kernel has no memory.nonsense' create /t/a/b --memory-max 64M --set memory.nonsense=1
    no_group /t
    refused 3 'memory.oom.group: the kernel does not take "7"' create /t --memory-max 64M --set memory.oom.group=7
    no_group /t
    refused 2 'is not a limit of a group' create /t --memory-max 64M --set nonsense.max=1
    changes create /t --memory-max 64M --swap-max 8M
    refused 3 'the kernel does not take' set /t --memory-max 32M --swap-max 4M --cpu-max 1 --set cpu.weight.nice=99
    has /t/memory.max $((64 * MiB))
    has /t/memory.swap.max $((8 * MiB))
}

@test "create: files that only some kernels have are set where they are, and missed where not" {
    local file
    changes create /t --memory-max 64M --swap-max 0 --pids-max 10 --cpu-max 50%
    changes set /t --set cpu.max.burst=10000
    has /t/cpu.max.burst 10000
    if [ "$(there /t/memory.zswap.writeback)" = true ]; then
        changes set /t --set memory.zswap.writeback=0
        has /t/memory.zswap.writeback 0
    else
        refused 5 'this kernel has no memory.zswap.writeback' set /t --set memory.zswap.writeback=0
    fi
    for file in pids.peak memory.swap.peak memory.zswap.writeback dmem.max; do
        if [ "$(there "/t/$file")" = true ]; then
            ctl 0 get /t "$file" --json
            holds '.limits[0].value != null'
        else
            ctl 1 get /t "$file" --json
            holds '.limits[0].value == null'
        fi
    done
}

@test "values: what the kernel would misread never reaches it" {
    local bad
    changes create /t --memory-max 64M --swap-max 0
    # tests/cli has them all
    for bad in 16E 18446744073709551616 ' ' 4095; do
        refused 2 '--memory-max: ' set /t --memory-max "$bad"
    done
    refused 2 '--set: ' set /t --set memory.max=16E
    refused 2 'missing a limit' set /t
    ctl 0 set /t --memory-max 64M --memory-high 50001
    says 'memory.high: 50001 bytes are rounded down to whole pages: 49152'
    has /t/memory.high 49152
}

@test "values: 0, max and unset are three things" {
    changes create /t --memory-max 64M --swap-max 0
    changes set /t --swap-max max
    has /t/memory.swap.max max
    changes set /t --swap-max 0
    has /t/memory.swap.max 0
    changes set /t --memory-max 80M
    has /t/memory.swap.max 0
    ctl 0 list /t --json
    holds '.groups[0].memory_max == 83886080 and .groups[0].swap_max == 0 and .groups[0].pids_max == null'
    holds '.groups[0].memory_high == "max"'
}

@test "values: per cent are of the machine's memory, and both together are docker's" {
    local total
    total=$(awk '/^MemTotal/ { print $2 * 1024 }' /proc/meminfo)
    changes create /t --memory-max 50% --swap-max 0
    has /t/memory.max $((total / 2 / 4096 * 4096))
    changes create /t/d --memory-max 64M --memory-plus-swap 96M
    has /t/d/memory.swap.max $((32 * MiB))
    refused 2 'needs --memory-max' set /t/d --memory-plus-swap 1G
    refused 2 'is less than --memory-max' set /t/d --memory-max 64M --memory-plus-swap 32M
}

@test "limits below what is in use are refused with the number, and forced" {
    changes create /t --memory-max max --swap-max max
    spawn_hog /t 20
    refused 6 'M) are in use; --force' set /t --memory-max 8M --swap-max max
    refused 6 'are there already' set /t --pids-max 0
    ctl 0 set /t --memory-max 8M --swap-max max --force
    says 'swap is not: what does not fit is swapped out without bound'
    eventually eval '! uses /t $((8 * MiB))'
    [ "$(<"$TOP/t/memory.swap.current")" -gt $((5 * MiB)) ]
    refused 6 'memory.swap.max: ' set /t --swap-max 1M
    kill -0 "$BG"
}

@test "warnings: memory.max without swap, memory.high alone" {
    ctl 0 create /t/a --memory-max 64M
    says '/t/a: memory is limited and swap is not'
    ctl 0 create /t/b --memory-high 64M
    says '/t/b: memory.high alone never kills'
    ctl 0 create /t/c --memory-max 64M --memory-high 60M --swap-max 64M
    silent
    ctl 0 set /t/c --memory-max 70M
    silent
}

@test "a group with processes cannot hand on controllers, and does not become threaded" {
    changes create /t
    spawn_in /t sleep 1000
    refused 6 '/t: has processes of its own' create /t/a --memory-max 64M
    refused 6 '/t: has processes of its own' create /t/a --pids-max 5
    has /t/cgroup.type domain
    changes create /t/a
    has /t/cgroup.subtree_control ''
}

@test "get: what is set, and what holds because of a group above" {
    changes create /t/a --memory-max 64M --swap-max 0
    changes set /t --memory-max 32M --swap-max 16M
    ctl 0 get /t/a --json
    holds '.limits[] | select(.key == "memory.max") | .value == "67108864" and .effective == "33554432" and .from == "/t"'
    holds '.limits[] | select(.key == "memory.swap.max") | .effective == "0" and .from == "/t/a"'
    holds '.limits[] | select(.key == "memory.high") | .effective == "max" and .from == null'
    ctl 0 get /t/a memory.max -n -o VALUE
    answers 67108864
    ctl 1 get /t/a cpu.max
    [[ $output == *'cpu.max'*'-'* ]]
    ctl 2 get /t/a memory
    ctl 3 get /nothing
    says '/nothing: there is no such group'
}

@test "remove: refuses what is not empty, and does what it is told to" {
    keeps remove /t
    changes create /t/a/b
    refused 6 '/t: has groups in it' remove /t
    spawn_in /t/a/b sleep 1000
    refused 6 '/t: has processes; --kill' remove /t --recursive
    refused 6 '/: the top' remove / --recursive --kill
    ctl 0 remove /t --recursive --kill --json
    holds '.actions == ["kill", "remove", "remove", "remove"]'
    no_group /t
    ! kill -0 "$BG" 2>/dev/null
}

@test "names: what is no name of a group is refused" {
    refused 2 'is no name of a group' create /t/../x
    refused 2 'holds a control character' create $'/t\nx'
    refused 2 'longer than' create "/$(printf 'x%.0s' {1..256})"
    changes create "/t/a b"
    is_group "/t/a b"
    refused 3 'is the name of a file' create /t/cgroup.procs
    refused 2 'the root of all groups cannot be limited' set / --memory-max 64M
}

@test "create: the limit of groups above is named" {
    changes create /t --set cgroup.max.descendants=1
    changes create /t/a
    refused 3 'a group above it allows no more groups' create /t/b
}

@test "list: what there is, sorted, as a tree" {
    changes create /t/a --memory-max 64M --swap-max 0
    changes create /t/b
    ctl 0 list /t -r -n -o group,memory-max,swap-max,pids
    answers $'/t max max -\n/t/a 67108864 0 -\n/t/b max max -'
    ctl 0 list /t --tree -n -o group
    answers $'/t\n  a\n  b'
    spawn_hog /t/b 8
    ctl 0 list --sort memory -n -r -o group,memory
    [[ $output == "/t "*$'\n/t/b '*$'\n'* ]]
    ctl 0 list /t/b --json
    holds '.groups | length == 1'
    holds '.groups[0] | .psi != null and .oom_kills == 0 and .memory > 8000000 and .cpu >= 0'
    ctl 3 list /nothing
}

@test "stat: says what the memory is" {
    changes create /t --memory-max 64M --swap-max 0
    spawn_hog /t 8
    ctl 0 stat /t --json
    holds '.stat[] | select(.name == "anon") | (.value | tonumber) > 8000000'
    holds '[.stat[].name] | contains(["memory", "memory_peak", "shmem", "kernel", "events_oom_kill", "stall_some"])'
    # absent is not zero
    holds "([.stat[].name] | contains([\"swap_peak\"])) == $(there /t/memory.swap.peak)"
    holds "([.stat[].name] | contains([\"pgscan_proactive\"])) == $(there /t/memory.stat pgscan_proactive)"
    spawn bash -c '"$1" stat /t --watch -r -n -o name >"$2"' - "$CGCTL" "$BATS_TEST_TMPDIR/watched"
    eventually eval '[ "$(grep -cx memory "$BATS_TEST_TMPDIR/watched")" -ge 2 ]'
    ctl 0 remove /t --kill
    status=0
    wait "$BG" || status=$?
    [ "$status" -eq 1 ]
}

@test "doctor: a machine without troubles, and what it can" {
    ctl 0 doctor --json
    holds '.checks[] | select(.check == "features") | .state == "note"'
    changes create /t
    ctl 0 doctor --json
    holds '.checks | all(.state != "problem")'
    holds '.checks[] | select(.check == "hierarchy") | .detail == "version 2, at /sys/fs/cgroup"'
    local peak=note
    [ "$(there /t/memory.swap.peak)" = false ] || peak=ok
    holds ".checks[] | select(.check == \"memory.swap.peak\") | .state == \"$peak\""
    holds '.checks[] | select(.check == "cgroup.kill") | .state == "ok"'
}
