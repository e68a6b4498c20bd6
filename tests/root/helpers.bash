# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# helpers - what the root tests share
#
# Everything that the suite makes lies below $HR_DIR, a fresh folder, and that is how it is found again: an active swap area, a
# mount point or the backing file of a loop device is ours exactly when its name begins with $HR_DIR.
#
#   $HR_DIR/img/KIND   sparse image, mounted at fs/KIND for the whole run
#   $HR_DIR/fs/KIND    a file system; a test works in a folder of its own there, $D
#   $HR_DIR/tmp, mnt   images and mount points of one test; gone after it
#
# shellcheck disable=SC2034,SC2154 # some are for the tests, some come from bats
#
# Written for bash, bats, coreutils, util-linux and the mkfs programs; the guest of tests/vm has no more.

MiB=1048576
PAGE=$(getconf PAGESIZE 2>/dev/null || echo 4096)

# ---- active areas -------------------------------------------------------------------------------------------------

# Reads /proc/swaps into the arrays SWAP_NAMES (unescaped) and SWAP_FIELDS ("TYPE SIZE USED PRIORITY").
read_swaps() {
    local name fields
    SWAP_NAMES=() SWAP_FIELDS=()
    [ -r /proc/swaps ] || return 0
    while read -r name fields; do
        [ "$name" = Filename ] && continue
        # \040 as \0040: printf would take a fourth digit for a part of \040.
        printf -v name '%b.' "${name//\\/\\0}"
        SWAP_NAMES+=("${name%.}") SWAP_FIELDS+=("${fields//$'\t'/ }")
    done </proc/swaps
}

# The fields of the active area that is this file (by device and inode); fails if it is not active.
active_fields() {
    local i
    read_swaps
    for i in "${!SWAP_NAMES[@]}"; do
        if [ "${SWAP_NAMES[i]}" -ef "$1" ]; then
            echo "${SWAP_FIELDS[i]}"
            return 0
        fi
    done
    return 1
}

is_active() {
    active_fields "$1" >/dev/null
}

# Its size in bytes as the kernel counts it (without the header page), and its priority.
active_size() {
    local f
    read -ra f <<<"$(active_fields "$1")" && echo "$((f[1] * 1024))"
}
active_priority() {
    local f
    read -ra f <<<"$(active_fields "$1")" && echo "${f[3]}"
}

# All active areas without the used column, which nobody controls.
areas() {
    local i f
    read_swaps
    for i in "${!SWAP_NAMES[@]}"; do
        read -ra f <<<"${SWAP_FIELDS[i]}"
        printf '%s %s %s %s\n' "${SWAP_NAMES[i]}" "${f[0]}" "${f[1]}" "${f[3]}"
    done
}

# ---- taking down what lies below a folder -------------------------------------------------------------------------

