#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# recipes/setup_swap.sh and recipes/deps.sh, with a swapctl and package managers that only write down how they were
# called. Who is root is what the fake id says, so this runs for everybody and changes nothing.

# bats file_tags=scripts
bats_require_minimum_version 1.5.0

setup() {
    REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    SETUP=$REPO/recipes/setup_swap.sh
    T=$BATS_TEST_TMPDIR
    mkdir -p "$T/bin" "$T/prefix/sbin"
    fake id 'echo "${FAKE_UID:-0}"'
    export CALLS=$T/calls HEADROOM_PREFIX=$T/prefix
    PATH=$T/bin:/usr/bin:/bin
}

# fake NAME SCRIPT
fake() {
    printf '#!/bin/sh\n%s\n' "$2" >"$T/bin/$1"
    chmod +x "$T/bin/$1"
}

# A swapctl that is installed, writes its arguments down, one line a call, and answers as told
install_fake_swapctl() {
    cat >"$T/prefix/sbin/swapctl" <<'END'
#!/bin/sh
case $1 in
--version) echo "swapctl (headroom) 9" ;;
ensure) echo "$*" >>"$CALLS"; echo "${FAKE_ANSWER-changed}"; exit "${FAKE_STATUS:-0}" ;;
list) echo "$*" >>"$CALLS"; echo "PATH TYPE" ;;
esac
END
    chmod +x "$T/prefix/sbin/swapctl"
}

# A machine on which nothing is found but these programs and the fakes: no compiler, no package manager
bare() {
    local name
    mkdir -p "$T/base"
    for name in sh awk sed cat dirname sort tr grep mktemp rm; do
        [ -e "$T/base/$name" ] || ln -s "$(command -v "$name")" "$T/base/$name"
    done
    env "PATH=$T/bin:$T/base" "$@"
}

calls() { # LINE...
    [ "$(cat "$CALLS")" = "$(printf '%s\n' "$@")" ] || { cat "$CALLS" && return 1; }
}

# ---- setup_swap.sh with swapctl installed

@test "a size makes /swapfile, declared as the system does it" {
    install_fake_swapctl
    run -0 "$SETUP" 2G
    calls "ensure /swapfile --size 2G --persist auto" "list"
}

@test "a path follows the size" {
    install_fake_swapctl
    run -0 "$SETUP" 512M "/var/my swap"
    calls "ensure /var/my swap --size 512M --persist auto" "list"
}

@test "a bare number means GiB, as today's scripts are called" {
    install_fake_swapctl
    run -0 "$SETUP" 16
    calls "ensure /swapfile --size 16G --persist auto" "list"
}

@test "other sizes go through as they are" {
    local size
    install_fake_swapctl
    for size in 2GB 2GiB 1.5g 50% auto 2147483648B; do
        : >"$CALLS"
        run -0 "$SETUP" "$size"
        calls "ensure /swapfile --size $size --persist auto" "list"
    done
}

@test "what follows -- is for swapctl" {
    install_fake_swapctl
    run -0 "$SETUP" 1G /s -- --swappiness 10 --persist none
    calls "ensure /s --size 1G --persist auto --swappiness 10 --persist none" "list"
}

@test "--dry-run is passed on, and nothing else is done" {
    install_fake_swapctl
    FAKE_ANSWER="make it" run -0 "$SETUP" --dry-run 2G
    calls "ensure /swapfile --size 2G --persist auto --dry-run"
    [[ $output == *"make it"* ]]
}

@test "--dry-run may follow, and needs no root" {
    install_fake_swapctl
    FAKE_UID=1000 run -0 "$SETUP" 2G /s --dry-run
    calls "ensure /s --size 2G --persist auto --dry-run"
}

@test "memory is shown before and after, the list between" {
    install_fake_swapctl
    run -0 "$SETUP" 2G
    [[ ${lines[0]} =~ ^memory\ before:\ [0-9.]+\ GiB\ of\ [0-9.]+\ GiB\ available,\ swap:\ [0-9.]+\ GiB\ of\ [0-9.]+\ GiB\ free$ ]]
    [ "${lines[1]}" = changed ]
    [ "${lines[2]}" = "PATH TYPE" ]
    [[ ${lines[3]} == "memory after: "* ]]
    [ "${#lines[@]}" -eq 4 ]
}

