#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# memwatch top over the /proc of a fixture

bats_require_minimum_version 1.5.0

REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
HEADROOM_BUILD=${HEADROOM_BUILD:-${BUILD_DIR:-$REPO/build}}
MEMWATCH=${MEMWATCH:-$HEADROOM_BUILD/cmd/memwatch/memwatch}
ID=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

setup() {
    tree=$BATS_TEST_TMPDIR/tree
    page=$(($(getconf PAGESIZE) / 1024))
    mkdir -p "$tree/proc" "$tree/etc"
    printf 'root:x:0:0::/root:/bin/sh\nada:x:1000:100::/:/bin/sh\n' >"$tree/etc/passwd"
    process 1 init 0 64 0 /
    process 2 kthreadd 0
    process 30 web 1000 640 128 /web.slice
    process 40 'web' 1000 320 0 /web.slice
    process 50 'odd\n\033[31m' 77 960 64 "/docker-$ID.scope"
    ln -s 1 "$tree/proc/self"
}

# process PID NAME UID [RSS_KIB SWAP_KIB CGROUP]
process() {
    local dir=$tree/proc/$1
    mkdir -p "$dir"
    printf '%b\n' "$2" >"$dir/comm"
    printf '%d (%b) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 0\n' "$1" "$2" "$1" >"$dir/stat"
    {
        printf 'Name:\t%s\nUid:\t%s\t%s\t%s\t%s\nGid:\t0\t0\t0\t0\n' "${2//\\033/$'\033'}" "$3" "$3" "$3" "$3"
        [ $# -lt 4 ] || printf 'VmRSS:\t%8d kB\nVmSwap:\t%8d kB\n' "$4" "$5"
    } >"$dir/status"
    printf '9999 %d 1 1 0 1 0\n' $((${4-0} / page)) >"$dir/statm"
    printf '0::%s\n' "${6-/}" >"$dir/cgroup"
    : >"$dir/cmdline"
}

# rollup PID PSS_KIB USS_KIB
rollup() {
    printf '1-2 ---p 0 0:0 0 [rollup]\nRss: 9 kB\nPss: %d kB\nPrivate_Clean: %d kB\nPrivate_Dirty: 0 kB\n' "$2" "$3" \
        >"$tree/proc/$1/smaps_rollup"
}

top() {
    "$MEMWATCH" top --root "$tree" "$@"
}

@test "top: the processes that use most, and nothing that a name brings reaches the terminal" {
    run -0 --separate-stderr top
    [ -z "$stderr" ]
    [ "${lines[0]}" = 'PID USER  RSS SWAP NAME' ]
    [ "${lines[1]}" = ' 50 77   960K  64K odd\x0a\x1b[31m' ]
    [ "${lines[2]}" = ' 30 ada  640K 128K web' ]
    [ "${lines[3]}" = ' 40 ada  320K   0B web' ]
    [ "${lines[4]}" = '  1 root  64K   0B init' ]
    [ "${#lines[@]}" = 5 ]
}

@test "top: --top, and --by swap leaves out who holds none" {
    run -0 top --top 2 --raw --noheadings -o pid
    [ "$output" = $'50\n30' ]
    run -0 top --top 0 --raw --noheadings -o pid
    [ "$output" = $'50\n30\n40\n1' ]
    run -0 top --by swap --raw
    [ "$output" = $'PID USER RSS SWAP NAME\n30 ada 655360 131072 web\n50 77 983040 65536 odd\\x0a\\x1b[31m' ]
    run -2 top --top -1
    run -2 top --by memory
}

@test "top: JSON has all but what is dear" {
    run -0 --separate-stderr top --json --top 1
    jq -e --arg id "$ID" '. == {processes: [{pid: 50, user: "77", rss_bytes: 983040, swap_bytes: 65536,
        cgroup: "/docker-\($id).scope", container: $id, name: "odd\n\u001b[31m"}]}' <<<"$output"
}

@test "top: by PSS and USS; what cannot be read is ? and null, comes last, and makes it partial" {
    rollup 1 60 50
    rollup 30 100 20
    rollup 40 200 10
    echo garbage >"$tree/proc/50/smaps_rollup"
    run -4 --separate-stderr top --by uss
    [ "${lines[1]}" = '  1 root  64K 50K   0B init' ]
    [ "${lines[4]}" = ' 50 77   960K   ?  64K odd\x0a\x1b[31m' ]
    [[ $stderr == 'memwatch: warning: processes of which something could not be read: 1; '* ]]
    run -4 --separate-stderr top --by uss --json
    jq -e '[.processes[] | [.pid, .uss_bytes]] == [[1, 51200], [30, 20480], [40, 10240], [50, null]] and
        all(.processes[]; has("pss_bytes") | not)' <<<"$output"
    rollup 50 5 5
    run -0 --separate-stderr top --by uss -o pid,uss --raw --noheadings
    [ "$output" = $'1 51200\n30 20480\n40 10240\n50 5120' ]
    [ -z "$stderr" ]
}

