#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# memwatch export, read by those who are meant to read it: promtool, node_exporter's textfile collector, Prometheus; and
# recipes/prometheus
#
# Environment: PEERS, the folder of their programs.

setup() {
    load ../cli/memwatch
    RECIPE=$REPO/recipes/prometheus
    make_tree
    printf '/a\\040"b"\\134c\377 file 2000 10 5\n' >>"$tree/proc/swaps"
    mkdir -p "$tree/sys/module/zswap/parameters"
    echo Y >"$tree/sys/module/zswap/parameters/enabled"
    folder=$BATS_TEST_TMPDIR/textfile
    mkdir "$folder"
    pids=()
}

teardown() {
    ((${#pids[@]} == 0)) || kill "${pids[@]}"
}

# start LOG COMMAND...: in the background, without descriptors that bats waits for
start() {
    local log=$1
    shift
    "$@" >"$log" 2>&1 3>&- &
    pids+=($!)
}

# until_true SECONDS COMMAND...
until_true() {
    local left=$(($1 * 5))
    shift
    until "$@" >/dev/null; do
        ((left-- > 0)) || return 1
        sleep 0.2
    done
}

# A port that nobody listens on now
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# get URL PATTERN: the answer, in $BATS_TEST_TMPDIR/got, has such a line
got() {
    curl -gsf --max-time 5 "$1" >"$BATS_TEST_TMPDIR/got" && grep -q "$2" "$BATS_TEST_TMPDIR/got"
}

start_node_exporter() {
    node=$(free_port)
    start "$BATS_TEST_TMPDIR/node.log" "$PEERS/prometheus-node-exporter" --collector.disable-defaults \
        --collector.textfile --collector.textfile.directory="$folder" --web.listen-address="127.0.0.1:$node"
    until_true 60 got "http://127.0.0.1:$node/metrics" node_textfile_scrape_error
}

# start_prometheus PORT: scrapes what is there
start_prometheus() {
    prometheus=$(free_port)
    cat >"$BATS_TEST_TMPDIR/prometheus.yml" <<END
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: ["${rules:-$RECIPE/headroom.rules.yml}"]
scrape_configs: [{job_name: test, static_configs: [{targets: ["127.0.0.1:$1"]}]}]
END
    "$PEERS/promtool" check config "$BATS_TEST_TMPDIR/prometheus.yml"
    start "$BATS_TEST_TMPDIR/prometheus.log" "$PEERS/prometheus" --config.file="$BATS_TEST_TMPDIR/prometheus.yml" \
        --storage.tsdb.path="$BATS_TEST_TMPDIR/data" --web.listen-address="127.0.0.1:$prometheus"
}

# asked QUERY FILTER: what jq makes of the answer is true
asked() {
    curl -gsf --max-time 5 --data-urlencode "query=$1" "http://127.0.0.1:$prometheus/api/v1/query" >"$BATS_TEST_TMPDIR/got" &&
        jq -e "$2" "$BATS_TEST_TMPDIR/got"
}

@test "export: promtool finds no fault, on this machine and on a small one" {
    for root in / "$tree"; do
        for all in '' --all; do
            run -0 --separate-stderr memwatch export --prometheus --root "$root" $all
            "$PEERS/promtool" check metrics <<<"$output"
        done
    done
    run -0 memwatch export --prometheus --root "$tree" ram ram.available disk:/data cgroup:/web.memory_percent
    "$PEERS/promtool" check metrics <<<"$output"
}

@test "export: node_exporter takes the file and hands it out, names with blanks, quotes and bad bytes too" {
    start_node_exporter
    memwatch export --prometheus --all --root "$tree" >"$folder/headroom.prom"
    until_true 30 got "http://127.0.0.1:$node/metrics" '^headroom_swap_area_size_bytes{path="/swapfile",type="file"} 1.024e+09$'
    grep -q '^node_textfile_scrape_error 0$' "$BATS_TEST_TMPDIR/got"
    grep -qF 'headroom_swap_area_used_bytes{path="/a \"b\"\\c' "$BATS_TEST_TMPDIR/got"
    grep -q '^headroom_cgroup_memory_max_bytes{cgroup="/web"} 1.34217728e+08$' "$BATS_TEST_TMPDIR/got"
    grep -q '^# TYPE headroom_reclaim_scanned_bytes_total counter$' "$BATS_TEST_TMPDIR/got"
}

@test "export: a file of this machine, from memwatch through node_exporter to Prometheus" {
    start_node_exporter
    memwatch export --textfile "$folder/headroom.prom"
    [ "$(stat -c %a "$folder/headroom.prom")" = 644 ]
    [ "$(ls -A "$folder")" = headroom.prom ]
    start_prometheus "$node"
    until_true 60 asked 'node_textfile_scrape_error' '.data.result[0].value[1] == "0"'
    until_true 60 asked 'headroom_export_success' '[.data.result[] | .value[1]] | length == 6 and all(. == "1")'
    until_true 60 asked 'headroom_reclaim_scanned_bytes_total' '.data.result | length > 0'
}

@test "export: Prometheus reads the OpenMetrics text" {
    memwatch export --openmetrics --all --root "$tree" >"$BATS_TEST_TMPDIR/text"
    coproc SERVE { exec "$BATS_TEST_DIRNAME/serve" "$BATS_TEST_TMPDIR/text" 3>&-; }
    # shellcheck disable=SC2153 # coproc sets it
    pids+=("$SERVE_PID")
    read -r port <&"${SERVE[0]}"
    start_prometheus "$port"
    until_true 60 asked 'up' '.data.result[0].value[1] == "1"'
    asked 'headroom_swap_area_size_bytes{path="/swapfile"}' '.data.result[0].value[1] == "1024000000"'
    asked 'headroom_reclaim_scanned_bytes_total{by="kswapd"}' '.data.result[0].value[1] == "409600"'
    asked 'headroom_ram_ratio' '.data.result[0].value[1] == "0.6"'
}

@test "recipe: each alert comes when it should, and none when all is well" {
    "$PEERS/promtool" check config "$RECIPE/prometheus.yml"
    "$PEERS/promtool" test rules "$BATS_TEST_DIRNAME/rules.test.yml"
}

# firing NAMES: just these fire
firing() {
    asked 'ALERTS{alertstate="firing"}' "[.data.result[].metric.alertname] | unique | join(\" \") == \"$1\""
}

# Every rule has had its first turn
evaluated() {
    curl -gsf --max-time 5 "http://127.0.0.1:$prometheus/api/v1/rules" | jq -e '.data.groups[0].rules | all(.health == "ok")'
}

# told ALERT SUMMARY: so it reads for a human
told() {
    jq -e --arg name "$1" --arg summary "^127[.]0[.]0[.]1:[0-9]+: $2\$" \
        '[.data.alerts[] | select(.labels.alertname == $name) | .annotations.summary] | length == 1 and all(test($summary))' \
        "$BATS_TEST_TMPDIR/alerts"
}

@test "recipe: all is well, then nothing is, and Prometheus alerts of each" {
    # nobody waits for minutes here; the rules are the recipe's but for that
    sed -E 's/^( +for: )[0-9]+m$/\11s/' "$RECIPE/headroom.rules.yml" >"$BATS_TEST_TMPDIR/rules.yml"
    rules=$BATS_TEST_TMPDIR/rules.yml
    names=$(sed -n 's/^ *- alert: //p' "$rules" | LC_ALL=C sort | paste -s -d ' ')
    folder=$tree/textfile
    mkdir "$folder"
    start_node_exporter
    memwatch export --textfile /textfile/headroom.prom --root "$tree"
    start_prometheus "$node"
    until_true 60 asked 'headroom_cgroup_memory_events_total{cgroup="/web",event="oom_kill"}' '.data.result[0].value[1] == "1"'
    until_true 60 evaluated
    firing ''
    echo '/lost none swap sw,nofail,x-headroom.size=1048576 0 0' >"$tree/etc/fstab"
    sed -i 's/ 100000 -2$/ 900000 -2/' "$tree/proc/swaps"
    sed -i -e 's/^allocstall_normal 4$/allocstall_normal 4000004/' -e 's/^\(pgsteal_kswapd\|workingset_refault_file\) .*/\1 400000000/' \
        "$tree/proc/vmstat"
    sed -i -e 's/^oom_kill 1$/oom_kill 2/' -e 's/^max 3$/max 4000003/' "$tree/sys/fs/cgroup/web/memory.events"
    rm "$tree/sys/module/zswap/parameters/enabled"
    mkdir "$tree/sys/module/zswap/parameters/enabled"
    run -4 memwatch export --textfile /textfile/headroom.prom --root "$tree"
    touch -d '20 minutes ago' "$folder/headroom.prom"
    until_true 60 firing "$names"
    curl -gsf "http://127.0.0.1:$prometheus/api/v1/alerts" >"$BATS_TEST_TMPDIR/alerts"
    told HeadroomSwapMissing 'swap /lost is declared and not active'
    told HeadroomSwapFull '[0-9.]+% of swap is used'
    told HeadroomHostShort 'programs wait for memory of the machine, [0-9.]+k? times a second'
    told HeadroomThrashing '[0-9.]+% of the memory that is taken away comes back soon'
    told HeadroomGroupKilled 'the kernel killed in /web for lack of memory'
    told HeadroomGroupAtLimit '/web meets its memory.max [0-9.]+k? times a second'
    told HeadroomExportFailed 'memwatch cannot read zswap'
    told HeadroomExportStopped 'memwatch has not exported for 20m [0-9]+s'
}
