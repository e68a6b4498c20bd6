#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# procfind on the running system: who is never found, who is, and what is done to them

setup() {
    load procfind
    make_tag
}

teardown() {
    end_started
    # what those have started; nobody else has this argument
    procfind --include-self --include-wrappers --signal KILL -x sleep --arg "$tag" >/dev/null || true
}

# script TEXT: a shell with TEXT for its -c; $P is procfind, $T the tag
script() {
    P=$PROCFIND T=$tag bash -c "$1" "for $tag"
}

@test "live: who waits for a container to start need not have it yet" {
    run -124 procfind --wait start --timeout 0.1s --container "none-$tag" sleep
    run -2 procfind --container "none-$tag" sleep
    [[ $output == *"container \"none-$tag\": neither docker nor podman knows it"* ]]
}

# ---- the caller

@test "live: a script finds what it looks for, not itself" {
    start_sleep
    # shellcheck disable=SC2016 # it is the script that expands
    run -0 script '$P -f "sleep $T"; true'
    [ "$output" = "$pid" ]
    # the words stand in the script as they are
    run -0 bash -c "'$PROCFIND' -f 'sleep $tag'; true"
    [ "$output" = "$pid" ]
    run -0 sh -c "'$PROCFIND' -a -f '$tag'; true"
    [ "$output" = "$pid sleep $tag" ]
    run -1 bash -c "'$PROCFIND' -f 'x$tag'"
}

@test "live: nor what has started it: timeout, env, nice, sudo" {
    run -1 timeout 20 "$PROCFIND" -f "$tag"
    run -1 env "A=$tag" nice -n 0 timeout 20 env "$PROCFIND" -f "$tag"
    run -1 timeout 20 sh -c "'$PROCFIND' -f '$tag' || exit 1"
    run -0 timeout 20 "$PROCFIND" -f "$tag" --include-self --include-wrappers -a
    [[ $output == *"timeout 20 $PROCFIND -f $tag"* ]]
}

@test "live: nor sudo" {
    need_root
    sudo -n true || skip "needs sudo"
    run -1 sudo "$PROCFIND" -f "$tag"
    start sudo sleep "$tag"
    until_true eval "[[ \$(procfind --include-wrappers -f 'sleep $tag' -c) -ge 2 ]]"
    run -0 procfind -f "sleep $tag" -a
    [[ $output =~ ^[0-9]+\ sleep\ $tag$ ]]
    run -0 procfind --signal KILL -x sleep --arg "$tag"
}

@test "live: nor its subshells, but what they run" {
    run -0 script '(sleep $T; :) & until [[ $($P -x sleep --arg $T) ]]; do :; done; $P -a -f $T; kill %1
        $P --signal KILL -x sleep --arg $T >/dev/null'
    [[ $output =~ ^[0-9]+\ sleep\ $tag$ ]]
    # two of them, one in the other
    run -0 script '( (sleep $T; :); : ) & until [[ $($P -x sleep --arg $T) ]]; do :; done; $P -c -f $T
        $P -c --include-self -f $T; $P --signal KILL -x sleep --arg $T >/dev/null'
    [ "${lines[0]}" = 1 ]
    [ "${lines[1]}" -ge 4 ]
}

@test "live: nor its pipeline" {
    run -0 script '$P -a -f "^other $T" | exec -a "other $T" cat; true'
    [ -z "$output" ]
    run -0 script 'exec -a "other $T" sleep 20 | {
        until [[ $($P -f "^other $T" --include-self) ]]; do :; done
        echo "found: $($P -f "^other $T")"
        $P --signal KILL -f "^other $T" --include-self >/dev/null
    }'
    [ "$output" = 'found: ' ]
    # what a substitution of the shell reads or writes
    run -1 script 'exec 5< <(exec -a "other $T" sleep 20); $P -f "^other $T" <&5; r=$?
        $P --signal KILL --include-self -f "^other $T" >/dev/null; exit $r'
}

@test "live: what a script has started in the background is found" {
    run -0 script 'sleep $T & until [[ $(tr "\0" " " </proc/$!/cmdline) == sleep* ]]; do :; done
        $P -f "sleep $T"; echo $!; kill %1'
    [ "${lines[0]}" = "${lines[1]}" ]
    # also where all of them write into one pipe
    run -0 eval 'script "sleep \$T & until [[ \$(tr \"\\0\" \" \" </proc/\$!/cmdline) == sleep* ]]; do :; done
        \$P -f \"sleep \$T\"; echo \$!; kill %1" | cat'
    [ "${lines[0]}" = "${lines[1]}" ]
}

