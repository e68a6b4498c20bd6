#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# recipes/gpu-server, but for clean-cache.sh and what makes folders for people, see gpuusers.bats
#
# bats file_tags=scripts
# shellcheck disable=SC2154 # variables of the helper
load gpuserver

# ---- every one of them

@test "gpu-server: --help, and what makes no sense" {
    local script
    for script in boot-restore.sh disk-alert.sh share-dir.sh sudoers.sh user-setup.sh install.sh admin-menu; do
        run -0 "$RECIPES/$script" --help
        [[ $output == "usage: $script "* ]]
    done
    for script in boot-restore.sh share-dir.sh sudoers.sh user-setup.sh install.sh admin-menu; do
        run -2 --separate-stderr "$RECIPES/$script" --nonsense
        [[ $stderr == "$script: --nonsense: unknown; see $script --"* ]]
        run -2 "$RECIPES/$script" --root relative
    done
    run -3 "$RECIPES/disk-alert.sh" --nonsense
    run -2 "$RECIPES/share-dir.sh" --group team
    run -2 "$RECIPES/share-dir.sh" /data/x
    run -2 "$RECIPES/share-dir.sh" relative --group team
    run -2 "$RECIPES/sudoers.sh" --group
    run -2 "$RECIPES/user-setup.sh" ann --home --folder x
    run -2 "$RECIPES/user-setup.sh" ann --folder ../x
    run -2 "$RECIPES/install.sh" --root "$R"
}

# ---- boot-restore.sh

@test "boot-restore: swap first, then what is registered; the log has it all, with times" {
    # shellcheck disable=SC2016 # for the fake
    fake swapctl 'echo "swapctl $*" >>"$CALLS"; echo /swapfile: changed'
    mkdir -p "$R/etc/headroom"
    printf '# users\n\nuser-setup.sh ann --folder data' >"$R/etc/headroom/restore.list"
    run -0 "$RECIPES/boot-restore.sh" --root "$R" --dry-run
    [ ! -e "$R/homes/ann" ]
    [ -z "$(ls "$R/var/log")" ]
    run -0 "$RECIPES/boot-restore.sh" --root "$R"
    [ "${lines[0]}" = "swapctl: /swapfile: changed" ]
    [ "${lines[-1]}" = "user-setup.sh: changed" ]
    [ "$(readlink "$R/homes/ann/data")" = /data/users/ann/data ]
    [ "$(cut -d ' ' -f 2- "$R/var/log/headroom-restore.log")" = "$output" ]
    grep -qE '^[0-9-]{10}T[0-9:]{8}[+-][0-9]{4} swapctl: ' "$R/var/log/headroom-restore.log"
    # on a system in a folder there is no swap to turn on
    [ "$(sort -u "$CALLS")" = "swapctl apply --root $R --dry-run" ]
}

@test "boot-restore: one that fails does not stop the others, and the status tells" {
    fake swapctl 'echo "swapctl: /swapfile: no space; free some" >&2; exit 3'
    run -3 "$RECIPES/boot-restore.sh" --root "$R"
    [ "${lines[-1]}" = "swapctl: failed with exit status 3" ]
    fake swapctl 'exit 127'
    run -3 "$RECIPES/boot-restore.sh" --root "$R"
    mkdir -p "$R/etc/headroom"
    printf 'rm -rf /\nuser-setup.sh nobody-knows\nuser-setup.sh ann\n' >"$R/etc/headroom/restore.list"
    run -4 "$RECIPES/boot-restore.sh" --root "$R"
    [[ $output == *'restore.list: "rm" is none of user-setup.sh, share-dir.sh and sudoers.sh: failed with exit status 2'* ]]
    [[ $output == *"user-setup.sh: user-setup.sh: nobody-knows: there is no such user; make one: adduser nobody-knows"* ]]
    [ -L "$R/homes/ann/data" ]
}

