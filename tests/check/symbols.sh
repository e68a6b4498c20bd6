# shellcheck shell=bash
# SPDX-License-Identifier: MIT

# foreign_symbols ARCHIVE|OBJECT...: global symbols of foo.c.o that are not foo and do not begin with foo_
foreign_symbols()
{
    local folders=0
    [[ $1 != */libheadroom.a ]] || folders=1
    nm -g --defined-only -A "$@" | awk -v folders=$folders '
        {
            member = $1
            sub(/\.c\.o:[^:]*$/, "", member)
            sub(/.*[\/:]/, "", member)
            # meson puts the folder in front of it
            if (folders)
                sub(/^[a-z]*_/, "", member)
            if (index($3, member "_") != 1 && $3 != member && $3 != "main")
                print member ".c: " $3
            n++
        }
        END { if (!n) print "no symbols" }'
}

# A subcommand shows the others nothing but its description. What subcommands share has a header, and its name in front.
subcommand_symbols()
{
    local tool object name source symbols found
    for tool in cmd/*/main.c; do
        tool=${tool%/main.c}
        found=false
        for object in "$BUILD/$tool"/*.p/*.c.o; do
            name=${object##*/}
            name=${name%.c.o}
            source=$tool/$name
            # meson puts the folder in front of it
            if [[ ! -f $source.c && -f $tool/${name/_//}.c ]]; then
                source=$tool/${name/_//}
                name=${source##*/}
            fi
            # ninja leaves the objects of sources that are gone
            [[ $name != main && $name != *_main && $name != tool && -f $source.c ]] || continue
            symbols=$(nm -g --defined-only "$object" | awk '{ print $3 }')
            if [[ -f $source.h ]]; then
                grep -v "^${name}_" <<<"$symbols" | sed "s,^,$source.c: ,"
                continue
            fi
            found=true
            if [[ $(wc -w <<<"$symbols") != 1 ]]; then
                echo "$source.c exports: ${symbols//$'\n'/ }"
            elif ! grep -qE "^const struct cmd $symbols = " "$source.c"; then
                echo "$source.c: $symbols is no const struct cmd"
            fi
        done
        $found || echo "no objects of subcommands in $BUILD/$tool"
    done
}

# Mutable state at file scope: objects in .data or .bss
library_state()
{
    nm -A "$BUILD/lib/libheadroom.a" | awk '$2 ~ /^[bBdDcCsSgG]$/ && $3 !~ /^__/ { print $1, $3 }' |
        while read -r member symbol; do
            member=${member##*/}
            # a constant that holds pointers lies in .data.rel.ro, which nm calls "d" too
            objdump -t "$BUILD"/lib/libheadroom.a.p/"${member%%:*}" |
                awk -v symbol="$symbol" '$NF == symbol && / \.(data|bss)/ && !/ \.data\.rel\.ro/ { print }' |
                grep -q . && echo "${member%%.o:*}: $symbol"
        done
    return 0
}

rule "every global symbol of lib/foo.c begins with foo_" foreign_symbols "$BUILD/lib/libheadroom.a"
rule "every global symbol of cmd/foo.c begins with foo_" foreign_symbols "$BUILD/cmd/libcmd.a"
rule "every global symbol of completions/foo.c begins with foo_" foreign_symbols "$BUILD"/completions/generate.p/*.c.o
rule "a subcommand exports its const struct cmd and nothing else" subcommand_symbols
rule "the library has no mutable state at file scope" library_state
