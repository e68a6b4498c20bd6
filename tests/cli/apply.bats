#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# apply, status and clean on the tree of another system: what they understand, and what they print

load swapctl

setup() {
    make_tree
    cat >"$tree/etc/fstab" <<'END'
# /comment none swap x-headroom.size=1M 0 0
/swapfile none swap sw,nofail,x-headroom.size=2147487744,pri=3,x-headroom.label=a%20b 0 0
/later none swap noauto,x-headroom.size=1M 0 0
/dev/sda2 none swap sw 0 0
/bad none swap sw,x-headroom.size=much 0 0
UUID=0815 none swap sw,x-headroom.size=1M 0 0
/swapfile none swap sw,x-headroom.size=1M 0 0
END
    mkdir -p "$tree/etc/sysctl.d"
    echo 'vm.swappiness = 10' >"$tree/etc/sysctl.d/60-headroom.conf"
}

ours() { # ARG...: with the tree as the root
    run --separate-stderr swapctl "$@" --root "$tree"
}

@test "apply --dry-run: a line for each area and for swappiness, messages on stderr" {
    ours apply --dry-run
    [ "$status" = 4 ]
    [ "$output" = "create /swapfile, 2G, label a b
activate /swapfile
/swapfile: changed
/bad: failed
/etc/fstab:6: failed
set vm.swappiness to 10 (now 60)
vm.swappiness: changed" ]
    [ "$stderr" = 'swapctl: /etc/fstab:5: cannot understand the option x-headroom.size=much; correct it
swapctl: /etc/fstab:6: does not name a swap file by its path; correct it
swapctl: warning: /etc/fstab:7: declares /swapfile again; what counts is /etc/fstab:2, so take this one out' ]
}

@test "apply --dry-run --json" {
    ours apply --dry-run --json
    [ "$status" = 4 ]
    [ "$(jq -c '[.areas[] | [.path, .declared, .changed, .actions]]' <<<"$output")" = '[["/swapfile","/etc/fstab:2",true,["create","activate"]],["/bad","/etc/fstab:5",false,[]],[null,"/etc/fstab:6",false,[]]]' ]
    [ "$(jq -c .swappiness <<<"$output")" = '{"value":10,"changed":true,"actions":["swappiness"],"error":null}' ]
}

@test "status: text" {
    ours status
    [ "$status" = 1 ]
    [ "$output" = "PATH      DECLARED SIZE ACTUAL-SIZE ACTIVE PRIORITY STATE
/swapfile fstab      2G           - no            3 missing
/bad      fstab       -           - -             - invalid
-         fstab       -           - -             - invalid

vm.swappiness: 60, declared: 10" ]
}

@test "status: raw has rows only" {
    ours status --raw --noheadings -o path,where,size,label,state
    [ "$status" = 1 ]
    [ "${lines[0]}" = '/swapfile /etc/fstab:2 2147487744 a\x20b missing' ]
    [ "${#lines[@]}" = 3 ]
}

@test "status: JSON, and a file that is there" {
    sed -i 2q "$tree/etc/fstab"
    : >"$tree/swapfile"
    ours status --json
    [ "$status" = 1 ]
    [ "$(jq -c '[.areas[0].path, .areas[0].active, .areas[0].actual_size, .areas[0].state, .swappiness, .actual_swappiness]' <<<"$output")" = '["/swapfile",true,null,"not-swap,access",10,60]' ] || { echo "$output" && return 1; }
}

@test "clean: wrong command lines" {
    usage_error 'missing --dir, the folder that the swap files are in' clean clean --prefix x --yes
    usage_error 'missing --prefix, how the names of the swap files begin' clean clean --dir / --yes
    usage_error '--prefix: is empty, which would mean every swap file in /' clean clean --dir / --prefix '' --yes
    usage_error '--prefix: "a/b" has a slash, but it is the beginning of a name; the folder is for --dir' clean \
        clean --dir / --prefix a/b --yes
    usage_error 'files would be deleted: look with --dry-run which, then add --yes' clean clean --dir / --prefix x
    usage_error 'unexpected operand "x"' clean clean x --dir / --prefix x --yes
}

@test "clean: what is no swap file is skipped" {
    mkdir "$tree/d"
    echo data >"$tree/d/x1"
    ours clean --dir /d --prefix x --yes
    [ "$status" = 0 ]
    [ "$output" = '/d/x1: skipped' ]
    [ "$stderr" = 'swapctl: warning: /d/x1: has no swap header; left as it is' ]
    [ "$(cat "$tree/d/x1")" = data ]
}
