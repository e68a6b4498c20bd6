#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# recipes/run_memory_safe.sh, with the programs of the build

bats_require_minimum_version 1.5.0

setup() {
    REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    HEADROOM_BUILD=${HEADROOM_BUILD:-${BUILD_DIR:-$REPO/build}}
    PATH=$HEADROOM_BUILD/cmd/memwatch:$HEADROOM_BUILD/cmd/swapctl:$HEADROOM_BUILD/cmd/cgctl:$PATH
    safe=$REPO/recipes/run_memory_safe.sh
    unset OMP_NUM_THREADS MALLOC_ARENA_MAX PYTORCH_CUDA_ALLOC_CONF
}

# what sh -c WORDS prints, run by the recipe
asks() {
    run -0 --separate-stderr "$safe" sh -c "$1"
}

@test "run_memory_safe: memory is told before and after, and the status is the command's" {
    run -7 --separate-stderr "$safe" sh -c 'echo out; exit 7'
    [ "$output" = out ]
    [[ $stderr =~ '[Memory] Before: '[0-9.]+' GiB / '[0-9.]+' GiB ('[0-9.]+'%)' ]]
    [[ $stderr =~ '[Memory] After: '[0-9.]+' GiB / '[0-9.]+' GiB ('[0-9.]+'%)' ]]
    run -143 "$safe" sh -c 'kill -TERM $$'
    run -127 --separate-stderr "$safe" no-such-command-at-all
    [[ $stderr == *'memwatch: no-such-command-at-all: No such file or directory'* ]]
}

@test "run_memory_safe: it is the swap for large jobs that is checked" {
    local bin=$BATS_TEST_TMPDIR/bin
    mkdir "$bin"
    cp "$HEADROOM_BUILD/cmd/memwatch/memwatch" "$bin"
    printf '#!/bin/sh\n[ "$*" = "recommend --workload batch" ] && printf "recommended: 16G\nactive: 2G\n" && exit 1\n' >"$bin/swapctl"
    chmod +x "$bin/swapctl"
    PATH=$bin:$PATH run -0 --separate-stderr "$safe" true
    [[ $stderr == *'warning: the active swap (2G) is less than recommended (16G); "swapctl resize" makes an area longer'* ]]
}

@test "run_memory_safe: found where an ordinary user does not look, also by its rules" {
    unshare -rm true 2>/dev/null || skip "no namespaces of our own here"
    run -0 unshare -rm sh -c 'mount -t tmpfs none /usr/local && mkdir -p /usr/local/sbin && cp "$1" /usr/local/sbin/memwatch &&
        PATH=/usr/bin:/bin && exec "$2" --check -- true' - "$HEADROOM_BUILD/cmd/memwatch/memwatch" "$safe"
    [[ $output == *"exec '/usr/local/sbin/memwatch' top --top 5"* ]]
}

@test "run_memory_safe: what saves memory is set where it is unset" {
    asks 'echo $OMP_NUM_THREADS $MALLOC_ARENA_MAX $PYTORCH_CUDA_ALLOC_CONF'
    [[ $output =~ ^[1-8]' 2 max_split_size_mb:128'$ ]]
    OMP_NUM_THREADS=33 PYTORCH_CUDA_ALLOC_CONF='' asks 'echo $OMP_NUM_THREADS $MALLOC_ARENA_MAX $PYTORCH_CUDA_ALLOC_CONF.'
    [ "$output" = '33 2 .' ]
}

@test "run_memory_safe: rules of one's own; who is ended by a rule is status 6" {
    run -6 --separate-stderr timeout 60 "$safe" --rule 'ram>0.1%: warn, stop' -- sleep 1000
    [[ $stderr == *'fired: ram '* && $stderr == *'ended: by a rule'* ]]
    run -125 --separate-stderr "$safe" --rule 'ram>>1%: stop' -- true
    [[ $stderr == *'--rule'* ]]
}

@test "run_memory_safe: its own rules are understood" {
    run -0 "$safe" --check -- true
    [ "$(grep -c 'ram' <<<"$output")" = 5 ] || { echo "$output" && return 1; }
}

@test "run_memory_safe: usage, and no headroom" {
    run -2 "$safe"
    run -0 "$safe" --help
    [[ $output == 'usage: run_memory_safe.sh COMMAND'* ]]
    run -2 timeout 60 "$safe" --
    run -2 timeout 60 "$safe" --rule 'ram>99%: warn' --
    unshare -rm true 2>/dev/null || skip "no namespaces of our own here"
    run -127 unshare -rm sh -c 'mount -t tmpfs none /usr/local && PATH=/usr/bin:/bin && exec "$1" true' - "$safe"
    [ "$output" = 'run_memory_safe.sh: memwatch: is not installed; run setup_swap.sh --install' ]
}
