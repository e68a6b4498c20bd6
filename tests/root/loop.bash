# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# loop - what the tests of loop devices share
#
# shellcheck disable=SC2154,SC2034 # variables of the helpers and of bats; some are for the tests

# An overlay over two folders of the ext4, at $M.
on_overlay() {
    need_kernel_fs overlay
    if [ "${1-}" = disk ]; then
        on_disk
    else
        on_fs "${1:-ext4}"
    fi
    LOOPED=1
    M=$HR_DIR/mnt/overlay
    mkdir "$M" "$D/lower" "$D/upper" "$D/work"
    mount -t overlay -o "lowerdir=$D/lower,upperdir=$D/upper,workdir=$D/work" none "$M"
}

on_plain() { # KIND
    on_fs "$1"
    LOOPED=1
}

# Into the array LOOPS: the devices over exactly this file, by the kernel's answer to the file's device and inode.
loops_over() { # FILE
    mapfile -t LOOPS < <(losetup -n -O NAME -j "$1")
}

# Active through one loop device as ensure makes it; sets DEV.
good_loop() { # FILE BYTES
    good_file "$@"
    ! is_active "$1" || fail "it is active without a loop device"
    loops_over "$1"
    [ "${#LOOPS[@]}" = 1 ] || fail "loop devices: ${LOOPS[*]}"
    DEV=${LOOPS[0]}
    is_active "$DEV" || fail "$DEV is not active"
    [ "$AREA_SIZE" -eq $(($2 - PAGE)) ] || fail "active with $AREA_SIZE bytes"
    [ "$(losetup -n -O AUTOCLEAR "$DEV" | tr -d ' ')" = 1 ] || fail "$DEV would stay"
    guarded "$1"
}

guarded() { # FILE
    [[ $(lsattr -d -- "$1") == *[ia]*' '* ]] || fail "$(lsattr -d -- "$1")"
}

unguarded() { # FILE
    local flags
    read -r flags _ < <(lsattr -d -- "$1")
    [[ $flags != *[ia]* ]] || fail "$flags"
}

no_loops() { # FILE
    loops_over "$1"
    [ "${#LOOPS[@]}" = 0 ] || fail "still there: ${LOOPS[*]}"
}

# What is left of an area after remove: nothing.
gone() { # FILE
    [ ! -e "$1" ] || fail "$1 is still there"
    read_loops "$HR_DIR/mnt"
    [ "${#LOOPS[@]}" = 0 ] || fail "${LOOPS[*]}"
    read_loops "$D"
    [ "${#LOOPS[@]}" = 0 ] || fail "${LOOPS[*]}"
}
