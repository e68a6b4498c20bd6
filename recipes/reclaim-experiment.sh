#!/bin/sh
# SPDX-License-Identifier: MIT
#
# reclaim-experiment.sh - who takes memory away when the machine is short of it, and who when a container is at its limit
#
# The memory is page cache of files with nothing in them (holes): it costs no disk, is never swapped, and the kernel can
# drop all of it at once, so that nothing is killed and nobody has to wait for it.
set -eu

name=${0##*/}
mib=1048576

usage()
{
    cat <<END
usage: $name [--most SIZE] [--dir DIR] [--dry-run]

Two scenarios on this kernel's real counters, the expected and the seen verdict side by side:

  host    a program outside of any limit reads more than there is free memory: kswapd reclaims,
          and from every group, also from a bystander that wants nothing
  group   a program in a group with a limit reads more than the limit, while the machine has
          memory enough: it reclaims for itself, and from its own group only

  --most SIZE  read at most so much (32G; a number with M or G); on a machine with more free memory
               the first scenario is left out. What is read can be dropped again at once
  --dir DIR    where the files lie for that time (TMPDIR, or /var/tmp): on a disk, not on a tmpfs
  --dry-run    say what would be done, do nothing
  -h, --help   show this help

Needs root, memwatch and cgctl, and control groups of version 2.
Environment: MEMWATCH, CGCTL, where they are, if not in PATH.

Exit status: 0 as expected, 1 not as expected, 2 wrong usage, 3 failed, 5 not supported here,
6 a scenario was left out, because it would have read more than --most.
END
}

die()
{
    echo "$name: $2" >&2
    exit "$1"
}

read_mib() # SIZE
{
    number=${1%[MG]}
    case $number in
    '' | *[!0-9]* | 0* | ????????*) return 1 ;;
    esac
    case $1 in
    *M) echo "$number" ;;
    *G) echo $((number * 1024)) ;;
    *) return 1 ;;
    esac
}

meminfo() # KEY: in MiB
{
    awk -v key="$1:" '$1 == key { print int($2 / 1024) }' /proc/meminfo
}

# shellcheck disable=SC2317 # traps call it
clean_up()
{
    if [ -n "$bystander" ]; then
        kill "$bystander" 2>/dev/null || :
        wait "$bystander" 2>/dev/null || :
    fi
    rm -rf "$work"
}

# shellcheck disable=SC2317
interrupted() # SIGNAL
{
    trap - EXIT "$1"
    clean_up
    kill -s "$1" $$
}

# A group with 64 MiB of cached files, whose only process then waits for its input to end
start_bystander()
{
    truncate -s 64M "$work/bystander"
    mkfifo "$work/hold" "$work/group"
    # shellcheck disable=SC2016 # for the shell in the group
    "$cgctl" run -- sh -c 'cat "$1/bystander" >/dev/null
        sed -n "s/^0:://p" /proc/self/cgroup >"$1/group"
        exec cat "$1/hold" >/dev/null' - "$work" &
    bystander=$!
    # opened for both, so that nobody hangs when the other does not come
    exec 8<>"$work/hold" 9<>"$work/group"
    while kill -0 "$bystander" 2>/dev/null; do
        if read -r group <&9; then
            return
        fi
    done
    die 3 "the group of the bystander could not be made"
}

# What was taken from the bystander so far, in pages
taken()
{
    "$cgctl" stat "$group" --raw --noheadings -o name,value | awk '$1 == "pgsteal" { print $2 }'
}

number() # KEY OBJECT: from the report
{
    value=$(sed -n "s/.*\"$2\":{[^}]*\"$1\":\([0-9]*\)[,}].*/\1/p" "$work/report")
    echo "${value:-?}"
}

