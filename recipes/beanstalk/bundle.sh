#!/bin/sh
# SPDX-License-Identifier: MIT
#
# bundle.sh - put swap, and the program that makes it, into an application for Elastic Beanstalk
#
# The program goes along with the libraries that it needs and the loader that starts them, so that it runs on every
# Amazon Linux, whatever libraries that has.
set -eu

name=${0##*/}
here=$(cd "$(dirname "$0")" && pwd)

usage()
{
    cat <<END
usage: $name [--size SIZE] APPLICATION

Put into the folder APPLICATION:
  .ebextensions/01_swap.config               the size, as a property of the environment
  .platform/hooks/prebuild/01_swap           runs on every deploy
  .platform/confighooks/prebuild/01_swap     runs when only the configuration changes
  .platform/headroom/                        the program

  --size SIZE  of the swap file: 2G (default), 512M, 1.5G; 50% of the instance's RAM
  -h, --help   show this help

The program is the swapctl that is installed, or HEADROOM_SWAPCTL. Run it again after an update of
headroom; it replaces only these files.
END
}

die()
{
    echo "$name: $2" >&2
    exit "$1"
}

# The shared libraries of a program and its loader, as paths
libraries()
{
    ldd "$1" | sed -n 's,^[^/]*=> \(/[^ ]*\) (0x.*,\1,p'
}

# Libraries that the program looks for only when it needs them, and theirs
loaded_later()
{
    known=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p)
    for library in mount.so.1 blkid.so.1 smartcols.so.1 cap.so.2; do
        later=$(echo "$known" | sed -n "s,^[[:space:]]*lib$library .*=> ,,p" | head -n 1)
        [ -z "$later" ] || {
            echo "$later"
            libraries "$later"
        }
    done
}

loader()
{
    ldd "$1" | sed -n 's,^[[:space:]]*\(/[^ ]*/ld[^ ]*\) (0x.*,\1,p'
}

find_swapctl()
{
    found=${HEADROOM_SWAPCTL:-$(PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin command -v swapctl)} ||
        die 3 "swapctl is not installed; run setup_swap.sh --install first"
    case $("$found" --version 2>/dev/null) in
    *'(headroom)'*) echo "$found" ;;
    *) die 3 "$found: is not headroom's swapctl; set HEADROOM_SWAPCTL" ;;
    esac
}

# It takes the old one's place when it is whole, and has been seen to run.
put_program()
{
    to=$1/.platform/headroom.new
    trap 'rm -rf "$to"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    rm -rf "$to"
    mkdir -p "$to/lib" || die 3 "$1: cannot be written to"
    cp "$swapctl" "$to/lib/swapctl"
    start=$(loader "$swapctl")
    [ -n "$start" ] || die 3 "$swapctl: the loader that starts it is not found"
    cp -L "$start" "$to/lib/loader"
    for file in $(libraries "$swapctl") $(loaded_later); do
        cp -L "$file" "$to/lib/"
    done
    cat >"$to/swapctl" <<'END'
#!/bin/sh
dir=$(cd "$(dirname "$0")" && pwd)
exec "$dir/lib/loader" --library-path "$dir/lib" --argv0 swapctl "$dir/lib/swapctl" "$@"
END
    chmod 755 "$to/swapctl" "$to/lib/loader" "$to/lib/swapctl"
    "$to/swapctl" --version >/dev/null || die 3 "$to: the program does not run from there"
    rm -rf "$1/.platform/headroom"
    mv "$to" "$1/.platform/headroom"
}

put_hooks()
{
    for file in .ebextensions/01_swap.config .platform/hooks/prebuild/01_swap .platform/confighooks/prebuild/01_swap; do
        mkdir -p "$1/${file%/*}"
        cp "$here/$file" "$1/$file"
    done
    chmod 755 "$1/.platform/hooks/prebuild/01_swap" "$1/.platform/confighooks/prebuild/01_swap"
    sed "s/^\( *HEADROOM_SWAP_SIZE:\).*/\1 $size/" "$here/.ebextensions/01_swap.config" >"$1/.ebextensions/01_swap.config"
}

size=2G
application=
while [ $# -gt 0 ]; do
    case $1 in
    --size) [ $# -ge 2 ] || die 2 "--size: which?"; size=$2; shift ;;
    --size=*) size=${1#*=} ;;
    -h | --help) usage && exit 0 ;;
    -*) die 2 "$1: unknown option; see $name --help" ;;
    *) [ -z "$application" ] || die 2 "$1: one application only; see $name --help"; application=$1 ;;
    esac
    shift
done
[ -n "$application" ] || die 2 "which application? see $name --help"
[ -d "$application" ] || die 2 "$application: is no folder"
case $size in
*[!0-9.KMGTiB%]* | '') die 2 "--size: \"$size\" is not a size; try 2G or 50%" ;;
esac
swapctl=$(find_swapctl)
# what is wrong with it would be found by a deploy only, which goes on without swap
answer=0
"$swapctl" create /swapfile --root "$application" --size "$size" --dry-run >/dev/null 2>&1 || answer=$?
[ $answer != 2 ] || die 2 "--size: \"$size\" is not a size of swap; try 2G or 50%"
# hooks without the program would tell so on every deploy
put_program "$application"
put_hooks "$application"
echo "$application: $(cd "$application/.platform/headroom" && du -sk . | cut -f 1) KiB in .platform/headroom; deploy it"
