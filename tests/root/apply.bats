#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# apply and status: what is declared in fstab, units and sysctl.d against what is true, in a mount namespace whose /etc is
# a folder of the test. That it brings everything back after a reboot is proved by tests/vm.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

# Two declared and active areas: $D/one in fstab, with a label and a priority, "$D/two 2" as a unit.
two_areas() {
    fake_etc ext4
    ctl 0 ensure "$D/one" --size 8M --priority 7 --label 'l 1' --persist fstab
    ctl 0 ensure "$D/two 2" --size 4M --label two --persist unit
}

# What an ephemeral disk does to them.
lose() { # FILE...
    local file
    for file; do
        inside swapoff "$file"
        rm "$file"
    done
}

# The states of all rows, "name=state", as "status" prints them.
states() { # STATUS [NAME=STATE]...
    local want=$1
    shift
    ctl "$want" status --json
    [ "$(jq -r '.areas[] | "\(.path | sub(".*/"; ""))=\(.state)"' <<<"$output")" = "$(printf '%s\n' "$@")" ] ||
        fail "$output"
}

declare_line() { # LINE...
    printf '\n' >>"$D/etc/fstab"
    printf '%s\n' "$@" >>"$D/etc/fstab"
}

@test "apply, status: nothing is declared" {
    fake_etc ext4
    ctl 0 apply
    answers ''
    [ -z "$stderr" ]
    ctl 0 apply --json
    holds '. == {"areas": [], "swappiness": null}'
    ctl 0 apply --verbose
    says 'nothing is declared'
    ctl 0 status
    answers ''
    ctl 0 status --json
    holds '. == {"areas": [], "swappiness": null, "actual_swappiness": null}'
}

@test "apply: all is true already" {
    two_areas
    local unchanged
    unchanged=$(printf '%s: unchanged\n' "$D/one" "$D/two 2")
    untouched '%T@ %C@' ctl 0 apply
    answers "$unchanged"
    untouched '%T@ %C@' states 0 one=ok 'two 2=ok'
    ctl 0 status --raw --noheadings -o declared,size,actual-size,active,priority,actual-priority,label,state
    [ "${lines[0]}" = 'fstab 8388608 8388608 1 7 7 l\x201 ok' ] || fail "$output"
    [[ ${lines[1]} == 'unit 4194304 4194304 1 - -'*' two ok' ]] || fail "$output"
}

@test "apply: files that were lost come back as they were, but for the UUID" {
    two_areas
    lose "$D/one" "$D/two 2"
    states 1 one=missing 'two 2=missing'
    ctl 0 apply --json
    holds '[.areas[] | .changed, .actions, .error] == [true, ["create", "activate"], null, true, ["create", "activate"], null]'
    holds '.areas[0].declared | startswith("/etc/fstab:")'
    good_area_inside "$D/one" $((8 * MiB))
    good_area_inside "$D/two 2" $((4 * MiB))
    ctl 0 list "$D/one" --raw --noheadings -o priority,label
    answers '7 l\x201'
    ctl 0 list "$D/two 2" --raw --noheadings -o label
    answers two
    states 0 one=ok 'two 2=ok'
    ctl 0 apply
    answers "$(printf '%s: unchanged\n' "$D/one" "$D/two 2")"
    ctl 0 remove "$D/one" "$D/two 2"
    ctl 0 status
    answers ''
}

@test "apply --dry-run: prints the steps, does none" {
    two_areas
    lose "$D/one"
    untouched '%T@ %C@' ctl 0 apply --dry-run
    answers "create $D/one, 8M, label l 1
activate $D/one
$D/one: changed
$D/two 2: unchanged"
    states 1 one=missing 'two 2=ok'
}

@test "apply: what differs is mended" {
    two_areas
    inside swapoff "$D/one" "$D/two 2"
    mkswap -q -L other "$D/one"
    chmod 0640 "$D/one"
    chown nobody "$D/two 2"
    inside swapon -p 3 "$D/one"
    states 1 one=priority,access,label 'two 2=inactive,access'
    ctl 0 apply --json
    holds '.areas[0].actions == ["chmod", "deactivate", "label", "activate"]'
    holds '.areas[1].actions == ["chown", "activate"]'
    states 0 one=ok 'two 2=ok'
    good_area_inside "$D/one" $((8 * MiB))
    [ "$(tag LABEL "$D/one")" = 'l 1' ]
}

