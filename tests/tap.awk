# SPDX-License-Identifier: MIT
#
# tap.awk - judge what one TAP producer said
#
# Input: its output. Variables: label (its name), rc (its exit status), counts (a file to which "passed failed
# skipped" is appended). Output: every failure with its diagnostics, every skip with its reason. A producer that
# dies, says nothing, or runs another number of tests than it planned has failed whatever its lines say.
# cmocka 1.1 writes a skip as "not ok N # SKIP name".

# Of a long story its beginning and its end; the log has all of it
function show(text,    lines, n, i)
{
    n = split(text, lines, "\n") - 1
    for (i = 1; i <= n; i++) {
        if (n <= 40 || i <= 15 || i > n - 25)
            print "      " lines[i]
        else if (i == 16)
            print "      ... " n - 40 " more lines in the log"
    }
}

function flush_failure()
{
    if (failing)
        show(diagnostics)
    failing = 0
    diagnostics = ""
}

function failure(what)
{
    failed++
    print "  FAILED " label ": " what
}

/^1\.\.[0-9]+/ {
    plan = substr($1, 4) + 0
    planned = 1
    if (plan == 0 && match($0, /# *[Ss][Kk][Ii][Pp]/)) {
        skipped++
        print "  skipped " label ":" substr($0, RSTART + RLENGTH)
    }
    next
}

/^(not )?ok( |$)/ {
    flush_failure()
    seen++
    name = $0
    sub(/^(not )?ok *[0-9]* *-? */, "", name)
    if (match($0, /# *[Ss][Kk][Ii][Pp][^ ]* */)) {
        skipped++
        print "  skipped " label ": " name
    } else if (/^ok/) {
        passed++
    } else {
        failure(name)
        failing = 1
        diagnostics = before
    }
    before = ""
    next
}

/^Bail out!/ {
    flush_failure()
    failure($0)
    next
}

# a line with "#" explains the result above it, any other line was printed on the way to the next result
/^#/ {
    diagnostics = diagnostics $0 "\n"
    next
}

{
    before = before $0 "\n"
}

END {
    flush_failure()
    if (!planned || plan != seen) {
        failure(planned ? "planned " plan " tests, ran " seen + 0 : "no plan: the run broke off")
        show(before)
    } else if (plan == 0 && !skipped) {
        failure("ran zero tests")
        show(before)
    } else if (rc != 0 && !failed) {
        failure("exit status " rc)
        show(before)
    }
    print passed + 0, failed + 0, skipped + 0 >> counts
}
