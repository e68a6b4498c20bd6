# shellcheck shell=bash
# SPDX-License-Identifier: MIT

license()
{
    {
        files '*.c' '*.h' '*.awk' '*.py' '*.exp' 'man/*.[1-8]'
        shell_scripts
    } | sort -u | while read -r file; do
        head -n 3 "$file" | grep -qF 'SPDX-License-Identifier: MIT' || echo "$file"
    done
}

# forbidden REGEXP: the classes in brackets keep a rule from finding itself; samples of input may hold anything
forbidden()
{
    files '*' | grep -vE '^tests/(data|fuzz/corpus)/' | xargs -r grep -nIE "$1" | cut -c 1-160
}

rule "every source names its license" license
rule "no path of a development machine" forbidden '(^|[^a-z.])/(w[o]rk|home/[a-z]+|[r]oot/[a-z])/'
rule "no host of a private registry or mirror" forbidden '[a-z0-9-]+\.(in[t]ernal|lo[c]al|co[r]p|la[n])(/|:[0-9]|$)|(pyp[i]|np[m]|rubygem[s]|crate[s])\.(org|io|com)'
rule "nothing is left to be done later" forbidden '\b(TO[D]O|FIX[M]E|XX[X]|HA[C]K)\b'
rule "no space at the end of a line" forbidden '[ 	]+$'
