#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# recipes/gpu-server/clean-cache.sh: what goes, what stays, and what it says of that
#
# bats file_tags=scripts

bats_require_minimum_version 1.5.0

setup() {
    CLEAN=$BATS_TEST_DIRNAME/../../recipes/gpu-server/clean-cache.sh
    T=$BATS_TEST_TMPDIR
    export HOME=$T/home
    unset XDG_CACHE_HOME CONDA_PKGS_DIRS PIP_CACHE_DIR UV_CACHE_DIR TORCH_HOME HF_HOME
    mkdir -p "$HOME" "$T"/cache/{conda/pkgs/numpy,pip/http,uv,torch/hub,huggingface/hub}
    local file
    for file in conda/pkgs/numpy/a pip/http/a uv/a torch/hub/a huggingface/hub/a huggingface/token; do
        head -c 8192 /dev/zero >"$T/cache/$file"
    done
    echo keep >"$T/outside"
}

bytes_of() { # KIND, from output
    awk -v kind="$1" '$1 == kind { print $2 }' <<<"$output"
}

@test "clean-cache: one kind goes, the others stay, and the bytes are those of the disk" {
    local before
    before=$(($(stat -c '%b' "$T/cache/pip/http/a") * 512))
    run -0 --separate-stderr "$CLEAN" --pip --root "$T/cache"
    [ "$(bytes_of pip)" = "$before" ]
    [ "${lines[-1]}" = "freed $before bytes" ]
    [ -z "$(ls -A "$T/cache/pip")" ]
    [ -e "$T/cache/uv/a" ]
    [ -z "$stderr" ]
}

@test "clean-cache --all: all kinds, but not the login of Hugging Face" {
    run -0 "$CLEAN" --all --root "$T/cache"
    [ "$(find "$T/cache" -type f)" = "$T/cache/huggingface/token" ]
}

@test "clean-cache --dry-run: the same numbers, and nothing goes" {
    run -0 "$CLEAN" --all --root "$T/cache" --dry-run
    [[ ${lines[-1]} == "would free "* ]]
    local would=${lines[-1]#would free }
    [ "$(find "$T/cache" -type f | wc -l)" = 6 ]
    run -0 "$CLEAN" --all --root "$T/cache"
    [ "${lines[-1]#freed }" = "$would" ]
}

@test "clean-cache --older-than: only what was neither read nor written, and links to it" {
    touch -d '40 days ago' "$T/cache/pip/http/a"
    ln -s a "$T/cache/pip/http/link"
    head -c 4096 /dev/zero >"$T/cache/pip/http/new"
    touch -m -d '40 days ago' "$T/cache/pip/http/new"
    run -0 "$CLEAN" --pip --root "$T/cache" --older-than 30d
    [ "$(ls "$T/cache/pip/http")" = new ]
}

@test "clean-cache: a file with another name elsewhere frees nothing, and that one stays" {
    ln "$T/cache/conda/pkgs/numpy/a" "$T/environment"
    run -0 "$CLEAN" --conda --root "$T/cache"
    [ "$(bytes_of conda)" = 0 ]
    [ -s "$T/environment" ]
    [ ! -e "$T/cache/conda/pkgs/numpy/a" ]
}

@test "clean-cache: links are removed and never followed" {
    ln -s "$T" "$T/cache/uv/out"
    ln -s ../../../outside "$T/cache/uv/file"
    run -0 "$CLEAN" --uv --root "$T/cache"
    [ "$(cat "$T/outside")" = keep ]
    [ -z "$(ls -A "$T/cache/uv")" ]
}

@test "clean-cache --root: a link that leads out of it is refused, so that nobody points root at another's folder" {
    mkdir "$T/else"
    : >"$T/else/file"
    rm -r "$T/cache/uv"
    ln -s "$T/else" "$T/cache/uv"
    run -6 "$CLEAN" --pip --uv --root "$T/cache"
    [ "$output" = "clean-cache.sh: $T/cache/uv: the cache of uv lies in $T/else, which is outside of $T/cache; nothing was removed" ]
    [ -e "$T/else/file" ] && [ -e "$T/cache/pip/http/a" ]
    # by a link that the admin made inside
    rm "$T/cache/uv"
    ln -s conda "$T/cache/uv"
    run -0 "$CLEAN" --uv --root "$T/cache"
    [ ! -e "$T/cache/conda/pkgs" ]
}

@test "clean-cache: names with blanks and newlines" {
    : >"$T/cache/uv/"$'a b\n-c'
    run -0 "$CLEAN" --uv --root "$T/cache"
    [ -z "$(ls -A "$T/cache/uv")" ]
}

@test "clean-cache: a variable that names a home folder, the system or somebody's folder is refused before anything goes" {
    local value
    mkdir -p "$T/checkout/.git"
    for value in "$HOME" "$T" / /etc /usr/lib /var/log relative "$T/cache/../cache/uv" "$T/checkout"; do
        PIP_CACHE_DIR=$T/cache/pip TORCH_HOME=$value run "$CLEAN" --pip --torch
        [ "$status" = 6 ] || [ ! -d "$value" ]
        [ "$status" = 6 ] || [[ $output == *"(not there)"* ]]
    done
    PIP_CACHE_DIR=$T/cache/pip TORCH_HOME=$HOME run -6 "$CLEAN" --pip --torch
    PIP_CACHE_DIR=$T/cache/uv TORCH_HOME=/etc run -6 "$CLEAN" --pip --torch
    [ -e "$T/cache/uv/a" ]
}

@test "clean-cache: the folders of the programs themselves" {
    mkdir -p "$HOME/.cache/pip"
    : >"$HOME/.cache/pip/x"
    run -0 "$CLEAN" --pip --uv
    [ ! -e "$HOME/.cache/pip/x" ]
    [[ $output == *"uv 0 $HOME/.cache/uv (not there)"* ]]
}

@test "clean-cache: usage" {
    run -2 "$CLEAN"
    run -2 "$CLEAN" --all --older-than
    run -2 "$CLEAN" --all --older-than soon
    run -2 "$CLEAN" --all --root relative
    # neither means the caches of whoever calls it
    mkdir -p "$HOME/.cache/pip" && touch "$HOME/.cache/pip/a"
    run -2 "$CLEAN" --all --root ''
    run -2 "$CLEAN" --all --root /
    run -2 "$CLEAN" --all --root ///
    [ -e "$HOME/.cache/pip/a" ]
    HOME='' run -0 --separate-stderr "$CLEAN" --pip
    [ "${lines[0]}" = 'pip 0 /nonexistent/.cache/pip (not there)' ]
    env -u HOME "$CLEAN" --pip
    run -2 "$CLEAN" --everything
    run -0 "$CLEAN" --help
    [[ $output == usage:* ]]
}

@test "clean-cache: only what really went is counted, also of files that have two names in the cache" {
    local size
    size=$(($(stat -c '%b' "$T/cache/pip/http/a") * 512))
    ln "$T/cache/uv/a" "$T/cache/uv/b"
    run -0 "$CLEAN" --uv --root "$T/cache"
    [ "$(bytes_of uv)" = "$size" ]
    # one that may remove nothing
    mkdir "$T/bin"
    printf '#!/bin/sh\ncase "$*" in *-delete) exit 1 ;; esac\nexec %s "$@"\n' "$(type -P find)" >"$T/bin/find"
    chmod +x "$T/bin/find"
    PATH=$T/bin:$PATH run -3 "$CLEAN" --pip --root "$T/cache"
    [ "$(bytes_of pip)" = 0 ]
    [ -e "$T/cache/pip/http/a" ]
}
