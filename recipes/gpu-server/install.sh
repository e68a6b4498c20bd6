#!/bin/sh
# SPDX-License-Identifier: MIT
#
# install.sh - let systemd or cron call the scripts of this folder
set -eu
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

usage()
{
    cat <<END
usage: $name [--dry-run] [--root DIR] PART...

Parts:
  restore      boot-restore.sh at each boot, by systemd
  alert-timer  disk-alert.sh every 10 minutes, by systemd
  alert-cron   disk-alert.sh every 10 minutes, by a file of its own in /etc/cron.d; no crontab is
               touched

The units and the cron file call the scripts where they lie now. A folder that others than root may
write to is refused. disk-alert.conf goes to /etc/headroom unless there is one.

  --dry-run    say what would be done, do nothing
  --root DIR   the system below DIR; this script must lie in it
  -h, --help   show this help

The last line is "changed" or "unchanged".
Exit status: 0 done, 2 wrong usage, 3 failed, 5 no systemd here, 6 refused: not to be trusted.
END
}

# The text of a file of this folder, with the folder where it lies now.
text_of() # FILE
{
    sed "s|/usr/local/share/headroom/recipes/gpu-server|$own|" "$here/$1"
}

units() # ENABLED UNIT...
{
    command -v systemctl >/dev/null || die 5 "systemctl: is not here; this system is not systemd's, see alert-cron"
    before=$changed
    changed=false
    booted=false
    [ -n "$root" ] || [ ! -d /run/systemd/system ] || booted=true
    enabled=$1
    shift
    for unit; do
        put "$root/etc/systemd/system/$unit" 644 "$(text_of "$unit")"
    done
    # it takes notice of the new text when it enables one; -q would say yes to one that is enabled for this boot only
    if [ "$(systemctl ${root:+--root "$root"} is-enabled "$enabled" 2>/dev/null)" != enabled ]; then
        now=
        ! $booted || [ "${enabled%.timer}" = "$enabled" ] || now=--now
        step "enable $enabled" systemctl ${root:+--root "$root"} enable -q ${now:+--now} "$enabled"
    elif $changed && $booted; then
        step "reload systemd" systemctl daemon-reload
    fi
    ! $before || changed=true
}

parts=
while [ $# -gt 0 ]; do
    case $1 in
    restore | alert-timer | alert-cron) parts="$parts $1" ;;
    --root) value $# "$1" && set_root "$2" && shift ;;
    --dry-run) dry_run=true ;;
    -h | --help) usage && exit 0 ;;
    *) die 2 "$1: unknown; see $name --help" ;;
    esac
    shift
done
[ -n "$parts" ] || die 2 "which part? see $name --help"
need_root
own=$(own_folder)
case $own in
*[!A-Za-z0-9_./+-]*) die 6 "$own: systemd or cron read more into a character of it; install headroom elsewhere" ;;
esac
need_trust "$own"
odd=$(find "$here" \( -perm /022 -o ! -uid "$owner" -o -type l \) -print -quit)
[ -z "$odd" ] || need_trust "${odd#"$root"}"

case $parts in
*alert*)
    [ -e "$root/etc/headroom/disk-alert.conf" ] ||
        put "$root/etc/headroom/disk-alert.conf" 644 "$(cat "$here/disk-alert.conf")" ;;
esac
for part in $parts; do
    case $part in
    restore) units headroom-restore.service headroom-restore.service ;;
    alert-timer) units headroom-disk-alert.timer headroom-disk-alert.service headroom-disk-alert.timer ;;
    alert-cron) put "$root/etc/cron.d/headroom-disk-alert" 644 "$(text_of headroom-disk-alert.cron)" ;;
    esac
done
answer
