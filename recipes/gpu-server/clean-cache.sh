#!/bin/sh
# SPDX-License-Identifier: MIT
#
# clean-cache.sh - empty the package and model caches of a shared server, by kind, and say what that really freed
#
# Only what lies in the kind's own folder goes, symbolic links are never followed, and other file systems below it are
# left alone. All of it can be fetched again.
set -eu

name=${0##*/}
kinds='conda pip uv torch hf'

usage()
{
    cat <<END
usage: $name --all | --KIND... [--older-than DAYS] [--dry-run] [--root DIR]

Empty caches: --conda --pip --uv --torch --hf, or --all of them.

  --older-than DAYS  only files that were neither read nor written for so long: 30, 30d
  --root DIR         the folder that the caches lie in: DIR/conda/pkgs, DIR/pip, DIR/uv, DIR/torch,
                     DIR/huggingface. Without it each kind's own variable counts
                     (CONDA_PKGS_DIRS, PIP_CACHE_DIR, UV_CACHE_DIR, TORCH_HOME, HF_HOME), then
                     the folder below ~/.cache that the program would take
  --dry-run          say what would be freed, remove nothing
  -h, --help         show this help

One line for each kind: its name, the bytes, the folder. Bytes are counted as the disk does; a file
that has another name elsewhere (conda links packages into environments) frees nothing and counts 0.

Exit status: 0 done, 2 wrong usage, 3 something could not be removed, 6 refused: a folder that is no cache.
END
}

die()
{
    echo "$name: $2" >&2
    exit "$1"
}

folder() # KIND
{
    if [ -n "$root" ]; then
        case $1 in
        conda) echo "$root/conda/pkgs" ;;
        hf) echo "$root/huggingface" ;;
        *) echo "$root/$1" ;;
        esac
        return
    fi
    cache=${XDG_CACHE_HOME:-$HOME/.cache}
    case $1 in
    conda) echo "${CONDA_PKGS_DIRS:-$HOME/.conda/pkgs}" ;;
    pip) echo "${PIP_CACHE_DIR:-$cache/pip}" ;;
    uv) echo "${UV_CACHE_DIR:-$cache/uv}" ;;
    torch) echo "${TORCH_HOME:-$cache/torch}" ;;
    hf) echo "${HF_HOME:-$cache/huggingface}" ;;
    esac
}

# A variable that is wrong must not empty a home folder or a disk.
check() # FOLDER KIND
{
    case $1 in
    /*/*) ;;
    *) die 6 "$1: the cache of $2 is not a folder of its own; nothing was removed" ;;
    esac
    case /$1/ in
    */../* | */./*) die 6 "$1: the cache of $2 has a name that leads elsewhere; nothing was removed" ;;
    esac
    real=$(cd "$1" && pwd -P)
    # where a group may write to the caches, a member could put a link there and let root empty what it leads to
    case $real/ in
    "$real_root"/*) ;;
    *) die 6 "$1: the cache of $2 lies in $real, which is outside of $root; nothing was removed" ;;
    esac
    home=$(cd "$HOME" 2>/dev/null && pwd -P) || home=
    case $home/ in
    "$real"/*) die 6 "$1: the cache of $2 would be the home folder or one above it; nothing was removed" ;;
    esac
    case $real in
    / | /bin | /boot | /dev | /etc | /home | /lib | /opt | /proc | /root | /run | /srv | /sys | /tmp | /usr | /var | \
        /usr/* | /var/lib | /var/log | /etc/* | /boot/* | /proc/* | /sys/* | /dev/*)
        die 6 "$1: the cache of $2 would be a folder of the system; nothing was removed" ;;
    esac
    # a login and its configuration do not belong to what can be fetched again
    if [ -e "$real/.ssh" ] || [ -e "$real/.git" ]; then
        die 6 "$1: the cache of $2 holds .ssh or .git and is somebody's folder; nothing was removed"
    fi
}

# What would go. hf keeps the login in its folder.
list()
{
    # shellcheck disable=SC2086 # $age is a list
    find -P . -xdev -mindepth 1 ! -type d ! -path ./token ! -path ./stored_tokens $age "$@"
}

# What the disk gets when that goes: of a file whose names all go.
measure()
{
    list -printf '%D:%i %n %b\n' | awk '++seen[$1] == $2 { n += $3 * 512 } END { printf "%.0f", n }'
}

clean() # KIND
{
    dir=$(folder "$1")
    if [ ! -d "$dir" ]; then
        echo "$1 0 $dir (not there)"
        return
    fi
    check "$dir" "$1"
    dir=$real
    # by its handle from now on: another folder that takes its name is not touched
    cd "$dir"
    [ "$(pwd -P)" = "$dir" ] || die 6 "$dir: was exchanged while it was looked at; nothing was removed in it"
    bytes=$(measure)
    if ! $dry_run; then
        list -delete || { status=3 && bytes=$((bytes - $(measure))); }
        # links to what is gone, and folders that are empty now
        find -P . -xdev -mindepth 1 -xtype l -delete || status=3
        find -P . -xdev -depth -mindepth 1 -type d -empty -delete || status=3
    fi
    cd /
    echo "$1 $bytes $dir"
    total=$((total + bytes))
}

wanted=
age=
root=
dry_run=false
status=0
total=0
[ -n "${HOME-}" ] || export HOME=/nonexistent
while [ $# -gt 0 ]; do
    case $1 in
    --all) wanted=$kinds ;;
    --conda | --pip | --uv | --torch | --hf) wanted="$wanted ${1#--}" ;;
    --older-than | --root) [ $# -ge 2 ] || die 2 "$1: which? see $name --help" ;;
    --dry-run) dry_run=true ;;
    -h | --help) usage && exit 0 ;;
    *) die 2 "$1: unknown; see $name --help" ;;
    esac
    case $1 in
    --older-than)
        days=${2%d}
        case $days in
        '' | *[!0-9]* | ??????*) die 2 "--older-than: \"$2\" is no number of days" ;;
        esac
        age="-atime +$days -mtime +$days"
        shift ;;
    --root)
        case $2 in
        /*[!/]*) root=${2%/} ;;
        *) die 2 "--root: \"$2\" is not the absolute path of a folder for caches" ;;
        esac
        shift ;;
    esac
    shift
done
real_root=
[ ! -d "$root" ] || real_root=$(cd "$root" && pwd -P)
[ -n "$wanted" ] || die 2 "which caches? --all, or some of --conda --pip --uv --torch --hf"

# All are looked at before the first one is touched.
for kind in $wanted; do
    dir=$(folder "$kind")
    [ ! -d "$dir" ] || check "$dir" "$kind"
done
for kind in $wanted; do
    clean "$kind"
done
if $dry_run; then
    echo "would free $total bytes"
else
    echo "freed $total bytes"
fi
exit $status
