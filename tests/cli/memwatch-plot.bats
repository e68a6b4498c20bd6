#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# memwatch plot: drawings of a history that is made by hand, and of a folder in place of "/"

load memwatch


setup()
{
    export LC_ALL=C.UTF-8 TZ=UTC
    unset NO_COLOR
    tree=$BATS_TEST_TMPDIR/tree
    file=$BATS_TEST_TMPDIR/h
    mkdir -p "$tree"/proc/pressure
    printf '%s\n' 'MemTotal: 1000 kB' 'MemFree: 100 kB' 'MemAvailable: 400 kB' 'SwapTotal: 0 kB' >"$tree/proc/meminfo"
    echo 'some avg10=1.25 avg60=2.00 avg300=3.00 total=1' >"$tree/proc/pressure/memory"
}

record()
{
    "$MEMWATCH" record --root "$tree" -i 2ms "$file" "$@"
}

# Is it XML, and is nothing of another place named in it?
well_formed()
{
    xmllint --noout "$1"
    ! grep -qE '(href|src|url\(|@import|<script)' "$1"
}

@test "in a terminal: a strip for each metric, its scale, its numbers, and the time below" {
    record -c 40 ram psi.memory.some.avg10
    run -0 --separate-stderr "$MEMWATCH" plot --width 60 --height 13 "$file"
    [ "${lines[0]}" = 'ram  now 60.0%  mean 60.0%  max 60.0%  min 60.0%' ]
    [[ ${lines[1]} == '   100% '* ]]
    [[ ${lines[5]} == '     0% '* ]]
    [[ $output == *⠉⠉⠉* || $output == *⠤⠤⠤* || $output == *⠒⠒⠒* || $output == *⣀⣀⣀* ]]
    [[ ${lines[6]} == 'psi.memory.some.avg10  now 1.2%'* ]]
    [[ ${lines[-1]} == *UTC* ]]
    [ ${#lines[@]} -eq 13 ]
    for line in "${lines[@]}"; do
        ((${#line} <= 60))
    done
}

@test "without UTF-8 it is ASCII, and without a terminal there is no colour" {
    record -c 40 ram
    LC_ALL=C run -0 --separate-stderr "$MEMWATCH" plot "$file" --threshold ram=80%
    [[ $output == *'*********'* && $output == *'--  --'* ]]
    [ -z "$(LC_ALL=C tr -d ' -~\n' <<<"$output")" ]
    run -0 --separate-stderr "$MEMWATCH" plot --color always "$file"
    [[ $output == *$'\033[36m'* ]]
}

@test "SVG and HTML are well formed, whole or not there, and hold names as text" {
    record -c 20 ram 'cgroup:/<script>alert("x")&'\''</script>.memory' $'cgroup:/\001\377\357\277\277.memory'
    for what in svg html; do
        run -0 --separate-stderr "$MEMWATCH" plot "$file" -o "$BATS_TEST_TMPDIR/out.$what" --threshold ram=80 --title 'a <b> & "c"'
        [ -z "$output$stderr" ]
        [ "$(stat -c %a "$BATS_TEST_TMPDIR/out.$what")" = 644 ]
        grep -qF '&lt;script&gt;alert(&quot;x&quot;)&amp;&#39;&lt;/script&gt;.memory' "$BATS_TEST_TMPDIR/out.$what"
        grep -qF 'a &lt;b&gt; &amp; &quot;c&quot;' "$BATS_TEST_TMPDIR/out.$what"
    done
    well_formed "$BATS_TEST_TMPDIR/out.svg"
    # the page's drawing and table are XML too
    sed -n '/^<svg/,/^<\/svg>/p' "$BATS_TEST_TMPDIR/out.html" >"$BATS_TEST_TMPDIR/inner.svg"
    well_formed "$BATS_TEST_TMPDIR/inner.svg"
    sed -n '/^<main>/,/^<\/main>/p' "$BATS_TEST_TMPDIR/out.html" >"$BATS_TEST_TMPDIR/main.xml"
    well_formed "$BATS_TEST_TMPDIR/main.xml"
    run -1 grep -E '(href|src=|url\(|@import|<script)' "$BATS_TEST_TMPDIR/out.html"
    grep -q 'prefers-color-scheme:dark' "$BATS_TEST_TMPDIR/out.html"
    grep -q 'role="img" aria-labelledby="title desc"' "$BATS_TEST_TMPDIR/out.svg"
    # nothing else was left beside it
    [ "$(cd "$BATS_TEST_TMPDIR" && echo out.*)" = 'out.html out.svg' ]
}

@test "one sample, none, only absent ones" {
    record -c 1 ram swap
    run -0 --separate-stderr "$MEMWATCH" plot "$file" -o "$BATS_TEST_TMPDIR/one.svg"
    well_formed "$BATS_TEST_TMPDIR/one.svg"
    grep -q '<circle class="k0"' "$BATS_TEST_TMPDIR/one.svg"
    grep -q '>swap <tspan class="m">absent<' "$BATS_TEST_TMPDIR/one.svg"
    run -0 --separate-stderr "$MEMWATCH" plot "$file" swap
    [ "${lines[0]}" = 'swap  absent' ]
    run -1 --separate-stderr "$MEMWATCH" plot "$file" --to -1h -o "$BATS_TEST_TMPDIR/none.svg"
    [[ $stderr == *'no sample there'* ]]
    [ ! -e "$BATS_TEST_TMPDIR/none.svg" ]
    : >"$file.empty"
    run -1 --separate-stderr "$MEMWATCH" plot "$file.empty"
}

@test "metrics of other units have panels of their own, and more than six of one kind two" {
    record -c 5 ram ram.available ram.used psi.memory.some.avg10 swap.in
    run -0 --separate-stderr "$MEMWATCH" plot "$file" --format svg
    [ "$(grep -c 'class="p"' <<<"$output")" -eq 4 ]
    rm "$file"
    record -c 5 proc:1.rss proc:2.rss proc:3.rss proc:4.rss proc:5.rss proc:6.rss proc:7.rss
    run -0 --separate-stderr "$MEMWATCH" plot "$file" --format svg
    [ "$(grep -c 'class="p"' <<<"$output")" -eq 2 ]
}

@test "the size is what was asked for" {
    record -c 5 ram
    for width in 20 300 4000; do
        run -0 --separate-stderr "$MEMWATCH" plot "$file" -o "$BATS_TEST_TMPDIR/s.svg" --width "$width" --height 400
        well_formed "$BATS_TEST_TMPDIR/s.svg"
        grep -q "width=\"$width\" height=\"400\"" "$BATS_TEST_TMPDIR/s.svg"
    done
}

@test "a gap is a gap" {
    record -c 20 ram
    sleep 0.5
    record -c 20 ram
    run -0 --separate-stderr "$MEMWATCH" plot "$file" --format svg
    [ "$(grep -c 'class="l l0"' <<<"$output")" -ge 2 ]
}

@test "live: so many samples to a file, and in a terminal until it is interrupted" {
    run -0 --separate-stderr "$MEMWATCH" plot --root "$tree" --live -i 5ms -c 10 -o "$BATS_TEST_TMPDIR/l.svg" ram
    well_formed "$BATS_TEST_TMPDIR/l.svg"
    run -0 --separate-stderr "$MEMWATCH" plot --root "$tree" --live -i 5ms -c 10 ram
    [ "${lines[0]}" = 'ram  now 60.0%  mean 60.0%  max 60.0%  min 60.0%' ]
    env --default-signal=INT "$MEMWATCH" plot --root "$tree" --live -i 5ms ram >"$BATS_TEST_TMPDIR/drawn" 3>&- &
    pid=$!
    sleep 0.5
    kill -INT $pid
    status=0
    wait $pid || status=$?
    [ "$status" -eq 130 ]
    grep -q '^ram  now 60.0%' "$BATS_TEST_TMPDIR/drawn"
}

@test "words that make no sense, and files that cannot be written" {
    record -c 1 ram
    run -2 "$MEMWATCH" plot
    run -2 "$MEMWATCH" plot "$file" -o out.png
    run -2 "$MEMWATCH" plot "$file" -c 3
    run -2 "$MEMWATCH" plot --live --from 21:40 ram
    run -2 "$MEMWATCH" plot --live -o "$BATS_TEST_TMPDIR/x.svg" ram
    run -2 "$MEMWATCH" plot "$file" --threshold ram
    run -2 "$MEMWATCH" plot "$file" --threshold swap=80
    [[ $output == *'that metric is not plotted'* ]]
    run -2 "$MEMWATCH" plot "$file" --threshold ram=800
    run -3 "$MEMWATCH" plot "$file" -o "$BATS_TEST_TMPDIR/no/such/folder.svg"
    run -3 "$MEMWATCH" plot "$file" -o /dev/full --format svg
    [[ $output == *'/dev/full: cannot write: No space left on device'* ]]
}

@test "a browser shows the page and asks for nothing else" {
    command -v chromium >/dev/null || skip "chromium is not installed"
    record -c 20 ram ram.available
    "$MEMWATCH" plot "$file" -o "$BATS_TEST_TMPDIR/out.html"
    run -0 --separate-stderr timeout 100 chromium --headless --no-sandbox --disable-gpu \
        --user-data-dir="$BATS_TEST_TMPDIR/chromium" --dump-dom "file://$BATS_TEST_TMPDIR/out.html"
    [[ $output == *'ram.available'*'What was measured'* ]]
    [[ $stderr != *'Content Security Policy'* ]]
}
