#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# memwatch check: the line, the exit status, and what it says to those who mistype

setup() {
    load memwatch
    make_tree
}

# check STATUS ARG...: stdout is one line, and it and stderr are in $output and $stderr
check() {
    local status_wanted=$1
    shift
    run "-$status_wanted" --separate-stderr memwatch check --root "$tree" "$@"
    [ "${#lines[@]}" -eq 1 ]
    [ -z "$stderr" ]
}

# refused MESSAGE ARG...: bad usage is UNKNOWN and is said where plugins are read
refused() {
    local message=$1
    shift
    check 3 "$@"
    [ "$output" = "MEMWATCH UNKNOWN - $message" ] || { echo "output: $output" && return 1; }
}

@test "check: below, at and above the levels" {
    check 0 --ram 61:90
    [ "$output" = "RAM OK - ram 60.0% | ram=60%;61;90;0;100" ]
    check 1 --ram 60:90
    [ "$output" = "RAM WARNING - ram 60.0% (>= 60.0%) | ram=60%;60;90;0;100" ]
    check 2 --ram 50:60
    [ "$output" = "RAM CRITICAL - ram 60.0% (>= 60.0%) | ram=60%;50;60;0;100" ]
    check 2 --ram 60
    [ "$output" = "RAM CRITICAL - ram 60.0% (>= 60.0%) | ram=60%;;60;0;100" ]
    check 0 --swap 10.5%:80%
    [ "$output" = "SWAP OK - swap 10.0% | swap=10%;10.5;80;0;100" ]
}

@test "check: pressure has short and long names" {
    check 1 --psi some:2.5:30
    [ "$output" = "PSI WARNING - psi.memory.some.avg10 2.5% (>= 2.5%) | psi.memory.some.avg10=2.5%;2.5;30;0;100" ]
    check 0 --psi full:2:3 --psi io.some:5 --psi some.avg60:1:2 --psi cpu.full.avg300:1:2
    [[ $output == "PSI OK - psi.memory.full.avg10 1.0%, psi.io.some.avg10 0.0%, psi.memory.some.avg60 0.5%, psi.cpu.full.avg300 0.0% |"* ]]
}

