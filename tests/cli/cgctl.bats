#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# cgctl on a folder in place of "/": what it reads, what it would do, and what it says where it cannot

bats_require_minimum_version 1.5.0

REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
HEADROOM_BUILD=${HEADROOM_BUILD:-${BUILD_DIR:-$REPO/build}}
CGCTL=${CGCTL:-$HEADROOM_BUILD/cmd/cgctl/cgctl}

setup() {
    T=$BATS_TEST_TMPDIR/tree
    mkdir -p "$T/proc/self" "$T/sys/fs/cgroup"
    printf 'MemTotal: 1048576 kB\nMemFree: 1000 kB\nMemAvailable: 500000 kB\nSwapTotal: 1000 kB\nSwapFree: 0 kB\n' >"$T/proc/meminfo"
    echo '0::/web' >"$T/proc/self/cgroup"
    echo '26 25 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw' >"$T/proc/self/mountinfo"
    echo 'cpu io memory pids' >"$T/sys/fs/cgroup/cgroup.controllers"
    echo 'memory' >"$T/sys/fs/cgroup/cgroup.subtree_control"
    : >"$T/sys/fs/cgroup/cgroup.procs"
    make_group web 67108864 1048576
    make_group web/worker max 524288
    make_group db max 2097152
}

# A group with a limit and a use of memory
make_group() {
    local dir=$T/sys/fs/cgroup/$1
    mkdir -p "$dir"
    echo domain >"$dir/cgroup.type"
    echo memory >"$dir/cgroup.controllers"
    : >"$dir/cgroup.procs"
    : >"$dir/cgroup.subtree_control"
    printf 'populated 0\nfrozen 0\n' >"$dir/cgroup.events"
    echo "$2" >"$dir/memory.max"
    echo max >"$dir/memory.high"
    echo max >"$dir/memory.swap.max"
    echo "$3" >"$dir/memory.current"
    echo 4096 >"$dir/memory.swap.current"
    printf 'anon 1000\nfile 2000\npgsteal 7\n' >"$dir/memory.stat"
    printf 'low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n' >"$dir/memory.events"
    printf 'some avg10=1.25 avg60=0.00 avg300=0.00 total=12345678\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=9\n' \
        >"$dir/memory.pressure"
}

ctl() {
    run --separate-stderr "$CGCTL" "$@" --root "$T"
}

options() {
    "$HEADROOM_BUILD/completions/generate" list cgctl
}
subcommands() {
    options | cut -f 1 | uniq
}

# Operands that a subcommand takes
operands_of() {
    case $1 in
    limit) echo 1 --memory-max 1G ;;
    set) echo web --memory-max 1G ;;
    attach) echo web 1 ;;
    reclaim) echo web 1M ;;
    wait) echo web empty ;;
    list | doctor) ;;
    *) echo web ;;
    esac
}

@test "help: of the tool and of every subcommand, in 80 columns" {
    run -0 "$CGCTL" --help
    local all=$output subcommand
    [ "$(subcommands | wc -l)" -ge 15 ]
    while read -r subcommand; do
        grep -qE "^  $subcommand +[a-z]" <<<"$all"
        run -0 "$CGCTL" "$subcommand" --help
        [[ $output == "Usage: cgctl $subcommand "*$'\nSee cgctl(8).' ]]
        ! grep -E '.{81}' <<<"$output"
    done < <(subcommands)
}

