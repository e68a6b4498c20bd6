#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# swapctl zram and zswap on trees that look like /sys and /proc of some machine

setup() {
    load swapctl
    make_tree
    printf 'MemTotal: 1024000 kB\nMemFree: 900000 kB\nMemAvailable: 900000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n' \
        >"$tree/proc/meminfo"
}

# A kernel with zram, and device 5 that hot_add would make
make_kernel() {
    mkdir -p "$tree/sys/class/zram-control" "$tree/sys/block/zram0" "$tree/dev"
    : >"$tree/sys/class/zram-control/hot_remove"
    echo 5 >"$tree/sys/class/zram-control/hot_add"
    echo 0 >"$tree/sys/block/zram0/disksize"
    echo '[lzo-rle] lzo lz4 ' >"$tree/sys/block/zram0/comp_algorithm"
    echo '0 0 0 0 0 0 0 0 0' >"$tree/sys/block/zram0/mm_stat"
    : >"$tree/dev/zram0"
}

# device NUMBER LABEL: it is set up, with 64 MiB, and active
device() {
    local block=$tree/sys/block/zram$1
    mkdir -p "$block"
    echo 67108864 >"$block/disksize"
    echo 'lzo-rle lzo [lz4] ' >"$block/comp_algorithm"
    echo '   1048576   262144   409600 33554432   409600 0 0 0 0' >"$block/mm_stat"
    truncate -s 1M "$tree/dev/zram$1"
    mkswap -q -L "$2" "$tree/dev/zram$1"
    printf '/dev/zram%s partition\t65532\t1024\t100\n' "$1" >>"$tree/proc/swaps"
}

zram() {
    local sub=$1
    shift
    swapctl zram "$sub" --root "$tree" "$@"
}

# ---- zram ensure

@test "zram ensure: a dry run shows the steps in the kernel's order, and does none" {
    make_kernel
    local before
    before=$(cd "$tree" && find . -type f -exec sha256sum {} +)
    run -0 --separate-stderr zram ensure --dry-run --size 50% --algorithm lz4 --mem-limit 20M --priority 9
    [ "${lines[0]}" = 'add a zram device' ]
    [ "${lines[1]}" = 'set the algorithm of the new zram device to lz4' ]
    [ "${lines[2]}" = 'set the size of the new zram device to 500M' ]
    [ "${lines[3]}" = 'let the new zram device take at most 20M of memory' ]
    [ "${lines[4]}" = 'write a swap header to the new zram device' ]
    [ "${lines[5]}" = 'activate the new zram device with priority 9' ]
    [ "${lines[6]}" = changed ]
    [ -z "$stderr" ]
    [ "$(cd "$tree" && find . -type f -exec sha256sum {} +)" = "$before" ]
}

@test "zram ensure: JSON of a dry run" {
    make_kernel
    run -0 --separate-stderr zram ensure --dry-run --json
    [ "$output" = '{"device":null,"size_bytes":524288000,"algorithm":null,"mem_limit":null,"priority":100,"changed":true,"actions":["add-device","set-size","format","activate"]}' ]
}

@test "zram ensure: ours is as it should be" {
    make_kernel
    device 3 headroom-zram
    local options
    for options in '' '--size 64M' '--size 64M --algorithm lz4 --mem-limit 32M --priority 100 --device 3'; do
        # shellcheck disable=SC2086 # words
        run -0 --separate-stderr zram ensure --dry-run $options
        [ "$output" = unchanged ]
    done
    run -0 --separate-stderr zram ensure --dry-run --json
    [ "$output" = '{"device":"/dev/zram3","size_bytes":67108864,"algorithm":"lz4","mem_limit":33554432,"priority":100,"changed":false,"actions":[]}' ]
}