@test "a second run says unchanged" {
    install_fake_swapctl
    FAKE_ANSWER=unchanged run -0 "$SETUP" 2G
    [ "${lines[1]}" = unchanged ]
}

@test "the exit status of swapctl is passed through" {
    local status_wanted
    install_fake_swapctl
    for status_wanted in 2 3 5 6 124; do
        : >"$CALLS"
        FAKE_STATUS=$status_wanted FAKE_ANSWER='' run "-$status_wanted" "$SETUP" 2G
        calls "ensure /swapfile --size 2G --persist auto"
    done
}

@test "with headroom installed it needs no compiler, no package manager, no network" {
    install_fake_swapctl
    run -0 bare "$SETUP" 2G
    calls "ensure /swapfile --size 2G --persist auto" "list"
}

@test "a swapctl of another system is not taken for ours" {
    fake swapctl 'echo "swapctl 1.0"'
    run -0 "$SETUP" --dry-run 2G
    [[ $output == *"would run $T/prefix/sbin/swapctl ensure /swapfile --size 2G --persist auto"* ]]
}

# ---- setup_swap.sh, wrong usage

@test "a bad size is wrong usage, and nothing is called" {
    local size
    install_fake_swapctl
    for size in 0 0G G 2X 2G2 1..5 .5G 1. 2Gi 0x10 1,5G 2GBB "" " 2G" "2 G" /swapfile auto5 5auto ٢G; do
        run -2 "$SETUP" "$size"
        [[ $output == "setup_swap.sh: "*"size"* ]]
    done
    [ ! -e "$CALLS" ]
}

@test "a missing size, a third operand and an unknown option are wrong usage" {
    install_fake_swapctl
    run -2 "$SETUP"
    [[ $output == *"which size?"* ]]
    run -2 "$SETUP" 2G /a /b
    [[ $output == *"/b: one size and one path"* ]]
    # a variable that is not set must not name the usual file
    run -2 "$SETUP" 2G ''
    [[ $output == *"the path is empty; leave it out for /swapfile" ]]
    run -2 "$SETUP" -2G
    [[ $output == *"-2G: unknown option"* ]]
    run -2 "$SETUP" 2G --swappiness 10
    [[ $output == *"--swappiness: unknown option; options of swapctl follow after --"* ]]
    run -2 "$SETUP" --install 2G
    [ ! -e "$CALLS" ]
}

@test "who is not root is told so" {
    install_fake_swapctl
    FAKE_UID=1000 run -3 "$SETUP" 2G /s
    [ "$output" = "setup_swap.sh: not root: swap and installation need it; run: sudo $SETUP 2G /s" ]
    [ ! -e "$CALLS" ]
}

@test "--help prints the usage" {
    local option
    for option in -h --help; do
        run -0 "$SETUP" "$option"
        [ "${lines[0]}" = "usage: setup_swap.sh [--dry-run] SIZE [PATH] [-- SWAPCTL-OPTION...]" ]
    done
}

# ---- setup_swap.sh with swapctl not installed

@test "not installed: --dry-run says what would be built and run, and builds nothing" {
    fake meson 'echo "meson $*" >>"$CALLS"'
    fake apt-get 'echo "apt-get $*" >>"$CALLS"'
    run -0 "$SETUP" --dry-run 2G
    [[ $output == *"would build in $REPO/build and install under $T/prefix"* ]]
    [[ $output == *"would run $T/prefix/sbin/swapctl ensure /swapfile --size 2G --persist auto"* ]]
    [ ! -e "$CALLS" ]
}

@test "not installed, no compiler: --dry-run names the packages" {
    fake apt-get 'echo "apt-get $*" >>"$CALLS"'
    run -0 bare "$SETUP" --dry-run 2G
    [[ $output == *"would install the packages gcc "*" meson ninja-build pkg-config"* ]]
    [ ! -e "$CALLS" ]
}

@test "not installed and not in a checkout: says so" {
    mkdir -p "$T/elsewhere/recipes"
    cp "$SETUP" "$T/elsewhere/recipes"
    run -3 "$T/elsewhere/recipes/setup_swap.sh" 2G
    [[ $output == *"not in a checkout of headroom, and swapctl is not installed"* ]]
}

