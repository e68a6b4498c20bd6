#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# memwatch drop-caches on a real kernel: once, for it makes everybody's files be read again

# shellcheck disable=SC2154 # stderr comes from bats

MEMWATCH=$(dirname "$SWAPCTL")/../memwatch/memwatch

bats_require_minimum_version 1.5.0

setup() {
    D=$(mktemp -d "${HR_DIR:-$BATS_TEST_TMPDIR}/dropcaches.XXXXXX")
}

teardown() {
    rm -rf "$D"
}

@test "drop-caches frees what was read, and refuses to do it again at once" {
    head -c 64M /dev/zero >"$D/file"
    sync "$D/file"
    cat "$D/file" >/dev/null
    run -0 --separate-stderr "$MEMWATCH" drop-caches 1 --force --json
    jq -e '.changed and .synced and .actions == ["sync", "drop-caches"] and .freed_page_cache_bytes >= 32 * 1048576' <<<"$output"
    run -6 --separate-stderr "$MEMWATCH" drop-caches 1
    [[ $stderr == "memwatch: drop-caches: done "*" s ago; wait "* ]]
}
