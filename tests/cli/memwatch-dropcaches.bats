#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# memwatch drop-caches on a folder in place of "/"

setup() {
    load memwatch
    make_tree
    kernel=$tree/proc/sys/vm/drop_caches
    echo 0 >"$kernel"
}

# drop STATUS ARG...: as user 0, of a namespace if need be
drop() {
    local status_wanted=$1 as=()
    shift
    if [ "$(id -u)" != 0 ]; then
        as=(unshare -r)
        "${as[@]}" true || skip "needs root, or user namespaces"
    fi
    run "-$status_wanted" --separate-stderr "${as[@]}" "$MEMWATCH" drop-caches --root "$tree" "$@"
}

@test "drop-caches: writes what was asked for, and says what that did" {
    drop 0
    [ "$(cat "$kernel")" = 3 ]
    [ "${lines[0]}" = changed ]
    [ "${lines[1]}" = "freed 0B of page cache, 0B of slab" ]
    [ "${lines[2]}" = "available: 390.6M before, 390.6M after; what was freed counted as available before too" ]
    [ "${#lines[@]}" -eq 3 ]
    [ -z "$stderr" ]
}

@test "drop-caches: 1, 2 and 3" {
    for what in 1 2 3; do
        drop 0 "$what" --force
        [ "$(cat "$kernel")" = "$what" ]
    done
    for bad in 0 4 -1 1.5 x 99999999999999999999; do
        drop 2 "$bad"
        [[ $stderr == "memwatch: \"$bad\": "* ]]
    done
}

@test "drop-caches: once a minute, whoever asks" {
    drop 0
    echo 0 >"$kernel"
    drop 6
    [[ $stderr == "memwatch: drop-caches: done "*" s ago; wait "*" s more, or use --force" ]]
    [ "$(cat "$kernel")" = 0 ]
    drop 6 --dry-run
    drop 0 --force
    [ "$(cat "$kernel")" = 3 ]
}

@test "drop-caches: a dry run says the steps and does nothing" {
    drop 0 1 --dry-run
    [ "$output" = $'write back what is dirty, for at most 30 s\ndrop the page cache\nchanged' ]
    [ "$(cat "$kernel")" = 0 ]
    [ -z "$(find "$tree/run" -mindepth 1)" ]
    drop 0 2 --sync-timeout 5s --dry-run --json
    jq -e '. == {"changed":true,"actions":["sync","drop-caches"]}' <<<"$output"
}

@test "drop-caches: --if" {
    drop 0 --if 'ram>80%'
    [ "$output" = unchanged ]
    [ "$(cat "$kernel")" = 0 ]
    drop 0 --if 'ram>80%' --json
    jq -e '. == {"changed":false,"actions":[]}' <<<"$output"
    drop 0 --if 'ram.available<1G' --json
    jq -e '.changed and .synced and .freed_page_cache_bytes == 0 and .freed_slab_bytes == 0 and .available_before_bytes == 409600000' <<<"$output"
    [ "$(cat "$kernel")" = 3 ]
}

@test "drop-caches: a condition that is none, or cannot be told, drops nothing" {
    drop 2 --if 'ram>'
    [[ $stderr == "memwatch: ram>: character 5: a value is missing here"* ]]
    drop 2 --if ram
    drop 3 --if 'disk:/none>80%'
    [[ $stderr == "memwatch: --if: disk:/none: "* ]]
    [ "$(cat "$kernel")" = 0 ]
}

@test "drop-caches: a kernel that cannot, and a file that cannot be written" {
    rm "$kernel"
    drop 5
    [ "$stderr" = "memwatch: drop-caches: this kernel has no /proc/sys/vm/drop_caches" ]
    mkdir "$kernel"
    drop 3
    [[ $stderr == "memwatch: drop-caches: cannot open /proc/sys/vm/drop_caches: "* ]]
}

@test "drop-caches: the running kernel is not that of another root" {
    unshare -rm true || skip "no user namespaces here"
    # shellcheck disable=SC2016 # for the inner shell
    run -5 --separate-stderr unshare -rm bash -c \
        'mount --rbind /proc "$1/proc" && exec "$2" drop-caches --root "$1"' - "$tree" "$MEMWATCH"
    [[ $stderr == "memwatch: drop-caches: belongs to the running kernel, not to the system below "* ]]
}

@test "drop-caches: users are told that it takes root" {
    local as=()
    [ "$(id -u)" != 0 ] || as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    run -3 --separate-stderr "${as[@]}" "$MEMWATCH" drop-caches --dry-run
    [ "$stderr" = "memwatch: drop-caches: only user 0 may, whatever capabilities others have; run it as root" ]
}

@test "drop-caches: in a container whose /proc/sys is read-only the status is 5" {
    unshare -rm true || skip "no user namespaces here"
    # shellcheck disable=SC2016 # for the inner shell
    run -5 --separate-stderr unshare -rm bash -c \
        'mount -o bind,ro /proc/sys /proc/sys && exec "$1" drop-caches --dry-run' - "$MEMWATCH"
    [ "$stderr" = "memwatch: drop-caches: /proc/sys/vm/drop_caches cannot be written in this container; drop them on the host" ]
}
