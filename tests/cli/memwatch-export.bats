#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# memwatch export: what is in it; tests/export shows who can read it

setup() {
    load memwatch
    make_tree
}

# export_it ARG...: the text is in $output
export_it() {
    run -0 --separate-stderr memwatch export --root "$tree" "$@"
    [ -z "$stderr" ]
}

# has LINE...: the whole lines are in the text
has() {
    local line
    for line; do
        grep -qxF -- "$line" <<<"$output" || { echo "lacks: $line" && return 1; }
    done
}

lacks() {
    local pattern
    for pattern; do
        ! grep -E -- "$pattern" <<<"$output" || return 1
    done
}

@test "export: swap areas, active and declared" {
    printf '/swapfile none swap sw,nofail,x-headroom.size=1024004096 0 0\n/other none swap sw,x-headroom.size=4096000 0 0\n' \
        >"$tree/etc/fstab"
    printf '/dev/zram0 partition 2000 0 100\n' >>"$tree/proc/swaps"
    export_it --prometheus
    has '# TYPE headroom_swap_area_size_bytes gauge' \
        'headroom_swap_area_size_bytes{path="/swapfile",type="file"} 1024000000' \
        'headroom_swap_area_used_bytes{path="/swapfile",type="file"} 102400000' \
        'headroom_swap_area_priority{path="/swapfile",type="file"} -2' \
        'headroom_swap_area_priority{path="/dev/zram0",type="zram"} 100' \
        'headroom_swap_declared_size_bytes{path="/swapfile",declared="fstab"} 1024004096' \
        'headroom_swap_declared_active{path="/other",declared="fstab"} 0'
}

@test "export: who reclaimed, as counters in bytes; limits only where the kernel tells" {
    export_it --prometheus
    local page
    page=$(getconf PAGESIZE)
    has '# TYPE headroom_reclaim_scanned_bytes_total counter' \
        "headroom_reclaim_scanned_bytes_total{by=\"kswapd\"} $((100 * page))" \
        "headroom_reclaim_scanned_bytes_total{by=\"direct\"} $((10 * page))" \
        "headroom_reclaim_scanned_bytes_total{by=\"limit\"} $((10 * page))" \
        "headroom_reclaim_stolen_bytes_total{by=\"kswapd\"} $((90 * page))" \
        "headroom_reclaim_refault_bytes_total $((3 * page))" \
        'headroom_reclaim_stalls_total 4'
    # since 7.1 one counter has both
    mkdir -p "$tree/sys/devices/system/node/node0"
    printf 'pgscan_kswapd 100\n' >"$tree/sys/devices/system/node/node0/vmstat"
    export_it --prometheus
    has "headroom_reclaim_scanned_bytes_total{by=\"direct_or_limit\"} $((10 * page))"
    lacks '\{by="(limit|direct)"\}'
}

@test "export: groups with a limit or an event; with --all every one" {
    group idle 4096 max
    printf 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n' >"$tree/sys/fs/cgroup/idle/memory.events"
    export_it --prometheus
    has 'headroom_cgroup_memory_current_bytes{cgroup="/web"} 67108864' \
        'headroom_cgroup_memory_max_bytes{cgroup="/web"} 134217728' \
        'headroom_cgroup_memory_events_total{cgroup="/web",event="oom_kill"} 1'
    lacks 'memory_max_bytes\{cgroup="/db"' '"/idle"'
    export_it --prometheus --all
    has 'headroom_cgroup_memory_current_bytes{cgroup="/idle"} 4096'
}

@test "export: what node_exporter has stands there only with --all" {
    export_it --prometheus
    lacks '^headroom_(ram|psi|commit)'
    export_it --prometheus --all
    has 'headroom_ram_ratio 0.6' 'headroom_ram_available_bytes 409600000' 'headroom_psi_memory_some_avg10_ratio 0.025' \
        '# HELP headroom_ram_ratio RAM in use: all of it less what is available'
    lacks '^headroom_(oom|swap_in|kswapd)'
}

@test "export: chosen metrics, and only these" {
    export_it --prometheus ram cgroup:/web.memory_percent proc:20.swap proc:1.swap ram
    [ "$(grep -v '^#' <<<"$output")" = $'headroom_ram_ratio 0.6\nheadroom_cgroup_memory_ratio{cgroup="/web"} 0.4921875\nheadroom_proc_swap_bytes{pid="20"} 1024000\nheadroom_proc_swap_bytes{pid="1"} 0' ]
    export_it --prometheus zfs.arc
    [ -z "$output" ]
    run -2 --separate-stderr memwatch export --root "$tree" --prometheus swap.in
    [[ $stderr == "memwatch: swap.in: is told between two samples, and Prometheus does that by itself"* ]]
    run -2 --separate-stderr memwatch export --root "$tree" --prometheus rom
    [[ $stderr == "memwatch: rom: is no metric; did you mean ram"* ]]
}

