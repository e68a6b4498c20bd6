#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# off, when the area holds something: how far it is, an interruption, and control groups that cannot take their pages back.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

# A process with 24 MiB that it asked the kernel to swap out (MADV_PAGEOUT, Linux 5.4) and $FILL MiB that stay in memory; sets
# BG. It is started by the command in ENTER, if there is one. When the file $D/check appears, it looks whether its memory still
# is what it was, and writes what it finds to $D/result.
ENTER=()
FILL=0
spawn_swapped() { # FILE of the area
    need python3
    make_swap "$1" 64M
    swapon -p 100 "$1"
    spawn "${ENTER[@]}" python3 -c '
import ctypes, mmap, os, sys, time
folder, fill = sys.argv[1], int(sys.argv[2]) << 20
size = 24 << 20
pattern = bytes(range(1, 252)) * (size // 251 + 1)
m = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
m[:] = pattern[:size]
for _ in range(20):
    m.madvise(21)
    time.sleep(0.1)
del pattern
if fill:
    stay = mmap.mmap(-1, fill, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    stay[:] = bytes(fill)
    address = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(stay)))
    if ctypes.CDLL(None, use_errno=True).mlock(address, ctypes.c_size_t(fill)) != 0:
        sys.exit("cannot lock memory: " + os.strerror(ctypes.get_errno()))
open(folder + "/ready", "w").close()
while not os.path.exists(folder + "/check"):
    time.sleep(0.1)
good = all(m[i] == i % 251 + 1 for i in range(0, size, 509))
with open(folder + "/result.new", "w") as f:
    f.write("good" if good else "bad")
os.rename(folder + "/result.new", folder + "/result")
time.sleep(1000)' "$D" "$FILL"
    eventually test -e "$D/ready"
    [ "$(vm_swap)" -ge 16384 ] || skip "the kernel swaps nothing out when it is asked to"
}

vm_swap() {
    awk '$1 == "VmSwap:" { kib = $2 } END { print kib + 0 }' "/proc/$BG/status"
}

# The memory of the process is what it was.
memory_is_good() {
    : >"$D/check"
    eventually test -e "$D/result"
    [ "$(cat "$D/result")" = good ]
}

# ---- progress ----

@test "off --progress: always shows how far it is, never does not" {
    on_fs ext4
    spawn_swapped "$D/swap"
    changes off "$D/swap" --progress always
    [[ $stderr == "swapctl: "*" of "*"/s"*": $D/swap"* ]] || fail "no progress: $stderr"
    ! is_active "$D/swap" || fail "still active"
    memory_is_good
}

@test "off: says nothing of it where stderr is no terminal" {
    on_fs ext4
    spawn_swapped "$D/swap"
    changes off "$D/swap"
    [ -z "$stderr" ] || fail "$stderr"
}

@test "off: on a terminal a bar, which is wiped at the end" {
    need script
    on_fs ext4
    spawn_swapped "$D/swap"
    script -q -e -c "stty cols 100; '$SWAPCTL' off '$D/swap'" "$D/typescript" >/dev/null </dev/null
    tr -d '\n' <"$D/typescript" | grep -q $'\r''swapctl: \[.*\] .*% .* of .*'$'\r'$'\033''\[Kchanged' ||
        fail "$(od -c "$D/typescript")"
}

# ---- interrupted ----

interrupted() { # SIGNAL
    need strace
    on_fs ext4
    spawn_swapped "$D/swap"
    local status=0 stderr
    # strace sends the signal when swapoff(2) begins, so it comes in the middle of it
    env --default-signal=INT strace -f -qq -o /dev/null -e trace=swapoff -e "inject=swapoff:signal=$1" \
        "$SWAPCTL" off "$D/swap" --progress "$2" >"$D/out" 2>"$D/err" 3>&- || status=$?
    [ "$status" -eq $((128 + $(kill -l "$1"))) ] || fail "exit status $status: $(cat "$D/err")"
    stderr=$(grep -v ' of ' "$D/err")
    says "$D/swap: interrupted; it is still active"
    [ ! -s "$D/out" ] || fail "answer: $(cat "$D/out")"
    is_active "$D/swap"
    has_priority "$D/swap" 100
    memory_is_good
    changes off "$D/swap"
}

