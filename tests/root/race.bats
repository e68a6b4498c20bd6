#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Others are at work at the same time: a program that exchanges the file for another one in a tight loop, programs that write
# fstab and know nothing of our lock, and more of our own.
#
# A race is tried often; where strace is there, a call is also delayed until the other one has surely been faster.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers
load inject

# ---- the file is exchanged ----------------------------------------------------------------------------------------

# Exchanges two names again and again, as fast as it can or with a pause, until it is killed.
exchange() { # NAME NAME [SECONDS]
    # shellcheck disable=SC2016 # perl's own variables
    exec perl -e '
        my ($a, $b, $pause) = @ARGV;
        my %renameat2 = (x86_64 => 316, aarch64 => 276);
        my $nr = $renameat2{(split " ", qx(uname -m))[0]} // exit 9;
        while (1) {
            syscall $nr, -100, $a, -100, $b, 2;
            select undef, undef, undef, $pause if $pause;
        }' "$@"
}

# Of somebody else, as large as the area. Held open, because its name is never where it was just found.
make_precious() {
    head -c "$MiB" /dev/urandom >"$D/precious"
    chmod 0644 "$D/precious"
    PRECIOUS=$(stat -c '%i' "$D/precious")
    CONTENT=$(sha256sum <"$D/precious")
    exec {HELD}<"$D/precious"
}

precious_is_safe() {
    [ "$(stat -L -c '%a %u %s %h' "/proc/self/fd/$HELD")" = "644 0 $MiB 1" ] || fail "$(stat -L "/proc/self/fd/$HELD")"
    [ "$(sha256sum <"/proc/self/fd/$HELD")" = "$CONTENT" ] || fail "it was written to"
}

not_active() { # while names are exchanged; the racer cannot exchange an active one
    local name
    read_swaps
    for name in "${SWAP_NAMES[@]}"; do
        [ ! -e "$name" ] || [ "$(stat -L -c %i -- "$name")" != "$PRECIOUS" ] || fail "it is active"
    done
}

# An inactive area under the one of the two names that is not there any more; without both nothing is exchanged.
both_names() { # NAME NAME
    local name
    for name; do
        swapoff "$name" 2>/dev/null || :
    done
    for name; do
        if [ ! -e "$name" ] && [ ! -L "$name" ]; then
            make_swap "$D/new" 1M
            mv -n "$D/new" "$name"
        fi
    done
    rm -f "$D/new" "$D"/.*.headroom
}

# Every command that takes PATH, again and again. What it says is its own matter; none may touch the other file.
commands_against() { # ROUNDS OTHER-NAME
    local i command args seen=0
    local -a commands=(
        "ensure --size 1M"
        "off"
        "remove"
        "ensure --size 1M --label other"
        "resize --size 2M"
        "remove"
        "create --size 1M --force"
        "on"
        "off --force"
        "ensure --size 2M --resize --label third"
    )
    for ((i = 0; i < $1; i++)); do
        for command in "${commands[@]}"; do
            both_names "$D/swap" "$2"
            read -ra args <<<"$command"
            try "${args[0]}" "$D/swap" "${args[@]:1}"
            [[ $status == [0356] ]] || fail "$command: exit status $status: $stderr"
            [[ $stderr != *exchanged* ]] || seen=$((seen + 1))
            not_active
        done
        precious_is_safe
    done
    echo "# $((i * ${#commands[@]})) runs, $seen of them noticed an exchange" >&3
}

@test "race: another file is exchanged for PATH all the time, 200 runs: never written to, swapped to or deleted" {
    need perl
    on_fs ext4
    make_precious
    spawn exchange "$D/swap" "$D/precious" 0.0001
    commands_against 20 "$D/precious"
}

@test "race: a link to another file is exchanged for PATH all the time, 200 runs: never followed" {
    need perl
    on_fs ext4
    make_precious
    ln -s precious "$D/link"
    spawn exchange "$D/swap" "$D/link" 0.0001
    commands_against 20 "$D/link"
}

