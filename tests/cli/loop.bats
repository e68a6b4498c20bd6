#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# swapctl loop, and --backing, on trees that look like /sys and /proc of some machine

setup() {
    load swapctl
    make_tree
    : >"$tree/swapfile"
}

# device NUMBER FILE [ATTRIBUTE=VALUE]...
device() {
    local block=$tree/sys/block/loop$1 set
    mkdir -p "$block/loop"
    echo "$2" >"$block/loop/backing_file"
    echo "7:$1" >"$block/dev"
    echo 4096 >"$block/size"
    for set in "${@:3}"; do
        echo "${set#*=}" >"$block/${set%%=*}"
    done
}

loop() {
    local sub=$1
    shift
    swapctl loop "$sub" --root "$tree" "$@"
}

@test "loop list: what sysfs says of each device that has a file" {
    device 10 /swapfile loop/autoclear=1 loop/dio=1
    device 9 '/gone (deleted)' loop/offset=512 ro=1
    mkdir -p "$tree/sys/block/loop0" "$tree/sys/block/sda"
    printf '/dev/loop10 partition\t2044\t0\t7\n' >>"$tree/proc/swaps"
    run -0 --separate-stderr loop list --json
    [ "$output" = '{"loops":[
{"device":"/dev/loop9","backing_file":"/gone (deleted)","size":2097152,"autoclear":false,"direct_io":false,"swap":false,"offset":512,"read_only":true},
{"device":"/dev/loop10","backing_file":"/swapfile","size":2097152,"autoclear":true,"direct_io":true,"swap":true,"offset":0,"read_only":false}
]}' ] || { echo "$output" && return 1; }
    run -0 --separate-stderr loop list --raw --noheadings
    [ "${lines[1]}" = '/dev/loop10 /swapfile 2097152 1 1 1' ] || { echo "${lines[1]}" && return 1; }
}

@test "loop list PATH: the devices of that file; 1 where there is none" {
    device 1 /swapfile
    device 2 /other
    ln "$tree/swapfile" "$tree/link"
    run -0 --separate-stderr loop list --raw --noheadings --output device /link
    [ "$output" = /dev/loop1 ]
    : >"$tree/second"
    run -1 --separate-stderr loop list --raw --noheadings --output device /link /second /nothing
    [ "$output" = /dev/loop1 ]
    [ -z "$stderr" ]
}

@test "loop list: without loop devices there is nothing to list, and that is fine" {
    run -0 --separate-stderr loop list
    [ -z "$output$stderr" ]
}

@test "loop attach, detach: only on the running system" {
    for sub in attach detach; do
        run -5 --separate-stderr loop "$sub" /swapfile
        [[ $stderr == *"works on the running system only"* ]]
    done
    usage_error 'missing PATH' 'loop attach' loop attach
    usage_error 'missing PATH' 'loop detach' loop detach
    usage_error 'unexpected operand "b"' 'loop attach' loop attach a b
}

@test "ensure --backing: the steps of a dry run, and the declaration" {
    case $(stat -f -c %T "$tree") in
    ext2/ext3 | xfs | btrfs) ;;
    *) skip "the folder for temporary files is on $(stat -f -c %T "$tree")" ;;
    esac
    run -0 --separate-stderr swapctl ensure /new --size 1M --backing loop --persist fstab --dry-run --root "$tree"
    [ "${lines[0]}" = 'create /new, 1M' ]
    [ "${lines[1]}" = 'attach /new to a loop device' ]
    [ "${lines[2]}" = 'let nobody write to /new but its loop device' ]
    [ "${lines[3]}" = 'activate /new' ]
    [[ ${lines[4]} == 'declare /new in '* ]]
    usage_error '--backing: "tape" is not auto, file or loop' ensure ensure /new --size 1M --backing tape
}

@test "status: an area on a loop device is declared though it is noauto" {
    echo '/swapfile none swap noauto,x-headroom.size=1M,x-headroom.backing=loop 0 0' >"$tree/etc/fstab"
    rm "$tree/swapfile"
    run -1 --separate-stderr swapctl status --root "$tree" --raw --noheadings --output path,state
    [ "$output" = '/swapfile missing' ]
}
