#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# recipes/llm-server without a machine of its own: what it reads, and whom it restarts

bats_require_minimum_version 1.5.0
# shellcheck disable=SC2154

setup() {
    REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    HEADROOM_BUILD=${HEADROOM_BUILD:-${BUILD_DIR:-$REPO/build}}
    stubs=$BATS_TEST_TMPDIR/bin
    calls=$BATS_TEST_TMPDIR/calls
    mkdir "$stubs"
    PATH=$stubs:$HEADROOM_BUILD/cmd/procfind:$HEADROOM_BUILD/cmd/swapctl:$HEADROOM_BUILD/cmd/cgctl:$PATH
    llm=$REPO/recipes/llm-server/llm-server.sh
    env=$BATS_TEST_TMPDIR/headroom.env
    pid=
}

teardown() {
    [[ -z $pid ]] || kill -KILL "$pid" 2>/dev/null || true
}

# settings LINE...: and the server's name
settings() {
    printf '%s\n' 'TARGET_PROCESS_NAME=/no/such/server' "$@" >"$env"
}

# stub NAME: a program that notes its words, and then does what stands on standard input
stub() {
    {
        echo '#!/bin/sh'
        echo "echo \"$1 \$*\" >>'$calls'"
        cat
    } >"$stubs/$1"
    chmod +x "$stubs/$1"
}

until_called() {
    local i
    for ((i = 0; i < 3000; i++)); do
        ! grep -qxF -e "$1" "$calls" 2>/dev/null || return 0
        kill -0 "$pid" || break
        sleep 0.02
    done
    cat "$calls" "$BATS_TEST_TMPDIR/said"
    return 1
}

@test "llm-server: the settings of a swap manager are read; what has no use here is told" {
    settings "SWAP_SIZE=1M" "SWAP_FILE=swapfile_64G.gb" "SWAPINESS=0200" "CONTAINER_NAME=ix-ollama-ollama-1" \
        "CGROUP_NAME=my_large_process" "MAX_PID_RETRIES=5" "CONTAINER_START_TIMEOUT=30" "RESOURCE_CHECK_INTERVAL=30" \
        "LOG_FILE=$BATS_TEST_TMPDIR/log" "WEB_UI_PORT=5000" "SWAP_WORK_DIR='$BATS_TEST_TMPDIR'" "DEBUG=true" \
        "SWAP_FILE_PREFIX_TO_DELETE=swapfile" "# a comment" "" "MEMORY_LIMIT=8G" 'SWAP_LIMIT="64G"'
    stub swapctl <<<'echo 60'
    stub cgctl <<<'exit 0'
    run -0 --separate-stderr "$llm" --env "$env" check
    [ "${lines[0]}" = "$BATS_TEST_TMPDIR/swapfile_64G.gb: 60" ]
    [ "${lines[1]}" = "swappiness: 60 now, 200 then" ]
    [ "${lines[2]}" = "limits: --memory-max 8G --swap-max 64G --force --verbose" ]
    [ "${lines[3]}" = "the server: does not run" ]
    [ "$(grep -o '[A-Z_]*: not needed here' <<<"$stderr" | paste -sd ' ')" = \
        'CGROUP_NAME: not needed here WEB_UI_PORT: not needed here SWAP_FILE_PREFIX_TO_DELETE: not needed here' ]
    grep -qx "swapctl ensure $BATS_TEST_TMPDIR/swapfile_64G.gb --size 1M --dry-run" "$calls"
}

@test "llm-server: a line that is not understood is an error" {
    local line wanted
    while IFS='|' read -r line wanted; do
        settings "$line"
        run -2 --separate-stderr "$llm" --env "$env" check
        [[ $stderr == "llm-server.sh: $env:"*"$wanted"* ]] || {
            echo "$line: $stderr"
            return 1
        }
    done <<'END'
FOO=1|2: FOO: no such setting
SWAP_SIZE = 1G|2: not NAME=VALUE
export SWAP_SIZE=1G|2: not NAME=VALUE
SWAP_SIZE=|2: SWAP_SIZE has no value
SWAP_SIZE=""|2: SWAP_SIZE has no value
SWAP_SIZE=1G|SWAP_WORK_DIR: not set
MEMORY_LIMIT=8G # most of it|2: MEMORY_LIMIT: ends with a blank or a comment
MEMORY_LIMIT=8G |2: MEMORY_LIMIT: ends with a blank or a comment
MEMORY_LIMIT="8G|2: MEMORY_LIMIT: ends with a blank or a comment, or its quotes do not
MEMORY_LIMIT=0|MEMORY_LIMIT: 0: would leave the server nothing
MEMORY_LIMIT=0G|MEMORY_LIMIT: 0G: would leave the server nothing
TARGET_PROCESS_NAME=x|2: TARGET_PROCESS_NAME is set twice
SWAPINESS=201|SWAPINESS: 201: must be a whole number from 0 to 200
MAX_PID_RETRIES=0|MAX_PID_RETRIES: 0: must be
CONTAINER_NAME=--all|CONTAINER_NAME: --all: is no name
LOG_FILE=/no/such/folder/log|LOG_FILE: /no/such/folder/log: must be a file in a folder that exists
LOG_FILE=log|LOG_FILE: log: must be
DEBUG=yes|DEBUG: yes: must be true or false
END
    : >"$env"
    run -2 --separate-stderr "$llm" --env "$env" check
    [[ $stderr == *'TARGET_PROCESS_NAME is missing'* ]]
    run -2 --separate-stderr "$llm" --env "$BATS_TEST_TMPDIR" check
    [[ $stderr == "llm-server.sh: $BATS_TEST_TMPDIR: cannot be read; "* ]]
}