@test "race: a folder on the way is exchanged for a symbolic link all the time" {
    need perl
    on_fs ext4
    make_precious
    mkdir "$D/a" "$D/b"
    mv "$D/precious" "$D/b/swap"
    ln -s b "$D/link"
    spawn exchange "$D/a" "$D/link"
    D=$D/a commands_in_folder
    precious_is_safe
}
commands_in_folder() {
    local i
    for ((i = 0; i < 60; i++)); do
        try ensure "$D/swap" --size 1M
        try remove "$D/swap"
    done
}

# The call is entered late; meanwhile the other program has been at work.
delayed() { # CALL:WHEN ARG...
    local call=$1
    shift
    ARGS=("$@")
    NS=$$
    traced -e trace="${call%:*}" -e inject="${call%:*}:delay_enter=300000:when=${call#*:}"
}

exchanged_before() { # CALL:WHEN ARG...
    local racer
    make_precious
    # exchanges once, when swapctl waits in the call; the trace shows it at once
    : >"$HR_DIR/tmp/trace"
    # shellcheck disable=SC2016 # for the inner shell
    spawn bash -c 'sleep 0.15; mv "$0/swap" "$0/old"; mv "$0/precious" "$0/swap"' "$D"
    racer=$BG
    delayed "$@"
    wait "$racer"
    [ "$status" -eq 3 ] || fail "exit status $status: $output $stderr"
    says "$D/swap: *exchanged*"
    [ "$(stat -c %i "$D/swap")" = "$PRECIOUS" ] || fail "it has lost its name: $(ls -lai "$D")"
    precious_is_safe
}

@test "race: exchanged right before it is deleted: told, and it has its name" {
    need_injection
    on_fs ext4
    make_swap "$D/swap" 1M
    exchanged_before renameat2:1 remove "$D/swap"
    only old swap
}

@test "race: exchanged right before it is replaced: told, and it has its name" {
    need_injection
    on_fs ext4
    head -c "$MiB" /dev/zero >"$D/swap"
    exchanged_before renameat2:1 ensure "$D/swap" --size 1M --force
    only old swap
}

# ---- others write fstab -------------------------------------------------------------------------------------------

# Adds numbered lines to fstab as editors and tools do: the new text in a second file, which is renamed over it.
rename_writer() { # FSTAB
    local i
    for ((i = 1; i <= 300; i++)); do
        { cat "$1" && echo "# line $i"; } >"$1.theirs" && mv "$1.theirs" "$1"
    done
    : >"$1.done"
}

# Writes into the file itself, under its lock, as programs that know flock(1).
lock_writer() { # FSTAB
    local i
    for ((i = 1; i <= 300; i++)); do
        # shellcheck disable=SC2016 # for the inner shell
        flock "$1" sh -c 'echo "# line $1" >>"$0"' "$1" "$i"
    done
    : >"$1.done"
}

# swapctl declares and undeclares meanwhile; it may say that somebody else was faster, but no line of theirs may be lost.
against_writer() { # WRITER
    local i gave_up=0 runs=0
    fake_etc ext4
    tail -c 1 "$D/etc/fstab" | grep -q '^$' || echo >>"$D/etc/fstab"
    spawn "$1" "$D/etc/fstab"
    until [ -e "$D/etc/fstab.done" ]; do
        for args in "ensure $D/swap --size 1M --persist fstab" "remove $D/swap"; do
            # shellcheck disable=SC2086 # words
            try $args
            runs=$((runs + 1))
            [ "$status" -eq 0 ] || gave_up=$((gave_up + 1))
            [ "$status" -eq 0 ] || [[ $status == 3 && $stderr == *fstab* ]] || fail "exit status $status: $stderr"
        done
    done
    wait "$BG" || :
    for ((i = 1; i <= 300; i++)); do
        grep -qx "# line $i" "$D/etc/fstab" || fail "line $i is lost" "$(cat "$D/etc/fstab")"
    done
    ctl 0 ensure "$D/swap" --size 1M --persist fstab
    [ "$(grep -c "^$D/swap none swap" "$D/etc/fstab")" -eq 1 ] || fail "$(cat "$D/etc/fstab")"
    grep -q '^this is no line' "$D/etc/fstab"
    echo "# $runs runs, $gave_up of them gave up" >&3
}

