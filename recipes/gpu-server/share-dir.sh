#!/bin/sh
# SPDX-License-Identifier: MIT
#
# share-dir.sh - a folder that a group shares, without 777: the group, setgid, and an ACL that new files inherit
set -eu
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

usage()
{
    cat <<END
usage: $name DIR --group GROUP [--readable] [--recursive] [--remember] [--dry-run] [--root DIR]

Make DIR, if it is missing, a folder in which the members of GROUP can change everything, also
what is made later and whatever the umask, and others nothing.

  --group GROUP  whose members share it
  --readable     others may read and enter
  --recursive    treat all below it so, too (an old folder with mode 777). Other file systems
                 and links are left alone, also links that take a file's place meanwhile
  --remember     do it again at each boot, see boot-restore.sh
  --dry-run      say what would be done, do nothing
  --root DIR     the system below DIR
  -h, --help     show this help

The last line is "changed" or "unchanged".
Exit status: 0 done, 2 wrong usage, 3 failed, 5 the file system has no ACL, or --recursive and no
mount namespace to be had, 6 refused: a folder of the system, a symbolic link, or a folder that lies
in one to which others write.
END
}

# How many of these do not have the group, setgid and the ACL?
count_wrong() # d|f FIND-ARG...
{
    type=$1
    shift
    acl=$(find -P . -xdev "$@" -type "$type" -exec getfacl -npE {} +) || die 3 "$dir: its ACL cannot be read, see above"
    printf '%s\n' "$acl" | awk -v RS= -v gid="$gid" -v others="$others" -v type="$type" '
        function has(line) { return index("\n" $0 "\n", "\n" line "\n") }
        function folder() {
            return has("group:" gid ":rwx") && has("mask::rwx") && has("other::" others) &&
                has("default:group:" gid ":rwx") && has("default:mask::rwx") && has("default:other::" others) &&
                /\n# flags: .s/
        }
        function file() {
            return /\nmask::rw/ && index($0, "\ngroup:" gid ":rw") && index($0, "\nother::" substr(others, 1, 2))
        }
        NF && !(has("# group: " gid) && (type == "d" ? folder() : file())) { n++ }
        END { print n + 0 }'
}

# For files X gives the right to run only to what can be run already.
# shellcheck disable=SC2016 # for the inner shell
set_lists='
    set -eu
    gid=$1 others=$2
    shift 2
    find -P . -xdev "$@" \( -type d -o -type f \) -exec chgrp "$gid" {} + \
        -exec setfacl -m "g::rwX,g:$gid:rwX,o::$(echo "$others" | tr x X)" {} +
    find -P . -xdev "$@" -type d -exec setfacl -d -m "u::rwx,g::rwx,g:$gid:rwx,o::$others" {} + \
        -exec chmod g+s {} +'

# Who may write to the folder can put a link in the place of a file that find has seen, for chgrp and setfacl to follow. So
# they get a root of their own, where nothing but this folder can be changed, and that is gone with them.
# shellcheck disable=SC2016
alone='
    set -eu
    mount -t tmpfs -o mode=755 tmpfs /tmp
    for top in /bin /lib* /nix /sbin /usr; do
        if [ -L "$top" ]; then
            cp -P "$top" /tmp
        elif [ -d "$top" ]; then
            mkdir "/tmp$top"
            mount --bind "$top" "/tmp$top"
            mount -o remount,bind,ro "/tmp$top"
        fi
    done
    mkdir /tmp/here
    mount --no-canonicalize --bind . /tmp/here
    exec chroot /tmp sh -c "cd /here && exec \"\$@\"" - "$@"'

# Below the folder, as root, in a namespace
below()
{
    if [ "$(id -u)" != 0 ]; then
        "$@"
        return
    fi
    unshare --mount true 2>/dev/null ||
        die 5 "$dir: others may write to it, and what is below cannot be changed safely without a mount namespace, which" \
            "this system does not give"
    unshare --mount sh -c "$alone" - "$@"
}

share() # env|below FIND-ARG...
{
    how=$1
    shift
    temporary=$(mktemp)
    LC_ALL=C "$how" sh -c "$set_lists" - "$gid" "$others" "$@" 2>"$temporary" && return
    ! grep -q 'Operation not supported' "$temporary" ||
        die 5 "$dir: its file system keeps no access control lists; mount it with the option acl, or take another"
    cat "$temporary" >&2
    return 1
}

group=
dir=
others=---
recursive=false
remember=false
while [ $# -gt 0 ]; do
    case $1 in
    --group) value $# "$1" && group=$2 && shift ;;
    --readable) others=r-x ;;
    --recursive) recursive=true ;;
    --remember) remember=true ;;
    --root) value $# "$1" && set_root "$2" && shift ;;
    --dry-run) dry_run=true ;;
    -h | --help) usage && exit 0 ;;
    -*) die 2 "$1: unknown; see $name --help" ;;
    *)
        [ -z "$dir" ] || die 2 "$1: one folder only; see $name --help"
        dir=$1 ;;
    esac
    shift
done
while :; do
    case $dir in
    /*/ | /*/.) dir=${dir%/*} ;;
    *) break ;;
    esac
done
case $dir in
/*) ;;
'') die 2 "which folder? see $name --help" ;;
*) die 2 "$dir: is not an absolute path" ;;
esac
case $remember$dir$group in
true*[[:space:]]*) die 2 "--remember: $dir $group: a name with a blank cannot be remembered; the list has no quotes" ;;
esac
[ -n "$group" ] || die 2 "which group? --group GROUP; see $name --help"
gid=$(entry group "$group" | cut -d : -f 3)
[ -n "$gid" ] || die 3 "$group: there is no such group; make it: groupadd $group"
command -v setfacl >/dev/null || die 5 "setfacl is not installed; install the package acl"

path=$root$dir

[ ! -L "$path" ] || die 6 "$dir: is a symbolic link; name $(realpath -m "$path") itself"
need_keeper "${dir%/*}"
[ -d "$path" ] || step "make the folder $dir" mkdir -m 0700 "$path"
if [ -d "$path" ]; then
    # by its handle from now on, so that nobody can put another one in its place
    cd -P "$path"
    case ${PWD#"$root"} in
    '' | / | /bin | /boot | /dev | /etc | /home | /lib | /opt | /proc | /root | /run | /srv | /sys | /tmp | /usr | \
        /var | /usr/* | /var/lib | /var/log | /var/tmp | /etc/* | /boot/* | /proc/* | /sys/* | /dev/*)
        die 6 "$dir: is a folder of the system; share one below it" ;;
    esac
    [ "$(count_wrong d -maxdepth 0)" = 0 ] || step "share $dir with the group $group" share env -maxdepth 0
    if $recursive; then
        wrong=$(($(count_wrong d -mindepth 1) + $(count_wrong f -mindepth 1)))
        [ "$wrong" = 0 ] || step "share $wrong files and folders below $dir with the group $group" share below -mindepth 1
    fi
else
    echo "share $dir with the group $group"
fi
! $remember || remember "share-dir.sh $dir --group $group$([ "$others" = --- ] || echo ' --readable')"
answer
