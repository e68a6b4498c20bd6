# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# tests/vm/cases/bench.bash - tests/bench/scope; sourced by guest-systemd
# shellcheck disable=SC2154

# It tells what it measured, and judges nothing
bench_1() {
    local folder=/srv/headroom/strace
    PATH=$folder:$PATH STRACE_LIBRARIES=$folder CGCTL=$cgctl "$here/../bench/scope" 2>&1 | sed -u 's/^/# /'
    check "bench scope: it ran" [ "${PIPESTATUS[0]}" = 0 ]
}
