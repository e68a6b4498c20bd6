#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# SIGKILL at 100 random moments of everything that changes an area or its declaration: at PATH there is nothing, a whole area
# or what was there, in fstab and the units the old or the new text, and the next run finishes.
#
# HEADROOM_FAULT_ROUNDS: how often, 100 without it. At every single system call: inject.bats. Creation, on several file
# systems: faults.bats.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers
load inject

ROUNDS=${HEADROOM_FAULT_ROUNDS:-100}

@test "SIGKILL at 100 random moments: ensure --persist fstab" { random_kills fstab; }
@test "SIGKILL at 100 random moments: resize, longer, declared" { random_kills grow; }
@test "SIGKILL at 100 random moments: resize, shorter" { random_kills shrink; }
@test "SIGKILL at 100 random moments: remove, declared in fstab" { random_kills remove_fstab; }

@test "SIGKILL at 100 random moments: ensure --persist unit" { only_when_long && random_kills unit; }
@test "SIGKILL at 100 random moments: remove, declared by units" { only_when_long && random_kills remove_unit; }
@test "SIGKILL at 100 random moments: swappiness --persist" { only_when_long && random_kills swappiness; }
