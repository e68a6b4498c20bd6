#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# tests/run and tests/tap.awk: nothing that went wrong may look as if it had gone right

# bats file_tags=scripts
bats_require_minimum_version 1.5.0

setup() {
    REPO=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    T=$BATS_TEST_TMPDIR
}

# ---- the judge of one producer

# judged RC COUNTS LINE...: a producer that said these lines and ended with RC counts as "passed failed skipped"
judged() {
    local rc=$1 counts=$2
    shift 2
    rm -f "$T/counts"
    printf '%s\n' "$@" >"$T/tap"
    run -0 awk -v label=it -v rc="$rc" -v counts="$T/counts" -f "$REPO/tests/tap.awk" "$T/tap"
    [ "$(cat "$T/counts")" = "$counts" ] || { echo "counted: $(cat "$T/counts")" && return 1; }
}

@test "tap: what passed, failed and was skipped is counted" {
    judged 1 '2 1 1' 1..4 'ok 1 - a' 'not ok 2 - b' '# why' 'ok 3 c # SKIP no tool' 'ok 4'
    [[ $output == *"FAILED it: b"*"# why"*"skipped it: c # SKIP no tool"* ]]
}

@test "tap: cmocka's way to skip is no failure" {
    judged 0 '0 0 1' 1..1 'not ok 1 # SKIP name'
}

@test "tap: output before a failure is shown, output of what passed is not" {
    judged 1 '1 1 0' 1..2 'chatter' 'ok 1 - a' 'clue' 'not ok 2 - b'
    [[ $output == *clue* && $output != *chatter* ]]
}

@test "tap: a long story is cut in its middle" {
    local i lines_of_it=()
    for i in {1..100}; do lines_of_it+=("# $i"); done
    judged 1 '0 1 0' 1..1 'not ok 1 - b' "${lines_of_it[@]}"
    [ "${#lines[@]}" -eq 42 ]
    [[ ${lines[1]} == *"# 1" && ${lines[16]} == *"60 more lines in the log" && ${lines[41]} == *"# 100" ]]
}

@test "tap: a suite that is skipped as a whole is one skip with its reason" {
    judged 0 '0 0 1' '1..0 # SKIP needs root'
    [[ $output == *"skipped it: needs root"* ]]
}

@test "tap: dying after the last result is a failure" {
    judged 1 '1 1 0' 1..1 'ok 1 - a' 'ERROR: LeakSanitizer: detected memory leaks'
    [[ $output == *"FAILED it: exit status 1"*LeakSanitizer* ]]
}

@test "tap: fewer or more tests than planned, and no plan, are failures" {
    judged 0 '1 1 0' 1..2 'ok 1 - a'
    [[ $output == *"planned 2 tests, ran 1"* ]]
    judged 0 '2 1 0' 1..1 'ok 1 - a' 'ok 2 - b'
    judged 0 '1 1 0' 'ok 1 - a'
    [[ $output == *"no plan"* ]]
    judged 139 '0 1 0' 'Segmentation fault'
    [[ $output == *"Segmentation fault"* ]]
}

@test "tap: zero tests are a failure" {
    judged 0 '0 1 0' 1..0
    [[ $output == *"ran zero tests"* ]]
}

@test "tap: a bail-out is a failure" {
    judged 0 '1 1 0' 1..1 'ok 1 - a' 'Bail out! disk is gone'
    [[ $output == *"Bail out! disk is gone"* ]]
}

# ---- the runner, over a tree of suites that say what a test wants

# tree: a copy of the runner; builds and packages are always fine
tree() {
    mkdir -p "$T/bin" "$T/tree/tests/root" "$T/tree/tests/check" "$T/tree/tests/vm" "$T/tree/recipes"
    cp "$REPO/tests/run" "$REPO/tests/tap.awk" "$T/tree/tests"
    script "$T/bin/meson" ':'
    script "$T/bin/ninja" ':'
    script "$T/bin/id" 'echo "${FAKE_UID:-0}"'
    script "$T/tree/recipes/deps.sh" 'exit "${FAKE_DEPS:-0}"'
    suite root 'echo 1..1; echo ok 1 - r'
    suite vm 'echo 1..1; echo ok 1 - v'
    suite check 'echo 1..2; echo ok 1 - c; echo ok 2 - d'
    PATH=$T/bin:$PATH
}

