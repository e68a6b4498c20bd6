# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# tests/vm/cases/cgctl.bash - cgctl beside systemd; sourced by guest-systemd
# shellcheck disable=SC2154,SC2034

readonly cgctl=/srv/headroom/cgctl groups=/sys/fs/cgroup
readonly batch=headroom-batch.slice batch_group=$groups/headroom.slice/headroom-batch.slice

# says STATUS PATTERN COMMAND...: it ends with this, and says that
says() {
    local want=$1 pattern=$2 got=0 said
    shift 2
    said=$("$@" 2>&1) || got=$?
    # shellcheck disable=SC2053 # a pattern is meant
    [[ $got == "$want" && $said == $pattern ]] || { echo "$*: $got: $said"; return 1; }
}

# What systemd and what the kernel say: show UNIT PROPERTY,...; files GROUP NAME...
show() {
    systemctl show "$1" -p "$2" | sort
}

files() {
    local group=$1
    shift
    (cd "$group" && cat "$@")
}

none_left() {
    ! systemctl --no-legend --plain --all list-units 'cgctl-*' "$1" | grep .
}

# What usually undoes what was written by hand
churn() {
    systemctl daemon-reload && systemctl set-property --runtime "$1" CPUWeight=90 && systemd-run -q --wait true &&
        systemctl daemon-reload
}

