#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# What memwatch guard does to this machine: only to processes of the test, each of a name of its own

load memwatch

setup()
{
    log=$BATS_TEST_TMPDIR/log
    name=hr${BATS_TEST_NUMBER}x$$
    pid='' PIDS=()
}

teardown()
{
    local one
    for one in $pid "${PIDS[@]}"; do
        kill -KILL "$one" 2>/dev/null || true
    done
}

# victim SUFFIX: sleeps as a program of that name; its number in $victim
victim()
{
    cp "$(type -P sleep)" "$BATS_TEST_TMPDIR/$name$1"
    "$BATS_TEST_TMPDIR/$name$1" 987 3>&- &
    victim=$!
    PIDS+=("$victim")
    until_true runs "$victim" "$name$1"
}

runs()
{
    [[ $(readlink "/proc/$1/exe") == */$2 ]]
}

gone()
{
    ! kill -0 "$1" 2>/dev/null
}

until_true()
{
    local i
    for ((i = 0; i < 3000; i++)); do
        "$@" && return
        sleep 0.02
    done
    echo "never: $*"
    cat "$log"
    return 1
}

logged()
{
    grep -qE -e "$1" "$log" 2>/dev/null
}

begin()
{
    "$MEMWATCH" guard -i 100ms --log "$log" "$@" 2>/dev/null 3>&- &
    pid=$!
    until_true logged ': started'
}

@test "kill: the one that is meant is ended, and no other" {
    victim a
    local first=$victim
    victim b
    begin -r "ram.available>0: kill -x ${name}a"
    until_true logged "killed $first ${name}a \(.* resident, .* swapped\) by SIGTERM after [0-9]+ ms"
    gone "$first"
    kill -0 "$victim"
}

@test "kill: what is protected, and the guard itself, are left alone" {
    victim a
    begin -r "ram.available>0: kill -x ${name}a" -r "ram.available>1: kill -p $$" --protect "-x ${name}a"
    until_true logged "failed: .*killed nobody: no process that may be killed matches; left alone: $victim ${name}a is protected"
    until_true logged 'rule: ram.available>1'
    kill -0 "$victim"
}

@test "signal: all that are meant" {
    victim a
    local first=$victim
    victim b
    begin -r "ram.available>0: signal USR1 '${name}[ab]'"
    until_true gone "$first"
    until_true gone "$victim"
    until_true logged "sent SIGUSR1 to ($first|$victim) ${name}[ab], ($first|$victim) ${name}[ab]"
}

@test "--dry-run: says whom it would hit" {
    victim a
    begin --dry-run -r "ram.available>0: kill -x ${name}a" -r "ram.available>1: signal HUP -x ${name}a"
    until_true logged "would kill $victim ${name}a \("
    until_true logged "would send SIGHUP to $victim ${name}a"
    kill -0 "$victim"
}

@test "signal: kernel threads are nobody who was left out" {
    [[ $(</proc/2/comm) == kthreadd ]] || skip "no kernel threads are seen here"
    begin --dry-run -r "ram.available>0: signal HUP ."
    until_true logged 'would send SIGHUP to '
    ! logged 'kernel thread'
}

@test "mistakes in an action's words are told when the rules are read" {
    local rule
    while IFS='|' read -r rule wanted; do
        run -2 --separate-stderr memwatch guard --check -r "ram>80%: $rule"
        [[ $stderr == *"$wanted"* ]] || {
            echo "$stderr"
            return 1
        }
    done <<'END'
kill|kill wants CRITERIA
kill -x a --newest|--newest and --oldest are not for it
swap-add 1M /no/such/folder|swap-add: /no/such/folder: No such file or directory
swap-add 1M /etc/passwd|is no folder
swap-add 16 /|swap-add: 16: a swap area has 10 pages (40 KiB) at least; write it like 2G
reclaim a/../b 1M|a/../b
END
    make_tree
    run -2 --separate-stderr memwatch guard --root "$tree" --check -r 'ram>80%: limit "-x no-such" --memory-maximum 1G'
    [[ $stderr == *'limit: '*--memory-maximum* ]]
    run -2 --separate-stderr memwatch guard --root "$tree" --check -r 'ram>80%: limit "-x no-such" --memory-max 1GG'
    [[ $stderr == *'limit: --memory-max: '* ]]
}

