#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# memwatch live in a terminal of its own (tmux), over the /proc of a fixture

bats_require_minimum_version 1.5.0

REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
HEADROOM_BUILD=${HEADROOM_BUILD:-${BUILD_DIR:-$REPO/build}}
MEMWATCH=${MEMWATCH:-$HEADROOM_BUILD/cmd/memwatch/memwatch}

setup() {
    command -v tmux >/dev/null || skip "tmux is not installed"
    [ -x "${MEMWATCH%/*}/memwatch-live" ] || skip "built without ncurses"
    tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree/proc/pressure" "$tree/etc"
    printf 'root:x:0:0::/root:/bin/sh\nada:x:1000:100::/:/bin/sh\n' >"$tree/etc/passwd"
    printf 'MemTotal: 4194304 kB\nMemFree: 1048576 kB\nMemAvailable: 2097152 kB\nSwapTotal: 2048 kB\nSwapFree: 1024 kB\n' \
        >"$tree/proc/meminfo"
    printf 'some avg10=12.34 avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1\n' \
        >"$tree/proc/pressure/memory"
    process 1 init 0 64 0 /
    process 30 large 1000 640 0 /web.slice
    process 40 swapped 1000 320 128 /web.slice
    process 50 'evil\n\033[31m\033]0;title\007' 77 960 64 /evil.slice
    ln -s 1 "$tree/proc/self"
}

# The program goes before its terminal does: the leak checker's own helper process does not survive the signals that come
# with a hang-up, and is then waited for for ever.
teardown() {
    [ -n "${tree-}" ] || return 0
    pkill -KILL -f "^memwatch live --root $tree" || true
    tm kill-server 2>/dev/null || true
}

# process PID NAME UID RSS_KIB SWAP_KIB CGROUP
process() {
    local dir=$tree/proc/$1
    mkdir -p "$dir"
    printf '%b\n' "$2" >"$dir/comm"
    printf '%d (%b) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 0\n' "$1" "$2" "$1" >"$dir/stat"
    {
        printf 'Name:\t'
        printf '%b' "${2//\\n/\\\\n}"
        printf '\nUid:\t%s\t%s\t%s\t%s\nGid:\t0\t0\t0\t0\n' "$3" "$3" "$3" "$3"
        printf 'VmRSS:\t%8d kB\nVmSwap:\t%8d kB\n' "$4" "$5"
    } >"$dir/status"
    printf '9999 %d 1 1 0 1 0\n' $(($4 * 1024 / $(getconf PAGESIZE))) >"$dir/statm"
    printf 'x\nPss: %d kB\nPrivate_Clean: %d kB\nPrivate_Dirty: 0 kB\n' $(($4 / 2)) $(($4 / 4)) >"$dir/smaps_rollup"
    printf '0::%s\n' "$6" >"$dir/cgroup"
    : >"$dir/cmdline"
}

tm() {
    tmux -L "headroom-$BATS_SUITE_TEST_NUMBER-$$" -f /dev/null "$@"
}

# A shell of COLUMNS x ROWS, which shows "ready" with its $1 in the environment
terminal() {
    tm new-session -d -x "$1" -y "$2" "env -u NO_COLOR -u TMUX LC_ALL=C.UTF-8 ${3-} PS1='$ ' bash --norc --noprofile"
    keys 'echo re""ady' Enter
    see '^ready'
}

keys() {
    tm send-keys "$@"
}

screen() {
    tm capture-pane -p
}

# Until the screen shows PATTERN (or --not); so long as a slow machine may need
see() {
    local wanted=0 i
    [ "$1" != --not ] || { wanted=1 && shift; }
    for ((i = 0; i < 300; i++)); do
        if screen | grep -qE -- "$1"; then
            [ "$wanted" = 1 ] || return 0
        else
            [ "$wanted" = 0 ] || return 0
        fi
        sleep 0.1
    done
    echo "not seen: $1"
    screen
    return 1
}

live() {
    keys "$MEMWATCH live --root $tree -i 200ms ${1-}" Enter
    see 'q quit'
    see 'PID USER'
    see '^ +1 root'
}

pid() {
    pgrep -f "^memwatch live --root $tree"
}

# It has ended, with STATUS
ended() {
    see --not 'q quit'
    keys 'echo st""atus $?' Enter
    see "^status $1"
}