@test "live: a wrapper stands back for what it wraps" {
    start timeout 100 sleep "$tag"
    until_true eval "[[ \$(procfind --include-wrappers -f 'sleep $tag' -c) == 2 ]]"
    run -0 procfind -f "sleep $tag" -a
    [[ $output =~ ^[0-9]+\ sleep\ $tag$ ]]
    run -0 --separate-stderr procfind -f "sleep $tag" --verbose
    [[ $stderr == *"process $pid: left out: it has started a match by the same words;"* ]]
    # alone it is found
    run -0 procfind -x timeout --arg "$tag"
    [ "$output" = "$pid" ]
}

@test "live: a process that is named is found whoever it is" {
    run -0 procfind -p "$$"
    [ "$output" = "$$" ]
    echo "$$" >"$BATS_TEST_TMPDIR/pid"
    run -0 procfind --pidfile "$BATS_TEST_TMPDIR/pid" -x bash
    [ "$output" = "$$" ]
}

# ---- names, files, places

@test "live: names longer than the kernel keeps" {
    local name=a-rather-long-name-of-a-program-$RANDOM
    cp "$(type -P sleep)" "$BATS_TEST_TMPDIR/$name"
    start "$BATS_TEST_TMPDIR/$name" "$tag"
    until_true runs "$pid" "$name"
    run -0 procfind -x "$name"
    [ "$output" = "$pid" ]
    run -1 procfind -x "${name:0:15}" --arg "$tag"
    run -0 procfind -l --arg "$tag"
    [ "$output" = "$pid $name" ]
    # a script: the kernel names it after its file
    printf '#!/bin/sh\nsleep %s; :\n' "$tag" >"$BATS_TEST_TMPDIR/$name.sh"
    chmod +x "$BATS_TEST_TMPDIR/$name.sh"
    start "$BATS_TEST_TMPDIR/$name.sh"
    until_true runs "$pid" "$name.sh"
    run -0 procfind -x "$name.sh"
    [ "$output" = "$pid" ]
    run -0 procfind --script "$BATS_TEST_TMPDIR/$name.sh"
    [ "$output" = "$pid" ]
    (cd "$BATS_TEST_TMPDIR" && run -0 procfind --script "./$name.sh" && [ "$output" = "$pid" ])
    procfind --signal KILL -x sleep --arg "$tag" >/dev/null || true
}

@test "live: whose script cannot be looked at hides no other one" {
    local dir=$BATS_TEST_TMPDIR/dir bad
    mkdir "$dir"
    cp "$(type -P sleep)" "$dir/bash"
    ln -s "$tag" "$dir/$tag"
    # shellcheck disable=SC2016 # for that shell
    start sh -c 'cd "$1" && exec "$1/bash" "$2"' - "$dir" "$tag"
    bad=$pid
    until_true runs "$pid" "$dir/bash $tag"
    printf 'sleep %s; :\n' "$tag" >"$BATS_TEST_TMPDIR/script"
    start sh "$BATS_TEST_TMPDIR/script"
    until_true runs "$pid" sh
    run procfind --script "$BATS_TEST_TMPDIR/script"
    kill "$bad"
    procfind --signal KILL -x sleep --arg "$tag" >/dev/null || true
    [ "$status" = 0 ]
    [ "$output" = "$pid" ]
}

@test "live: an executable, whatever it is called, and when it was deleted" {
    cp "$(type -P sleep)" "$BATS_TEST_TMPDIR/one"
    ln "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
    ln -s one "$BATS_TEST_TMPDIR/three"
    start bash -c "exec -a other '$BATS_TEST_TMPDIR/one' $tag"
    until_true runs "$pid" "other $tag"
    local name
    for name in one two three; do
        run -0 procfind --exe "$BATS_TEST_TMPDIR/$name"
        [ "$output" = "$pid" ]
    done
    rm "$BATS_TEST_TMPDIR"/{one,two}
    run -0 procfind --exe "$BATS_TEST_TMPDIR/one"
    [ "$output" = "$pid" ]
    # replaced by another
    cp "$(type -P cat)" "$BATS_TEST_TMPDIR/one"
    run -0 procfind --exe "$BATS_TEST_TMPDIR/one" --raw -n -o pid,deleted
    [ "$output" = "$pid 1" ]
    run -1 procfind --exe "$BATS_TEST_TMPDIR/four"
}

