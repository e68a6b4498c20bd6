#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# procfind over a fake system: options, what is wrong with them, and every form of the answer

setup() {
    load procfind
    make_tree
}

find() {
    procfind --root "$tree" "$@"
}

# finds NUMBERS OPTION...: exactly these, one to a line
finds() {
    local wanted=$1
    shift
    run --separate-stderr find "$@"
    [ "$output" = "${wanted// /$'\n'}" ] || { echo "$*: found: $output ($stderr)" && return 1; }
    [ -z "$stderr" ]
    [ "$status" = "$([ -n "$wanted" ] && echo 0 || echo 1)" ]
}

# ---- help

@test "procfind: help and version" {
    run -0 --separate-stderr procfind --help
    [ -z "$stderr" ]
    [[ ${lines[0]} == 'Usage: procfind [OPTION...] [PATTERN...]' ]]
    [[ $output == *$'\nColumns '*$'\nExit status: 0 '*$'\nSee procfind(1).' ]]
    [ -z "$(grep -E '.{81}' <<<"$output")" ]
    local page=$output name long short arg
    run -0 procfind -h
    [ "$output" = "$page" ]
    while IFS=$'\t' read -r name long short arg; do
        local names="      --$long"
        [ "$short" = - ] || names="  -$short, --$long"
        [ "$arg" = - ] || names+=" $arg"
        grep -qF -- "$names" <<<"$page" || { echo "no \"$names\"" && return 1; }
    done < <(options)
    run -0 procfind --version
    [[ $output == 'procfind (headroom) '* ]]
    run -0 procfind -V
}

# ---- criteria

@test "procfind: names, as expressions, text, whole, in either case" {
    finds '7 12' work
    finds '1 7 12' 'w.r+k.*' -x init
    finds '' -x work
    finds '1 7 12' -x 'init|worker'
    finds '1 7 12' init worker
    finds '13' -F ') R 1 ('
    finds '' -F 'w.rker'
    finds '7 12' -i WORKER
    finds '' WORKER
    finds '20' kthread
    finds '' gone
    finds '21' gone --state Z
}

@test "procfind: command lines and arguments" {
    finds '7 12' -f 'a b c'
    finds '7' --arg 'a b'
    finds '7' --arg c
    finds '12' --arg 'b c' --arg a
    finds '' --arg a --arg c
    finds '12' --cmdline "worker a 'b c'"
    finds '7' --cmdline 'worker "a b" c'
    finds '' --cmdline 'worker a b c'
    finds '' --cmdline 'worker a'
    finds '7 12' --exe /bin/worker
    finds '' --exe /bin/other
}

@test "procfind: parents, trees, users, states, ages, sizes, groups" {
    finds '12' -P 7
    finds '7 21' --parent 1 --state S,Z
    finds '7 12 13' --subtree 7
    finds '' --subtree 99
    finds '1 7' -p 7,1,99
    finds '7 12' -u root worker
    finds '' -u 1 worker
    finds '7 12' -U 0 -G 0 -g 0 worker
    finds '12 20' --state R,I
    finds '1 7' --older 90s
    finds '12 13 20' --newer 90
    finds '12' --rss '>10K' --rss '<=12K'
    finds '1 7' --rss '<10k' --swap '<=0'
    finds '7 12' --cgroup /a/worker
    finds '7 12' --cgroup '*/work*'
    finds '' --cgroup /a/work
    finds '1 7 12 13 20' --cgroup /a
    finds '20' --newest --all
    finds '7' --oldest worker
    finds '1 13 20' --invert worker
    finds '1 13 20' -v -f '^worker'
    finds '1 7 12 13 20' --all
}

@test "procfind: a pidfile" {
    echo 12 >"$tree/run.pid"
    finds '12' --pidfile /run.pid
    finds '' --pidfile /run.pid --locked
    finds '' --pidfile /none.pid
    echo 99 >"$tree/run.pid"
    finds '' --pidfile /run.pid
    exec 9<"$tree/run.pid"
    flock -x 9
    echo 7 >"$tree/run.pid"
    finds '7' --pidfile /run.pid --locked
}

# ---- what is wrong never means everything

@test "procfind: without a criterion" {
    local message='no criterion: name a PATTERN or an option that chooses; --all is every process'
    usage_error "$message"
    usage_error "$message" --newest
    usage_error "$message" --invert
    usage_error "$message" -l
    usage_error "$message" --one
    run -2 --separate-stderr procfind --signal TERM
    [[ $stderr == "procfind: $message"* && -z $output ]]
    run -6 --separate-stderr procfind --signal TERM --all
    [[ $stderr == 'procfind: --signal to every process is never what was meant;'* && -z $output ]]
    run -6 --separate-stderr procfind --signal TERM --invert nobody
    [[ $stderr == 'procfind: --signal to all but some '* && -z $output ]]
}

