#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# recipes/gpu-server: what root makes in folders of people, and what these could do about it
#
# bats file_tags=scripts
# shellcheck disable=SC2154,SC2030,SC2031 # variables of the helper; each test is a subshell
load gpuserver

teardown() {
    [ -z "${open-}" ] || rm -rf -- "$open"
}

# The same as root, in a folder that others can walk into: ann is one of them, and the group "team" is not hers.
open_to_ann() {
    [ "$me" = 0 ] || skip "needs root"
    as_ann true 2>/dev/null || skip "root cannot become somebody else here"
    open=$(mktemp -d)
    chmod 755 "$open"
    mv "$T/r" "$T/bin" "$open"
    PATH=$open/bin:$PATH T=$open R=$open/r RECIPES=$open/r/opt/gpu-server CALLS=$open/calls
    : >"$CALLS"
    chmod 666 "$CALLS"
    echo 'ann:x:1000:1000::/homes/ann:/bin/sh' >"$R/etc/passwd"
    echo 'team:x:4242:' >"$R/etc/group"
}

as_ann() {
    setpriv --reuid 1000 --regid 1000 --clear-groups "$@"
}

needs_lists() {
    needs setfacl
    (cd "$T" && setfacl -m "g:$my_group:rwx" bin) 2>/dev/null || skip "this file system keeps no access control lists"
}

# ---- share-dir.sh

@test "share-dir: setgid and lists that new files inherit, instead of 777" {
    needs_lists
    twice "$RECIPES/share-dir.sh" /data/models --group team --root "$R"
    [ "$(stat -c '%a %g' "$R/data/models")" = "2770 $my_group" ]
    for word in /data/models/ /data/models/. //data//models/.//; do
        run -0 "$RECIPES/share-dir.sh" "$word" --group team --root "$R"
        [ "$output" = unchanged ]
    done
    (umask 077 && mkdir "$R/data/models/sub" && echo x >"$R/data/models/sub/file")
    [ "$(getfacl -cpnE "$R/data/models/sub/file")" = "$(printf '%s\n' user::rw- group::rwx "group:$my_group:rwx" mask::rw- other::---)" ]
    [ "$(stat -c %a "$R/data/models/sub")" = 2770 ]
}

