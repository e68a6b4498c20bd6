# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# hosts - machines for Ansible: each has a file system, processes and a network of its own, and a real sshd
#
# A root is a tmpfs, with this machine's /usr below a layer of its own. All of it is in the namespaces that run made, and
# goes with them. What is not, because a kernel has one of it only, is played or parted: vm.swappiness is a file, swap
# files have other names in each host, and the control groups are a folder of files, see cgctl.
#
# shellcheck disable=SC2154 # run sets them

readonly HOSTS=(alpha beta gamma)

# A root at $ROOTS/NAME
make_root() { # NAME
    local root=$ROOTS/$1 name
    mkdir -p "$root"
    mount -t tmpfs -o mode=755 "$1" "$root"
    mkdir "$root"/{etc,dev,proc,sys,run,tmp,var,root,usr,.upper,.work}
    mount -t overlay -o "lowerdir=$PEERS/usr:/usr,upperdir=$root/.upper,workdir=$root/.work" overlay "$root/usr"
    for name in bin sbin lib lib32 lib64 libx32; do
        [ ! -L "/$name" ] || cp -P "/$name" "$root/"
    done
    mount --rbind /dev "$root/dev"
    mount -t proc proc "$root/proc"
    cp -a /etc/alternatives "$root/etc/"
    printf '%s\n' 'root:*:0:0::/root:/bin/sh' 'sshd:*:100:65534::/run/sshd:/usr/sbin/nologin' >"$root/etc/passwd"
    echo 'root:x:0:' >"$root/etc/group"
    mkdir "$root"/{run/sshd,etc/ssh,var/swap}
}

# The controller has the repository in /src and the tools in /tools.
make_controller() {
    local root=$ROOTS/controller
    make_root controller
    mkdir "$root/src" "$root/tools"
    mount --bind "$REPO" "$root/src"
    cp "$BUILD_DIR"/cmd/swapctl/swapctl "$BUILD_DIR"/cmd/memwatch/memwatch "$BATS_TEST_DIRNAME/cgctl" "$root/tools/"
    mkdir -m 700 "$root/root/.ssh"
    in_controller ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
    ip link set lo up
}

in_controller() {
    env -i PATH=/usr/sbin:/usr/bin HOME=/root LC_ALL=C.UTF-8 chroot "$ROOTS/controller" "$@"
}

# A host with its number in its address and, on $DISKS/NAME, a disk in /var/swap
start_host() { # NAME NUMBER
    local root=$ROOTS/$1
    make_root "$1"
    mount --bind "$DISKS/$1" "$root/var/swap"
    install -D "$BUILD_DIR/cmd/cgctl/cgctl" "$root/usr/libexec/cgctl"
    echo 60 >"$root/run/swappiness"
    make_groups "$root/run/groups"
    cp "$ROOTS/controller/root/.ssh/id_ed25519.pub" "$root/etc/ssh/authorized"
    printf '%s\n' "ListenAddress 10.77.$2.2" 'HostKey /etc/ssh/key' 'AuthorizedKeysFile /etc/ssh/authorized' \
        'StrictModes no' 'PidFile none' >"$root/etc/ssh/sshd_config"
    in_controller ssh-keygen -q -t ed25519 -N '' -f "/tmp/$1"
    mv "$ROOTS/controller/tmp/$1" "$root/etc/ssh/key"
    echo "10.77.$2.2 $(<"$ROOTS/controller/tmp/$1.pub")" >>"$ROOTS/controller/root/.ssh/known_hosts"
    echo "$1 ansible_host=10.77.$2.2 ansible_python_interpreter=/usr/bin/python3" >>"$ROOTS/controller/root/inventory"
    ip netns add "$1"
    ip link add "to-$1" type veth peer name eth0 netns "$1"
    ip addr add "10.77.$2.1/30" dev "to-$1"
    ip link set "to-$1" up
    ip -n "$1" addr add "10.77.$2.2/30" dev eth0
    ip -n "$1" link set eth0 up
    # shellcheck disable=SC2016
    ip netns exec "$1" unshare --mount --pid --fork --kill-child sh -c '
        mount -t proc proc "$1/proc" &&
        mount --bind "$1/run/swappiness" "$1/proc/sys/vm/swappiness" &&
        exec chroot "$1" /usr/sbin/sshd -D -e' - "$root" >"$BATS_FILE_TMPDIR/$1.log" 2>&1 3>&- &
    echo $! >>"$BATS_FILE_TMPDIR/pids"
}

# bats waits for those who have its descriptors
stop_hosts() {
    xargs kill -KILL <"$BATS_FILE_TMPDIR/pids"
}

# What stands for the control groups: the files that cgctl reads and writes
make_groups() { # FOLDER
    mkdir -p "$1/proc/self" "$1/sys/fs/cgroup"
    cp /proc/meminfo "$1/proc/meminfo"
    echo '0::/' >"$1/proc/self/cgroup"
    echo '26 25 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw' >"$1/proc/self/mountinfo"
    echo 'cpu io memory pids' >"$1/sys/fs/cgroup/cgroup.controllers"
    : >"$1/sys/fs/cgroup/cgroup.procs"
    : >"$1/sys/fs/cgroup/cgroup.subtree_control"
}
