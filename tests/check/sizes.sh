# shellcheck shell=bash
# SPDX-License-Identifier: MIT

# function_lengths PATTERN...: "LINES FILE:FUNCTION", shortest first
function_lengths()
{
    files "$@" | ctags -L - -f - --languages=C --kinds-C=f --fields=+ne --quiet=yes 2>/dev/null |
        awk -F '\t' '{
            for (i = 4; i <= NF; i++) {
                if ($i ~ /^line:/) first = substr($i, 6)
                if ($i ~ /^end:/) last = substr($i, 5)
            }
            print last - first + 1, $2 ":" $1
        }' | sort -n
}

long_functions()
{
    function_lengths '*.c' '*.h' | awk '$1 > 80 { print $2 ": " $1 " lines" }'
}

long_files()
{
    files '*.c' '*.h' '*.sh' '*.bash' '*.bats' tests/run '*/run' | while read -r file; do
        lines=$(wc -l <"$file")
        ((lines <= 600)) || echo "$file: $lines lines"
    done
}

# quantile PERCENT MOST
quantile()
{
    function_lengths 'lib/*.c' 'cmd/*.c' 'completions/*.c' | awk -v percent="$1" -v most="$2" '
        { length_of[NR] = $1 }
        END {
            n = int((NR * percent + 99) / 100)
            if (!NR)
                print "no functions found"
            else if (length_of[n] > most)
                print percent " % of " NR " functions have up to " length_of[n] " lines, wanted: " most
        }'
}

rule "no function has more than 80 lines" long_functions
rule "no file has more than 600 lines" long_files
rule "the median function has at most 15 lines" quantile 50 15
rule "95 % of the functions have at most 50 lines" quantile 95 50