@test "boot-restore: nothing in the list is expanded, and a list that others may write to is refused" {
    fake swapctl 'exit 0'
    mkdir -p "$R/etc/headroom"
    # shellcheck disable=SC2016
    echo 'user-setup.sh $(touch '"$T"'/hit) * ; touch '"$T/hit" >"$R/etc/headroom/restore.list"
    run -4 "$RECIPES/boot-restore.sh" --root "$R"
    [ ! -e "$T/hit" ]
    chmod o+w "$R/etc/headroom/restore.list"
    run -6 "$RECIPES/boot-restore.sh" --root "$R"
    [[ $output == *"restore.list: others than root may write to it"* ]]
}

@test "boot-restore: a log that cannot be written does not keep the machine from its swap" {
    fake swapctl 'echo /swapfile: changed'
    run -0 --separate-stderr "$RECIPES/boot-restore.sh" --root "$R" --log /nowhere/log
    [ "$output" = "swapctl: /swapfile: changed" ]
    [ -n "$stderr" ]
}

# ---- disk-alert.sh

# A memwatch that answers as the file status says
fake_memwatch() {
    fake memwatch '[ "$*" = "check --disk $3" ] || exit 9; read -r s <"$CALLS.status"; echo "DISK $s $3"; exit "$s"'
    echo "$1" >"$CALLS.status"
}

# Root would not trust a configuration below a folder that all may write to, so nobody is root here
alert() { # STATUS [OPTION...]
    local wanted=$1
    shift
    fake id 'echo 1'
    run "-$wanted" --separate-stderr "$RECIPES/disk-alert.sh" --config "$T/conf" --state "$T/state/alert" --log "$T/log" \
        --mail "cat >>$T/mail; echo \$DISK_ALERT >>$T/mail" "$@"
}

@test "disk-alert: tells once, again after a time, and when it is over" {
    : >"$T/conf"
    fake_memwatch 0
    alert 0
    [ "$output" = "DISK 0 /data:80" ]
    [ ! -e "$T/mail" ]
    echo 2 >"$CALLS.status"
    alert 2 --dry-run
    [ "${lines[1]}" = "would tell: DISK 2 /data:80" ]
    [ ! -e "$T/mail" ]
    alert 2
    [ "$(cat "$T/mail")" = $'DISK 2 /data:80\nCRITICAL' ]
    grep -qE '^[0-9T:+-]+ DISK 2 /data:80$' "$T/log"
    alert 2
    [ "$(wc -l <"$T/mail")" = 2 ]
    [ "$(wc -l <"$T/log")" = 1 ]
    alert 2 --repeat 0s
    [ "$(wc -l <"$T/mail")" = 4 ]
    echo 0 >"$CALLS.status"
    alert 0
    [ "$(tail -n 1 "$T/mail")" = OK ]
    alert 0 --repeat 0s
    [ "$(wc -l <"$T/mail")" = 6 ]
    [ -z "$stderr" ]
}

@test "disk-alert: a mail that fails is tried again; a clock that was set back does not silence it" {
    : >"$T/conf"
    fake_memwatch 2
    alert 2 --mail 'exit 7'
    [ "$stderr" = "disk-alert.sh: exit 7: failed; the next run tries again" ]
    alert 2
    [ "$(tail -n 1 "$T/mail")" = CRITICAL ]
    echo "2 99999999999 /data:80" >"$T/state/alert"
    alert 2
    [ "$(wc -l <"$T/mail")" = 4 ]
    fake_memwatch 0
    alert 3 --mail 'exit 7'
}

@test "disk-alert: several disks, and the worst of them is the status" {
    : >"$T/conf"
    # shellcheck disable=SC2016
    fake memwatch 'case $3 in /a*) s=3 ;; /b*) s=1 ;; /c*) s=0 ;; esac; echo "DISK $3"; exit $s'
    alert 1 --disk /a:1 --disk '/b x:70:90' --disk /c:9
    [ "$output" = $'DISK /a:1\nDISK /b x:70:90\nDISK /c:9' ]
    [ "$(cat "$T/mail")" = $'DISK /a:1\nDISK /b x:70:90\nWARNING' ]
    alert 1 --disk /a:1 --disk '/b x:70:90' --disk /c:9
    [ "$(wc -l <"$T/mail")" = 3 ]
}