@test "zram ensure: what differs is changed, and no more" {
    make_kernel
    device 3 headroom-zram
    run -0 --separate-stderr zram ensure --dry-run --mem-limit 0
    [ "$output" = $'let /dev/zram3 take as much memory as it wants\nchanged' ]
    run -0 zram ensure --dry-run --json --priority 5
    [[ $output == *'"actions":["deactivate","activate"]'* ]]
    run -0 zram ensure --dry-run --json --size 32M
    [[ $output == *'"actions":["deactivate","reset","set-algorithm","set-size","set-mem-limit","format","activate"]'* ]]
    run -0 zram ensure --dry-run --json --algorithm lzo
    [[ $output == *'"actions":["deactivate","reset","set-algorithm","set-size","set-mem-limit","format","activate"]'* ]]
}

@test "zram ensure: the devices of others are left alone" {
    make_kernel
    device 3 zram3
    run -0 zram ensure --dry-run --json --size 1M
    [[ $output == '{"device":null,'*'"add-device"'* ]]
    run -6 --separate-stderr zram ensure --dry-run --size 1M --device 3
    [[ $stderr == 'swapctl: /dev/zram3: is in use and was not set up by swapctl'* ]]
    run -6 zram ensure --dry-run --size 1M --device 3 --force
    run -0 --separate-stderr zram ensure --dry-run --size 1M --device 0
    [[ ${lines[0]} == 'set the size of /dev/zram0 to 1M' ]]
    run -3 --separate-stderr zram ensure --dry-run --size 1M --device 8
    [[ $stderr == 'swapctl: /dev/zram8: there is no such device' ]]
}

@test "zram ensure: an unknown algorithm is answered with those that there are" {
    make_kernel
    run -5 --separate-stderr zram ensure --dry-run --algorithm zstd
    [ "$stderr" = "swapctl: \"zstd\": this kernel's zram has no such algorithm; it has lzo-rle, lzo, lz4" ]
    [ -z "$output" ]
}

@test "zram ensure: what would not fit elsewhere is refused" {
    make_kernel
    device 3 headroom-zram
    sed -i 's/^MemAvailable.*/MemAvailable: 100 kB/; s/^MemFree.*/MemFree: 100 kB/' "$tree/proc/meminfo"
    sed -i '\,^/swapfile,d; \,^/a,d' "$tree/proc/swaps"
    run -6 --separate-stderr zram ensure --dry-run --size 32M
    [[ $stderr == 'swapctl: /dev/zram3: holds 1M in use, and only 100K are free'* ]]
    run -6 zram remove --dry-run zram3
    run -0 zram ensure --dry-run --size 32M --force
    run -0 zram remove --dry-run zram3 --force
}

@test "zram ensure: does not fight zram-generator or zram-tools" {
    make_kernel
    mkdir -p "$tree/etc/systemd" "$tree/etc/default"
    printf '[zram0]\n' >"$tree/etc/systemd/zram-generator.conf"
    run -6 --separate-stderr zram ensure --dry-run
    [[ $stderr == "swapctl: $tree/etc/systemd/zram-generator.conf: zram-generator sets up zram"*--force* ]]
    [ -z "$output" ]
    run -0 zram ensure --dry-run --force
    : >"$tree/etc/systemd/zram-generator.conf"
    run -0 zram ensure --dry-run
    echo PERCENT=50 >"$tree/etc/default/zramswap"
    run -6 --separate-stderr zram ensure --dry-run
    [[ $stderr == "swapctl: $tree/etc/default/zramswap: zram-tools sets up zram"* ]]
}

@test "zram ensure: a kernel without zram" {
    run -5 --separate-stderr zram ensure --dry-run
    [[ $stderr == "swapctl: $tree/sys/class/zram-control: this kernel has no zram; "*'"modprobe zram"'* ]]
    [ -z "$output" ]
}

@test "zram ensure, zram remove: only on the running system" {
    make_kernel
    device 3 headroom-zram
    run -5 zram ensure
    run -5 zram remove zram3
    run -5 zram remove --all-ours
}

