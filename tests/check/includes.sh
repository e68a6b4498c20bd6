# shellcheck shell=bash
# SPDX-License-Identifier: MIT

# includes PATTERN...: "FILE HEADER" for every include in these files
includes()
{
    files "$@" | xargs -r grep -HoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"][^>"]+' |
        sed -E 's/:.*[<"]/ /'
}

library_includes()
{
    includes 'lib/*' | while read -r file header; do
        case $header in
        cmd/* | popt.h | libsmartcols* | */cmd/*) echo "$file includes $header" ;;
        esac
        [[ ! -f cmd/$header || -f lib/$header ]] || echo "$file includes $header of cmd/"
    done
}

# one_room HEADER-PATTERN ROOM...: the header is included by these rooms alone
one_room()
{
    local pattern=$1
    shift
    includes 'lib/*' 'cmd/*' 'completions/*' | while read -r file header; do
        # shellcheck disable=SC2053 # a pattern is meant
        [[ $header == $pattern ]] || continue
        [[ " $* " == *" ${file%.[ch]} "* ]] || echo "$file includes $header"
    done
}

# A tool is a folder below cmd/; what is between tools is its main.c only
tool_includes()
{
    includes 'cmd/*' | while read -r file header; do
        local tool=${file#cmd/}
        [[ $tool == */* ]] && tool=${tool%%/*} || tool=
        for other in cmd/*/; do
            other=${other#cmd/}
            other=${other%/}
            [[ $other != "$tool" ]] || continue
            if [[ $header == "$other"/* || $header == */"$other"/* ]]; then
                echo "$file includes $header"
            fi
        done
    done
}

# The foundations: what they may include of the house
foundation()
{
    includes 'lib/*' | while read -r file header; do
        [[ -f lib/$header ]] || continue
        case $file in
        lib/base.h | lib/abi.h) allowed='' ;;
        lib/err.[ch]) allowed='base.h err.h' ;;
        lib/root.[ch]) allowed='base.h err.h root.h' ;;
        *) continue ;;
        esac
        [[ " $allowed " == *" $header "* ]] || echo "$file includes $header"
    done
}

# foo.c and foo.h are one room
cycles()
{
    includes 'lib/*' | while read -r file header; do
        [[ ! -f lib/$header ]] || echo "$(basename "${file%.[ch]}") ${header%.h}"
    done | awk '$1 != $2' | { tsort >/dev/null; } 2>&1
}

rule "lib/ includes nothing of cmd/, popt or libsmartcols" library_includes
rule "libmount stays in its rooms" one_room 'libmount*' lib/mountlib
rule "libblkid stays in its rooms" one_room 'blkid[./]*' lib/blkidlib
rule "libcap stays in its room" one_room 'sys/capability.h' lib/caps
rule "libsystemd stays in its room" one_room 'systemd/*' lib/sdbus lib/sdbus_value
rule "popt stays in its room" one_room 'popt.h' cmd/opt
rule "libsmartcols stays in its room" one_room 'libsmartcols*' cmd/smartcols
rule "no tool includes another tool" tool_includes
rule "base, abi, err and root include only what is below them" foundation
rule "the rooms of lib/ do not include each other in a circle" cycles
