#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# recipes/ansible on three hosts, in this order: each test goes on where the one before stopped. Only by tests/ansible/run.

# shellcheck disable=SC2154,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
bats_require_minimum_version 1.5.0
load hosts

setup_file() {
    local i
    export REPO
    REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    # for "ip netns", whose folder is the machine's
    mount -t tmpfs tmpfs /run
    make_controller
    for i in "${!HOSTS[@]}"; do
        start_host "${HOSTS[i]}" $((i + 1))
    done
    cat >"$ROOTS/controller/root/site.yml" <<'END'
- hosts: all
  gather_facts: false
  vars:
    headroom_binaries: /tools
    headroom_swap:
      - path: "/var/swap/{{ inventory_hostname }}"
        size: 32M
        options: --priority 7 --label fleet --persist fstab
    headroom_swappiness: 10
    headroom_limits:
      - group: batch
        limits: --memory-max 512M --swap-max 1G
    headroom_guard_settings: {interval: 5s}
    headroom_guard_rules:
      - "ram>80% for 30s: warn, drop-caches until ram<75%"
      - "swap>90%: warn"
  roles: [headroom]
END
}

teardown_file() {
    stop_hosts
}

fail() {
    printf '%s\n' "$@"
    return 1
}

# play ARG...: sets status and output
play() {
    status=0
    output=$(in_controller env ANSIBLE_CONFIG=/src/recipes/ansible/ansible.cfg ANSIBLE_NOCOLOR=1 ANSIBLE_SSH_TRANSFER_METHOD=piped \
        ansible-playbook -i /root/inventory /root/site.yml "$@" 2>&1 3>&-) || status=$?
    echo "$output"
}

# The same for the hosts that can
play_two() {
    play --limit alpha,beta "$@"
}

# recap HOST WORD...: the host's line at the end has these
recap() {
    local line word
    line=$(grep "^$1 *:" <<<"$output")
    for word in "${@:2}"; do
        [[ " $line " == *" $word "* ]] || fail "$line" "wanted: $word"
    done
}

# The tasks that changed something on a host, or would
changes() { # HOST
    awk -v host="$1" '/^TASK/ { task = $0 } index($0, "changed: [" host "]") == 1 { sub(/\] \*+$/, "]", task); print task, $3 }' <<<"$output"
}

# What a host is
state() { # HOST
    (cd "$ROOTS/$1" && find etc .upper var run/groups -type f ! -name '*.pyc' -printf '%p %i %s %m %T@\n' | sort && cat run/swappiness)
    awk -v name="/$1" 'index($1, name) { print $1, $3, $5 }' /proc/swaps
}

# keeps HOST...: what keep HOST... found is still so
keep() {
    for host; do state "$host"; done >"$BATS_TEST_TMPDIR/before"
}
keeps() {
    diff "$BATS_TEST_TMPDIR/before" <(for host; do state "$host"; done)
}

@test "a first look: check mode tells the changes and makes none" {
    keep "${HOSTS[@]}"
    play --check
    keeps "${HOSTS[@]}"
    [ "$status" = 0 ]
    recap alpha changed=6 failed=0
    changes alpha >"$BATS_FILE_TMPDIR/told"
}

@test "the first run changes all, and a host that cannot fails alone, with the tool's own words" {
    play
    recap alpha changed=6 failed=0
    recap beta changed=6 failed=0
    diff "$BATS_FILE_TMPDIR/told" <(changes alpha)
    [ "$(<"$ROOTS/beta/run/swappiness")" = 10 ]
    [ "$(<"$ROOTS/beta/run/groups/sys/fs/cgroup/batch/memory.max")" = 536870912 ]
    tail -n 3 "$ROOTS/beta/etc/headroom/guard.conf" | diff - <(printf '%s\n' 'set interval 5s' \
        'ram>80% for 30s: warn, drop-caches until ram<75%' 'swap>90%: warn')
    grep -q '^/var/swap/beta none swap ' "$ROOTS/beta/etc/fstab"
    state beta | grep -q '/beta 327.. 7$'
    recap gamma failed=1
    [[ $output == *'swapctl: /var/swap/gamma: '* ]]
}

@test "the second run changes nothing" {
    keep alpha beta
    play_two
    [ "$status" = 0 ]
    recap alpha changed=0 failed=0
    recap beta changed=0 failed=0
    keeps alpha beta
}

@test "check mode tells what other settings would change, and what is wrong with them" {
    keep alpha beta
    play_two --check -e headroom_swappiness=20 -e '{"headroom_guard_rules": ["ram>80%: wran"], "headroom_limits": [{"group": "batch", "limits":
        "--memory-max {{ \"512X\" if inventory_hostname == \"beta\" else \"512M\" }}"}]}'
    [ "$status" = 2 ]
    recap alpha changed=1 failed=1
    [[ $output == *'memwatch: /dev/stdin:3: character 10: wran: is no action'* ]]
    [ "$(changes alpha)" = 'TASK [headroom : Swappiness] ' ]
    recap beta changed=1 failed=1
    [[ $output == *'cgctl: '*512X* ]]
    keeps alpha beta
}

@test "a swap file is taken away again, and a setting without a meaning is told before anything is done" {
    play --limit alpha -e '{"headroom_swap": [{"path": "/var/swap/alpha", "state": "absent"}]}'
    [ "$status" = 0 ]
    recap alpha changed=1 failed=0
    [ ! -e "$DISKS/alpha/alpha" ]
    [ "$(grep -c alpha /proc/swaps)" = 0 ]
    play --limit beta -e '{"headroom_swap": [{"size": "1G"}]}'
    [ "$status" = 2 ]
    [[ $output == *'missing required arguments: path'* ]]
    recap beta changed=0 failed=1
}

# beside_systemd HOST STATE: a systemd that knows the guard's unit, if STATE is not "unknown"
beside_systemd() {
    local root=$ROOTS/$1
    mkdir -p "$root"/run/systemd/{system,guard} "$root/etc/systemd/system"
    cp "$BATS_TEST_DIRNAME/systemctl" "$root/usr/local/bin/"
    [ "$2" != unknown ] || return 0
    install -m 644 "$REPO/recipes/systemd/headroom-guard.service" "$root/etc/systemd/system/"
    echo "$2" >"$root/run/systemd/guard/ActiveState"
}

# What a host's systemd was asked to do
asked() { # HOST
    grep -v -e '^show' -e '^is-' "$ROOTS/$1/run/systemd/asked" | paste -sd ,
}

# It has read neither the new rules nor the new unit, whether it was enabled or not.
@test "beside systemd: a guard that ran is told of its new rules, also when it was not enabled" {
    printf '%s\n' '- hosts: all' '  gather_facts: false' '  vars: {headroom_guard_rules: ["swap>91%: warn"]}' \
        '  roles: [headroom]' >"$ROOTS/controller/root/site.yml"
    beside_systemd alpha active
    beside_systemd beta activating
    beside_systemd gamma unknown
    play
    [ "$status" = 0 ]
    [ "$(asked alpha)" = 'enable headroom-guard.service,reload headroom-guard.service' ]
    [ "$(asked beta)" = 'enable headroom-guard.service,restart headroom-guard.service' ]
    [ "$(asked gamma)" = 'daemon-reload,enable headroom-guard.service,start headroom-guard.service' ]
}