@test "live: a name that looks like the end of one, with a newline" {
    local name=$'a) R 1\n(b'
    cp "$(type -P sleep)" "$BATS_TEST_TMPDIR/$name"
    start "$BATS_TEST_TMPDIR/$name" "$tag"
    until_true runs "$pid" "$name $tag"
    run -0 procfind -x $'a\\) R 1\n\\(b' --arg "$tag"
    [ "$output" = "$pid" ]
    run -0 procfind -F "$name" --arg "$tag" -l
    [ "$output" = "$pid a) R 1\\x0a(b" ]
    procfind --arg "$tag" -p "$pid" --json -o name | jq -e '.processes == [{name: "a) R 1\n(b"}]'
}

@test "live: a command line of more than 128 KiB" {
    local long
    long=$(printf '%0100000d' 0)
    start sh -c 'read -r x <"$1"' - <(sleep "$tag") "$long" "$long" "end of $tag"
    until_true eval "[[ \$(wc -c <'/proc/$pid/cmdline') -gt 200000 ]]"
    run -0 procfind --arg "end of $tag"
    [ "$output" = "$pid" ]
    run -0 procfind -f "0 end of $tag\$"
    [ "$output" = "$pid" ]
    procfind --signal KILL -x sleep --arg "$tag" >/dev/null || true
}

@test "live: a first thread that has ended is no zombie; a zombie is one" {
    cat >"$BATS_TEST_TMPDIR/leader.c" <<'END'
#include <pthread.h>
#include <unistd.h>
static void *other(void *arg) { (void)arg; for (;;) pause(); }
int main(void) { pthread_t t; pthread_create(&t, 0, other, 0); pthread_exit(0); }
END
    cc -pthread -o "$BATS_TEST_TMPDIR/leader" "$BATS_TEST_TMPDIR/leader.c"
    start "$BATS_TEST_TMPDIR/leader" "$tag"
    until_true grep -q '^State:.Z' "/proc/$pid/status"
    run -0 procfind -x leader --arg "$tag"
    [ "$output" = "$pid" ]
    run -0 procfind --exe "$BATS_TEST_TMPDIR/leader" --rss '>0'
    [ "$output" = "$pid" ]
    run -0 procfind -p "$pid" -a
    [ "$output" = "$pid $BATS_TEST_TMPDIR/leader $tag" ]
    # a parent that does not wait; it is no shell any more when its child ends
    start bash -c '(until [[ $(</proc/$$/comm) == sleep ]]; do sleep 0.05; done) & exec sleep "$1"' - "$tag"
    until_true eval "procfind --state Z -P $pid >/dev/null"
    run -1 procfind -P "$pid"
    run -0 procfind --state Z -P "$pid" -l
    [[ $output == *' bash' ]]
}

@test "live: users, sessions, terminals, variables" {
    A_VARIABLE=$tag start_sleep
    run -0 procfind --env "A_VARIABLE=$tag" -x sleep
    [ "$output" = "$pid" ]
    run -0 procfind --env A_VARIABLE --arg "$tag" -u "$(id -u)" -U "$(id -un)" -g "$(id -gn)" -G "$(id -g)" -s 0
    [ "$output" = "$pid" ]
    run -1 procfind --env "A_VARIABLE=$tag." -x sleep
    start setsid sleep "1$tag"
    until_true runs "$pid" "sleep 1$tag"
    run -0 procfind --arg "1$tag" --session "$(procfind --arg "1$tag" --raw -n -o session)" -t -
    run -1 procfind --arg "1$tag" --session 0
    procfind --signal KILL --arg "1$tag" -x sleep >/dev/null
}

@test "live: namespaces" {
    need_root
    start_sleep
    local first=$pid
    start unshare --uts sleep "$tag"
    until_true runs "$pid" "sleep $tag"
    run -0 procfind --arg "$tag" --ns "uts:$pid" -x sleep
    [ "$output" = "$pid" ]
    run -0 procfind --arg "$tag" --ns "uts,net:$$" -x sleep
    [ "$output" = "$first" ]
    run -0 procfind --arg "$tag" --ns "net:$$" -x sleep
    [ "$output" = "$first"$'\n'"$pid" ]
}

@test "live: in a PID namespace with its own /proc" {
    need_root
    run -0 unshare -p -f --mount-proc bash -c "sleep $tag & until [[ \$(tr '\0' ' ' </proc/\$!/cmdline) == sleep* ]]; do :; done
        '$PROCFIND' -f 'sleep $tag'; '$PROCFIND' --signal TERM -f 'sleep $tag'; wait \$!; echo \$?"
    [ "$output" = $'2\n2\n143' ]
}

