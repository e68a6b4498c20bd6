#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What the subcommands print, in text and for programs, and what happens when nobody can take it

setup() {
    load swapctl
    make_tree
}

swappiness() {
    swapctl swappiness --root "$tree" "$@"
}

list() {
    swapctl list --root "$tree" "$@"
}

# ---- swappiness

@test "swappiness: printed, in text and JSON" {
    run -0 --separate-stderr swappiness
    [ "$output" = 60 ]
    [ -z "$stderr" ]
    run -0 swappiness --json
    [ "$output" = '{"swappiness":60}' ]
}

@test "swappiness: set once" {
    run -0 --separate-stderr swappiness 10
    [ "$output" = changed ]
    [ -z "$stderr" ]
    [ "$(<"$tree/proc/sys/vm/swappiness")" = 10 ]
    run -0 swappiness 10
    [ "$output" = unchanged ]
    run -0 swappiness
    [ "$output" = 10 ]
}

@test "swappiness: JSON of a change" {
    run -0 swappiness 10 --persist --json
    [ "$output" = '{"swappiness":10,"changed":true,"actions":["swappiness","persist-swappiness"]}' ]
    run -0 swappiness 10 --persist --json
    [ "$output" = '{"swappiness":10,"changed":false,"actions":[]}' ]
}

@test "swappiness: a dry run shows the steps and writes nothing" {
    run -0 swappiness 10 --persist --dry-run
    [ "${#lines[@]}" = 3 ]
    [[ ${lines[0]} == *vm.swappiness*10* ]]
    [[ ${lines[1]} == */etc/sysctl.d/60-headroom.conf* ]]
    [ "${lines[2]}" = changed ]
    run -0 swappiness 10 --persist --dry-run --json
    [ "$output" = '{"swappiness":10,"changed":true,"actions":["swappiness","persist-swappiness"]}' ]
    [ "$(<"$tree/proc/sys/vm/swappiness")" = 60 ]
    [ -z "$(ls "$tree/etc" "$tree/run")" ] || [ "$(cd "$tree" && find etc run)" = $'etc\nrun' ]
}

@test "swappiness: --verbose tells the steps on stderr" {
    run -0 --separate-stderr swappiness 10 -v
    [ "$output" = changed ]
    [[ $stderr == "swapctl: "*vm.swappiness*10* ]]
}

@test "swappiness: --persist writes the file that the next boot reads" {
    run -0 swappiness 10 --persist
    grep -qxE 'vm\.swappiness ?= ?10' "$tree/etc/sysctl.d/60-headroom.conf"
}

@test "swappiness: --persist for a tree that is not running" {
    rm -r "$tree/proc"
    run -0 swappiness 10 --persist
    [ "$output" = changed ]
    grep -qxE 'vm\.swappiness ?= ?10' "$tree/etc/sysctl.d/60-headroom.conf"
    run -5 swappiness 10
    run -5 swappiness
}

@test "swappiness: --persist warns of a file that has the last word" {
    mkdir "$tree/etc/sysctl.d"
    echo 'vm.swappiness = 5' >"$tree/etc/sysctl.d/99-local.conf"
    run -0 --separate-stderr swappiness 10 --persist
    [ "$output" = changed ]
    [[ $stderr == "swapctl: warning: "*/etc/sysctl.d/99-local.conf* ]]
}

@test "swappiness: numbers that it cannot be" {
    local number
    for number in -1 201 ten 1.5 +5 0x10 99999999999999999999 ' 5'; do
        run -2 --separate-stderr swappiness "$number"
        [ -z "$output" ]
        [[ $stderr == "swapctl: \"$number\": "*"0 to 200"* ]]
    done
    [ "$(<"$tree/proc/sys/vm/swappiness")" = 60 ]
    usage_error '--persist: missing N, the value to keep' swappiness swappiness --persist
}

# ---- tables

@test "list: text has names as they are, sizes for people, numbers to the right" {
    LC_ALL=C run -0 list
    [ "${lines[0]}" = 'PATH          TYPE  SIZE USED PRIORITY PERSISTED' ]
    [ "${lines[1]}" = '/swapfile     file    2G 512K       -2 -' ]
    [ "${lines[2]}" = '/a b\x09\\xff file 1020K   0B        7 -' ]
    [ "${#lines[@]}" = 3 ]
}

@test "list: --raw has one word for each cell, and sizes in bytes" {
    run -0 list --raw
    [ "${lines[0]}" = 'PATH TYPE SIZE USED PRIORITY PERSISTED' ]
    [ "${lines[1]}" = '/swapfile file 2147479552 524288 -2 -' ]
    [ "${lines[2]}" = '/a\x20b\x09\x5c\xff file 1044480 0 7 -' ]
    [ "${#lines[@]}" = 3 ]
}

@test "list: --json is JSON whatever the names are, and absent is null" {
    list --json --output-all | jq -e '
        (.swaps | length) == 2 and
        (.swaps[0] | keys_unsorted) == ["path", "type", "size", "used", "priority", "backing_file", "fstype", "uuid",
                                        "label", "persisted"] and
        .swaps[0] == {path: "/swapfile", type: "file", size: 2147479552, used: 524288, priority: -2, backing_file: null,
                      fstype: null, uuid: null, label: null, persisted: null} and
        .swaps[1].path == "/a b\t\\\ufffd"'
}

