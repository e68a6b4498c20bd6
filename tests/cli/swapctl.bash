# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# swapctl - where the program and what was built with it lie, and a fake system to run it on
#
# shellcheck disable=SC2034 # what is set here is for the tests

bats_require_minimum_version 1.5.0

REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
HEADROOM_BUILD=${HEADROOM_BUILD:-${BUILD_DIR:-$REPO/build}}
SWAPCTL=${SWAPCTL:-$HEADROOM_BUILD/cmd/swapctl/swapctl}

swapctl() {
    "$SWAPCTL" "$@"
}

# "SUBCOMMAND LONG SHORT ARG" of every option
options() {
    "$HEADROOM_BUILD/completions/generate" list swapctl
}

# One on each line; some have two words
subcommands() {
    options | cut -f 1 | uniq
}

# What can follow "swapctl", and with a group's name what can follow that
first_words() {
    subcommands | cut -d ' ' -f 1 | uniq
}
second_words() {
    subcommands | sed -n "s/^$1 //p"
}

# A tree for --root in $tree, with two active areas, one of them with a name that is hard to print
make_tree() {
    tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree/proc/sys/vm" "$tree/etc" "$tree/run"
    echo 60 >"$tree/proc/sys/vm/swappiness"
    {
        printf 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'
        printf '/swapfile                               file\t\t2097148\t\t512\t\t-2\n'
        printf '/a\\040b\\011\\134\377                     file\t\t1020\t\t0\t\t7\n'
    } >"$tree/proc/swaps"
}

# stdout is empty, the status is 2, and stderr is MESSAGE and the hint at --help of SUBCOMMAND (none: of the tool)
usage_error() {
    local message=$1 subcommand=$2
    shift 2
    run -2 --separate-stderr swapctl "$@"
    [ -z "$output" ]
    [ "$stderr" = "swapctl: $message"$'\n'"Try 'swapctl${subcommand:+ $subcommand} --help' for more information." ] ||
        { echo "stderr: $stderr" && return 1; }
}
