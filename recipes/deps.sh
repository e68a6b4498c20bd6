#!/bin/sh
# SPDX-License-Identifier: MIT
#
# deps.sh - what headroom needs from the distribution: the one list that the recipes, the tests and the README use
#
# Only what is missing is installed, so a machine that has it all needs no network and no root.
set -eu

usage()
{
    cat <<'END'
usage: deps.sh [--install | --missing] GROUP...

Print the packages that hold what a group needs, for this system's package manager
(apt, dnf, yum or apk).

  --missing   only those that this machine lacks
  --install   install those that this machine lacks; needs root
  -h, --help  show this help

Groups: build (to compile), unit, cli, root, vm, export, ansible, check (to run that suite of the
tests).
END
}

# GROUP  PROBE  APT  DNF  APK
# PROBE says how the need is recognised whoever installed it: cmd: in PATH or an sbin folder, pc: known to
# pkg-config, file: exists. "-": there is no such package there, and tests that want it are skipped.
needs()
{
    cat <<'END'
build cmd:cc gcc gcc gcc
build file:/usr/include/stdio.h libc6-dev glibc-devel musl-dev
build file:/usr/include/linux/fs.h linux-libc-dev kernel-headers linux-headers
build cmd:meson meson meson meson
build cmd:ninja ninja-build ninja-build samurai
build cmd:pkg-config pkg-config pkgconf-pkg-config pkgconf
build pc:mount libmount-dev libmount-devel util-linux-dev
build pc:blkid libblkid-dev libblkid-devel util-linux-dev
build pc:smartcols libsmartcols-dev libsmartcols-devel util-linux-dev
build pc:libcap libcap-dev libcap-devel libcap-dev
build pc:popt libpopt-dev popt-devel popt-dev
build pc:ncursesw libncurses-dev ncurses-devel ncurses-dev
build pc:libsystemd libsystemd-dev systemd-devel -
unit pc:cmocka libcmocka-dev libcmocka-devel cmocka-dev
unit file:/usr/share/i18n/locales/de_DE locales glibc-locale-source -
cli cmd:bats bats bats bats
cli cmd:jq jq jq jq
cli cmd:bash bash bash bash
cli cmd:zsh zsh zsh zsh
cli cmd:fish fish fish fish
cli cmd:setpriv util-linux util-linux setpriv
cli cmd:unshare util-linux util-linux unshare
cli cmd:sudo sudo sudo sudo
cli cmd:setfacl acl acl acl
cli cmd:strace strace strace strace
cli cmd:xmllint libxml2-utils libxml2 libxml2-utils
cli cmd:tmux tmux tmux tmux
cli cmd:systemd-analyze systemd systemd -
cli file:/usr/lib/python3/dist-packages/yaml python3-yaml - -
cli cmd:valgrind valgrind valgrind valgrind
root cmd:bats bats bats bats
root cmd:jq jq jq jq
root cmd:flock util-linux util-linux flock
root cmd:strace strace strace strace
root cmd:setpriv util-linux util-linux setpriv
root cmd:losetup mount util-linux losetup
root cmd:sfdisk fdisk util-linux sfdisk
root cmd:mkfs.ext4 e2fsprogs e2fsprogs e2fsprogs
root cmd:mkfs.xfs xfsprogs xfsprogs xfsprogs
root cmd:mkfs.btrfs btrfs-progs - btrfs-progs
root cmd:mksquashfs squashfs-tools squashfs-tools squashfs-tools
export cmd:bats bats bats bats
export cmd:jq jq jq jq
export cmd:curl curl curl curl
export cmd:python3 python3 python3 python3
ansible cmd:bats bats bats bats
ansible cmd:ip iproute2 iproute iproute2
ansible cmd:unshare util-linux util-linux unshare
ansible cmd:flock util-linux util-linux flock
ansible cmd:losetup mount util-linux losetup
ansible cmd:mkfs.ext4 e2fsprogs e2fsprogs e2fsprogs
ansible file:/usr/bin/python3 python3 python3 python3
check cmd:ctags universal-ctags ctags ctags
check cmd:nm binutils binutils binutils
check cmd:clang clang clang clang
check cmd:shellcheck shellcheck ShellCheck shellcheck
check cmd:mandoc mandoc mandoc mandoc
check cmd:bats bats bats bats
check cmd:zsh zsh zsh zsh
check cmd:fish fish fish fish
END
}

