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
    while read -r name fields; do
        [ "$name" != Filename ] || continue
        # \040 as \0040: printf would take a fourth digit for a part of \040.
        printf -v name '%b.' "${name//\\/\\0}"
        SWAP_NAMES+=("${name%.}") SWAP_FIELDS+=("${fields//$'\t'/ }")
    done </proc/swaps
}

# Is this file active, by device and inode? Sets AREA_SIZE, in bytes and without the header page, and AREA_PRIORITY.
is_active() { # FILE
    local i f
    read_swaps
    for i in "${!SWAP_NAMES[@]}"; do
        if [ "${SWAP_NAMES[i]}" -ef "$1" ]; then
            read -ra f <<<"${SWAP_FIELDS[i]}"
            AREA_SIZE=$((f[1] * 1024)) AREA_PRIORITY=${f[3]}
            return 0
        fi
    done
    return 1
}

# Sets AREAS to the active areas of this run without the used column, which nobody controls. Areas elsewhere come and go as
# their owners like.
read_areas() {
    local i f
    AREAS=
    read_swaps
    for i in "${!SWAP_NAMES[@]}"; do
        below "${SWAP_NAMES[i]}" "$HR_DIR" || continue
        read -ra f <<<"${SWAP_FIELDS[i]}"
        AREAS+="${SWAP_NAMES[i]} ${f[0]} ${f[1]} ${f[3]}"$'\n'
    done
}

# ---- taking down what lies below a folder -------------------------------------------------------------------------

