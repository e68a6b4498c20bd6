#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# --help, --version, and what swapctl says to those who mistype

setup() {
    load swapctl
}

# ---- help

@test "help: the tool's names every subcommand, the exit statuses and the manual" {
    run -0 --separate-stderr swapctl --help
    [ -z "$stderr" ]
    [[ $output == "Usage: swapctl SUBCOMMAND "* ]]
    [[ $output == *$'\nExit status: 0 '* ]]
    [[ $output == *$'\nSee swapctl(8).' ]]
    local all=$output subcommand
    while read -r subcommand; do
        grep -qE "^  $subcommand +[a-z]" <<<"$all"
    done < <(subcommands)
}

@test "help: --help, -h and help are the same" {
    run -0 swapctl --help
    local long=$output
    run -0 swapctl -h
    [ "$output" = "$long" ]
    run -0 swapctl help
    [ "$output" = "$long" ]
}

@test "help: a subcommand's lists every option with its argument" {
    local subcommand long short arg
    while IFS=$'\t' read -r subcommand long short arg; do
        local names="      --$long"
        [ "$short" = - ] || names="  -$short, --$long"
        [ "$arg" = - ] || names+=" $arg"
        # shellcheck disable=SC2086 # its words
        swapctl $subcommand --help | grep -qE -- "^$names( |$)" ||
            { echo "swapctl $subcommand --help: no \"$names\"" && return 1; }
    done < <(options)
}

@test "help: every page has usage, words, exit statuses, and lines of 80 columns" {
    local subcommand words
    while read -r subcommand; do
        read -ra words <<<"$subcommand"
        run -0 --separate-stderr swapctl "${words[@]}" --help
        [ -z "$stderr" ]
        [[ ${lines[0]} == "Usage: swapctl $subcommand [OPTION...]"* ]]
        [[ ${lines[1]} == *[a-z]* ]]
        [[ $output == *$'\nExit status: 0 '*$'\nSee swapctl(8).' ]]
        ! grep -E '.{81}' <<<"$output"
        local page=$output
        run -0 swapctl "${words[@]}" -h
        [ "$output" = "$page" ]
        run -0 swapctl help "${words[@]}"
        [ "$output" = "$page" ]
    done < <(subcommands)
}

@test "help: a group's lists its subcommands and no other" {
    local subcommand
    run -0 --separate-stderr swapctl zram --help
    [[ $output == "Usage: swapctl zram SUBCOMMAND "*$'\nExit status: 0 '* ]]
    [ -z "$stderr" ]
    local page=$output
    while read -r subcommand; do
        grep -qE "^  zram $subcommand +[a-z]" <<<"$page"
    done < <(second_words zram)
    run -1 grep -E '^  (ensure|list|zswap) ' <<<"$page"
    run -0 swapctl zram -h
    [ "$output" = "$page" ]
    run -0 swapctl help zram
    [ "$output" = "$page" ]
}

@test "help: a table's columns are listed, and those that it shows are marked" {
    run -0 swapctl list --help
    [[ $output == *$'\nColumns '* ]]
    grep -qE '^  \* PATH +[a-z]' <<<"$output"
    grep -qE '^    LABEL +[a-z]' <<<"$output"
    run -0 swapctl swappiness --help
    [[ $output != *Columns* ]]
}

@test "help: the values of a choice are named" {
    swapctl ensure --help | tr -s ' \n' ' ' | grep -q 'once, pages or both'
}

@test "help: wins over missing operands and a root that is not there" {
    run -0 swapctl ensure --root /nonexistent --help
    run -0 swapctl off -h
}

@test "help: of what does not exist is a usage error" {
    usage_error 'unknown subcommand "lits"; did you mean "list"?' '' help lits
    usage_error 'unexpected operand "off"' '' help on off
    usage_error 'unknown subcommand "zram lits"; did you mean "zram list"?' '' help zram lits
    usage_error 'unexpected operand "off"' '' help zram list off
}

