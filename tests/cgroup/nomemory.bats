#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# cgctl on a kernel that was booted with cgroup_disable=memory: each command that needs the controller says what is wrong
# and what to do, and the others work. In a guest of its own, see tests/vm/run.

# shellcheck disable=SC2154 # variables of the helpers and of bats
load helpers

lacks='/sys/fs/cgroup: the memory controller is switched off by "cgroup_disable=memory" on the kernel'\''s command line; boot without it'

setup_file() {
    grep -qw cgroup_disable=memory /proc/cmdline || skip "only where the kernel has no memory controller"
}

@test "no memory controller: what limits or needs memory says so, and does nothing" {
    changes create /t --pids-max 10
    spawn_in /t sleep 1000
    refused 5 "$lacks" create /new --memory-max 64M
    refused 5 "$lacks" create /new --swap-max 0 --pids-max 5
    refused 5 "$lacks" set /t --memory-high 64M
    refused 5 "$lacks" limit "$BG" --memory-max 64M
    refused 125 "$lacks" run --memory-max 64M -- true
    refused 5 "$lacks" reclaim /t 1M
    refused 5 "$lacks" wait /t oom_kill
    no_group /new
}

@test "no memory controller: its numbers are absent, not zero, and the reason is told" {
    changes create /t --pids-max 10
    ctl 0 list /t --json
    holds '.groups[0] | .memory == null and .memory_max == null and .swap == null and .oom_kills == null and .pids == 0'
    says "$lacks"
    ctl 0 list /t -o group,pids
    silent
    ctl 0 stat /t -o name -n -r
    [[ $output != *memory* && $output == *stall_some* ]]
    says "$lacks"
    ctl 1 get /t memory.max
    says "$lacks"
    ctl 0 get /t pids.max -n -o value
    answers 10
    silent
    ctl 0 run --report=json -- true
    output=$stderr
    holds '.memory_peak_bytes == null and .events_oom_kill == null and .cpu_usec > 0'
}

@test "no memory controller: doctor names the word of the command line" {
    ctl 1 doctor --json
    holds '.checks[] | select(.check == "memory") | .state == "problem" and (.detail | test("cgroup_disable=memory")) and
        .remedy == "boot without it"'
    holds '[.checks[] | select(.state == "problem")] | length == 1'
    holds '[.checks[].check] | contains(["features"]) | not'
}

@test "no memory controller: everything else works" {
    changes create /t
    changes create /t/a --pids-max 10 --cpu-weight 50
    spawn sleep 1000
    changes attach /t/a "$BG"
    # nothing is charged to anybody
    silent
    changes limit "$BG" --pids-max 20
    ctl 124 wait /t/a empty --timeout 100ms
    ctl 124 wait /t/a psi:some:500ms/1s --timeout 100ms
    changes freeze /t --wait
    changes thaw /t --wait
    ctl 3 run --pids-max 9 -- bash -c 'exit 3'
    silent
    changes kill /t --wait
    changes remove /t --recursive
}
