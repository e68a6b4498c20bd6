/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "table.h"

enum { PATH, SIZE, PRIORITY, BACKING_FILE, REMOVABLE };

static const struct table_column columns[] = {
    [PATH] = {"PATH", TABLE_STRING, true, "where it lies"},
    [SIZE] = {"SIZE", TABLE_SIZE, true, "how large it is"},
    [PRIORITY] = {"PRIORITY", TABLE_NUMBER, false, "its priority"},
    [BACKING_FILE] = {"BACKING-FILE", TABLE_STRING, false, "what is behind it"},
    [REMOVABLE] = {"REMOVABLE", TABLE_BOOL, false, "can it go?"},
    TABLE_COLUMN_END,
};

/* A key that is not the column's name. */
static const struct table_column keyed[] = {
    {"SIZE", TABLE_SIZE, true, "how large it is", "size_bytes"},
    TABLE_COLUMN_END,
};

struct printed {
    struct table_options options;
    struct table *table;
    struct err e;
    char *text;
};

static int setup(void **state)
{
    struct printed *p = calloc(1, sizeof(*p));

    assert_non_null(p);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct printed *p = *state;

    table_free(&p->table);
    err_clear(&p->e);
    free(p->text);
    free(p);
    return 0;
}

static int begin(struct printed *p)
{
    table_free(&p->table);
    err_clear(&p->e);
    return table_new("swaps", columns, &p->options, &p->table, &p->e);
}

/* A row with every cell, one with none, one with what is hard to print. */
static void fill(struct printed *p)
{
    assert_int_equal(begin(p), 0);
    assert_int_equal(table_row(p->table, NULL), 0);
    assert_int_equal(table_set_string(p->table, PATH, "/swapfile", NULL), 0);
    table_set_number(p->table, SIZE, 2147483648);
    table_set_number(p->table, PRIORITY, -2);
    assert_int_equal(table_set_string(p->table, BACKING_FILE, "/img", NULL), 0);
    table_set_number(p->table, REMOVABLE, 1);
    assert_int_equal(table_row(p->table, NULL), 0);
    assert_int_equal(table_row(p->table, NULL), 0);
    assert_int_equal(table_set_string(p->table, PATH, "/a b\\\xff", NULL), 0);
    table_set_number(p->table, SIZE, 0);
    table_set_number(p->table, PRIORITY, 0);
    assert_int_equal(table_set_string(p->table, BACKING_FILE, "", NULL), 0);
    table_set_number(p->table, REMOVABLE, 0);
}

/* What table_print() writes to stdout, into p->text. */
static void print(struct printed *p)
{
    _cleanup_(close_fd) int saved = -1, fd = -1;
    char name[] = "/tmp/headroom-unit.XXXXXX";
    struct stat st;
    int r;

    fflush(stdout);
    saved = dup(STDOUT_FILENO);
    fd = mkstemp(name);
    assert_true(saved >= 0 && fd >= 0);
    assert_int_equal(unlink(name), 0);
    assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
    r = table_print(p->table, &p->e);
    fflush(stdout);
    assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
    assert_int_equal(r, 0);
    assert_int_equal(fstat(fd, &st), 0);
    free(p->text);
    p->text = calloc(1, (size_t)st.st_size + 1);
    assert_non_null(p->text);
    assert_int_equal(pread(fd, p->text, (size_t)st.st_size, 0), st.st_size);
}

static void test_text(void **state)
{
    struct printed *p = *state;

    fill(p);
    print(p);
    assert_string_equal(p->text, "PATH      SIZE\n"
                                 "/swapfile   2G\n"
                                 "-            -\n"
                                 "/a b\\\\xff   0B\n");
}

static void test_text_of_all(void **state)
{
    struct printed *p = *state;

    p->options.output_all = true;
    p->options.bytes = true;
    p->options.noheadings = true;
    fill(p);
    print(p);
    assert_string_equal(p->text, "/swapfile 2147483648       -2 /img         yes\n"
                                 "-                  -        - -            -\n"
                                 "/a b\\\\xff          0        0 -            no\n");
}

static void test_raw(void **state)
{
    struct printed *p = *state;

    p->options.output_all = true;
    p->options.raw = true;
    fill(p);
    print(p);
    assert_string_equal(p->text, "PATH SIZE PRIORITY BACKING-FILE REMOVABLE\n"
                                 "/swapfile 2147483648 -2 /img 1\n"
                                 "- - - - -\n"
                                 "/a\\x20b\\x5c\\xff 0 0 - 0\n");
}

