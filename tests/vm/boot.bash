# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# tests/vm/boot.bash - boot a guest and hand its TAP on; sourced by run
#
# A guest writes TAP to its second serial port, between the lines "# guest started" and "# guest ended". Every result is
# printed with a prefix and without its number. A guest that does not reach its end, that shows fewer results than it
# planned or that does not switch itself off is a failed test of its own. A kernel that dies before the guest started
# proves nothing about headroom (software emulation has been seen to do that): such a boot is tried once more.
#
# run sets $boot_kernel, and $boot_dir, a folder that holds the fifo `serial`; $boot_options may hold more words for qemu.
# shellcheck disable=SC2154

boot_qemu=  # process id of the timeout(1) that holds the running qemu
boot_ran=0  # results of the last guest that were not skipped
boot_options=()

# Print text as diagnostics; $1: the text
boot_note() {
    [ -z "$1" ] || echo "# ${1//$'\n'/$'\n'# }"
}

# What the guest's console said last, without escape sequences
boot_console() {
    sed -e 's/\x1b\[[0-9;?]*[A-Za-z]//g' -e 's/\x1bc//g' -e 's/\r//g' "$1" | grep . | tail -n 30 | sed 's/^/# console: /' || :
}

# Start qemu in the background; its second serial port is the fifo $boot_dir/serial. One processor: it is faster than two,
# for those have to agree on every change of a page table, and other guests have use for the second one.
# $1: seconds, $2: MiB of memory, $3: kernel command line, then one raw image per disk: the root becomes /dev/nvme0n1, whose
# driver is built in, the others /dev/vda and /dev/vdb. Not all NVMe: a kernel counts those in the order in which they answer.
boot_start() {
    local seconds=$1 memory=$2 line=$3 disks=() device=nvme,serial=root image
    shift 3
    for image; do
        disks+=(-drive "if=none,id=d$#,format=raw,cache=unsafe,file=$image" -device "$device,drive=d$#")
        device=virtio-blk-pci
        shift
    done
    timeout --foreground --kill-after=5 "$seconds" qemu-system-x86_64 \
        -accel tcg -cpu qemu64,+rdrand -smp 1 -m "$memory" -display none -monitor none -nic none -no-reboot \
        -kernel "$boot_kernel" -append "root=/dev/nvme0n1 rw console=ttyS0 quiet panic=-1 $line" \
        "${boot_options[@]}" "${disks[@]}" -serial "file:$boot_dir/console" -serial stdio \
        </dev/null >"$boot_dir/serial" 2>"$boot_dir/qemu" &
    boot_qemu=$!
}

boot_stop() {
    [ -n "$boot_qemu" ] || return 0
    kill "$boot_qemu" 2>/dev/null || :
    wait "$boot_qemu" 2>/dev/null || :
    boot_qemu=
}

# Read a guest's TAP from standard input; sets started, ended, planned and seen of the caller
# $1: prefix of the names
boot_read() {
    local prefix=$1 kind line
    while IFS= read -r line; do
        case $line in
        '# guest started') started=1 ;;
        '# guest ended') ended=1 ;;
        1..[0-9]*) planned=${line#1..} ;;
        'ok '* | 'not ok '*)
            kind=${line%%ok*}ok
            line=$(sed -E 's/^[0-9]+ *//; s/^- //' <<<"${line#"$kind "}")
            seen=$((seen + 1))
            [[ $line == *'# skip'* ]] || boot_ran=$((boot_ran + 1))
            echo "$kind - $prefix$line"
            ;;
        '#'*) echo "$line" ;;
        *) echo "# $line" ;;
        esac
    done
}

# Boot once and print the results; the arguments are boot_start's after the prefix
# Return: 1 if the guest never started
boot_once() {
    local prefix=$1 started=0 ended=0 planned='' seen=0 status=0
    shift
    : >"$boot_dir/console"
    boot_ran=0
    boot_start "$@"
    boot_read "$prefix" <"$boot_dir/serial"
    wait "$boot_qemu" || status=$?
    boot_qemu=
    [ $started = 1 ] || return 1
    if [ "$ended $status" != '1 0' ] || [ "${planned:-$seen}" != "$seen" ]; then
        echo "not ok - ${prefix}the guest runs to its end"
        echo "# $seen results of ${planned:-an unknown number}, qemu's exit status $status (124: timed out)"
        boot_console "$boot_dir/console"
    fi
}

# boot PREFIX SECONDS MEMORY COMMAND-LINE DISK...
boot() {
    boot_once "$@" && return
    echo "# the guest's kernel died before the test started; trying once more"
    boot_console "$boot_dir/console"
    boot_once "$@" && return
    echo "not ok - ${1}the guest starts"
    boot_note "$(<"$boot_dir/qemu")"
    boot_console "$boot_dir/console"
}