@test "zram ensure: sizes that make no sense" {
    make_kernel
    run -2 --separate-stderr zram ensure --dry-run --size auto
    [[ $stderr == 'swapctl: --size: there is no "auto" for zram'* ]]
    run -2 --separate-stderr zram ensure --dry-run --size 4K
    [[ $stderr == 'swapctl: --size: 4K is no size for swap'* ]]
    run -2 zram ensure --dry-run --mem-limit auto
    run -2 zram ensure --dry-run --size 1X
    run -2 zram ensure --dry-run --device -1
    run -2 zram ensure --dry-run --priority 32768
    usage_error 'unexpected operand "/dev/zram0"' 'zram ensure' zram ensure /dev/zram0
}

# ---- zram list

@test "zram list: nothing where there is no zram" {
    run -0 --separate-stderr zram list
    [ -z "$output$stderr" ]
    run -0 zram list --json
    [ "$output" = '{"zram":[]}' ]
}

@test "zram list: those that are set up, ours and others" {
    make_kernel
    device 10 headroom-zram
    device 2 other
    echo '0 0 0 0 0 0' >"$tree/sys/block/zram2/mm_stat"
    sed -i '\,^/dev/zram2 ,d' "$tree/proc/swaps"
    run -0 --separate-stderr zram list --json
    [ -z "$stderr" ]
    [ "$output" = '{"zram":[
{"device":"/dev/zram2","size":67108864,"algorithm":"lz4","original":0,"compressed":0,"ratio":null,"used":0,"peak":0,"mem_limit":null,"priority":null,"ours":false},
{"device":"/dev/zram10","size":67108864,"algorithm":"lz4","original":1048576,"compressed":262144,"ratio":2.56,"used":409600,"peak":409600,"mem_limit":33554432,"priority":100,"ours":true}
]}' ]
    run -0 zram list --raw
    [ "${lines[0]}" = 'DEVICE SIZE ALGORITHM ORIGINAL COMPRESSED RATIO USED MEM-LIMIT PRIORITY' ]
    [ "${lines[1]}" = '/dev/zram2 67108864 lz4 0 0 - 0 - -' ]
    [ "${lines[2]}" = '/dev/zram10 67108864 lz4 1048576 262144 2.56 409600 33554432 100' ]
    run -0 zram list -n -o device,ratio,ours
    [ "$(tr -s ' ' <<<"${lines[1]}")" = '/dev/zram10 2.56 yes' ]
}

@test "zram list: a kernel that tells less" {
    make_kernel
    device 1 headroom-zram
    rm "$tree/sys/block/zram1/mm_stat" "$tree/sys/block/zram1/comp_algorithm"
    run -0 zram list --raw -n
    [ "$output" = '/dev/zram1 67108864 - - - - - - 100' ]
}

# ---- zram remove

@test "zram remove: a dry run of ours" {
    make_kernel
    device 3 headroom-zram
    run -0 zram remove --dry-run /dev/zram3
    [ "$output" = $'deactivate /dev/zram3\nremove /dev/zram3\nchanged' ]
    run -0 zram remove --dry-run --json zram3
    [ "$output" = '{"results":[
{"path":"zram3","changed":true,"actions":["deactivate","remove-device"],"error":null}
]}' ]
}

@test "zram remove: what is not ours stays, what is gone is gone" {
    make_kernel
    device 3 other
    run -6 --separate-stderr zram remove --dry-run zram3
    [[ $stderr == 'swapctl: /dev/zram3: is in use and was not set up by swapctl'* ]]
    run -6 --separate-stderr zram remove --dry-run --force zram0
    [[ $stderr == 'swapctl: /dev/zram0: was not set up by swapctl'* ]]
    run -0 zram remove --dry-run zram9
    [ "$output" = unchanged ]
    run -4 --separate-stderr zram remove --dry-run zram9 zram3
    [ "$output" = 'zram9: unchanged' ]
    run -2 --separate-stderr zram remove --dry-run /dev/sda1
    [[ $stderr == 'swapctl: /dev/sda1: is no zram device; '* ]]
}