@test "live: in a PID namespace with the /proc of another" {
    need_root
    start_sleep
    run -0 --separate-stderr unshare -p -f "$PROCFIND" -f "sleep $tag"
    [ "$output" = "$pid" ]
    [[ $stderr == 'procfind: warning: /proc: is not that of this process'* ]]
    run -5 --separate-stderr unshare -p -f "$PROCFIND" --signal KILL -f "sleep $tag"
    [ -z "$output" ]
    kill -0 "$pid"
}

# ---- what others may not see

@test "live: a process of another user that may match" {
    need_root
    start_sleep
    run -4 --separate-stderr as_nobody "$PROCFIND" -x sleep --arg "$tag" --env HOME
    [[ -z $output && $stderr == 'procfind: warning: processes that may match and could not be looked into: 1;'* ]]
    # what can be seen says no: that is an answer
    run -1 --separate-stderr as_nobody "$PROCFIND" -x sleep --arg "x$tag" --env HOME
    [[ -z $output$stderr ]]
    run -3 --separate-stderr as_nobody "$PROCFIND" -x sleep --arg "$tag" --signal TERM
    [[ -z $output && $stderr == "procfind: process $pid: cannot be signalled: Operation not permitted" ]]
}

@test "live: hidepid" {
    need_root
    start_sleep
    local level
    for level in 1 2; do
        run -4 --separate-stderr unshare -m bash -c "mount -t proc -o hidepid=$level proc /proc &&
            setpriv --reuid 65534 --regid 65534 --clear-groups '$PROCFIND' -x sleep --arg $tag"
        [ -z "$output" ]
        [[ $stderr == 'procfind: warning: '* ]]
    done
}

# ---- signals and waiting

@test "live: --signal, and whom it was sent to" {
    start_sleep
    run -0 procfind --signal 0 -x sleep --arg "$tag"
    [ "$output" = "$pid" ]
    # the shell may tell of the end of its child on stderr
    run -0 --separate-stderr procfind --signal SIGUSR1 -x sleep --arg "$tag" -l
    [ "$output" = "$pid sleep" ]
    wait "$pid" || true
    run -1 procfind --signal TERM -x sleep --arg "$tag"
    # not one of two
    start_sleep
    start_sleep
    run -6 --separate-stderr procfind --signal TERM --one -x sleep --arg "$tag"
    [ -z "$output" ]
    [ "$(procfind -c -x sleep --arg "$tag")" = 2 ]
}