@test "disk-alert: the configuration, what an option says first, and what it cannot be" {
    fake_memwatch 2
    printf '# x\ndisk /one:80\ndisk /two:90\nmail cat >%s\nrepeat 1m\nlog %s\n' "$T/told" "$T/log2" >"$T/conf"
    chmod go-w "$T/conf"
    [ "$me" != 0 ] || run -3 "$RECIPES/disk-alert.sh" --config "$T/conf" --state "$T/state"
    fake id 'echo 1'
    run -2 "$RECIPES/disk-alert.sh" --config "$T/conf" --state "$T/state"
    [ "$output" = $'DISK 2 /one:80\nDISK 2 /two:90' ]
    [ "$(cat "$T/told")" = "$output" ]
    [ -s "$T/log2" ]
    run -2 "$RECIPES/disk-alert.sh" --config "$T/conf" --state "$T/state" --disk /three:1
    [ "$output" = "DISK 2 /three:1" ]
    echo 'colour red' >"$T/conf"
    run -3 "$RECIPES/disk-alert.sh" --config "$T/conf" --state "$T/state"
    [ "$output" = "disk-alert.sh: $T/conf: \"colour\" is none of disk, mail, repeat, log" ]
    echo disk >"$T/conf"
    run -3 "$RECIPES/disk-alert.sh" --config "$T/conf" --state "$T/state"
    [ "$output" = 'disk-alert.sh: disk: which? write it like /data:80' ]
    run -3 "$RECIPES/disk-alert.sh" --config "$T/none" --state "$T/state"
    run -3 "$RECIPES/disk-alert.sh" --config "$T" --state "$T/state"
    [ "$output" = "disk-alert.sh: $T: is no file" ]
    run -3 "$RECIPES/disk-alert.sh" --state "$T/state" --repeat soon
}

@test "disk-alert: what is empty or cannot be written is unknown, neither fine nor critical" {
    fake_memwatch 0
    : >"$T/conf"
    local option
    for option in --disk --mail --repeat --log --state --config; do
        alert 3 "$option" ''
        [[ $stderr == "disk-alert.sh: $option: is empty; "* ]]
    done
    run -3 "$RECIPES/disk-alert.sh" --disk /one:80 --config "$T/conf" --state /proc/none
    [[ ${lines[-1]} == "disk-alert.sh: /proc/none.lock: cannot be locked; "* ]]
    run -3 sh -c '"$0" "$@" >/dev/full' "$RECIPES/disk-alert.sh" --disk /one:80 --config "$T/conf" --state "$T/state" --log "$T/log"
}

@test "disk-alert: without memwatch it is unknown, not fine" {
    : >"$T/conf"
    fake memwatch 'exit 127'
    alert 3
    [ "$(tail -n 1 "$T/mail")" = UNKNOWN ]
}

@test "disk-alert: the real memwatch" {
    local program=${BUILD_DIR:-$BATS_TEST_DIRNAME/../../build}/cmd/memwatch/memwatch
    [ -x "$program" ]
    ln -s "$program" "$T/bin/memwatch"
    : >"$T/conf"
    alert 2 --disk "$T:0"
    [[ $output == "DISK CRITICAL - disk:$T "* ]]
    [ "$(head -n 1 "$T/mail")" = "$output" ]
    alert 3 --disk "$T/none:80"
}

# ---- sudoers.sh

