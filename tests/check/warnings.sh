# shellcheck shell=bash
# SPDX-License-Identifier: MIT

# builds COMPILER: warnings are errors; -Wall -Wextra by meson's level 2, the others stand in meson.build
builds()
{
    local folder=$BUILD-$1 log
    log=$(mktemp)
    if ! {
        { [[ -f $folder/build.ninja ]] || CC=$1 meson setup "$folder" "$TREE" -Dtests=true -Dwerror=true; } &&
            ninja -C "$folder"
    } >"$log" 2>&1; then
        sed -n '/^FAILED/,$p' "$log" | grep . || cat "$log"
    fi
    rm -f "$log"
}

flags()
{
    local flag commands=$BUILD/compile_commands.json
    [[ -s $commands ]] || { echo "$commands is missing"; return; }
    for flag in -Wall -Wextra -Wconversion -Wshadow -std=gnu11; do
        grep '"command"' "$commands" | grep -v -- " $flag " | sed "s,.* -o \([^ ]*\) .*,\1: without $flag,"
    done
}

rule "gcc builds without a warning" builds gcc
rule "clang builds without a warning" builds clang
rule "every file is compiled with -Wall -Wextra -Wconversion -Wshadow -std=gnu11" flags
