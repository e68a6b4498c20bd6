#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# cgctl and containers that a real runtime made: crun, with busybox as the root

# shellcheck disable=SC2154 # variables of the helpers and of bats
load helpers

ID=feedc0de4bad0123456789abcdef0123456789abcdef0123456789abcdef0123

# A container that sleeps, in the group that crun makes for it; sets INSIDE, its first process
start_container() { # [GROUP]
    local bundle=$BATS_TEST_TMPDIR/bundle word
    rm -rf "$bundle"
    mkdir -p "$bundle"/rootfs/{bin,dev,proc,sys}
    cp /bin/busybox "$bundle/rootfs/bin/"
    for word in sh sleep; do
        ln -s busybox "$bundle/rootfs/bin/$word"
    done
    (
        cd "$bundle"
        crun spec
        jq --arg group "${1-}" '.process.terminal = false | .process.args = ["sh", "-c", "sleep 1000; :"] |
            if $group == "" then . else .linux.cgroupsPath = $group end' config.json >new
        mv new config.json
    )
    runtime run --detach --bundle "$bundle" --pid-file "$bundle/pid" $ID >/dev/null 2>"$bundle/err" </dev/null ||
        fail "$(<"$bundle/err")"
    INSIDE=$(<"$bundle/pid")
}
runtime() {
    crun --root "$BATS_TEST_TMPDIR/crun" --cgroup-manager cgroupfs "$@" 3>&- 4>&-
}

teardown() {
    runtime delete --force $ID 2>/dev/null || :
    for pid in "${PIDS[@]}"; do
        kill -KILL "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    clear_groups
    controllers_back
}

@test "a container: limited where it is, and its runtime is not forgotten" {
    start_container
    local group=/$ID
    in_group "$INSIDE" "$group"
    ctl 0 limit --container "$ID" --memory-max 64M --swap-max 0
    answers changed
    says "$group: is the group of a container; its runtime may set other limits again"
    has "$group/memory.max" $((64 * MiB))
    has "$group/memory.swap.max" 0
    ctl 0 limit --container "${ID:0:12}" --memory-max 64M
    answers unchanged
    ctl 0 limit "$INSIDE" --pids-max 40
    says "$group: is the group of a container"
    has "$group/pids.max" 40
    # nobody was moved, and it runs
    in_group "$INSIDE" "$group"
    kill -0 "$INSIDE"
    # the warning is true
    runtime update --memory $((96 * MiB)) $ID
    has "$group/memory.max" $((96 * MiB))
}

@test "a container: list names it, and procfind finds what runs in it" {
    start_container /apps/$ID
    spawn sleep 1000
    ctl 0 list /apps --json
    holds '.groups[1] | .group == "/apps/'$ID'" and .owner == "container feedc0de4bad" and .pids == 2 and .memory > 0'
    [ "$("$PROCFIND" --container "${ID:0:12}" -o pid -n -r | sort -n | head -n 1)" = "$INSIDE" ]
    [ "$("$PROCFIND" --container "$ID" --count sleep)" = 1 ]
    ctl 0 limit --container "$ID" --memory-high 32M --memory-max 64M --swap-max 0
    has "/apps/$ID/memory.high" $((32 * MiB))
    ctl 3 limit --container aaaaaaaaaaaa --memory-max 64M
    says 'aaaaaaaaaaaa'
}

@test "a container: --follow limits what is started in one, and again when that is made anew" {
    local out=$BATS_TEST_TMPDIR/out
    spawn "${CTL[@]}" limit --follow "--container $ID -x sleep" --memory-max 48M --swap-max 0 --interval 1h >"$out" 2>&1
    start_container
    eventually grep -qx "/$ID: changed" "$out" || fail "$(<"$out")"
    has "/$ID/memory.max" $((48 * MiB))
    has "/$ID/memory.swap.max" 0
    runtime delete --force $ID
    start_container
    eventually eval '[ "$(grep -cx "/$ID: changed" "$out")" = 2 ]' || fail "$(<"$out")"
    has "/$ID/memory.max" $((48 * MiB))
    in_group "$INSIDE" "/$ID"
}

# What is asked is a program, whose start is told as well: it must be no reason to ask again.
@test "a container: --follow by a name that nobody knows at first; docker is asked once for each container" {
    local out=$BATS_TEST_TMPDIR/out known=$BATS_TEST_TMPDIR/known asked=$BATS_TEST_TMPDIR/asked
    mkdir "$BATS_TEST_TMPDIR/bin"
    printf '#!/bin/sh\necho "$*" >>"%s"\ncat "%s"\n' "$asked" "$known" >"$BATS_TEST_TMPDIR/bin/docker"
    chmod 755 "$BATS_TEST_TMPDIR/bin/docker"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH spawn "${CTL[@]}" limit --follow "--container web -x sleep" --memory-max 48M \
        --interval 1h >"$out" 2>&1
    echo $ID >"$known"
    start_container
    eventually grep -qx "/$ID: changed" "$out" || fail "$(<"$out")"
    has "/$ID/memory.max" $((48 * MiB))
    runtime delete --force $ID
    start_container
    eventually eval '[ "$(grep -cx "/$ID: changed" "$out")" = 2 ]' || fail "$(<"$out")"
    [ "$(<"$asked")" = 'inspect --type container --format {{.Id}} web' ]
}

@test "a container: the OOM killer strikes in it, and not beside it" {
    start_container
    spawn "${CTL[@]}" wait /$ID oom_kill --timeout 60
    local waiter=$BG
    ctl 0 limit --container "$ID" --memory-max 16M --swap-max 0 --oom-group
    runtime exec $ID sh -c 'x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done' || :
    wait "$waiter"
    eventually eval '! kill -0 "$INSIDE" 2>/dev/null'
}
