/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <inttypes.h>
#include <math.h>

#include "utf8.h"

static void quoted(FILE *out, const char *text)
{
    const char *s = text;

    fputc('"', out);
    while (*s) {
        size_t len = utf8_length(s);

        if (len == 0)
            fputs(UTF8_REPLACEMENT, out);
        else if (*s == '"' || *s == '\\')
            fprintf(out, "\\%c", *s);
        else if ((unsigned char)*s < 0x20 || *s == 0x7f)
            fprintf(out, "\\u%04x", *s);
        else
            fwrite(s, 1, len, out);
        s += len ? len : 1;
    }
    fputc('"', out);
}

/* What stands before a value: comma and key. */
static void begin(struct json *j, const char *key)
{
    if (j->comma)
        fputc(',', j->out);
    j->comma = true;
    j->own_line = false;
    if (key) {
        quoted(j->out, key);
        fputc(':', j->out);
    }
}

static void end_outermost(struct json *j)
{
    if (j->depth == 0)
        fputc('\n', j->out);
}

static void open_with(struct json *j, char bracket)
{
    fputc(bracket, j->out);
    j->depth++;
    j->comma = false;
}

static void close_with(struct json *j, char bracket)
{
    fputc(bracket, j->out);
    j->depth--;
    j->comma = true;
    end_outermost(j);
}

void json_object(struct json *j, const char *key)
{
    begin(j, key);
    if (!key && j->depth > 0)
        fputc('\n', j->out);
    open_with(j, '{');
}

void json_object_end(struct json *j)
{
    close_with(j, '}');
    j->own_line = true;
}

void json_list(struct json *j, const char *key)
{
    begin(j, key);
    open_with(j, '[');
}

void json_list_end(struct json *j)
{
    if (j->own_line)
        fputc('\n', j->out);
    close_with(j, ']');
    j->own_line = false;
}

void json_string(struct json *j, const char *key, const char *value)
{
    begin(j, key);
    if (value)
        quoted(j->out, value);
    else
        fputs("null", j->out);
    end_outermost(j);
}

void json_number(struct json *j, const char *key, int64_t value)
{
    begin(j, key);
    fprintf(j->out, "%" PRId64, value);
    end_outermost(j);
}

void json_ratio(struct json *j, const char *key, uint64_t hundredths)
{
    begin(j, key);
    fprintf(j->out, "%" PRIu64 ".%02u", hundredths / 100, (unsigned)(hundredths % 100));
    end_outermost(j);
}

void json_real(struct json *j, const char *key, double value)
{
    begin(j, key);
    if (!isfinite(value))
        fputs("null", j->out);
    else if (value > -1e15 && value < 1e15 && value == (double)(int64_t)value)
        fprintf(j->out, "%" PRId64, (int64_t)value);
    else
        fprintf(j->out, "%.6g", value);
    end_outermost(j);
}

void json_token(struct json *j, const char *key, const char *number)
{
    begin(j, key);
    fputs(number, j->out);
    end_outermost(j);
}

void json_bool(struct json *j, const char *key, bool value)
{
    begin(j, key);
    fputs(value ? "true" : "false", j->out);
    end_outermost(j);
}

void json_null(struct json *j, const char *key)
{
    json_string(j, key, NULL);
}
