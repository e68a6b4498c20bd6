#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# memwatch on a folder in place of "/"

bats_require_minimum_version 1.5.0

REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
HEADROOM_BUILD=${HEADROOM_BUILD:-${BUILD_DIR:-$REPO/build}}
MEMWATCH=${MEMWATCH:-$HEADROOM_BUILD/cmd/memwatch/memwatch}

@test "memwatch metrics: every metric has a name of its own and a meaning, and only ratios and counts no unit" {
    run -0 --separate-stderr "$MEMWATCH" metrics --json
    jq -e '[.metrics[].name] | length > 40 and length == (unique | length)' <<<"$output"
    jq -e 'all(.metrics[]; .meaning | length > 0)' <<<"$output"
    [ "$(jq -r '.metrics[] | select(.unit == null) | .name' <<<"$output")" = $'refault.ratio\noom\ncgroup:PATH.oom' ]
}

@test "memwatch metrics -o +value,why: what this machine has, and why it does not have the rest" {
    tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree/proc"
    printf '%s\n' 'MemTotal: 1000 kB' 'MemFree: 100 kB' 'MemAvailable: 400 kB' 'SwapTotal: 0 kB' >"$tree/proc/meminfo"
    run -0 --separate-stderr "$MEMWATCH" metrics --root "$tree" --json -o name,value,why
    jq -e '.metrics[] | select(.name == "ram") | .value == "60.0%" and .why == null' <<<"$output"
    jq -e '.metrics[] | select(.name == "swap") | .value == null and .why == "swap: there is no swap"' <<<"$output"
    jq -e '.metrics[] | select(.name == "oom") | .why == "oom: there is no /proc/vmstat; mount /proc"' <<<"$output"
    jq -e '.metrics[] | select(.name == "disk:PATH") | .value == null and .why == null' <<<"$output"
}
