#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# recipes/gpu-server with users who have rights of their own: ann and bob of the group team, and carl. In a mount
# namespace of its own, where they are known, with homes, /opt, /mnt and rules of sudo that nobody else sees.
#
# bats file_tags=host

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers
bats_require_minimum_version 1.5.0

home=/home/ann

server() {
    local dir
    on_fs ext4
    for dir in /home /opt /mnt /etc/sudoers.d; do
        [ -d "$dir" ] || skip "needs $dir, to mount something on it"
    done
    mkdir "$D/disk"
    {
        cat /etc/passwd
        printf '%s\n' ann:*:61001:61001::/home/ann:/bin/sh bob:*:61002:61002::/home/bob:/bin/sh \
            carl:*:61003:61003::/home/carl:/bin/sh
    } >"$D/passwd"
    { cat /etc/group && echo team:x:61009:ann,bob; } >"$D/group"
    # shellcheck disable=SC2016 # for the inner shell
    spawn unshare --mount --propagation private bash -c '
        for dir in /home /opt /etc/sudoers.d; do
            mount -t tmpfs -o mode=755 tmpfs "$dir" || exit
        done
        cp -R --no-preserve=mode,ownership "$1" /opt && chmod a+x /opt/gpu-server/* &&
            install -d -o 61001 -g 61001 /home/ann &&
            mount --bind "$0/disk" /mnt && mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/group" /etc/group &&
            exec sleep 600' "$D" "$BATS_TEST_DIRNAME/../../recipes/gpu-server"
    NS=$BG
    eventually inside cmp -s /etc/group "$D/group"
}

recipe() { # NAME ARG...
    local name=$1
    shift
    inside env "PATH=${SWAPCTL%/swapctl/swapctl}/procfind:$PATH" "/opt/gpu-server/$name.sh" "$@"
}

as() { # UID GROUPS COMMAND...
    local uid=$1 groups=$2
    shift 2
    inside setpriv --reuid "$uid" --regid "$uid" --groups "$groups" "$@"
}

@test "a shared folder: whatever their umask, its group writes and others do not even read" {
    command -v setfacl >/dev/null || skip "setfacl is not installed"
    server
    run -0 recipe share-dir /mnt/models --group team
    as 61001 61009 sh -c 'umask 077; mkdir /mnt/models/new; echo ann >/mnt/models/new/file'
    as 61002 61009 sh -c 'echo bob >>/mnt/models/new/file; mv /mnt/models/new/file /mnt/models/moved'
    [ "$(as 61001 61009 cat /mnt/models/moved)" = $'ann\nbob' ]
    run ! as 61003 61003 ls /mnt/models
}

# What a machine with SELinux has, as far as the recipe asks: it knows homes, and what was told to be like one. It lies
# where users come, for labels are put right with their rights.
fake_selinux() {
    mkdir "$D/bin"
    echo '#!/bin/sh' >"$D/bin/selinuxenabled"
    # shellcheck disable=SC2016 # for these
    echo '#!/bin/sh
echo "${0##*/} $*" >>/opt/told' | tee "$D/bin/semanage" >"$D/bin/restorecon"
    cat >"$D/bin/matchpathcon" <<'END'
#!/bin/sh
type=default_t
case $2 in
/home/*) type=ssh_home_t ;;
*) ! grep -q " /home/ann ${2%/*}\$" /opt/told || type=ssh_home_t ;;
esac
echo "u:object_r:$type:s0"
END
    chmod +x "$D"/bin/*
    inside cp -R "$D/bin" /opt
    inside install -m 666 /dev/null /opt/told
    PATH=/opt/bin:$PATH
}

@test "where SELinux is on, a user's data on the disk is labelled as in the home" {
    server
    fake_selinux
    run -0 recipe user-setup ann --disk /mnt
    [[ $output == *$'\ntell SELinux that /mnt/users/ann is like /home/ann\nchanged' ]]
    [ "$(inside cat /opt/told)" = $'semanage fcontext -a -e /home/ann /mnt/users/ann\nrestorecon -R /mnt/users/ann' ]
    run -0 recipe user-setup ann --disk /mnt
    [ "$output" = unchanged ]
    inside rm -r "$home" /opt/bin/semanage
    inside truncate -s 0 /opt/told
    run -0 recipe user-setup ann --disk /mnt
    [[ $output == *'/mnt/users/ann: its labels are not those of a home'*$'\nchanged' ]]
    [ "$(inside cat /opt/told)" = 'restorecon -R /home/ann' ]
}

@test "a user's data moves to the disk, but not under a running program" {
    server
    as 61001 61001 sh -c 'cd "$0" && mkdir -m 750 .cache && echo x >.cache/f && chmod 640 .cache/f' "$home"
    spawn setpriv --reuid 61001 --regid 61001 --clear-groups sleep 600
    eventually procfind_ann
    run -6 recipe user-setup ann --disk /mnt --move
    [[ $output == "user-setup.sh: ann: 1 processes of this user run; "* ]]
    [ ! -L "/proc/$NS/root$home/.cache" ]
    kill "$BG"
    wait "$BG" || :
    run -0 recipe user-setup ann --disk /mnt --move
    [ "${lines[-1]}" = changed ]
    [ "$(inside stat -c '%U %a' /mnt/users/ann /mnt/users/ann/.cache /mnt/users/ann/.cache/f)" = $'ann 700\nann 750\nann 640' ]
    [ "$(as 61001 61001 cat "$home/.cache/f")" = x ]
    run -0 recipe user-setup ann --disk /mnt --move
    [ "$output" = unchanged ]
}

procfind_ann() {
    "${SWAPCTL%/swapctl/swapctl}/procfind/procfind" --euid 61001 >/dev/null
}

@test "a link in a home does not lead root's hand elsewhere" {
    server
    as 61001 61001 ln -s /opt "$home/.local"
    run -3 recipe user-setup ann --disk /mnt --folder .local/share
    [ -z "$(inside find /opt -name share)" ]
}

@test "sudo runs exactly the words of the rule" {
    command -v sudo >/dev/null || skip "sudo is not installed"
    server
    run -0 recipe sudoers --group team --cache /mnt/cache
    [ "$(inside stat -c '%U %a' /etc/sudoers.d/headroom-team)" = "root 440" ]
    inside mkdir -p /mnt/cache/pip
    inside touch -d '40 days ago' /mnt/cache/pip/old
    inside touch /mnt/cache/pip/new
    run -0 as 61001 61009 sudo -n /opt/gpu-server/clean-cache.sh --all --older-than 30d --root /mnt/cache
    [[ $output == *"freed "*" bytes" ]]
    [ "$(inside ls /mnt/cache/pip)" = new ]
    run -1 as 61001 61009 sudo -n /opt/gpu-server/clean-cache.sh --all --root /mnt/cache
    run -1 as 61003 61003 sudo -n /opt/gpu-server/clean-cache.sh --all --older-than 30d --root /mnt/cache
    [ "$(inside ls /mnt/cache/pip)" = new ]
}
