#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# procfind by the names of procps: pgrep, pkill, pidwait, pidof. Whatever is signalled was started here.

setup_file() {
    bats_require_minimum_version 1.5.0
    REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export PROCFIND=${PROCFIND:-${HEADROOM_BUILD:-${BUILD_DIR:-$REPO/build}}/cmd/procfind/procfind}
    PROCFIND=$(realpath "$PROCFIND")
    mkdir "$BATS_FILE_TMPDIR/bin"
    for name in pgrep pkill pidwait pidof; do
        ln -s "$PROCFIND" "$BATS_FILE_TMPDIR/bin/$name"
    done
}

setup() {
    PATH=$BATS_FILE_TMPDIR/bin:$PATH
    name=hc${BATS_TEST_NUMBER}x$BASHPID
    pids=()
}

teardown() {
    ((${#pids[@]} > 0)) || return 0
    kill -KILL "${pids[@]}" 2>/dev/null || true
    wait "${pids[@]}" 2>/dev/null || true
}

# Until the process has executed what it was forked for
executed() {
    local comm=none
    for _ in {1..500}; do
        comm=$(tr -d '\0' <"/proc/$1/comm") || return 1
        [[ $comm != "$2" ]] || return 0
        sleep 0.02
    done
    echo "process $1 is called '$comm', not '$2'" >&2
    return 1
}

# start NAME WORD...: a process of that name that waits; its number is in $pid and in ${pids[@]}. Before the words
# its command line has "$program $script".
start() {
    program=$BATS_TEST_TMPDIR/$1 script=$BATS_TEST_TMPDIR/wait
    [[ -e $BATS_TEST_TMPDIR/never ]] || mkfifo "$BATS_TEST_TMPDIR/never"
    # shellcheck disable=SC2016 # it is for that shell
    echo 'read -r _ <"${0%/*}/never"' >"$script"
    cp -n "$BASH" "$program"
    "$program" "$script" "${@:2}" 3>&- &
    pid=$!
    pids+=("$pid")
    executed "$pid" "${1:0:15}"
}

# A process without a name
start_nameless() {
    [[ -e $BATS_TEST_TMPDIR/never ]] || mkfifo "$BATS_TEST_TMPDIR/never"
    # shellcheck disable=SC2016 # it is for that shell
    bash -c 'printf "\0" >/proc/self/comm; read -r _ <"$0"' "$BATS_TEST_TMPDIR/never" 3>&- &
    pid=$!
    pids+=("$pid")
    executed "$pid" ''
}

# refused MESSAGE COMMAND...: status 2, nothing on stdout, and the message
refused() {
    run -2 --separate-stderr "${@:2}"
    [ -z "$output" ]
    # shellcheck disable=SC2053 # a pattern is meant
    [[ ${stderr_lines[0]} == $1 ]] || { echo "stderr: $stderr" && return 1; }
}

@test "without a criterion nothing is looked for" {
    for program in pgrep pkill pidwait; do
        refused "$program: no matching criteria specified" "$program"
        refused "$program: no matching criteria specified" "$program" -A
        refused "$program: only one pattern can be provided" "$program" a b
    done
}

@test "an empty pattern or list is refused, which never means everything" {
    for program in pgrep pkill pidwait; do
        refused "$program: pattern: is empty, and would match every process" "$program" ''
        refused "$program: pattern: is empty, and would match every process" "$program" -f ''
        for option in -p -P -g -s -t -u -U -G -r --env --cgroup; do
            refused "$program: invalid empty list" "$program" "$option" ''
            refused "$program: invalid empty list" "$program" "$option" ,
        done
    done
}

@test "what is no number, user, state, type or expression is refused" {
    refused "pgrep: not a number: 12x" pgrep -p 12x
    refused "pgrep: not a number: abc" pgrep -O abc x
    refused "pgrep: not a number: abc" pgrep --ns abc
    refused "pgrep: invalid process group: x" pgrep -g 1,x
    refused "pgrep: invalid session id: x" pgrep -s x
    refused "pgrep: invalid user name: no-such-user" pgrep -u no-such-user
    refused "pgrep: invalid group name: no-such-group" pgrep -G no-such-group
    refused "pgrep: invalid process state: Q" pgrep -r S,Q
    refused "pgrep: regex error: *" pgrep '('
    refused "pgrep: process 999999999: is not there*" pgrep --ns 999999999 x
    refused "pgrep: \"nothing\": is no type of namespace*" pgrep --ns $$ --nslist nothing
    refused "pgrep: --nslist without --ns makes no sense" pgrep --nslist net x
    refused "pgrep: -L without -F makes no sense" pgrep -L x
    refused "pgrep: Cannot use pidfile and pid option together" pgrep -p 42 -F /dev/null
    refused "pgrep: -n, -o and -v exclude each other" pgrep -n -v x
    refused "pgrep: Cannot use --quiet and -l,--list-name options together" pgrep --quiet -l x
    refused "pgrep: Cannot use --quiet and -a,--list-full options together" pgrep --quiet -a x
    refused 'pkill: Unknown signal "NONE".' pkill --signal NONE x
    refused "pkill: not a number: x" pkill -q x -0 x
}

@test "options are read as getopt_long(3) reads them" {
    refused "pgrep: invalid option -- 'Z'" pgrep -lZ x
    refused "pgrep: option requires an argument -- 'd'" pgrep -d
    refused "pgrep: option '--delimiter' requires an argument" pgrep --delimiter
    refused "pgrep: option '--full' doesn't allow an argument" pgrep --full=1
    refused "pgrep: unrecognized option '--nonsense'" pgrep --nonsense
    refused "pgrep: ambiguous option '--list'" pgrep --list
    refused "pkill: invalid option -- '0'" pkill -0garbage x
    refused "pkill: invalid option -- 'v'" pkill -v x
    refused "pidwait: invalid option -- 'l'" pidwait -l x
    start "$name"
    [ "$(pgrep "$name" -l)" = "$pid $name" ]
    [ "$(pgrep --list-n -- "$name")" = "$pid $name" ]
    [ "$(pgrep --delim=: --exact "$name")" = "$pid" ]
}

@test "numbers ascend, and -d, -c, -l and -a shape the answer" {
    start "$name" first
    start "$name" 'second  word'
    [ "$(pgrep "$name")" = "${pids[0]}"$'\n'"${pids[1]}" ]
    [ "$(pgrep -d , "$name")" = "${pids[0]},${pids[1]}" ]
    [ "$(pgrep -c "$name")" = 2 ]
    [ "$(pgrep -l -d ' | ' "$name")" = "${pids[0]} $name | ${pids[1]} $name" ]
    [ "$(pgrep -a "$name" | tail -n 1)" = "${pids[1]} $program $script second  word" ]
    [ -z "$(pgrep --quiet "$name")" ]
    run -1 pgrep "none$name"
    [ -z "$output" ]
    run -1 pgrep -c "none$name"
    [ "$output" = 0 ]
    run -1 pgrep --quiet "none$name"
}

@test "a part of the name matches, with -x all of it, with -i in any case" {
    start "$name"
    [ "$(pgrep "${name:1:-1}")" = "$pid" ]
    run -1 pgrep -x "${name%?}"
    [ "$(pgrep -x "$name")" = "$pid" ]
    [ "$(pgrep -x "hc[0-9]+x${name##*x}|nothing")" = "$pid" ]
    run -1 pgrep -x "${name^^}"
    [ "$(pgrep -i -x "${name^^}")" = "$pid" ]
}

@test "a name ends after 15 characters, and a longer pattern gets a warning" {
    start "${name}and-some-more"
    [ "$(pgrep -l -x "$(cut -c -15 <<<"${name}and-some-more")")" = "$pid $(cat "/proc/$pid/comm")" ]
    run -1 --separate-stderr pgrep "${name}and-some-more"
    [ -z "$output" ]
    [ "${stderr_lines[0]}" = "pgrep: pattern that searches for process name longer than 15 characters will result in zero matches" ]
    for pattern in "${name}and-some-more|nothing" "${name}and-some-mor[e]"; do
        run -1 --separate-stderr pgrep "$pattern"
        [ -z "$stderr" ]
    done
    run -0 --separate-stderr pgrep -f "${name}and-some-more"
    [ "$output" = "$pid" ]
    [ -z "$stderr" ]
}

@test "-f compares with the whole command line, however long it is" {
    local long
    printf -v long '%0105000d' 7
    start "$name" "$long" end
    [ "$(pgrep -f "$name $script 0{99}")" = "$pid" ]
    [ "$(pgrep -f "7\s+end$")" = "$pid" ]
    [ "$(pgrep -f -x "$program $script 0+7 end")" = "$pid" ]
    [ "$(pgrep -a -x "$name")" = "$pid $program $script $long end" ]
    run -1 pgrep -f "$name $script 1"
}

@test "-n and -o choose the newest and the oldest" {
    start "$name"
    sleep 0.05
    start "$name"
    [ "$(pgrep -n "$name")" = "${pids[1]}" ]
    [ "$(pgrep -o "$name")" = "${pids[0]}" ]
    run -1 pgrep -O 1000 "$name"
    [ "$(pgrep -c -O 0 "$name")" = 2 ]
}

@test "by number, parent, group, session, user and state" {
    start "$name"
    local stat other
    stat=$(cat "/proc/$pid/stat")
    read -r _ parent group session _ <<<"${stat##*) }"
    other=$((pid + 1))
    [ "$(pgrep -p "$other,$pid" "$name")" = "$pid" ]
    [ "$(pgrep -P ",$parent," "$name")" = "$pid" ]
    [ "$(pgrep -g "$group" "$name")" = "$pid" ]
    [ "$(pgrep -s "$session" "$name")" = "$pid" ]
    [ "$(pgrep -s 0 "$name")" = "$pid" ]
    [ "$(pgrep -P 0,"$pid" -p 1)" = 1 ]
    [ "$(pgrep -u "$(id -u)" -U "$(id -un)" -G "$(id -gn)" "$name")" = "$pid" ]
    [ "$(pgrep -r R,S "$name")" = "$pid" ]
    for criterion in "-p $other" "-P $other" "-g $other" "-s $other" "-u $(($(id -u) + 1))" \
        "-U $(($(id -u) + 1))" "-G $(($(id -g) + 1))" "-r D,T" "-t nothing" "-t -" "-p 0" "-u -1"; do
        # shellcheck disable=SC2086 # two words
        run -1 pgrep $criterion "$name"
        [ -z "$output" ]
    done
}

@test "a process without a terminal has ? for one" {
    command -v setsid >/dev/null || skip "no setsid"
    start "$name"
    setsid "$program" "$script" 3>&- &
    pids+=("$!")
    for _ in {1..500}; do
        pid=$(pgrep -n -t '?' "$name") && [[ $(ps -o sid= -p "$pid" | tr -d ' ') == "$pid" ]] && break
        sleep 0.02
    done
    pids+=("$pid")
    [ "$(pgrep -n -t 'pts/no,?' "$name")" = "$pid" ]
    run -1 pgrep -t - "$name"
}

@test "-v turns it round" {
    start "$name"
    local mine=$pid
    start "other$name"
    pgrep -v "^$name" >"$BATS_TEST_TMPDIR/all"
    grep -qx "$pid" "$BATS_TEST_TMPDIR/all"
    run -1 grep -x "$mine" "$BATS_TEST_TMPDIR/all"
}

@test "pgrep does not find itself; its shell it finds unless -A is given" {
    run -1 pgrep -f "unique-word-of-$name"
    cat >"$BATS_TEST_TMPDIR/$name" <<<'pgrep "$@"; echo end'
    run -0 bash "$BATS_TEST_TMPDIR/$name" -f "$name"
    [ "${#lines[@]}" = 2 ]
    run -0 bash "$BATS_TEST_TMPDIR/$name" -A -f "bash $BATS_TEST_TMPDIR/$name"
    [ "$output" = end ]
}

@test "a number from a file, or from standard input" {
    start "$name"
    local file=$BATS_TEST_TMPDIR/pidfile
    echo "$pid and more" >"$file"
    [ "$(pgrep -F "$file")" = "$pid" ]
    [ "$(pgrep -F - <"$file")" = "$pid" ]
    run -1 pgrep -F "$file" "not$name"
    run -1 --separate-stderr pgrep -L -F "$file"
    [ "$stderr" = "pgrep: Locking check for pidfile failed: No locks available" ] ||
        [[ $stderr == "pgrep: Locking check for pidfile failed"* ]]
    (
        flock 9
        [ "$(pgrep -L -F "$file")" = "$pid" ]
    ) 9<"$file"
    echo "x$pid" >"$file"
    run -1 --separate-stderr pgrep -F "$file"
    [ "$stderr" = "pgrep: pidfile not valid" ]
    run -1 --separate-stderr pgrep -F "$file.none"
    [ "$stderr" = "pgrep: Unable to open pidfile: No such file or directory" ]
}

@test "--env wants a variable, or it with its value; one of the list is enough" {
    HEADROOM_COMPAT=one start "$name"
    local one=$pid
    HEADROOM_COMPAT_MORE=one start "$name"
    [ "$(pgrep --env HEADROOM_COMPAT "$name")" = "$one" ]
    [ "$(pgrep --env HEADROOM_COMPAT=one "$name")" = "$one" ]
    run -1 pgrep --env HEADROOM_COMPAT=on "$name"
    run -1 pgrep --env HEADROOM_COMPA "$name"
    [ "$(pgrep -c --env NOTHING,HEADROOM_COMPAT,HEADROOM_COMPAT_MORE=one "$name")" = 2 ]
}

@test "--cgroup wants the very group of cgroup v2" {
    start "$name"
    local group
    group=$(sed -n 's/^0:://p' "/proc/$pid/cgroup")
    [ -n "$group" ] || skip "no cgroup v2 here"
    [ "$(pgrep --cgroup "/nothing,$group" "$name")" = "$pid" ]
    run -1 pgrep --cgroup "$group/below" "$name"
    run -1 pgrep --cgroup /nothing "$name"
}

@test "--nslist: all that it lists must be the same, in whatever order" {
    unshare -r -n true 2>/dev/null || skip "no namespaces of our own here"
    start "$name"
    local here=$pid there
    cp -n "$(command -v sleep)" "$BATS_TEST_TMPDIR/other$name"
    unshare -r -n "$BATS_TEST_TMPDIR/other$name" 300 3>&- &
    there=$!
    pids+=("$there")
    executed "$there" "$(cut -c -15 <<<"other$name")"
    for list in net,ipc ipc,net net; do
        [ "$(pgrep --ns "$here" --nslist "$list" "$name")" = "$here" ]
    done
    [ "$(pgrep -d , --ns "$here" --nslist ipc,uts "$name")" = "$here,$there" ]
    [ "$(pgrep --ns "$there" "$name")" = "$there" ]
}

@test "names and words of any form" {
    start 'foo bar'
    [ "$(pgrep -Q -l -p "$pid")" = "$pid 'foo bar'" ]
    [ "$(pgrep -l -p "$pid")" = "$pid foo bar" ]
    start $'a) R 1\n(b'
    [ "$(pgrep -l -p "$pid")" = "$pid a) R 1?(b" ]
    [ "$(pgrep -p "$pid" -x 'a\) R 1.\(b')" = "$pid" ]
    start_nameless
    [ "$(pgrep -Q -l -p "$pid")" = "$pid ''" ]
    start "$name" "it's" '' plain=1 a/b
    [ "$(pgrep -Q -l "$name")" = "$pid $name" ]
    [ "$(pgrep -Q -a "$name")" = "$pid $program $script 'it'\\''s' '' 'plain=1' a/b" ]
}

@test "a zombie is found, by its name in brackets too" {
    # It ends when its parent is no shell any more: a shell would have waited for it.
    # shellcheck disable=SC2016 # it is for that shell
    bash -c 'sleep 0.5 & exec "$0" 300' "$(command -v sleep)" "$name" 3>&- &
    pids+=("$!")
    executed $! sleep
    local zombie=''
    for _ in {1..500}; do
        zombie=$(pgrep -r Z -P "$!") && break
        sleep 0.02
    done
    [ "$(pgrep -a -f -P "$!" '^\[sleep\]')" = "$zombie [sleep] <defunct>" ]
}

@test "-w tells of every thread" {
    command -v python3 >/dev/null || skip "no python3 for threads"
    python3 -c 'import threading, time
threading.Thread(target=time.sleep, args=(300,), daemon=True).start()
time.sleep(300)' "$name" 3>&- &
    pid=$!
    pids+=("$pid")
    for _ in {1..500}; do
        [[ $(cat "/proc/$pid/task/"*/comm 2>/dev/null | wc -l) == 2 ]] && break
        sleep 0.02
    done
    [ "$(pgrep -w -f "$name")" = "$(ls "/proc/$pid/task")" ]
    [ "$(pgrep -w -c -p "$pid")" = 2 ]
    [ "$(pgrep -f "$name")" = "$pid" ]
}

@test "pkill signals what matches and nothing else" {
    start "other$name"
    local other=$pid
    start "$name"
    run -0 pkill -e -x "$name"
    [ "$output" = "$name killed (pid $pid)" ]
    wait "$pid" || [ $? = 143 ]
    kill -0 "$other"
    run -1 pkill -x "$name"
    [ -z "$output" ]
}

@test "pkill takes a signal in any form and place" {
    start "$name"
    [ "$(pkill -0 -e "$name")" = "$name killed (pid $pid)" ]
    [ "$(pkill -e "$name" -0)" = "$name killed (pid $pid)" ]
    [ "$(pkill -c --signal 0 "$name")" = 1 ]
    pkill -SIGSTOP "$name"
    [ "$(pgrep -r T "$name")" = "$pid" ]
    pkill --signal cont "$name"
    pkill -KILL -m "$name"
    wait "$pid" || [ $? = 137 ]
}

@test "pkill -H wants a handler, and -q sends a number" {
    command -v perl >/dev/null || skip "no perl to read the number"
    start "$name"
    # shellcheck disable=SC2016 # it is for perl
    perl -MPOSIX -e '$| = 1; $0 = $ARGV[0]; my $done = 0;
        my $action = POSIX::SigAction->new(sub { print "$_[1]{code}\n"; $done = 1 });
        $action->safe(0);
        sigaction(SIGUSR1, POSIX::SigAction->new(sub { print "got $_[0]\n"; exit 0 }));
        print "ready\n"; sleep 300' "$name" >"$BATS_TEST_TMPDIR/said" 3>&- &
    local handler=$!
    pids+=("$handler")
    for _ in {1..500}; do
        grep -q ready "$BATS_TEST_TMPDIR/said" && break
        sleep 0.02
    done
    [ "$(pkill -USR1 -H -q 42 -e "$name")" = "$name killed (pid $handler)" ]
    wait "$handler"
    grep -qx 'got USR1' "$BATS_TEST_TMPDIR/said"
    kill -0 "$pid"
}

@test "pkill says whom it may not signal" {
    ((UID == 0)) || skip "not root"
    start "$name"
    exec {program}<"$PROCFIND" # its folders may not be for everybody
    run -1 --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups \
        "$BASH" -c "exec -a pkill /proc/self/fd/$program -0 -p $pid"
    exec {program}<&-
    [ "$stderr" = "pkill: killing pid $pid failed: Operation not permitted" ]
}

@test "what /proc hides is said" {
    ((UID == 0)) && unshare -m true 2>/dev/null || skip "cannot mount"
    start "$name"
    exec {program}<"$PROCFIND"
    for words in "pgrep $name" "pidof $name" "pkill -0 $name"; do
        run -1 --separate-stderr unshare -m bash -c "mount -t proc -o hidepid=2 proc /proc &&
            exec setpriv --reuid 65534 --regid 65534 --clear-groups \
                $BASH -c 'exec -a ${words%% *} /proc/self/fd/$program ${words#* }'"
        [ -z "$output" ]
        [ "$stderr" = "${words%% *}: warning: /proc: does not show the processes of others (hidepid)" ]
    done
    exec {program}<&-
}

@test "pidwait waits until all of them are gone" {
    start "$name"
    start "$name"
    pidwait -c -e -x "$name" >"$BATS_TEST_TMPDIR/said" 3>&- &
    local waiter=$!
    for _ in {1..500}; do
        [[ $(wc -l <"$BATS_TEST_TMPDIR/said") == 3 ]] && break
        sleep 0.02
    done
    printf '%s\n' 2 "waiting for $name (pid ${pids[0]})" "waiting for $name (pid ${pids[1]})" |
        diff - "$BATS_TEST_TMPDIR/said"
    kill "${pids[1]}"
    wait "${pids[1]}" || true
    kill -0 "$waiter"
    kill "${pids[0]}"
    wait "$waiter"
    run -1 pidwait -c -x "$name"
    [ "$output" = 0 ]
}

@test "pidof prints the highest number first" {
    start "$name"
    start "$name"
    local low=${pids[0]} high=${pids[1]}
    [ "$(pidof "$name")" = "$high $low" ]
    [ "$(pidof "$BATS_TEST_TMPDIR/$name")" = "$high $low" ]
    [ "$(pidof -S , "$name")" = "$high,$low" ]
    [ "$(pidof -s "$name")" = "$high" ]
    [ "$(pidof -o "$high" "$name")" = "$low" ]
    [ "$(pidof -o "1;$low" -o 2 "$name")" = "$high" ]
    run -0 pidof -q "$name"
    [ -z "$output" ]
    run -1 pidof "none$name"
    [ -z "$output" ]
    run -1 pidof -o "$high,$low" "$name"
    start "more$name"
    [ "$(pidof "more$name" "none$name" "$name")" = "$pid $high $low" ]
    run -1 pidof
    run -1 --separate-stderr pidof -Z "$name"
    [ "${stderr_lines[0]}" = "pidof: invalid option -- 'Z'" ]
    run -0 --separate-stderr pidof -o nonsense "more$name"
    [ "$stderr" = "pidof: illegal omit pid value (nonsense)!" ]
}

@test "pidof knows uncut names, titles, login shells and scripts" {
    start "${name}and-some-more"
    [ "$(pidof "${name}and-some-more")" = "$pid" ]
    (exec -a "-$name" "$(command -v sleep)" 300) 3>&- &
    pids+=("$!")
    executed "$!" sleep
    [ "$(pidof "$name")" = "$!" ]
    mkfifo "$BATS_TEST_TMPDIR/end"
    printf '#!/bin/bash\nread -r _ <%q\n' "$BATS_TEST_TMPDIR/end" >"$BATS_TEST_TMPDIR/s$name"
    chmod +x "$BATS_TEST_TMPDIR/s$name"
    "$BATS_TEST_TMPDIR/s$name" 3>&- &
    pids+=("$!")
    executed "$!" "$(cut -c -15 <<<"s$name")"
    run -1 pidof "s$name"
    [ "$(pidof -x "s$name")" = "$!" ]
    # shellcheck disable=SC2016 # it is for that shell
    run -0 "$BASH" -c 'exec 3>&-; [ "$$" != "$PPID" ] && ! pidof -o %PPID -x "$0" -s | grep -x "$$"' "$BASH"
}

@test "behind --compat it is the same, and only there" {
    start "$name"
    [ "$("$PROCFIND" --compat pgrep -l "$name")" = "$pid $name" ]
    [ "$("$PROCFIND" --compat pidof "$name")" = "$pid" ]
    run -2 --separate-stderr "$PROCFIND" --compat pgrep
    [ "${stderr_lines[0]}" = "pgrep: no matching criteria specified" ]
    run -2 --separate-stderr "$PROCFIND" -x --compat pgrep "$name"
    [ "${stderr_lines[0]}" = "procfind: --compat: must be the first option, and its name a word of its own" ]
    run -2 --separate-stderr "$PROCFIND" --compat grep "$name"
    [ "${stderr_lines[0]}" = 'procfind: --compat: "grep" is not pgrep, pkill, pidwait or pidof; did you mean "pgrep"?' ]
}

@test "--help and --version" {
    for program in pgrep pkill pidwait pidof; do
        run -0 --separate-stderr "$program" --help
        [ -z "$stderr" ]
        [[ ${lines[0]} == "Usage: $program [OPTION...] "* ]]
        run -0 "$program" -V
        [[ $output == "$program (headroom) "* ]]
    done
}

@test "an answer that cannot be written is a failure" {
    start "$name"
    # shellcheck disable=SC2016 # it is for that shell
    run -3 --separate-stderr bash -c 'pgrep "$1" >/dev/full' _ "$name"
    [ "$stderr" = "pgrep: standard output: cannot write: No space left on device" ]
}