@test "list: --output chooses, adds and does not care for letter case" {
    run -0 list --raw --output used,Path
    [ "${lines[0]}" = 'USED PATH' ]
    run -0 list --raw -o +label
    [ "${lines[0]}" = 'PATH TYPE SIZE USED PRIORITY PERSISTED LABEL' ]
    run -0 list --raw -o +path,path
    [ "${lines[0]}" = 'PATH TYPE SIZE USED PRIORITY PERSISTED' ]
    run -0 list --json -o backing-file
    jq -e '.swaps[0] == {backing_file: null}' <<<"$output"
}

@test "list: --bytes and --noheadings" {
    run -0 list -bn -o size
    [ "$output" = $'2147479552\n   1044480' ]
}

@test "list: without swap there is nothing, but valid JSON" {
    printf 'Filename\tType\tSize\tUsed\tPriority\n' >"$tree/proc/swaps"
    run -0 --separate-stderr list
    [ -z "$output$stderr" ]
    run -0 --separate-stderr list --raw
    [ -z "$output$stderr" ]
    run -0 --separate-stderr list --json
    [ "$output" = '{"swaps":[]}' ]
}

@test "list: columns that do not exist, and options that exclude each other" {
    usage_error '--output: unknown column "LABLE"; did you mean LABEL?' list list -o PATH,LABLE
    usage_error '--output: is empty; wanted COLUMNS' list list -o ''
    usage_error '--json and --raw exclude each other' list list -J -r
    usage_error '--output and --output-all exclude each other' list list -o PATH --output-all
    run -2 --separate-stderr swapctl list -o zebra
    [[ $stderr == 'swapctl: --output: unknown column "zebra"; there are PATH, TYPE, SIZE, USED, '* ]]
}

# ---- nobody takes the output

@test "output: a full device is a failure" {
    local command
    for command in --help --version 'list --help' 'swappiness --root TREE' 'swappiness 7 --json --root TREE' \
        'list --root TREE' 'list --json --root TREE' 'list --raw --root TREE'; do
        run -3 --separate-stderr eval "swapctl ${command/TREE/'"$tree"'} >/dev/full"
        [ "$stderr" = 'swapctl: standard output: cannot write: No space left on device' ]
    done
}

@test "output: a closed stdout is a failure, when there is something to print" {
    run -3 --separate-stderr eval 'swappiness >&-'
    [ "$stderr" = 'swapctl: standard output: cannot write: Bad file descriptor' ]
    run -3 eval 'swapctl --help >&-'
    printf 'Filename\tType\tSize\tUsed\tPriority\n' >"$tree/proc/swaps"
    run -0 eval 'list >&-'
}

@test "output: no file takes the place of a closed descriptor" {
    run -3 eval 'swappiness 10 --persist <&- >&- 2>&-'
    [ "$(cat "$tree/proc/sys/vm/swappiness")" = 10 ]
    run -0 swappiness 10 --persist
    [ "$output" = unchanged ]
}

@test "output: a reader that leaves ends the program as it ends others" {
    run -0 bash -c '"$1" --help | true; [[ ${PIPESTATUS[0]} == @(0|141) ]]' - "$SWAPCTL"
}

@test "output: errors do not touch stdout" {
    run -3 --separate-stderr swapctl list --root /nonexistent --json
    [ -z "$output" ]
    [[ $stderr == 'swapctl: /nonexistent: '* ]]
}

# ---- without a library

# without_library SONAME ARG...: the first file of that name that the loader finds is empty
without_library() {
    mkdir -p "$BATS_TEST_TMPDIR/$1"
    : >"$BATS_TEST_TMPDIR/$1/$1"
    LD_LIBRARY_PATH=$BATS_TEST_TMPDIR/$1 "$SWAPCTL" "${@:2}" --root "$tree"
}

loads() { # SONAME
    case $(ldd "$SWAPCTL" 2>&1) in
    *"$1"* | *"not a dynamic"*) skip "this build has $1 linked" ;;
    esac
}

@test "a table without its library is exit 5 and says what to do; what prints none needs none" {
    loads libsmartcols.so.1
    run -5 --separate-stderr without_library libsmartcols.so.1 list
    [ -z "$output" ]
    [[ $stderr == "swapctl: "*"libsmartcols.so.1"*"; install libsmartcols (of util-linux), or use --json" ]] ||
        { echo "stderr: $stderr" && return 1; }
    run -0 --separate-stderr without_library libsmartcols.so.1 list --json
    [[ $output == '{"swaps":'* ]]
    run -0 without_library libsmartcols.so.1 swappiness
    [ "$output" = 60 ]
}

@test "what reads fstab needs libmount where swap is declared, what probes needs libblkid, and nothing else does" {
    loads libmount.so.1
    run -0 without_library libmount.so.1 list --json
    echo '/swapfile none swap sw 0 0' >"$tree/etc/fstab"
    run -5 --separate-stderr without_library libmount.so.1 list --json
    [ -z "$output" ]
    [[ $stderr == "swapctl: "*"libmount.so.1"*"; install libmount (of util-linux)" ]] || { echo "stderr: $stderr" && return 1; }
    run -0 without_library libblkid.so.1 swappiness
    run -5 --separate-stderr without_library libblkid.so.1 off LABEL=data --dry-run
    [[ $stderr == "swapctl: "*"libblkid.so.1"*"; install libblkid (of util-linux)" ]] || { echo "stderr: $stderr" && return 1; }
}
