# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# tests/vm/cases/apply.bash - what `apply` makes again; sourced by guest-systemd
# shellcheck disable=SC2154,SC2034

readonly log=/var/log/swapctl.log

# As cron runs a line "@reboot swapctl apply": after the boot, with next to no environment
write_reboot_job() {
    cat >/etc/systemd/system/reboot-job.service <<END
[Service]
Type=oneshot
ExecStart=/usr/bin/env -i HOME=/root SHELL=/bin/sh PATH=/usr/bin:/bin /bin/sh -c '/usr/local/sbin/swapctl apply --log $log'
[Install]
WantedBy=multi-user.target
END
    systemctl -q enable reboot-job.service
}

# Before anybody waits for swap, and beside the services that make lost files themselves
write_early_job() {
    systemctl -q disable reboot-job.service
    cat >/etc/systemd/system/early-job.service <<END
[Unit]
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/swapctl apply --soft-fail --log $log
[Install]
WantedBy=sysinit.target
END
    systemctl -q enable early-job.service
}

ensure_labelled() {
    swapctl ensure "$plain" --size 64M --label 'l, 1' --persist fstab
}

labels() {
    blkid -p -s LABEL -o value "$plain"
}

all_true() {
    swapctl status && areas_active && is 'l, 1' labels && files_good && is 21 cat /proc/sys/vm/swappiness
}

# recipes/gpu-server on a machine whose homes are lost at every start
readonly server=/opt/gpu-server

install_server() {
    cp -R /srv/headroom/repo/recipes/gpu-server "$server" && chown -R root: "$server" && chmod -R go-w "$server" &&
        ln -sf /srv/headroom/{memwatch,procfind} /usr/local/sbin/ && mkdir -p /data /etc/headroom &&
        echo 'tmpfs /home tmpfs mode=755 0 0' >>/etc/fstab && mount /home &&
        echo 'ann:x:1999:1999::/home/ann:/bin/sh' >>/etc/passwd &&
        printf 'disk /:0\nmail cat >/var/told\n' >/etc/headroom/disk-alert.conf
}

home_linked() {
    is /data/users/ann readlink /home/ann && is "700 ann" stat -c '%a %U' /data/users/ann
}

gpu_server() {
    check "the recipe is there, and a disk for homes" install_server
    check "a user's home goes to the disk that stays" "$server/user-setup.sh" ann --home --remember
    check "the units are installed" "$server/install.sh" restore alert-timer
    check "that is so already" is unchanged "$server/install.sh" restore alert-timer
    check "the timer runs" is active systemctl is-active headroom-disk-alert.timer
    check "a full disk is no failure of its unit" systemctl start headroom-disk-alert.service
    check "it is told" grep -q '^DISK CRITICAL - disk:/ ' /var/told
    check "the files can be lost, and the home" eval 'lose_files && rm /home/ann'
    check "the restore unit ends well" systemctl start headroom-restore.service
    check "all is as declared again, made from within the unit" all_true
    check "the home is there again" home_linked
}

applied() {
    is "$plain: $1"$'\n'"$odd: $2"$'\n'"vm.swappiness: $3" swapctl apply
}

apply_1() {
    check "ensure declares one in fstab" is changed ensure_labelled
    check "ensure declares one as a unit" is changed ensure_odd unit
    check "swappiness is declared" is changed swapctl swappiness 21 --persist
    check "all is as declared" all_true
    check "apply has nothing to do" applied unchanged unchanged unchanged
    check "the files can be lost" lose_files
    check "apply makes them again" applied changed changed unchanged
    check "all is as declared again" all_true
    check "no unit has failed" no_failed_units
    check "the files can be lost before the reboot" lose_files
    write_reboot_job
}

apply_2() {
    after_boot
    check "all is as declared after the reboot" all_true
    check "systemd sees the areas as active" both_running
    check "the log tells who made the lost file" grep "swapctl.*done: create $plain" "$log"
    check "apply has nothing to do" applied unchanged unchanged unchanged
    gpu_server
    check "the files can be lost before the reboot" lose_files
    write_early_job
}

apply_3() {
    after_boot
    check "all is as declared after an early apply" all_true
    check "systemd sees the areas as active" both_running
    check "apply has nothing to do" applied unchanged unchanged unchanged
    check "the home that was lost is there again" home_linked
    check "the restore unit has told so" grep -q 'user-setup.sh: link /home/ann to /data/users/ann' /var/log/headroom-restore.log
    remove_both
    check "nothing is declared but swappiness" is 'vm.swappiness: 21' swapctl status
}
