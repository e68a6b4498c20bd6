# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# inject - every system call of a run of swapctl fails, or is the last one; and kills at random moments
#
# strace does it. A run without a fault tells which calls there are; then there is a run for each of them. What is judged
# is $D with the /etc in it (see fake_etc of helpers), whether $D/swap is active, and vm.swappiness.
#
# A case has a function case_NAME, which sets ARGS, the command line, and perhaps AGAIN, the one that finishes what was killed,
# and DONE, its exit status when all is done already; and arrange_NAME, which makes $D what it is before.
#
# shellcheck disable=SC2034,SC2154 # some are for the tests, some come from bats and the helpers

# HEADROOM_LONG=1: also at the calls that only look, which takes minutes
LONG=${HEADROOM_LONG:-0}

only_when_long() {
    [ "$LONG" != 0 ] || skip "only with HEADROOM_LONG=1, which takes minutes"
}

# ---- cases --------------------------------------------------------------------------------------------------------

readonly FIXED=11111111-2222-4333-8444-555555555555

inactive() { # SIZE [mkswap options]
    make_swap "$D/swap" "$@" -U "$FIXED"
}
active() { # SIZE [mkswap options]
    inactive "$@"
    inside swapon "$D/swap"
}
in_fstab() {
    printf '\n%s\n# end\n' "$D/swap none swap sw,x-headroom.size=$MiB 0 0" >>"$D/etc/fstab"
}

case_create() { ARGS=(create "$D/swap" --size 1M); }
arrange_create() { :; }
case_ensure() { ARGS=(ensure "$D/swap" --size 1M --priority 7); }
arrange_ensure() { :; }
case_fstab() { ARGS=(ensure "$D/swap" --size 1M --persist fstab); }
arrange_fstab() { :; }
case_unit() { ARGS=(ensure "$D/swap" --size 1M --persist unit); }
arrange_unit() { :; }
# after a kill nobody knows that it was active: resize leaves what is inactive so
case_grow() { ARGS=(resize "$D/swap" --size 2M) AGAIN=(ensure "$D/swap" --size 2M --resize); }
arrange_grow() { active 1M && in_fstab; }
case_shrink() { ARGS=(resize "$D/swap" --size 1M) AGAIN=(ensure "$D/swap" --size 1M --resize); }
arrange_shrink() { active 2M; }
case_label() { ARGS=(ensure "$D/swap" --size 1M --label new); }
arrange_label() { active 1M -L old; }
case_access() { ARGS=(ensure "$D/swap" --size 1M --label new); }
arrange_access() { inactive 1M -L old && chmod 0644 "$D/swap" && chown 1 "$D/swap"; }
case_zeros() { ARGS=(ensure "$D/swap" --size 1M --force); }
arrange_zeros() { head -c 65536 /dev/zero >"$D/swap"; }
case_off() { ARGS=(off "$D/swap"); }
arrange_off() { active 1M; }
case_on() { ARGS=(on "$D/swap"); }
arrange_on() { inactive 1M; }
case_remove_fstab() { ARGS=(remove "$D/swap"); }
arrange_remove_fstab() { active 1M && in_fstab; }
case_remove_unit() { ARGS=(remove "$D/swap"); }
arrange_remove_unit() { active 1M && ctl 0 ensure "$D/swap" --size 1M --persist unit; }
case_swappiness() { ARGS=(swappiness 61 --persist); }
arrange_swappiness() { echo 55 >/proc/sys/vm/swappiness; }
case_move() { ARGS=(ensure "$D/swap" --size 1M --label new --persist unit --swappiness 61); }
arrange_move() { active 1M && in_fstab && echo 55 >/proc/sys/vm/swappiness; }

case_apply() { ARGS=(apply); }
arrange_apply() { in_fstab; }
case_clean() { ARGS=(clean --dir "$D" --prefix swap --yes); }
arrange_clean() { active 1M && in_fstab; }
case_device() { new_device && ARGS=(create "$DEV" --device --label new); }
arrange_device() { dd if=/dev/zero of="$DEV" bs=64k count=1 conv=fsync status=none; }
# a device that is no area any more is refused
case_wipe() { new_device && ARGS=(remove "$DEV") DONE=6; }
arrange_wipe() { arrange_device && mkswap -q -U "$FIXED" "$DEV" && inside swapon "$DEV"; }