@test "swap-add: a dry run says which file it would be, and what swapctl would do" {
    make_tree
    printf 'Filename\tType\tSize\tUsed\tPriority\n' >"$tree/proc/swaps"
    : >"$tree/data/headroom-1.swap"
    "$MEMWATCH" guard --root "$tree" -i 100ms --log "$log" --dry-run --disk-reserve 0 -r 'ram>10%: swap-add 1M /data' 2>/dev/null 3>&- &
    pid=$!
    until_true logged 'swap-add: /data/headroom-2.swap, 1M'
    until_true logged 'create /data/headroom-2.swap, 1M'
    [ ! -e "$tree/data/headroom-2.swap" ]
}

@test "kill: what cannot be seen of a process may be what protects it" {
    make_tree
    mkdir -p "$tree/proc/4711/environ"
    printf '4711 (leak) S 1 1 1 0 -1 64 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0 0\n' >"$tree/proc/4711/stat"
    printf 'Name:\tleak\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nVmRSS:\t5000 kB\nVmSwap:\t0 kB\n' >"$tree/proc/4711/status"
    echo leak >"$tree/proc/4711/comm"
    printf 'leak\0' >"$tree/proc/4711/cmdline"
    "$MEMWATCH" guard --root "$tree" --dry-run -i 100ms --log "$log" --protect '--env KEEP=1' -r 'ram>1%: kill -x leak' 2>/dev/null 3>&- &
    pid=$!
    until_true logged ': kill -x leak: '
    until_true logged 'killed nobody: .*; left alone: 4711 leak is protected'
}

@test "what is done after a reload is done by the options of now" {
    victim a
    local conf=$BATS_TEST_TMPDIR/conf go=$BATS_TEST_TMPDIR/go
    echo "ram.available>0: exec sh -c 'until test -e $go; do sleep .02; done', kill -x ${name}a" >"$conf"
    begin -c "$conf"
    until_true logged ': fired'
    echo "set protect '-x ${name}a'" >>"$conf"
    kill -HUP "$pid"
    until_true logged ': reloaded: 1 rule'
    touch "$go"
    until_true logged "failed: .*left alone: $victim ${name}a is protected"
    kill -0 "$victim"
}

# leak START: process 4711 of the machine in a folder, started at that time
leak()
{
    mkdir -p "$tree/proc/4711"
    printf '4711 (leak) S 1 1 1 0 -1 64 0 0 0 0 0 0 0 0 20 0 1 0 %s 0 0 0\n' "$1" >"$tree/proc/next"
    printf 'Name:\tleak\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nVmRSS:\t5000 kB\nVmSwap:\t0 kB\n' >"$tree/proc/4711/status"
    echo leak >"$tree/proc/4711/comm"
    printf 'leak\0' >"$tree/proc/4711/cmdline"
    mv "$tree/proc/next" "$tree/proc/4711/stat"
}

@test "a number in a rule means the process that had it when the rule was read, and nobody after that" {
    local rule
    make_tree
    leak 100
    {
        for rule in 'kill -p 4711' 'signal TERM -p 4711' 'kill --subtree 4711' 'signal TERM -P 4711,4712' \
            'limit "-p 4711" --memory-max 1G'; do
            echo "ram>1%: $rule cooldown 100ms"
        done
        echo 'ram>1%: kill -x leak --swap <=1G cooldown 100ms'
    } >"$tree/etc/conf"
    "$MEMWATCH" guard --root "$tree" --dry-run -i 100ms --log "$log" --protect '-p 4711' -c /etc/conf 2>/dev/null 3>&- &
    pid=$!
    until_true logged ': kill -p 4711: .*left alone: 4711 leak is protected'
    until_true logged ': kill -x leak .*left alone: 4711 leak is protected'
    until_true logged ': limit .-p 4711.*: dry run'
    leak 200
    until_true logged ': kill -p 4711: .*: killed nobody: no such process: 4711 has ended since the rule was read'
    until_true logged ': signal SIGTERM -p 4711: .*: sent SIGTERM to nobody: no such process: 4711 has ended since'
    until_true logged ': kill --subtree 4711: .*: killed nobody: no such process: 4711 has ended since'
    until_true logged ': signal SIGTERM -P 4711,4712: .*: sent SIGTERM to nobody: no such process: 4711 has ended since'
    until_true logged ': limit .*: limited nobody: no such process: 4711 has ended since the rule was read'
    # who has the number now is not protected by it either
    until_true logged ': kill -x leak .*: would kill 4711 leak'
    # a log that is rotated changes nothing
    : >"$log"
    kill -HUP "$pid"
    until_true logged 'reloaded: 6 rules'
    : >"$log"
    until_true logged ': kill -p 4711: .*: killed nobody: no such process: 4711 has ended since the rule was read'
    until_true logged ': kill -x leak .*: would kill 4711 leak'
}