die()
{
    echo "deps.sh: $2" >&2
    exit "$1"
}

manager()
{
    for m in apt-get dnf yum apk; do
        if command -v "$m" >/dev/null 2>&1; then
            echo "$m"
            return
        fi
    done
    die 5 "no package manager: none of apt-get, dnf, yum, apk is here; install these by hand: $1"
}

# ctags counts only as Universal Ctags: Emacs and Exuberant have programs of that name too
present()
{
    case $1 in
    cmd:ctags) ctags --version 2>/dev/null | grep -q Universal ;;
    cmd:*) (PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin && command -v "${1#cmd:}" >/dev/null) ;;
    pc:*) pkg-config --exists "${1#pc:}" 2>/dev/null ;;
    file:*) [ -e "${1#file:}" ] ;;
    esac
}

# list GROUP WHICH: "probe package" lines; WHICH is all or missing
list()
{
    case $manager in
    apt-get) column=3 ;;
    apk) column=5 ;;
    *) column=4 ;;
    esac
    needs | while read -r group probe apt dnf apk; do
        [ "$group" = "$1" ] || continue
        if [ "$2" = missing ] && present "$probe"; then
            continue
        fi
        case $column in
        3) package=$apt ;;
        4) package=$dnf ;;
        5) package=$apk ;;
        esac
        [ "$package" = - ] || echo "$package"
    done
    # the vm suite keeps its own list beside its scripts; Debian's names, because it boots Debian
    if [ "$1" = vm ] && [ -f "$here/../tests/vm/deps" ] && [ "$manager" = apt-get ]; then
        sed 's/#.*//' "$here/../tests/vm/deps" | tr -s ' \t' '\n' | while read -r package; do
            [ -n "$package" ] || continue
            if [ "$2" = all ] || ! dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null |
                grep -q '^installed'; then
                echo "$package"
            fi
        done
    fi
}

with_apt()
{
    export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
    lock='-o DPkg::Lock::Timeout=300'
    # shellcheck disable=SC2086 # $lock is two words
    if ! apt-cache show "$@" >/dev/null 2>&1 ||
        ! apt-get $lock -qq -y --no-install-recommends install "$@" </dev/null; then
        apt-get $lock -qq update </dev/null &&
            apt-get $lock -qq -y --no-install-recommends install "$@" </dev/null
    fi
}

# On RHEL and its rebuilds part of the -devel packages lie in a repository that is off by default.
with_dnf()
{
    dnf=$1
    shift
    "$dnf" -q -y install "$@" </dev/null ||
        "$dnf" -q -y --enablerepo=crb install "$@" </dev/null ||
        "$dnf" -q -y --enablerepo=powertools install "$@" </dev/null
}

install_missing()
{
    # shellcheck disable=SC2086 # package names are words
    set -- $packages
    [ $# -gt 0 ] || return 0
    [ "$(id -u)" = 0 ] || die 3 "not installed and not root: $packages; install them as root"
    echo "installing: $packages"
    case $manager in
    apt-get) with_apt "$@" ;;
    apk) apk add -q --update-cache "$@" </dev/null ;;
    *) with_dnf "$manager" "$@" ;;
    esac || die 3 "$manager could not install $packages; is the network up, are its repositories complete (EPEL)?"
}

here=$(cd "$(dirname "$0")" && pwd)
mode=all
while [ $# -gt 0 ]; do
    case $1 in
    --missing) mode=missing ;;
    --install) mode=install ;;
    -h | --help) usage && exit 0 ;;
    -*) die 2 "$1: unknown option; see deps.sh --help" ;;
    *) break ;;
    esac
    shift
done
[ $# -gt 0 ] || die 2 "which group? see deps.sh --help"

for group; do
    case $group in
    build | unit | cli | root | vm | export | ansible | check) ;;
    *) die 2 "$group: no such group; see deps.sh --help" ;;
    esac
done

manager=$(manager "$*") || exit
which=missing
[ "$mode" != all ] || which=all
packages=
for group; do
    packages="$packages $(list "$group" "$which")"
done
packages=$(printf '%s\n' "$packages" | tr -s ' ' '\n' | sed '/^$/d' | sort -u | tr '\n' ' ')
packages=${packages% }

if [ "$mode" = install ]; then
    install_missing
elif [ -n "$packages" ]; then
    echo "$packages"
fi
