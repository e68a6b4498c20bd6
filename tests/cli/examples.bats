#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The examples of swapctl(8) as a reader would type them, but on a folder in place of "/" and as a dry run

load swapctl

PAGE=$REPO/man/swapctl.8

# The subcommands that change nothing, and so have no --dry-run
looking='list|status|usage|recommend|resume-offset'

setup()
{
    tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree"/{etc,run,var,proc/sys/vm,proc/self}
    printf 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n' >"$tree/proc/swaps"
    printf 'MemTotal: 4000000 kB\nMemFree: 3000000 kB\nMemAvailable: 3500000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n' \
        >"$tree/proc/meminfo"
    echo 60 >"$tree/proc/sys/vm/swappiness"
    : >"$tree/etc/fstab"
}

# The lines of the page's EXAMPLES that call swapctl, without the prompt
examples()
{
    awk '/^\.Sh /{ on = ($2 == "EXAMPLES") }
         /^\.Bd /{ shown = on }
         /^\.Ed/{ shown = 0 }
         shown && /^[#$] swapctl /{ sub(/^[#$] /, ""); print }' "$PAGE"
}

# "ensure", "create", ... : the subcommands of the page's SYNOPSIS that do something
subcommands()
{
    sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/s/^\.Cm \([a-z-]*\( [a-z][a-z]*\)\{0,1\}\).*/\1/p' "$PAGE" | grep -vx help
}

# try WORDS: run an example, tamed; what is appended comes last and so counts
try()
{
    local words tame=(--root "$tree")
    read -ra words <<<"$1"
    [[ "${words[1]} " =~ ^($looking)\ $ || " ${words[*]:1:2} " == *" list "* ]] || tame+=(--dry-run)
    run --separate-stderr "$SWAPCTL" "${words[@]:1}" "${tame[@]}"
}

@test "every subcommand of the synopsis has an example" {
    [ "$(subcommands | wc -l)" -ge 7 ]
    while read -r subcommand; do
        examples | grep "^swapctl $subcommand\b" || {
            echo "swapctl.8: no example of $subcommand"
            return 1
        }
    done < <(subcommands)
}

@test "every example of the page is one that the program understands" {
    bad=0
    while read -r line; do
        try "$line"
        # 2 is usage. Others tell of the tree, which is empty, or of the file system that this test runs on
        if [ "$status" -eq 2 ] || [ "$status" -gt 6 ]; then
            echo "\"$line\": exit status $status: $stderr"
            bad=1
        fi
    done < <(examples)
    [ "$bad" -eq 0 ]
}

@test "a stale example would be found" {
    try "swapctl ensure /swapfile --size 2G --no-such-option"
    [ "$status" -eq 2 ]
    try "swapctl list --output path,nosuch"
    [ "$status" -eq 2 ]
}

@test "the examples that make swap plan to make it" {
    case $(stat -f -c %T "$tree") in
    ext2/ext3 | xfs | btrfs) ;;
    *) skip "the folder for temporary files is on $(stat -f -c %T "$tree")" ;;
    esac
    n=0
    while read -r line; do
        n=$((n + 1))
        try "$line --size 1M"
        [ "$status" -eq 0 ] || {
            echo "\"$line\": exit status $status: $stderr"
            return 1
        }
        [[ $output == *create* ]]
    done < <(examples | grep -E '^swapctl (ensure|create) ' | grep -v -e --device)
    [ "$n" -ge 3 ]
}

@test "an example that only looks works on the running system" {
    # but for the one that wants a swap file at /swapfile
    while read -r line; do
        read -ra words <<<"$line"
        run --separate-stderr "$SWAPCTL" "${words[@]:1}"
        # 1: the path of the example is not active here, or swap is small; 4: /proc hides processes; 5: no cgroup counts swap
        [[ $status == [0145] ]] || {
            echo "\"$line\": exit status $status: $stderr"
            return 1
        }
    done < <(examples | grep -E "^swapctl ($looking|(zram|loop) list)( |$)" | grep -v resume-offset)
}
