/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "opt.h"

struct values {
    bool force, all;
    const char *label, *file, *size;
    int report;
    int64_t priority;
    uint64_t wait;
    int how;
    const char *const *tags, *const *marks;
};

static const char *const hows[] = {"none", "once", "pages", NULL};
static const char *const formats[] = {"none", "text", "json", NULL};

static const struct opt own[] = {
    {'f', "force", OPT_FLAG, offsetof(struct values, force), NULL, "force it"},
    {'L', "label", OPT_STRING, offsetof(struct values, label), "LABEL", "its label"},
    {'s', "size", OPT_SIZE, offsetof(struct values, size), "SIZE", "its size"},
    {'\0', "file", OPT_FILE, offsetof(struct values, file), "FILE", "a file"},
    {'p', "priority", OPT_NUMBER, offsetof(struct values, priority), "N", "its priority", .min = -1,
     .max = 32767},
    {'\0', "wait", OPT_DURATION, offsetof(struct values, wait), "DURATION",
     "how long to wait, in words that are many enough to need a second line when they are shown"},
    {'\0', "how", OPT_CHOICE, offsetof(struct values, how), "HOW", "how to do it", .choices = hows},
    {'\0', "report", OPT_CHOICE, offsetof(struct values, report), "FORMAT", "tell",
     .choices = formats, .implied = "text"},
    {'t', "tag", OPT_STRINGS, offsetof(struct values, tags), "TAG", "one more tag"},
    {'\0', "mark", OPT_STRINGS, offsetof(struct values, marks), "MARK", "one more mark"},
    OPT_END,
};

static const struct opt common[] = {
    {'a', "all", OPT_FLAG, offsetof(struct values, all), NULL, "all of them"},
    OPT_END,
};

struct parsed {
    struct values values;
    struct opt_storage *storage;
    const char *const *operands;
    struct err e;
    enum opt_operands kind;
};

static int setup(void **state)
{
    struct parsed *p = calloc(1, sizeof(*p));

    assert_non_null(p);
    p->values = (struct values){.priority = 7, .how = 2};
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct parsed *p = *state;

    opt_free(p->storage);
    err_clear(&p->e);
    free(p);
    return 0;
}

/* Words separated by one blank; "''" is the empty word. */
static int parse(struct parsed *p, const char *line)
{
    const struct opt_group groups[] = {
        {NULL, own, &p->values}, {"Common options", common, &p->values}, {NULL, NULL, NULL}};
    char *copy = strdup(line), *save = NULL;
    const char *argv[32];
    int argc = 0, r;

    assert_non_null(copy);
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
        argv[argc++] = streq(word, "''") ? "" : word;
    argv[argc] = NULL;
    opt_free(TAKE_PTR(p->storage));
    err_clear(&p->e);
    r = opt_parse(argc, argv, groups, p->kind, &p->operands, &p->storage, &p->e);
    free(copy);
    return r;
}

static void assert_bad(struct parsed *p, const char *line, const char *message)
{
    if (parse(p, line) != -EINVAL)
        fail_msg("\"%s\" was taken", line);
    assert_int_equal(p->e.kind, ERR_USAGE);
    assert_string_equal(p->e.text, message);
    assert_null(p->storage);
}

static void assert_operands(const struct parsed *p, const char *first, const char *second)
{
    assert_string_equal(p->operands[0], first);
    if (!second) {
        assert_null(p->operands[1]);
        return;
    }
    assert_string_equal(p->operands[1], second);
    assert_null(p->operands[2]);
}

static void test_defaults_stay(void **state)
{
    struct parsed *p = *state;

    assert_int_equal(parse(p, "sub"), 0);
    assert_null(p->operands[0]);
    assert_int_equal(p->values.priority, 7);
    assert_int_equal(p->values.how, 2);
    assert_false(p->values.force);
}

static void test_every_type(void **state)
{
    struct parsed *p = *state;

    assert_int_equal(parse(p, "sub --force --label x --size 50% --file /f --priority -1 --wait 1m "
                              "--how once --all op"),
                     0);
    assert_true(p->values.force);
    assert_true(p->values.all);
    assert_string_equal(p->values.label, "x");
    assert_string_equal(p->values.size, "50%");
    assert_string_equal(p->values.file, "/f");
    assert_int_equal(p->values.priority, -1);
    assert_int_equal(p->values.wait, 60000);
    assert_int_equal(p->values.how, 1);
    assert_operands(p, "op", NULL);
}