@test "list: columns, order and tree" {
    ctl list -r -n -o group,memory,memory-max,memory-percent,swap,psi,oom-kills
    [ "$status" -eq 0 ]
    [ "$output" = '/ - - - - - -
/db 2097152 max - 4096 1.25 1
/web 1048576 67108864 1.56 4096 1.25 1
/web/worker 524288 max - 4096 1.25 1' ]
    ctl list --sort memory -n -o group
    [ "${lines[0]}" = /db ]
    ctl list --tree -n -o group /web
    [ "$output" = $'/web\n  worker' ]
    ctl list --json /web/worker
    jq -e '.groups == [.groups[0]] and .groups[0].memory_max == "max" and .groups[0].pids == null' <<<"$output"
    ctl list --tree --sort memory
    [ "$status" -eq 2 ]
    ctl list /nothing
    [ "$status" -eq 3 ]
    [ "$stderr" = "cgctl: /nothing: there is no such group below /sys/fs/cgroup" ]
}

@test "top: in a terminal, until q is typed" {
    command -v script >/dev/null || skip "script is not installed"
    run -0 timeout 60 script -qec "stty rows 4 cols 120; '$CGCTL' top --root '$T' --delay 100ms; echo status \$?" /dev/null \
        < <(sleep 1; printf q; sleep 1)
    [[ $output == *$'\e[H\e[J'*MEMORY*GROUP*2M*/db*1M*/web* ]]
    [[ $output == *"status 0"* ]]
    # two rows fit
    [[ $output != */web/worker* ]]
    ctl top
    [ "$status" -eq 3 ]
    [[ $stderr == 'cgctl: top: there is no terminal'* ]]
}

@test "get: the strictest of the groups above holds" {
    ctl get /web/worker memory.max -r -n
    [ "$output" = 'memory.max max 67108864 /web' ]
    ctl get /web/worker
    [ "$status" -eq 0 ]
    ctl get /web/worker pids.max
    [ "$status" -eq 1 ]
}

@test "stat: what is not there is left out, not 0" {
    ctl stat /web --json
    jq -e '[.stat[] | {(.name): .value}] | add |
        .memory == "1048576" and .anon == "1000" and .pgsteal == "7" and .stall_some == "12345678" and
        .events_oom_kill == "1" and (has("sock") | not) and (has("cpu") | not)' <<<"$output"
    ctl stat /web -n -o name,value
    [[ $output == *'stall_some'*'12.345s'* ]]
    [[ $output == *'memory '*'1M'* ]]
}

@test "create and set: a dry run says the steps, and nothing is changed" {
    local before
    before=$(find "$T" -type f -exec md5sum {} +)
    ctl create /new/one --memory-max 25% --swap-max 0 --pids-max 10 --dry-run
    [ "$status" -eq 0 ]
    [ "$output" = 'hand the pids controller to the groups in /
make the group /new
hand the memory controller to the groups in /new
hand the pids controller to the groups in /new
make the group /new/one
set memory.swap.max of /new/one to "0"
set memory.max of /new/one to "268435456"
set pids.max of /new/one to "10"
changed' ]
    ctl set web --memory-max 64M --dry-run --json
    [ "$output" = '{"group":"/web","changed":false,"actions":[]}' ]
    [[ $stderr == *'/web: memory is limited and swap is not'* ]]
    [ "$(find "$T" -type f -exec md5sum {} +)" = "$before" ]
    ctl create /new
    [ "$status" -eq 5 ]
    [[ $stderr == *'works on the running system only'* ]]
}

@test "set: what is wrong is said before anything is looked at" {
    local words
    while read -r words; do
        # shellcheck disable=SC2086 # words
        ctl set web $words --dry-run
        [ "$status" -eq 2 ] && [ -z "$output" ] || {
            echo "$words: $status, $output"
            return 1
        }
        [[ $stderr == "cgctl: ${words%%[= ]*}"* ]]
    done <<'END'
--memory-max 16E
--memory-max=
--memory-max 4095
--memory-max 101%
--swap-max -1
--cpu-max 0
--cpu-weight 0
--io-weight 10001
--pids-max many
--cpuset 3-1
--io-max 8:0
--io-max 8:0:rbps=0
--set memory.max
--set cgroup.procs=1
--memory-plus-swap 1G
END
    ctl set web --dry-run
    [ "$status" -eq 2 ]
    [[ $stderr == "cgctl: missing a limit"* ]]
}

@test "without systemd: what only systemd does is unsupported, and says so" {
    local words
    while read -r words; do
        # shellcheck disable=SC2086 # words
        ctl $words --dry-run
        [ "$status" -eq 5 ] && [ -z "$output" ] && [[ $stderr == *'systemd does not run here'* ]] || {
            echo "$words: $status, $output$stderr"
            return 1
        }
    done <<'END'
create new --manager systemd
set web --memory-max 1G --manager systemd
set web --memory-max 1G --persist
limit --unit nginx --memory-max 1G
limit --group web --memory-max 1G --persist
remove web --manager systemd
attach web 1 --manager systemd
END
    ctl limit --unit nginx --group web --memory-max 1G --dry-run
    [ "$status" -eq 2 ]
    [[ $stderr == *'wanted is one of PID..., --group GROUP, --container CONTAINER, --unit UNIT and --follow CRITERIA'* ]]
    ctl set web --memory-max 1G --manager somebody --dry-run
    [ "$status" -eq 2 ]
    [[ $stderr == *'"somebody" is not auto, systemd or cgroupfs'* ]]
}

@test "run: its own failures are 125, and options end where the command begins" {
    ctl run --memory-max 16E -- true
    [ "$status" -eq 125 ]
    [[ $stderr == "cgctl: --memory-max: "* ]]
    run --separate-stderr "$CGCTL" run --root "$T" true --no-such-option
    [ "$status" -eq 125 ]
    [[ $stderr == *'"run" works on the running system only'* ]]
    run --separate-stderr "$CGCTL" run --no-such-option true
    [ "$status" -eq 125 ]
    run --separate-stderr "$CGCTL" run --report=xml true
    [ "$status" -eq 125 ]
    [[ $stderr == 'cgctl: --report: "xml" is not text or json'* ]]
}

@test "version 1: every subcommand says where the memory controller is, and what to do" {
    local subcommand words
    echo '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory' >"$T/proc/self/mountinfo"
    echo '41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw' >>"$T/proc/self/mountinfo"
    printf '4:memory:/\n0::/\n' >"$T/proc/self/cgroup"
    while read -r subcommand; do
        [ "$subcommand" != run ] || continue
        words="$subcommand $(operands_of "$subcommand")"
        ! options | grep -q "^$subcommand	dry-run" || words+=" --dry-run"
        # shellcheck disable=SC2086 # words
        ctl $words
        [[ $output$stderr == */sys/fs/cgroup/memory*'boot with'* ]] || {
            echo "$words: $status: $output$stderr"
            return 1
        }
        [ "$subcommand" = doctor ] || [ "$status" -eq 5 ]
    done < <(subcommands)
}

@test "doctor: names troubles and remedies" {
    ctl doctor --json
    jq -e '.checks[] | select(.check == "pressure") | .state == "problem" and .remedy == "boot with psi=1"' <<<"$output"
    jq -e '.checks[] | select(.check == "memory.peak") | .state == "note"' <<<"$output"
    [ "$status" -eq 1 ]
    mkdir -p "$T/proc/pressure"
    : >"$T/proc/pressure/memory"
    ctl doctor
    [ "$status" -eq 0 ]
    echo 'cpu' >"$T/sys/fs/cgroup/cgroup.controllers"
    ctl doctor -r -n -o check,state
    [ "$status" -eq 1 ]
    [[ $output == *$'memory problem\n'* ]]
}

@test "the examples of the page are understood" {
    local n=0 line words
    mkdir -p "$T/etc"
    echo 'www-data:x:33:33::/:/bin/false' >"$T/etc/passwd"
    while read -r line; do
        n=$((n + 1))
        eval "words=($line)" # quoted as for a shell
        run --separate-stderr timeout 30 "$CGCTL" "${words[1]}" --root "$T" "${words[@]:2}"
        [ "$status" -ne 2 ] && [[ $stderr != *"Try 'cgctl"* ]] || {
            echo "\"$line\": exit status $status: $stderr"
            return 1
        }
    done < <(awk '/^\.Sh /{ on = ($2 == "EXAMPLES") } on && /^# cgctl /{ sub(/^# /, ""); print }' "$REPO/man/cgctl.8")
    [ "$n" -ge 10 ]
}

# ---- completions, asked as the shells would ask them; the groups are those of a fixture

# A process in a group
make_process() { # PID NAME GROUP
    local dir=$T/proc/$1
    mkdir -p "$dir"
    echo "$1 ($2) S 1 $1 $1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 $1 1 1" >"$dir/stat"
    echo "$2" >"$dir/comm"
    printf '%s\0-d\0' "$2" >"$dir/cmdline"
    echo "0::$3" >"$dir/cgroup"
}

@test "limit --follow: a dry run shows what would be done to the groups of those that match" {
    local who
    echo '27 25 0:24 / /proc rw - proc proc rw' >>"$T/proc/self/mountinfo"
    sed -i '/^Swap/d' "$T/proc/meminfo"
    printf 'SwapTotal: 0 kB\nSwapFree: 0 kB\n' >>"$T/proc/meminfo"
    echo memory >"$T/sys/fs/cgroup/web/cgroup.subtree_control"
    make_process 1 init /
    make_process 41 server /web/worker
    make_process 42 server /db
    make_process 43 server /db
    make_process 44 client /web
    make_process 45 server /
    ctl limit --follow '-x server' --memory-max 32M --dry-run
    [ "$status" -eq 4 ]
    [ "$output" = 'set memory.max of /web/worker to "33554432"
/web/worker: changed
set memory.max of /db to "33554432"
/db: changed' ] || { echo "$output" && return 1; }
    [ "$stderr" = 'cgctl: 45: is in the root group, which cannot be limited; "cgctl create" and "cgctl attach" give it a group of its own' ] ||
        { echo "$stderr" && return 1; }
    ctl limit --follow '-f "server -d"' --memory-max 32M --dry-run --json
    [ "$status" -eq 4 ]
    [ "$(jq -c '[.group, .pids, .actions]' <<<"$output")" = '["/web/worker",[41],["set"]]
["/db",[42,43],["set"]]' ] || { echo "$output" && return 1; }
    echo 33554432 | tee "$T"/sys/fs/cgroup/{web/worker,db}/memory.max
    ctl limit --follow '-x server --pid 41,42' --memory-max 32M --dry-run
    [ "$status" -eq 0 ]
    [ -z "$output$stderr" ]
    ctl limit --follow '-x nobody' --memory-max 32M --dry-run
    [ "$status" -eq 1 ]
    [ -z "$output$stderr" ]
    for who in server nobody; do
        ctl limit --follow "-x $who" --memory-max 32M
        [ "$status" -eq 5 ]
        [[ $stderr == *' works on the running system only; '* ]]
    done
}

@test "limit --follow: criteria that choose nobody in particular are refused" {
    for text in '' ' ' '--include-self' '--newest' "'-x" '-x' '--no-such' '-u no-such-user' '-f ""'; do
        ctl limit --follow "$text" --memory-max 32M --dry-run
        [ "$status" -eq 2 ] || { echo "$text: $status" && return 1; }
        [[ $stderr == 'cgctl: --follow: '* ]] || { echo "$text: $stderr" && return 1; }
    done
    ctl limit --follow '-v -x server' --memory-max 32M --dry-run
    [ "$status" -eq 6 ]
    for words in '1 --follow x' '--group /web --follow x' '--follow x --interval 1ms' '1 --interval 2s'; do
        read -ra given <<<"$words"
        ctl limit "${given[@]}" --memory-max 32M --dry-run
        [ "$status" -eq 2 ] || { echo "$words: $status" && return 1; }
    done
}

# bats test_tags=scripts
@test "completion: bash offers subcommands, options, limits and groups" {
    local file=$BATS_TEST_TMPDIR/cgctl
    sed "s,/sys/fs/cgroup,$T/sys/fs/cgroup,g" "$HEADROOM_BUILD/completions/cgctl" >"$file"
    asked() {
        bash --norc -c '
            source "$1"; compopt() { :; }
            read -ra COMP_WORDS <<<"$2"
            [[ $2 != *" " ]] || COMP_WORDS+=("")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _cgctl; printf "%s\n" "${COMPREPLY[@]}"' - "$file" "$1" | sort
    }
    [ "$(asked 'cgctl fr')" = freeze ]
    [[ $(asked 'cgctl run --memory-') == *--memory-max*--memory-plus-swap* ]]
    [ "$(asked 'cgctl list --sort ')" = $'cpu\nmemory\npath\npsi\nswap' ]
    [ "$(asked 'cgctl stat /w')" = /web/ ]
    [ "$(asked 'cgctl stat /web/')" = /web/worker/ ]
    [[ $(asked 'cgctl run bash') == *bash* ]]
    [ "$(asked 'cgctl limit --fo')" = $'--follow\n--force' ]
    [ "$(asked 'cgctl limit --in')" = --interval ]
}

# bats test_tags=scripts
@test "completion: fish offers groups and limits" {
    command -v fish >/dev/null || skip "fish is not installed"
    sed "s,/sys/fs/cgroup,$T/sys/fs/cgroup,g" "$HEADROOM_BUILD/completions/cgctl.fish" >"$BATS_TEST_TMPDIR/cgctl.fish"
    asked() {
        HOME=$BATS_TEST_TMPDIR fish --no-config -c "source $BATS_TEST_TMPDIR/cgctl.fish; complete -C '$1' | string replace -r '\t.*' ''" | sort
    }
    [ "$(asked 'cgctl fr')" = freeze ]
    [ "$(asked 'cgctl stat /w')" = /web/ ]
    [[ $(asked 'cgctl set --swap') == *--swap-max* ]]
}

# Instructions of the program in user space, which repeat from run to run
instructions() { # ARG...
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$CGCTL" "$@" 2>&1 >/dev/null | sed -n 's/,//g; s/.*refs: *//p'
}

# Seen: 7,800. A tenth more is allowed.
# bats test_tags=instructions
@test "what it takes for a group of a list has not grown" {
    type -P valgrind >/dev/null || skip "valgrind is not installed"
    local one many i
    one=$(instructions list --root "$T" -o memory --json)
    for ((i = 0; i < 100; i++)); do
        make_group "db/$i" max 4096
    done
    many=$(instructions list --root "$T" -o memory --json)
    [ $(((many - one) / 100)) -le 8600 ]
}