static void test_json(void **state)
{
    struct printed *p = *state;

    p->options.json = true;
    fill(p);
    print(p);
    assert_string_equal(
        p->text,
        "{\"swaps\":[\n"
        "{\"path\":\"/swapfile\",\"size\":2147483648,\"priority\":-2,\"backing_file\":\"/"
        "img\",\"removable\":true},\n"
        "{\"path\":null,\"size\":null,\"priority\":null,\"backing_file\":null,\"removable\":null},"
        "\n"
        "{\"path\":\"/a "
        "b\\\\\xef\xbf\xbd\",\"size\":0,\"priority\":0,\"backing_file\":\"\",\"removable\":false}\n"
        "]}\n");
}

static void test_no_rows(void **state)
{
    struct printed *p = *state;

    assert_int_equal(begin(p), 0);
    print(p);
    assert_string_equal(p->text, "");
    p->options.raw = true;
    assert_int_equal(begin(p), 0);
    print(p);
    assert_string_equal(p->text, "");
    p->options = (struct table_options){.json = true};
    assert_int_equal(begin(p), 0);
    print(p);
    assert_string_equal(p->text, "{\"swaps\":[]}\n");
}

/* The heading tells which columns are printed, in which order. */
static void assert_heading(struct printed *p, const char *output, const char *heading)
{
    p->options = (struct table_options){.output = output, .raw = true};
    assert_int_equal(begin(p), 0);
    assert_int_equal(table_row(p->table, NULL), 0);
    print(p);
    *strchr(p->text, '\n') = '\0';
    assert_string_equal(p->text, heading);
}

static void test_output(void **state)
{
    struct printed *p = *state;

    assert_heading(p, "SIZE,PATH", "SIZE PATH");
    assert_heading(p, "size,Backing-File", "SIZE BACKING-FILE");
    assert_heading(p, "+PRIORITY", "PATH SIZE PRIORITY");
    assert_heading(p, "+PATH,removable", "PATH SIZE REMOVABLE");
    assert_heading(p, "SIZE,SIZE", "SIZE");
    assert_heading(p, NULL, "PATH SIZE");
}

static void test_wants(void **state)
{
    struct printed *p = *state;

    p->options.output = "priority";
    assert_int_equal(begin(p), 0);
    assert_true(table_wants(p->table, PRIORITY));
    assert_false(table_wants(p->table, PATH));
}

static void assert_bad(struct printed *p, const char *output, const char *message)
{
    p->options.output = output;
    assert_int_equal(begin(p), -EINVAL);
    assert_int_equal(p->e.kind, ERR_USAGE);
    assert_string_equal(p->e.text, message);
    assert_null(p->table);
}

static void test_usage(void **state)
{
    struct printed *p = *state;

    assert_bad(p, "ZEBRA",
               "--output: unknown column \"ZEBRA\"; there are PATH, SIZE, PRIORITY, BACKING-FILE, "
               "REMOVABLE");
    assert_bad(p, "PATH,siez", "--output: unknown column \"siez\"; did you mean SIZE?");
    assert_bad(
        p, "PATH,",
        "--output: unknown column \"\"; there are PATH, SIZE, PRIORITY, BACKING-FILE, REMOVABLE");
    assert_bad(
        p, "+",
        "--output: unknown column \"\"; there are PATH, SIZE, PRIORITY, BACKING-FILE, REMOVABLE");
    p->options.json = p->options.raw = true;
    assert_bad(p, NULL, "--json and --raw exclude each other");
    p->options = (struct table_options){.output_all = true};
    assert_bad(p, "PATH", "--output and --output-all exclude each other");
}

static void test_key_and_totals(void **state)
{
    struct printed *p = *state;

    p->options.json = true;
    assert_int_equal(table_new("swaps", keyed, &p->options, &p->table, NULL), 0);
    table_add_total(p->table, "sum_bytes", 7);
    table_add_total(p->table, "other", -1);
    table_add_null_total(p->table, "absent");
    assert_int_equal(table_row(p->table, NULL), 0);
    table_set_number(p->table, 0, 5);
    print(p);
    assert_string_equal(p->text, "{\"swaps\":[\n{\"size_bytes\":5}\n],\"sum_bytes\":7,\"other\":-1,"
                                 "\"absent\":null}\n");
    p->options.json = false;
    p->options.raw = true;
    print(p);
    assert_string_equal(p->text, "SIZE\n5\n");
}