@test "apply: one that fails stops no other" {
    two_areas
    lose "$D/two 2"
    echo data >"$D/data"
    make_swap "$D/size" 2M
    declare_line "$D/data none swap x-headroom.size=1M 0 0" "$D/gone/swap none swap x-headroom.size=1M 0 0" \
        "$D/bad none swap x-headroom.size=-1 0 0" "$D/size none swap x-headroom.size=1M 0 0"
    ctl 4 apply
    answers "$D/one: unchanged
$D/data: failed
$D/gone/swap: failed
$D/bad: failed
$D/size: failed
$D/two 2: changed"
    [[ $stderr == *"$D/data: is not a swap file but holds data"* ]] || fail "$stderr"
    [[ $stderr == *"the folder $D/gone does not exist"* ]] || fail "$stderr"
    [[ $stderr == *'/etc/fstab:'*': cannot understand the option x-headroom.size=-1'* ]] || fail "$stderr"
    [[ $stderr == *"$D/size: is a swap area of 2M"*', but /etc/fstab:'*' declares 1M'*'swapctl resize'* ]] || fail "$stderr"
    [ "$(cat "$D/data")" = data ]
    [ "$(stat -c %s "$D/size")" = $((2 * MiB)) ]
    [ ! -e "$D/bad" ]
    states 1 one=ok data=not-swap,access swap=missing bad=invalid size=inactive,size 'two 2=ok'
    # what apply recommends does mend it
    ctl 0 resize "$D/size" --size 1M
    ctl 4 apply
    [[ $output == *"$D/size: changed"* ]] || fail "$output"
}

@test "apply: the exit status when all fail alike, and when told to be soft" {
    fake_etc ext4
    echo data >"$D/data"
    declare_line "$D/data none swap x-headroom.size=1M 0 0"
    ctl 6 apply
    answers "$D/data: failed"
    ctl 0 apply --soft-fail
    answers "$D/data: failed"
    says 'holds data'
    declare_line "$D/gone/swap none swap x-headroom.size=1M 0 0"
    ctl 4 apply
    ctl 0 apply --soft-fail --json 2>/dev/null
    holds '[.areas[].error | . != null] == [true, true]'
}

