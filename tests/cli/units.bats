#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Recipes that are read by somebody else's program: units of systemd, a file for cron, sysctl settings, and the YAML of
# Elastic Beanstalk. That they do their work is shown in the vm (guest-systemd, case recipes).

# bats file_tags=scripts
load swapctl

setup() {
    RECIPES=$(cd "$BATS_TEST_DIRNAME/../../recipes" && pwd)
    T=$BATS_TEST_TMPDIR
    PATH=/usr/bin:/bin:/usr/sbin:/sbin
}

need() { # PROGRAM
    command -v "$1" >/dev/null || skip "$1 is not installed"
}

# The units with the programs of this build, which need not be installed
put_units() {
    local unit
    for unit in "$RECIPES"/{systemd,prometheus}/*.{service,timer} "$RECIPES"/llm-server/*.service; do
        sed -E "s,^(ExecStart=)(swapctl|memwatch) ,\1$HEADROOM_BUILD/cmd/\2/\2 ,; s,=/usr/local/share/headroom/recipes/,=$RECIPES/," "$unit" >"$T/${unit##*/}"
    done
}

@test "systemd: it finds nothing to warn of in the units" {
    need systemd-analyze
    put_units
    grep -q "^ExecStart=$HEADROOM_BUILD/" "$T/headroom-swap.service"
    run -0 systemd-analyze verify --man=no "$T"/*.service "$T"/*.timer
    [ "$output" = '' ]
    sed -i 's/^RestrictRealtime=.*/RestrictRealtme=yes/' "$T/headroom-swap.service"
    run systemd-analyze verify --man=no "$T/headroom-swap.service"
    [[ $output == *RestrictRealtme* ]]
}

@test "systemd: each service is exposed to 3.0 at most" {
    need systemd-analyze
    local unit count=0
    systemd-analyze --help | grep -q -e --offline || skip "this systemd cannot tell of units that are not loaded"
    for unit in "$RECIPES"/{systemd,prometheus,llm-server}/*.service; do
        run systemd-analyze security --offline=yes --threshold=30 --no-pager "$unit"
        [ "$status" = 0 ] || { echo "$output" && return 1; }
        [[ $output == *"Overall exposure level for ${unit##*/}"* ]]
        count=$((count + 1))
    done
    [ $count = 6 ]
    printf '[Service]\nExecStart=/bin/true\n' >"$T/bare.service"
    run ! systemd-analyze security --offline=yes --threshold=30 --no-pager "$T/bare.service"
}

@test "systemd: the guard's rules to begin with are understood, and need no metric that a machine may lack" {
    run -0 --separate-stderr "$HEADROOM_BUILD/cmd/memwatch/memwatch" guard --check --config "$RECIPES/systemd/guard.conf"
    [ -z "$stderr" ]
    [ "${#lines[@]}" = 3 ]
    [[ ${lines[1]} == *'ram is above 90.0% and memory is above 90.0%: warn, kill .'* ]]
}

# cron runs a file of /etc/cron.d only if its name has no dot, its last line ends, and each line has all its fields
@test "cron: the files are ones that cron takes" {
    local file line count=0 job='^(@reboot|([0-9*/,-]+ ){4}[0-9*/,-]+) root [^%]+$'
    for file in "$RECIPES"/{cron/headroom,prometheus/headroom-export}; do
        [ -z "$(tail -c 1 "$file")" ]
        while read -r line; do
            count=$((count + 1))
            [[ $line =~ $job ]] || { echo "$line" && return 1; }
        done < <(grep -v -e '^#' -e '^$' -e '^[A-Z]*=' "$file")
    done
    [ $count = 3 ]
}

# As cron does it: few variables, and what is printed is mailed
run_job() { # BEGINNING OF LINE
    local command
    command=$(sed -n "s,^$1 root ,,p" "$RECIPES/cron/headroom")
    [ -n "$command" ]
    run -0 env -i HOME=/root "PATH=$T/bin:/bin" /bin/sh -c "$command"
}