below() { # NAME FOLDER
    case $1 in "$2"/*) return 0 ;; esac
    return 1
}

# The names of active areas below a folder, and of those on loop devices whose file is below it; into the array OURS.
swaps_below() { # FOLDER
    local name loops
    loops=" $(loops_below "$1" | tr '\n' ' ') "
    OURS=()
    read_swaps
    for name in "${SWAP_NAMES[@]}"; do
        if below "$name" "$1" || [[ $loops == *" $name "* ]]; then
            OURS+=("$name")
        fi
    done
}

# An area that was activated in another mount namespace has a name that leads nowhere; swapoff(2) takes any name of the file.
swapoff_hidden() { # FOLDER [EXCEPT]
    local name file
    read_swaps
    for name in "${SWAP_NAMES[@]}"; do
        [ ! -e "$name" ] || continue
        while IFS= read -r -d '' file; do
            [ "$file" = "${2-}" ] || swapoff -- "$file" 2>/dev/null || :
        done < <(find "$1" -type f -size +39k -print0)
        return
    done
}

swapoff_below() { # FOLDER [EXCEPT]
    local name
    swaps_below "$1"
    for name in "${OURS[@]}"; do
        [ "$name" = "${2-}" ] || swapoff -- "$name" || echo "cannot swapoff $name"
    done
    swapoff_hidden "$1" "${2-}"
}

mounts_below() { # FOLDER; the latest first
    local mnt rest
    while read -r _ mnt rest; do
        printf -v mnt '%b' "${mnt//\\/\\0}"
        below "$mnt" "$1" && echo "$mnt"
    done <<<"$(tac /proc/self/mounts)"
    return 0
}

loops_below() { # FOLDER
    local dev file
    losetup -n -l -O NAME,BACK-FILE 2>/dev/null | while read -r dev file; do
        below "$file" "$1" && echo "$dev"
    done
    return 0
}

# Repeats a command that may fail for a moment (a busy mount, a loop that detaches late), for at most 10 s.
eventually() {
    local i
    for ((i = 0; i < 100; i++)); do
        "$@" 2>/dev/null && return 0
        sleep 0.1
    done
    "$@"
}

no_loops_below() {
    [ -z "$(loops_below "$1")" ]
}

umount_below() {
    local mnt
    while read -r mnt; do
        [ -z "$mnt" ] || eventually umount -- "$mnt"
    done <<<"$(mounts_below "$1")"
}

detach_below() {
    local dev
    for dev in $(loops_below "$1"); do
        losetup -d "$dev" 2>/dev/null || :
    done
    eventually no_loops_below "$1"
}

# Takes everything down and says what could not be; nothing printed is success.
take_down() { # FOLDER
    {
        swapoff_below "$1"
        umount_below "$1"
        detach_below "$1"
        swaps_below "$1"
        [ "${#OURS[@]}" -eq 0 ] || printf 'still active: %s\n' "${OURS[@]}"
        mounts_below "$1" | sed 's/^/still mounted: /'
        loops_below "$1" | sed 's/^/still attached: /'
    } 2>&1
}

# ---- one test -----------------------------------------------------------------------------------------------------

setup() {
    CTL=("$SWAPCTL")
    PIDS=()
    D=
    SWAPPINESS=
    mkdir -p "$HR_DIR/tmp" "$HR_DIR/mnt"
}

teardown() {
    local pid left
    for pid in "${PIDS[@]}"; do
        kill -KILL "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    left=$(
        swapoff_below "$HR_DIR" "$HR_BYSTANDER"
        take_down "$HR_DIR/mnt"
        detach_below "$HR_DIR/tmp"
    ) 2>&1
    [ -z "$SWAPPINESS" ] || echo "$SWAPPINESS" >/proc/sys/vm/swappiness
    [ -z "$D" ] || rm -rf -- "$D" "$D".*
    rm -rf -- "${HR_DIR:?}/tmp" "${HR_DIR:?}/mnt"
    [ -z "$left" ] || fail "left behind: $left"
    [ "$(areas)" = "$HR_AREAS" ] || fail "the areas of others changed: $(areas)" "were: $HR_AREAS"
    [ "$(bystander_header)" = "$HR_BYSTANDER_SUM" ] || fail "the header of $HR_BYSTANDER changed"
}

bystander_header() {
    head -c 65536 -- "$HR_BYSTANDER" | sha256sum
}

fail() {
    printf '%s\n' "$@"
    return 1
}

# Works on this file system: sets D to an empty folder there, or skips.
on_fs() { # KIND
    mountpoint -q "$HR_DIR/fs/$1" || skip "$(cat "$HR_DIR/img/$1.missing")"
    D=$HR_DIR/fs/$1/$BATS_SUITE_TEST_NUMBER
    mkdir -m 0755 "$D"
}

need() { # PROGRAM
    command -v "$1" >/dev/null || skip "$1 is not installed"
}

need_kernel_fs() { # KIND
    kernel_has "$1" || skip "this kernel has no $1"
}

kernel_has() { # KIND of file system
    grep -qw "$1" /proc/filesystems && return 0
    modprobe -q "$1" 2>/dev/null && grep -qw "$1" /proc/filesystems
}

# A private file system for one test, from a sparse image; sets M to its mount point.
fresh_fs() { # KIND SIZE [mount options]
    local img=$HR_DIR/tmp/$1.img
    need_kernel_fs "$1"
    need "mkfs.$1"
    M=$HR_DIR/mnt/$1
    mkdir -p "$M"
    make_fs "$1" "$2" "$img"
    mount -o "loop${3:+,$3}" -t "$1" "$img" "$M"
}

make_fs() { # KIND SIZE IMAGE
    truncate -s "$2" "$3"
    case $1 in
    ext*) "mkfs.$1" -q -F -E nodiscard "$3" ;;
    *) "mkfs.$1" -q "$3" ;;
    esac
}

# A process in the background that is gone after the test; sets BG to its number.
spawn() {
    "$@" 3>&- 4>&- &
    BG=$!
    PIDS+=("$BG")
}

# vm.swappiness becomes one that no test sets, and after the test what it was.
save_swappiness() {
    SWAPPINESS=$(cat /proc/sys/vm/swappiness)
    echo 55 >/proc/sys/vm/swappiness
}

# ---- running swapctl ----------------------------------------------------------------------------------------------

# Runs swapctl and demands this exit status; $output is stdout, $stderr is stderr.
ctl() { # STATUS ARG...
    local want=$1
    shift
    run --separate-stderr "${CTL[@]}" "$@"
    [ "$status" -eq "$want" ] ||
        fail "swapctl $*" "exit status $status, not $want" "stdout: $output" "stderr: ${stderr:-}"
}

# The whole of stdout is this.
answers() { # TEXT
    [ "$output" = "$1" ] || fail "answer: $output" "wanted: $1" "stderr: ${stderr:-}"
}

# The message on stderr: the program, this glob somewhere, no full stop. Below it only the hint of a usage error.
says() { # GLOB
    local line=${stderr%%$'\n'*}
    # shellcheck disable=SC2053 # a pattern is wanted
    [[ $line == "swapctl: "*$1* ]] || fail "message: $stderr" "wanted: swapctl: ...$1..."
    [[ $line != *. ]] || fail "ends with a full stop: $line"
    [[ $line != *": Invalid argument" ]] || fail "that is no explanation: $line"
    [[ $line == "$stderr" || $stderr == "$line"$'\n'Try* ]] || fail "more than one message: $stderr"
}

# swapctl ARG... changes something, or nothing.
changes() {
    ctl 0 "$@"
    answers changed
}
keeps() {
    ctl 0 "$@"
    answers unchanged
}

# swapctl --json ...: this jq expression holds for the answer.
holds() { # EXPRESSION
    jq -e "$1" <<<"$output" >/dev/null || fail "not true: $1" "of: $output"
}

# Everything that an untouched folder keeps: names, inodes, modes, links, times, content.
snapshot() { # FOLDER [TIMES]
    find "$1" -xdev -printf "%y %i %m %U:%G %n %s ${2-%T@ %C@} %p %l\\n" | sort
    find "$1" -xdev -type f -exec sha256sum -- {} + | sort
}

same() { # BEFORE AFTER
    [ "$1" = "$2" ] || fail "changed:" "$(diff <(echo "$1") <(echo "$2"))"
}

# swapctl ARG... fails with this status and message, prints nothing, and changes nothing: not in $D, not on its file system,
# not in the list of active areas. refused_late is for a refusal by the kernel, after the file was made and deleted again: that
# leaves a time stamp on the folder.
refused() { # STATUS GLOB ARG...
    refusal "%T@ %C@" "$@"
}
refused_late() { # STATUS GLOB ARG...
    refusal "" "$@"
}

refusal() { # TIMES STATUS GLOB ARG...
    local times=$1 want=$2 glob=$3 before active free
    shift 3
    before=$(snapshot "$D" "$times") active=$(areas)
    free=$(free_bytes "$D")
    ctl "$want" "$@"
    answers ''
    says "$glob"
    same "$before" "$(snapshot "$D" "$times")"
    same "$active" "$(areas)"
    free_again "$D" "$free"
}

# The command is right and does nothing: no write, not even a time stamp.
idle() { # ARG...
    local before active
    before=$(snapshot "$D") active=$(areas)
    keeps "$@"
    same "$before" "$(snapshot "$D")"
    same "$active" "$(areas)"
}

# ---- space --------------------------------------------------------------------------------------------------------

free_bytes() { # FOLDER
    sync -f "$1"
    echo "$(($(stat -f -c '%f * %S' -- "$1")))"
}

# Freed blocks count late on xfs and btrfs; what metadata takes is far below the 64 KiB.
has_free() { # FOLDER BYTES
    [ "$(free_bytes "$1")" -ge "$(($2 - 65536))" ]
}
free_again() { # FOLDER BYTES
    eventually has_free "$1" "$2" || fail "free space is $(free_bytes "$1"), was $2"
}

# ---- swap files ---------------------------------------------------------------------------------------------------

# A good inactive swap file by hand, mode 0600.
make_swap() { # FILE SIZE [mkswap options]
    local file=$1 size=$2
    shift 2
    : >"$file"
    chmod 0600 "$file"
    no_cow "$file"
    allocate "$file" "$size"
    mkswap -q "$@" "$file" >/dev/null
}

# The same and active.
make_active() {
    make_swap "$@"
    swapon -- "$1"
}

no_cow() { # FILE
    [ "$(stat -f -c %T -- "$1")" != btrfs ] || chattr +C "$1"
}

allocate() { # FILE SIZE
    fallocate -l "$2" "$1" 2>/dev/null ||
        dd if=/dev/zero of="$1" bs=1M count="$2" iflag=count_bytes conv=notrunc status=none
}

# A value that libblkid reads from the file or device: UUID, LABEL, TYPE.
tag() { # NAME FILE
    blkid -p -s "$1" -o value -- "$2"
}

# FILE is what ensure promises, apart from being active.
good_file() { # FILE BYTES
    [ "$(stat -c '%F %a %u %s' -- "$1")" = "regular file 600 0 $2" ] || fail "$(stat -- "$1")"
    [ "$(tag TYPE "$1")" = swap ] || fail "$1 is no swap area"
    [[ $(tag UUID "$1") == ????????-????-????-????-???????????? ]] || fail "no UUID"
    [ $(($(stat -c '%b * %B' -- "$1"))) -ge "$2" ] || fail "$1 has holes"
}

good_area() { # FILE BYTES
    good_file "$@"
    is_active "$1" || fail "$1 is not active"
    [ "$(active_size "$1")" -eq $(($2 - PAGE)) ] || fail "active with $(active_size "$1") bytes"
}

# Nothing else than these names in $D.
only() { # NAME...
    local names
    names=$(ls -A "$D")
    [ "$names" = "$(printf '%s\n' "$@")" ] || fail "in the folder: $names"
}
