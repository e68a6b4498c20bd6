#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# swapctl recommend for a small machine, so that the disk of this one has room for it

setup() {
    load swapctl
    make_tree
    mkdir -p "$tree/var"
    {
        printf 'MemTotal: 40000 kB\nMemFree: 1000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n'
        printf 'Committed_AS: 50000 kB\nCommitLimit: 60000 kB\n'
    } >"$tree/proc/meminfo"
    areas
}

# areas ['PATH TYPE KIB'...]
areas() {
    local area
    printf 'Filename\tType\tSize\tUsed\tPriority\n' >"$tree/proc/swaps"
    for area; do
        echo "$area 0 -2" >>"$tree/proc/swaps"
    done
}

recommend() {
    swapctl recommend --root "$tree" "$@"
}

json() {
    jq -e "$1" <<<"$output" || { echo "not true: $1 of $output" && return 1; }
}

@test "recommend: no swap is too little, and the answer is no" {
    run -1 --separate-stderr recommend
    [ "${lines[0]}" = 'recommended: 39.1M' ]
    [ "${lines[1]}" = 'active: 0B' ]
    [ "${lines[2]}" = 'RAM: 39.1M' ]
    [ "${lines[3]}" = 'committed: 48.8M' ]
    [[ ${lines[4]} == 'free at /: '* ]]
    [ "${lines[5]}" = 'rule: ram' ]
    [ "${lines[6]}" = 'reason: with less than 4 GiB of RAM, as much swap as RAM' ]
    [ "${#lines[@]}" = 7 ]
    [ "$stderr" = 'swapctl: warning: the active swap (0B) is less than recommended (39.1M); "swapctl ensure" makes an area' ]
}

@test "recommend: JSON" {
    run -1 --separate-stderr recommend --json
    json 'del(.free_bytes) == {size_bytes: 40960000, rule: "ram",
        reason: "with less than 4 GiB of RAM, as much swap as RAM", ram_bytes: 40960000, active_bytes: 0, enough: false,
        target: "/", committed_bytes: 51200000} and .free_bytes > 0'
    [[ $stderr == 'swapctl: warning: '* ]]
}

@test "recommend: enough is enough, header page, a sixteenth and several areas included" {
    local page=$(($(getconf PAGESIZE) / 1024))
    areas "/swapfile file $((37500 - page))"
    run -0 --separate-stderr recommend --json
    [ -z "$stderr" ]
    json '.enough and .active_bytes == 38400000'
    areas "/swapfile file $((37496 - page))"
    run -1 --separate-stderr recommend
    [[ $stderr == *'(39.1M); "swapctl resize" makes an area longer' ]]
    areas "/a file $((20000 - page))" "/dev/zram0 partition $((20000 - page))"
    run -0 recommend --json
    json '.active_bytes == 40960000'
}

@test "recommend: the image of hibernation lies in one area on a disk" {
    areas '/a file 50000' '/b file 60000' '/dev/zram0 partition 90000'
    run -1 --separate-stderr recommend --workload hibernate --json
    json '.size_bytes == 81920000 and .rule == "ram-and-general" and .active_bytes < 70000000'
    areas '/a file 90000'
    run -0 recommend --workload hibernate
}

@test "recommend: the size is the one that --size auto takes" {
    case $(stat -f -c %T "$tree") in
    ext2/ext3 | xfs | btrfs) ;;
    *) skip "the folder for temporary files is on $(stat -f -c %T "$tree")" ;;
    esac
    run -1 --separate-stderr recommend --json
    local size=$output
    run -0 swapctl ensure /var/swapfile --size auto --dry-run --json --root "$tree"
    [ "$(jq .size_bytes <<<"$output")" -eq "$(jq .size_bytes <<<"$size")" ]
}

@test "recommend: the folder is that of the area there is, or is declared, or named" {
    areas '/dev/sda2 partition 4' '/var/lib/swap file 4'
    mkdir -p "$tree/var/lib" "$tree/mnt/disk"
    run -1 --separate-stderr recommend --json
    json '.target == "/var/lib"'
    areas
    printf '/dev/sda2 none swap sw 0 0\n/mnt/disk/swapfile none swap sw 0 0\n' >"$tree/etc/fstab"
    run -1 --separate-stderr recommend --json
    json '.target == "/mnt/disk"'
    case $(stat -f -c %T "$tree") in
    ext2/ext3 | xfs | btrfs) ;;
    *) skip "the folder for temporary files is on $(stat -f -c %T "$tree")" ;;
    esac
    run -1 --separate-stderr recommend --json --target /var
    json '.target == "/var"'
}

@test "recommend: a folder that is not there, and one that cannot hold swap" {
    run -3 --separate-stderr recommend --target /nosuch
    [[ $stderr == 'swapctl: /nosuch: cannot open the folder: No such file or directory' ]]
    run -5 --separate-stderr swapctl recommend --target /proc
    [[ $stderr == 'swapctl: /proc: lies on proc: '* ]]
}

@test "recommend: usage errors" {
    run -2 --separate-stderr swapctl recommend --workload games
    [[ $stderr == 'swapctl: --workload: "games" is not '* ]]
    usage_error 'unexpected operand "4G"' recommend recommend 4G
}

@test "recommend: a full device is a failure" {
    run -3 --separate-stderr eval 'recommend --json >/dev/full'
    [[ $stderr == *'standard output: cannot write: No space left on device' ]]
}
