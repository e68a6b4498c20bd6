/* SPDX-License-Identifier: MIT */
#include "fakeproc.h"
#include "script.h"

/* "": runs none */
static void check(const char *exe, const char *bars, const char *wanted)
{
    size_t len;
    _cleanup_(free_ptr) char *words = fakeproc_words(bars, &len);
    struct kv_span line = {words, proc_cmdline_length(words, len)}, found = {NULL, 0};
    bool r = script_find((struct kv_span){exe, strlen(exe)}, line, &found);

    if (r != (*wanted != '\0') || (r && !kv_span_eq(found, wanted)))
        fail_msg("%s %s: got \"%.*s\"", exe, bars, r ? (int)found.n : 0, r ? found.p : "");
}

static void test_shells(void **state _unused_)
{
    check("/usr/bin/dash", "/bin/sh|/x/a.sh|-c", "/x/a.sh");
    check("/usr/bin/bash", "bash|-eu|-o|pipefail|a.sh|b", "a.sh");
    check("/usr/bin/bash", "bash|+x|--norc|--rcfile|r|a.sh", "a.sh");
    check("/usr/bin/bash", "bash|-c|a.sh|b.sh", "");
    check("/usr/bin/bash", "bash|-ec|a.sh", "");
    check("/usr/bin/bash", "bash", "");
    check("/usr/bin/bash", "-bash", "");
    check("/usr/bin/bash", "bash|--|-odd", "-odd");
    check("/usr/bin/bash", "bash|-", "");
    check("/usr/bin/busybox", "sh|a.sh", "a.sh");
}

static void test_others(void **state _unused_)
{
    check("/usr/bin/python3.11", "python3|-u|-W|ignore|-Xdev|/x/a.py", "/x/a.py");
    check("/usr/bin/python3.11", "python3|-m|http.server", "");
    check("/usr/bin/python3.11", "python3|-uc|print()", "");
    check("/usr/bin/pythonista", "pythonista|a.py", "");
    check("/usr/bin/perl", "perl|-w|-Ilib|a.pl", "a.pl");
    check("/usr/bin/perl", "perl|-ne|print|file", "");
    check("/usr/bin/node", "node|--require|x|--inspect|a.js", "a.js");
    check("/usr/bin/node", "node|--eval|x", "");
    check("/usr/bin/php8.2", "php|-f|a.php|b", "a.php");
    check("/usr/bin/gawk", "awk|-F|:|-f|a.awk|file", "a.awk");
    check("/usr/bin/gawk", "awk|{print}|file", "");
    check("/usr/bin/vi", "vi|a.sh", "");
    check("", "/usr/bin/ruby3.1|a.rb", "a.rb");
    check("", "", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shells),
        cmocka_unit_test(test_others),
    };

    return cmocka_run_group_tests_name("script", tests, NULL, NULL);
}
