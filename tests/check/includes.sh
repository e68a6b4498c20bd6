# shellcheck shell=bash
# SPDX-License-Identifier: MIT

# includes PATTERN...: "FILE HEADER" for every include in these files
includes()
{
    files "$@" | xargs -r grep -HoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"][^>"]+' |
        sed -E 's/:.*[<"]/ /'
}

# What stands in lib/, from the bottom up: a folder may include itself and what comes before it.
layers=(base process memory storage systemd cgroup swap metric)

# in_library HEADER: "ROOM/HEADER" below lib/, or nothing
in_library()
{
    local layer
    for layer in "${layers[@]}"; do
        [[ ! -f lib/$layer/$1 ]] || echo "$layer/$1"
    done
}

# "LAYER NUMBER" of each
layer_numbers()
{
    printf '%s\n' "${layers[@]}" | awk '{ print $1, NR }'
}

layering()
{
    local folder
    for folder in lib/*/; do
        folder=${folder#lib/}
        [[ " ${layers[*]} " == *" ${folder%/} "* ]] || echo "lib/$folder: has no place among ${layers[*]}"
    done
    files 'lib/*.[ch]' | sed 's,^lib/,,' | grep -vF / | sed 's,^,lib/,; s,$,: belongs into one of the folders,'
    includes 'lib/*' | while read -r file header; do
        other=$(in_library "$header")
        [[ -z $other ]] || echo "$file $header ${file#lib/} $other"
    done | awk 'NR == FNR { number[$1] = $2; next }
        { split($3, from, "/"); split($4, to, "/") }
        number[to[1]] > number[from[1]] { print $1 " includes " $2 ", which is above it" }' <(layer_numbers) -
}

library_includes()
{
    includes 'lib/*' | while read -r file header; do
        case $header in
        cmd/* | popt.h | libsmartcols* | */cmd/*) echo "$file includes $header" ;;
        esac
        [[ ! -f cmd/$header || -n $(in_library "$header") ]] || echo "$file includes $header of cmd/"
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
        [[ -n $(in_library "$header") ]] || continue
        case $file in
        lib/base/base.h | lib/base/abi.h) allowed='' ;;
        lib/base/err.[ch]) allowed='base.h err.h' ;;
        lib/base/root.[ch]) allowed='base.h err.h root.h' ;;
        *) continue ;;
        esac
        [[ " $allowed " == *" $header "* ]] || echo "$file includes $header"
    done
}

# foo.c and foo.h are one room
cycles()
{
    includes 'lib/*' | while read -r file header; do
        [[ -z $(in_library "$header") ]] || echo "$(basename "${file%.[ch]}") ${header%.h}"
    done | awk '$1 != $2' | { tsort >/dev/null; } 2>&1
}

rule "lib/ includes nothing of cmd/, popt or libsmartcols" library_includes
rule "libmount stays in its rooms" one_room 'libmount*' lib/storage/mountlib
rule "libblkid stays in its rooms" one_room 'blkid[./]*' lib/storage/blkidlib
rule "libcap stays in its room" one_room 'sys/capability.h' lib/base/caps
rule "libsystemd stays in its room" one_room 'systemd/*' lib/systemd/sdbus lib/systemd/sdbus_value
rule "popt stays in its room" one_room 'popt.h' cmd/opt
rule "libsmartcols stays in its room" one_room 'libsmartcols*' cmd/smartcols
rule "no tool includes another tool" tool_includes
rule "a folder of lib/ includes nothing of those above it" layering
rule "base, abi, err and root include only what is below them" foundation
rule "the rooms of lib/ do not include each other in a circle" cycles
