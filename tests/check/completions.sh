# shellcheck shell=bash
# SPDX-License-Identifier: MIT

parses()
{
    local file=$BUILD/completions/$2
    [[ -s $file ]] || echo "$file is missing"
    "$1" -n "$file"
}

all_parse()
{
    local tool
    for tool in cmd/*/main.c; do
        tool=$(basename "${tool%/main.c}")
        parses "$1" "${2//TOOL/$tool}"
    done
}

rule "the completions for bash parse" all_parse bash TOOL
rule "the completions for zsh parse" all_parse zsh _TOOL
rule "the completions for fish parse" all_parse fish TOOL.fish