@test "apply: what is not wanted at boot is left alone" {
    two_areas
    lose "$D/one" "$D/two 2"
    sed -i 's/sw,nofail,x-headroom/noauto,x-headroom/' "$D/etc/fstab"
    rm "$D"/etc/systemd/system/swap.target.wants/*
    ctl 0 apply
    answers ''
    [ ! -e "$D/one" ]
    [ ! -e "$D/two 2" ]
    ctl 0 status
    answers ''
}

@test "apply: a file that is declared twice is made once" {
    two_areas
    lose "$D/one"
    declare_line "$D/one none swap x-headroom.size=2M 0 0"
    ctl 0 apply
    answers "$D/one: changed
$D/two 2: unchanged"
    says "declares $D/one again; what counts is /etc/fstab:"
    good_area_inside "$D/one" $((8 * MiB))
    ctl 0 status
}

@test "apply: nothing is made below a mount point whose disk is not there" {
    fake_etc ext4
    mkdir "$D/disk"
    declare_line "/dev/nosuch $D/disk ext4 nofail 0 0" "$D/disk/swap none swap x-headroom.size=1M 0 0"
    ctl 3 apply
    says "$D/disk/swap: /etc/fstab mounts a file system at $D/disk, which is not there yet"
    [ ! -e "$D/disk/swap" ]
    states 1 swap=missing
    # with something mounted there it goes, a part of the same file system too
    mkdir "$D/part"
    inside mount --bind "$D/part" "$D/disk"
    ctl 0 apply
    answers "$D/disk/swap: changed"
    inside swapoff "$D/disk/swap"
    inside umount "$D/disk"
}

# Half-way through the writing of zeros on ext2, which takes long enough to be watched.
@test "apply: interrupted, what is done stays, what is half done does not" {
    fake_etc ext2
    local free rc=0 pid
    declare_line "$D/one none swap x-headroom.size=1M 0 0" "$D/two none swap x-headroom.size=300M 0 0" \
        "$D/three none swap x-headroom.size=1M 0 0"
    free_bytes "$D"
    free=$SPACE
    # without job control a background process ignores SIGINT
    env --default-signal=INT "${CTL[@]}" apply >"$HR_DIR/tmp/out" 2>"$HR_DIR/tmp/err" 3>&- &
    pid=$!
    until [ $(($(stat -f -c '%f * %S' "$D"))) -lt $((free - 32 * MiB)) ]; do
        kill -0 "$pid" || fail "too early: $(cat "$HR_DIR/tmp/err")"
    done
    kill -INT "$pid"
    wait "$pid" || rc=$?
    [ "$rc" -eq 130 ] || fail "exit status $rc: $(cat "$HR_DIR/tmp/err")"
    [ "$(cat "$HR_DIR/tmp/out")" = "$D/one: changed
$D/two: failed" ]
    [[ $(cat "$HR_DIR/tmp/err") == *"$D/two: interrupted"* ]]
    [ ! -e "$D/two" ]
    [ ! -e "$D/three" ]
    states 1 one=ok two=missing three=missing
}

@test "apply: swappiness is set as sysctl.d has it" {
    fake_etc ext4
    save_swappiness
    ctl 0 swappiness 17 --persist
    echo 44 >/proc/sys/vm/swappiness
    ctl 1 status
    answers 'vm.swappiness: 44, declared: 17'
    ctl 1 status --json
    holds '.swappiness == 17 and .actual_swappiness == 44'
    ctl 0 apply --dry-run
    [ "$(cat /proc/sys/vm/swappiness)" = 44 ]
    ctl 0 apply
    answers 'vm.swappiness: changed'
    [ "$(cat /proc/sys/vm/swappiness)" = 17 ]
    ctl 0 apply --json
    holds '.swappiness == {"value": 17, "changed": false, "actions": [], "error": null}'
    ctl 0 status
    answers 'vm.swappiness: 17'
    echo 'vm.swappiness = lots' >"$D/etc/sysctl.d/60-headroom.conf"
    ctl 3 apply
    answers 'vm.swappiness: failed'
    says 'sets vm.swappiness to "lots", which is not a number'
    ctl 3 status
    echo 'vm.swappiness = 300' >"$D/etc/sysctl.d/60-headroom.conf"
    ctl 3 apply
    [ "$(cat /proc/sys/vm/swappiness)" = 17 ]
}

@test "apply: a later file's swappiness is not fought" {
    fake_etc ext4
    save_swappiness
    ctl 0 swappiness 17 --persist
    echo 44 >/proc/sys/vm/swappiness
    echo 'vm.swappiness = 44' >"$D/etc/sysctl.d/99-admin.conf"
    ctl 0 apply
    answers 'vm.swappiness: unchanged'
    says '/etc/sysctl.d/99-admin.conf: sets vm.swappiness too'
    [ "$(cat /proc/sys/vm/swappiness)" = 44 ]
    ctl 0 status
    [[ $output == *99-admin.conf* ]]
}

@test "apply: as cron and hooks run it, without an environment and descriptors" {
    two_areas
    lose "$D/one" "$D/two 2"
    inside env -i "$SWAPCTL" apply --log "$D/log" <&- >&- 2>&- && fail "a closed stdout is no success"
    states 0 one=ok 'two 2=ok'
    grep -q "done: create $D/one" "$D/log"
    lose "$D/one"
    (cd / && inside env -i "$SWAPCTL" apply </dev/null >/dev/null 2>&1)
    states 0 one=ok 'two 2=ok'
}

@test "apply: a read-only /run is an error that says so" {
    two_areas
    inside mount -t tmpfs -o ro tmpfs /run
    ctl 3 apply
    answers ''
    says '/run/headroom/swap.lock: cannot make the lock on a read-only file system; mount a tmpfs on /run'
    ctl 0 apply --dry-run
    ctl 0 status
    inside umount /run
}

@test "apply: needs the privilege; with another root it can only be tried" {
    two_areas
    CTL=(nsenter --mount="/proc/$NS/ns/mnt" setpriv --bounding-set=-sys_admin "$SWAPCTL")
    ctl 3 apply
    says 'CAP_SYS_ADMIN'
    CTL=("$SWAPCTL")
    mkdir -p "$D/tree/etc" "$D/tree/d"
    echo '/d/swap none swap x-headroom.size=1M 0 0' >"$D/tree/etc/fstab"
    ctl 5 apply --root "$D/tree"
    ctl 0 apply --root "$D/tree" --dry-run
    [[ $output == 'create /d/swap, 1M'*'/d/swap: changed' ]] || fail "$output"
    ctl 1 status --root "$D/tree"
    [ "$(find "$D/tree" -type f)" = "$D/tree/etc/fstab" ]
}

@test "status: who may not look is told so" {
    two_areas
    chmod 0644 "$D/etc/fstab"
    cp "$SWAPCTL" "$D/sbin/swapctl"
    CTL=(nsenter --mount="/proc/$NS/ns/mnt" setpriv --reuid=65534 --regid=65534 --clear-groups /usr/local/sbin/swapctl)
    states 4 one=unknown 'two 2=unknown'
}

@test "status: an active area that nobody declared is no difference" {
    two_areas
    make_swap "$D/three" 1M
    inside swapon "$D/three"
    states 0 one=ok 'two 2=ok'
}

@test "apply: a label of somebody's mkswap is declared too, if it is one that could be asked for" {
    fake_etc ext4
    make_swap "$D/one" 1M -L 'two words'
    make_swap "$D/two" 1M -L $'a\nb'
    ctl 0 ensure "$D/one" --size 1M --persist fstab
    ctl 0 ensure "$D/two" --size 1M --persist fstab
    grep -qF "$D/one none swap sw,nofail,x-headroom.size=1048576,x-headroom.label=two%20words 0 0" "$D/etc/fstab"
    grep -qF "$D/two none swap sw,nofail,x-headroom.size=1048576 0 0" "$D/etc/fstab"
    states 0 one=ok two=ok
}
