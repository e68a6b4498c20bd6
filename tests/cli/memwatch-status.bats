#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# memwatch status, and memwatch alone

setup() {
    load memwatch
    make_tree
    unset COLUMNS
    export LC_ALL=C.UTF-8
}

status_of() {
    run -0 --separate-stderr memwatch status --root "$tree" "$@"
    [ -z "$stderr" ]
}

has_line() {
    grep -qxF -- "$1" <<<"$output" || { echo "lacks: $1" && return 1; }
}

@test "status: one screen" {
    status_of
    has_line 'memory   enough: 40.0% of RAM is available, and hardly anybody waits for memory'
    has_line "RAM      [########################................] 60.0% of 976.6M in use, 390.6M available"
    has_line '         293M page cache, 9.8M buffers, 29.3M reclaimable slab, 48.8M free'
    has_line 'commit   781.3M promised to programs, 53% of the limit that strict overcommit would set'
    has_line 'swap     [####....................................] 10.0% of 976.6M in use'
    has_line '         97.7M of 976.6M, priority -2: /swapfile'
    has_line 'pressure memory some   2.5%   0.5%   0.0%   full   1.0%   0.0%   0.0%   (10 s, 1 min, 5 min)'
    has_line 'programs  195.3M  big (20, root)'
    has_line 'groups      256M  /db'
    has_line '             64M  /web'
    [ "${#lines[@]}" -le 24 ]
}

@test "status: memwatch alone is the same, with options too" {
    status_of
    local all=$output
    run -0 --separate-stderr memwatch --root "$tree"
    [ "$output" = "$all" ]
    run -0 --separate-stderr memwatch --json --root "$tree"
    jq -e '.memory == "enough"' <<<"$output"
    run -0 --separate-stderr memwatch
    [[ ${lines[0]} =~ ^memory\ +(enough|tight|short):\  ]]
    run -0 --separate-stderr memwatch --help
    [[ $output == "Usage: memwatch SUBCOMMAND"* ]]
    run -2 --separate-stderr memwatch --bogus
    [[ $stderr == "memwatch: unknown option --bogus"* ]]
    run -2 --separate-stderr memwatch bogus
    [[ $stderr == 'memwatch: unknown subcommand "bogus"'* ]]
}

@test "status: JSON has it all in bytes" {
    status_of --json
    jq -e '.ram.total_bytes == 1024000000 and .ram.available_bytes == 409600000 and .ram.used_bytes == 614400000' <<<"$output"
    jq -e '.swap.areas == [{"path":"/swapfile","size_bytes":1024000000,"used_bytes":102400000,"priority":-2}]' <<<"$output"
    jq -e '.psi.memory.some == {"avg10":2.5,"avg60":0.5,"avg300":0} and .zswap == null and .zram == [] and .limit == null' <<<"$output"
    jq -e '.processes[0] == {"pid":20,"name":"big","user":"root","rss_bytes":204800000}' <<<"$output"
    jq -e '[.cgroups[].cgroup] == ["/db","/web"]' <<<"$output"
}

@test "status: the judgement" {
    meminfo 40000 900000
    psi memory 20.00 0.00
    status_of
    [ "${lines[0]}" = 'memory   short: 4.0% of RAM is available, and programs waited for memory 20.0% of the time' ]
    psi memory 0.00 0.00
    status_of
    [ "${lines[0]}" = 'memory   tight: 4.0% of RAM is available, but nobody waits for memory' ]
    meminfo 400000 100000
    status_of
    [ "${lines[0]}" = 'memory   tight: 90.0% of swap is in use' ]
    rm -r "$tree/proc/pressure"
    meminfo 400000 900000
    status_of
    [ "${lines[0]}" = 'memory   enough: 40.0% of RAM is available' ]
    has_line 'pressure this kernel does not tell'
    status_of --json
    jq -e '.psi == {"memory":null,"cpu":null,"io":null}' <<<"$output"
}

@test "status: in a container its limit" {
    group a 130000000 134217728
    group a/b 1000 max
    echo 0::/a/b >"$tree/proc/self/cgroup"
    status_of
    [ "${lines[0]}" = 'memory   tight: 96.1% of our own limit is in use, whatever the machine has' ]
    has_line 'limit    123M of 128M in use: the limit of /a, that we run in'
    status_of --json
    jq -e '.limit == {"cgroup":"/a","limit_bytes":134217728,"used_bytes":128951424}' <<<"$output"
}

@test "status: at any width, and without UTF-8" {
    process 30 $'na\xc3\xafve\x1b[31m' 300000 0
    for width in 1 9 20 59 80 200; do
        COLUMNS=$width run -0 memwatch --root "$tree"
        ! grep -E "^.{$((width + 1))}" <<<"$output"
    done
    status_of
    [[ $output == *$' na\xc3\xafve?[31m (30, root)'* ]]
    LC_ALL=C status_of
    [[ $output == *' na?ve?[31m (30, root)'* ]]
    ! LC_ALL=C grep -P '[^\x20-\x7e]' <<<"$output"
}

@test "status: what makes no sense is told, the rest is shown, and the status is 4" {
    printf 'Filename\tType\nnonsense\n' >"$tree/proc/swaps"
    echo 'some avg10=x' >"$tree/proc/pressure/memory"
    run -4 --separate-stderr memwatch --root "$tree"
    [[ ${lines[0]} == 'memory   enough: '* ]]
    [[ $stderr == *"memwatch: warning: /proc/swaps: "*"memwatch: warning: pressure: "* ]]
    rm "$tree/proc/meminfo"
    run -3 --separate-stderr memwatch --root "$tree"
    [[ -z $output && $stderr == "memwatch: "*meminfo* ]]
}

@test "status: a machine that has next to nothing" {
    rm -r "$tree/proc/swaps" "$tree/proc/pressure" "$tree/sys"
    : >"$tree/proc/self/mountinfo"
    printf 'MemTotal: 1000 kB\nMemFree: 500 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n' >"$tree/proc/meminfo"
    status_of
    has_line 'swap     none'
    [[ $output == *"available (estimated)"* ]]
}

@test "status: a full disk where the answer should go" {
    run -3 bash -c '"$1" status --root "$2" >/dev/full' - "$MEMWATCH" "$tree"
    run -3 bash -c '"$1" status --json --root "$2" >/dev/full' - "$MEMWATCH" "$tree"
}