# one NAME PID GROUP SESSION START: a process of the tree
one() {
    mkdir -p "$tree/proc/$2/ns"
    printf 'Name:\t%s\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nVmRSS:\t5000 kB\nVmSwap:\t0 kB\n' "$1" >"$tree/proc/$2/status"
    echo "$1" >"$tree/proc/$2/comm"
    printf '%s\0' "$1" >"$tree/proc/$2/cmdline"
    [ -L "$tree/proc/$2/ns/net" ] || net "$2" 1
    printf '%d (%s) S 1 %d %d 0 -1 64 0 0 0 0 0 0 0 0 20 0 1 0 %s 0 0 0\n' "$2" "$1" "$3" "$4" "$5" >"$tree/proc/next"
    mv "$tree/proc/next" "$tree/proc/$2/stat"
}

# net PID INODE: its network namespace
net() {
    ln -s "net:[$2]" "$tree/proc/next"
    mv -T "$tree/proc/next" "$tree/proc/$1/ns/net"
}

@test "a session, a process group and a namespace of a number mean those that had it when the rule was read" {
    local late=999999999999 rule
    make_tree
    mkdir -p "$tree"/proc/{1,20}/ns
    net 1 1
    net 20 1
    one a 500 1 500 100
    one a 501 1 500 150
    one a 700 700 1 100
    one a 701 700 1 150
    one b 800 800 800 100
    one b 801 800 800 150
    one c 900 1 1 100
    net 900 77
    one c 901 1 1 100
    net 901 77
    for rule in 'TERM --session 500' 'TERM --pgroup 700' 'TERM --session 333' 'TERM --ns net:900' 'HUP -x b' 'USR1 -x c'; do
        echo "ram>1%: signal $rule cooldown 100ms"
    done >"$tree/etc/conf"
    "$MEMWATCH" guard --root "$tree" --dry-run -i 100ms --log "$log" --protect '--session 800' \
        --protect '-x c --ns net:900 --euid 0' -c /etc/conf 2>/dev/null 3>&- &
    pid=$!
    until_true logged '--session 500: .*would send SIGTERM to 500 a, 501 a;'
    until_true logged '--pgroup 700: .*would send SIGTERM to 700 a, 701 a;'
    until_true logged '--session 333: .*to nobody: no such session: 333 was not there when the rule was read'
    until_true logged '--ns net:900: .*to nobody.*left out: 900 c is protected, 901 c is protected'
    # without its leader a session is still the same
    rm -r "$tree/proc/500" "$tree/proc/800"
    until_true logged '--session 500: .*would send SIGTERM to 501 a;'
    # if only those are left who came later nobody knows, and they are not meant; but protected
    one a 502 1 500 $late
    one b 802 800 800 $late
    until_true logged '--session 500: .*would send SIGTERM to 501 a, 502 a;'
    rm -r "$tree/proc/501" "$tree/proc/801"
    until_true logged '--session 500: .*to nobody: no such session: 500 has ended since the rule was read'
    until_true logged 'signal SIGHUP .*to nobody.*left out: 802 b is protected;'
    # and so are those who were in the namespaces of one that has ended, but nobody else
    one a 700 700 1 200
    one c 900 1 1 200
    net 900 78
    until_true logged '--pgroup 700: .*to nobody: no such process group: 700 has ended since the rule was read'
    until_true logged '--ns net:900: .*to nobody: no such process: 900 has ended since the rule was read'
    until_true logged 'would send SIGUSR1 to 900 c; left out: 901 c is protected;'
    # the number of another leader
    one b 800 800 800 $late
    until_true logged 'would send SIGHUP to 800 b, 802 b;'
    : >"$log"
    kill -HUP "$pid"
    until_true logged 'reloaded: 6 rules'
    : >"$log"
    until_true logged '--pgroup 700: .*to nobody: no such process group: 700 has ended since the rule was read'
    until_true logged '--ns net:900: .*to nobody: no such process: 900 has ended since the rule was read'
    until_true logged 'would send SIGHUP to 800 b, 802 b;'
    until_true logged 'would send SIGUSR1 to 900 c; left out: 901 c is protected;'
}

