# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# tests/vm/cases/recipes.bash - the recipes as they are installed; sourced by guest-systemd
# shellcheck disable=SC2154,SC2034

readonly recipes=/srv/headroom/repo/recipes history=/var/lib/memwatch/memory
readonly deployed=/var/swapfile lost=/var/lib/lost looped_file=/var/lib/looped

# The root of Amazon Linux is xfs; the guest's /var becomes one, in a file, on a mount of its own
make_var_xfs() {
    truncate -s 400M /var.img && mkfs.xfs -q /var.img && mount -o loop /var.img /mnt && cp -ax /var/. /mnt && umount /mnt &&
        echo '/var.img /var xfs loop 0 0' >>/etc/fstab && mount /var && systemctl restart systemd-journald &&
        is xfs stat -f -c %T /var
}

make_application() {
    mkdir /srv/app && "$recipes/beanstalk/bundle.sh" --size 48M /srv/app
}

# deploy hooks|confighooks SIZE: into a new folder, as Elastic Beanstalk does it
deploy() {
    rm -rf /var/app && mkdir /var/app && cp -R /srv/app /var/app/staging &&
        env -C /var/app/staging "HEADROOM_SWAP_SIZE=$2" ".platform/$1/prebuild/01_swap"
}

check_deploys() {
    check "an application is bundled" make_application
    check "a deploy makes the swap" is changed deploy hooks 48M
    check "the next one leaves it alone" is unchanged deploy hooks 48M
    check "one of the configuration alone changes its size" is changed deploy confighooks 56M
    check "the area is active" is '57340 default' active_as "$deployed"
    check "it is declared" is 'fstab ok' swapctl status --raw --noheadings -o declared,state
}

# A GPU is not there, and how full the guest is does not matter
put_units() {
    install -m 755 /srv/headroom/{memwatch,cgctl} /usr/local/sbin/ && install -m 644 "$recipes"/systemd/headroom-* /etc/systemd/system/ &&
        mkdir -p /etc/systemd/system/headroom-check.service.d &&
        printf '[Service]\nEnvironment="RULES=--ram 99:100 --disk /var:99:100 --disk /root:99:100"\n' \
            >/etc/systemd/system/headroom-check.service.d/levels.conf &&
        systemctl daemon-reload && systemctl -q enable headroom-swap.service headroom-record.service headroom-check.timer
}

lose_declared() {
    swapctl off "$lost" "$looped_file" && rm "$lost" "$looped_file" && echo 60 >/proc/sys/vm/swappiness
}

# By the names that everybody sees, whoever activated them
all_declared() {
    swapctl status && grep -q "^$lost " /proc/swaps && is '16380 3' active_as "$lost" &&
        is 1 swapctl loop list "$looped_file" --raw --noheadings -o autoclear && is 21 cat /proc/sys/vm/swappiness
}

check_apply_unit() {
    check "an area is declared" is changed swapctl ensure "$lost" --size 16M --priority 3 --persist fstab
    check "one on a loop device is" is changed swapctl ensure "$looped_file" --size 12M --backing loop --persist fstab
    check "swappiness is" is changed swapctl swappiness 21 --persist
    check "they can be lost" lose_declared
    check "headroom-swap starts" systemctl start headroom-swap.service
    check "it made them again" all_declared
    check "mode and owner can be wrong" chown 1000:1000 "$lost"
    check "headroom-swap starts again" systemctl restart headroom-swap.service
    check "it corrected them" is "600 root" stat -c '%a %U' "$lost"
    check "systemd sees the area as active" is active systemctl is-active var-lib-lost.swap
    check "they can be lost before the reboot" lose_declared
}

samples() {
    local lines
    lines=$(memwatch replay "$history" --csv | wc -l) && [ "$lines" -gt "$1" ]
}

checked() {
    journalctl --sync
    journalctl -b -q -o cat -u headroom-check | grep -e "$1" && is success systemctl show headroom-check -p Result --value
}

check_watchers() {
    check "headroom-record starts" systemctl start headroom-record.service
    check "it writes samples" until_true samples 1
    check "as a user who may do nothing else" is yes systemctl show headroom-record -p DynamicUser --value
    check "headroom-check's timer starts" systemctl start headroom-check.timer
    check "it has the service run, which sees the disks" until_true checked '^MEMWATCH OK - .*disk:/var .*disk:/root '
    check "sysctl takes every line" sysctl -q -p "$recipes/sysctl/50-headroom-memory.conf"
}

