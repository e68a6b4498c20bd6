#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What it takes to start a program: instructions in user space, which repeat from run to run. A library that is linked
# again instead of loaded when it is needed shows here.

setup() {
    load swapctl
    type -P valgrind >/dev/null || skip "valgrind is not installed"
}

# The loader reads every variable of the environment, so there are none here but PATH.
instructions() { # PROGRAM ARG...
    env -i PATH="$PATH" valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null |
        sed -n 's/,//g; s/.*refs: *//p'
}

# at_most N PROGRAM: what it takes beyond a program that does nothing, whose part is the machine's
at_most() {
    local is
    is=$(($(instructions "$HEADROOM_BUILD/cmd/$2/$2" --version) - nothing))
    echo "$2: $is beyond the $nothing of a program that does nothing, at most $1"
    [ "$is" -le "$1" ]
}

# Seen: 144,000, 191,000, 140,000, 145,000 beyond 105,000. A tenth more is allowed.
# bats test_tags=instructions
@test "what it takes to start the programs has not grown" {
    echo 'int main(void) { return 0; }' | cc -O2 -x c -o "$BATS_TEST_TMPDIR/nothing" -
    nothing=$(instructions "$BATS_TEST_TMPDIR/nothing")
    [ "$nothing" -gt 0 ]
    at_most 158000 swapctl
    at_most 210000 memwatch
    at_most 154000 procfind
    at_most 160000 cgctl
}

# bats test_tags=instructions
@test "what declares no swap needs no library to be read" {
    make_tree
    printf '/dev/sda1 / ext4 defaults 0 1\n# /swapfile none swap sw 0 0\n' >"$tree/etc/fstab"
    without=$(instructions "$SWAPCTL" list --json --root "$tree")
    echo '/swapfile none swap sw 0 0' >>"$tree/etc/fstab"
    with=$(instructions "$SWAPCTL" list --json --root "$tree")
    echo "nothing declared: $without, a swap file declared: $with"
    ((without > 0 && without < with / 2))
}