static void test_spellings_of_a_value(void **state)
{
    static const char *const lines[] = {"sub --size=2G", "sub --size 2G",     "sub -s 2G",
                                        "sub -s2G",      "sub -s=2G",         "sub -fs2G",
                                        "sub -fas 2G",   "sub -s 1 --size 2G"};
    struct parsed *p = *state;

    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        p->values.size = NULL;
        assert_int_equal(parse(p, lines[i]), 0);
        assert_string_equal(p->values.size, "2G");
    }
}

static void test_sizes(void **state)
{
    struct parsed *p = *state;

    assert_int_equal(parse(p, "sub --size auto"), 0);
    assert_int_equal(parse(p, "sub --size 1.5G"), 0);
    assert_int_equal(parse(p, "sub --size"), -EINVAL);
    fake_assert_message(&p->e, "--size: missing SIZE");
    assert_int_equal(parse(p, "sub --size -2G"), -EINVAL);
    fake_assert_message(&p->e, "--size: \"-2G\": not a size");
    assert_int_equal(parse(p, "sub --size 101%"), -EINVAL);
    fake_assert_message(&p->e, "--size: \"101%\": out of range");
    assert_int_equal(parse(p, "sub --size %"), -EINVAL);
    fake_assert_message(&p->e, "--size: \"%\": not a percentage");
}

static void test_operands_keep_their_order(void **state)
{
    struct parsed *p = *state;

    assert_int_equal(parse(p, "sub one --force two"), 0);
    assert_operands(p, "one", "two");
    assert_int_equal(parse(p, "sub -- --force -x"), 0);
    assert_operands(p, "--force", "-x");
    assert_int_equal(parse(p, "sub - ''"), 0);
    assert_operands(p, "-", "");
}

static void test_negative_operands(void **state)
{
    struct parsed *p = *state;

    assert_bad(p, "sub -1", "unknown option -1");
    p->kind = OPT_NUMBERS;
    assert_int_equal(parse(p, "sub a -1"), 0);
    assert_operands(p, "a", "-1");
    assert_int_equal(parse(p, "sub -15 b"), 0);
    assert_operands(p, "-15", "b");
    assert_bad(p, "sub -f1", "unknown option -1");
    assert_bad(p, "sub -x", "unknown option -x");
}

static void test_unknown(void **state)
{
    struct parsed *p = *state;

    assert_bad(p, "sub --siez 2", "unknown option --siez; did you mean --size?");
    assert_bad(p, "sub --siez=2", "unknown option --siez; did you mean --size?");
    assert_bad(p, "sub --prio 2", "unknown option --prio; did you mean --priority?");
    assert_bad(p, "sub --FORCE", "unknown option --FORCE; did you mean --force?");
    assert_bad(p, "sub --zebra", "unknown option --zebra");
    assert_bad(p, "sub -z", "unknown option -z");
    assert_bad(p, "sub -faz", "unknown option -z");
    assert_bad(p, "sub -wait", "unknown option -wait; did you mean --wait?");
}

static void test_wrong_values(void **state)
{
    struct parsed *p = *state;

    assert_bad(p, "sub --force=yes", "--force: takes no value");
    assert_bad(p, "sub --force=", "--force: takes no value");
    assert_bad(p, "sub -f=1", "-f: takes no value");
    assert_bad(p, "sub op -fs", "--size: missing SIZE");
    assert_bad(p, "sub --size=", "--size: is empty; wanted SIZE");
    assert_bad(p, "sub --priority ''", "--priority: is empty; wanted N");
    assert_bad(p, "sub --file ''", "--file: is empty; wanted FILE");
    assert_bad(p, "sub --priority 32768",
               "--priority: \"32768\": out of range; give a number from -1 to 32767");
    assert_bad(p, "sub --how twice", "--how: \"twice\" is not none, once or pages");
    assert_bad(p, "sub --how page",
               "--how: \"page\" is not none, once or pages; did you mean \"pages\"?");
    assert_int_equal(parse(p, "sub --wait 5x"), -EINVAL);
    fake_assert_message(&p->e, "--wait: \"5x\": not a duration");
}