@test "procfind: empty patterns, lists and values" {
    usage_error 'empty operand; wanted [PATTERN...]' ''
    usage_error 'empty operand; wanted [PATTERN...]' -f ''
    usage_error 'empty operand; wanted [PATTERN...]' worker ''
    usage_error 'missing PATTERN for --full' -f --all
    usage_error '--euid: "": is an empty list' --euid ''
    usage_error '--euid: "root,": is a list with nothing between two commas' -u root,
    usage_error '--parent: "": is an empty list' -P ''
    usage_error '--terminal: "": is an empty list' -t ''
    usage_error '--state: "": is an empty list' --state ''
    usage_error '--cmdline: "": holds no word' --cmdline ''
    usage_error '--env: "": names no variable; wanted K or K=V' --env ''
    usage_error '--cgroup: cgroup "": is no path from the top, such as /a/b or */b' --cgroup ''
    usage_error '--container: container "": is neither an id nor a name' --container ''
    usage_error '--exe: is empty; wanted PATH' --exe ''
    usage_error '--pidfile: is empty; wanted FILE' --pidfile ''
    usage_error '--ns: "": wanted types and a process, such as net,pid:1' --ns ''
    usage_error '--older: is empty; wanted DURATION' --older ''
}

@test "procfind: bad numbers, expressions, users, namespaces" {
    local options
    for options in '-P abc' '-P -1' '-P 0' '-p 1x' '-p 99999999999' '--older abc' '--older -5' '--newer 1x' \
        '--subtree 0' '--subtree x' '-s -1' '--pgroup x' '--rss 1G' '--rss >x' '--swap >-1' '--pss >' '--state Q' \
        '-u nobody-of-that-name' '-G nobody-of-that-name' '-t no/such/tty' '--ns net:999999999' '--ns nat:1' \
        '--ns net' '--container no-such-container' '--signal NOPE x' '--wait never x' '--sort nope x' \
        '-o nope x' 'a( ' '-x a)|(b' '[a' '--locked x' '--timeout 5 x' '--signal -1 x'; do
        # shellcheck disable=SC2086 # its words
        run -2 --separate-stderr procfind $options
        [ -z "$output" ] || { echo "$options: $output" && return 1; }
        [[ $stderr == 'procfind: '* ]]
    done
}

@test "procfind: a pidfile without a number" {
    local text
    for text in '' abc 0 -5 '5 6' 99999999999; do
        echo "$text" >"$tree/run.pid"
        run -2 --separate-stderr find --pidfile /run.pid
        [ "${stderr%%$'\n'*}" = 'procfind: --pidfile: /run.pid: holds no process number in its first line' ]
        [ -z "$output" ]
    done
}

@test "procfind: options that exclude each other" {
    local options
    for options in '-c -l' '-c --json' '--handle -a' '--tree --json' '-l --raw' '-0 -d,' '-0 -c' '--newest --oldest' \
        '--follow --one' '--follow --signal TERM' '--follow -l' '--wait exit -l' '--wait start --signal TERM' \
        '--json --raw' '-o pid --output-all' '--pidfile /x --pid 1' '--wait start --pidfile /x' '--tree --sort pid'; do
        # shellcheck disable=SC2086
        run -2 --separate-stderr procfind worker $options
        [[ -z $output && $stderr == 'procfind: '* ]] || { echo "$options: $output $stderr" && return 1; }
    done
}

# ---- answers

@test "procfind: numbers, with other delimiters, counted, with names and lines" {
    run -0 find worker -d,
    [ "$output" = 7,12 ]
    run -0 find worker -d ''
    [ "$output" = 712 ]
    run -0 eval "find worker -0 | od -An -c | tr -s ' '"
    [ "$output" = ' 7 \0 1 2 \0' ]
    run -0 find worker -c
    [ "$output" = 2 ]
    run -1 find nothing -c
    [ "$output" = 0 ]
    run -0 find worker -l
    [ "$output" = $'7 worker\n12 worker' ]
    run -0 find worker -a
    [ "$output" = $'7 worker a b c\n12 worker a b c' ]
    run -0 find -a kthread
    [ "$output" = '20 [kthread]' ]
    run -0 find worker -l -d ' | '
    [ "$output" = '7 worker | 12 worker' ]
}

@test "procfind: control characters do not make lines" {
    fake 30 x 1 S $'x|a\nb\e[2J|'
    run -0 find -x x -a
    [ "$output" = '30 x a\x0ab\x1b[2J' ]
}

@test "procfind: --one" {
    run -6 --separate-stderr find worker --one
    [ -z "$output" ]
    [ "$stderr" = 'procfind: 2 processes match, not one: 7, 12; say more of the one that is meant' ]
    run -0 --separate-stderr find worker --one -P 7
    [[ $output == 12 && -z $stderr ]]
    run -1 --separate-stderr find nothing --one
    [[ -z $output && -z $stderr ]]
    run -0 find worker --one --newest
    [ "$output" = 12 ]
}

