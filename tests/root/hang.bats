#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# memwatch guard beside a file system that answers nothing, as that of a dead server: FUSE without anybody behind it. What its
# configuration and its rules name is moved there by a symbolic link. And beside a disk that takes nothing: one that is frozen.

# shellcheck disable=SC2154 # variables of the helpers and of bats
load helpers

MEMWATCH=${SWAPCTL%/*/*}/memwatch/memwatch

setup() {
    bats_require_minimum_version 1.5.0
    D=$BATS_TEST_TMPDIR
    DEAD=$HR_DIR/mnt/dead$BATS_TEST_NUMBER LOG=$D/log CONF=$D/conf
    pid='' FUSE='' PIDS=() FROZEN=''
}

dead_server() {
    [ -c /dev/fuse ] || skip "no FUSE"
    mkdir -p "$DEAD"
    { exec {FUSE}<>/dev/fuse; } 2>/dev/null || skip "no FUSE"
    mount -i -t fuse -o "fd=$FUSE,rootmode=40000,user_id=0,group_id=0" dead "$DEAD" || skip "no FUSE"
}

teardown() {
    local one
    for one in $pid "${PIDS[@]}"; do
        kill -KILL "$one" 2>/dev/null || true
    done
    [ -z "$FROZEN" ] || fsfreeze --unfreeze "$FROZEN"
    # without its other end everybody who waits gets an error
    [ -z "$FUSE" ] || exec {FUSE}>&-
    umount -l "$DEAD" 2>/dev/null || true
    local left=
    LOOPED=
    take_down_test
    rm -rf "${HR_DIR:?}"/tmp/* "${HR_DIR:?}"/mnt/*
    [ -z "$left" ] || fail "left behind: $left"
}

until_true() {
    local i
    for ((i = 0; i < 3000; i++)); do
        "$@" && return
        [ -z "$pid" ] || kill -0 "$pid" || break
        sleep 0.02
    done
    echo "never: $*"
    cat "$LOG" "$D/stderr"
    return 1
}

logged() {
    [ -e "$LOG" ] && (($(grep -cE -e "$1" "$LOG") >= ${2:-1}))
}

begin() {
    "$MEMWATCH" guard -i 100ms --log "$LOG" "$@" 2>"$D/stderr" 3>&- {FUSE}>&- &
    pid=$!
    until_true logged ': started'
}

# The link $1 leads to what answers nothing from here on.
dies() {
    ln -s "$DEAD/x" "$1.new"
    mv -T "$1.new" "$1"
}

# It samples and acts all the same: a rule fires that did not before.
acts_on() { # [PATTERN]
    local n
    n=$(grep -c -e "${1:-: warning}" "$LOG")
    # one of them may have been under way
    until_true logged "${1:-: warning}" $((n + 2))
}

ends() {
    local status=0
    kill "$pid"
    wait "$pid" || status=$?
    pid=
    [ "$status" -eq 143 ]
}

@test "who reads a configuration on a dead server can be ended" {
    dead_server
    # 137: it had to be killed
    run -124 timeout --kill-after 60 1 "$MEMWATCH" guard -c "$DEAD/conf" {FUSE}>&-
}

@test "a configuration that is on a dead server when it is read anew keeps nobody from watching" {
    dead_server
    echo 'ram>0%: warn cooldown 100ms' >"$CONF.real"
    ln -s "$CONF.real" "$CONF"
    begin -c "$CONF"
    dies "$CONF"
    kill -HUP "$pid"
    acts_on
    acts_on
    run ! logged 'reloaded'
    ends
}

@test "a rule that names what is on a dead server is not taken over" {
    dead_server
    echo 'ram>0%: warn cooldown 100ms' >"$CONF"
    begin -c "$CONF"
    echo "ram>99%: kill --exe $DEAD/x" >>"$CONF"
    kill -HUP "$pid"
    acts_on
    run ! logged 'reloaded'
    # somebody has ended the connection: that is an answer
    exec {FUSE}>&-
    FUSE=
    until_true logged ': reloaded: 2 rules'
    acts_on
    ends
}

# Of the guard; zombies count.
children() {
    ps -o pid= --ppid "$pid" | wc -l
}

has_children() {
    [ "$(children)" -eq "$1" ]
}

@test "an executable, a script and a pidfile whose server dies" {
    dead_server
    local name=hrhang$$ first before
    cp "$(type -P sleep)" "$D/$name"
    ln -s "$D/$name" "$D/program"
    "$D/$name" 987 3>&- {FUSE}>&- &
    first=$!
    PIDS+=("$first")
    printf 'while :; do read -rt 987 <>%s; done\n' "$D/fifo" >"$D/script.real"
    mkfifo "$D/fifo"
    ln -s "$D/script.real" "$D/script"
    bash "$D/script" 3>&- {FUSE}>&- &
    PIDS+=("$!")
    echo "$first" >"$D/pidfile.real"
    ln -s "$D/pidfile.real" "$D/pidfile"
    begin -r "ram>0%: signal CONT --exe $D/program cooldown 100ms" -r "ram>0%: signal CONT --script $D/script cooldown 100ms" \
        -r "ram>0%: signal CONT --pidfile $D/pidfile cooldown 100ms"
    until_true logged "sent SIGCONT to $first $name; rule.* --pidfile"
    before=$(children)
    dies "$D/program"
    dies "$D/script"
    dies "$D/pidfile"
    until_true logged "failed: .*$D/pidfile: what it lies on does not answer" 3
    # one hangs there, for all of these times
    [ "$(children)" -eq $((before + 1)) ]
    acts_on "sent SIGCONT to $first $name; rule.* --exe"
    acts_on "sent SIGCONT to ${PIDS[1]} bash; rule.* --script"
    # the connection is ended, and that is an answer
    exec {FUSE}>&-
    FUSE=
    until_true logged "failed: .*$D/pidfile: cannot open"
    until_true has_children "$before"
    ends
}

closed() {
    ! readlink /proc/[0-9]*/fd/* 2>/dev/null | grep -qxF -e "$LOG"
}

@test "a log on a disk that takes nothing keeps nobody from acting, and has every line afterwards" {
    exec {FUSE}</dev/null # as begin wants one to close
    need fsfreeze
    fresh_fs ext4 32M
    LOG=$M/log
    begin -r "ram>0%: warn, exec touch $D/touched cooldown 100ms"
    until_true test -e "$D/touched"
    fsfreeze --freeze "$M"
    FROZEN=$M
    local i
    for i in 1 2 3 4; do
        [ $i != 3 ] || kill -HUP "$pid"
        rm "$D/touched"
        until_true test -e "$D/touched"
    done
    fsfreeze --unfreeze "$M"
    FROZEN=
    until_true logged ': reloaded: 1 rule'
    until_true logged 'touch.* done' 6
    [ "$(grep -c fired "$LOG")" -ge 6 ]
    ends
    until_true logged ': ended: by a signal'
    run ! logged lost
    begin -r 'ram>0%: warn cooldown 100ms'
    fsfreeze --freeze "$M"
    FROZEN=$M
    ends
    fsfreeze --unfreeze "$M"
    FROZEN=
    until_true logged ': ended: by a signal' 2
    until_true closed
}

@test "a log that is to be made on a disk that takes nothing keeps nobody from acting" {
    exec {FUSE}</dev/null
    need fsfreeze
    fresh_fs ext4 32M
    LOG=$M/log
    begin -r "ram>0%: exec touch $D/touched cooldown 100ms"
    mv "$LOG" "$LOG.1"
    fsfreeze --freeze "$M"
    FROZEN=$M
    kill -HUP "$pid"
    local i
    for i in 1 2 3 4; do
        rm -f "$D/touched"
        until_true test -e "$D/touched"
    done
    fsfreeze --unfreeze "$M"
    FROZEN=
    until_true logged ': reloaded: 1 rule'
    ends
    until_true logged ': ended: by a signal'
    until_true closed
}

@test "a command that hangs in the kernel keeps its rule from nothing else" {
    exec {FUSE}</dev/null
    need fsfreeze
    fresh_fs ext4 32M
    fsfreeze --freeze "$M"
    FROZEN=$M
    begin -r "ram>0%: exec touch $M/file timeout 100ms, exec touch $D/touched"
    until_true test -e "$D/touched"
    until_true logged 'failed: .*touch took longer than 0.1 s and was ended by SIGKILL'
    # that one, and who writes the log
    until_true has_children 2
    fsfreeze --unfreeze "$M"
    FROZEN=
    until_true has_children 1
    ends
}

full() {
    local size
    size=$(stat -c %s "$LOG")
    sleep 0.5
    [ "$size" = "$(stat -c %s "$LOG")" ]
}

@test "lines for which the disk has no room are counted, and told of when there is some" {
    exec {FUSE}</dev/null
    fresh_fs ext4 32M
    LOG=$M/log
    begin -r 'ram>0%: warn cooldown 100ms'
    cat /dev/zero >"$M/zero" 2>/dev/null || true
    # the last block of the log takes some more
    until_true full
    rm "$M/zero"
    until_true logged ': lost: [0-9]+ lines? could not be written'
    acts_on
    ends
}
