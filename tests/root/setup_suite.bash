# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Once for the run: a file system of each kind, and an active swap area that nobody may touch.

load_helpers() {
    # bats 1.8 with --filter-tags leaves it a comma
    IFS=$' \t\n'
    # shellcheck source=helpers.bash
    source "${BASH_SOURCE[0]%/*}/helpers.bash"
}

setup_suite() {
    local kind
    load_helpers
    [ -n "${HR_DIR:-}" ] || fail "HR_DIR is not set: start it by tests/root/run"
    modprobe -q loop 2>/dev/null || :
    mkdir "$HR_DIR/img" "$HR_DIR/fs" "$HR_DIR/tmp" "$HR_DIR/mnt"
    for kind in ext4 ext2 xfs btrfs; do
        make_shared_fs "$kind"
    done
    make_bystander
}

# 512 MiB: xfs takes no less than 300. Sparse, and swap files in it are never written to, ext2's apart.
make_shared_fs() { # KIND
    local img=$HR_DIR/img/$1
    if ! kernel_has "$1"; then
        echo "this kernel has no $1" >"$img.missing"
    elif ! command -v "mkfs.$1" >/dev/null; then
        echo "mkfs.$1 is not installed" >"$img.missing"
    else
        make_fs "$1" 512M "$img"
        mkdir "$HR_DIR/fs/$1"
        mount -o loop -t "$1" "$img" "$HR_DIR/fs/$1"
    fi
}

make_bystander() {
    local dir=$HR_DIR/fs/ext4
    [ -d "$dir" ] || dir=$HR_DIR
    HR_BYSTANDER=$dir/bystander
    make_swap "$HR_BYSTANDER" 8M -L "hr-bystander"
    swapon -p 3 "$HR_BYSTANDER"
    read_areas
    HR_AREAS=$AREAS
    HR_BYSTANDER_SUM=$(bystander_header)
    export HR_BYSTANDER HR_AREAS HR_BYSTANDER_SUM
}

teardown_suite() {
    local left
    load_helpers
    [ "$(bystander_header)" = "$HR_BYSTANDER_SUM" ] || fail "the header of $HR_BYSTANDER changed"
    left=$(take_down "$HR_DIR")
    [ -z "$left" ] || fail "$left"
    rm -rf -- "$HR_DIR"
}
