#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# memwatch guard on a machine in a folder, whose memory the tests fill and free

load memwatch

setup()
{
    make_tree
    log=$BATS_TEST_TMPDIR/log
    conf=$tree/etc/guard.conf # for the guard below --root
    pid=
}

teardown()
{
    if [[ -n $pid ]]; then
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    fi
}

# used PERCENT: of the RAM; written beside it and renamed, so that nobody reads half of it
used()
{
    local real=$tree
    tree=$BATS_TEST_TMPDIR/next
    mkdir -p "$tree/proc"
    meminfo $(((100 - $1) * 10000)) 900000
    # in place: the guard keeps the file open
    cat "$tree/proc/meminfo" >"$real/proc/meminfo"
    tree=$real
}

# until_true COMMAND...: tried again and again, as long as the guard runs
until_true()
{
    local i
    for ((i = 0; i < 3000; i++)); do
        "$@" && return
        [[ -z $pid ]] || kill -0 "$pid" || break
        sleep 0.02
    done
    "$@" && return
    echo "never: $*"
    cat "$log" "$BATS_TEST_TMPDIR/stderr"
    return 1
}

# begin WORDS...: in the background, its log in $log, and wait until it guards
begin()
{
    "$MEMWATCH" guard --root "$tree" -i 100ms --log "$log" "$@" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
    pid=$!
    until_true logged started
}

# logged PATTERN [TIMES]: at least so often
logged()
{
    [[ -e $log ]] && (($(grep -cE -e "$1" "$log") >= ${2:-1}))
}

# ended STATUS: it has
ended()
{
    local status=0
    wait "$pid" || status=$?
    pid=
    [[ $status == "$1" ]] || {
        echo "exit status $status"
        return 1
    }
}

# gone PID
gone()
{
    ! kill -0 "$1" 2>/dev/null
}