@test "export: OpenMetrics ends, and names counters without _total" {
    export_it --openmetrics
    [ "${lines[-1]}" = '# EOF' ]
    has '# TYPE headroom_reclaim_stolen_bytes counter' '# UNIT headroom_reclaim_stolen_bytes bytes' \
        'headroom_cgroup_memory_events_total{cgroup="/web",event="max"} 3'
    lacks '^# .*_total '
}

@test "export: no sample has a time, every family stands together once, all ends with a newline" {
    for format in --prometheus --openmetrics; do
        memwatch export $format --all --root "$tree" >"$BATS_TEST_TMPDIR/text"
        [ "$(tail -c 1 "$BATS_TEST_TMPDIR/text" | od -An -c | tr -d ' ')" = '\n' ]
        ! grep -vE '^(# (HELP|TYPE|UNIT) headroom_[a-z0-9_]+ .+|# EOF|headroom_[a-z0-9_]+(\{.*\})? -?[0-9.e+-]+)$' "$BATS_TEST_TMPDIR/text"
        [ "$(grep -c '^# TYPE' "$BATS_TEST_TMPDIR/text")" -eq "$(grep -v '^#' "$BATS_TEST_TMPDIR/text" | sed 's/[{ ].*//' | uniq | wc -l)" ]
        [ -z "$(grep -v '^#' "$BATS_TEST_TMPDIR/text" | sed 's/ [^ ]*$//' | sort | uniq -d)" ]
    done
}

@test "export: --textfile replaces the file at once, whatever the umask, and leaves nothing else" {
    mkdir "$tree/textfile"
    echo old >"$tree/textfile/headroom.prom"
    chmod 600 "$tree/textfile/headroom.prom"
    run -0 --separate-stderr bash -c 'umask 077; "$1" export --textfile /textfile/headroom.prom --root "$2"' - "$MEMWATCH" "$tree"
    [ -z "$output$stderr" ]
    [ "$(stat -c %a "$tree/textfile/headroom.prom")" = 644 ]
    [ "$(ls -A "$tree/textfile")" = headroom.prom ]
    memwatch export --prometheus --root "$tree" | cmp - "$tree/textfile/headroom.prom"
}

@test "export: a textfile that cannot be written keeps what it had" {
    run -3 --separate-stderr memwatch export --textfile /none/headroom.prom --root "$tree"
    [[ $stderr == "memwatch: /none/headroom.prom: cannot open its directory: "* ]]
    mkdir -p "$tree/d/headroom.prom/x"
    run -3 --separate-stderr memwatch export --textfile /d/headroom.prom --root "$tree"
    [[ $stderr == "memwatch: /d/headroom.prom: cannot write it: "* ]]
    [ "$(ls -A "$tree/d")" = headroom.prom ]
    run -3 bash -c '"$1" export --prometheus --root "$2" >/dev/full' - "$MEMWATCH" "$tree"
}

@test "export: a source that makes no sense is left out and told, by 4 and in the text" {
    printf 'Filename\tType\nnonsense\n' >"$tree/proc/swaps"
    run -4 --separate-stderr memwatch export --prometheus --root "$tree"
    has 'headroom_export_success{source="swap"} 0' 'headroom_export_success{source="cgroups"} 1' \
        'headroom_cgroup_memory_current_bytes{cgroup="/web"} 67108864'
    lacks swap_area
    [[ $stderr == "memwatch: warning: /proc/swaps: "* ]]
    make_tree
    printf 'pgscan_kswapd 99999999999999999999\n' >"$tree/proc/vmstat"
    run -4 --separate-stderr memwatch export --prometheus --root "$tree"
    has 'headroom_export_success{source="reclaim"} 0'
    lacks reclaim_
}

@test "export: a machine that has nothing of all that is no failure" {
    rm -r "$tree/proc/swaps" "$tree/sys/fs/cgroup" "$tree/proc/vmstat"
    : >"$tree/proc/self/mountinfo"
    export_it --prometheus
    lacks '^headroom_(swap|cgroup|zram|zswap|reclaim)'
}

@test "export: bad usage" {
    run -2 --separate-stderr memwatch export
    [[ $stderr == "memwatch: which format? give one of --prometheus and --openmetrics"* ]]
    run -2 --separate-stderr memwatch export --prometheus --openmetrics
    run -2 --separate-stderr memwatch export --openmetrics --textfile a.prom
    [[ $stderr == "memwatch: --textfile: node_exporter does not read OpenMetrics there"* ]]
    run -2 --separate-stderr memwatch export --textfile a.txt
    [[ $stderr == "memwatch: --textfile: \"a.txt\": node_exporter reads only what ends in .prom"* ]]
}
