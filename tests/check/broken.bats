#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The rules of the check suite, each over a tree in which it is broken: a rule that cannot fail proves nothing.
# The words that a rule looks for are written in two pieces here, or it would find them in this file.

bats_require_minimum_version 1.5.0

setup() {
    REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    BUILT=${BUILD:-$REPO/build}
    T=$BATS_TEST_TMPDIR
    mkdir "$T/tree"
    tar -c -C "$REPO" --exclude='./build*' --exclude=./.git --exclude=./.cache . | tar -x -C "$T/tree"
    cd "$T/tree" || return
}

# A copy of what the rules look at in the build folder
built() {
    local folder
    for folder in lib cmd completions; do
        mkdir -p "$T/build/$folder"
        cp -r "$BUILT/$folder/." "$T/build/$folder"
    done
    cp "$BUILT/compile_commands.json" "$T/build"
    BUILT=$T/build
}

# theme NAME: run its rules over the broken tree
theme() {
    run -1 env TREE="$T/tree" BUILD="$BUILT" "$REPO/tests/check/run" "$1"
    echo "$output"
}

# broken RULE OFFENCE: this rule failed, and names this
broken() {
    awk -v rule="$1" -v offence="$2" '
        /^(not )?ok / { here = index($0, rule) > 0; failed += here && /^not/ }
        here && /^#/ && index($0, offence) { named++ }
        END { exit !(failed == 1 && named) }' <<<"$output" || {
        echo "not found to be broken: $1 ($2)"
        return 1
    }
}

# every rule that the theme printed was found to be broken
all_broken() {
    ! grep '^ok ' <<<"$output"
}

