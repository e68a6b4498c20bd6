#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# recipes/gpu-server, but for clean-cache.sh: on a system in a folder, with tools that only write down how they were
# called. Whoever runs this is the system's root, and its user.
#
# bats file_tags=scripts

bats_require_minimum_version 1.5.0

setup() {
    T=$BATS_TEST_TMPDIR
    R=$T/r
    RECIPES=$R/opt/gpu-server
    mkdir -p "$T/bin" "$R"/{etc/skel,etc/sudoers.d,opt,data,homes,var/log}
    cp -R "$BATS_TEST_DIRNAME/../../recipes/gpu-server" "$R/opt"
    chmod -R go-w "$R"
    me=$(id -u)
    my_group=$(id -g)
    echo "ann:x:$me:$my_group::/homes/ann:/bin/sh" >"$R/etc/passwd"
    echo "team:x:$my_group:ann" >"$R/etc/group"
    echo '@includedir /etc/sudoers.d' >"$R/etc/sudoers"
    echo hello >"$R/etc/skel/.profile"
    export CALLS=$T/calls
    PATH=$T/bin:$PATH
    # a disk that is busy would make this slow
    fake sync :
    unset HEADROOM_RESTORE_LIST
}

# fake NAME SCRIPT
fake() {
    printf '#!/bin/sh\n%s\n' "$2" >"$T/bin/$1"
    chmod +x "$T/bin/$1"
}

# What is there and how: names, modes, links and texts
picture() {
    (cd "$R" && find . -printf '%P %m %l %T@\n' && find . -type f -exec cksum {} +) | sort
}

# twice WORD... : a dry run leaves no trace and names the steps of the run, and a second run has none
twice() {
    local before dry
    before=$(picture)
    run -0 "$@" --dry-run
    [ "$(picture)" = "$before" ]
    dry=$output
    [ "${lines[-1]}" = changed ]
    run -0 "$@"
    [ "$output" = "$(grep -v '^[#%]' <<<"$dry")" ] || { echo "dry: $dry"; echo "run: $output"; return 1; }
    before=$(picture)
    run -0 "$@"
    [ "$output" = unchanged ]
    [ "$(picture)" = "$before" ]
}

needs() {
    PATH=$PATH:/usr/sbin command -v "$1" >/dev/null || skip "needs $1"
}

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

# ---- share-dir.sh

@test "share-dir: setgid and lists that new files inherit, instead of 777" {
    needs setfacl
    (cd "$T" && setfacl -m "g:$my_group:rwx" bin) 2>/dev/null || skip "this file system keeps no access control lists"
    twice "$RECIPES/share-dir.sh" /data/models --group team --root "$R"
    [ "$(stat -c '%a %g' "$R/data/models")" = "2770 $my_group" ]
    (umask 077 && mkdir "$R/data/models/sub" && echo x >"$R/data/models/sub/file")
    [ "$(getfacl -cpnE "$R/data/models/sub/file")" = "$(printf '%s\n' user::rw- group::rwx "group:$my_group:rwx" mask::rw- other::---)" ]
    [ "$(stat -c %a "$R/data/models/sub")" = 2770 ]
}