/* No limit is a word where there are numbers else, and is not absent. */
static void test_limit(void **state)
{
    struct printed *p = *state;

    p->options.json = true;
    assert_int_equal(table_new("swaps", keyed, &p->options, &p->table, NULL), 0);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(table_row(p->table, NULL), 0);
        if (i < 2)
            assert_int_equal(table_set_limit(p->table, 0, i ? UINT64_MAX : 2048, NULL), 0);
    }
    print(p);
    assert_string_equal(p->text, "{\"swaps\":[\n{\"size_bytes\":2048},\n{\"size_bytes\":\"max\"},\n"
                                 "{\"size_bytes\":null}\n]}\n");
    p->options.json = false;
    print(p);
    assert_string_equal(p->text, "SIZE\n  2K\n max\n   -\n");
}

/* Lists of words, durations, and a column that is too dear for JSON without -o. */
static const struct table_column listed[] = {
    {"AGE", TABLE_SECONDS, true, "how old it is"},
    {"WORDS", TABLE_WORDS, true, "what it says"},
    {"COST", TABLE_NUMBER, false, "what it costs", .dear = true},
    TABLE_COLUMN_END,
};

static void fill_listed(struct printed *p)
{
    static const struct {
        int64_t age;
        const char *words;
        size_t len;
    } rows[] = {{5400, "b\0a b\0", 6}, {59, "", 0}, {90000, "a", 1}};

    table_free(&p->table);
    assert_int_equal(table_new("rows", listed, &p->options, &p->table, &p->e), 0);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_int_equal(table_row(p->table, NULL), 0);
        table_set_number(p->table, 0, rows[i].age);
        assert_int_equal(table_set_words(p->table, 1, rows[i].words, rows[i].len, NULL), 0);
        table_set_number(p->table, 2, (int64_t)i);
    }
    assert_int_equal(table_row(p->table, NULL), 0);
}

static void test_words_and_seconds(void **state)
{
    struct printed *p = *state;

    fill_listed(p);
    print(p);
    assert_string_equal(p->text, "  AGE WORDS\n"
                                 "1h30m b a b \n"
                                 "  59s -\n"
                                 " 1d1h a\n"
                                 "    - -\n");
    p->options.json = true;
    fill_listed(p);
    print(p);
    assert_string_equal(p->text, "{\"rows\":[\n{\"age\":5400,\"words\":[\"b\",\"a b\",\"\"]},\n"
                                 "{\"age\":59,\"words\":[]},\n{\"age\":90000,\"words\":[\"a\"]},\n"
                                 "{\"age\":null,\"words\":null}\n]}\n");
    assert_false(table_wants(p->table, 2));
    p->options = (struct table_options){.raw = true, .output_all = true};
    fill_listed(p);
    print(p);
    assert_string_equal(p->text, "AGE WORDS COST\n5400 b\\x20a\\x20b\\x20 0\n59 - 1\n90000 a 2\n"
                                 "- - -\n");
}

static void test_sort(void **state)
{
    struct printed *p = *state;
    size_t order[4];

    p->options =
        (struct table_options){.raw = true, .noheadings = true, .output = "age", .sort = "age"};
    fill_listed(p);
    print(p);
    assert_string_equal(p->text, "59\n5400\n90000\n-\n");
    p->options.sort = "-age";
    fill_listed(p);
    print(p);
    assert_string_equal(p->text, "90000\n5400\n59\n-\n");
    /* by a column that is not printed; equals stay as they were */
    p->options.sort = "words,-Cost";
    fill_listed(p);
    assert_true(table_wants(p->table, 1) && table_wants(p->table, 2));
    print(p);
    assert_string_equal(p->text, "59\n90000\n5400\n-\n");
    table_order(p->table, order);
    assert_int_equal(order[0], 1);
    assert_int_equal(order[3], 3);
    p->options.sort = "wrods";
    table_free(&p->table);
    assert_int_equal(table_new("rows", listed, &p->options, &p->table, &p->e), -EINVAL);
    fake_assert_message(&p->e, "--sort: unknown column \"wrods\"; did you mean WORDS?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_text_of_all, setup, teardown),
        cmocka_unit_test_setup_teardown(test_raw, setup, teardown),
        cmocka_unit_test_setup_teardown(test_json, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_output, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wants, setup, teardown),
        cmocka_unit_test_setup_teardown(test_usage, setup, teardown),
        cmocka_unit_test_setup_teardown(test_key_and_totals, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_words_and_seconds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sort, setup, teardown),
    };

    setenv("LC_ALL", "C", 1);
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