@test "symbols" {
    built
    objcopy --redefine-sym meminfo_read=get_meminfo "$BUILT/lib/libheadroom.a.p/memory_meminfo.c.o"
    objcopy --redefine-sym table_new=new_table "$BUILT/cmd/libcmd.a.p/table.c.o"
    objcopy --redefine-sym guard_log_write=write_log "$BUILT"/cmd/memwatch/*.p/guard_guard_log.c.o
    objcopy --redefine-sym bash_print=print_bash "$BUILT/completions/generate.p/bash.c.o"
    echo 'int extra_symbol; const struct cmd { int i; } swapctl_list = {0};' |
        gcc -x c -c -o "$BUILT"/cmd/swapctl/*.p/list.c.o -
    echo 'static int count; int kv_count(void); int kv_count(void) { return count++; }' |
        gcc -x c -c -o "$BUILT/lib/libheadroom.a.p/base_kv.c.o" -
    theme symbols
    broken "symbol of lib/foo.c" "meminfo.c: get_meminfo"
    broken "symbol of cmd/foo.c" "table.c: new_table"
    broken "symbol of completions/foo.c" "bash.c: print_bash"
    broken "a subcommand exports" "cmd/swapctl/list.c exports: extra_symbol swapctl_list"
    broken "a subcommand exports" "cmd/memwatch/guard/guard_log.c: write_log"
    broken "no mutable state" "kv.c: count"
    all_broken
}

@test "includes" {
    echo '#include "cmd.h"' >>lib/base/kv.c
    echo '#include <popt.h>' >>lib/base/size.c
    echo '#  include <libmount/libmount.h>' >>lib/base/size.c
    echo '#include <blkid/blkid.h>' >>lib/base/kv.h
    echo '#include <sys/capability.h>' >>cmd/swapctl/on.c
    echo '#include <libsmartcols/libsmartcols.h>' >>cmd/cmd.c
    echo '#include <systemd/sd-bus.h>' >>lib/systemd/systemd.c
    mkdir cmd/frobctl
    echo '#include "../swapctl/swapctl.h"' >cmd/frobctl/frob.c
    echo '#include "root.h"' >>lib/base/err.c
    echo '#include "fstab.h"' >>lib/memory/meminfo.h
    echo '#include "meminfo.h"' >>lib/swap/fstab.h
    mkdir lib/attic
    theme includes
    broken "nothing of cmd/, popt" "lib/base/kv.c includes cmd.h"
    broken "nothing of cmd/, popt" "lib/base/size.c includes popt.h"
    broken "libmount stays" "lib/base/size.c includes libmount/libmount.h"
    broken "libblkid stays" "lib/base/kv.h includes blkid/blkid.h"
    broken "popt stays" "lib/base/size.c includes popt.h"
    broken "libcap stays" "cmd/swapctl/on.c includes sys/capability.h"
    broken "libsystemd stays" "lib/systemd/systemd.c includes systemd/sd-bus.h"
    broken "libsmartcols stays" "cmd/cmd.c includes libsmartcols/libsmartcols.h"
    broken "no tool includes another" "cmd/frobctl/frob.c includes ../swapctl/swapctl.h"
    broken "only what is below" "lib/base/err.c includes root.h"
    broken "in a circle" "fstab"
    broken "of those above it" "lib/memory/meminfo.h includes fstab.h"
    broken "of those above it" "lib/attic/"
    all_broken
}

@test "headers" {
    printf '\nint kv_undocumented(int a,\n                    int b);\n' >>lib/base/kv.h
    theme headers
    broken "is documented there" "lib/base/kv.h: int kv_undocumented"
    all_broken
}

@test "options" {
    built
    sed -i '/^\.Ss ensure/,/^\.Ss create/{/^\.It Fl .*-label/d}' man/swapctl.8
    sed -i 's/^\.It Fl b , -bytes/.It Fl B , -bytes/; s/^\.It Fl -dry-run/&\n.It Fl -nonsense Ar much/' man/swapctl.8
    sed -i '/^\.Cm swappiness/d' man/swapctl.8
    sed -i 's/--label//g' "$BUILT/completions/swapctl"
    sed -i 's/--force//g' "$BUILT/completions/_swapctl"
    sed -i 's/-l swappiness//g' "$BUILT/completions/swapctl.fish"
    theme options
    broken "stands in the manual under" "section ensure: no --label"
    broken "stands in the manual under" "section list: no --bytes (short: b)"
    broken "every option in the manual exists" "section off: --nonsense"
    broken "every option in the manual exists" "section list: --bytes (short: B)"
    broken "in the manual's synopsis" "no swappiness"
    broken "in the completions" "completions/swapctl: no --label of create"
    broken "in the completions" "_swapctl: no --force of"
    broken "in the completions" "swapctl.fish: no --swappiness of ensure"
    all_broken
}

@test "manual" {
    echo '.Nonsense' >>man/headroom.7
    sed -i '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/{s/^\.It 6$/.It 66/}' man/swapctl.8
    mkdir cmd/frobctl
    theme manual
    broken "mandoc finds no fault" "Nonsense"
    broken "states all exit statuses" "swapctl.8: EXIT STATUS lacks 6"
    broken "states all exit statuses" "swapctl.8: EXIT STATUS has an unknown 66"
    broken "has a manual page" "frobctl"
    all_broken
}

@test "shell" {
    # shellcheck disable=SC2016
    printf '#!/bin/sh\n# SPDX-License-Identifier: MIT\n[[ $1 == x ]]\n' >recipes/frob.sh
    # shellcheck disable=SC2016
    printf '#!/usr/bin/env bats\n@test "x" {\n  rm -rf "$HOME/"*\n  cd /nowhere\n}\n' >tests/cli/frob.bats
    find recipes tests -name '*.sh' ! -name frob.sh ! -path 'tests/check/*' -delete
    theme shell
    broken "no fault in the scripts" "recipes/frob.sh:3"
    broken "no fault in the tests" "tests/cli/frob.bats:3"
    broken "is executable" "recipes/frob.sh"
    all_broken
}

@test "sizes" {
    local i
    # or the median would be that of the many that are short
    find lib cmd completions -name '*.c' -delete
    {
        printf 'int kv_long(int a)\n{\n'
        for ((i = 0; i < 78; i++)); do echo '    a++;'; done
        printf '    return a;\n}\n'
    } >lib/base/long.c
    for ((i = 0; i < 20; i++)); do
        printf 'int many_%d(int a)\n{\n%s    return a;\n}\n' "$i" "$(printf '    a++;\n%.0s' {1..55})"$'\n'
    done >cmd/many.c
    theme sizes
    broken "more than 80 lines" "lib/base/long.c:kv_long: 82 lines"
    broken "more than 600 lines" "cmd/many.c: "
    broken "the median function" "wanted: 15"
    broken "95 %" "wanted: 50"
    all_broken
}

@test "text" {
    printf 'int x;\n' >lib/base/bare.c
    printf '#!/bin/sh\n' >recipes/bare.sh
    echo "see /wo""rk/main" >>README.md
    echo "mirror.corp.inter""nal/debian" >>NEWS.md
    echo "/* TO""DO: the rest */" >>lib/base/err.c
    echo "trailing " >>CONTRIBUTING.md
    theme text
    broken "names its license" "lib/base/bare.c"
    broken "names its license" "recipes/bare.sh"
    broken "no path of a development machine" "README.md"
    broken "no host of a private" "NEWS.md"
    broken "to be done later" "lib/base/err.c"
    broken "no space at the end" "CONTRIBUTING.md"
    all_broken
}

@test "completions" {
    built
    echo 'if true; then' >>"$BUILT/completions/swapctl"
    echo 'if true; then' >>"$BUILT/completions/_swapctl"
    rm "$BUILT/completions/swapctl.fish"
    theme completions
    broken "for bash parse" "swapctl"
    broken "for zsh parse" "_swapctl"
    broken "for fish parse" "swapctl.fish is missing"
    all_broken
}

@test "warnings" {
    built
    sed -i '0,/ -Wconversion / s/ -Wconversion / /' "$BUILT/compile_commands.json"
    printf 'int err_narrow(long a);\nint err_narrow(long a)\n{\n    return a;\n}\n' >>lib/base/err.c
    theme warnings
    broken "gcc builds" "err.c"
    broken "clang builds" "err.c"
    broken "is compiled with" ": without -Wconversion"
    all_broken
}