below() { # NAME FOLDER
    [[ $1 == "$2"/* ]]
}

# Into the array LOOPS: the loop devices whose file is below a folder.
read_loops() { # FOLDER
    local sys file
    LOOPS=()
    for sys in /sys/block/loop*; do
        { read -r file <"$sys/loop/backing_file"; } 2>/dev/null || continue
        ! below "$file" "$1" || LOOPS+=("/dev/${sys##*/}")
    done
}

# Into the array MOUNTS: the mount points below a folder, the latest first.
read_mounts() { # FOLDER
    local mnt rest
    MOUNTS=()
    while read -r _ mnt rest; do
        printf -v mnt '%b' "${mnt//\\/\\0}"
        ! below "$mnt" "$1" || MOUNTS=("$mnt" "${MOUNTS[@]}")
    done </proc/self/mounts
}

# Into the array OURS: the active areas below a folder or on a loop device whose file is below it.
read_ours() { # FOLDER
    local name
    OURS=()
    read_loops "$1"
    read_swaps
    for name in "${SWAP_NAMES[@]}"; do
        if below "$name" "$1" || [[ " ${LOOPS[*]} " == *" $name "* ]]; then
            OURS+=("$name")
        fi
    done
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

swapoff_below() { # FOLDER [EXCEPT]
    local name
    read_ours "$1"
    for name in "${OURS[@]}"; do
        [ "$name" = "${2-}" ] || swapoff -- "$name" || echo "cannot swapoff $name"
    done
    swapoff_hidden "$1" "${2-}"
}

# An area that was activated in another mount namespace has a name that leads nowhere; swapoff(2) takes any name of the file.
# So has the loop device over a file.
swapoff_hidden() { # FOLDER [EXCEPT]
    local name file dev
    read_swaps
    for name in "${SWAP_NAMES[@]}"; do
        [ ! -e "$name" ] || continue
        while IFS= read -r -d '' file; do
            [ "$file" = "${2-}" ] || swapoff -- "$file" 2>/dev/null || :
            for dev in $(losetup -n -O NAME -j "$file"); do
                swapoff -- "$dev" 2>/dev/null && losetup -d "$dev" 2>/dev/null || :
            done
        done < <(find "$1" -type f -size +39k -print0)
        return
    done
}

umount_below() { # FOLDER
    local mnt
    read_mounts "$1"
    for mnt in "${MOUNTS[@]}"; do
        eventually umount -- "$mnt" || echo "cannot umount $mnt"
    done
}

no_loops_below() { # FOLDER
    read_loops "$1"
    [ "${#LOOPS[@]}" -eq 0 ]
}

detach_below() { # FOLDER
    local dev
    read_loops "$1"
    for dev in "${LOOPS[@]}"; do
        losetup -d "$dev" 2>/dev/null || :
    done
    eventually no_loops_below "$1" || echo "cannot detach ${LOOPS[*]}"
}

# Takes everything down and says what could not be; nothing printed is success.
take_down() { # FOLDER
    {
        swapoff_below "$1"
        umount_below "$1"
        detach_below "$1"
        read_ours "$1"
        [ "${#OURS[@]}" -eq 0 ] || echo "still active: ${OURS[*]}"
    } 2>&1
}

# The zram devices with the label of "swapctl zram ensure".
zram_ours() {
    local dev
    for dev in /dev/zram*; do
        [ ! -b "$dev" ] || [ "$(tag LABEL "$dev")" != headroom-zram ] || echo "$dev"
    done
}

# Removes them all. Only for a run that found none when it began: $HR_DIR/zram says so.
zram_down() {
    local dev
    for dev in $(zram_ours); do
        ! is_active "$dev" || swapoff "$dev"
        eventually eval "echo ${dev#/dev/zram} >/sys/class/zram-control/hot_remove"
    done
}

# The settings of zswap, and back to them; $HR_DIR/zswap has them meanwhile.
zswap_save() {
    (cd /sys/module/zswap/parameters && grep -H . enabled compressor max_pool_percent) >"$HR_DIR/zswap"
}
zswap_back() {
    local name value
    [ -e "$HR_DIR/zswap" ] || return 0
    while IFS=: read -r name value; do
        echo "$value" >"/sys/module/zswap/parameters/$name"
    done <"$HR_DIR/zswap"
    rm -f "$HR_DIR/zswap"
}

# ---- one test -----------------------------------------------------------------------------------------------------

setup() {
    CTL=("$SWAPCTL")
    PIDS=()
    D=
    LOOPED=
    SWAPPINESS=
}

teardown() {
    local pid left=
    for pid in "${PIDS[@]}"; do
        kill -KILL "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    [ -z "$SWAPPINESS" ] || echo "$SWAPPINESS" >/proc/sys/vm/swappiness
    [ -z "${RESERVED-}" ] || echo 0 >/proc/sys/vm/nr_hugepages
    take_down_test
    [ -z "$D" ] || set -- "$D" "$D".*
    set -- "$@" "${HR_DIR:?}"/tmp/* "${HR_DIR:?}"/mnt/*
    rm -rf -- "$@" 2>/dev/null || { chattr -R -f -i -a -- "$@"; rm -rf -- "$@"; }
    [ -z "$left" ] || fail "left behind: $left"
    read_areas
    [ "$AREAS" = "$HR_AREAS" ] || fail "the bystander changed: $AREAS" "was: $HR_AREAS"
}

# Sets left of the caller; in most tests there is nothing but an area.
take_down_test() {
    left=$(swapoff_below "$HR_DIR" "$HR_BYSTANDER" 2>&1)
    [ -z "$LOOPED" ] || left+=$(detach_below "$D" 2>&1; detach_below "$HR_DIR/mnt" 2>&1)
    read_mounts "$HR_DIR/mnt"
    read_loops "$HR_DIR/tmp"
    [ $((${#MOUNTS[@]} + ${#LOOPS[@]})) -eq 0 ] ||
        left+=$(umount_below "$HR_DIR/mnt" 2>&1; detach_below "$HR_DIR/tmp" 2>&1)
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
    [ -d "$HR_DIR/fs/$1" ] || skip "$(cat "$HR_DIR/img/$1.missing")"
    D=$HR_DIR/fs/$1/$BATS_SUITE_TEST_NUMBER
    mkdir -m 0755 "$D"
}

# The guest's own disk, for swap in earnest: the loop devices below the other file systems need memory to write, and with
# all of it gone they and the kernel would wait for each other.
on_disk() {
    D=$HR_DIR/disk/$BATS_SUITE_TEST_NUMBER
    mkdir -p "${D%/*}"
    mkdir -m 0755 "$D"
}

# Runs a command with this folder as D.
on_folder() { # FOLDER COMMAND...
    local D=$1
    "${@:2}"
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
    mkdir "$M"
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

# ---- a mount namespace with an /etc of its own --------------------------------------------------------------------

# The /etc of the namespace, in $D/etc, with an fstab that no program could have written.
fake_etc() {
    on_fs "$1"
    mkdir -p "$D/etc/systemd/system" "$D/etc/sysctl.d"
    cp -a /etc/passwd /etc/group "$D/etc/"
    [ ! -e /etc/ld.so.cache ] || cp -a /etc/ld.so.cache "$D/etc/"
    printf '%s\n' '# /swapfile none swap sw 0 0' 'UUID=1-2   /boot\040x vfat  defaults   0 2' \
        'this is no line' $'/dev/sda1\t/\text4\terrors=remount-ro 0 1' >"$D/etc/fstab"
    printf 'tmpfs /tmp tmpfs nosuid 0 0 # no newline' >>"$D/etc/fstab"
    chmod 0640 "$D/etc/fstab"
    cp -a "$D/etc/fstab" "$D/fstab.before"
    # where the units say that swapctl is
    mkdir "$D/sbin"
    cp "$SWAPCTL" "$D/sbin/swapctl"
    # One namespace for all of the test: from another one the kernel shows the names of its areas otherwise.
    # shellcheck disable=SC2016 # for the inner shell
    spawn unshare --mount --propagation private bash -c \
        'mount --bind "$0/etc" /etc && mount --bind "$0/sbin" /usr/local/sbin && exec sleep 600' "$D"
    NS=$BG
    CTL=(nsenter --mount="/proc/$NS/ns/mnt" "$SWAPCTL")
    eventually inside cmp -s /etc/fstab "$D/etc/fstab"
}

# In the namespace.
inside() { # COMMAND...
    nsenter --mount="/proc/$NS/ns/mnt" "$@"
}

good_area_inside() { # FILE BYTES
    good_file "$@"
    ctl 0 list "$1" --raw --noheadings -o size
    answers $(($2 - PAGE))
}

# The fstab is the old one plus this line.
fstab_gained() { # LINE
    { cat "$D/fstab.before" && echo && echo "$1"; } | cmp - "$D/etc/fstab" || fail "$(cat "$D/etc/fstab")"
}

# ---- running swapctl ----------------------------------------------------------------------------------------------

# Runs swapctl and demands this exit status. Sets output and stderr, and lines to those of output.
ctl() { # STATUS ARG...
    local want=$1
    shift
    try "$@"
    [ "$status" -eq "$want" ] ||
        fail "swapctl $*" "exit status $status, not $want" "stdout: $output" "stderr: $stderr"
}

# The same with any exit status; sets status as well.
try() { # ARG...
    status=0
    output=$("${CTL[@]}" "$@" 2>"$HR_DIR/stderr" 3>&-) || status=$?
    stderr=$(<"$HR_DIR/stderr")
    mapfile -t lines <<<"$output"
}

# The whole of stdout is this.
answers() { # TEXT
    [ "$output" = "$1" ] || fail "answer: $output" "wanted: $1" "stderr: $stderr"
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

# Sets SNAPSHOT to everything that an untouched folder keeps: names, inodes, modes, links, times, content.
snapshot() { # FOLDER [TIMES]
    SNAPSHOT=$(find "$1" -xdev -printf "%y %i %m %U:%G %n %s ${2-%T@ %C@} %p %l\\n" -type f -exec sha256sum -- {} +)
}

same() { # BEFORE AFTER
    [ "$1" = "$2" ] || fail "changed:" "$(diff <(echo "$1") <(echo "$2"))"
}

# While this runs, nothing changes: not in $D, not in the list of active areas.
untouched() { # TIMES COMMAND...
    local before active times=$1
    shift
    snapshot "$D" "$times"
    before=$SNAPSHOT
    read_areas
    active=$AREAS
    "$@"
    snapshot "$D" "$times"
    same "$before" "$SNAPSHOT"
    read_areas
    same "$active" "$AREAS"
}

# The command is right and does nothing: no write, not even a time stamp.
idle() { # ARG...
    untouched '%T@ %C@' keeps "$@"
}

# swapctl ARG... fails with this status and message, prints nothing, and changes nothing, on the whole file system either.
# refused_late is for a refusal by the kernel, after the file was made and deleted again: that leaves a time stamp on the folder.
refused() { # STATUS GLOB ARG...
    refusal '%T@ %C@' "$@"
}
refused_late() { # STATUS GLOB ARG...
    refusal '' "$@"
}

refusal() { # TIMES STATUS GLOB ARG...
    local free
    free_bytes "$D"
    free=$SPACE
    untouched "$1" ctl "$2" "${@:4}"
    answers ''
    says "$3"
    free_again "$D" "$free"
}

# ---- space --------------------------------------------------------------------------------------------------------

# Sets SPACE.
free_bytes() { # FOLDER
    SPACE=$(($(stat -f -c '%f * %S' -- "$1")))
}

# Freed blocks count late on xfs and btrfs; what metadata takes is far below the 64 KiB.
has_free() { # FOLDER BYTES
    free_bytes "$1"
    [ "$SPACE" -ge $(($2 - 65536)) ] || { sync -f "$1" && return 1; }
}
free_again() { # FOLDER BYTES
    eventually has_free "$1" "$2" || fail "free space is $SPACE, was $2"
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
    local type mode owner size blocks block header
    read -r mode owner size blocks block type <<<"$(stat -c '%a %u %s %b %B %F' -- "$1")"
    [ "$type $mode $owner $size" = "regular file 600 0 $2" ] || fail "$(stat -- "$1")"
    [ $((blocks * block)) -ge "$2" ] || fail "$1 has holes"
    header=$(blkid -p -o export -- "$1")
    [[ $header == *TYPE=swap* && $header =~ UUID=[0-9a-f]{8}-[0-9a-f-]{27} ]] || fail "$1 is no swap area: $header"
}

good_area() { # FILE BYTES
    good_file "$@"
    is_active "$1" || fail "$1 is not active"
    [ "$AREA_SIZE" -eq $(($2 - PAGE)) ] || fail "active with $AREA_SIZE bytes"
}

has_priority() { # FILE NUMBER
    is_active "$1"
    [ "$AREA_PRIORITY" -eq "$2" ] || fail "priority $AREA_PRIORITY"
}

# Nothing else than these names in $D, in order.
only() { # [NAME]...
    local names
    names=$(shopt -s nullglob dotglob; cd "$D" && printf '%s\n' *)
    [ "$names" = "$(printf '%s\n' "$@")" ] || fail "in the folder: $names"
}

# ---- what is swapped out ------------------------------------------------------------------------------------------

# Memory that is checked before and after, pushed out by madvise(MADV_PAGEOUT); it waits for a line and then looks again.
hog() { # MiB FIFO REPORT
    # shellcheck disable=SC2016 # perl's own variables
    perl -e '
        my ($mib, $fifo, $report) = @ARGV;
        my %madvise = (x86_64 => 28, aarch64 => 233);
        my $nr = $madvise{(split " ", qx(uname -m))[0]} // exit 9;
        open my $random, "<", "/dev/urandom" or die;
        my $s = "";
        sysread $random, $s, 1 << 20, length $s for 1 .. $mib;
        my $before = unpack "%64Q*", $s;
        my $address = (unpack("J", pack "p", $s) + 4095) & ~4095;
        syscall $nr, $address, ($mib - 1) << 20, 21;
        open my $go, "<", $fifo or die;
        <$go>;
        open my $out, ">", $report or die;
        print $out unpack("%64Q*", $s) == $before ? "whole\n" : "corrupt\n";
    ' "$@"
}

used_bytes() { # FILE
    local i f
    read_swaps
    for i in "${!SWAP_NAMES[@]}"; do
        if [ "${SWAP_NAMES[i]}" -ef "$1" ]; then
            read -ra f <<<"${SWAP_FIELDS[i]}"
            echo $((f[2] * 1024))
        fi
    done
}

holds_much() { # FILE BYTES
    [ "$(used_bytes "$1")" -ge "$2" ]
}

# 16 MiB that differ from those of other numbers; to make random ones takes minutes in a guest.
part() { # NUMBER
    yes "part $1 of what was filled" | head -c $((16 * MiB))
}

# Leaves about so much memory of a guest available, by huge pages, which cost nothing until they are used: to fill the
# rest takes an emulated machine minutes.
leave_memory() { # BYTES
    local available size
    [ "${HEADROOM_GUEST:-0}" = 1 ] || fail "this is no guest"
    available=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
    size=$(sed -n 's/^Hugepagesize: *\([0-9]*\) kB/\1/p' /proc/meminfo)
    RESERVED=1
    [ -z "$size" ] || echo $(((available - $1 / 1024) / size)) >/proc/sys/vm/nr_hugepages
}

# Fills memory that can only be swapped out until the area holds more than RAM could take back. Sets FILLED to the number
# of parts.
fill_until_stuck() { # FILE AREA
    local available
    FILLED=0
    while :; do
        part "$FILLED" >>"$1"
        FILLED=$((FILLED + 1))
        available=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
        [ "$(used_bytes "$2")" -le $((available * 1024 + 24 * MiB)) ] || return 0
    done
}

# What was filled is whole. To read all of it before would have brought a part of it back.
still_filled() { # FILE
    local i
    for ((i = 0; i < FILLED; i++)); do
        part "$i" | cmp -- - <(dd if="$1" bs=$((16 * MiB)) skip=$i count=1 status=none) || fail "part $i of $1 changed"
    done
    [ "$(stat -c %s "$1")" -eq $((FILLED * 16 * MiB)) ]
}