traced() { # PATTERN NUMBER
    [ "$(grep -cE -e "$1" "$BATS_TEST_TMPDIR/trace")" -ge "$2" ]
}

@test "what a kill takes is rehearsed when its rule is read, anew too" {
    type -P strace >/dev/null || skip "needs strace"
    local conf=$BATS_TEST_TMPDIR/conf
    echo 'ram>100%: warn' >"$conf"
    strace -f -o "$BATS_TEST_TMPDIR/trace" -e trace=pidfd_open,pidfd_send_signal "$MEMWATCH" guard --log "$log" -c "$conf" \
        2>/dev/null 3>&- &
    PIDS+=("$!")
    until_true logged ': started'
    pid=$(sed -n 's/.*memwatch\[\([0-9]*\)\]: started.*/\1/p' "$log")
    run ! traced "pidfd_open\($pid" 1
    # not by somebody who only reads it
    printf 'ram>100%%: kill -x %s\n' "${name}a" "${name}b" >"$conf"
    kill -HUP "$pid"
    until_true traced "^$pid +pidfd_open\($pid," 2
    until_true traced "^$pid +pidfd_send_signal\([0-9]+, 0," 2
    until_true logged ': reloaded: 2 rules'
    run ! logged fired
}

# Does the system run for so long?
runs_for()
{
    (($(cut -d. -f1 /proc/uptime) > $1))
}

# A victim, and a file with its number that is older than it
old_pidfile() { # WHICH FILE
    local booted
    until_true runs_for 30
    booted=$(sed -n 's/^btime //p' /proc/stat)
    victim "$1"
    echo "$victim" >"$2"
    touch -d "@$((booted + 3))" "$2"
}

@test "a pidfile means nobody who started after it was written" {
    local file=$BATS_TEST_TMPDIR/pidfile
    old_pidfile a "$file"
    begin -r "ram.available>0: signal USR1 --pidfile $file cooldown 100ms"
    until_true logged 'sent SIGUSR1 to nobody: who has the number in the file started after that was written'
    kill -0 "$victim"
    # it is read anew each time
    touch "$file"
    until_true gone "$victim"
    until_true logged "sent SIGUSR1 to $victim ${name}a"
    wait "$victim" || true
    until_true logged 'sent SIGUSR1 to nobody: no such process: the one in the file has ended'
    rm "$file"
    until_true logged 'sent SIGUSR1 to nobody: there is no such file'
}

@test "a pidfile that is too old still protects: the clock may have been set" {
    local file=$BATS_TEST_TMPDIR/pidfile
    old_pidfile a "$file"
    begin --protect "--pidfile $file" -r "ram.available>0: kill -x ${name}a"
    until_true logged 'killed nobody'
    kill -0 "$victim"
}

@test "what an action says is not told once more as what it printed" {
    begin --disk-reserve 4096P -r "ram.available>0: swap-add 1M $BATS_TEST_TMPDIR"
    until_true logged 'failed: .*would leave less than'
    run -0 grep -o 'would leave less than' "$log"
    [ "${#lines[@]}" -eq 1 ]
}

