#!/bin/sh
# SPDX-License-Identifier: MIT
#
# setup_swap.sh - from a checkout to working swap in one command; run it on every deploy, it changes only what differs
set -eu

prefix=${HEADROOM_PREFIX:-/usr/local}
name=${0##*/}

usage()
{
    cat <<END
usage: $name [--dry-run] SIZE [PATH] [-- SWAPCTL-OPTION...]
       $name --install

Make PATH (default /swapfile) an active swap file of SIZE, declared for the next boot.
When swapctl is not installed yet: install what its build needs, build, install.
A second run changes nothing and says "unchanged".

  SIZE         2G, 512M, 1.5G; 16 means 16 GiB; 50% of RAM; auto
  --dry-run    say what would be done, do nothing
  --install    build and install headroom, installed already or not; make no swap
  -h, --help   show this help

What follows "--" is given to "swapctl ensure", see swapctl(8): -- --swappiness 10
Environment: HEADROOM_PREFIX, where to install (/usr/local).

Exit status: that of swapctl (0 done, 3 failed, 5 unsupported here, 6 refused for safety),
2 for wrong usage, 3 when root is missing or the build fails.
END
}

die()
{
    echo "$name: $2" >&2
    exit "$1"
}

# Today's scripts are called with a bare number of gigabytes.
read_size()
{
    number=${1%%[!0-9.]*}
    unit=${1#"$number"}
    case $number in
    . | .* | *. | *.*.*) return 1 ;;
    *[1-9]*) ;;
    *) [ "$1" = auto ] || return 1 ;;
    esac
    case $unit in
    '') echo "${number}G" ;;
    [KkMmGgTtPpEe] | [KkMmGgTtPpEe][iI][bB] | [KkMmGgTtPpEe][bB] | [bB] | %) echo "$1" ;;
    auto) [ "$1" = auto ] && echo auto ;;
    *) return 1 ;;
    esac
}

# Other systems have a swapctl too, and one that does not start is as good as none.
find_swapctl()
{
    for candidate in "$prefix/sbin/swapctl" "$(command -v swapctl)"; do
        case $("$candidate" --version 2>/dev/null) in
        *'(headroom)'*)
            echo "$candidate"
            return
            ;;
        esac
    done
    return 1
}

show_memory()
{
    awk -v when="$1" '
        { kib[$1] = $2 }
        function gib(key) { return sprintf("%.2f GiB", kib[key] / 1048576) }
        END {
            printf "memory %s: %s of %s available, swap: %s of %s free\n", when,
                gib("MemAvailable:"), gib("MemTotal:"), gib("SwapFree:"), gib("SwapTotal:")
        }' /proc/meminfo
}

# quietly WHAT COMMAND...: the command's output matters only when it fails
quietly()
{
    what=$1
    shift
    "$@" >"$log" 2>&1 </dev/null && return
    cat "$log" >&2
    die 3 "$what failed"
}

checkout()
{
    here=$(cd "$(dirname "$0")" && pwd)
    source=${here%/*}
    [ -f "$source/meson.build" ] ||
        die 3 "$0: not in a checkout of headroom, and swapctl is not installed; run it from the checkout"
}

configure()
{
    if [ -f "$source/build/build.ninja" ]; then
        meson setup --reconfigure "-Dprefix=$prefix" "$source/build" "$source"
    else
        meson setup "-Dprefix=$prefix" "$source/build" "$source"
    fi
}

install_headroom()
{
    missing=$("$here/deps.sh" --missing build)
    if $dry_run; then
        [ -z "$missing" ] || echo "would install the packages $missing"
        echo "would build in $source/build and install under $prefix"
        return
    fi
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    if [ -n "$missing" ]; then
        echo "installing the packages $missing"
        quietly "the installation of packages" "$here/deps.sh" --install build
    fi
    echo "building in $source/build"
    quietly "the configuration" configure
    quietly "the build" meson compile -C "$source/build"
    echo "installing under $prefix"
    quietly "the installation" meson install --no-rebuild -C "$source/build"
    # sudo must not leave the user a folder that only root can clean
    [ -z "${SUDO_UID:-}" ] || chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$source/build"
}

need_root()
{
    $dry_run || [ "$(id -u)" = 0 ] || die 3 "not root: swap and installation need it; run: sudo $0 $*"
}

dry_run=false
install_only=false
size=
path=
while [ $# -gt 0 ]; do
    case $1 in
    --dry-run) dry_run=true ;;
    --install) install_only=true ;;
    -h | --help) usage && exit 0 ;;
    --) shift && break ;;
    -*) die 2 "$1: unknown option; options of swapctl follow after --; see $name --help" ;;
    *)
        [ -z "$path" ] || die 2 "$1: one size and one path only; see $name --help"
        if [ -z "$size" ]; then
            size=$(read_size "$1") || die 2 "\"$1\": not a size; try 2G, 16 (GiB), 50% or auto"
        elif [ -z "$1" ]; then
            die 2 "the path is empty; leave it out for /swapfile"
        else
            path=$1
        fi
        ;;
    esac
    shift
done

if $install_only; then
    [ -z "$size$*" ] || die 2 "--install makes no swap and takes no size; see $name --help"
    need_root --install
    checkout
    install_headroom
    exit
fi
[ -n "$size" ] || die 2 "which size? try 2G, 16 (GiB), 50% or auto; see $name --help"
path=${path:-/swapfile}
need_root "$size" "$path"

if ! swapctl=$(find_swapctl); then
    checkout
    install_headroom
    swapctl=$prefix/sbin/swapctl
    if $dry_run; then
        echo "would run $swapctl ensure $path --size $size --persist auto $*"
        exit
    fi
fi

set -- ensure "$path" --size "$size" --persist auto "$@"
if $dry_run; then
    exec "$swapctl" "$@" --dry-run
fi
show_memory before
"$swapctl" "$@" || exit
"$swapctl" list
show_memory after