case_loop() { ARGS=(ensure "$D/swap" --size 1M --backing loop); }
arrange_loop() { :; }
case_unloop() { ARGS=(remove "$D/swap"); }
arrange_unloop() { inactive 1M && ctl 0 ensure "$D/swap" --size 1M --backing loop && in_fstab; }
case_to_loop() { ARGS=(ensure "$D/swap" --size 1M --backing loop --label new); }
arrange_to_loop() { active 1M -L old; }
case_from_loop() { ARGS=(ensure "$D/swap" --size 1M --backing file); }
arrange_from_loop() { inactive 1M && ctl 0 ensure "$D/swap" --size 1M --backing loop; }

# A block device of the test, into DEV; made once.
new_device() {
    truncate -s 1M "$HR_DIR/tmp/dev.img"
    DEV=$(losetup --find --show "$HR_DIR/tmp/dev.img")
}

# What was activated in the namespace has a name of that: the common teardown would not find it.
eval "common_$(declare -f teardown)"
teardown() {
    [ -z "${CASE-}" ] || clean_slate || :
    common_teardown
}

# A namespace of its own, and everything that a case needs; arrange again makes it so again.
begin() { # CASE
    CASE=$1
    DEV=
    LOOPED=1
    save_swappiness
    fake_etc ext4
    AGAIN=()
    DONE=0
    "case_$CASE"
    [ "${#AGAIN[@]}" -gt 0 ] || AGAIN=("${ARGS[@]}")
    arrange
}

arrange() {
    clean_slate
    "arrange_$CASE"
}

clean_slate() {
    swapoff "$D"/swap* ${DEV:+"$DEV"} 2>/dev/null || :
    drop_loops
    find "$D" -mindepth 1 -maxdepth 1 ! -name sbin ! -name etc ! -name fstab.before -exec rm -rf {} +
    find "$D/etc" -mindepth 1 \( -path '*/systemd/system/*' -o -path '*/sysctl.d/*' -o -name '.*' \) -delete
    cp -p "$D/fstab.before" "$D/etc/fstab"
}