@test "top: PSS beside another order is read of those that are shown" {
    rollup 50 70 5
    run -0 --separate-stderr top --top 1 --raw -o pid,pss,uss
    [ "$output" = $'PID PSS USS\n50 71680 5120' ]
    [ -z "$stderr" ]
    echo 'Pss: 99999999999999999999 kB' >"$tree/proc/50/smaps_rollup"
    run -4 --separate-stderr top --top 1 --raw -o pid,pss,uss
    [ "$output" = $'PID PSS USS\n50 ? ?' ]
}

@test "top: by user, cgroup, container and name" {
    run -0 top --group-by user
    [ "${lines[0]}" = 'USER COUNT  RSS SWAP' ]
    [ "${lines[1]}" = '77       1 960K  64K' ]
    [ "${lines[2]}" = 'ada      2 960K 128K' ]
    [ "${lines[3]}" = 'root     1  64K   0B' ]
    run -0 top --group-by cgroup --raw
    [ "$output" = "COUNT RSS CGROUP"$'\n'"1 983040 /docker-$ID.scope"$'\n2 983040 /web.slice\n1 65536 /' ]
    run -0 top --group-by container
    [ "${lines[1]}" = '    3   1M -' ]
    [ "${lines[2]}" = '    1 960K 0123456789ab' ]
    run -0 top --group-by container --json
    jq -e --arg id "$ID" '[.containers[].container] == [null, $id]' <<<"$output"
    run -0 top --group-by name --by swap --raw -o name,swap,count
    [ "$output" = $'NAME SWAP COUNT\nweb 131072 1\nodd\\x0a\\x1b[31m 65536 1' ]
}

@test "top: a sum with a part that could not be read is not known" {
    rollup 1 60 50
    rollup 50 70 5
    rollup 30 100 20
    echo garbage >"$tree/proc/40/smaps_rollup"
    run -4 --separate-stderr top --group-by user --by pss --raw -o user,pss
    [ "$output" = $'USER PSS\n77 71680\nroot 61440\nada ?' ]
}

@test "top: --by growth waits and compares" {
    run -0 top --by growth --interval 1ms --json
    jq -e '[.processes[] | .growth_bytes] == [0, 0, 0, 0] and (.processes[0] | .pid == 1)' <<<"$output"
    run -0 top --by growth --interval 1ms --group-by user
    [ "${lines[0]}" = 'USER COUNT  RSS GROWTH SWAP' ]
    [ "${lines[1]}" = 'root     1  64K     0B   0B' ]
}

@test "top: who could not be read, and who is hidden, makes it partial" {
    printf '9999 12' >"$tree/proc/30/statm"
    run -4 --separate-stderr top --raw --noheadings -o pid
    [ "$output" = $'50\n40\n1' ]
    [[ $stderr == 'memwatch: warning: processes of which something could not be read: 1; '* ]]
    rm -r "$tree/proc/1" "$tree/proc/30"
    run -4 --separate-stderr top --raw --noheadings -o pid
    [ "$output" = $'50\n40' ]
    [[ $stderr == 'memwatch: warning: /proc: does not show the processes of others (hidepid); '* ]]
}

@test "top: criteria of procfind" {
    run -0 top --criteria '--uid ada' --raw --noheadings -o pid
    [ "$output" = $'30\n40' ]
    run -0 top --criteria 'web --rss ">500K"' --raw --noheadings -o pid
    [ "$output" = 30 ]
    run -0 top --criteria '--uid ada --newest' --raw --noheadings -o pid
    [ "$output" = 40 ]
    run -0 top --criteria init --raw --noheadings -o pid
    [ "$output" = 1 ]
    run -0 top --criteria '--uid ada' --group-by user --by growth -i 1ms --raw -o user,count,growth
    [ "$output" = $'USER COUNT GROWTH\nada 2 0' ]
    run -0 top --criteria nobody-at-all --json
    [ "$output" = '{"processes":[]}' ]
    run -0 top --criteria "--pidfile $tree/none" --json
    [ "$output" = '{"processes":[]}' ]
    for wrong in '--uid nobody-of-that-name' '' '--rss big' '--signal TERM x' "'"; do
        run -2 --separate-stderr top --criteria "$wrong"
        [ -z "$output" ]
        [[ $stderr == 'memwatch: --criteria: '* ]]
    done
}

@test "top: nobody" {
    rm -r "$tree/proc/"{30,40,50}
    run -0 --separate-stderr top --by swap
    [ -z "$output$stderr" ]
    run -0 top --by swap --json
    [ "$output" = '{"processes":[]}' ]
    rm -r "$tree/proc"
    run -5 --separate-stderr top
    [ "$stderr" = "memwatch: $tree/proc: is not there; mount it" ]
}

@test "top: a full device is a failure" {
    run -3 --separate-stderr eval 'top >/dev/full'
    [ "$stderr" = 'memwatch: standard output: cannot write: No space left on device' ]
}
