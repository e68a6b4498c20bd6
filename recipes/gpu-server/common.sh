# shellcheck shell=sh disable=SC2034 # what is set here is for the scripts
# SPDX-License-Identifier: MIT
#
# common.sh - what the scripts of this folder share: steps, files that appear whole, and what root may trust

name=${0##*/}
here=$(cd "$(dirname "$0")" && pwd -P)
# cron and old sudo rules leave these out
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin

root=
dry_run=false
changed=false
temporary=
trap '[ -z "$temporary" ] || rm -f "$temporary"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

die() # STATUS MESSAGE
{
    echo "$name: $2" >&2
    exit "$1"
}

# The value of an option that needs one.
value() # COUNT OPTION
{
    [ "$1" -ge 2 ] || die 2 "$2: which? see $name --help"
}

set_root() # DIR
{
    case $1 in
    /*) [ -d "$1" ] || die 2 "--root: \"$1\" is not a folder" ;;
    *) die 2 "--root: \"$1\" is not an absolute path" ;;
    esac
    root=$(cd "$1" && pwd -P)
    root=${root%/}
}

need_root()
{
    $dry_run || [ -n "$root" ] || [ "$(id -u)" = 0 ] || die 3 "not root: this needs it; run it with sudo"
}

# Say what is done, and do it unless this is a dry run.
step() # TEXT COMMAND...
{
    text=$1
    shift
    echo "$text"
    changed=true
    $dry_run || "$@" || die 3 "$text: failed, see above"
}

answer()
{
    if $changed; then
        echo changed
    else
        echo unchanged
    fi
}

# A line of the system's passwd or group, or of that below --root.
entry() # DATABASE NAME
{
    if [ -n "$root" ]; then
        awk -F: -v name="$2" '$1 == name { print; found = 1; exit } END { exit !found }' "$root/etc/$1"
    else
        getent "$1" "$2"
    fi
}

# PATH and every folder that leads to it are root's, and none of them meets the test of find
only_roots() # PATH FIND-TEST...
{
    at=$1
    shift
    owner=0
    [ -z "$root" ] || owner=$(id -u)
    while :; do
        who=$(stat -c '%u' "$at")
        [ "$who" = "$owner" ] ||
            die 6 "$at: belongs to user $who, who could put something else there; only what is root's is trusted"
        [ -z "$(find "$at" -maxdepth 0 -perm /022 "$@")" ] ||
            die 6 "$at: others than root may write to it; chmod go-w it, or take something that lies elsewhere"
        case ${at#"$root"} in
        '' | /) break ;;
        esac
        at=${at%/*}
        at=${at:-/}
    done
}

# Refuse what somebody else than root could change or exchange: the file, and every folder that leads to it.
need_trust() # PATH
{
    real=$(realpath -e "$root$1" 2>/dev/null) || die 3 "$root$1: it is not there"
    [ "$real" = "$root$1" ] || die 6 "$root$1: a symbolic link leads to it; name $real itself"
    only_roots "$real"
}

# Refuse a folder in which somebody else could put a link where root makes something. It may be missing, and a link of
# root's may lead to it; where the sticky bit is set, nobody can take away what is root's.
need_keeper() # PATH
{
    keeper=$root$1
    while [ ! -e "$keeper" ] && [ ! -L "$keeper" ]; do
        keeper=${keeper%/*}
        keeper=${keeper:-/}
    done
    real=$(realpath -e "$keeper" 2>/dev/null) || die 3 "$keeper: it is a link to what is not there"
    case $real/ in
    "$root"/*) ;;
    *) die 6 "$keeper: lies outside of $root" ;;
    esac
    only_roots "$keeper" ! -perm -1000 ! -type l
    only_roots "$real" ! -perm -1000
}

# This folder, as the system below --root names it.
own_folder()
{
    case $here/ in
    "$root"/*) echo "${here#"$root"}" ;;
    *) die 2 "$here: lies outside of $root; run the copy that lies in it" ;;
    esac
}

write_file() # FILE MODE TEXT
{
    mkdir -p "${1%/*}" &&
        temporary=$(mktemp "${1%/*}/.headroom.XXXXXX") &&
        printf '%s\n' "$3" >"$temporary" &&
        chmod "$2" "$temporary" &&
        sync "$temporary" &&
        mv -fT "$temporary" "$1" &&
        temporary=
}

# FILE has this text: it appears whole or not at all, and only when it differs.
put() # FILE MODE TEXT
{
    if [ -f "$1" ] && [ ! -L "$1" ] && [ "$(cat "$1")" = "$3" ] && [ "$(stat -c '%u %a' "$1")" = "$(id -u) $2" ]; then
        return
    fi
    step "write $1" write_file "$@"
}

restore_list()
{
    echo "$root${HEADROOM_RESTORE_LIST:-/etc/headroom/restore.list}"
}

# boot-restore.sh does it again after each boot.
remember() # COMMAND-LINE
{
    list=$(restore_list)
    need_keeper "${list#"$root"}"
    if [ ! -e "$list" ]; then
        put "$list" 644 "$1"
    elif ! grep -qxF -e "$1" "$list"; then
        put "$list" 644 "$(cat "$list" && echo "$1")"
    fi
}
