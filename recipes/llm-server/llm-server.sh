#!/bin/bash
# SPDX-License-Identifier: MIT
#
# llm-server.sh - swap, limits and restarts for one large server, such as Ollama, from the settings in headroom.env
set -eu

name=${0##*/}
settings=/etc/headroom/headroom.env
made=/run/headroom/llm-server
held=
readonly known=' SWAP_SIZE SWAP_FILE SWAP_WORK_DIR SWAPINESS CONTAINER_NAME SERVICE_NAME TARGET_PROCESS_NAME MEMORY_LIMIT
 SWAP_LIMIT MAX_PID_RETRIES CONTAINER_START_TIMEOUT RESOURCE_CHECK_INTERVAL LOG_FILE DEBUG '
readonly unused=' CGROUP_NAME WEB_UI_PORT SWAP_FILE_PREFIX_TO_DELETE '

usage()
{
    cat <<END
usage: $name [--env FILE] check | run | status | undo

  check   read the settings and say what would be done; change nothing
  run     make the swap, keep the limits on the server whenever it starts, restart its container or
          service when it stays away; until a signal ends it, then undo
  status  the swap, the server's processes, and what their group uses
  undo    take back what "run" made, if it was killed: the swap file, the swappiness, the limits

  --env FILE  the settings (default $settings)
  -h, --help  show this help

Exit status: 0 done, 1 (status) the server does not run, 2 a setting or the usage is wrong, else that of the program
that failed, see swapctl(8) and cgctl(8).
END
}

die()
{
    echo "$name: $2" >&2
    exit "$1"
}

# A full disk below the log is no reason to end.
say()
{
    echo "$*" || :
    [ -z "${LOG_FILE-}" ] || echo "$(date --iso-8601=seconds) $*" >>"$LOG_FILE" || :
}

# ---- the settings

# A line that is not understood is an error: a limit that nobody set looks like one that holds.
read_settings()
{
    local line key value number=0 seen=' '
    # shellcheck disable=SC2086 # the file alone counts, not what the environment has of these names
    unset $known
    [[ -r $settings && ! -d $settings ]] || die 2 "$settings: cannot be read; make it from headroom.env, or name another by --env"
    while IFS= read -r line || [ -n "$line" ]; do
        number=$((number + 1))
        [[ ! $line =~ ^[[:blank:]]*(#|$) ]] || continue
        [[ $line =~ ^([A-Z_]+)=(.*)$ ]] || die 2 "$settings:$number: not NAME=VALUE: $line"
        key=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
        [[ $value != *$'\r'* ]] || die 2 "$settings:$number: ends as a line of Windows does; take that off by dos2unix"
        if [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]]; then
            value=${BASH_REMATCH[1]}
        elif [[ $value =~ ^[\"\'] || $value =~ [[:blank:]](#|$) ]]; then
            die 2 "$settings:$number: $key: ends with a blank or a comment, or its quotes do not; a comment has a line of its own"
        fi
        [ -n "$value" ] || die 2 "$settings:$number: $key has no value; leave the line out instead"
        [[ $seen != *" $key "* ]] || die 2 "$settings:$number: $key is set twice"
        seen+="$key "
        if [[ " ${unused//$'\n'/ } " == *" $key "* ]]; then
            echo "$name: $settings:$number: $key: not needed here" >&2
        elif [[ " ${known//$'\n'/ } " == *" $key "* ]]; then
            printf -v "$key" '%s' "$value"
        else
            die 2 "$settings:$number: $key: no such setting; there are:${known//$'\n'/}"
        fi
    done <"$settings"
}

# whole NAME LEAST MOST
whole()
{
    [[ ! ${!1} =~ ^[0-9]{1,6}$ ]] || (($((10#${!1})) < $2 || $((10#${!1})) > $3)) || return 0
    die 2 "$settings: $1: ${!1}: must be a whole number from $2 to $3"
}

# The text as a pattern that does not match itself: it stands in the command lines of procfind and cgctl, too, and those are
# not the server. That of "/bin/ollama" is "/[b]in/ollama".
pattern()
{
    [[ $1 =~ ^([^[:alnum:]]*)([[:alnum:]])(.*)$ ]]
    printf '%s[%s]%s' "$(plain "${BASH_REMATCH[1]}")" "${BASH_REMATCH[2]}" "$(plain "${BASH_REMATCH[3]}")"
}

plain()
{
    # shellcheck disable=SC2001,SC2016 # a set of characters
    sed 's/[.[()*+?{|^$\\]/\\&/g' <<<"$1"
}

check_settings()
{
    SWAP_FILE=${SWAP_FILE-swapfile} MAX_PID_RETRIES=${MAX_PID_RETRIES-5}
    CONTAINER_START_TIMEOUT=${CONTAINER_START_TIMEOUT-30} RESOURCE_CHECK_INTERVAL=${RESOURCE_CHECK_INTERVAL-30}
    whole MAX_PID_RETRIES 1 100000
    whole CONTAINER_START_TIMEOUT 1 100000
    whole RESOURCE_CHECK_INTERVAL 1 100000
    [ -z "${SWAPINESS+set}" ] || { whole SWAPINESS 0 200 && SWAPINESS=$((10#$SWAPINESS)); }
    # in the managers that this replaces it was no limit
    [[ ! ${MEMORY_LIMIT-} =~ ^0+[[:alpha:]]*$ ]] ||
        die 2 "$settings: MEMORY_LIMIT: $MEMORY_LIMIT: would leave the server nothing; leave the line out for no limit"
    [ -n "${TARGET_PROCESS_NAME-}" ] ||
        die 2 "$settings: TARGET_PROCESS_NAME is missing: a part of the server's command line, such as \"/bin/ollama serve\""
    [[ $TARGET_PROCESS_NAME == *[[:alnum:]]* ]] || die 2 "$settings: TARGET_PROCESS_NAME: $TARGET_PROCESS_NAME: names nothing"
    [ -z "${CONTAINER_NAME-}" ] || [ -z "${SERVICE_NAME-}" ] ||
        die 2 "$settings: CONTAINER_NAME and SERVICE_NAME: the server is in one of them; leave the other out"
    local key
    for key in CONTAINER_NAME SERVICE_NAME; do
        [[ -z ${!key+set} || ${!key} =~ ^[A-Za-z0-9_][A-Za-z0-9_.@:-]*$ ]] || die 2 "$settings: $key: ${!key}: is no name"
    done
    [[ -z ${LOG_FILE+set} || ( $LOG_FILE == /* && -d ${LOG_FILE%/*}/ && ! -d $LOG_FILE ) ]] ||
        die 2 "$settings: LOG_FILE: $LOG_FILE: must be a file in a folder that exists, from / on"
    case ${DEBUG-false} in true | false) ;; *) die 2 "$settings: DEBUG: $DEBUG: must be true or false" ;; esac
    if [ -n "${SWAP_SIZE-}" ]; then
        [[ $SWAP_FILE != */* && $SWAP_FILE != . && $SWAP_FILE != .. ]] ||
            die 2 "$settings: SWAP_FILE: $SWAP_FILE: must be a name without folders; those are SWAP_WORK_DIR's"
        [[ ${SWAP_WORK_DIR-} == /* && -d $SWAP_WORK_DIR ]] ||
            die 2 "$settings: SWAP_WORK_DIR: ${SWAP_WORK_DIR-not set}: must be a folder that exists, from / on"
        swap=${SWAP_WORK_DIR%/}/$SWAP_FILE
    fi
    find=(--full "$(pattern "$TARGET_PROCESS_NAME")")
    [ -z "${CONTAINER_NAME-}" ] || find+=(--container "$CONTAINER_NAME")
    limits=()
    [ -z "${MEMORY_LIMIT-}" ] || limits+=(--memory-max "$MEMORY_LIMIT")
    [ -z "${SWAP_LIMIT-}" ] || limits+=(--swap-max "$SWAP_LIMIT")
    # what the server has above its limit already goes to the swap that it may have; without any it would be killed
    [ -z "${MEMORY_LIMIT-}" ] || [ -z "${SWAP_SIZE-}" ] || limits+=(--force)
    [ "${DEBUG-false}" = false ] || limits+=(--verbose)
}

# ---- what is made, and taken back: only that

# One at a time: the first to end would take away what the other one needs. Children do not hold it, for they may outlive us.
hold()
{
    [ -z "$held" ] || return 0
    mkdir -p "$made" || die 3 "$made: cannot be made; run it as root"
    exec 9<"$made"
    flock -n 9 || die 6 "$made: is held by another $name that runs; stop that one first"
    held=true
}

# Said before it is done, so that a crash in between leaves nothing that nobody knows of.
record()
{
    hold
    [ -e "$made/$1" ] || echo "$2" >"$made/$1"
}

make_swap()
{
    local answer
    [ -n "${swap-}" ] || return 0
    if [ ! -e "$swap" ]; then
        record remove "$swap"
    elif ! swapctl list "$swap" >/dev/null 2>&1; then
        record off "$swap"
    fi
    answer=$(swapctl ensure "$swap" --size "$SWAP_SIZE")
    say "$swap: $answer"
}

make_swappiness()
{
    local answer
    [ -n "${SWAPINESS-}" ] || return 0
    answer=$(swapctl swappiness)
    record swappiness "$answer $SWAPINESS"
    answer=$(swapctl swappiness "$SWAPINESS")
    say "swappiness: $answer"
}

# record_limits --unit|--group NAME MEMORY SWAP: what it had before
record_limits()
{
    grep -qsF -e "$1 $2 " "$made/limits" || echo "$1 $2 ${3/infinity/max} ${4/infinity/max}" >>"$made/limits"
}

limits_now() # GROUP
{
    cgctl get "$1" memory.max memory.swap.max --raw --noheadings --output VALUE | paste -sd ' '
}

# A service has its limits, and what it had before, also while it does not run. Of other groups it is known for those that
# are there; a container that comes later has none but these.
remember_limits()
{
    local group now
    hold
    if [ -n "${SERVICE_NAME-}" ]; then
        record_limits --unit "$SERVICE_NAME" "$(systemctl show --value -p MemoryMax -- "$SERVICE_NAME")" \
            "$(systemctl show --value -p MemorySwapMax -- "$SERVICE_NAME")"
        return
    fi
    procfind --noheadings --raw --output CGROUP "${find[@]}" | sort -u | while IFS= read -r group; do
        now=$(limits_now "$group")
        record_limits --group "$group" "${now% *}" "${now#* }"
    done
}

# Reads what "cgctl limit --follow" says.
note_changes()
{
    local line
    while IFS= read -r line; do
        say "$line"
        [ -n "${SERVICE_NAME-}" ] || record_limits --group "${line%: changed}" max max
    done
}

# Before the swap goes: what is in it has to find room.
undo_limits()
{
    local kind name memory swap status=0
    [ -e "$made/limits" ] || return 0
    while read -r kind name memory swap; do
        [ "$kind" = --unit ] || [ -d "/sys/fs/cgroup$name" ] || continue
        cgctl limit "$kind" "$name" --memory-max "$memory" --swap-max "$swap" >/dev/null || status=$?
    done <"$made/limits"
    [ $status != 0 ] || rm "$made/limits"
    return $status
}

undo()
{
    local verb path before set status=0
    [ -d "$made" ] || return 0
    hold
    undo_limits || status=$?
    for verb in remove off; do
        [ -e "$made/$verb" ] || continue
        path=$(<"$made/$verb")
        if swapctl "$verb" "$path" >/dev/null; then
            say "$path: swap is as it was before"
            rm "$made/$verb"
        else
            status=$?
        fi
    done
    if [ -e "$made/swappiness" ]; then
        read -r before set <"$made/swappiness"
        # somebody else's number stays
        [ "$(swapctl swappiness)" != "$set" ] || swapctl swappiness "$before" >/dev/null || status=$?
        [ $status != 0 ] || rm "$made/swappiness"
    fi
    rmdir "$made" 2>/dev/null || :
    return $status
}

# ---- the server

# Waits for a program, and ends with the one that keeps the limits if that ends.
await()
{
    local status=0
    "$@" >/dev/null 9<&- & waiter=$!
    wait -n "$waiter" ${keeper:+"$keeper"} || status=$?
    [ -z "$keeper" ] || kill -0 "$keeper" 2>/dev/null || die "$status" "the limits are no longer kept"
    waiter=
    return $status
}

restart()
{
    local engine
    if [ -n "${SERVICE_NAME-}" ]; then
        set -- systemctl restart -- "$SERVICE_NAME"
    elif [ -n "${CONTAINER_NAME-}" ]; then
        engine=$(type -P docker || type -P podman) || { say "no docker and no podman to restart $CONTAINER_NAME with"; return; }
        set -- "$engine" restart "$CONTAINER_NAME"
        # docker asks its daemon; podman would start it in our own unit, with what that may do
        [[ $engine != */podman || -z ${INVOCATION_ID-} ]] || set -- systemd-run --quiet --wait --collect -- "$@"
    else
        say "the server stays away; with SERVICE_NAME or CONTAINER_NAME it would be restarted"
        return
    fi
    if await timeout "$CONTAINER_START_TIMEOUT" "$@" &&
        await procfind --wait start --timeout "$CONTAINER_START_TIMEOUT" "${find[@]}"; then
        say "restarted: $*"
    else
        say "not there after $CONTAINER_START_TIMEOUT s, and tried again later: $*"
    fi
}

# Nothing happens while the server runs: its end and its start are what wakes this up.
attend()
{
    local missed=0 status
    while :; do
        status=0
        await procfind --wait start --timeout "$RESOURCE_CHECK_INTERVAL" "${find[@]}" 2>/dev/null || status=$?
        case $status in
        0)
            missed=0
            await procfind --wait exit "${find[@]}" || status=$?
            # a container that is removed is unknown
            [ $status -le 1 ] || [ "$status ${CONTAINER_NAME:+named}" = '2 named' ] || die $status "cannot wait for the server's end"
            ;;
        124)
            missed=$((missed + 1))
            say "no process with \"$TARGET_PROCESS_NAME\" ($missed of $MAX_PID_RETRIES)"
            [ $missed -lt "$MAX_PID_RETRIES" ] || { missed=0 && restart; }
            ;;
        *)
            procfind "${find[@]}" >/dev/null || : # says why
            die $status "cannot wait for the server"
            ;;
        esac
    done
}

end()
{
    local status=$?
    trap '' INT TERM
    # shellcheck disable=SC2086 # either may be empty
    [ -z "$waiter$keeper" ] || kill $waiter $keeper 2>/dev/null || :
    # what another one holds is not ours
    [ -z "$held" ] || undo || status=$?
    exit $status
}

run()
{
    local criteria="--full '${find[1]//\'/\'\\\'\'}'"
    [ -z "${CONTAINER_NAME-}" ] || criteria+=" --container $CONTAINER_NAME"
    keeper='' waiter=''
    trap end EXIT
    trap 'exit 0' INT TERM
    [ ! -d "$made" ] || hold
    make_swap
    make_swappiness
    if [ ${#limits[@]} -gt 0 ]; then
        remember_limits
        cgctl limit --follow "$criteria" "${limits[@]}" 9<&- > >(note_changes 9<&-) & keeper=$!
    fi
    attend
}

check()
{
    local answer
    if [ -n "${swap-}" ]; then
        answer=$(swapctl ensure "$swap" --size "$SWAP_SIZE" --dry-run)
        echo "$swap: ${answer//$'\n'/, }"
    fi
    if [ -n "${SWAPINESS-}" ]; then
        answer=$(swapctl swappiness)
        echo "swappiness: $answer now, $SWAPINESS then"
    fi
    # no such group is made
    [ ${#limits[@]} = 0 ] || cgctl create headroom-check "${limits[@]}" --dry-run >/dev/null
    echo "limits: ${limits[*]:-none}"
    answer=$(procfind "${find[@]}" | paste -sd ' ' || :)
    echo "the server: ${answer:-does not run}"
}

status()
{
    [ -z "${swap-}" ] || swapctl list "$swap" || :
    procfind --output PID,ELAPSED,RSS,SWAP,CGROUP "${find[@]}" || return
    procfind --noheadings --raw --output CGROUP "${find[@]}" | sort -u | while IFS= read -r group; do
        echo "$group:"
        cgctl get "$group" memory.current memory.max memory.swap.current memory.swap.max
    done
}

while [ $# -gt 1 ] && [ "$1" = --env ]; do
    settings=$2
    shift 2
done
[ $# = 1 ] || { usage >&2; exit 2; }
case $1 in
-h | --help) usage && exit ;;
check | run | status)
    # no && between them: it would make "set -e" forget what fails within
    read_settings
    check_settings
    "$1"
    ;;
undo) undo ;;
*) die 2 "$1: no such command; see --help" ;;
esac