# bats test_tags=guest
@test "off: SIGINT: still active, says so, dies by the signal" { interrupted INT never; }
@test "off: SIGTERM: still active, says so, dies by the signal" { interrupted TERM never; }
@test "off: SIGINT while the progress is watched" { interrupted INT always; }

# ---- --all, --everything ----

@test "off --all: what headroom declared, in fstab and as a unit, and nothing else" {
    fake_etc ext4
    ctl 0 ensure "$D/one" --size 1M --persist fstab
    ctl 0 ensure "$D/two 2" --size 1M --persist unit
    ctl 0 ensure "$D/three" --size 1M
    make_swap "$D/four" 1M
    printf '\n%s none swap sw 0 0\n' "$D/four" >>"$D/etc/fstab"
    ctl 0 on "$D/four"
    ctl 0 off --all --dry-run
    answers "deactivate $D/one
$D/one: changed
deactivate $D/two 2
$D/two 2: changed"
    ctl 0 off --all
    answers "$D/one: changed
$D/two 2: changed"
    [ -z "$stderr" ] || fail "$stderr"
    ctl 0 list --raw --noheadings -o path
    [[ $output != *"$D/one"* && $output != *"$D/two"* && $output == *"$D/three"* && $output == *"$D/four"* ]] ||
        fail "$output"
    # the declarations stay
    ctl 0 apply
    answers "$D/one: changed
$D/two 2: changed"
    ctl 0 off --all --json
    holds ".results | map(.path) == [\"$D/one\", \"$D/two 2\"] and all(.changed)"
    keeps off --all
    says 'warning: no active area was declared by headroom*'
}

@test "off --all: by identity, not by name" {
    fake_etc ext4
    ctl 0 ensure "$D/one" --size 1M --persist fstab
    ln "$D/one" "$D/hard link"
    ctl 0 off "$D/one"
    ctl 0 on "$D/hard link"
    ctl 0 off --all
    answers changed
    ! is_active "$D/one" || fail "still active"
}

@test "off --all: nothing is declared" {
    fake_etc ext4
    make_active "$D/swap" 1M
    idle off --all
    says 'warning: no active area was declared by headroom*'
    ctl 0 off --all --json
    holds '. == {"results": []}'
}

# bats test_tags=guest
@test "off --everything: without --yes it names what it would deactivate" {
    on_fs ext4
    make_active "$D/swap" 1M
    refused 2 "--everything: would deactivate *$HR_BYSTANDER*$D/swap*; add --yes if that is meant" off --everything
    is_active "$D/swap"
    untouched '%T@ %C@' ctl 0 off --everything --dry-run
    [[ $output == *"deactivate $D/swap"* && $output == *"deactivate $HR_BYSTANDER"* ]] || fail "$output"
}

# bats test_tags=guest
@test "off --everything --yes: all of them" {
    [ "${HEADROOM_GUEST:-0}" = 1 ] || skip "only in a guest (HEADROOM_GUEST=1): here other people's swap may be active"
    on_fs ext4
    make_active "$D/swap" 1M
    ctl 0 off --everything --yes
    answers "$HR_BYSTANDER: changed
$D/swap: changed"
    [ "$(wc -l </proc/swaps)" -eq 1 ]
    keeps off --everything --yes
    [ -z "$stderr" ] || fail "$stderr"
    swapon -p 3 "$HR_BYSTANDER"
}

@test "off: what belongs together, and what does not" {
    on_fs ext4
    make_active "$D/swap" 1M
    refused 2 'missing PATH, --all or --everything' off
    refused 2 'missing PATH, --all or --everything' off --yes
    refused 2 '--all: takes no PATH' off --all "$D/swap"
    refused 2 '--everything: takes no PATH' off --everything --yes "$D/swap"
    refused 2 '--all and --everything exclude each other' off --all --everything --yes
}

# ---- control groups: only in a guest, nobody else's groups are touched ----