@test "zram remove --all-ours: all of ours, and no other" {
    make_kernel
    device 3 other
    run -0 zram remove --dry-run --all-ours
    [ "$output" = unchanged ]
    run -0 zram remove --dry-run --all-ours --json
    [ "$output" = '{"results":[]}' ]
    device 4 headroom-zram
    device 7 headroom-zram
    run -0 zram remove --dry-run --all-ours --json
    [ "$output" = '{"results":[
{"path":"/dev/zram4","changed":true,"actions":["deactivate","remove-device"],"error":null},
{"path":"/dev/zram7","changed":true,"actions":["deactivate","remove-device"],"error":null}
]}' ]
    usage_error 'missing DEVICE, or --all-ours' 'zram remove' zram remove
    usage_error '--all-ours: takes no DEVICE' 'zram remove' zram remove --all-ours zram4
}

# ---- zswap

make_systemd() {
    mkdir -p "$tree/usr/lib/systemd"
    : >"$tree/usr/lib/systemd/systemd"
}

make_zswap() {
    local parameters=$tree/sys/module/zswap/parameters
    mkdir -p "$parameters"
    make_systemd
    echo N >"$parameters/enabled"
    echo lzo >"$parameters/compressor"
    echo 20 >"$parameters/max_pool_percent"
    echo N >"$parameters/shrinker_enabled"
    printf 'Zswap: 1000 kB\nZswapped: 2500 kB\n' >>"$tree/proc/meminfo"
}

parameter() {
    cat "$tree/sys/module/zswap/parameters/$1"
}

zswap() {
    swapctl zswap --root "$tree" "$@"
}

