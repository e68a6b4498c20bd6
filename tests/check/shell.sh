# shellcheck shell=bash
# SPDX-License-Identifier: MIT

# Not in tests: variables that bats or a sourcing script sets or reads, subshells that bats makes of each test, and a
# cd that fails, which ends a test
in_tests=SC2030,SC2031,SC2034,SC2154,SC2164

scripts()
{
    shell_scripts | grep -v '^tests/' | xargs -r shellcheck -x -P SCRIPTDIR -f gcc
}

test_scripts()
{
    shell_scripts | grep '^tests/' | xargs -r shellcheck -x -P SCRIPTDIR -S warning -e "$in_tests" -f gcc
}

executable()
{
    files '*' | while read -r file; do
        [[ $file == *.bats || $(head -c 2 "$file" | tr -d '\0') != '#!' || -x $file ]] || echo "$file has a #! line and is not executable"
    done
}

rule "shellcheck finds no fault in the scripts" scripts
rule "shellcheck finds no fault in the tests" test_scripts
rule "every script is executable" executable
