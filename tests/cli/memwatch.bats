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
