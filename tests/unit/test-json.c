/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "json.h"

struct writer {
    struct json j;
    char *text;
    size_t size;
};

static int setup(void **state)
{
    struct writer *w = calloc(1, sizeof(*w));

    assert_non_null(w);
    w->j = JSON_INIT(open_memstream(&w->text, &w->size));
    assert_non_null(w->j.out);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct writer *w = *state;

    fclose(w->j.out);
    free(w->text);
    free(w);
    return 0;
}

static void assert_written(struct writer *w, const char *wanted)
{
    fflush(w->j.out);
    assert_string_equal(w->text, wanted);
}

static void test_real(void **state)
{
    struct writer *w = *state;

    json_list(&w->j, NULL);
    json_real(&w->j, NULL, 0);
    json_real(&w->j, NULL, 17179869184.);
    json_real(&w->j, NULL, 83.125);
    json_real(&w->j, NULL, -0.5);
    json_real(&w->j, NULL, 1e15);
    json_real(&w->j, NULL, __builtin_nan(""));
    json_real(&w->j, NULL, __builtin_inf());
    json_list_end(&w->j);
    assert_written(w, "[0,17179869184,83.125,-0.5,1e+15,null,null]\n");
}

static void test_object(void **state)
{
    struct writer *w = *state;

    json_object(&w->j, NULL);
    json_string(&w->j, "path", "/swapfile");
    json_string(&w->j, "label", NULL);
    json_number(&w->j, "size", INT64_MAX);
    json_number(&w->j, "priority", -2);
    json_bool(&w->j, "changed", true);
    json_bool(&w->j, "active", false);
    json_null(&w->j, "uuid");
    json_list(&w->j, "actions");
    json_string(&w->j, NULL, "create");
    json_string(&w->j, NULL, "activate");
    json_list_end(&w->j);
    json_object(&w->j, "inner");
    json_object_end(&w->j);
    json_number(&w->j, "last", 0);
    json_object_end(&w->j);
    assert_written(
        w,
        "{\"path\":\"/"
        "swapfile\",\"label\":null,\"size\":9223372036854775807,\"priority\":-2,\"changed\":true,"
        "\"active\":false,\"uuid\":null,\"actions\":[\"create\",\"activate\"],\"inner\":{},"
        "\"last\":0}\n");
}

static void test_list_of_objects(void **state)
{
    struct writer *w = *state;

    json_object(&w->j, NULL);
    json_list(&w->j, "results");
    for (int i = 0; i < 2; i++) {
        json_object(&w->j, NULL);
        json_number(&w->j, "n", i);
        json_list(&w->j, "actions");
        json_list_end(&w->j);
        json_object_end(&w->j);
    }
    json_list_end(&w->j);
    json_bool(&w->j, "done", true);
    json_object_end(&w->j);
    assert_written(
        w,
        "{\"results\":[\n{\"n\":0,\"actions\":[]},\n{\"n\":1,\"actions\":[]}\n],\"done\":true}\n");
}

static void test_empty_list(void **state)
{
    struct writer *w = *state;

    json_list(&w->j, NULL);
    json_list_end(&w->j);
    assert_written(w, "[]\n");
}

static void test_escapes(void **state)
{
    struct writer *w = *state;

    json_string(&w->j, NULL, "a\"b\\c\n\t\x01\x7f/d");
    assert_written(w, "\"a\\\"b\\\\c\\u000a\\u0009\\u0001\\u007f/d\"\n");
}

/* U+FFFD, as it stands in the output */
#define BAD "\xef\xbf\xbd"

static void test_utf8(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"a\xff"
         "b",
         "a" BAD "b"},
        {"\x80", BAD},
        {"\xc3", BAD},                 /* cut off */
        {"\xe2\x82", BAD BAD},         /* cut off */
        {"\xf0\x9f\x98", BAD BAD BAD}, /* cut off */
        {"\xe2\x82x", BAD BAD "x"},
        {"\xc0\x80", BAD BAD},                    /* overlong NUL */
        {"\xe0\x80\x80", BAD BAD BAD},            /* overlong */
        {"\xe0\xa0\x80", "\xe0\xa0\x80"},         /* U+0800 */
        {"\xf0\x80\x80\x80", BAD BAD BAD BAD},    /* overlong */
        {"\xf0\x90\x80\x80", "\xf0\x90\x80\x80"}, /* U+10000 */
        {"\xed\x9f\xbf", "\xed\x9f\xbf"},         /* U+D7FF */
        {"\xed\xa0\x80", BAD BAD BAD},            /* surrogate */
        {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"}, /* U+10FFFF */
        {"\xf4\x90\x80\x80", BAD BAD BAD BAD},    /* beyond */
        {"\xf5\x80\x80\x80", BAD BAD BAD BAD},
    };
    struct writer *w = *state;

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char wanted[64];

        rewind(w->j.out);
        w->j = JSON_INIT(w->j.out);
        json_string(&w->j, NULL, cases[i].in);
        fputc('\0', w->j.out);
        snprintf(wanted, sizeof(wanted), "\"%s\"\n", cases[i].out);
        assert_written(w, wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_object, setup, teardown),
        cmocka_unit_test_setup_teardown(test_real, setup, teardown),
        cmocka_unit_test_setup_teardown(test_list_of_objects, setup, teardown),
        cmocka_unit_test_setup_teardown(test_empty_list, setup, teardown),
        cmocka_unit_test_setup_teardown(test_escapes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_utf8, setup, teardown),
    };

    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
