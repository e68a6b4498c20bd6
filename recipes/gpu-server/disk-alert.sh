#!/bin/sh
# SPDX-License-Identifier: MIT
#
# disk-alert.sh - tell somebody once when a disk gets full, and when it is not any more; for cron or a timer
set -eu
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

# What goes wrong here is unknown to a monitoring system, not critical.
die() # IGNORED MESSAGE
{
    echo "$name: $2" >&2
    exit 3
}

config=/etc/headroom/disk-alert.conf
log=/var/log/headroom-disk-alert.log
state=/var/lib/headroom/disk-alert
repeat=86400
mail=
disks=

usage()
{
    cat <<END
usage: $name [--disk DIR:[WARNING:]CRITICAL]... [--mail COMMAND] [--repeat TIME] [--log FILE]
       [--state FILE] [--config FILE] [--dry-run]

Ask "memwatch check" how full disks are, and print its line for each. When the answer is another
one than the last time, or still is not OK after TIME, it goes to the log and to COMMAND.

  --disk DIR:80   the file system of DIR is critical at 80 %; DIR:80:95 warns at 80 (/data:80)
  --mail COMMAND  a shell command that gets the lines on standard input, and the worst answer in
                  \$DISK_ALERT: 'mail -s "disk: \$DISK_ALERT" root'. When it fails, or takes longer
                  than a minute, the next run tries again
  --repeat TIME   tell again after it: 90s, 30m, 24h, 7d (24h)
  --log FILE      (default $log)
  --state FILE    what was told last (default $state)
  --config FILE   lines such as "disk /data:80", "mail COMMAND", "repeat 12h", "log FILE", for what
                  no option says (default $config)
  --dry-run       print, and say what would be told; tell nothing, write nothing
  -h, --help      show this help

Exit status, the worst of all disks, as monitoring systems want it: 0 OK, 1 warning, 2 critical,
3 unknown, and also wrong usage, or a log, state or mail that does not work while all is OK.
END
}

set_repeat() # TIME
{
    number=${1%[smhd]}
    case $number in
    '' | *[!0-9]* | ???????*) die 2 "repeat: \"$1\" is no time such as 30m, 24h or 7d" ;;
    esac
    case $1 in
    *m) repeat=$((number * 60)) ;;
    *h) repeat=$((number * 3600)) ;;
    *d) repeat=$((number * 86400)) ;;
    *) repeat=$number ;;
    esac
}

add_disk() # RULE
{
    [ -n "$1" ] || die 2 "disk: which? write it like /data:80"
    disks="$disks$1
"
}

# What an option said counts more.
read_config()
{
    if [ ! -e "$config" ]; then
        [ -z "$config_asked" ] || die 3 "$config: it is not there"
        return 0
    fi
    [ -f "$config" ] || die 3 "$config: is no file"
    # it names a command that root runs
    [ "$(id -u)" != 0 ] || need_trust "$config"
    had_disks=$disks
    while read -r key argument || [ -n "$key" ]; do
        case $key in
        '' | '#'*) ;;
        disk) [ -n "$had_disks" ] || add_disk "$argument" ;;
        mail) mail=${mail_asked:-$argument} ;;
        repeat) [ -n "$repeat_asked" ] || set_repeat "$argument" ;;
        log) log=${log_asked:-$argument} ;;
        *) die 2 "$config: \"$key\" is none of disk, mail, repeat, log" ;;
        esac
    done <"$config"
}

word() # STATUS
{
    case $1 in
    0) echo OK ;;
    1) echo WARNING ;;
    2) echo CRITICAL ;;
    *) echo UNKNOWN ;;
    esac
}

# critical, warning, unknown, fine
worst=0
worse() # STATUS
{
    case $1$worst in
    2? | 1[03] | 30) worst=$1 ;;
    esac
}

# "STATUS TIME" of what was told last about this rule
last_told() # RULE
{
    [ ! -e "$state" ] || rule=$1 awk '
        /^[0-3] [0-9]+ / { status = $1; time = $2; sub(/^[0-3] [0-9]+ /, "")
                           if ($0 == ENVIRON["rule"]) { print status, time; exit } }' "$state"
}

news=
told=
ask() # RULE
{
    answer=0
    line=$(memwatch check --disk "$1" 2>&1) || answer=$?
    [ "$answer" -le 3 ] || answer=3
    echo "$line" || worse 3
    worse "$answer"
    last=$(last_told "$1")
    last=${last:-0 0}
    age=$((now - ${last#* }))
    # a clock that was set back must not silence it
    due=false
    [ "$age" -ge 0 ] && [ "$age" -lt "$repeat" ] || due=true
    if [ "$answer" != "${last% *}" ] || { [ "$answer" != 0 ] && $due; }; then
        news="$news$line
"
        last="$answer $now"
    fi
    told="$told$last $1
"
}

tell()
{
    DISK_ALERT=$(word "$worst")
    export DISK_ALERT
    date=$(date +%Y-%m-%dT%H:%M:%S%z)
    printf '%s' "$news" | sed "s/^/$date /" >>"$log" || worse 3
    if [ -n "$mail" ] && ! printf '%s' "$news" | timeout 60 sh -c "$mail" >&2; then
        echo "$name: $mail: failed; the next run tries again" >&2
        worse 3
        return 1
    fi
}

config_asked=
mail_asked=
repeat_asked=
log_asked=
while [ $# -gt 0 ]; do
    case $1 in
    --disk | --mail | --repeat | --log | --state | --config)
        value $# "$1"
        [ -n "$2" ] || die 2 "$1: is empty; see $name --help" ;;
    esac
    case $1 in
    --disk) add_disk "$2" && shift ;;
    --mail) mail=$2 mail_asked=$2 && shift ;;
    --repeat) set_repeat "$2" && repeat_asked=$2 && shift ;;
    --log) log=$2 log_asked=$2 && shift ;;
    --state) state=$2 && shift ;;
    --config) config=$2 config_asked=$2 && shift ;;
    --dry-run) dry_run=true ;;
    -h | --help) usage && exit 0 ;;
    *) die 2 "$1: unknown; see $name --help" ;;
    esac
    shift
done
read_config
[ -n "$disks" ] || add_disk /data:80

if ! $dry_run; then
    # two runs at a time would tell twice; exec would end the shell, with a status that means critical
    { mkdir -p "${state%/*}" && true >>"$state.lock" && exec 9>>"$state.lock" && flock -w 60 9; } ||
        die 3 "$state.lock: cannot be locked; run it as root, or name another --state"
fi
now=$(date +%s)
while IFS= read -r disk; do
    [ -z "$disk" ] || ask "$disk"
done <<END
$disks
END
if $dry_run; then
    [ -z "$news" ] || printf '%s' "$news" | sed 's/^/would tell: /'
elif [ -z "$news" ] || tell; then
    write_file "$state" 600 "${told%?}" || worse 3
fi
exit "$worst"
