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
    check "/var is on xfs" make_var_xfs
    check "an application is bundled" make_application
    check "a deploy makes the swap" is changed deploy hooks 48M
    check "the next one leaves it alone" is unchanged deploy hooks 48M
    check "one of the configuration alone changes its size" is changed deploy confighooks 56M
    check "the area is active" is '57340 default' active_as "$deployed"
    check "it is declared" is 'fstab ok' swapctl status --raw --noheadings -o declared,state
}

# A GPU is not there, and how full the guest is does not matter
put_units() {
    install -m 755 /srv/headroom/memwatch /usr/local/sbin/ && install -m 644 "$recipes"/systemd/* /etc/systemd/system/ &&
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

# What the guard may be told to do, done in its place
put_deeds() {
    mkdir -p /etc/headroom /etc/systemd/system/headroom-guard.service.d && : >/etc/headroom/guard.conf &&
        printf '[Service]\nType=oneshot\nRestart=no\nWatchdogSec=0\nExecStart=\nExecStart=/bin/bash -ex /srv/deeds\n' \
            >/etc/systemd/system/headroom-guard.service.d/deeds.conf &&
        systemctl daemon-reload && systemd-run -q --collect -u victim \
            setpriv --reuid 1000 --regid 1000 --clear-groups sleep 1000 && cat >/srv/deeds <<'END'
test "$(ulimit -l)" = unlimited
echo -900 >/proc/self/oom_score_adj
swapctl ensure /var/lib/added --size 8M
swapctl ensure /var/lib/added-looped --size 8M --backing loop
memwatch drop-caches --force
/srv/headroom/cgctl reclaim /system.slice 64K
/srv/headroom/cgctl limit --unit victim.service --memory-max 64M
victim=$(systemctl show victim -p MainPID --value)
readlink "/proc/$victim/exe"
cat "/proc/$victim/smaps_rollup"
kill -TERM "$victim"
END
}

check_guard() {
    check "the guard's deeds are put in its place" put_deeds
    check "its confinement leaves them possible" systemctl start headroom-guard.service
    check "everybody knows the area by its name" grep -q '^/var/lib/added ' /proc/swaps
    check "they can be undone" swapctl remove /var/lib/added /var/lib/added-looped
}

# As cron starts it; nothing printed is nothing mailed
cron_job() { # BEGINNING OF LINE
    env -i HOME=/root SHELL=/bin/sh "$(grep ^PATH= "$recipes/cron/headroom")" /bin/sh -c "$(sed -n "s,^$1 root ,,p" "$recipes/cron/headroom")"
}

recipes_1() {
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