@test "procfind: JSON" {
    find --json worker | jq -e '
        (.processes | length) == 2 and (.processes[0] | keys_unsorted) == ["pid", "ppid", "user", "uid", "group",
            "state", "elapsed", "rss", "swap", "tty", "session", "pgroup", "threads", "kthread", "cgroup", "container",
            "runtime", "exe", "deleted", "script", "name", "cmdline"] and
        .processes[0] == {pid: 7, ppid: 1, user: "root", uid: 0, group: "0", state: "S", elapsed: 93, rss: 7168,
            swap: 0, tty: null, session: 1, pgroup: 1, threads: 1, kthread: false, cgroup: "/a/worker", container: null,
            runtime: null, exe: "/bin/worker", deleted: false, script: null, name: "worker",
            cmdline: ["worker", "a b", "c"]} and
        .processes[1].exe == "/bin/worker" and .processes[1].deleted == true'
    find --json -p 13,20 | jq -e '[.processes[].cmdline] == [["odd", ""], []] and .processes[0].name == "odd) R 1 (name"'
    run -1 find --json nothing
    [ "$output" = '{"processes":[]}' ]
    find -J -o pid,elapsed worker | jq -e '.processes == [{pid: 7, elapsed: 93}, {pid: 12, elapsed: 88}]'
}

@test "procfind: tables" {
    run -0 find worker -o pid,ppid,elapsed,rss,cmdline
    [ "$output" = $'PID PPID ELAPSED RSS CMDLINE\n  7    1   1m33s  7K worker a b c\n 12    7   1m28s 12K worker a b c' ]
    run -0 find worker --raw -n -o pid,elapsed,rss,cmdline,tty
    [ "$output" = $'7 93 7168 worker\\x20a\\x20b\\x20c -\n12 88 12288 worker\\x20a\\x20b\\x20c -' ]
    run -0 find worker -b -o rss
    [ "$output" = $'  RSS\n 7168\n12288' ]
    run -0 find worker --raw
    [ "${lines[0]}" = 'PID USER STATE ELAPSED RSS NAME CMDLINE' ]
    run -0 find worker --raw --output-all
    [[ ${lines[0]} == *' PSS '* ]]
    run -1 find nothing -o pid
    [ -z "$output" ]
}

@test "procfind: --sort, in every form of the answer" {
    run -0 find worker --sort -rss
    [ "$output" = $'12\n7' ]
    run -0 find worker --sort -rss --raw -n -o name,pid
    [ "$output" = $'worker 12\nworker 7' ]
    run -0 find worker --sort state -l
    [ "$output" = $'12 worker\n7 worker' ]
    run -0 find --all --sort tty,-pid -d ' '
    [ "$output" = '20 13 12 7 1' ]
}

@test "procfind: --tree" {
    run -0 find --all --tree
    [ "$output" = $'1 /sbin/init\n`- 7 worker a b c\n   `- 12 worker a b c\n      `- 13 odd \n20 [kthread]' ]
    # over one that does not match
    run -0 find 'init|odd' --tree
    [ "$output" = $'1 /sbin/init\n`- 13 odd ' ]
    fake 8 worker 1 S 'w8|'
    run -0 find 'init|worker' --tree
    [ "$output" = $'1 /sbin/init\n|- 7 worker a b c\n|  `- 12 worker a b c\n`- 8 w8' ]
}

@test "procfind: what could not be seen" {
    rm -r "$tree/proc/1"
    run -4 --separate-stderr find nothing
    [[ -z $output && $stderr == 'procfind: warning: /proc: does not show the processes of others (hidepid); '* ]]
    run -0 --separate-stderr find worker
    [[ $output == $'7\n12' && $stderr == 'procfind: warning: /proc: '* ]]
    run -4 --separate-stderr find nothing -c
    [ "$output" = 0 ]
}

@test "procfind: another system's processes are not for acting on" {
    run -5 --separate-stderr find worker --signal TERM
    [[ -z $output && $stderr == 'procfind: /proc: is not that of '* ]]
    run -5 find worker --handle
    run -5 find worker --wait exit
}

@test "procfind: no /proc" {
    run -5 --separate-stderr procfind --root "$tree/etc" x
    [[ -z $output && $stderr == *'/proc: is not there; mount it' ]]
    run -3 procfind --root /nonexistent x
}

@test "procfind: nobody takes the output" {
    local form
    for form in -l -a -c --json --raw --tree '-o pid' -0; do
        run -3 --separate-stderr eval "find worker $form >/dev/full"
        [ "$stderr" = 'procfind: standard output: cannot write: No space left on device' ]
    done
    run -3 eval 'find worker >&-'
    run -1 eval 'find nothing >&-'
}

@test "procfind: every example of the page is one that it understands" {
    local line words bad=0 n=0
    while read -r line; do
        eval "words=($line)"
        [[ $line != *--timeout* ]] || words+=(--timeout 10ms)
        run --separate-stderr find "${words[@]:1}"
        n=$((n + 1))
        # 2 is usage; the others tell of the tree, in which nothing of that runs
        if [ "$status" = 2 ] || { [ "$status" -gt 6 ] && [ "$status" != 124 ]; }; then
            echo "\"$line\": exit status $status: $stderr"
            bad=1
        fi
    done < <(awk '/^\.Sh /{ on = ($2 == "EXAMPLES") } on && /^[#$] procfind /{ sub(/^[#$] /, ""); print }' "$REPO/man/procfind.1")
    [ "$n" -ge 10 ]
    [ "$bad" = 0 ]
}
