#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# cgctl beside version 1. The first file in the guest: the memory controller can be bound to version 1 only while no group
# has ever had it.

# shellcheck disable=SC2154 # variables of the helpers and of bats
load helpers

@test "version 1: memory that is bound to it is found, and named" {
    local dir=$BATS_TEST_TMPDIR/v1
    mkdir "$dir"
    mount -t cgroup -o memory none "$dir" || skip "this kernel is built without the memory controller of version 1"
    ctl 5 list
    local list=$stderr
    ctl 5 create /t
    local create=$stderr
    ctl 1 doctor -n -o state,detail
    umount "$dir"
    [[ $list == "cgctl: $dir: the memory controller is bound to cgroup version 1 there"* ]]
    [ "$create" = "$list" ]
    [[ $output == problem*"bound to version 1, at $dir"* ]]
    no_group /t
    eventually grep -qw memory "$TOP/cgroup.controllers"
    changes create /t --memory-max 64M --swap-max 0
}