@test "cron: what is well is not mailed, and the rest is" {
    mkdir "$T/bin"
    # shellcheck disable=SC2016 # for the fake
    printf '#!/bin/sh\necho "MEMWATCH: $*"\nexit $(cat %q)\n' "$T/status" >"$T/bin/memwatch"
    printf '#!/bin/sh\necho "/swapfile: changed"\necho "swapctl: $*" >&2\n' >"$T/bin/swapctl"
    chmod 755 "$T/bin"/*
    echo 0 >"$T/status"
    run_job '\*/5 \* \* \* \*'
    [ "$output" = '' ]
    echo 2 >"$T/status"
    run_job '\*/5 \* \* \* \*'
    [ "$output" = "MEMWATCH: check --ram 85:95 --disk /:80:90" ]
    run_job @reboot
    [ "$output" = "swapctl: apply --log /var/log/swapctl.log" ]
}

@test "sysctl: this kernel has every key, once, and each has its reason" {
    local file=$RECIPES/sysctl/50-headroom-memory.conf key value before='' line count=0
    [ -d /proc/sys/vm ] || skip "there is no /proc/sys here"
    while read -r line; do
        if [[ $line != '#'* && $line != '' ]]; then
            read -r key value <<<"${line/=/ }"
            [ -e "/proc/sys/${key//.//}" ] || { echo "$key: not in this kernel" && return 1; }
            [[ $value =~ ^[0-9]+$ ]]
            [[ $before == '#'* || $before == 'vm.dirty_'* ]] || { echo "$key: why?" && return 1; }
            count=$((count + 1))
        fi
        before=$line
    done <"$file"
    [ $count = 5 ]
    [ "$(sed -n 's/ = .*//p' "$file" | sort | uniq -d)" = '' ]
}

@test "beanstalk: bundle.sh keeps the program of before when the new one does not run, and takes any name" {
    local app="$T/app x"$'\n'y program
    mkdir "$app"
    HEADROOM_SWAPCTL=$SWAPCTL run -0 "$RECIPES/beanstalk/bundle.sh" "$app"
    [[ $output =~ ^"$app: "[0-9]+' KiB in .platform/headroom; deploy it'$ ]]
    program=$app/.platform/headroom/swapctl
    "$program" --version
    # it says what it is, but goes nowhere without its interpreter
    printf '#!/bin/sh\necho "swapctl (headroom) 9"\n' >"$T/swapctl"
    chmod 755 "$T/swapctl"
    HEADROOM_SWAPCTL=$T/swapctl run -3 "$RECIPES/beanstalk/bundle.sh" "$app"
    "$program" --version
    [ "$(ls -A "$app/.platform")" = $'confighooks\nheadroom\nhooks' ]
    HEADROOM_SWAPCTL=$SWAPCTL run -3 "$RECIPES/beanstalk/bundle.sh" /proc
    [ "${lines[-1]}" = "bundle.sh: /proc: cannot be written to" ]
}

@test "beanstalk: what bundle.sh writes is YAML with the keys of .ebextensions" {
    /usr/bin/python3 -c 'import yaml' 2>/dev/null || skip "python3-yaml is not installed"
    mkdir "$T/app"
    HEADROOM_SWAPCTL=$SWAPCTL run -0 "$RECIPES/beanstalk/bundle.sh" --size 1.5G "$T/app"
    run -0 /usr/bin/python3 - "$T/app/.ebextensions/01_swap.config" <<'END'
import sys, yaml
config = yaml.safe_load(open(sys.argv[1]))
assert set(config) == {"option_settings", "container_commands"}, config
print(config["option_settings"])
for name, command in sorted(config["container_commands"].items()):
    print(name, command)
END
    [ "$output" = "{'aws:elasticbeanstalk:application:environment': {'HEADROOM_SWAP_SIZE': '1.5G'}}
01_swap {'command': 'sh .platform/hooks/prebuild/01_swap'}" ]
}