@test "version: it is the one of the build" {
    local version subcommand words
    version=$(sed -n "s/^ *version: '\(.*\)',$/\1/p" "$REPO/meson.build")
    run -0 --separate-stderr swapctl --version
    [ "$output" = "swapctl (headroom) $version" ]
    [ -z "$stderr" ]
    run -0 swapctl -V
    [ "$output" = "swapctl (headroom) $version" ]
    while read -r subcommand; do
        read -ra words <<<"$subcommand"
        run -0 swapctl "${words[@]}" --version
        [ "$output" = "swapctl (headroom) $version" ]
    done < <(subcommands)
    run -0 swapctl zram -V
    [ "$output" = "swapctl (headroom) $version" ]
}

# ---- usage errors

@test "usage: without a subcommand" {
    usage_error 'missing SUBCOMMAND' ''
    usage_error 'missing SUBCOMMAND of zram' '' zram
}

@test "usage: an unknown subcommand, with the nearest if there is one" {
    usage_error 'unknown subcommand "enusre"; did you mean "ensure"?' '' enusre /x
    usage_error 'unknown subcommand "zebra"' '' zebra
    usage_error 'unknown subcommand ""' '' ''
    usage_error 'unknown subcommand "zarm"; did you mean "zram"?' '' zarm ensure
    usage_error 'unknown subcommand "zram enusre"; did you mean "zram ensure"?' '' zram enusre
    usage_error 'unknown subcommand "zram zebra"' '' zram zebra
    usage_error 'unknown option --siez; did you mean --size?' 'zram ensure' zram ensure --siez=2G
}

@test "usage: an option before the subcommand" {
    usage_error '--root: options come behind the subcommand' '' --root /x list
    usage_error '-v: options come behind the subcommand' '' -v list
    usage_error '-v: options come behind the subcommand' '' zram -v list
}

@test "usage: an unknown option, with the nearest if there is one" {
    usage_error 'unknown option --siez; did you mean --size?' ensure ensure --siez 2G /x
    usage_error 'unknown option --siez; did you mean --size?' ensure ensure --siez=2G /x
    usage_error 'unknown option --zebra' ensure ensure --zebra /x
    usage_error 'unknown option -z' list list -rz
    usage_error 'unknown option -5' ensure ensure -5
}

@test "usage: a value that is missing, empty or not wanted" {
    usage_error '--size: missing SIZE' ensure ensure /x --size
    usage_error '--size: is empty; wanted SIZE' ensure ensure /x --size=
    usage_error '--root: is empty; wanted DIR' list list --root ''
    usage_error '--force: takes no value' ensure ensure --force=yes /x
}

@test "usage: a value out of its range" {
    run -2 --separate-stderr swapctl ensure /x --size 2X
    [[ $stderr == 'swapctl: --size: "2X": '* && -z $output ]]
    run -2 --separate-stderr swapctl ensure /x --size 101%
    [[ $stderr == 'swapctl: --size: "101%": '* && -z $output ]]
    run -2 --separate-stderr swapctl ensure /x --size 1G --priority 32768
    [[ $stderr == 'swapctl: --priority: "32768": '* && -z $output ]]
    run -2 --separate-stderr swapctl ensure /x --size 1G --priority -1
    [[ $stderr == 'swapctl: --priority: "-1": '* && -z $output ]]
    run -2 --separate-stderr swapctl on /x --discard twice
    [[ $stderr == 'swapctl: --discard: "twice" is not '* && -z $output ]]
    run -2 --separate-stderr swapctl off /x --lock-timeout soon
    [[ $stderr == 'swapctl: --lock-timeout: "soon": '* && -z $output ]]
}

@test "usage: operands that are missing, too many or empty" {
    usage_error 'missing PATH' ensure ensure --size 1G
    usage_error 'missing PATH' remove remove
    usage_error 'unexpected operand "/y"' ensure ensure --size 1G /x /y
    usage_error 'empty operand; wanted PATH' ensure ensure --size 1G ''
    usage_error 'empty operand; wanted PATH|UUID=UUID|LABEL=LABEL...' remove remove /x ''
    usage_error 'missing PATH' on on
}

@test "usage: --json does not change where the error goes" {
    usage_error 'missing PATH' ensure ensure --json --size 1G
    usage_error 'unknown option --zebra' list list --json --zebra
}

@test "usage: what a message quotes cannot forge lines or steer the terminal" {
    usage_error 'unexpected operand "a\x0ab\x1b[2J"' swappiness swappiness 1 $'a\nb\e[2J'
}