# The shell is back, on the screen that was there, with a cursor and the modes of before
is_restored() { # STATUS
    ended "$1"
    see '^ready'
    [ "$(tm display-message -p '#{cursor_flag} #{alternate_on}')" = '1 0' ]
    [ "$(stty -a -F "$(tm display-message -p '#{pane_tty}')" | sort)" = "$modes" ] || {
        # readline has modes of its own while it waits; those of a command count
        keys 'stty -a | sort >'"$BATS_TEST_TMPDIR/after; echo co\"\"mpared" Enter
        see '^compared'
        diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
    }
}

note_modes() {
    keys "stty -a | sort >$BATS_TEST_TMPDIR/before; echo no\"\"ted" Enter
    see '^noted'
    modes=$(stty -a -F "$(tm display-message -p '#{pane_tty}')" | sort)
}

@test "live: 80x24 shows bars, pressure, who uses most, and the keys" {
    terminal 80 24
    live
    see '^RAM .*█.*▒.* 2G used, 1G cache, 1G free of 4G'
    see '^Swap .* 1M used of 2M'
    see '^PSI some +12.3%.*█'
    see '^memwatch .* every 0.2s .* processes by rss$'
    see 'PID USER +RSS +SWAP +GROWTH +NAME'
    screen | grep -A 4 'PID USER' >"$BATS_TEST_TMPDIR/list"
    [ "$(awk 'NR > 1 { print $1 }' "$BATS_TEST_TMPDIR/list")" = $'50\n30\n40\n1' ]
    [ "$(screen | wc -l)" -le 24 ]
}

@test "live: what a name brings never reaches the terminal" {
    terminal 80 24
    live
    see 'evil.x0a.x1b\[31m.x1b\]0;title'
    tm capture-pane -p -e >"$BATS_TEST_TMPDIR/screen"
    run -1 grep -q $'evil.*\033\[31m' "$BATS_TEST_TMPDIR/screen"
    [ "$(tm display-message -p '#{pane_title}')" != title ]
}

@test "live: each order, each list" {
    terminal 100 30
    live
    keys s
    see 'processes by swap'
    see --not ' 30 ada'
    keys p
    see 'processes by pss'
    see 'RSS +PSS +SWAP'
    see '^ +50 77 +960K +480K'
    keys u
    see 'processes by uss'
    see 'RSS +USS +SWAP'
    see '^ +50 77 +960K +240K'
    keys g
    see 'processes by growth'
    keys m
    see 'processes by rss'
    keys Tab
    see '^ +2 .* ada$'
    see 'users by rss'
    keys Tab
    see '^ +2 .* /web.slice$'
    keys Tab
    see '^ +4 .* \(in none\)$'
    keys Tab
    see '^ +1 .* large$'
    keys Tab
    see 'processes by rss'
    keys BTab
    see 'names by rss'
}

@test "live: growth, as long as the next look is away" {
    terminal 80 24
    live '--by growth --interval 3s'
    see '^ +30 ada +640K +0B +\+0B'
    printf '9999 %d 1 1 0 1 0\n' $((9 * 1024 * 1024 / $(getconf PAGESIZE))) >"$tree/proc/30/statm"
    see '^ +30 ada +9M +0B +\+8.4M'
    [ "$(screen | grep -A 1 'PID USER' | awk 'NR > 1 { print $1 }')" = 30 ]
}

@test "live: a filter, changed and ended" {
    terminal 80 24
    live
    keys / S w a x BSpace
    see '^only names with: Swa_'
    keys Enter
    see 'by rss with Swa'
    see --not ' 30 ada'
    see ' 40 ada'
    keys / q
    see 'with: Swaq_'
    keys Escape
    see 'processes by rss$'
    see ' 30 ada'
}

@test "live: freeze stops all changes, and goes on" {
    terminal 80 24
    live
    keys Space
    see FROZEN
    screen >"$BATS_TEST_TMPDIR/frozen"
    rm -r "$tree/proc/30"
    # so many looks as would have shown it
    sleep 1
    screen | diff "$BATS_TEST_TMPDIR/frozen" -
    keys Space
    see --not FROZEN
    see --not ' 30 ada'
}

@test "live: help, and back" {
    terminal 80 24
    live
    keys '?'
    see 'order by PSS'
    keys x
    see 'q quit'
    keys h
    see 'any key goes back'
    keys q
    see 'q quit'
}