@test "share-dir --recursive: an old folder with mode 777, and nothing behind links" {
    needs setfacl
    (cd "$T" && setfacl -m "g:$my_group:rwx" bin) 2>/dev/null || skip "this file system keeps no access control lists"
    mkdir -p "$R/data/old/sub"
    echo x >"$R/data/old/sub/file"
    echo x >"$R/data/old/sub/program"
    echo x >"$R/data/outside"
    ln -s ../outside "$R/data/old/link"
    chmod 777 "$R/data/old" "$R/data/old/sub" "$R/data/old/sub/program"
    chmod 666 "$R/data/old/sub/file"
    chmod 604 "$R/data/outside"
    twice "$RECIPES/share-dir.sh" /data/old --group team --root "$R" --recursive --readable
    [ "$(cd "$R/data" && stat -c '%a %n' old old/sub old/sub/* outside)" = "2775 old
2775 old/sub
664 old/sub/file
775 old/sub/program
604 outside" ]
}

@test "share-dir: what is the system's, a link, or nobody's group is refused" {
    needs setfacl
    ln -s /data "$R/link"
    run -6 "$RECIPES/share-dir.sh" /link --group team --root "$R"
    run -6 "$RECIPES/share-dir.sh" /etc --group team --root "$R"
    run -6 "$RECIPES/share-dir.sh" /data/../etc --group team --root "$R"
    run -3 "$RECIPES/share-dir.sh" /data/x --group strangers --root "$R"
    [ "$output" = "share-dir.sh: strangers: there is no such group; make it: groupadd strangers" ]
    [ ! -e "$R/data/x" ]
    # it would not be read again as it was written
    for word in '/data/a b' $'/data/a\nsudoers.sh'; do
        run -2 "$RECIPES/share-dir.sh" "$word" --group team --root "$R" --remember
        [[ $output == *'a name with a blank cannot be remembered'* ]]
    done
    [ ! -e "$R/etc/headroom" ]
    fake setfacl 'echo "setfacl: .: Operation not supported" >&2; exit 1'
    run -5 "$RECIPES/share-dir.sh" /data/x --group team --root "$R"
    [[ ${lines[-1]} == "share-dir.sh: /data/x: its file system keeps no access control lists; "* ]]
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

# ---- user-setup.sh

@test "user-setup: folders of the home lie on the disk" {
    twice "$RECIPES/user-setup.sh" ann --root "$R"
    [ "$(stat -c %a "$R/data/users/ann")" = 700 ]
    [ "$(readlink "$R/homes/ann/.cache")" = /data/users/ann/.cache ]
    [ "$(cat "$R/homes/ann/.profile")" = hello ]
    twice "$RECIPES/user-setup.sh" ann --root "$R" --folder .local/share/containers
    [ -d "$R/data/users/ann/.local/share/containers" ]
}

@test "user-setup: the home is lost with its disk and comes back as it was" {
    twice "$RECIPES/user-setup.sh" ann --root "$R" --home --remember
    [ "$(readlink "$R/homes/ann")" = /data/users/ann ]
    [ "$(cat "$R/etc/headroom/restore.list")" = "user-setup.sh ann --disk /data --home" ]
    echo mine >"$R/data/users/ann/.profile"
    rm "$R/homes/ann"
    run -0 "$RECIPES/user-setup.sh" ann --root "$R" --home
    [ "$(cat "$R/data/users/ann/.profile")" = mine ]
}

@test "user-setup: data is left alone, and moved only when that was asked" {
    mkdir -p "$R/homes/ann/.cache/deep"
    echo old >"$R/homes/ann/.cache/deep/file"
    run -6 --separate-stderr "$RECIPES/user-setup.sh" ann --root "$R"
    [ "$stderr" = "user-setup.sh: /homes/ann/.cache: there is data in it, which is left alone; --move moves it to /data/users/ann/.cache" ]
    [ -f "$R/homes/ann/.cache/deep/file" ]
    [ -L "$R/homes/ann/data" ]
    twice "$RECIPES/user-setup.sh" ann --root "$R" --move
    [ "$(readlink "$R/homes/ann/.cache")" = /data/users/ann/.cache ]
    [ "$(cat "$R/data/users/ann/.cache/deep/file")" = old ]
    [ ! -e "$R/homes/ann/.cache.moved" ]
}

@test "user-setup: a whole home moves" {
    mkdir -p "$R/homes/ann/code"
    echo old >"$R/homes/ann/code/file"
    run -6 "$RECIPES/user-setup.sh" ann --root "$R" --home
    twice "$RECIPES/user-setup.sh" ann --root "$R" --home --move
    [ "$(cat "$R/data/users/ann/code/file")" = old ]
    [ "$(readlink "$R/homes/ann")" = /data/users/ann ]
}

@test "user-setup: nothing that is there is overwritten" {
    mkdir -p "$R/homes/ann/.cache" "$R/data/users/ann/.cache"
    echo a >"$R/homes/ann/.cache/f"
    echo b >"$R/data/users/ann/.cache/f"
    ln -s /elsewhere "$R/homes/ann/.conda"
    echo c >"$R/homes/ann/data"
    run -6 --separate-stderr "$RECIPES/user-setup.sh" ann --root "$R" --move
    [ "$output" = unchanged ]
    [ "$stderr" = "user-setup.sh: /homes/ann/.cache: there is data in it, and in /data/users/ann/.cache too; merge them by hand
user-setup.sh: /homes/ann/.conda: is a link to /elsewhere; remove it, if it may go
user-setup.sh: /homes/ann/data: is there and no folder; move it away" ]
    [ "$(cat "$R/homes/ann/.cache/f" "$R/data/users/ann/.cache/f" "$R/homes/ann/data")" = $'a\nb\nc' ]
}

@test "user-setup: a copy that fails leaves the data where it was, and nothing on the disk" {
    mkdir -p "$R/homes/ann/.cache"
    echo a >"$R/homes/ann/.cache/f"
    # shellcheck disable=SC2016
    fake cp 'mkdir "$4"; echo half >"$4/f"; echo "cp: no space" >&2; exit 1'
    run -3 "$RECIPES/user-setup.sh" ann --root "$R" --folder .cache --move
    [ "$(cat "$R/homes/ann/.cache/f")" = a ]
    [ -z "$(ls -A "$R/data/users/ann")" ]
}

@test "user-setup: a disk that is not there or not mounted, and nobody" {
    rmdir "$R/data"
    run -3 "$RECIPES/user-setup.sh" ann --root "$R"
    [ "$output" = "user-setup.sh: /data: is not there; mount the disk, or name another --disk" ]
    run -3 "$RECIPES/user-setup.sh" bob --root "$R"
    [ "$output" = "user-setup.sh: bob: there is no such user; make one: adduser bob" ]
    # without --root: getent's home lies beside the "disk"
    fake getent "echo ann:x:$me:$my_group::$R/homes/ann:/bin/sh"
    fake id 'echo 0'
    run -3 "$RECIPES/user-setup.sh" ann --disk "$R/etc"
    [ "$output" = "user-setup.sh: $R/etc: lies on the same file system as $R/homes/ann; is the disk mounted?" ]
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