@test "--check says what the rules mean" {
    printf 'set settle 3s\n\nram>80%% for 90s: warn, exec page me then exec /bin/true timeout 5s cooldown 5m until ram<75%%\n' >"$conf"
    run -0 --separate-stderr memwatch guard --root "$tree" --check -r 'swap >= 50 and ram.available<500M: exec "my server" x' -c /etc/guard.conf
    [ "${lines[0]}" = '--rule: when swap is at least 50.0% and ram.available is below 500M: exec "my server" x; until that is no longer so' ]
    [[ ${lines[1]} == '/etc/guard.conf:3: when ram is above 80.0% for 1m30s: warn, exec page me; if that fails or does not help within 3s: exec /bin/true (for at most 5s); again every 5m; until ram is below 75.0%' ]]
    [ ${#lines[@]} -eq 2 ]
}

@test "--check warns of commands that are not there" {
    touch "$BATS_TEST_TMPDIR/plain"
    run -0 --separate-stderr memwatch guard --root "$tree" --check -r "ram>80%: exec true, exec /bin/sh -c x then exec no-such-program x" \
        -r "ram>80%: exec $BATS_TEST_TMPDIR/plain, exec $BATS_TEST_TMPDIR"
    [ "$stderr" = "memwatch: warning: --rule: exec no-such-program: there is no such program now
memwatch: warning: --rule: exec $BATS_TEST_TMPDIR/plain: there is no such program now
memwatch: warning: --rule: exec $BATS_TEST_TMPDIR: there is no such program now" ]
    run -0 env PATH=/nowhere "$MEMWATCH" guard --root "$tree" --check -r "ram>80%: exec true"
    [[ $output == *'exec true: there is no such program now'* ]]
}

@test "what is wrong is said with its place" {
    run -2 --separate-stderr memwatch guard --root "$tree"
    [[ $stderr == *'nothing to guard; give a rule'* ]]
    run -2 --separate-stderr memwatch guard --root "$tree" -r 'ram>80%: warm'
    [[ $stderr == *'--rule: character 10: warm: is no action; did you mean warn?'* ]]
    run -2 --separate-stderr memwatch guard --root "$tree" -r 'ram>80%: warn, kill --nosuch x'
    [[ $stderr == *'--rule: character 16: '*nosuch* ]]
    printf '# one\nram>80%%: warn\nset intervall 5s\n' >"$conf"
    run -2 --separate-stderr memwatch guard --root "$tree" -c /etc/guard.conf
    [[ $stderr == *'/etc/guard.conf:3: '*intervall*interval* ]]
    printf 'ram>80%%: warn\nram>8x: warn\n' >"$conf"
    run -2 --separate-stderr memwatch guard --root "$tree" -c /etc/guard.conf
    [[ $stderr == *'conf:2: character 5: "8x": not a number'* ]]
    printf 'set interval 5s\nram>80%%: warn\nset interval 6s\n' >"$conf"
    run -2 --separate-stderr memwatch guard --root "$tree" --check -c /etc/guard.conf
    [[ $stderr == 'memwatch: /etc/guard.conf:3: "interval" is set in line 1 already; remove one'* ]]
    printf 'set protect "-x a"\nram>80%%: warn\nset protect "-x b"\n' >"$conf"
    run -0 --separate-stderr memwatch guard --root "$tree" --check -c /etc/guard.conf
    printf '# nothing\n' >"$conf"
    run -2 --separate-stderr memwatch guard --root "$tree" -c /etc/guard.conf
    [[ $stderr == *'conf: holds no rule'* ]]
    run -3 --separate-stderr memwatch guard --root "$tree" -c /etc/none
    run -2 --separate-stderr memwatch guard --root "$tree" -r 'ram>80%: warn' -i 0
    [[ $stderr == *'--interval: must be more than 0'* ]]
    # also where nobody is to be killed yet
    run -2 --separate-stderr memwatch guard --root "$tree" --check -r 'ram>80%: warn' --protect 'a['
    [[ $stderr == 'memwatch: --protect: pattern "a["'* ]]
    run -2 --separate-stderr memwatch guard --root "$tree" --check -r 'ram>80%: warn' --protect ''
    printf 'ram>80%%: warn\nset protect "a["\n' >"$conf"
    run -2 --separate-stderr memwatch guard --root "$tree" --check -c /etc/guard.conf
    [[ $stderr == *'conf:2: --protect: pattern "a["'* ]]
}

# The lines of the page's EXAMPLES that call it, without the prompt
examples()
{
    sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/s/^[#$] \(memwatch guard .*\)/\1/p' "$REPO/man/memwatch.8"
}

@test "the manual's examples are understood" {
    local example n=0
    echo 'ram>80%: warn' >"$conf"
    while read -r example; do
        # on the machine that runs, for another cannot be acted upon; --check does nothing
        eval "words=(${example//\/etc\/headroom\/guard.conf/\"$conf\"})"
        run -0 "$MEMWATCH" guard --check "${words[@]:2}"
        [[ $output == *': when ram'* ]]
        n=$((n + 1))
    done < <(examples)
    [ "$n" -ge 4 ]
}

@test "fires once, and again when it was over" {
    used 50
    begin -r 'ram>80%: warn'
    used 90
    until_true logged ': fired: ram 90.0%; rule: ram>80%: warn'
    until_true logged ': warning: warn: done: ram 90.0%'
    grep -q '^memwatch: warning: warn: done: ram 90.0%' "$BATS_TEST_TMPDIR/stderr"
    used 50
    until_true logged ': over: ram 50.0%'
    used 85
    until_true logged ': fired: ram 85.0%'
    [ "$(grep -c ': fired' "$log")" -eq 2 ]
    kill "$pid"
    ended 143
    until_true logged ': ended: by a signal'
    [[ $(head -n 1 "$log") =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}\ memwatch\[[0-9]+\]:\  ]]
}

@test "until, cooldown and a duration" {
    used 90
    begin -r 'ram>80% for 300ms: warn cooldown 200ms until ram<40%' -r 'ram>80% for 1h: stop'
    until_true logged ': warning: warn: done: ram 90.0%' 2
    # below the one and above the other: it is not over
    used 60
    until_true logged ': warning: warn: done: ram 60.0%'
    run ! logged ': over'
    used 30
    until_true logged ': over: ram 30.0%'
    run ! logged ': fired.*stop'
}

@test "escalates at once when an action fails, and otherwise when it did not help" {
    used 90
    begin --settle 300ms -r 'ram>80%: exec false, warn then exec true then stop'
    ended 6
    run -0 sed 's/^[^ ]* [^ ]* //' "$log"
    run -0 grep -vE '^(note|started)' <<<"$output"
    [[ ${lines[0]} == 'fired: step 1'* ]]
    [[ ${lines[1]} == 'action: step 1: exec false: failed'* ]]
    [[ ${lines[2]} == 'escalated: step 2'* ]]
    [[ ${lines[3]} == 'action: step 2: exec true: done'* ]]
    [[ ${lines[4]} == 'escalated: step 3'* ]]
    [[ ${lines[5]} == 'action: step 3: stop: done'*'ends the guard'* ]]
    [[ ${lines[6]} == 'ended: by a rule' ]]
    [ ${#lines[@]} -eq 7 ]
}

@test "the last step is done as far as it can be" {
    used 90
    begin -r 'ram>80%: exec false, exec true, stop'
    ended 6
    until_true logged 'action: exec false: failed'
    until_true logged 'action: exec true: done'
}

@test "a command knows why it was run" {
    used 90
    # as the tests may be told by such variables, too
    unset "${!HEADROOM_@}"
    begin -r "ram>80% and swap>5%: exec sh -c 'env | grep ^HEADROOM_ >$BATS_TEST_TMPDIR/env', stop"
    ended 6
    run -0 sort "$BATS_TEST_TMPDIR/env"
    [ "${lines[0]}" = HEADROOM_METRIC=ram ]
    [[ ${lines[1]} == 'HEADROOM_RULE=ram>80% and swap>5%: exec sh -c '* ]]
    [ "${lines[2]}" = HEADROOM_STEP=1 ]
    [ "${lines[3]}" = HEADROOM_VALUE=90.0% ]
    [ "${lines[4]}" = 'HEADROOM_VALUES=ram 90.0%, swap 10.0%' ]
}

@test "--dry-run: all but the acts" {
    used 90
    begin --dry-run -r "ram>80%: exec touch $BATS_TEST_TMPDIR/touched, stop"
    until_true logged ': action: stop: dry run: ram 90.0%: would end the guard'
    [ ! -e "$BATS_TEST_TMPDIR/touched" ]
    kill "$pid"
    ended 143
}

@test "SIGTERM ends what is under way" {
    used 90
    begin -r "ram>80%: exec sh -c 'echo \$\$ >$BATS_TEST_TMPDIR/child; exec sleep 987'"
    until_true test -s "$BATS_TEST_TMPDIR/child"
    kill "$pid"
    ended 143
    until_true gone "$(cat "$BATS_TEST_TMPDIR/child")"
}

@test "SIGHUP reads the configuration anew, and a rule that is still there stands as it stood" {
    used 90
    echo 'ram>80%: warn' >"$conf"
    begin -c /etc/guard.conf
    until_true logged ': fired: ram 90.0%; rule: ram>80%: warn'
    printf 'ram>80%%: warn\nram>70%%: warn\n' >"$conf"
    kill -HUP "$pid"
    until_true logged ': reloaded: 2 rules'
    until_true logged ': fired: ram 90.0%; rule: ram>70%: warn'
    # what is wrong changes nothing
    printf 'ram>80%%: warn\nram>60%%: warm\n' >"$conf"
    kill -HUP "$pid"
    until_true logged ': not reloaded: .*conf:2: character 10: warm'
    grep -q 'not reloaded' "$BATS_TEST_TMPDIR/stderr"
    used 10
    until_true logged ': over: ram 10.0%; rule: ram>80%: warn'
    until_true logged ': over: ram 10.0%; rule: ram>70%: warn'
    [ "$(grep -c ': fired: .*ram>80%' "$log")" -eq 1 ]
}

@test "a configuration that is no file is refused, and not waited for" {
    used 50
    mkfifo "$tree/etc/pipe"
    run -2 --separate-stderr timeout 60 "$MEMWATCH" guard --root "$tree" -c /etc/pipe
    [[ $stderr == *'/etc/pipe: is a pipe; wanted is a regular file'* ]]
    echo 'ram>80%: warn' >"$conf"
    begin -c /etc/guard.conf
    mv "$tree/etc/pipe" "$conf"
    kill -HUP "$pid"
    until_true logged ': not reloaded: /etc/guard.conf: is a pipe; wanted is a regular file'
    used 90
    until_true logged ': fired: ram 90.0%; rule: ram>80%: warn'
}

@test "a configuration may come from a descriptor that somebody has opened" {
    run -0 --separate-stderr timeout 60 "$MEMWATCH" guard --check -c /dev/stdin <<<'ram>80%: warn'
    [[ $output == '/dev/stdin:1: when ram is above 80.0%: warn'* ]]
    run -0 timeout 60 "$MEMWATCH" guard --check -c <(
        echo 'ram>80%: warn'
        sleep 0.1
        echo 'ram>90%: warn'
    )
    [ "${#lines[@]}" -eq 2 ]
    run -0 timeout 60 bash -c 'sleep 0.2 | "$1" guard --check -r "ram>80%: warn" -c /dev/stdin' - "$MEMWATCH"
    run -2 --separate-stderr timeout 60 "$MEMWATCH" guard --check -c /dev/stdin </dev/zero
    [[ $stderr == 'memwatch: /dev/stdin: is larger than 1 MiB'* ]]
    run -3 --separate-stderr timeout 60 "$MEMWATCH" guard --check -c /dev/fd/987
    [[ $stderr == 'memwatch: /dev/fd/987: cannot open: Bad file descriptor' ]]
    run -3 --separate-stderr timeout 60 "$MEMWATCH" guard --check -c /dev/stdin </
    [[ $stderr == 'memwatch: /dev/stdin: cannot be read: Is a directory' ]]
}

@test "an action that is under way survives a reload; that of a rule that is gone does not" {
    local dir=$BATS_TEST_TMPDIR
    used 90
    printf 'ram>80%%: exec sh -c "echo $$ >%s/a; until test -e %s/go; do sleep .02; done; echo went"\nram>70%%: exec sh -c "echo $$ >%s/b; exec sleep 987"\n' "$dir" "$dir" "$dir" >"$conf"
    begin -c /etc/guard.conf
    until_true test -s "$dir/a" -a -s "$dir/b"
    sed -i 2d "$conf"
    kill -HUP "$pid"
    until_true logged ': reloaded: 1 rule$'
    until_true gone "$(cat "$dir/b")"
    touch "$dir/go"
    until_true logged ': done: .*it printed: went'
}

@test "the log is opened anew, so that it can be rotated" {
    used 50
    begin -r 'ram>80%: warn'
    mv "$log" "$log.1"
    kill -HUP "$pid"
    until_true logged ': reloaded: 1 rule'
    [ "$(stat -c %a "$log")" = 640 ]
}

@test "--log-format json: an object for each event" {
    used 90
    begin --log-format json -r 'ram>80%: exec echo "a \"b\"" then stop' --settle 100ms
    ended 6
    run -0 jq -rs 'map(select(.event != "note"))[] | [.event, .metric, .value, .unit, .step, .action, .result, .output] | tojson' "$log"
    [ "${lines[0]}" = '["started",null,null,null,null,null,null,null]' ]
    [ "${lines[1]}" = '["fired","ram",90,"%",1,null,null,null]' ]
    [ "${lines[2]}" = '["action","ram",90,"%",1,"exec echo \"a \\\"b\\\"\"","done","a \"b\"\n"]' ]
    [ "${lines[3]}" = '["escalated","ram",90,"%",2,null,null,null]' ]
    [ "${lines[4]}" = '["action","ram",90,"%",2,"stop","done",null]' ]
    run -0 jq -es 'all(.time | sub("\\.[0-9]+";"") | fromdate > 0)' "$log"
    # a person is told all the same, and not in JSON
    rm "$log"
    begin --log-format json -r 'ram>80%: warn, stop'
    ended 6
    grep -q '^memwatch: warning: step 1: warn: done: ram 90.0%; rule: ram>80%: warn, stop$' "$BATS_TEST_TMPDIR/stderr"
    run ! grep '^{' "$BATS_TEST_TMPDIR/stderr"
}

@test "what cannot be read is said once, and when it is back" {
    used 50
    begin -r 'ram>80%: warn' -r 'cgroup:/nosuch.memory>1G: warn'
    until_true logged ': absent: cgroup:/nosuch.memory'
    sed 's/^MemTotal:.*/MemTotal: none kB/' "$tree/proc/meminfo" >"$tree/proc/next"
    cat "$tree/proc/next" >"$tree/proc/meminfo"
    until_true logged ': unknown: '
    used 90
    until_true logged ': known: ram 90.0%'
    until_true logged ': fired: ram 90.0%'
    [ "$(grep -c ': unknown: ' "$log")" -eq 1 ]
    [ "$(grep -c ': absent: ' "$log")" -eq 1 ]
}

@test "a disk is asked by somebody else" {
    used 50
    begin -r 'disk:/data>0.001%: warn'
    until_true logged ': fired: disk:/data '
}

@test "the command line wins over the file" {
    printf 'set log %s.other\nset interval 1h\nset protect init\nram>80%%: stop\n' "$log" >"$conf"
    used 50
    begin -c /etc/guard.conf
    [ ! -e "$log.other" ]
    used 90
    ended 6
}

@test "the service manager is told, and its watchdog fed" {
    command -v python3 >/dev/null || skip "no python3 to listen"
    used 50
    "$MEMWATCH" guard --help >/dev/null
    cat >"$BATS_TEST_TMPDIR/manager" <<'EOF'
import os, signal, socket, subprocess, sys
name = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(name)
s.settimeout(60)
p = subprocess.Popen(sys.argv[2:], env=dict(os.environ, NOTIFY_SOCKET=name, WATCHDOG_USEC="200000"))
seen = []
def wait(what):
    while not any(l.startswith(what) for l in seen):
        seen.extend(s.recv(4096).decode().split("\n"))
    seen.clear()
wait("STATUS=guards by 1 rule")
wait("READY=1")
wait("WATCHDOG=1")
wait("WATCHDOG=1")
p.send_signal(signal.SIGHUP)
wait("MONOTONIC_USEC=")
wait("READY=1")
p.terminate()
wait("STOPPING=1")
print(p.wait())
EOF
    run -0 --separate-stderr python3 "$BATS_TEST_TMPDIR/manager" "$BATS_TEST_TMPDIR/socket" "$MEMWATCH" guard --root "$tree" -r 'ram>80%: warn' --log "$log"
    [ "$output" = -15 ]
}

@test "a reader that does not read keeps nobody from acting" {
    used 90
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    sleep 987 <>"$BATS_TEST_TMPDIR/fifo" 3>&- &
    local reader=$!
    # so full that no line fits in
    timeout 1 cat /dev/zero >"$BATS_TEST_TMPDIR/fifo" || true
    run -6 timeout 60 "$MEMWATCH" guard --root "$tree" -i 100ms -r "ram>80%: exec touch $BATS_TEST_TMPDIR/touched, stop" 2>"$BATS_TEST_TMPDIR/fifo"
    kill "$reader"
    [ -e "$BATS_TEST_TMPDIR/touched" ]
}

@test "a log that takes nothing, and an action that hangs, stop neither the guard nor its watchdog" {
    command -v python3 >/dev/null || skip "no python3 to listen"
    used 90
    mkfifo "$log"
    cat >"$BATS_TEST_TMPDIR/manager" <<'EOF'
import os, re, signal, socket, subprocess, sys, time
name, log, touched = sys.argv[1:4]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(name)
fifo = os.open(log, os.O_RDWR | os.O_NONBLOCK)
try:
    while True:
        os.write(fifo, b"\n" * 4096)
except BlockingIOError:
    pass
p = subprocess.Popen(sys.argv[4:], env=dict(os.environ, NOTIFY_SOCKET=name, WATCHDOG_USEC="200000"))
def wait(what):
    s.settimeout(60)
    while not any(l == what for l in s.recv(4096).decode().split("\n")):
        pass
def forget():
    s.setblocking(False)
    try:
        while True:
            s.recv(4096)
    except BlockingIOError:
        pass
def until(fn):
    for i in range(3000):
        if fn():
            return
        time.sleep(.02)
    sys.exit("never")
wait("READY=1")
until(lambda: os.path.exists(touched))
forget()
wait("WATCHDOG=1")
wait("WATCHDOG=1")
# one that does not look does not feed it
p.send_signal(signal.SIGSTOP)
until(lambda: open("/proc/%d/stat" % p.pid).read().rsplit(")", 1)[1].split()[0] == "T")
forget()
s.settimeout(.5)
try:
    print("fed by", s.recv(4096))
except TimeoutError:
    pass
p.send_signal(signal.SIGCONT)
text = b""
def told():
    global text
    try:
        text += os.read(fifo, 65536)
    except BlockingIOError:
        pass
    return re.search(rb"lost: [0-9]+ lines could not be written", text)
until(told)
p.terminate()
print(p.wait())
EOF
    run -0 --separate-stderr python3 "$BATS_TEST_TMPDIR/manager" "$BATS_TEST_TMPDIR/socket" "$log" \
        "$BATS_TEST_TMPDIR/touched" "$MEMWATCH" guard --root "$tree" -i 100ms --log "$log" -r 'ram>80%: warn cooldown 100ms' \
        -r "ram>80%: exec touch $BATS_TEST_TMPDIR/touched, exec sleep 987 timeout 1h"
    [ "$output" = -15 ]
}

@test "beside a command: its status, and memory before and after" {
    used 50
    run -7 --separate-stderr "$MEMWATCH" guard --root "$tree" --log "$log" -r 'ram>80%: warn' -- sh -c 'echo out; exit 7'
    [ "$output" = out ]
    [[ $stderr == *'[Memory] Before: '*'[Memory] After: '* ]]
    until_true logged ': ended: with its command'
    run -2 --separate-stderr "$MEMWATCH" guard --root "$tree" -r 'ram>80%: warn' --memory-max 1G
    [[ $stderr == *'--memory-max: wants a command'* ]]
}

@test "beside a command: what ends the one ends the other" {
    used 50
    begin -r 'ram>80%: stop' -- sleep 987
    kill "$pid"
    ended 143
    : >"$log"
    begin -r 'ram>80%: stop' -- sleep 987
    used 90
    ended 6
}

@test "beside a command: what is ignored, as by nohup, it ignores as well" {
    used 50
    # shellcheck disable=SC2016 # for that shell
    run -0 --separate-stderr sh -c 'trap "" HUP && exec "$0" guard --root "$1" -r "ram>80%: warn" -- sh -c "kill -HUP \$PPID \$\$; echo lives"' \
        "$MEMWATCH" "$tree"
    [ "$output" = lives ]
}

@test "who does not read what it prints does not stop it" {
    local pipe=$BATS_TEST_TMPDIR/pipe
    mkfifo "$pipe"
    # far more than a pipe holds; what fails is printed, too
    printf '#!/bin/sh\nyes "" | head -c 60000\nexit 1\n' >"$BATS_TEST_TMPDIR/chatty"
    chmod +x "$BATS_TEST_TMPDIR/chatty"
    used 90
    "$MEMWATCH" guard --root "$tree" -i 100ms --log "$log" -r "ram>80%: exec $BATS_TEST_TMPDIR/chatty, stop" 2<>"$pipe" 3>&- &
    pid=$!
    until_true logged ': ended: by a rule'
    ended 6
}

@test "when who reads what it prints is gone, it goes on, and what it starts gets SIGPIPE as ever" {
    mkfifo "$BATS_TEST_TMPDIR/pipe"
    exec 8<>"$BATS_TEST_TMPDIR/pipe" 9>"$BATS_TEST_TMPDIR/pipe" 8>&-
    run -7 sh -c '"$0" guard --root "$1" -r "ram>80%: warn" -- sh -c "exit 7" 2>&9' "$MEMWATCH" "$tree"
    run -141 sh -c '"$0" guard --root "$1" -r "ram>80%: warn" -- sh -c "kill -PIPE \$\$" 2>&9' "$MEMWATCH" "$tree"
    used 90
    "$MEMWATCH" guard --root "$tree" -i 100ms --log "$log" -r "ram>80%: warn, exec sh -c 'kill -PIPE \$\$', stop" 2>&9 3>&- &
    pid=$!
    ended 6
    exec 9>&-
    until_true logged 'sh was ended by SIGPIPE'
}

@test "a log that is a pipe without a reader stops nothing either" {
    mkfifo "$log"
    run -3 --separate-stderr timeout 60 "$MEMWATCH" guard --root "$tree" --log "$log" -r 'ram>80%: warn'
    [[ $stderr == *"$log: cannot open the log: nobody reads from this pipe"* ]]
}

@test "what is logged is one line of UTF-8 without control characters" {
    used 90
    begin -r "ram>80%: exec printf 'a\\xffb\\xc2\\x9b31mc\\ndé', stop"
    ended 6
    until_true logged 'it printed: a\\xffb\\xc2\\x9b31mc\\x0adé$'
}

# zombies PID: how many of its children are dead and not buried
zombies()
{
    local stat n=0
    for stat in /proc/[0-9]*/stat; do
        [[ $(cat "$stat" 2>/dev/null) != *") Z $1 "* ]] || n=$((n + 1))
    done
    echo "$n"
}

@test "reloading leaves no dead children behind" {
    local i
    used 50
    echo 'disk:/data>99%: warn' >"$conf"
    begin -c /etc/guard.conf -r 'disk:/>99%: warn'
    for i in {1..10}; do
        kill -HUP "$pid"
        until_true logged ': reloaded: 2 rules' "$i"
    done
    # those that are under way may be dead this very moment
    [ "$(zombies "$pid")" -le 2 ]
}

@test "the driver of a GPU that hangs does not keep the command from running" {
    local call
    {
        echo '#include <unistd.h>'
        echo 'int nvmlInit_v2(void) { for (;;) pause(); }'
        for call in Shutdown DeviceGetCount_v2 DeviceGetHandleByIndex_v2 DeviceGetName DeviceGetMemoryInfo; do
            echo "int nvml$call(void) { return 0; }"
        done
    } >"$BATS_TEST_TMPDIR/nvml.c"
    cc -shared -fPIC -o "$BATS_TEST_TMPDIR/libnvidia-ml.so.1" "$BATS_TEST_TMPDIR/nvml.c" || skip "no compiler"
    LD_LIBRARY_PATH=$BATS_TEST_TMPDIR run -0 --separate-stderr timeout 120 "$MEMWATCH" guard -r 'ram>99.9%: warn' -- echo ran
    [ "$output" = ran ]
    [[ $stderr == *'[Memory] After: '* ]]
}