@test "live: another size at any time, as small as can be" {
    terminal 200 50
    live
    see '^RAM .{150,}of 4G'
    for size in '80 24' '40 12' '24 6' '10 3' '3 1' '120 40'; do
        tm resize-window -x "${size% *}" -y "${size#* }"
        sleep 0.3
        [ -n "$(pid)" ]
    done
    see '^RAM .{90,}of 4G'
    see 'processes by rss'
    see ' 30 ada'
    tm resize-window -x 40 -y 12
    see '^RAM 2G used, 1G cache'
    see ' 50 77'
}

@test "live: q gives the terminal back" {
    terminal 80 24
    note_modes
    live
    [ "$(tm display-message -p '#{alternate_on}')" = 1 ]
    keys q
    is_restored 0
}

@test "live: so does every signal" {
    terminal 80 24
    note_modes
    for signal in TERM:143 INT:130 HUP:129 SEGV:139 ABRT:134 QUIT:131 BUS:135; do
        keys "ulimit -c 0; clear; echo re\"\"ady" Enter
        see --not '^status'
        live
        kill "-${signal%:*}" "$(pid)"
        is_restored "${signal#*:}"
    done
}

@test "live: stopped and continued" {
    terminal 80 24
    note_modes
    live
    keys C-z
    see Stopped
    see '^ready'
    [ "$(tm display-message -p '#{cursor_flag} #{alternate_on}')" = '1 0' ]
    keys 'fg' Enter
    see 'q quit'
    see ' 30 ada'
    kill -STOP "$(pid)"
    see Stopped
    keys 'stty sane; clear; fg' Enter
    see 'q quit'
    see ' 30 ada'
    keys C-c
    see --not 'q quit'
}

@test "live: vt100, without colour, without blocks" {
    terminal 80 24 'TERM=vt100 LC_ALL=C'
    live
    see '^RAM +\[#+=+ +\] 2G used'
    see '^PSI some +12.3%.*#'
    screen >"$BATS_TEST_TMPDIR/screen"
    LC_ALL=C run -1 grep '[^ -~]' "$BATS_TEST_TMPDIR/screen"
    keys q
    ended 0
}

@test "live: NO_COLOR" {
    terminal 80 24 'TERM=screen-256color'
    live
    see '^RAM'
    tm capture-pane -p -e | grep -q $'\033\[3[0-7]m'
    keys q
    ended 0
    keys 'clear; export NO_COLOR=1' Enter
    see --not status
    live
    tm capture-pane -p -e >"$BATS_TEST_TMPDIR/screen"
    run -1 grep $'\033\[3[0-7]m' "$BATS_TEST_TMPDIR/screen"
}

@test "live: who goes while it looks, and a /proc that is gone" {
    terminal 80 24
    live
    rm -r "$tree"/proc/{1,30,40,50}
    see --not ' 30 ada'
    see 'not all is seen'
    rm -r "$tree/proc"
    see 'proc: is not there'
    keys q
    ended 0
}

@test "live: no terminal, no known terminal, no such interval" {
    run -2 --separate-stderr "$MEMWATCH" live </dev/null
    [ -z "$output" ]
    [[ $stderr == 'memwatch: live: there is no terminal; "memwatch top" and'* ]]
    run -2 --separate-stderr eval '"$MEMWATCH" live >/dev/null'
    terminal 80 24
    keys "TERM=nonsense $MEMWATCH live; echo st\"\"atus \$?" Enter
    see '^memwatch: TERM=nonsense: no terminal that this could draw on'
    see '^status 5'
    keys "clear; TERM=dumb $MEMWATCH live; echo st\"\"atus \$?" Enter
    see '^memwatch: TERM=dumb: no terminal that this could draw on'
    see '^status 5'
    keys "clear; $MEMWATCH live -i 1ms; echo st\"\"atus \$?" Enter
    see '^memwatch: --interval: must be at least 100ms'
    see '^status 2'
}

@test "live: the terminal goes away" {
    # the leak checker cannot be here, see teardown
    terminal 80 24 ASAN_OPTIONS=detect_leaks=0
    live
    gone=$(pid)
    tm kill-server
    # it is a zombie where nobody waits for what is left over
    for ((i = 0; i < 600; i++)); do
        state=$(sed -n 's/^State:\t//p' "/proc/$gone/status") || return 0
        [[ $state != Z* ]] || return 0
        sleep 0.1
    done
    echo "process $gone: state $state"
    return 1
}