# Does process $1 hold $2 processes by descriptors?
holds() {
    (($(readlink /proc/"$1"/fd/* | grep -c pidfd) >= $2))
}

# strace holds procfind between the match and the opening of the process
@test "live: a number that was given anew gets no signal" {
    need_root
    type -P strace >/dev/null || skip "needs strace"
    run -0 --separate-stderr unshare -p -f --mount-proc bash -c '
        sleep "$2" & first=$!
        until [[ $(tr "\0" " " </proc/$first/cmdline) == sleep* ]]; do :; done
        strace -f -o "$3/log" -e trace=pidfd_open -e inject=pidfd_open:delay_enter=1000000 \
            "$1" --signal KILL -x sleep --arg "$2" >"$3/out" & tracer=$!
        until grep -q pidfd_open "$3/log" 2>/dev/null; do :; done
        kill -KILL $first; wait $first 2>/dev/null
        until [[ ${second-} == "$first" ]]; do
            echo $((first - 1)) >/proc/sys/kernel/ns_last_pid
            sleep "$2" & second=$!
            [[ $second == "$first" ]] || kill -KILL $second
        done
        wait $tracer; echo "status $?"
        kill -0 $second && echo alive
        kill -KILL $second' - "$PROCFIND" "$tag" "$BATS_TEST_TMPDIR"
    [ "$output" = $'status 1\nalive' ] || { echo "$output $stderr" && return 1; }
    [ ! -s "$BATS_TEST_TMPDIR/out" ]
}

@test "live: --wait exit tells how each ends" {
    start bash -c 'read -r <"$1"; exit 3' - <(sleep "$tag")
    until_true runs "$pid" 'bash -c read'
    local first=$pid
    start_sleep
    "$PROCFIND" --wait exit --timeout 60 -p "$first,$pid" >"$BATS_TEST_TMPDIR/out" 3>&- &
    local waiter=$!
    until_true holds "$waiter" 2
    kill -TERM "$pid"
    until_true grep -q "^$pid " "$BATS_TEST_TMPDIR/out"
    procfind --signal KILL -x sleep --arg "$tag" >/dev/null
    wait "$waiter"
    # before Linux 6.15 nobody but the parent is told
    grep -xE "$pid (SIGTERM|unknown)" "$BATS_TEST_TMPDIR/out"
    grep -xE "$first (3|unknown)" "$BATS_TEST_TMPDIR/out"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/out")" = 2 ]
    run -1 procfind --wait exit -x sleep --arg "$tag"
    [ -z "$output" ]
}

@test "live: --signal and --wait exit together, and no longer than --timeout" {
    start_sleep
    run -124 --separate-stderr procfind --wait exit --timeout 100ms -x sleep --arg "$tag"
    [[ -z $output && $stderr == 'procfind: timed out; still there: 1 of 1' ]]
    run -0 procfind --signal TERM --wait exit --timeout 60 -x sleep --arg "$tag" --json
    jq -e --argjson pid "$pid" '.pid == $pid and .status == null and (.signal == "SIGTERM" or .signal == null)' <<<"$output"
}

# waits OPTION...: for a sleep that comes later
waits() {
    (
        sleep 0.3
        exec sleep "$tag"
    ) 3>&- &
    started+=("$!")
    run -0 --separate-stderr "$@" --wait start --timeout 60 --verbose -x sleep --arg "$tag"
    echo "$output $stderr"
}

@test "live: --wait start" {
    run -124 --separate-stderr procfind --wait start --timeout 100ms -x sleep --arg "$tag"
    [ "$stderr" = 'procfind: timed out' ]
    waits procfind
    [ "$output" = "${started[-1]}" ]
    # it is there already
    run -0 procfind --wait start -x sleep --arg "$tag"
    [ "$output" = "${started[-1]}" ]
}

@test "live: --wait start where the kernel does not tell" {
    need_root
    run -0 --separate-stderr unshare -p -f --mount-proc bash -c "(sleep 0.3; exec sleep $tag) &
        '$PROCFIND' --wait start --timeout 60 --verbose -x sleep --arg $tag; echo \$!; kill \$!"
    [ "${lines[0]}" = "${lines[1]}" ]
    [[ $stderr == *'the kernel does not tell what starts and ends'* ]]
}

@test "live: --follow" {
    start_sleep
    local first=$pid
    "$PROCFIND" --follow --timeout 60 -x sleep --arg "$tag" >"$BATS_TEST_TMPDIR/out" 3>&- &
    local follower=$!
    started+=("$follower")
    until_true grep -qx "+$first" "$BATS_TEST_TMPDIR/out"
    start_sleep
    until_true grep -qx "+$pid" "$BATS_TEST_TMPDIR/out"
    kill -KILL "$first"
    until_true grep -qx -- "-$first" "$BATS_TEST_TMPDIR/out"
    kill -KILL "$pid"
    until_true grep -qx -- "-$pid" "$BATS_TEST_TMPDIR/out"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/out")" = 4 ]
    kill -TERM "$follower"
    local status_of_it=0
    wait "$follower" || status_of_it=$?
    [ "$status_of_it" = 143 ]
    run -124 procfind --follow --timeout 100ms -x sleep --arg "$tag"
    start_sleep
    run -124 --separate-stderr procfind --follow --timeout 100ms --json -x sleep --arg "$tag"
    [ "$output" = "{\"event\":\"start\",\"pid\":$pid}" ]
    run -3 eval 'procfind --follow --timeout 60 -x sleep --arg "$tag" >/dev/full'
}

# ---- handles, and little of everything

@test "live: --handle" {
    start_sleep
    run --separate-stderr procfind --handle -x sleep --arg "$tag"
    [ "$status" = 5 ] && skip "$stderr"
    [[ $output =~ ^$pid:[0-9]+$ ]]
    local handle=$output
    run -0 procfind -x sleep --arg "$tag" --raw -n -o handle
    [ "$output" = "$handle" ]
}

@test "live: few open files are enough" {
    start_sleep
    run -0 bash -c "ulimit -n 8; '$PROCFIND' -f 'sleep $tag'"
    [ "$output" = "$pid" ]
    run -0 bash -c "ulimit -n 8; '$PROCFIND' --all -c"
}

@test "live: beside processes that come and go by the hundred" {
    start_sleep
    local target=$pid round
    start bash -c 'while :; do for i in 1 2 3 4 5 6 7 8; do /bin/true & done; wait; sleep 0.016; done'
    for ((round = 0; round < 30; round++)); do
        run -0 --separate-stderr procfind -x sleep --arg "$tag"
        [ "$output" = "$target" ]
        [ -z "$stderr" ]
        run -0 --separate-stderr procfind -f "^sleep $tag\$" --raw -n -o pid,name
        [ "$output" = "$target sleep" ]
        [ -z "$stderr" ]
    done
    run -0 procfind --all --json
    jq -e '.processes | all(.name != null)' <<<"$output"
}