@test "packages that cannot be installed: fails with what the package manager said" {
    fake apt-cache 'exit 0'
    fake apt-get 'echo "E: no network here" >&2; exit 100'
    run -3 bare "$SETUP" 2G
    [[ $output == *"E: no network here"* ]]
    [[ $output == *"the installation of packages failed"* ]]
}

@test "from a clean copy to an installed swapctl" {
    (cd "$REPO" && tar -c --exclude='./build*' --exclude=./.git .) | (mkdir "$T/copy" && tar -x -C "$T/copy")
    unset HEADROOM_PREFIX
    HEADROOM_PREFIX=$T/new run -0 "$T/copy/recipes/setup_swap.sh" --install
    run -0 "$T/new/sbin/swapctl" --version
    [[ $output == "swapctl (headroom) "* ]]
    [ -x "$T/new/share/headroom/recipes/setup_swap.sh" ]
    [ -s "$T/new/share/man/man8/swapctl.8" ]
    # a second time over the same build folder, and from what was installed
    HEADROOM_PREFIX=$T/new run -0 "$T/copy/recipes/setup_swap.sh" --install
    HEADROOM_PREFIX=$T/new run -2 "$T/new/share/headroom/recipes/setup_swap.sh" 1K
    [[ $output == *"swapctl: "* ]]
}

# ---- deps.sh

@test "deps: apt is asked for what is missing, without questions, and waits for its lock" {
    fake apt-cache 'exit 0'
    fake apt-get 'echo "$DEBIAN_FRONTEND $*" >>"$CALLS"'
    run -0 bare "$REPO/recipes/deps.sh" --install build
    [[ $(cat "$CALLS") == "noninteractive -o DPkg::Lock::Timeout=300 -qq -y --no-install-recommends install gcc "*" pkg-config" ]]
    [[ $(cat "$CALLS") != *stdio* ]]
}

@test "deps: apt's lists are fetched when they do not know a package, and when they are stale" {
    fake apt-cache 'exit 100'
    fake apt-get 'echo "$*" >>"$CALLS"'
    run -0 bare "$REPO/recipes/deps.sh" --install build
    [[ $(head -n 1 "$CALLS") == *" update" ]]
    [[ $(tail -n 1 "$CALLS") == *" install gcc "* ]]
    : >"$CALLS"
    fake apt-cache 'exit 0'
    fake apt-get 'echo "$*" >>"$CALLS"; case $*,$(grep -c . "$CALLS") in *install*,1) exit 100 ;; esac'
    run -0 bare "$REPO/recipes/deps.sh" --install build
    [ "$(grep -c . "$CALLS")" -eq 3 ]
    [[ $(sed -n 2p "$CALLS") == *" update" ]]
}

@test "deps: dnf and apk have their own names" {
    fake dnf 'echo "$*" >>"$CALLS"'
    run -0 bare "$REPO/recipes/deps.sh" --install build
    [[ $(cat "$CALLS") == "-q -y install gcc "*"libmount-devel"* ]]
    rm "$T/bin/dnf" "$CALLS"
    fake apk 'echo "$*" >>"$CALLS"'
    run -0 bare "$REPO/recipes/deps.sh" --install build
    [[ $(cat "$CALLS") == "add -q --update-cache gcc "*"util-linux-dev"* ]]
}

@test "deps: nothing is missing, nothing is done, no root is needed" {
    [ -z "$("$REPO/recipes/deps.sh" --missing build)" ] || skip "the build's packages are not all here"
    fake apt-get 'echo "$*" >>"$CALLS"'
    FAKE_UID=1000 run -0 "$REPO/recipes/deps.sh" --install build
    [ -z "$output" ]
    [ ! -e "$CALLS" ]
}

@test "deps: missing packages need root" {
    fake apt-get 'echo "$*" >>"$CALLS"'
    FAKE_UID=1000 run -3 bare "$REPO/recipes/deps.sh" --install build
    [[ $output == *"not root: gcc "* ]]
    [ ! -e "$CALLS" ]
}

@test "deps: no package manager is unsupported, an unknown group is wrong usage" {
    run -5 bare "$REPO/recipes/deps.sh" --install build
    [[ $output == *"no package manager"* ]]
    run -2 bare "$REPO/recipes/deps.sh" --install nonsense
    run -2 bare "$REPO/recipes/deps.sh" --nonsense build
    run -2 bare "$REPO/recipes/deps.sh"
}
