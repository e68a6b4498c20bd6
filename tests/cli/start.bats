#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What it takes to start a program: instructions in user space, which repeat from run to run. A library that is linked
# again instead of loaded when it is needed shows here.

setup() {
    load swapctl
    type -P valgrind >/dev/null || skip "valgrind is not installed"
}

instructions() { # PROGRAM ARG...
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$HEADROOM_BUILD/cmd/$1/$1" "${@:2}" 2>&1 >/dev/null |
        sed -n 's/,//g; s/.*refs: *//p'
}

# at_most N PROGRAM ARG...
at_most() {
    local most=$1 is
    shift
    is=$(instructions "$@")
    echo "$*: $is, at most $most"
    [ "$is" -le "$most" ]
}

# Seen: 262,000, 298,000, 258,000, 263,000, of which a program that does nothing has 128,000. A tenth more is allowed.
# bats test_tags=instructions
@test "what it takes to start the programs has not grown" {
    at_most 288000 swapctl --version
    at_most 328000 memwatch --version
    at_most 284000 procfind --version
    at_most 290000 cgctl --version
}

# bats test_tags=instructions
@test "what declares no swap needs no library to be read" {
    make_tree
    printf '/dev/sda1 / ext4 defaults 0 1\n# /swapfile none swap sw 0 0\n' >"$tree/etc/fstab"
    at_most 400000 swapctl list --json --root "$tree"
    echo '/swapfile none swap sw 0 0' >>"$tree/etc/fstab"
    [ "$(instructions swapctl list --json --root "$tree")" -gt 400000 ]
}
