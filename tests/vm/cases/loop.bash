# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# tests/vm/cases/loop.bash - an area on an overlay; sourced by guest-systemd
# shellcheck disable=SC2154,SC2034

readonly looped=/layers/swap loop_unit=headroom-create-layers-swap.service

mount_layers() {
    mkdir -p /layers /var/layers/lower /var/layers/upper /var/layers/work
    echo 'layers /layers overlay lowerdir=/var/layers/lower,upperdir=/var/layers/upper,workdir=/var/layers/work 0 0' \
        >>/etc/fstab
    mount /layers && systemctl daemon-reload
}

ensure_looped() {
    swapctl ensure "$looped" --size 48M --priority 5 --persist "$1"
}

loop_active() {
    is 'loop 50327552 5' swapctl list "$looped" --raw --noheadings --bytes -o type,size,priority &&
        is 1 swapctl loop list "$looped" --raw --noheadings -o autoclear && [[ $(lsattr "$looped") == *i*' '* ]]
}

loop_declared() {
    is enabled systemctl is-enabled "$loop_unit" && is '' find /etc/systemd/system -name '*.swap' && swapctl status
}

lose_looped() {
    swapctl off "$looped" && rm "$looped"
}

no_loops() {
    is '' swapctl loop list
}

loop_1() {
    check "an overlay is mounted" mount_layers
    check "ensure --persist unit says changed" is changed ensure_looped unit
    check "the area is active through a loop device, its file protected" loop_active
    check "a service is enabled, and no swap unit" loop_declared
    check "ensure says unchanged" is unchanged ensure_looped auto
    check "no unit has failed" no_failed_units
    stat -c %i "$looped" >/var/inode
}

loop_2() {
    after_boot
    check "the area is active after the reboot" loop_active
    check "its file is the same one" is "$(</var/inode)" stat -c %i "$looped"
    check "systemd sees the service as active" is active systemctl is-active "$loop_unit"
    check "ensure says unchanged" is unchanged ensure_looped unit
    check "apply has nothing to do" is "$looped: unchanged" swapctl apply
    check "the service deactivates it when it is stopped" systemctl stop "$loop_unit"
    check "no area is active" no_areas
    check "no loop device is left" no_loops
    check "the service activates it again" systemctl start "$loop_unit"
    check "the area is active" loop_active
    check "the file can be lost" lose_looped
}

loop_3() {
    after_boot
    check "a lost area is made again and active" loop_active
    check "a service is enabled, and no swap unit" loop_declared
    check "fstab takes it over" is changed ensure_looped fstab
    check "no unit is written" no_units_written
}

loop_4() {
    after_boot
    check "neither systemd nor swapon tried what is in fstab" no_areas
    check "apply activates it" is "$looped: changed" swapctl apply
    check "the area is active" loop_active
    check "remove says changed" is changed swapctl remove "$looped"
    check "no loop device is left" no_loops
    check "nothing is declared" is '' swapctl status
}
