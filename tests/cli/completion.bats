#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The completions, asked as the shells would ask them. The areas in /proc/swaps are those of a fixture.

# bats file_tags=scripts

setup() {
    load swapctl
    D=$BATS_TEST_TMPDIR
    printf 'Filename\tType\tSize\tUsed\tPriority\n/swapfile file 4 0 -2\n/a\\0401\\134c file 4 0 -3\n' >"$D/swaps"
    mkdir "$D/folder"
    : >"$D/file"
    cd "$D" || return
    mkdir bin completions
    ln -s "$SWAPCTL" bin/swapctl
    ln -s "$HEADROOM_BUILD/cmd/procfind/procfind" bin/procfind
    mkdir -p proc/12 proc/345
    echo 'worker' >proc/12/comm
    echo 'with blank' >proc/345/comm
    local name
    for name in {,_}{procfind,swapctl} {procfind,swapctl}.fish; do
        sed "s,/proc/swaps,$D/swaps,g; s,/proc/,$D/proc/,g" "$HEADROOM_BUILD/completions/$name" >"completions/$name"
    done
}

# asked SHELL LINE: what may stand at the end of the line, one on each line, sorted
asked() {
    case $1 in
    bash) asked_bash "$2" ;;
    fish) asked_fish "$2" ;;
    zsh) asked_zsh "$2" ;;
    esac | LC_ALL=C sort -u
}

