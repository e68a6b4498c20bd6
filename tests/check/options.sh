# shellcheck shell=bash
# SPDX-License-Identifier: MIT

# SUBCOMMAND, LONG and SHORT of every option, a tab between them, from the tables that the parser reads; SHORT may be "-"
table_options()
{
    "$BUILD/completions/generate" list swapctl | cut -f 1-3 | sort
}

# The same from the manual: the items of the subcommand's section and of those that it refers to as "... options"
manual_options()
{
    awk '
        /^\.S[sh] / {
            section = substr($0, 5)
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
        }' man/swapctl.8 | sort
}

not_in_manual()
{
    comm -23 <(table_options) <(manual_options) | awk -F '\t' '{ print "swapctl.8, section " $1 ": no --" $2 " (short: " $3 ")" }'
    [[ -n $(table_options) ]] || echo "$BUILD/completions/generate lists nothing"
}

only_in_manual()
{
    comm -13 <(table_options) <(manual_options) | awk -F '\t' '{ print "swapctl.8, section " $1 ": --" $2 " (short: " $3 ") does not exist" }'
    [[ -n $(manual_options) ]] || echo "swapctl.8 has no options"
}

not_in_completions()
{
    table_options | while IFS=$'\t' read -r subcommand long short; do
        read -ra words <<<"$subcommand"
        "$BUILD/cmd/swapctl/swapctl" "${words[@]}" --help | grep -qE "(^|[ ,])--$long\b" ||
            echo "swapctl $subcommand --help: no --$long"
        for shell in bash zsh fish; do
            file=$(completion "$shell")
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
    bash) echo "$BUILD/completions/swapctl" ;;
    zsh) echo "$BUILD/completions/_swapctl" ;;
    fish) echo "$BUILD/completions/swapctl.fish" ;;
    esac
}

in_synopsis()
{
    table_options | cut -f 1 | sort -u | while read -r subcommand; do
        sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' man/swapctl.8 | grep -q "^\.Cm $subcommand\b" ||
            echo "swapctl.8, SYNOPSIS: no $subcommand"
    done
}

rule "every option stands in the manual under its subcommand" not_in_manual
rule "every option in the manual exists" only_in_manual
rule "every subcommand stands in the manual's synopsis" in_synopsis
rule "every option stands in --help and in the completions" not_in_completions