@test "zswap: its state, in text and JSON" {
    make_zswap
    run -0 --separate-stderr zswap
    [ -z "$stderr" ]
    [ "$(tr -s ' ' <<<"$output")" = 'enabled: off
compressor: lzo
max_pool_percent: 20
shrinker: off
pool_limit: 200M
pool: 1000K
stored: 2.4M
stored_pages: -
ratio: 2.50
written_back_pages: -' ]
    run -0 zswap --json
    [ "$output" = '{"enabled":false,"compressor":"lzo","max_pool_percent":20,"shrinker":false,"pool_limit_bytes":209715200,"pool_bytes":1024000,"stored_bytes":2560000,"stored_pages":null,"ratio":2.50,"written_back_pages":null}' ]
    mkdir -p "$tree/sys/kernel/debug/zswap"
    echo 625 >"$tree/sys/kernel/debug/zswap/stored_pages"
    echo 'zswpwb 7' >"$tree/proc/vmstat"
    run -0 zswap --json
    [[ $output == *'"stored_pages":625,"ratio":2.50,"written_back_pages":7}' ]]
}

@test "zswap: what the kernel lacks is null, and a kernel without it is exit 5" {
    run -5 --separate-stderr zswap
    [[ $stderr == "swapctl: $tree/sys/module/zswap/parameters: this kernel was built without zswap"* ]]
    run -5 zswap on
    make_zswap
    rm "$tree/sys/module/zswap/parameters/shrinker_enabled"
    run -0 zswap --json
    [[ $output == *'"shrinker":null,'* ]]
    run -5 --separate-stderr zswap --shrinker on
    [[ $stderr == 'swapctl: zswap: this kernel has no setting "shrinker_enabled"' ]]
}

@test "zswap: set once" {
    make_zswap
    run -0 --separate-stderr zswap on --compressor zstd --max-pool-percent 30 --shrinker on
    [ "$output" = changed ]
    [ "$(parameter enabled) $(parameter compressor) $(parameter max_pool_percent) $(parameter shrinker_enabled)" = 'Y zstd 30 Y' ]
    run -0 zswap on --compressor zstd --max-pool-percent 30 --shrinker on
    [ "$output" = unchanged ]
    run -0 zswap off --json
    [ "$output" = '{"enabled":false,"compressor":"zstd","max_pool_percent":30,"shrinker":true,"changed":true,"actions":["zswap-enabled"]}' ]
    [ ! -e "$tree/etc/tmpfiles.d" ]
}

@test "zswap: a dry run sets nothing; what comes first is set first" {
    make_zswap
    run -0 zswap on --compressor zstd --persist --dry-run
    [ "${lines[0]}" = "set zswap's compressor to zstd (now lzo)" ]
    [ "${lines[1]}" = "set zswap's enabled to Y (now N)" ]
    [ "${lines[2]}" = 'keep it in /etc/tmpfiles.d/60-headroom-zswap.conf' ]
    [ "${lines[3]}" = changed ]
    [ "$(parameter enabled) $(parameter compressor)" = 'N lzo' ]
    [ ! -e "$tree/etc/tmpfiles.d" ]
}

@test "zswap --persist: keeps what was set, and what was kept before" {
    make_zswap
    local file=$tree/etc/tmpfiles.d/60-headroom-zswap.conf
    run -0 zswap on --persist
    [ "$output" = changed ]
    [ "$(grep -v '^#' "$file")" = 'w /sys/module/zswap/parameters/enabled - - - - Y' ]
    run -0 zswap --compressor lz4 --persist
    run -0 zswap --compressor lz4 --persist
    [ "$output" = unchanged ]
    [ "$(grep -v '^#' "$file")" = 'w /sys/module/zswap/parameters/enabled - - - - Y
w /sys/module/zswap/parameters/compressor - - - - lz4' ]
}

@test "zswap --persist: systemd-tmpfiles does at boot what was kept" {
    command -v systemd-tmpfiles >/dev/null || skip "systemd-tmpfiles is not installed"
    make_zswap
    run -0 zswap on --max-pool-percent 13 --compressor zstd --persist
    make_zswap
    [ "$(parameter enabled) $(parameter max_pool_percent) $(parameter compressor)" = 'N 20 lzo' ]
    systemd-tmpfiles --create --root="$tree" "$tree/etc/tmpfiles.d/60-headroom-zswap.conf"
    [ "$(parameter enabled) $(parameter max_pool_percent) $(parameter compressor)" = 'Y 13 zstd' ]
}

@test "zswap --persist: for a tree that is not running" {
    make_systemd
    run -0 zswap on --persist
    [ "$output" = changed ]
    grep -qx 'w /sys/module/zswap/parameters/enabled - - - - Y' "$tree/etc/tmpfiles.d/60-headroom-zswap.conf"
}

@test "zswap --persist: without systemd, the words for the kernel's command line" {
    make_zswap
    rm "$tree/usr/lib/systemd/systemd"
    # what Debian's e2fsprogs leaves there on a system without systemd
    mkdir -p "$tree/etc/systemd/system/timers.target.wants"
    run -5 --separate-stderr zswap on --compressor lz4 --persist
    [[ $stderr == *"add zswap.compressor=lz4 zswap.enabled=Y to the kernel's command line"* ]]
    [ "$(parameter enabled) $(parameter compressor)" = 'N lzo' ]
}

@test "zswap: what makes no sense" {
    make_zswap
    usage_error '"maybe" is not on or off' zswap zswap maybe
    usage_error '--persist: missing what to keep: on, off or an option' zswap zswap --persist
    usage_error 'unexpected operand "off"' zswap zswap on off
    usage_error '--compressor: "a b" is no name of a compressor' zswap zswap --compressor 'a b'
    run -2 zswap --max-pool-percent 0
    run -2 zswap --max-pool-percent 101
    run -2 zswap --shrinker maybe
}