@test "check: a disk as df counts" {
    local used avail
    read -r used avail < <(df --output=used,avail -k "$tree/data" | tail -n 1)
    check 0 --disk /data:100:100 --timeout 60s
    [[ $output =~ ^DISK\ OK\ -\ disk:/data\ ([0-9.]+)%\ \|\ \'disk:/data\'= ]]
    awk -v a="${BASH_REMATCH[1]}" -v u="$used" -v v="$avail" 'BEGIN { d = a - 100 * u / (u + v); exit !(d < 1 && d > -1) }'
    check 3 --disk /none:80:90
    [[ $output == "DISK UNKNOWN - disk:/none: "*" | 'disk:/none'=U;80;90;0;100" ]]
    mkdir "$tree/a:80"
    check 3 --disk /a:80:90
    check 0 --disk /a:80:100:100
    [[ $output == *" | 'disk:/a:80'="* ]]
}

@test "check: a group against its lowest limit, without clean cache" {
    check 1 --cgroup /web:49:95
    [ "$output" = "CGROUP WARNING - cgroup:/web.memory_percent 49.2% (>= 49.0%) | 'cgroup:/web.memory_percent'=49.219%;49;95;0;100" ]
    check 3 --cgroup db:80:95
    [ "$output" = "CGROUP UNKNOWN - cgroup:db.memory_percent: the group has no limit | 'cgroup:db.memory_percent'=U;80;95;0;100" ]
    check 3 --cgroup /none:80:95
    [[ $output == "CGROUP UNKNOWN - cgroup:/none.memory_percent: there is no such group |"* ]]
}

@test "check: conditions, whose two levels are one rule" {
    check 0 --warning 'ram.available<300M' --critical 'ram.available<200M'
    [ "$output" = "MEMORY OK - ram.available 390.6M | ram.available=409600000B;314572800:;209715200:;0" ]
    check 1 --warning 'ram.available<400M' --critical 'ram.available<200M'
    [[ $output == "MEMORY WARNING - ram.available 390.6M (< 400M) |"* ]]
    check 2 --critical 'ram.available<=500MB' --ram 80:90
    [[ $output == "MEMORY CRITICAL - ram.available 390.6M (<= 476.8M) | ram=60%;80;90;0;100 ram.available=409600000B;;500000000:;0" ]]
    # of one value the data is given once
    check 1 --ram 50:90 --warning 'ram<70'
    [ "$output" = "MEMORY WARNING - ram 60.0% (>= 50.0%), ram 60.0% (< 70.0%) | ram=60%;50;90;0;100" ]
}

@test "check: what is told between two samples gets two" {
    check 0 --critical 'oom>0' -i 1ms
    [ "$output" = "RECLAIM OK - oom 0 | oom=0;;0;0" ]
    # while nothing is reclaimed nothing can be wrong with it
    check 0 --warning 'refault.ratio>0.5' --critical 'reclaim.efficiency<10%' --interval 1ms
    [[ $output == "RECLAIM OK - refault.ratio idle, reclaim.efficiency idle |"* ]]
    # but a kernel that does not count it is another thing
    echo 'oom_kill 0' >"$tree/proc/vmstat"
    check 3 --warning 'refault.ratio>0.5' -i 1ms
    [[ $output == "RECLAIM UNKNOWN - refault.ratio: this kernel does not count it |"* ]]
}

@test "check: the worst rule counts, and unknown comes behind warning" {
    check 2 --ram 50:60 --swap 10:80 --disk /none:80:90 --psi some:50
    [[ $output == "MEMWATCH CRITICAL - ram 60.0% (>= 60.0%), swap 10.0% (>= 10.0%), disk:/none: "*" | ram="* ]]
    check 1 --ram 80:90 --swap 10:80 --disk /none:80:90
    [[ $output == "MEMWATCH WARNING - swap 10.0% (>= 10.0%), disk:/none: "* ]]
    check 3 --ram 80:90 --disk /none:80:90
    [[ $output == "MEMWATCH UNKNOWN - disk:/none: "*" | ram=60%;80;90;0;100 'disk:/none'=U;80;90;0;100" ]]
}

@test "check: what cannot be read is unknown and says why" {
    rm "$tree/proc/pressure/memory"
    check 3 --psi some:10:30
    [[ $output == "PSI UNKNOWN - psi.memory.some.avg10: "*" | psi.memory.some.avg10=U;10;30;0;100" ]]
    printf 'MemTotal: 99999999999999999999 kB\n' >"$tree/proc/meminfo"
    check 3 --ram 80:90
    [[ $output == "RAM UNKNOWN - "*MemTotal*" | ram=U;80;90;0;100" ]]
    rm "$tree/proc/meminfo"
    check 3 --ram 80:90
    [[ $output == "RAM UNKNOWN - "*meminfo*" | ram=U;80;90;0;100" ]]
}

@test "check: what names hold does not make a second line or end the text" {
    local name=$'a|b\nc\'d=e f'
    mkdir -p "$tree/$name"
    check 0 --disk "/$name:100:100" --timeout 60s
    [[ $output == "DISK OK - disk:/a\\x7cb\\x0ac'd=e f "*" | 'disk:/a_b_c''d_e f'="* ]]
    check 3 --disk "/$name/none:80:90"
    [ "$(tr -cd '|' <<<"$output")" = '|' ]
}

@test "check: bad usage is status 3, and said on stdout" {
    refused 'nothing to check; give a rule, for example --ram 80:90'
    refused 'unknown option --rom; did you mean --ram?' --rom 80:90
    refused 'unexpected operand "80:90"' 80:90
    refused '--ram: "90:80": the warning comes after what is critical' --ram 90:80
    refused '--ram: "80:101": "101": never reached; give at most 100%' --ram 80:101
    for bad in x 80: :90 80:90:95 -5:90 80:-90 nan:90 80:inf 1e1:20 80::90 '' ' 80' 80:90M; do
        refused "--ram: \"$bad\": not WARNING:CRITICAL, or CRITICAL alone; write it like 80:90" --ram "$bad"
    done
    refused '--swap: "8.:90": "8.": not a number; write it like 12 or 0.5' --swap 8.:90
    refused '--psi: "10": not NAME:WARNING:CRITICAL, or CRITICAL alone; write it like some:10:30' --psi 10
    refused '--psi: "most:10:30": psi.memory.most.avg10: is no metric; did you mean psi.memory.some.avg10' --psi most:10:30
    refused '--disk: ":80:90": not NAME:WARNING:CRITICAL, or CRITICAL alone; write it like /data:80:90' --disk :80:90
    refused '--gpu: "x:80:90": gpu:x: is no metric; did you mean gpu:N' --gpu x:80:90
    refused '--warning: ram>80%%: character 5: "80%%": not a number; write it like 12 or 0.5' --warning 'ram>80%%'
    refused '--critical: ram.available<99999999999999999999: character 15: "99999999999999999999": too large; a size is below 16 EiB' \
        --critical 'ram.available<99999999999999999999'
    refused '--critical: ram>80: the warning comes after what is critical' --warning 'ram>90' --critical 'ram>80'
    refused '--critical: ram.available<2G: the warning comes after what is critical' --warning 'ram.available<1G' --critical 'ram.available<2G'
    refused '--interval: must be above 0 and below --timeout' --warning 'oom>0' -i 5s --timeout 5s
    refused '--interval: must be above 0 and below --timeout' --warning 'oom>0' -i 0
}

@test "check: a root that is not there is unknown too" {
    run -3 --separate-stderr memwatch check --root "$tree/none" --ram 80:90
    [[ $output == "MEMWATCH UNKNOWN - "*"/none"* ]]
}

@test "check: a reader that is killed by the timeout is unknown, and the others answer" {
    mkdir "$tree/proc/7"
    mkfifo "$tree/proc/7/smaps_rollup"
    check 3 --critical 'proc:7.pss>1G' --ram 80:90 --timeout 1s
    [[ $output == *"proc:7.pss: "*" | ram=60%;80;90;0;100 'proc:7.pss'=U;;1073741824;0" ]]
}

@test "check: JSON" {
    run -1 --separate-stderr memwatch check --root "$tree" --ram 50:90 --critical 'ram.available<100M' --disk /none:80 --json
    jq -e '.state == "WARNING" and .exit_status == 1 and (.rules | length == 3)' <<<"$output"
    jq -e '.rules[0] == {"metric":"ram","state":"WARNING","value":60,"unit":"%","warning":{"op":">=","value":50},"critical":{"op":">=","value":90},"why":null}' <<<"$output"
    jq -e '.rules[1] | .metric == "disk:/none" and .state == "UNKNOWN" and .value == null and (.why | startswith("disk:/none: "))' <<<"$output"
    jq -e '.rules[2] | .critical == {"op":"<","value":104857600} and .value == 409600000 and .unit == "B"' <<<"$output"
}

@test "check: a full disk where the answer should go is no OK" {
    [ -e /dev/full ] || skip "no /dev/full"
    run -3 bash -c '"$1" check --root "$2" --ram 80:90 >/dev/full' - "$MEMWATCH" "$tree"
    run -2 bash -c '"$1" check --root "$2" --ram 10 >/dev/full' - "$MEMWATCH" "$tree"
}

@test "check: --help names the statuses of plugins" {
    run -0 --separate-stderr memwatch check --help
    [[ $output == *"Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN"* ]]
}
