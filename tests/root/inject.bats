#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Every system call that changes something fails, once without space, once by an error of the device; and every one is the
# last one. What has failed is undone and explained; what was killed leaves nothing or a whole area at PATH and the old or
# the new fstab and units, and the next run finishes.
#
# HEADROOM_LONG=1: the calls that only look fail as well, and other errors; 5 minutes.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers
load inject

@test "ENOSPC at every write: create" { each_fails create ENOSPC is_filling; }
@test "ENOSPC at every write: ensure" { each_fails ensure ENOSPC is_filling; }
@test "ENOSPC at every write: ensure --persist fstab" { each_fails fstab ENOSPC is_filling; }
@test "ENOSPC at every write: ensure --persist unit" { each_fails unit ENOSPC is_filling; }
@test "ENOSPC at every write: resize, longer, declared" { each_fails grow ENOSPC is_filling; }
@test "ENOSPC at every write: resize, shorter" { each_fails shrink ENOSPC is_filling; }
@test "ENOSPC at every write: ensure, another label" { each_fails label ENOSPC is_filling; }
@test "ENOSPC at every write: ensure, mode, owner and label" { each_fails access ENOSPC is_filling; }
@test "ENOSPC at every write: ensure --force over zeros" { each_fails zeros ENOSPC is_filling; }
@test "ENOSPC at every write: off" { each_fails off ENOSPC is_filling; }
@test "ENOSPC at every write: on" { each_fails on ENOSPC is_filling; }
@test "ENOSPC at every write: remove, declared in fstab" { each_fails remove_fstab ENOSPC is_filling; }
@test "ENOSPC at every write: remove, declared by units" { each_fails remove_unit ENOSPC is_filling; }
@test "ENOSPC at every write: swappiness --persist" { each_fails swappiness ENOSPC is_filling; }
@test "ENOSPC at every write: ensure, from fstab to units" { each_fails move ENOSPC is_filling; }
@test "ENOSPC at every write: apply, a lost file" { each_fails apply ENOSPC is_filling; }
@test "ENOSPC at every write: clean" { each_fails clean ENOSPC is_filling; }
@test "ENOSPC at every write: ensure --backing loop" { each_fails loop ENOSPC is_filling; }

@test "EIO at every call that changes something: create" { each_fails create EIO is_faulty; }
@test "EIO at every call that changes something: ensure" { each_fails ensure EIO is_faulty; }
@test "EIO at every call that changes something: ensure --persist fstab" { each_fails fstab EIO is_faulty; }
@test "EIO at every call that changes something: ensure --persist unit" { each_fails unit EIO is_faulty; }
@test "EIO at every call that changes something: resize, longer, declared" { each_fails grow EIO is_faulty; }
@test "EIO at every call that changes something: resize, shorter" { each_fails shrink EIO is_faulty; }
@test "EIO at every call that changes something: ensure, another label" { each_fails label EIO is_faulty; }
@test "EIO at every call that changes something: ensure, mode, owner and label" { each_fails access EIO is_faulty; }
@test "EIO at every call that changes something: ensure --force over zeros" { each_fails zeros EIO is_faulty; }
@test "EIO at every call that changes something: off" { each_fails off EIO is_faulty; }
@test "EIO at every call that changes something: on" { each_fails on EIO is_faulty; }
@test "EIO at every call that changes something: remove, declared in fstab" { each_fails remove_fstab EIO is_faulty; }
@test "EIO at every call that changes something: remove, declared by units" { each_fails remove_unit EIO is_faulty; }
@test "EIO at every call that changes something: swappiness --persist" { each_fails swappiness EIO is_faulty; }
@test "EIO at every call that changes something: ensure, from fstab to units" { each_fails move EIO is_faulty; }
@test "EIO at every call that changes something: apply, a lost file" { each_fails apply EIO is_faulty; }
@test "EIO at every call that changes something: clean" { each_fails clean EIO is_faulty; }
@test "EIO at every call that changes something: ensure --backing loop" { each_fails loop EIO is_faulty; }
@test "EIO at every call that changes something: remove, through a loop device" { each_fails unloop EIO is_faulty; }
@test "EIO at every call that changes something: ensure, from the file to a loop device" { only_when_long && each_fails to_loop EIO is_faulty; }
@test "EIO at every call that changes something: ensure, from a loop device to the file" { only_when_long && each_fails from_loop EIO is_faulty; }
@test "EIO at every call that changes something: create --device" { each_fails device EIO is_faulty; }
@test "EIO at every call that changes something: remove, a device" { each_fails wipe EIO is_faulty; }

@test "SIGKILL at every call that changes something: create" { each_is_last create; }
@test "SIGKILL at every call that changes something: ensure" { each_is_last ensure; }
@test "SIGKILL at every call that changes something: ensure --persist fstab" { each_is_last fstab; }
@test "SIGKILL at every call that changes something: ensure --persist unit" { each_is_last unit; }
@test "SIGKILL at every call that changes something: resize, longer, declared" { each_is_last grow; }
@test "SIGKILL at every call that changes something: resize, shorter" { each_is_last shrink; }
@test "SIGKILL at every call that changes something: ensure, another label" { each_is_last label; }
@test "SIGKILL at every call that changes something: ensure, mode, owner and label" { each_is_last access; }
@test "SIGKILL at every call that changes something: ensure --force over zeros" { each_is_last zeros; }
@test "SIGKILL at every call that changes something: off" { each_is_last off; }
@test "SIGKILL at every call that changes something: on" { each_is_last on; }
@test "SIGKILL at every call that changes something: remove, declared in fstab" { each_is_last remove_fstab; }
@test "SIGKILL at every call that changes something: remove, declared by units" { each_is_last remove_unit; }
@test "SIGKILL at every call that changes something: swappiness --persist" { each_is_last swappiness; }
@test "SIGKILL at every call that changes something: ensure, from fstab to units" { each_is_last move; }
@test "SIGKILL at every call that changes something: apply, a lost file" { each_is_last apply; }
@test "SIGKILL at every call that changes something: clean" { each_is_last clean; }
@test "SIGKILL at every call that changes something: ensure --backing loop" { each_is_last loop; }
@test "SIGKILL at every call that changes something: remove, through a loop device" { each_is_last unloop; }
@test "SIGKILL at every call that changes something: ensure, from the file to a loop device" { only_when_long && each_is_last to_loop; }
@test "SIGKILL at every call that changes something: ensure, from a loop device to the file" { only_when_long && each_is_last from_loop; }
@test "SIGKILL at every call that changes something: create --device" { each_is_last device; }
@test "SIGKILL at every call that changes something: remove, a device" { each_is_last wipe; }
