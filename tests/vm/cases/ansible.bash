# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# tests/vm/cases/ansible.bash - the role of recipes/ansible beside systemd, played by Ansible in the guest; sourced by
# guest-systemd
# shellcheck disable=SC2154,SC2034

readonly peers=/srv/peers book=/srv/site.yml played=/srv/played fleet=/var/fleet
readonly other_rule='{"headroom_guard_rules": ["ram>99.8%: warn"]}'

# Ansible is on the third disk, the controller's tools where it looks for them.
put_ansible() {
    mkdir "$peers" /srv/tools && tar -x -f /dev/vdb -C "$peers" && cp /srv/headroom/{swapctl,cgctl,memwatch} /srv/tools/ &&
        rm /usr/local/sbin/swapctl && printf '[Service]\nExecStart=sleep infinity\n[Install]\nWantedBy=multi-user.target\n' \
        >/etc/systemd/system/daemon.service && systemctl daemon-reload && systemctl -q enable --now daemon.service &&
        cat >"$book" <<BOOK
- hosts: all
  gather_facts: false
  vars:
    headroom_binaries: /srv/tools
    headroom_swap:
      - path: $fleet
        size: 32M
        options: --priority 7 --persist auto
    headroom_swappiness: 21
    headroom_limits:
      - {unit: daemon.service, limits: --memory-max 64M --swap-max 1M}
      - {group: batch, limits: --memory-max 48M}
    headroom_guard_rules: ["ram>99.9%: warn"]
  roles: [headroom]
BOOK
}

# play WANTED ARG...: it ends so
play() {
    local want=$1
    shift
    env PYTHONPATH="$peers/usr/lib/python3/dist-packages" ANSIBLE_CONFIG="$recipes/ansible/ansible.cfg" ANSIBLE_NOCOLOR=1 \
        ANSIBLE_PIPELINING=1 \
        python3 "$peers/usr/bin/ansible-playbook" -i localhost, -c local -e ansible_python_interpreter=/usr/bin/python3 \
        "$book" "$@" >"$played" 2>&1
    grep -q "^localhost  *: .* $want .* failed=0 " "$played" || { cat "$played"; return 1; }
}

# The tasks that changed something, or would
changes() {
    awk '/^TASK/ { sub(/\] \*+$/, "]"); task = $0 } /^changed: / { print task, $3 }' "$played"
}

# What the role is about
configured() {
    find /etc /usr/local /var/fleet ! -name ld.so.cache -type f -printf '%p %i %s %m %T@\n' 2>/dev/null | sort
    cat /proc/swaps /proc/sys/vm/swappiness "$groups/system.slice/daemon.service/memory.max"
    systemctl show -p MainPID headroom-guard.service daemon.service
}

# keeps COMMAND...: it changes nothing
keeps() {
    local before
    before=$(configured)
    "$@" && diff <(echo "$before") <(configured)
}

told_so() {
    changes >/root/made && diff /root/told /root/made
}

all_set() {
    is '32764 7' active_as "$fleet" && is active systemctl is-active var-fleet.swap &&
        is enabled systemctl is-enabled var-fleet.swap && is 21 cat /proc/sys/vm/swappiness &&
        is $'67108864\n1048576' files "$groups/system.slice/daemon.service" memory.max memory.swap.max &&
        is 50331648 cat "$groups/headroom.slice/headroom-batch.slice/memory.max" &&
        is active systemctl is-active headroom-guard.service && is enabled systemctl is-enabled headroom-guard.service
}

guard_is() {
    [[ $(systemctl show -p MainPID --value headroom-guard.service) == "$1" ]]
}

guard_is_another() {
    systemctl -q is-active headroom-guard.service && ! guard_is "$(</root/guard)"
}

# A newer program, and no swap
newer() {
    printf ' ' >>/srv/tools/memwatch
    play changed=3 -e "$other_rule" -e '{"headroom_swap": [{"path": "/var/fleet", "state": "absent"}]}'
}

ansible_1() {
    check "Ansible is there" put_ansible
    check "check mode on a bare machine changes nothing" keeps play changed=8 --check
    changes >/root/told
    check "the first run changes all" play changed=8
    check "as check mode told" told_so
    check "all is set" all_set
    check "the second run changes nothing" keeps play changed=0
    check "nor would another" keeps play changed=0 --check
    systemctl show -p MainPID --value headroom-guard.service >/root/guard
    check "somebody disables the guard" systemctl -q disable headroom-guard.service
    check "another rule is another file, and the guard is enabled" play changed=3 -e "$other_rule"
    check "which it reads again" until_true guard_told ': reloaded: 1 rule'
    check "and lives on" guard_is "$(</root/guard)"
    check "no unit has failed" no_failed_units
}

ansible_2() {
    after_boot
    check "all is set after the reboot" all_set
    check "nothing is to be changed" keeps play changed=0 -e "$other_rule"
    systemctl show -p MainPID --value headroom-guard.service >/root/guard
    check "a newer program is copied, and swap taken away" newer
    check "with all that declared it" is '' find /etc/systemd/system /var -maxdepth 2 -name '*fleet*'
    check "the guard is the newer one" guard_is_another
    check "no unit has failed" no_failed_units
}