@test "llm-server: the container is restarted after so many misses, and not again while it runs" {
    settings CONTAINER_NAME=ollama MAX_PID_RETRIES=2 CONTAINER_START_TIMEOUT=9 "LOG_FILE=$BATS_TEST_TMPDIR/log"
    # there after the third question
    stub procfind <<END
case \$* in
*'--wait start'*) [ "\$(grep -c -e '--wait start' '$calls')" -ge 3 ] || exit 124 ;;
*) exec sleep 1000 ;;
esac
END
    stub docker <<<'exit 0'
    # a log on a full disk is no reason to end
    ln -s /dev/full "$BATS_TEST_TMPDIR/log"
    "$llm" --env "$env" run >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
    pid=$!
    until_called 'procfind --wait exit --full /[n]o/such/server --container ollama'
    kill "$pid"
    wait "$pid"
    pid=
    [ "$(grep -c '^docker' "$calls")" = 1 ]
    grep -qx 'docker restart ollama' "$calls"
    grep -qx 'no process with "/no/such/server" (2 of 2)' "$BATS_TEST_TMPDIR/said"
    grep -qx "restarted: $stubs/docker restart ollama" "$BATS_TEST_TMPDIR/said"
}

@test "llm-server: a container of podman is not started in the confines of the service" {
    PATH=$stubs:/usr/bin:/bin
    ! type -P docker || skip "docker is installed"
    settings CONTAINER_NAME=ollama MAX_PID_RETRIES=1
    stub procfind <<<'[ "$2" = exit ] && exec sleep 1000; [ -e '"'$calls.done'"' ] || exit 124'
    stub podman <<<": >'$calls.done'"
    # shellcheck disable=SC2016
    stub systemd-run <<<'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'
    INVOCATION_ID=1 "$llm" --env "$env" run >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
    pid=$!
    until_called 'procfind --wait exit --full /[n]o/such/server --container ollama'
    kill "$pid"
    wait "$pid"
    pid=
    grep -qx "systemd-run --quiet --wait --collect -- $stubs/podman restart ollama" "$calls"
}

@test "llm-server: a second one is refused, and takes nothing from the first" {
    [ "$(id -u)" = 0 ] && unshare --mount --pid --fork true 2>/dev/null || skip "needs root, and namespaces for a /run of its own"
    settings SWAPINESS=100
    # shellcheck disable=SC2016
    stub swapctl <<<'[ $# -gt 1 ] && echo changed || echo 60'
    stub procfind <<<'exec sleep 1000'
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --kill-child --mount-proc bash -c '
        mount -t tmpfs tmpfs /run
        "$1" --env "$2" run & pid=$!
        # it has made all that it makes when it looks for the server
        until grep -q ^procfind "$3"; do sleep 0.01; done
        before=$(grep -c ^swapctl "$3")
        for word in run undo; do
            "$1" --env "$2" "$word"
            echo "$word: $?"
        done
        [ "$(grep -c ^swapctl "$3")" = "$before" ] && echo "nothing was done"
        # what a killed one leaves is taken back by the next
        kill -KILL "$pid"
        wait "$pid"
        "$1" --env "$2" undo && [ ! -e /run/headroom/llm-server ] && echo undone
        ' - "$llm" "$env" "$calls" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&-
    cat "$BATS_TEST_TMPDIR/said"
    grep -qx 'llm-server.sh: /run/headroom/llm-server: is held by another llm-server.sh that runs; stop that one first' "$BATS_TEST_TMPDIR/said"
    [ "$(grep -xE '(run|undo): 6|nothing was done|undone' "$BATS_TEST_TMPDIR/said" | paste -sd ' ')" = \
        'run: 6 undo: 6 nothing was done undone' ]
}
