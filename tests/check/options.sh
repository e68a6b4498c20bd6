# shellcheck shell=bash
# SPDX-License-Identifier: MIT

tools()
{
    local tool
    for tool in cmd/*/main.c; do
        basename "${tool%/main.c}"
    done
}

# for_tools FUNCTION: run it for each tool
for_tools()
{
    local tool
    for tool in $(tools); do
        "$1" "$tool" "$(echo "man/$tool".[18])"
    done
}

# SUBCOMMAND, LONG and SHORT of every option, a tab between them, from the tables that the parser reads; SHORT may be "-".
# A tool without subcommands has one of its own name.
table_options()
{
    "$BUILD/completions/generate" list "$1" | cut -f 1-3 | sort
}

is_single()
{
    [[ $(table_options "$1" | cut -f 1 | sort -u) == "$1" ]]
}

# The same from the manual: the items of the subcommand's section and of those that it refers to as "... options"; of a
# tool without subcommands all of its page
manual_options()
{
    local single=
    is_single "$1" && single=$1
    awk -v single="$single" '
        /^\.S[sh] / {
            section = single ? single : substr($0, 5)
            names[section] = 1
        }
        /^\.Sx .* options/ {
            other = substr($0, 5)
            sub(/ *[.,;]*$/, "", other)
            refers[section] = refers[section] "|" other
        }
        /^\.It Fl / {
            short = "-"
            long = ""
            for (i = 2; i < NF; i++) {
                if ($i != "Fl" && $i != ",")
                    continue
                word = $(i + 1)
                if (word ~ /^-/)
                    long = substr(word, 2)
                else if (length(word) == 1 && word != ",")
                    short = word
            }
            options[section] = options[section] "\n" long "\t" short
        }
        END {
            for (section in names) {
                if (section !~ /^[a-z-]+( [a-z]+)?$/)
                    continue
                all = options[section]
                n = split(refers[section], others, "|")
                for (i = 2; i <= n; i++)
                    all = all options[others[i]]
                n = split(all, lines, "\n")
                for (i = 2; i <= n; i++)
                    print section "\t" lines[i]
            }
        }' "$2" | sort
}

not_in_manual()
{
    comm -23 <(table_options "$1") <(manual_options "$1" "$2") |
        awk -F '\t' -v page="${2#man/}" '{ print page ", section " $1 ": no --" $2 " (short: " $3 ")" }'
    [[ -n $(table_options "$1") ]] || echo "$BUILD/completions/generate lists nothing for $1"
}

only_in_manual()
{
    comm -13 <(table_options "$1") <(manual_options "$1" "$2") |
        awk -F '\t' -v page="${2#man/}" '{ print page ", section " $1 ": --" $2 " (short: " $3 ") does not exist" }'
    [[ -n $(manual_options "$1" "$2") ]] || echo "$2 has no options"
}

# "swapctl list", "procfind"
command_of()
{
    [[ $2 == "$1" ]] && echo "$1" || echo "$1 $2"
}

not_in_completions()
{
    table_options "$1" | while IFS=$'\t' read -r subcommand long short; do
        read -ra words <<<"$(command_of "$1" "$subcommand")"
        "$BUILD/cmd/$1/$1" "${words[@]:1}" --help | grep -qE "(^|[ ,])--$long\b" ||
            echo "${words[*]} --help: no --$long"
        for shell in bash zsh fish; do
            file=$(completion "$shell" "$1")
            case $shell in
            fish) grep -qE -- "-l '?$long\b" "$file" ;;
            *) grep -q -- "--$long\b" "$file" ;;
            esac || echo "$file: no --$long of $subcommand ($short)"
        done
    done
}

completion()
{
    case $1 in
    bash) echo "$BUILD/completions/$2" ;;
    zsh) echo "$BUILD/completions/_$2" ;;
    fish) echo "$BUILD/completions/$2.fish" ;;
    esac
}

in_synopsis()
{
    is_single "$1" && return
    table_options "$1" | cut -f 1 | sort -u | while read -r subcommand; do
        sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "$2" | grep -q "^\.Cm $subcommand\b" ||
            echo "${2#man/}, SYNOPSIS: no $subcommand"
    done
}

rule "every option stands in the manual under its subcommand" for_tools not_in_manual
rule "every option in the manual exists" for_tools only_in_manual
rule "every subcommand stands in the manual's synopsis" for_tools in_synopsis
rule "every option stands in --help and in the completions" for_tools not_in_completions