# scenario EXPECTED COMMAND...: its row
scenario()
{
    title=$1 expected=$2
    shift 2
    before=$(taken)
    "$memwatch" reclaim --json --interval 200ms -- "$@" 2>"$work/report" >/dev/null 8>&- 9>&- || {
        cat "$work/report" >&2
        die 3 "$title: the command failed"
    }
    lost=$(($(taken) - before))
    verdict=$(sed -n 's/.*"verdict":"\([^"]*\)".*/\1/p' "$work/report")
    where=$(sed -n 's/.*"group":"\([^"]*\)".*/: \1/p' "$work/report")
    reason=$(sed -nE 's/.*"reason":"(([^"\\]|\\.)*)".*/\1/p' "$work/report" | sed 's/\\"/"/g')
    answer=no
    case $verdict in
    "$expected"*) answer=yes ;;
    esac
    # who is not short of memory loses nothing to the limit of another
    case $title in
    host) [ "$lost" -gt 0 ] || answer=no ;;
    group) [ "$lost" -lt 64 ] || answer=no ;;
    esac
    [ "$answer" = yes ] || all_as_expected=false
    printf '%-9s %-15s %-40s %9s %9s %9s %9s  %s\n' "$title" "$expected" "$verdict$where" \
        "$(number kswapd scanned)" "$(number direct scanned)" "$(number limit scanned)" "$lost" "$answer"
    reasons="$reasons$title: $reason
"
}

most=$((32 * 1024))
dir=${TMPDIR:-/var/tmp}
dry_run=false
while [ $# -gt 0 ]; do
    case $1 in
    --most | --dir) [ $# -gt 1 ] || die 2 "$1: the value is missing; see $name --help" ;;
    esac
    case $1 in
    --most)
        most=$(read_mib "$2") || die 2 "--most: $2: not a size; try 500M or 32G"
        shift
        ;;
    --dir) dir=$2 && shift ;;
    --dry-run) dry_run=true ;;
    -h | --help) usage && exit 0 ;;
    *) die 2 "$1: unknown; see $name --help" ;;
    esac
    shift
done

memwatch=${MEMWATCH:-memwatch}
cgctl=${CGCTL:-cgctl}
for tool in "$memwatch" "$cgctl"; do
    command -v "$tool" >/dev/null || die 3 "$tool: not found; install headroom, or say where by MEMWATCH and CGCTL"
done
[ -d "$dir" ] || die 3 "$dir: no such folder; name one with --dir"
"$cgctl" list / >/dev/null || exit
case $(stat -f -c %T "$dir") in
tmpfs | ramfs | zfs) die 5 "$dir: its files are not in the page cache as those of a disk are; name another with --dir" ;;
esac

limit=32
free=$(meminfo MemFree)
# enough beyond the free memory for kswapd to be woken and to work for a while
amount=$((free + $(meminfo MemTotal) / 10 + 256))
if $dry_run; then
    echo "start a group with 64 MiB of cached files, the bystander"
    [ "$amount" -gt "$most" ] || echo "host: read $amount MiB of holes below $dir; $free MiB are free"
    echo "group: read $((limit * 8)) MiB of holes in a group with a limit of $limit MiB"
    exit
fi
[ "$(id -u)" = 0 ] || die 3 "not root: groups and their limits need it; run: sudo $0"

work=$(mktemp -d "$dir/reclaim-experiment.XXXXXX")
bystander=
trap clean_up EXIT
for signal in HUP INT TERM; do
    # shellcheck disable=SC2064 # its name now
    trap "interrupted $signal" "$signal"
done

start_bystander
all_as_expected=true
reasons=
status=0
printf '%-9s %-15s %-40s %9s %9s %9s %9s  %s\n' scenario expected seen kswapd direct limit bystander 'as expected'
if [ "$amount" -gt "$most" ]; then
    echo "host      left out: $free MiB are free, and at most $most MiB may be read; see --most" >&2
    status=6
else
    truncate -s "${amount}M" "$work/host"
    scenario host 'host pressure' dd if="$work/host" of=/dev/null bs=1M
    rm "$work/host"
fi
truncate -s "$((limit * 8))M" "$work/own"
scenario group 'cgroup limit' "$cgctl" run --memory-max "$((limit * mib))" -- dd if="$work/own" of=/dev/null bs=1M
printf '\nkswapd, direct and limit are pages scanned, by whom; bystander: pages taken from the group that wanted none\n%s' \
    "$reasons"
$all_as_expected || status=1
exit "$status"