# In a unit to which its groups were given; its own process has to be in a group below
delegated_group() {
    systemd-run -q --wait --pipe -p Delegate=yes -E cgctl=$cgctl bash -s <<'END'
unit=$(sed -n s/^0:://p /proc/self/cgroup)
mkdir "/sys/fs/cgroup$unit/main" && echo $$ >"/sys/fs/cgroup$unit/main/cgroup.procs"
"$cgctl" create "$unit/job" --memory-max 64M --swap-max 0 --cpu-max 50% &&
    systemctl daemon-reload && systemctl set-property --runtime system.slice CPUWeight=90 &&
    systemd-run -q --wait true &&
    cat "/sys/fs/cgroup$unit"/job/{memory.max,cpu.max} &&
    "$cgctl" run --memory-max 32M --swap-max 0 -- sed 's/[0-9]*$//; s/.*service//' /proc/self/cgroup
END
}

check_by_hand() {
    check "a group by hand at the root is refused" says 6 '*systemd manages this group*Delegate=yes*' \
        $cgctl create /by-hand --memory-max 64M --swap-max 0
    check "--manager cgroupfs without --force too" says 125 '*systemd manages this group*' \
        $cgctl run --manager cgroupfs -- true
    check "nothing was made" no_file $groups/by-hand
    check "with --force it is made" is changed $cgctl create /by-hand --manager cgroupfs --force
    check "and removed" is changed $cgctl remove /by-hand --manager cgroupfs --force
    check "below a unit with Delegate=yes, limits outlast systemd's changes" \
        is $'changed\n67108864\n50000 100000\n/cgctl-run-' delegated_group
    check "the owner of a group is its unit" is system.slice \
        bash -c "$cgctl list /system.slice -r -n -o owner | head -n 1"
    check "doctor names systemd" grep -q 'systemd manages the groups' <("$cgctl" doctor)
}

no_file() {
    ! [ -e "$1" ]
}

# shellcheck disable=SC2016 # for the shell in the scope
readonly own='cd "/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)" && pwd | sed "s,[0-9]*\.scope,N.scope,"'

# Prints the unit of a run without a name, from inside
readonly own_unit='unit=$(sed -n "s,^0::.*/,,p" /proc/self/cgroup)'

left_alone() {
    says 0 '*headroom.slice/cgctl-run-*.scope: the command has ended, but not all*' $cgctl run -- bash -c 'sleep 1000 >/dev/null 2>&1 &'
}

# The group of the only scope of a run
left_group() {
    (cd "$groups" && echo headroom.slice/cgctl-run-*.scope)
}

kill_cgctl() {
    local pid unit command
    $cgctl run -- bash -c "$own_unit"'; echo "$unit $$" >/run/scope; exec sleep 1000' >/dev/null 2>&1 &
    pid=$!
    until_true [ -s /run/scope ] && read -r unit command </run/scope
    systemctl kill -s STOP "$unit" && kill -KILL $pid && kill -KILL "$command"
}

# Its group's name is taken, as if by what another process with its number left behind
take_name() {
    mkdir -p "$groups/headroom.slice/cgctl-run-$BASHPID.scope" && exec $cgctl run -- bash -c "$own"
}

# The kernel takes the holder for lack of memory, and nothing else
# shellcheck disable=SC2016 # for the shell in the scope
readonly kill_holder='holder=$(pgrep -P $PPID -x cgctl-holder) && echo 1000 >"/proc/$holder/oom_score_adj" &&
    echo f >/proc/sysrq-trigger && until grep -q "^State:.*Z" "/proc/$holder/status"; do sleep 0.1; done; exit 5'

check_alone() {
    check "run: without a name it is one unit, with its limits" \
        is "$groups/headroom.slice/cgctl-run-N.scope"$'\n67108864\n1048576\n150000 100000\nDelegate=yes\nMemoryMax=67108864' \
        $cgctl run --memory-max 64M --swap-max 1M --cpu-max 150% -- bash -c \
        "$own; cat {memory,memory.swap,cpu}.max; $own_unit; systemctl daemon-reload
        systemctl show \"\$unit\" -p MemoryMax -p Delegate; systemctl list-units --no-legend 'headroom-*.slice'"
    check "run: one of its processes is killed for lack of memory, and it goes on" \
        says 137 $'*on\n*headroom.slice/cgctl-run-*.scope: the kernel killed for lack of memory in the group; peak memory 32M*' \
        $cgctl run --memory-max 32M --swap-max 0 -- bash -c 'tail /dev/zero 2>/dev/null || echo on'
    check "run: what it used is told" \
        says 0 '*"group":"/headroom.slice/cgctl-run-*.scope","status":0,"memory_peak_bytes":[1-9]*"cpu_usec":[1-9]*' \
        $cgctl run --report=json --memory-max 64M --swap-max 0 -- true
    check "run: --pids-max counts nobody else" is 1 \
        $cgctl run --pids-max 7 -- bash -c "$own >/dev/null; exec cat pids.current"
    check "run: its unit can be stopped" says 143 '' $cgctl run -- bash -c "$own_unit"'; systemctl stop "$unit"; sleep 60'
    check "run: what the command left running stays" left_alone
    check "run: and can be removed" is changed $cgctl remove --kill "/$(left_group)"
    check "run: a name that is taken" says 0 '*headroom.slice/cgctl-run-*-N.scope' take_name
    rmdir "$groups"/headroom.slice/cgctl-run-*.scope
    check "run: that its holder was killed is told, and does not count" says 5 '*: cgctl-holder, *was killed before*' \
        timeout 60 $cgctl run --memory-max 8M --swap-max 0 -- bash -c "$kill_holder"
    check "run: in another PID namespace it is refused" says 125 '*systemd is in another PID namespace*' \
        unshare --pid --fork --mount-proc $cgctl run -- true
    check "run: killed itself, it leaves nothing, also when all is stopped" kill_cgctl
    check "run: nothing is left of all these" until_true none_left 'headroom-*.slice'
}

check_run() {
    check "run: the command is in a scope in a slice, with its limits in both" \
        is "$groups/headroom.slice/headroom-job.slice/cgctl-run-N.scope"$'\n67108864\n1048576\n50\n150000 100000\n67108864\n50' \
        $cgctl run --name job --memory-max 64M --swap-max 1M --cpu-max 150% --pids-max 50 -- \
        bash -c "$own; cat {memory,memory.swap,pids,cpu}.max ../{memory,pids}.max"
    check "run: systemd shows the same" is $'MemoryMax=67108864\nTasksMax=7\nMemoryMax=67108864\nTasksMax=7' \
        $cgctl run --name job --memory-max 64M --swap-max 0 --pids-max 7 -- \
        bash -c 'systemctl show headroom-job.slice "cgctl-run-*.scope" -p MemoryMax -p TasksMax | grep .'
    check "run: nothing is left" none_left headroom-job.slice
    check "run: the status is passed through" says 42 '' $cgctl run -- bash -c 'exit 42'
    check "run: one that is not there" says 127 '*: /nowhere: No such file or directory' $cgctl run -- /nowhere
    check "run: a signal is forwarded" says 143 '' timeout --preserve-status 3 $cgctl run --scope -- sleep 60
    check "run: killed for lack of memory" \
        says 137 '*headroom-hog.slice: the kernel killed for lack of memory in the group; peak memory*' \
        $cgctl run --name hog --memory-max 32M --swap-max 0 -- tail /dev/zero
    check "run: --report" says 0 '*peak memory*' $cgctl run --report --memory-max 64M --swap-max 0 -- true
    check "run: all are killed together, after a reload too" says 0 1 \
        $cgctl run --oom-group -- bash -c "$own >/dev/null; systemctl daemon-reload; cat memory.oom.group"
    check "run: nothing is left of any" until_true none_left 'headroom-*.slice'
    check "run: not in the group of a service" says 125 '*headroom-test.service: *--group takes a slice*' \
        $cgctl run --group /system.slice/headroom-test.service -- true
}

# pid of a process that has nothing to do with us
start_sleep() {
    systemd-run -q --collect -u "$1" sleep 1000 && systemctl show "$1" -p MainPID --value
}

check_groups() {
    local pid
    check "create says changed" is changed $cgctl create batch --memory-max 64M --swap-max 1M --cpu-weight 20 --cpuset 0
    check "create again says unchanged" is unchanged $cgctl create batch --memory-max 64M --swap-max 1M
    check "systemd and the kernel say so" \
        is $'AllowedCPUs=0\nCPUWeight=20\nMemoryMax=67108864\nMemorySwapMax=1048576' \
        show "$batch" MemoryMax,MemorySwapMax,CPUWeight,AllowedCPUs
    check "get shows it" is 67108864 $cgctl get batch memory.max -r -n -o value
    check "set says changed" is changed $cgctl set batch --memory-max 96M --cpu-max 33% --io-max /dev/nvme0n1:rbps=1M
    check "both say so" is $'100663296\n33000 100000\n259:0 rbps=1048576 wbps=max riops=max wiops=max' \
        files $batch_group memory.max cpu.max io.max
    check "systemd too" is $'CPUQuotaPerSecUSec=330ms\nIOReadBandwidthMax=/dev/nvme0n1 1048576\nMemoryMax=100663296' \
        show "$batch" CPUQuotaPerSecUSec,MemoryMax,IOReadBandwidthMax
    check "what has no property is refused" says 6 '*no property for memory.oom.group*' $cgctl set batch --oom-group
    check "a group in it" is changed $cgctl create batch/night-1 --pids-max 10
    check "run in it" is "$batch_group/headroom-batch-night\\x2d1.slice/cgctl-run-N.scope"$'\n10' \
        $cgctl run --group batch/night-1 -- bash -c "$own; cat ../pids.max"
    pid=$(start_sleep attached)
    check "attach" is changed $cgctl attach batch "$pid"
    check "it is in a scope in it" grep -q "headroom-batch.slice/cgctl-attach-$pid.scope" "/proc/$pid/cgroup"
    check "attach again says unchanged" is unchanged $cgctl attach batch "$pid"
    check "attach to another" is changed $cgctl attach batch/night-1 "$pid"
    check "and back" is changed $cgctl attach batch "$pid"
    check "reloads and other units do not undo it" churn "$batch"
    check "they did not" is $'100663296\n1048576\n33000 100000\n0' files $batch_group \
        memory.max memory.swap.max cpu.max cpuset.cpus
    check "remove refuses groups and processes" says 6 '*has processes*' $cgctl remove batch
    check "remove says changed" is changed $cgctl remove batch --kill --recursive
    check "remove again says unchanged" is unchanged $cgctl remove batch
    check "nothing is left" no_file $batch_group
    check "not even for systemd" none_left 'headroom-batch*'
}

check_units() {
    local pid unit=sleeper.service group=$groups/system.slice/sleeper.service
    pid=$(start_sleep "$unit")
    check "limit PID changes its unit" is changed $cgctl limit "$pid" --memory-max 80M --swap-max 0 --pids-max 30
    check "systemd says so" is $'MemoryMax=83886080\nTasksMax=30' show "$unit" MemoryMax,TasksMax
    check "limit --unit says unchanged" is unchanged $cgctl limit --unit sleeper --memory-max 80M
    check "below what is in use is refused" says 6 '*are in use*' $cgctl limit --unit sleeper --memory-max 4K
    check "parts of a per cent are refused" says 6 '*cpu.max: *33% or 34%*' $cgctl limit --unit sleeper --cpu-max 33.3%
    check "what the kernel does not take" says 3 '*cpuset.cpus*' $cgctl limit --unit sleeper --memory-max 90M --cpuset 500
    check "is taken back with the rest" is $'83886080\n30' files "$group" memory.max pids.max
    check "for systemd too" is $'AllowedCPUs=\nMemoryMax=83886080' show "$unit" AllowedCPUs,MemoryMax
    check "reloads and other units" churn "$unit"
    check "undo nothing" is $'83886080\n0\n30' files "$group" memory.max memory.swap.max pids.max
    check "a unit that is not there" says 3 '*knows no such unit*' $cgctl limit --unit nowhere --memory-max 1G
    check "--persist of a scope is refused" says 6 '*a scope ends*' $cgctl limit --unit init.scope --persist --memory-max 9G
    systemctl stop "$unit"
}

write_daemon() {
    printf '[Service]\nExecStart=sleep 1000\n[Install]\nWantedBy=multi-user.target\n' >/etc/systemd/system/daemon.service
    systemctl daemon-reload && systemctl -q enable daemon.service
}

check_persist() {
    check "a service" write_daemon
    check "limit --persist of a service that does not run" is changed \
        $cgctl limit --unit daemon --persist --memory-max 70M --swap-max 2M
    check "and unchanged before it runs" is unchanged $cgctl limit --unit daemon --persist --memory-max 70M --swap-max 2M
    check "it starts with it" systemctl start daemon
    check "it has" is $'73400320\n2097152' files $groups/system.slice/daemon.service memory.max memory.swap.max
    check "limit --persist says unchanged" is unchanged $cgctl limit --unit daemon --persist --memory-max 70M
    check "for this boot only is refused then" says 6 '*set for good*' $cgctl limit --unit daemon --memory-max 75M
    check "create --persist says changed" is changed $cgctl create keep --persist --memory-max 50M --swap-max 0
    check "create --persist says unchanged" is unchanged $cgctl create keep --persist --memory-max 50M --swap-max 0
    check "it has its limit" is 52428800 cat $groups/headroom.slice/headroom-keep.slice/memory.max
    check "set --persist says changed" is changed $cgctl set keep --persist --memory-max 51M
    check "create --persist of a group in it" is changed $cgctl create keep/in --persist --pids-max 5
}

check_without_dbus() {
    check "dbus is stopped" systemctl -q stop dbus.socket dbus.service
    check "run without dbus" is 33554432 $cgctl run --memory-max 32M --swap-max 0 -- bash -c "$own >/dev/null; cat memory.max"
    check "limit without dbus" is changed $cgctl limit --unit system.slice --pids-max 5000
    check "dbus is started" systemctl start dbus.socket
}

as_user() {
    env -i PATH="$PATH" setpriv --reuid 1000 --regid 1000 --clear-groups "$@"
}

# Without logind and PAM, what they would have done
start_user_manager() {
    local units=/etc/systemd/system
    echo 'tester:x:1000:1000::/tmp:/bin/bash' >>/etc/passwd
    mkdir -p $units/user-runtime-dir@1000.service.d $units/user@1000.service.d
    printf '[Service]\nExecStart=\nExecStart=install -d -m 700 -o 1000 -g 1000 /run/user/1000\nExecStop=\n' \
        >$units/user-runtime-dir@1000.service.d/test.conf
    printf '[Service]\nPAMName=\nEnvironment=XDG_RUNTIME_DIR=/run/user/1000\n' >$units/user@1000.service.d/test.conf
    systemctl daemon-reload && systemctl start user@1000
}

check_user() {
    local user=$groups/user.slice/user-1000.slice/user@1000.service
    check "a user without a manager is told" says 125 '*user@1000.service: the user manager*enable-linger*' \
        as_user $cgctl run -- true
    check "a user's manager starts" start_user_manager
    check "run as a user" is "$user/headroom.slice/headroom-job.slice/cgctl-run-N.scope"$'\n33554432' \
        as_user $cgctl run --name job --memory-max 32M --swap-max 0 -- bash -c "$own; cat memory.max"
    check "killed for lack of memory" says 137 '*headroom.slice/cgctl-run-*.scope: the kernel killed*' \
        as_user $cgctl run --memory-max 24M --swap-max 0 -- tail /dev/zero
    check "create as a user" is changed as_user $cgctl create mine --memory-max 40M --swap-max 0
    check "it has its limit" is 41943040 cat "$user/headroom.slice/headroom-mine.slice/memory.max"
    check "set as a user" is changed as_user $cgctl set mine --memory-max 44M
    check "remove as a user" is changed as_user $cgctl remove mine
    check "a unit of the system is not a user's" says 3 '*root*' as_user $cgctl set /system.slice --memory-max 1G
    check "root limits a user's unit" is changed \
        $cgctl create "/user.slice/user-1000.slice/user@1000.service/headroom.slice/headroom-his.slice" --pids-max 99
}

scope_1() {
    check_run
    check_alone
    check_by_hand
    check_without_dbus
    check_user
    check "no unit has failed" no_failed_units
}

group_1() {
    check_groups
    check_units
    check_persist
    check "no unit has failed" no_failed_units
}

group_2() {
    after_boot
    check "the limits of a service are there after the reboot" is $'73400320\n2097152' \
        files $groups/system.slice/daemon.service memory.max memory.swap.max
    check "a group is there after the reboot" is $'53477376\n0' \
        files $groups/headroom.slice/headroom-keep.slice memory.max memory.swap.max
    check "what was for one boot is gone" no_file $batch_group
    check "so is the group in it" is 5 cat $groups/headroom.slice/headroom-keep.slice/headroom-keep-in.slice/pids.max
    check "which is stopped" systemctl stop headroom-keep-in.slice
    check "remove refuses what is declared in it" says 6 '*headroom-keep-in.slice in it is declared*' $cgctl remove keep
    check "remove says changed" is changed $cgctl remove keep --recursive
    check "nothing is declared" is '' find /etc/systemd -name 'headroom-keep*'
    check "remove says unchanged" is unchanged $cgctl remove keep
}
