# shellcheck shell=bash
# SPDX-License-Identifier: MIT

lint()
{
    files 'man/*.[1-8]' | while read -r page; do
        mandoc -T lint -W warning "$page"
    done
}

# The statuses of enum cmd_exit, and those of a page's EXIT STATUS
statuses_in_code()
{
    sed -n '/^enum cmd_exit/,/^}/s/.*CMD_[A-Z]* = \([0-9]*\),.*/\1/p' cmd/cmd.h | sort
}

statuses_in_page()
{
    sed -n '/^\.Sh EXIT STATUS/,/^\.Sh /s/^\.It Ql \([0-9]*\)$/\1/p; /^\.Sh EXIT STATUS/,/^\.Sh /s/^\.It \([0-9]*\)$/\1/p' "$1" | sort
}

exit_statuses()
{
    [[ -n $(statuses_in_code) ]] || echo "cmd/cmd.h: no enum cmd_exit"
    files 'man/*.[18]' | while read -r page; do
        comm -23 <(statuses_in_code) <(statuses_in_page "$page") | sed "s,^,$page: EXIT STATUS lacks ,"
        comm -13 <(statuses_in_code) <(statuses_in_page "$page") | sed "s,^,$page: EXIT STATUS has an unknown ,"
    done
}

# One page for each tool
pages()
{
    local tool
    for tool in cmd/*/; do
        tool=$(basename "$tool")
        compgen -G "man/$tool.[18]" >/dev/null || echo "$tool has no manual page"
    done
}

rule "mandoc finds no fault in the manual pages" lint
rule "every manual page of a tool states all exit statuses" exit_statuses
rule "every tool has a manual page" pages
