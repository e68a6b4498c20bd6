/* SPDX-License-Identifier: MIT */
/*
 * json - write one JSON value: for answers that are no table
 *
 * A small push writer; commas, quoting and valid UTF-8 are its business. Output is one line unless it is a list of objects.
 */
#ifndef HEADROOM_JSON_H
#define HEADROOM_JSON_H

#include "base.h"

struct json {
    FILE *out;
    bool comma; /* the next value needs one before it */
};

/* @key: NULL inside a list and for the outermost value. */
void json_object(struct json *j, const char *key);
void json_object_end(struct json *j);
void json_list(struct json *j, const char *key);
void json_list_end(struct json *j);
void json_string(struct json *j, const char *key, const char *value); /* NULL is null */
void json_number(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);

/* Replace every byte that is not part of valid UTF-8 by U+FFFD. Return: allocated text; NULL out of memory. */
char *json_utf8(const char *text);

#endif