# One rule that holds at once, and does all that a guard can do
put_rules() {
    mkdir -p /etc/headroom && cat >/etc/headroom/guard.conf <<'END' &&
set swap-bound 64M
set disk-reserve 16M
ram>0.1%: warn, drop-caches, reclaim /system.slice 64K, swap-add 8M /var/lib, exec /bin/echo page, limit '-u 1000 -x sleep' --memory-max 64M, kill -u 1000 -x sleep
END
        systemd-run -q --collect -u victim setpriv --reuid 1000 --regid 1000 --clear-groups sleep 1000
}

guard_told() {
    journalctl -b -q --no-pager -u headroom-guard | grep -E -e "$1"
}

nice_value() { # UNIT
    awk '{ print $19 }' "/proc/$(systemctl show -p MainPID --value "$1")/stat"
}

check_guard() {
    check "the rules are put in place" put_rules
    check "the guard starts, and says that it is ready" systemctl start headroom-guard.service
    check "its confinement leaves everything possible: the last action is done" until_true guard_told 'action: kill .*: done'
    check "and no action has failed" eval "! guard_told ': failed'"
    check "it goes before all others" is -20 nice_value headroom-guard.service
    check "nor was there anything to note" eval "! guard_told 'note:'"
    check "everybody knows the area by its name" grep -q '^/var/lib/headroom-[0-9]*.swap ' /proc/swaps
    check "the process is gone" until_true eval '! systemctl -q is-active victim.service'
    echo 'ram>>1: warn' >/etc/headroom/guard.conf
    check "a reload with a wrong rule changes nothing" systemctl reload headroom-guard.service
    check "and is told" until_true guard_told 'not reloaded: .*guard.conf:1: character'
    check "it runs" systemctl is-active headroom-guard.service
    check "it ends" systemctl stop headroom-guard.service
    check "what it added can be removed" swapctl remove /var/lib/headroom-*.swap
}

# As cron starts it; nothing printed is nothing mailed
cron_job() { # BEGINNING OF LINE
    env -i HOME=/root SHELL=/bin/sh "$(grep ^PATH= "$recipes/cron/headroom")" /bin/sh -c "$(sed -n "s,^$1 root ,,p" "$recipes/cron/headroom")"
}

# All of it, as on Amazon Linux
xfs_1() {
    check "the root is on xfs" is xfs stat -f -c %T /
    check_deploys
    check "another one, in the root" is changed swapctl ensure "$plain" --size 64M --persist unit
    check "no unit has failed" no_failed_units
}

xfs_2() {
    after_boot
    check "the root is on xfs" is xfs stat -f -c %T /
    check "the deployed area is active after the reboot" is '57340 default' active_as "$deployed"
    check "and the other one" is '65532 default' active_as "$plain"
    check "a deploy leaves it alone" is unchanged deploy hooks 56M
    check "one of the configuration alone changes its size" is changed deploy confighooks 48M
    check "both can be removed" swapctl remove "$deployed" "$plain"
    check "no area is active" no_areas
}

recipes_1() {
    check "/var is on xfs" make_var_xfs
    check_deploys
    check "the units are installed" put_units
    check_apply_unit
    check_watchers
    check_guard
    check "cron's job makes the swap true, and says nothing" is '' cron_job @reboot
    check "all is as declared" all_declared
    check "no unit has failed" no_failed_units
    check "they can be lost before the reboot" lose_declared
    memwatch replay "$history" --csv | wc -l >/root/samples
}

recipes_2() {
    check "the control groups are those of version 1" test -d /sys/fs/cgroup/memory
    check "the deployed area is active after the reboot" is '57340 default' active_as "$deployed"
    check "a deploy leaves it alone" is unchanged deploy hooks 56M
    check "headroom-swap ran" is active systemctl is-active headroom-swap.service
    check "what was lost is there again" all_declared
    check "the history goes on" until_true samples "$(</root/samples)"
    check "the check's timer runs" until_true checked '^MEMWATCH OK'
    check "no unit has failed" no_failed_units
    check "all can be removed" swapctl remove "$deployed" "$lost" "$looped_file"
}