script() {
    printf '#!/bin/sh\n%s\n' "$2" >"$1"
    chmod +x "$1"
}

suite() {
    script "$T/tree/tests/$1/run" "$2"
}

last_line() {
    [ "${lines[-1]}" = "$1" ] || { echo "last line: ${lines[-1]}" && return 1; }
}

@test "run: suites are summed up, the last line is the sum" {
    tree
    run -0 "$T/tree/tests/run" root check
    last_line "3 passed, 0 failed, 0 skipped"
    grep -q '^=== check' "$T/tree/build/test-logs/check.log"
}

@test "run: one failed test fails the run, and is shown" {
    tree
    suite root 'echo 1..1; echo not ok 1 - boom; echo "# because"; exit 1'
    run -1 "$T/tree/tests/run" root check
    [[ $output == *"FAILED root: boom"*"# because"* ]]
    last_line "2 passed, 1 failed, 0 skipped"
}

@test "run: a skip names its reason and is no failure" {
    tree
    suite root 'echo 1..2; echo ok 1 - a; echo "ok 2 - b # SKIP no zram here"'
    run -0 "$T/tree/tests/run" root
    [[ $output == *"skipped root: b # SKIP no zram here"* ]]
    last_line "1 passed, 0 failed, 1 skipped"
}

@test "run: who is not root skips the root suite, with the reason" {
    tree
    FAKE_UID=1000 run -0 "$T/tree/tests/run" root check
    [[ $output == *"skipped root: needs root"* ]]
    last_line "2 passed, 0 failed, 1 skipped"
}

@test "run: a suite skipped as a whole fails where it could run" {
    tree
    suite root 'echo "1..0 # SKIP too tired"'
    run -1 "$T/tree/tests/run" root check
    [[ $output == *"FAILED root: every test was skipped on a machine that could run it"* ]]
    last_line "2 passed, 1 failed, 1 skipped"
}

@test "run: without qemu and without a way to get it the vm suite is skipped" {
    tree
    script "$T/tree/recipes/deps.sh" 'case $* in *vm) echo "deps.sh: no network" >&2; exit 3 ;; esac'
    run -0 "$T/tree/tests/run" vm check
    [[ $output == *"skipped vm: deps.sh: no network"* ]]
    last_line "2 passed, 0 failed, 1 skipped"
}

@test "run: other packages that cannot be had are a failure" {
    tree
    script "$T/tree/recipes/deps.sh" 'case $* in *check) echo "deps.sh: no network" >&2; exit 3 ;; esac'
    run -1 "$T/tree/tests/run" check
    [[ $output == *"FAILED check: Bail out! deps.sh: no network"* ]]
}

@test "run: a suite that is missing, silent or dies is a failure" {
    tree
    rm "$T/tree/tests/check/run"
    run -1 "$T/tree/tests/run" check
    suite check ':'
    run -1 "$T/tree/tests/run" check
    suite check 'echo 1..1; echo ok 1 - c; kill -SEGV $$'
    run -1 "$T/tree/tests/run" check
    last_line "1 passed, 1 failed, 0 skipped"
}

@test "run: unit with no program ran zero tests, a failure" {
    tree
    run -1 "$T/tree/tests/run" unit
    [[ $output == *"FAILED unit: ran zero tests"* ]]
    last_line "0 passed, 1 failed, 0 skipped"
}

@test "run: a build that fails is told, and the last line is still the sum" {
    tree
    script "$T/bin/ninja" 'echo "error: no such type"; exit 1'
    run -1 "$T/tree/tests/run" check
    [[ $output == *"error: no such type"*"build does not build"* ]]
    last_line "0 passed, 1 failed, 0 skipped"
}

@test "run: an unknown suite is wrong usage, with the list" {
    tree
    run -2 "$T/tree/tests/run" check nonsense
    [[ $output == *"nonsense: no such suite; there are: unit cli root export ansible check vm"* ]]
}

@test ".ci/run calls tests/run" {
    tree
    mkdir "$T/tree/.ci"
    cp "$REPO/.ci/run" "$T/tree/.ci"
    CI=true run -0 bash "$T/tree/.ci/run" root
    last_line "1 passed, 0 failed, 0 skipped"
}
