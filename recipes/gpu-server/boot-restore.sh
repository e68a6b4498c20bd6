#!/bin/sh
# SPDX-License-Identifier: MIT
#
# boot-restore.sh - after a boot that lost a disk: swap as declared, and the users and folders that were registered
set -eu
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

log=/var/log/headroom-restore.log

usage()
{
    cat <<END
usage: $name [--list FILE] [--log FILE] [--dry-run] [--root DIR]

Make true again what a machine should have, when a disk of it is empty after each start:
"swapctl apply" makes the swap files that were declared with --persist, and then each line of
the list is done. Nothing that is there already is changed.

  --list FILE  what is registered, one line each: user-setup.sh, share-dir.sh or sudoers.sh and
               their arguments, without quotes. Their option --remember adds lines. Default:
               \$HEADROOM_RESTORE_LIST or /etc/headroom/restore.list; where /etc is lost too, name
               a file on the disk that stays
  --log FILE   append every line that is printed, with the time (default $log)
  --dry-run    say what would be done, do nothing, log nothing
  --root DIR   the system below DIR; swap is only looked at there
  -h, --help   show this help

One that fails does not stop the others.
Exit status: 0 done, 2 wrong usage, 3 failed, 4 some failed, 6 refused: others than root may
write to the list; and when all fail alike, that of the failure.
END
}

# A log that cannot be written must not keep the machine from its swap.
say()
{
    echo "$1"
    $dry_run || printf '%s %s\n' "$(date +%Y-%m-%dT%H:%M:%S%z)" "$1" >>"$root$log" || log=/dev/null
}

total=0
failed=0
status=0
count() # STATUS WHAT
{
    total=$((total + 1))
    [ "$1" != 0 ] || return 0
    say "$2: failed with exit status $1"
    failed=$((failed + 1))
    [ "$status" = 0 ] && status=$1
    [ "$status" = "$1" ] || status=4
}

restore() # COMMAND ARG...
{
    rc=0
    what=${1##*/}
    "$@" >"$temporary" 2>&1 </dev/null || rc=$?
    # not there, or not to be run: its message is the shell's
    [ "$rc" -lt 126 ] || rc=3
    while IFS= read -r said; do
        say "$what: $said"
    done <"$temporary"
    count "$rc" "$what"
}

# What is registered is words: nothing in them is expanded.
registered() # LINE
{
    set -f
    # shellcheck disable=SC2086
    set -- $1
    set +f
    case ${1-} in
    '' | '#'*) ;;
    user-setup.sh | share-dir.sh | sudoers.sh)
        say "$*"
        script=$here/$1
        shift
        restore "$script" "$@" ${dry:+"$dry"} ${root:+--root "$root"} ;;
    *) count 2 "$list: \"$1\" is none of user-setup.sh, share-dir.sh and sudoers.sh" ;;
    esac
}

while [ $# -gt 0 ]; do
    case $1 in
    --list | --log)
        value $# "$1"
        case $2 in
        /*) ;;
        *) die 2 "$1: \"$2\" is not an absolute path" ;;
        esac ;;
    --root) value $# "$1" ;;
    esac
    case $1 in
    --list) HEADROOM_RESTORE_LIST=$2 && shift ;;
    --log) log=$2 && shift ;;
    --root) set_root "$2" && shift ;;
    --dry-run) dry_run=true ;;
    -h | --help) usage && exit 0 ;;
    *) die 2 "$1: unknown; see $name --help" ;;
    esac
    shift
done
need_root
list=$(restore_list)
[ ! -e "$list" ] || need_trust "${list#"$root"}"

dry=
! $dry_run || dry=--dry-run
temporary=$(mktemp)

if [ -n "$root" ]; then
    # swap cannot be turned on for another system
    restore swapctl apply --root "$root" --dry-run
else
    restore swapctl apply ${dry:+"$dry"}
fi
if [ -e "$list" ]; then
    while IFS= read -r line || [ -n "$line" ]; do
        registered "$line"
    done <"$list"
fi

[ "$failed" = "$total" ] || [ "$failed" = 0 ] || status=4
exit "$status"