# A docker that says $1; as soon as $hang is there it says nothing at all. What it is counts as a child of whoever asks.
stand_in()
{
    bin=$BATS_TEST_TMPDIR/bin hang=$BATS_TEST_TMPDIR/hang
    mkdir "$bin"
    printf '#!/bin/sh\nif [ -e %s ]; then echo $$ >>%s.asked; exec sleep 987; fi\necho %s\n' "$hang" "$hang" "$1" >"$bin/docker"
    printf '#!/bin/sh\nexit 1\n' >"$bin/podman"
    chmod +x "$bin"/*
}

# More of them than $2
happens()
{
    (($(grep -cE -e "$1" "$log") > $2))
}

# Processes that descend from the guard; zombies count
family()
{
    local all new=$pid
    all=$pid
    while new=$(ps -o pid= --ppid "$(echo $new | tr ' ' ,)") && [ -n "$new" ]; do
        all+=" $new"
    done
    wc -w <<<"$all"
}

none_left()
{
    local one
    for one in $(cat "$hang.asked"); do
        gone "$one" || return
    done
}

@test "container: a docker that hangs keeps nobody from acting, and nobody is taken for what it would name" {
    stand_in "$(printf '%064d' 7)"
    victim a
    PATH=$bin:$PATH begin -r "ram.available>0: signal CONT -x ${name}a cooldown 100ms" \
        -r "ram.available>1: signal CONT --container ${name}web cooldown 100ms" --protect "--container ${name}db"
    until_true happens "sent SIGCONT to $victim" 1
    until_true logged 'sent SIGCONT to nobody: no process that may be signalled matches'
    touch "$hang"
    until_true logged "sent SIGCONT to nobody: container \"${name}web\": nobody answers whether that is still 000000000000"
    local n most
    n=$(grep -c "sent SIGCONT to $victim" "$log")
    until_true happens "sent SIGCONT to $victim" $((n + 5))
    # who asks for each name, and whom he asks; one more may look at something else at that moment
    most=$(family)
    ((most <= 1 + 2 * 2 + 2))
    kill "$pid"
    local status=0
    wait "$pid" || status=$?
    pid=
    [ "$status" -eq 143 ]
    until_true none_left
}

@test "container: one that hangs when the rules are read anew leaves those that are there" {
    stand_in "$(printf '%064d' 7)"
    printf 'ram.available>0: warn cooldown 100ms\n' >"$BATS_TEST_TMPDIR/conf"
    PATH=$bin:$PATH begin -c "$BATS_TEST_TMPDIR/conf"
    touch "$hang"
    printf 'ram.available>0: warn cooldown 100ms\nram.available>1: kill --container web\n' >"$BATS_TEST_TMPDIR/conf"
    kill -HUP "$pid"
    until_true test -e "$hang.asked"
    local n
    n=$(grep -c ': warning' "$log")
    until_true happens ': warning' $((n + 3))
    rm "$hang"
    kill "$(cat "$hang.asked")"
    until_true logged 'not reloaded: .*container "web": neither docker nor podman knows it'
    kill -HUP "$pid"
    until_true logged ': reloaded: 2 rules'
}

# called NAME ID: from now on that is its name; by one step
called()
{
    local file=$tree/var/lib/containers/storage/overlay-containers/containers.json
    mkdir -p "${file%/*}"
    printf '[{"id":"%064d","names":["%s"]}]\n' "$2" "$1" >"$file.new"
    mv "$file.new" "$file"
}

# within PID ID
within()
{
    printf '0::/machine.slice/libpod-%064d.scope\n' "$2" >"$tree/proc/$1/cgroup"
}

@test "container: the one that has the name now is meant; while nobody can say, the last one, and younger ones are protected" {
    local file late=999999999999
    make_tree
    file=$tree/var/lib/containers/storage/overlay-containers/containers.json
    one a 500 1 1 100
    within 500 1
    one a 600 1 1 100
    within 600 2
    called web 1
    "$MEMWATCH" guard --root "$tree" --dry-run -i 100ms --log "$log" --protect '--container web' \
        -r 'ram>1%: signal HUP -x a cooldown 100ms' 2>/dev/null 3>&- &
    pid=$!
    until_true logged 'would send SIGHUP to 600 a; left out: 500 a is protected'
    called web 2
    until_true logged 'would send SIGHUP to 500 a; left out: 600 a is protected'
    one a 700 1 1 $late
    within 700 3
    until_true logged 'would send SIGHUP to 500 a, 700 a; left out: 600 a is protected'
    # who looks there waits from here on
    mkfifo "$tree/pipe"
    ln "$tree/pipe" "$tree/new"
    mv "$tree/new" "$file"
    until_true logged 'would send SIGHUP to 500 a; left out: 600 a is protected, 700 a is protected'
    called web 3
    : >"$tree/pipe"
    until_true logged 'would send SIGHUP to 500 a, 600 a; left out: 700 a is protected'
}
