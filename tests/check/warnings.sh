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
    local flag
    for flag in -Wall -Wextra -Wconversion -Wshadow -std=gnu11; do
        [[ -s $BUILD/compile_commands.json ]] && ! grep '"command"' "$BUILD/compile_commands.json" | grep -v -- " $flag "
    done | cut -c 1-160
}

rule "gcc builds without a warning" builds gcc
rule "clang builds without a warning" builds clang
rule "every file is compiled with -Wall -Wextra -Wconversion -Wshadow -std=gnu11" flags
