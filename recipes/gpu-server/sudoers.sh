#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sudoers.sh - let a group run exactly these commands as root, without a password
set -eu
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# letters are those of ASCII
export LC_ALL=C

usage()
{
    cat <<END
usage: $name --group GROUP [--cache DIR] [--remember] [--dry-run] [--root DIR] ['COMMAND ARG...'...]

Write /etc/sudoers.d/headroom-GROUP: the members of GROUP may run each COMMAND with exactly these
arguments (none, when none are given). Without a COMMAND: clean-cache.sh, for all caches in DIR
that nobody used for 30 days, and its --dry-run.

  --cache DIR    where the caches lie (/data/cache)
  --remember     do it again at each boot, see boot-restore.sh; only without a COMMAND
  --dry-run      print the text and say what would be done, do nothing
  --root DIR     the system below DIR
  -h, --help     show this help

visudo looks at the text before it is put in place, in one move, as root's with mode 0440. A
program is refused when others than root could exchange it: it, and every folder that leads to
it, must be root's and writable by root only.
To take it back: rm /etc/sudoers.d/headroom-GROUP. The last line is "changed" or "unchanged".
Exit status: 0 done, 2 wrong usage, 3 failed, 5 no sudo here, 6 refused: not to be trusted.
END
}

# One line of the list. sudo would read more than was meant into patterns, quotes and regular expressions.
rule() # 'COMMAND ARG...'
{
    case $1 in
    *[!A-Za-z0-9_./@%+:=,\ -]*)
        die 2 "\"$1\": sudo reads more into a character of it; letters, digits and _ . / @ % + : = , - are safe" ;;
    /*) ;;
    *) die 2 "\"$1\": the command's name is not an absolute path" ;;
    esac
    program=${1%% *}
    need_trust "$program"
    { [ -f "$root$program" ] && [ -x "$root$program" ]; } || die 3 "$root$program: is no program that can be run"
    case $1 in
    *' '*) words=$1 ;;
    *) words="$1 \"\"" ;;
    esac
    words=$(printf '%s' "$words" | sed 's/[,:=]/\\&/g')
    text="$text
%$group ALL=(root) NOPASSWD: $words"
}

group=
cache=/data/cache
remember=false
while [ $# -gt 0 ]; do
    case $1 in
    --group) value $# "$1" && group=$2 && shift ;;
    --cache) value $# "$1" && cache=$2 && shift ;;
    --root) value $# "$1" && set_root "$2" && shift ;;
    --remember) remember=true ;;
    --dry-run) dry_run=true ;;
    -h | --help) usage && exit 0 ;;
    --) shift && break ;;
    -*) die 2 "$1: unknown; see $name --help" ;;
    *) break ;;
    esac
    shift
done
case $group in
'') die 2 "which group? --group GROUP; see $name --help" ;;
*[!A-Za-z0-9_.-]* | -*) die 2 "$group: sudo reads more into a character of this name; give the group another one" ;;
esac
case $cache in
*' '* | *//* | /) die 2 "--cache: \"$cache\" has a blank, or is no folder for caches" ;;
/*) ;;
*) die 2 "--cache: \"$cache\" is not an absolute path" ;;
esac
! $remember || [ $# = 0 ] || die 2 "--remember: only without a COMMAND"
entry group "$group" >/dev/null || die 3 "$group: there is no such group; make it: groupadd $group"
command -v visudo >/dev/null || die 5 "visudo: is not here; install sudo"
need_root

if [ $# = 0 ]; then
    own=$(own_folder)
    set -- "$own/clean-cache.sh --all --older-than 30d --root $cache" \
        "$own/clean-cache.sh --all --older-than 30d --root $cache --dry-run"
fi
text="# Made by $name of headroom, which replaces it."
for command; do
    rule "$command"
done

printf '%s\n' "$text" | visudo -cqf - >&2 || die 3 "visudo does not take the text; nothing was written"
grep -Eqs '^[@#]includedir[[:space:]]+/etc/sudoers\.d/?$' "$root/etc/sudoers" || {
    [ "$(id -u)" != 0 ] ||
        die 3 "$root/etc/sudoers: does not read /etc/sudoers.d; add with visudo: @includedir /etc/sudoers.d"
}
! $dry_run || printf '%s\n' "$text"
# sudo leaves out names with a dot
put "$root/etc/sudoers.d/headroom-$(printf '%s' "$group" | tr . _)" 440 "$text"
! $remember || remember "sudoers.sh --group $group --cache $cache"
answer
