#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# cgctl where the groups are not all ours: as an ordinary user, in a namespace

# shellcheck disable=SC2154,SC2016 # variables of the helpers and of bats; texts for another shell
load helpers

as_user() {
    setpriv --reuid 1000 --regid 1000 --clear-groups "$@"
}

@test "an ordinary user: in a group that was given away" {
    changes create /t/me --pids-max 100
    chown 1000 "$TOP"/t/me "$TOP"/t/me/cgroup.{procs,subtree_control,threads}
    CTL=(as_user "$CGCTL")
    # the user's shell is in a group below: a group with processes cannot hand on controllers
    as_user mkdir "$TOP/t/me/shell"
    CTL=(bash -c 'echo 0 >"$0/cgroup.procs" && exec setpriv --reuid 1000 --regid 1000 --clear-groups "$@"'
        "$TOP/t/me/shell" "$CGCTL")
    changes create /t/me/job --memory-max 32M --swap-max 0
    has /t/me/job/memory.max $((32 * MiB))
    ctl 137 run --group /t/me/job -- tail /dev/zero
    ctl 0 run --memory-max 32M --swap-max 0 cat /proc/self/cgroup
    [[ $output == 0::/t/me/cgctl-run-* ]]
    changes remove /t/me/job
    ctl 3 set /t/me --memory-max 1G --swap-max 0
    says '/t/me: memory.swap.max: cannot set it; that is for the owner'
    ctl 3 create /mine
    says '/mine: cannot make the group; the one above belongs to somebody else'
    ctl 1 doctor --json
    holds '.checks[] | select(.check == "delegation") | .state == "problem"'
}

@test "an ordinary user: moves processes only below a group that is theirs" {
    changes create /t/me
    chown 1000 "$TOP"/t/me "$TOP"/t/me/cgroup.{procs,subtree_control,threads}
    as_user mkdir "$TOP"/t/me/{shell,a,b}
    spawn as_user sleep 1000
    CTL=(bash -c 'echo 0 >"$0/cgroup.procs" && exec setpriv --reuid 1000 --regid 1000 --clear-groups "$@"'
        "$TOP/t/me/shell" "$CGCTL")
    # the group that both are below is the root's
    refused 3 "$BG: cannot be moved to /t/me/a; the process, that group and the group above both must be yours" \
        attach /t/me/a "$BG"
    in_group "$BG" /
    echo "$BG" >"$TOP/t/me/b/cgroup.procs"
    changes attach /t/me/a "$BG"
    in_group "$BG" /t/me/a
}

# In a cgroup namespace whose top is /t/box, with its own mount: as in a container
boxed() {
    # shellcheck disable=SC2034
    CTL=(bash -c 'echo 0 >"$0/cgroup.procs" && exec unshare -C -m bash -c '\''
        umount /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@"'\'' - "$@"' "$TOP/t/box" "$CGCTL")
}

@test "a namespace: paths are its own, and its top cannot hand on controllers while it has processes" {
    changes create /t/box --memory-max 128M --swap-max 0
    boxed
    ctl 0 list -n -r -o group,memory-max
    answers "/ $((128 * MiB))"
    ctl 6 create /a --memory-max 32M
    says '/: has processes of its own, so it cannot hand the memory controller'
    changes create /a
    is_group /t/box/a
    ctl 1 doctor --json
    holds '.checks[] | select(.check == "processes") | .state == "problem"'
    holds '.checks[] | select(.check == "namespace") | .state == "note"'
    ctl 3 get /t/box
    says '/t/box: there is no such group'
    # what is beyond the namespace is out of reach, and out of the way
    spawn sleep 1000
    ctl 3 attach /a "$BG"
    says "$BG: cannot be moved to /a; that is beyond the boundary of its namespace"
    ctl 3 limit "$BG" --memory-max 64M
    says "$BG: its group /../.. lies outside of what is mounted"
    CTL=("$CGCTL")
    changes create /t/box/b
    spawn_in /t/box/b sleep 1000
    changes remove /t/box/a
}