@test "share-dir --recursive: an old folder with mode 777, and nothing behind links" {
    needs_lists
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

# Between find and setfacl: as soon as root has come to the first file of thousands, the last one is a link.
@test "share-dir --recursive: who lives there cannot lead root out of it by a link" {
    open_to_ann
    needs_lists
    unshare --mount true 2>/dev/null || skip "no mount namespaces here"
    mkdir "$R/data/old"
    (cd "$R/data/old" && seq 5000 | xargs touch)
    chown -R 1000:1000 "$R/data/old"
    echo secret >"$R/etc/secret"
    chmod 600 "$R/etc/secret"
    # shellcheck disable=SC2016
    (cd "$R/data/old" && as_ann timeout 300 sh -c '
        first=$(ls -U | head -n 1) last=$(ls -U | tail -n 1)
        until [ "$(stat -c %g "$first")" = 4242 ]; do :; done
        ln -sf "$1" "$last"' - "$R/etc/secret") 3>&- &
    run "$RECIPES/share-dir.sh" /data/old --group team --root "$R" --recursive
    wait $!
    [ "$(stat -c '%u %g %a %s' "$R/etc/secret")" = '0 0 600 7' ]
    [ "$(find "$R/data/old" -type l | wc -l)" = 1 ]
    # what is still wrong is done by another run, and the link is left alone
    run -0 "$RECIPES/share-dir.sh" /data/old --group team --root "$R" --recursive
    [ "$(find "$R/data/old" -type f ! -gid 4242 | wc -l)" = 0 ]
    [ "$(stat -c '%u %g %a %s' "$R/etc/secret")" = '0 0 600 7' ]
}

@test "share-dir: below a folder to which others write, nothing is made or shared" {
    needs setfacl
    mkdir -p "$R/data/team" "$R/etc/inner"
    chmod 777 "$R/data/team"
    ln -s "$R/etc" "$R/data/team/link"
    for dir in /data/team/link/inner /data/team/link/new /data/team/new; do
        run -6 "$RECIPES/share-dir.sh" "$dir" --group team --root "$R"
        [[ $output == "share-dir.sh: $R/data/team: others than root may write to it; "* ]]
    done
    [ "$(ls -A "$R/data/team" "$R/etc/inner")" = "$R/data/team:
link

$R/etc/inner:" ]
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
    sed -i 's,/homes/ann:,/homes/ann/:,' "$R/etc/passwd"
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
    fake cp 'echo half >"$4/f"; echo "cp: no space" >&2; exit 1'
    run -3 "$RECIPES/user-setup.sh" ann --root "$R" --folder .cache --move
    [ "$(cat "$R/homes/ann/.cache/f")" = a ]
    [ -z "$(ls -A "$R/data/users/ann")" ]
}

@test "user-setup: interrupted while it copies, it leaves nothing on the disk" {
    mkdir -p "$R/homes/ann/.cache"
    echo a >"$R/homes/ann/.cache/f"
    # shellcheck disable=SC2016
    for signal in INT TERM HUP; do
        fake cp 'echo half >"$4/f"; kill -'$signal' 0; exec sleep 1000'
        run -$((128 + $(kill -l $signal))) setsid -w env --default-signal "$RECIPES/user-setup.sh" ann --root "$R" --folder .cache --move
        [ "$(cat "$R/homes/ann/.cache/f")" = a ]
        [ -z "$(ls -A "$R/data/users/ann")" ]
    done
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

@test "user-setup: on a disk that others could rearrange nothing is made" {
    chmod g+w "$R/data"
    run -6 "$RECIPES/user-setup.sh" ann --root "$R"
    [[ $output == "user-setup.sh: $R/data: others than root may write to it; "* ]]
    open_to_ann
    chmod 1777 "$R/data"
    (cd "$R/data" && as_ann ln -s ../etc users)
    run -6 "$RECIPES/user-setup.sh" ann --root "$R"
    [[ $output == "user-setup.sh: $R/data/users: belongs to user 1000, who "* ]]
    [ ! -e "$R/etc/ann" ]
    rm "$R/data/users"
    run -0 "$RECIPES/user-setup.sh" ann --root "$R" --folder data
    [ "$(cd "$R" && stat -c '%u %a %n' data/users data/users/ann homes/ann)" = "0 755 data/users
1000 700 data/users/ann
1000 700 homes/ann" ]
}

@test "user-setup: a home folder is not made where others could put a link" {
    mkdir "$R/homes/shared"
    chmod 777 "$R/homes/shared"
    sed -i s,/homes/,/homes/shared/, "$R/etc/passwd"
    for option in --home --remember; do
        run -6 "$RECIPES/user-setup.sh" ann --root "$R" $option
        [[ $output == *"user-setup.sh: $R/homes/shared: others than root may write to it; "* ]]
    done
    [ -z "$(ls -A "$R/homes/shared")" ]
}

@test "user-setup: root moves a home with its user's rights" {
    open_to_ann
    # shellcheck disable=SC2016
    fake cp 'id -u >>"$CALLS"; exec /bin/cp "$@"'
    mkdir -p "$R/homes/ann/code"
    echo old >"$R/homes/ann/code/file"
    chown -R 1000:1000 "$R/homes/ann"
    chmod 710 "$R/homes/ann"
    echo secret >"$R/homes/ann/code/$(printf 'a\033[31m')"
    run -6 "$RECIPES/user-setup.sh" ann --root "$R" --home --move
    [ "${lines[-2]}" = "user-setup.sh: /homes/ann: /homes/ann/code/a?[31m is not ann's; chown it, or move it away" ]
    rm "$R"/homes/ann/code/a*
    twice "$RECIPES/user-setup.sh" ann --root "$R" --home --move
    [ "$(sort -u "$CALLS")" = 1000 ]
    [ "$(cd "$R/data/users" && stat -c '%u %g %a %n' . ann ann/code/file)" = "0 0 755 .
1000 1000 710 ann
1000 1000 644 ann/code/file" ]
}

@test "user-setup: SELinux labels in a home are set with its user's rights" {
    open_to_ann
    fake getent "echo ann:x:1000:1000::$R/homes/ann:/bin/sh"
    # shellcheck disable=SC2016
    fake stat 'case $2 in %d) echo "$3" ;; *) exec /usr/bin/stat "$@" ;; esac'
    fake selinuxenabled 'exit 0'
    fake matchpathcon 'echo a:b:same:s0'
    # shellcheck disable=SC2016
    fake restorecon 'echo "$(id -u) $*" >>"$CALLS"'
    run -0 "$RECIPES/user-setup.sh" ann --disk "$R/data" --folder data
    [ "$(cat "$CALLS")" = "1000 -R $R/homes/ann
1000 -R $R/data/users/ann" ]
}

@test "gpu-server --remember: a list that others could exchange is not written" {
    mkdir "$R/spool"
    chmod 777 "$R/spool"
    HEADROOM_RESTORE_LIST=/spool/list run -6 "$RECIPES/user-setup.sh" ann --root "$R" --remember
    [ -z "$(ls -A "$R/spool")" ]
}