# File names are left to readline: what stands for them is "<default>" or "<dirnames>".
asked_bash() {
    bash --norc -c '
        source "completions/${1%% *}"
        compopt() { [[ $2 != default && $2 != dirnames ]] || echo "<$2>"; }
        line=${1//=/ = }
        read -ra COMP_WORDS <<<"$line"
        [[ $line != *" " ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        handler=$(complete -p "${1%% *}")
        [[ $handler =~ -F\ ([^ ]+) ]]
        "${BASH_REMATCH[1]}"
        ((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"' - "$1"
}

asked_fish() {
    HOME=$D PATH=$D/bin:$PATH fish --no-config -c '
        source completions/(string split " " $argv[1])[1].fish
        complete -C $argv[1] | string replace -r "\t.*" ""' -- "$1"
}

# A second zsh at a pseudo-terminal; its compadd tells what it is given.
asked_zsh() {
    timeout 60 zsh -f -c '
        zmodload zsh/zpty
        zpty z zsh -f -i
        zpty -w z "PS1=; cd $1; PATH=$1/bin:\$PATH; fpath=($1/completions \$fpath); stty -echo"
        zpty -w z "autoload -Uz compinit; compinit -C -d $3"
        zpty -w z "compadd() {
            if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd \"\$@\"; return; fi
            local -a hits; builtin compadd -A hits \"\$@\"
            local hit; for hit in \$hits; do print -r -- \"<hit>\${(Q)hit}</hit>\"; done
            builtin compadd \"\$@\" }"
        zpty -w z "finish() { print \"<end>\"; zle send-break }; zle -N finish; bindkey ^X finish; bindkey ^I complete-word"
        zpty -w z "print \"<rea\"dy\">\""
        zpty -r z out "*<ready>*"
        zpty -w -n z "$2"$'"'\\t\\x18'"'
        zpty -r z out "*<end>*"
        zpty -d z
        print -r -- "$out"' - "$D" "$1" "$BATS_FILE_TMPDIR/zcompdump" | sed -n 's/.*<hit>\(.*\)<\/hit>.*/\1/p'
}

# expect SHELL LINE WORD...: exactly these
expect() {
    local shell=$1 line=$2 wanted got
    shift 2
    wanted=$( (($# == 0)) || printf '%s\n' "$@" | LC_ALL=C sort -u)
    got=$(asked "$shell" "$line")
    [ "$got" = "$wanted" ] || { printf '%s: "%s": got:\n%s\nwanted:\n%s\n' "$shell" "$line" "$got" "$wanted" && return 1; }
}

# expect_among SHELL LINE WORD...: these and others
expect_among() {
    local shell=$1 line=$2 got word
    shift 2
    got=$(asked "$shell" "$line")
    for word; do
        grep -qxF -- "$word" <<<"$got" || { printf '%s: "%s": no %s, got:\n%s\n' "$shell" "$line" "$word" "$got" && return 1; }
    done
}

long_options() {
    options | awk -F '\t' -v subcommand="$1" '$1 == subcommand { print "--" $2 }'
}

columns() {
    swapctl list --help | sed -n '/^Columns/,/^$/s/^  [* ] \([A-Z-]*\) .*/\1/p'
}

# What all shells have in common
for_shell() {
    local shell=$1 subcommand
    expect "$shell" 'swapctl ens' ensure
    # shellcheck disable=SC2046 # one word each
    expect_among "$shell" 'swapctl ' $(first_words) help
    # shellcheck disable=SC2046
    expect_among "$shell" 'swapctl zram ' $(second_words zram)
    expect "$shell" 'swapctl zram ens' ensure
    expect "$shell" 'swapctl zram ensure --pri' --priority
    expect "$shell" 'swapctl zram ensure --priority 5 --algo' --algorithm
    expect "$shell" 'swapctl zram ensure --size '
    expect "$shell" 'swapctl zswap ' on off
    expect "$shell" 'swapctl zswap --shrinker ' on off
    for subcommand in ensure list swappiness 'zram ensure' 'zram list' zswap; do
        # shellcheck disable=SC2046
        expect_among "$shell" "swapctl $subcommand --" $(long_options "$subcommand")
    done
    expect "$shell" 'swapctl swappiness --pers' --persist
    expect "$shell" 'swapctl ensure --size ' auto
    expect "$shell" 'swapctl ensure -s ' auto
    expect_among "$shell" 'swapctl ensure --discard ' once pages both
    expect "$shell" 'swapctl ensure --label '
    expect "$shell" 'swapctl swappiness '
    expect "$shell" 'swapctl off ' /swapfile '/a 1\c'
    expect "$shell" 'swapctl off /s' /swapfile
    expect "$shell" 'swapctl off -- /s' /swapfile
    # shellcheck disable=SC2046
    expect_among "$shell" 'swapctl help ' $(first_words)
    # shellcheck disable=SC2046
    expect "$shell" 'swapctl list -o ' $(columns)
}

@test "completion: bash" {
    for_shell bash
    expect bash 'swapctl ensure --discard=p' pages
    expect bash 'swapctl ensure --discard=' none once pages both
    expect bash 'swapctl list -o PATH,PR' PATH,PRIORITY
    expect bash 'swapctl list -o +LA' +LABEL
    expect bash 'swapctl ensure ' '<default>'
    expect bash 'swapctl ensure -- --' '<default>'
    expect bash 'swapctl list --root ' '<dirnames>'
    expect bash 'swapctl zebra '
}

@test "completion: zsh" {
    for_shell zsh
    expect zsh 'swapctl ensure --discard=p' pages
    expect zsh 'swapctl list -o PATH,PR' PRIORITY
    expect zsh 'swapctl list -o +LA' LABEL
    expect_among zsh 'swapctl ensure fi' file
    expect zsh 'swapctl list --root f' folder
    expect zsh 'swapctl ensure -- --'
    expect zsh 'swapctl zebra '
}

@test "completion: fish" {
    for_shell fish
    expect fish 'swapctl ensure --discard=p' --discard=pages
    expect fish 'swapctl list -o PATH,PR' PATH,PRIORITY
    expect_among fish 'swapctl ensure f' file folder/
    expect fish 'swapctl list --root f' folder/
    expect fish 'swapctl zebra '
}

# procfind has no subcommands
for_shell_procfind() {
    local shell=$1
    # shellcheck disable=SC2046 # one word each
    expect_among "$shell" 'procfind --' $("$HEADROOM_BUILD/completions/generate" list procfind | awk -F '\t' '{ print "--" $2 }')
    expect "$shell" 'procfind --include-w' --include-wrappers
    expect "$shell" 'procfind -x --ignore' --ignore-case
    expect "$shell" 'procfind --wait ' start exit
    expect_among "$shell" 'procfind --signal ' TERM KILL HUP
    expect "$shell" 'procfind wor' worker
    expect "$shell" 'procfind -f wor' worker
    expect "$shell" 'procfind --env '
    expect_among "$shell" 'procfind -o ' PID CMDLINE PSS
}

@test "completion: procfind in bash" {
    for_shell_procfind bash
    expect bash 'procfind with' 'with\ blank'
    expect bash 'procfind --exe ' '<default>'
    expect bash 'procfind -o PID,PP' PID,PPID
    expect bash 'procfind --wait=st' start
}

@test "completion: procfind in zsh" {
    for_shell_procfind zsh
    expect zsh 'procfind with' 'with blank'
    expect zsh 'procfind -u root -u ro'
    expect zsh 'procfind -o PID,PP' PPID
}

@test "completion: procfind in fish" {
    for_shell_procfind fish
    expect fish 'procfind with' 'with blank'
    expect fish 'procfind -o PID,PP' PID,PPID
}

@test "completion: what is installed lies where the shells look" {
    local plan=$HEADROOM_BUILD/meson-info/intro-installed.json
    [ "$(jq -r 'to_entries[] | select(.key | test("/completions/")) | .value' "$plan" | sed 's,.*/share/,,' | sort)" = \
        "$(printf '%s\n' bash-completion/completions/{cgctl,memwatch,procfind,swapctl} fish/vendor_completions.d/{cgctl,memwatch,procfind,swapctl}.fish \
            zsh/site-functions/_{cgctl,memwatch,procfind,swapctl})" ]
}

@test "completion: the generator knows its tools and kinds" {
    local generate=$HEADROOM_BUILD/completions/generate
    run -1 --separate-stderr "$generate" bash zebra
    [[ -z $output && $stderr == usage:* ]]
    run -1 "$generate" csh swapctl
    run -1 "$generate"
    run -1 eval '"$generate" bash swapctl >/dev/full'
}
