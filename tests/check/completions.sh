# shellcheck shell=bash
# SPDX-License-Identifier: MIT

parses()
{
    local file=$BUILD/completions/$2
    [[ -s $file ]] || echo "$file is missing"
    "$1" -n "$file"
}

rule "the completion for bash parses" parses bash swapctl
rule "the completion for zsh parses" parses zsh _swapctl
rule "the completion for fish parses" parses fish swapctl.fish