@test "sudoers: a rule for exactly these words, that sudo itself reads" {
    needs visudo
    twice "$RECIPES/sudoers.sh" --group team --root "$R"
    local file=$R/etc/sudoers.d/headroom-team
    [ "$(stat -c %a "$file")" = 440 ]
    [ "$(ls -A "$R/etc/sudoers.d")" = headroom-team ]
    grep -qxF '%team ALL=(root) NOPASSWD: /opt/gpu-server/clean-cache.sh --all --older-than 30d --root /data/cache' "$file"
    run -0 "$RECIPES/sudoers.sh" --group team --root "$R" /opt/gpu-server/disk-alert.sh '/opt/gpu-server/disk-alert.sh --disk /:1,2'
    [ "$(grep -v '^#' "$file")" = '%team ALL=(root) NOPASSWD: /opt/gpu-server/disk-alert.sh ""
%team ALL=(root) NOPASSWD: /opt/gpu-server/disk-alert.sh --disk /\:1\,2' ]
    PATH=$PATH:/usr/sbin visudo -cqf "$file"
}

@test "sudoers: patterns and the like, and programs that others could exchange, are refused" {
    needs visudo
    local word
    for word in '/opt/gpu-server/*' 'disk-alert.sh' '/opt/gpu-server/disk-alert.sh ^.*$' '/bin/sh "a"' '/x !y' $'/x\ny'; do
        run -2 "$RECIPES/sudoers.sh" --group team --root "$R" "$word"
    done
    run -2 "$RECIPES/sudoers.sh" --group 'ALL, x' --root "$R"
    for word in '' / // relative '/data/a b' '/data cache'; do
        run -2 "$RECIPES/sudoers.sh" --group team --root "$R" --cache "$word"
        [[ $output == 'sudoers.sh: --cache: "'"$word"'" '* ]]
    done
    run -3 "$RECIPES/sudoers.sh" --group strangers --root "$R"
    run -3 "$RECIPES/sudoers.sh" --group team --root "$R" /opt/none
    ln -s gpu-server/disk-alert.sh "$R/opt/link"
    run -6 "$RECIPES/sudoers.sh" --group team --root "$R" /opt/link
    chmod g+w "$R/opt"
    run -6 "$RECIPES/sudoers.sh" --group team --root "$R"
    [[ $output == "sudoers.sh: $R/opt: others than root may write to it; "* ]]
    chmod g-w "$R/opt"
    chmod o+w "$RECIPES/clean-cache.sh"
    run -6 "$RECIPES/sudoers.sh" --group team --root "$R"
    [ -z "$(ls -A "$R/etc/sudoers.d")" ]
}

@test "sudoers: what visudo does not take is never installed, nor where sudo would not read it" {
    fake visudo 'cat >/dev/null; exit 1'
    run -3 "$RECIPES/sudoers.sh" --group team --root "$R"
    [ "${lines[-1]}" = "sudoers.sh: visudo does not take the text; nothing was written" ]
    fake visudo 'cat >/dev/null'
    echo '#@includedir /etc/sudoers.d' >"$R/etc/sudoers"
    run "$RECIPES/sudoers.sh" --group team --root "$R"
    [ "$status" = 3 ] || [ "$(id -u)" != 0 ]
    [ -z "$(ls -A "$R/etc/sudoers.d")" ] || [ "$(id -u)" != 0 ]
}

# ---- install.sh and what it installs

@test "install: units and a cron file that call the scripts where they lie" {
    # shellcheck disable=SC2016
    fake systemctl 'echo "$*" >>"$CALLS"; [ "$3" = enable ] && : >"$CALLS.$5"; [ ! -e "$CALLS.$4" ] || echo enabled'
    twice "$RECIPES/install.sh" --root "$R" restore alert-timer alert-cron
    grep -qx 'ExecStart=/opt/gpu-server/boot-restore.sh' "$R/etc/systemd/system/headroom-restore.service"
    grep -qx 'ExecStart=/opt/gpu-server/disk-alert.sh' "$R/etc/systemd/system/headroom-disk-alert.service"
    grep -qxF '*/10 * * * * root /opt/gpu-server/disk-alert.sh >/dev/null' "$R/etc/cron.d/headroom-disk-alert"
    [ "$(grep -c ' enable ' "$CALLS")" = 2 ]
    echo 'disk /:1' >"$R/etc/headroom/disk-alert.conf"
    run -0 "$RECIPES/install.sh" --root "$R" alert-cron
    [ "$output" = unchanged ]
    [ "$(cat "$R/etc/headroom/disk-alert.conf")" = 'disk /:1' ]
}

@test "install: not from a folder that others may write to, nor from outside of the system" {
    fake systemctl 'exit 1'
    run -2 "$BATS_TEST_DIRNAME/../../recipes/gpu-server/install.sh" --root "$R" restore
    [[ $output == *": lies outside of $R; run the copy that lies in it" ]]
    chmod o+w "$RECIPES/common.sh"
    run -6 "$RECIPES/install.sh" --root "$R" restore
    [ "$output" = "install.sh: $RECIPES/common.sh: others than root may write to it; chmod go-w it, or take something that lies elsewhere" ]
    [ ! -e "$R/etc/systemd" ]
}

@test "install: systemd finds no fault in the units" {
    needs systemd-analyze
    fake systemctl 'exit 0'
    run -0 "$RECIPES/install.sh" --root "$R" restore alert-timer
    sed -i "s,=/opt,=$R/opt," "$R"/etc/systemd/system/*.service
    run -0 systemd-analyze verify --man=no "$R"/etc/systemd/system/headroom-*
    [ -z "$output" ]
    systemd-analyze --help | grep -q -e --offline || return 0
    run -0 systemd-analyze security --offline=yes --threshold=40 --no-pager "$R"/etc/systemd/system/headroom-*.service
}

# ---- admin-menu

@test "admin-menu: what it offers is what it does, by name and without a terminal" {
    local entry text
    run -0 "$RECIPES/admin-menu" --list-options
    [ "${#lines[@]}" = 8 ]
    while read -r entry text; do
        [ -n "$text" ]
        [ "$entry" = status ] || "$RECIPES/admin-menu" "$entry" --help | grep -q '^usage: '
    done <<<"$output"
    run -2 "$RECIPES/admin-menu" </dev/null
    [ "$output" = "admin-menu: there is no terminal for a menu; name one of: status restore clean-cache disk-alert user-setup share-dir sudoers install" ]
    run -2 "$RECIPES/admin-menu" reboot
    run -0 "$RECIPES/admin-menu" user-setup ann --root "$R"
    [ -L "$R/homes/ann/data" ]
    run -6 "$RECIPES/admin-menu" share-dir /etc --group team --root "$R"
}

@test "admin-menu: plain text asks, shows what would be done, and does it after a yes only" {
    run -0 "$RECIPES/admin-menu" --interface text <<<"user-setup
ann --root $R
n"
    [[ $output == *"6) share-dir  Let a group share a folder"* ]]
    [[ $output == *"link /homes/ann/data to /data/users/ann/data"* ]]
    [ ! -e "$R/homes/ann" ]
    run -0 "$RECIPES/admin-menu" --interface text <<<"5
ann --root $R
y"
    [ -L "$R/homes/ann/data" ]
    # wrong words are answered and nothing is asked
    run -0 "$RECIPES/admin-menu" --interface text <<<"5
ann --nonsense"
    [[ $output == *"--nonsense: unknown"* ]]
    [[ $output != *"Do this?"* ]]
    # who mistypes is asked again
    run -0 --separate-stderr "$RECIPES/admin-menu" --interface text <<<"user-stup
user-setup
ann --nonsense"
    [[ $stderr == *"admin-menu: user-stup: is none of them"* ]]
    [[ $output == *"--nonsense: unknown"* ]]
    run -2 "$RECIPES/admin-menu" --interface text --nonsense
    run -2 "$RECIPES/admin-menu" status --nonsense
    [ "$output" = 'admin-menu: --nonsense: unknown; status takes nothing' ]
}

@test "admin-menu: whiptail and dialog are asked alike" {
    # shellcheck disable=SC2016
    fake dialog '
case "$*" in
*--menu*) [ ! -e "$CALLS" ] || exit 1; printf user-setup >&2 ;;
*--inputbox*) printf "ann --root '"$R"'" >&2 ;;
*--textbox*) for file; do [ ! -f "$file" ] || cat "$file"; done ;;
esac
echo "$*" >>"$CALLS"'
    run -0 "$RECIPES/admin-menu" --interface dialog
    [ -L "$R/homes/ann/data" ]
    [ "$(grep -c -e --textbox "$CALLS")" = 2 ]
    grep -q -e "^--title headroom --menu .* sudoers Let a group clean the caches " "$CALLS"
}