static void test_empty_string_is_a_string(void **state)
{
    struct parsed *p = *state;

    assert_int_equal(parse(p, "sub --label ''"), 0);
    assert_string_equal(p->values.label, "");
    assert_int_equal(parse(p, "sub --label="), 0);
    assert_string_equal(p->values.label, "");
    assert_int_equal(parse(p, "sub --label --force"), 0);
    assert_string_equal(p->values.label, "--force");
    assert_false(p->values.force);
}

static void test_nothing_is_expanded(void **state)
{
    struct parsed *p = *state;

    assert_bad(p, "sub --label=!#:+ op", "--label: a value cannot hold \"!#:+\"");
    assert_bad(p, "sub --label !#:+ op", "--label: a value cannot hold \"!#:+\"");
    assert_int_equal(parse(p, "sub !#:+ op"), 0);
    assert_operands(p, "!#:+", "op");
}

/* The value of such an option is joined to it; what follows is not its own. */
static void test_implied(void **state)
{
    struct parsed *p = *state;

    assert_int_equal(parse(p, "sub --report json"), 0);
    assert_int_equal(p->values.report, 1);
    assert_operands(p, "json", NULL);
    assert_int_equal(parse(p, "sub --report=json op"), 0);
    assert_int_equal(p->values.report, 2);
    assert_int_equal(parse(p, "sub -- --report"), 0);
    assert_operands(p, "--report", NULL);
    assert_bad(p, "sub --report=xml", "--report: \"xml\" is not none, text or json");
}

static void test_command(void **state)
{
    struct parsed *p = *state;

    p->kind = OPT_COMMAND;
    assert_int_equal(parse(p, "sub --force ls --all"), 0);
    assert_true(p->values.force);
    assert_false(p->values.all);
    assert_operands(p, "ls", "--all");
    assert_int_equal(parse(p, "sub -- --all ''"), 0);
    assert_operands(p, "--all", "");
    assert_int_equal(parse(p, "sub ls --report"), 0);
    assert_operands(p, "ls", "--report");
    assert_bad(p, "sub --nonsense ls", "unknown option --nonsense");
}

static void test_help(void **state _unused_)
{
    const struct opt_group groups[] = {
        {NULL, own, NULL}, {"Common options", common, NULL}, {NULL, NULL, NULL}};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    opt_print_help(out, groups);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(
        text, "\n"
              "Options:\n"
              "  -f, --force               force it\n"
              "  -L, --label LABEL         its label\n"
              "  -s, --size SIZE           its size\n"
              "      --file FILE           a file\n"
              "  -p, --priority N          its priority\n"
              "      --wait DURATION       how long to wait, in words that are many enough to\n"
              "                            need a second line when they are shown\n"
              "      --how HOW             how to do it: none, once or pages\n"
              "      --report[=FORMAT]     tell: none, text or json\n"
              "  -t, --tag TAG             one more tag\n"
              "      --mark MARK           one more mark\n"
              "\n"
              "Common options:\n"
              "  -a, --all                 all of them\n");
    free(text);
}

static void test_many_values(void **state)
{
    struct parsed *p = *state;

    assert_int_equal(parse(p, "sub --tag a --mark=x -tb --tag '' --mark y x"), 0);
    assert_string_equal(p->values.tags[0], "a");
    assert_string_equal(p->values.tags[1], "b");
    assert_string_equal(p->values.tags[2], "");
    assert_null(p->values.tags[3]);
    assert_string_equal(p->values.marks[0], "x");
    assert_string_equal(p->values.marks[1], "y");
    assert_null(p->values.marks[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_defaults_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_type, setup, teardown),
        cmocka_unit_test_setup_teardown(test_spellings_of_a_value, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sizes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_operands_keep_their_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_negative_operands, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_empty_string_is_a_string, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_is_expanded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_implied, setup, teardown),
        cmocka_unit_test_setup_teardown(test_command, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_values, setup, teardown),
        cmocka_unit_test(test_help),
    };

    return cmocka_run_group_tests_name("opt", tests, NULL, NULL);
}
