#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# swapctl resume-offset where there is nothing to find; what it finds is for tests/root/resume.bats

setup() {
    load swapctl
    make_tree
}

@test "resume-offset: usage errors" {
    usage_error 'missing PATH' resume-offset resume-offset
    usage_error 'unexpected operand "/b"' resume-offset resume-offset /a /b
}

@test "resume-offset: what is no swap file is a failure, with nothing on stdout" {
    echo data >"$tree/data"
    run -3 --separate-stderr swapctl resume-offset "$tree/nosuch"
    [ -z "$output" ]
    [ "$stderr" = "swapctl: $tree/nosuch: cannot open: No such file or directory" ]
    run -3 --separate-stderr swapctl resume-offset "$tree/data" --json
    [ -z "$output" ]
    [[ $stderr == "swapctl: $tree/data: is not a swap file that this kernel takes; "* ]]
    run -3 --separate-stderr swapctl resume-offset /etc
    [ "$stderr" = "swapctl: /etc: is not a swap file" ]
}

@test "resume-offset: with --root the path is one of that tree" {
    echo data >"$tree/data"
    ln -s /data "$tree/link"
    run -3 --separate-stderr swapctl resume-offset --root "$tree" /link
    [[ $stderr == 'swapctl: /link: is not a swap file'* ]]
}
