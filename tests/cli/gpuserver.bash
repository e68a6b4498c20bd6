# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# tests/cli/gpuserver.bash - a system in a folder for recipes/gpu-server, with tools that only write down how they were
# called. Whoever runs this is the system's root, and its user.
# shellcheck disable=SC2034 # variables for the tests
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