# The loop devices over files in $D, deleted ones too, into the array LOOPS. The name of the file is that of another namespace.
find_loops() {
    local sys file
    LOOPS=()
    for sys in /sys/block/loop*; do
        { read -r file <"$sys/loop/backing_file"; } 2>/dev/null || continue
        [[ $file != */"${D##*/}"/* ]] || LOOPS+=("/dev/${sys##*/}")
    done
}

drop_loops() {
    local dev
    find_loops
    for dev in "${LOOPS[@]}"; do
        swapoff "$dev" 2>/dev/null || :
        losetup -d "$dev" 2>/dev/null || :
    done
    [ ! -f "$D/swap" ] || chattr -i -a "$D/swap"
}

# Each of them, active or not, and what protects the file.
loop_state() {
    local dev
    find_loops
    for dev in "${LOOPS[@]}"; do
        echo "loop $(is_active_anywhere "$dev" && echo active)"
    done
    [ ! -f "$D/swap" ] || echo "flags $(lsattr "$D/swap" | cut -d ' ' -f 1 | tr -d -c ia)"
}

is_active_anywhere() { # LOOP-DEVICE
    grep -q "^[^ ]*/${1##*/}[[:space:]]" /proc/swaps
}

# Everything that a failed run leaves as it was, into STATE: names, types, modes, owners, links, content, areas, swappiness,
# loop devices and the flag that protects the file below one.
state() {
    local name fields
    STATE=$(cd "$D" && find . -path ./sbin -prune -o -printf '%y %m %U:%G %n %s %p %l\n' -type f -exec sha256sum -- {} + |
        LC_ALL=C sort)
    while read -r name fields; do
        # another mount namespace: the name begins at the root of the file system
        [[ $name != */"${D##*/}"/* && $name != "$DEV" ]] || STATE+=$'\n'"area ${name##*/} ${fields//[$'\t' ]/ }"
    done </proc/swaps
    [[ $CASE != *loop ]] || STATE+=$'\n'$(loop_state)
    [ -z "$DEV" ] || STATE+=$'\n'"device $(head -c 65536 "$DEV" | sha256sum) $(blkid -p -s TYPE -s LABEL -o value "$DEV" || :)"
    STATE+=$'\n'"swappiness $(</proc/sys/vm/swappiness)"
}

# ---- faults -------------------------------------------------------------------------------------------------------

need_injection() {
    need strace
    strace -f --seccomp-bpf -qq -o /dev/null true 2>/dev/null || skip "strace cannot work here"
}

# Runs swapctl; sets status, output and stderr.
traced() { # STRACE-OPTION...
    status=0
    # bash tells of a child that was killed
    output=$({ inside strace -f -qq -o "$HR_DIR/tmp/trace" "$@" "$SWAPCTL" "${ARGS[@]}" 2>"$HR_DIR/stderr" </dev/null; } \
        2>/dev/null 3>&-) || status=$?
    stderr=$(<"$HR_DIR/stderr")
}

# Into CALLS "NAME WHEN TEXT" of each system call of the program itself, what the loader does and what cannot fail apart;
# WHEN counts those of that name.
list_calls() {
    traced
    [ "$status" -eq 0 ] || fail "without a fault: exit status $status: $stderr"
    mapfile -t CALLS < <(awk '
        { call = $2; sub(/\(.*/, "", call); n[call]++ }
        # cmd opens the root first
        /openat\(AT_FDCWD, "\/", / { begun = 1 }
        /exit_group/ { print call, 1, $0; exit }
        begun && call !~ /^(brk|mmap|munmap|mremap|mprotect|close|fcntl|get[pe]?u?id|rt_sig.*|poll|lseek|exit.*)$/ &&
            !/ write\([12],/ { print call, n[call], $0 }' "$HR_DIR/tmp/trace")
    [ "${#CALLS[@]}" -gt 10 ] || fail "no calls: $(cat "$HR_DIR/tmp/trace")"
}

# Those that change something, and the end.
CHANGING='^(fallocate|write|pwrite64|fsync|fdatasync|ftruncate|linkat|symlinkat|renameat2?|unlinkat|mkdirat|fchmod|fchown|fsetxattr|fremovexattr|swapon|swapoff|ioctl|exit_group) '
# Those that need space.
FILLING='^(fallocate|write|pwrite64|fsync|ftruncate|linkat|symlinkat|renameat2?|mkdirat|fsetxattr) '
CREATING='O_CREAT|O_TMPFILE'

is_changing() {
    [[ $1 =~ $CHANGING || $1 =~ $CREATING ]]
}
is_filling() {
    [[ $1 =~ $FILLING || $1 =~ $CREATING ]]
}
is_faulty() {
    [[ $1 != exit_group* ]] && { [ "$LONG" != 0 ] || is_changing "$1"; }
}
is_call() {
    :
}

# What is the same after every whole run: the UUID of a new file and so its content differ. A killed run may leave the text of
# a file of /etc beside it, and an empty folder.
goal_part() {
    grep -Ev '^[0-9a-f]{64}  \./swap|\./etc/.*\.headroom *$|/swap.target.wants *$' <<<"$STATE" |
        sed -E -e 's/^(d .*) [0-9]+ [0-9]+ (\.)/\1 \2/' -e 's/^device [0-9a-f]+/device/' | LC_ALL=C sort
}

# Failed for a reason, or done all the same.
judge_failed() {
    case $status in
    0)
        # what was replaced or taken away lies aside, and cannot be deleted; the next change does it
        [[ $text != *unlinkat*.headroom* ]] || { ctl 0 "${ARGS[@]}" && arrange && return; }
        ctl "$DONE" "${ARGS[@]}"
        [[ $output != changed && $output != *": changed"* ]] || fail "done, and then again: $output"
        state
        # without the attribute the file is not protected, and that is all
        [[ $text != *FS_IOC_?ETFLAGS* ]] || STATE=$(sed 's/^flags.*/flags a/' <<<"$STATE")
        same "$GOAL" "$(goal_part)"
        [[ $STATE != *.headroom* ]] || fail "left over: $STATE"
        arrange
        ;;
    3 | 4 | 5 | 6)
        [[ $output != *changed ]] || fail "failed, but answers: $output"
        [[ $text =~ capget|getrandom || $stderr == */* ]] || fail "message without an object: $stderr"
        [[ $stderr == "swapctl: "* && $stderr != *": Invalid argument"* && $stderr != *$'\n'* ]] ||
            fail "message: $stderr"
        state
        [ "$STATE" = "$BEFORE" ] || all_but_worthless
        ;;
    *) fail "exit status $status: $stderr" ;;
    esac
}

# A file of nothing but zeros, which was to be replaced with --force, does not come back when the new one is not taken.
all_but_worthless() {
    [ "$CASE" != zeros ] || [[ $STATE == */swap* ]] || arrange
    state
    same "$BEFORE" "$STATE"
}

# ERROR for one call after the other.
each_fails() { # CASE ERROR is_WHICH
    local error=$2 which=$3 call name when text n=0
    need_injection
    begin "$1"
    list_calls
    state
    GOAL=$(goal_part)
    arrange
    state
    BEFORE=$STATE
    for call in "${CALLS[@]}"; do
        "$which" "$call" || continue
        read -r name when text <<<"$call"
        traced --seccomp-bpf -e trace="$name" -e inject="$name:error=$error:when=$when"
        [[ $(<"$HR_DIR/tmp/trace") == *INJECTED* ]] || fail "not reached: $text"
        echo "$error for: $text"
        judge_failed
        n=$((n + 1))
    done
    [ "$n" -gt 0 ]
    echo "# $CASE: $error for each of $n system calls" >&3
}

# ---- kills --------------------------------------------------------------------------------------------------------

learn_goal() {
    ctl 0 "${ARGS[@]}"
    state
    GOAL=$(goal_part)
    TEXTS="$(texts)"
}

# The files of /etc with their content.
texts() {
    grep -E '^[0-9a-f]{64}  \./etc/' <<<"$STATE" | grep -v '\.headroom$'
}

# At PATH there is nothing or a whole area or what was there; in /etc every file is the old or the new one.
judge_killed() {
    local line last
    state
    while read -r line; do
        [[ $TEXTS == *"$line"* ]] || fail "torn: $line" "$(cat "$D/etc/fstab")"
    done < <(texts)
    if [ -e "$D/swap" ] && [[ $BEFORE != *"$(sha256sum <"$D/swap" | cut -c 1-64)"* ]]; then
        [ "$(tag TYPE "$D/swap")" = swap ] || fail "at PATH is no area: $STATE"
        last=$(od -A n -t u4 -j 1028 -N 4 "$D/swap")
        [ $(((last + 1) * PAGE)) -le "$(stat -c %s "$D/swap")" ] || fail "longer than the file"
        [ "$(stat -c '%a %u' "$D/swap")" = '600 0' ] || [ "$CASE" = access ] || fail "mode: $STATE"
    fi
    try "${AGAIN[@]}"
    [ "$status" -eq 0 ] || [ "$status" -eq "$DONE" ] || fail "and then again: exit status $status: $stderr"
    state
    same "$GOAL" "$(goal_part)"
}

begin_kills() { # CASE
    begin "$1"
    state
    BEFORE=$STATE
    TEXTS=
    learn_goal
    arrange
    STATE=$BEFORE
    TEXTS+=$'\n'$(texts)
}

# SIGKILL at the entry of one call after the other: between two that change something nothing can happen.
each_is_last() { # CASE
    local which=is_changing call name when text n=0
    [ "$LONG" = 0 ] || which=is_call
    need_injection
    begin_kills "$1"
    list_calls
    for call in "${CALLS[@]}"; do
        "$which" "$call" || continue
        read -r name when text <<<"$call"
        arrange
        # with --seccomp-bpf no signal is sent
        traced -e trace="$name" -e inject="$name:signal=SIGKILL:when=$when"
        [ "$status" -eq 137 ] || fail "exit status $status, not killed at: $text"
        echo "killed at: $text"
        judge_killed
        n=$((n + 1))
    done
    [ "$n" -gt 0 ]
    echo "# $CASE: killed at each of $n system calls" >&3
}

# How long a run takes, at best; into SPAN, in microseconds.
measure_case() {
    local i begun took
    SPAN=
    for i in 1 2 3; do
        arrange
        begun=${EPOCHREALTIME/[.,]/}
        inside "$SWAPCTL" "${ARGS[@]}" >/dev/null
        took=$((${EPOCHREALTIME/[.,]/} - begun))
        [ "$took" -ge "${SPAN:-$((took + 1))}" ] || SPAN=$took
    done
}

# ROUNDS kills, at moments spread over the run: SPAN has the start of nsenter and timeout in it too.
random_kills() { # CASE
    local kills=0 tries us
    begin_kills "$1"
    measure_case
    arrange
    for ((tries = 0; kills < ROUNDS && tries < 20 * ROUNDS; tries++)); do
        us=$(((RANDOM << 15 | RANDOM) % SPAN + 1))
        status=0
        inside timeout -s KILL "$((us / 1000000)).$(printf %06d $((us % 1000000)))" "$SWAPCTL" "${ARGS[@]}" \
            >/dev/null 2>"$HR_DIR/stderr" 3>&- || status=$?
        [ "$status" -eq 137 ] || [ "$status" -eq 0 ] || fail "exit status $status: $(<"$HR_DIR/stderr")"
        [ "$status" -ne 137 ] || kills=$((kills + 1))
        state
        if [ "$STATE" != "$BEFORE" ]; then
            echo "killed at $us us"
            judge_killed
            arrange
        fi
    done
    echo "# $CASE: $kills kills in $tries runs" >&3
    [ "$kills" -eq "$ROUNDS" ]
    judge_killed
}
