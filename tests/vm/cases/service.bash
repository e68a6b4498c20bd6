# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# tests/vm/cases/service.bash - swapctl run by units; sourced by guest-systemd
# shellcheck disable=SC2154,SC2034

readonly provisioned=/var/lib/provisioned hardened=/var/hardened

write_services() {
    cat >/etc/systemd/system/provision.service <<END
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/swapctl ensure $provisioned --size 48M --priority 5 --persist auto
NoNewPrivileges=yes
ProtectHome=yes
[Install]
WantedBy=multi-user.target
END
    cat >/etc/systemd/system/hardened.service <<END
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/swapctl ensure $hardened --size 16M
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict
ReadWritePaths=/var
RuntimeDirectory=headroom
RuntimeDirectoryPreserve=yes
CapabilityBoundingSet=CAP_SYS_ADMIN
END
    systemctl daemon-reload
}

# What the unit's program printed in this boot
unit_answers() {
    journalctl --sync
    journalctl -b -q -o cat -u "$1" | grep -x -e changed -e unchanged
}

ensure_provisioned() {
    swapctl ensure "$provisioned" --size 48M --priority 5
}

ensure_hardened() {
    swapctl ensure "$hardened" --size 16M
}

lose_provisioned() {
    swapoff "$provisioned" && rm "$provisioned"
}

service_1() {
    write_services
    check "a unit runs ensure" systemctl start provision.service
    check "the area is active" is '49148 5' active_as "$provisioned"
    check "auto means a unit" is enabled systemctl is-enabled var-lib-provisioned.swap
    check "the unit runs once more" systemctl start provision.service
    check "it said changed, then unchanged" is changed$'\n'unchanged unit_answers provision.service
    check "the unit can be enabled" systemctl -q enable provision.service
    check "a unit with its own view of the files runs ensure" systemctl start hardened.service
    check "its area is active under whatever name" is 1 grep -c $'file\t\t16380\t' /proc/swaps
    check "ensure from outside says unchanged" is unchanged ensure_hardened
    check "off from outside says changed" is changed swapctl off "$hardened"
    check "the area is off" is 1 active_count
    check "the unit activates the file again" systemctl start hardened.service
    check "swappiness --persist says changed" is changed swapctl swappiness 17 --persist
    set_zswap
    check "no unit has failed" no_failed_units
}

service_2() {
    after_boot
    check "the area is active after the reboot" is '49148 5' active_as "$provisioned"
    check "the unit had nothing to do" is unchanged unit_answers provision.service
    check "an area that was not persisted is inactive" is 1 active_count
    check "it can be removed" is changed swapctl remove "$hardened"
    check "swappiness is kept" is 17 cat /proc/sys/vm/swappiness
    check "swappiness says unchanged" is unchanged swapctl swappiness 17 --persist
    zswap_kept
    check "the file can be lost" lose_provisioned
}

service_3() {
    after_boot
    check "the area is made again" is '49148 5' active_as "$provisioned"
    check "the unit had nothing to do" is unchanged unit_answers provision.service
    check "ensure says unchanged" is unchanged ensure_provisioned
}

has_zswap() {
    [ -d /sys/module/zswap ] && return
    count=$((count + 1))
    echo "ok $count - zswap # skip this kernel has no zswap"
    return 1
}

# Settings that are not this kernel's own, whatever those are
set_zswap() {
    has_zswap || return 0
    check "zswap is off at first" is N cat /sys/module/zswap/parameters/enabled
    check "zswap --persist says changed" is changed swapctl zswap on --max-pool-percent 13 --persist
}

zswap_kept() {
    has_zswap || return 0
    check "zswap is on after the reboot" is Y cat /sys/module/zswap/parameters/enabled
    check "its largest share is kept" is 13 cat /sys/module/zswap/parameters/max_pool_percent
    check "zswap says unchanged" is unchanged swapctl zswap on --max-pool-percent 13 --persist
}
