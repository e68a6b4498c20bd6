# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# leak.bash - a machine that runs out of memory, and who suffers; sourced by tests/bench/guard and tests/cgroup/guard.bats
#
# Everybody here is a copy of bash, or of tail (of a file without a line, which it wants to have whole), with a name of
# its own, so that nothing else can be meant. Only for a guest.
#
# shellcheck disable=SC2034 # what it sets is for others

# leak_setup FOLDER: on a file system that has room for the swap file
leak_setup() {
    [ -n "${HEADROOM_GUEST-}" ] || { echo "only in a guest of tests/vm" >&2; return 1; }
    leak_dir=$1
    mkdir -p "$leak_dir"
    cp "$(type -P tail)" "$leak_dir/hrleak"
    cp "$(type -P bash)" "$leak_dir/hrprobe"
    cp "$(type -P bash)" "$leak_dir/hrworker"
}

# Become one of them. Whoever starts it may be kept from being killed; it is not
leak_become() { # NAME WORD...
    echo 0 >/proc/self/oom_score_adj
    exec "$leak_dir/$1" "${@:2}"
}

# What answers every 100 ms. The longest time that it was late, in ms, stands in the file
# shellcheck disable=SC2016
readonly probe_script='
    LC_ALL=C worst=-1
    exec 9<>"$1.fifo"
    while :; do
        began=${EPOCHREALTIME/./}
        read -r -t 0.1 -u 9
        mapfile -t load </proc/loadavg
        late=$(((${EPOCHREALTIME/./} - began - 100000) / 1000))
        ((late > worst)) || continue
        worst=$late
        echo $worst >"$1"
    done'

# What has some memory, and looks into it now and then
# shellcheck disable=SC2016
readonly worker_script='
    LC_ALL=C
    exec 9<>"$1.fifo"
    printf -v mine "%*s" 12582912 x
    while :; do
        read -r -t 1 -u 9
        : "${mine:RANDOM * 300:1}"
    done'

# Workers and the probe; sets leak_workers and leak_probe
leak_others() { # HOW-MANY
    local i
    [ -e "$leak_dir/worst.fifo" ] || mkfifo "$leak_dir/worst.fifo"
    echo -1 >"$leak_dir/worst"
    leak_workers=()
    for ((i = 0; i < $1; i++)); do
        leak_become hrworker --norc -c "$worker_script" hrworker "$leak_dir/worst" 3>&- &
        leak_workers+=($!)
    done
    leak_become hrprobe --norc -c "$probe_script" hrprobe "$leak_dir/worst" 3>&- &
    leak_probe=$!
}

# The leak runs until somebody ends it, SECONDS at most; sets leak_ms and leak_status
leak_run() { # SECONDS
    local began pid watchdog
    began=${EPOCHREALTIME/./}
    leak_become hrleak /dev/zero >/dev/null 3>&- &
    pid=$!
    (
        sleep "$1"
        kill -KILL "$pid"
    ) >/dev/null 2>&1 3>&- &
    watchdog=$!
    leak_status=0
    wait "$pid" 2>/dev/null || leak_status=$?
    leak_ms=$(((${EPOCHREALTIME/./} - began) / 1000))
    kill "$watchdog" 2>/dev/null || :
    wait "$watchdog" 2>/dev/null || :
}

# How late the probe was; to be asked while it lives
leak_worst() {
    cat "$leak_dir/worst"
}

# End the others; sets leak_innocents to how many had been ended before
leak_end_others() {
    local pid
    leak_innocents=0
    for pid in "${leak_workers[@]}" "$leak_probe"; do
        kill -KILL "$pid" 2>/dev/null || ((leak_innocents += 1))
        wait "$pid" 2>/dev/null || :
    done
}