@test "race: another program renames its fstab over ours: no line of its 300 is lost" { against_writer rename_writer; }
@test "race: another program writes into fstab under its lock: no line of its 300 is lost" { against_writer lock_writer; }

# fstab changes while swapctl is about to exchange it.
changed_before_exchange() { # COMMAND of bash, with $0 as /etc
    need_injection
    fake_etc ext4
    ARGS=(ensure "$D/swap" --size 1M --persist fstab)
    spawn bash -c "sleep 0.15; $1" "$D/etc"
    local racer=$BG
    traced -e trace=renameat2 -e inject=renameat2:delay_enter=300000:when=1
    wait "$racer"
    [ "$status" -eq 3 ] || fail "exit status $status: $output $stderr"
    says 'fstab: somebody else changed it meanwhile'
    { cat "$D/fstab.before"; echo "# theirs"; } | cmp - "$D/etc/fstab" || fail "$(cat "$D/etc/fstab")"
    [ ! -e "$D/swap" ] || fail "the area was not undone"
    [ -z "$(find "$D/etc" -name '.*')" ] || fail "$(ls -la "$D/etc")"
    ctl 0 "${ARGS[@]}"
}

# shellcheck disable=SC2016 # for the inner shell
@test "race: fstab is renamed over right before we exchange it: told, undone, and their line stays" {
    changed_before_exchange '{ cat $0/fstab; echo "# theirs"; } >$0/theirs; chmod 640 $0/theirs; mv $0/theirs $0/fstab'
}
# shellcheck disable=SC2016 # for the inner shell
@test "race: fstab is written to right before we exchange it: told, undone, and their line stays" {
    changed_before_exchange 'echo "# theirs" >>$0/fstab'
}

# ---- our own ------------------------------------------------------------------------------------------------------

@test "race: eight at once declare the same file: one changes, one line" {
    fake_etc ext4
    local i pids=()
    for i in 1 2 3 4 5 6 7 8; do
        "${CTL[@]}" ensure "$D/swap" --size 1M --persist fstab >"$HR_DIR/tmp/out.$i" 2>&1 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i" || fail "$(head "$HR_DIR"/tmp/out.*)"
    done
    [ "$(cat "$HR_DIR"/tmp/out.* | sort | uniq -c | sed 's/^ *//')" = "1 changed
7 unchanged" ] || fail "$(head "$HR_DIR"/tmp/out.*)"
    [ "$(grep -c "$D/swap" "$D/etc/fstab")" -eq 1 ]
}

@test "race: eight at once declare eight files and remove them: no line is lost, none is left" {
    fake_etc ext4
    local i pids=()
    for i in 1 2 3 4 5 6 7 8; do
        "${CTL[@]}" ensure "$D/$i" --size 1M --persist fstab >"$HR_DIR/tmp/out.$i" 2>&1 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i" || fail "$(head "$HR_DIR"/tmp/out.*)"
    done
    for i in 1 2 3 4 5 6 7 8; do
        [ "$(grep -c "^$D/$i none swap sw,nofail,x-headroom.size=$MiB 0 0\$" "$D/etc/fstab")" -eq 1 ] ||
            fail "$(cat "$D/etc/fstab")"
    done
    pids=()
    for i in 1 2 3 4 5 6 7 8; do
        "${CTL[@]}" remove "$D/$i" >"$HR_DIR/tmp/out.$i" 2>&1 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i" || fail "$(head "$HR_DIR"/tmp/out.*)"
    done
    { cat "$D/fstab.before" && echo; } | cmp - "$D/etc/fstab" || fail "$(cat "$D/etc/fstab")"
    only etc fstab.before sbin
}