# Such a process in a group of its own that has no room for the 24 MiB: 36 MiB cannot be swapped out, and 48 MiB is the limit.
spawn_in_group() { # FILE of the area
    [ "${HEADROOM_GUEST:-0}" = 1 ] || skip "only in a guest (HEADROOM_GUEST=1): it makes control groups"
    GROUP=/sys/fs/cgroup/headroom-$BATS_TEST_NUMBER
    echo +memory >/sys/fs/cgroup/cgroup.subtree_control
    mkdir "$GROUP"
    # shellcheck disable=SC2016 # for the inner shell
    ENTER=(bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$GROUP")
    FILL=36
    spawn_swapped "$1"
    echo 48M >"$GROUP/memory.max"
}

leave_group() {
    kill -KILL "$BG" 2>/dev/null || :
    wait "$BG" 2>/dev/null || :
    eventually rmdir "$GROUP"
}

oom_kills() {
    sed -n 's/^oom_kill //p' "$GROUP/memory.events"
}

# bats test_tags=guest
@test "off: a control group without room is named; more room, and it works" {
    on_fs ext4
    spawn_in_group "$D/swap"
    refused 6 "$D/swap: cgroup /headroom-* holds *memory.max is 48M*" off "$D/swap"
    refused 6 "$D/swap: cgroup /headroom-* holds *" remove "$D/swap"
    refused 6 "$D/swap: cgroup /headroom-* holds *" on "$D/swap" --priority 5
    [ "$(oom_kills)" -eq 0 ]
    echo 96M >"$GROUP/memory.max"
    changes off "$D/swap"
    memory_is_good
    leave_group
}

# bats test_tags=guest
@test "off: a control group without room swaps to another area, unless it may not" {
    on_fs ext4
    spawn_in_group "$D/swap"
    make_active "$D/other" 64M
    echo 4M >"$GROUP/memory.swap.max"
    refused 6 "$D/swap: cgroup /headroom-* holds *" off "$D/swap"
    echo max >"$GROUP/memory.swap.max"
    changes off "$D/swap"
    [ "$(oom_kills)" -eq 0 ]
    memory_is_good
    leave_group
}

# What the refusal is for.
# bats test_tags=guest
@test "off --force: a control group without room loses its process" {
    on_fs ext4
    spawn_in_group "$D/swap"
    try off "$D/swap" --force
    [ "$(oom_kills)" -ge 1 ] || fail "nobody was killed: $status, $output, $stderr"
    case $status in
    0) ! is_active "$D/swap" || fail "still active" ;;
    3)
        says "$D/swap: *"
        is_active "$D/swap"
        ;;
    *) fail "exit status $status: $stderr" ;;
    esac
    leave_group
}

# bats test_tags=guest
@test "resize: a control group that may use the helper area is no obstacle, one that may not is" {
    on_fs ext4
    spawn_in_group "$D/swap"
    echo 4M >"$GROUP/memory.swap.max"
    refused 6 "$D/swap: cgroup /headroom-* holds *" resize "$D/swap" --size 72M
    echo max >"$GROUP/memory.swap.max"
    ctl 0 resize "$D/swap" --size 72M --json
    holds '.actions == ["helper-on", "deactivate", "resize", "activate", "helper-off"]'
    [ "$(oom_kills)" -eq 0 ]
    memory_is_good
    leave_group
}

# What is in the area fits neither into RAM nor elsewhere: made by a tmpfs, whose pages are as swappable as any. Only in a guest
# that is small and has nothing to lose.
# bats test_tags=guest
@test "off: what does not fit is refused, and the area stays" {
    [ "${HEADROOM_GUEST:-0}" = 1 ] || skip "only in a guest (HEADROOM_GUEST=1): it fills the memory"
    local total available
    total=$(mem MemTotal)
    [ "$total" -le $((2048 * MiB)) ] || skip "this guest has more than 2 GiB of memory"
    leave_memory $((256 * MiB))
    available=$(mem MemAvailable)
    on_disk
    ctl 0 ensure "$D/swap" --size 384M
    mkdir "$HR_DIR/mnt/hog"
    mount -t tmpfs -o "size=4G" none "$HR_DIR/mnt/hog"
    head -c $((available + 128 * MiB)) /dev/zero >"$HR_DIR/mnt/hog/hog"
    refused 6 "$D/swap: *" off "$D/swap"
    refused 6 "$D/swap: *" remove "$D/swap"
    is_active "$D/swap"
    umount "$HR_DIR/mnt/hog"
    changes off "$D/swap"
}

mem() { # KEY of /proc/meminfo, in bytes
    local key value
    while read -r key value _; do
        [ "$key" != "$1:" ] || echo $((value * 1024))
    done </proc/meminfo
}
