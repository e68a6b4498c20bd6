/* SPDX-License-Identifier: MIT */
/*
 * json - write one JSON value to a stream
 *
 * A small push writer; commas, quoting and valid UTF-8 are its business. The value is one line and
 * ends with a newline, but every object in a list has a line of its own, so that line tools have
 * something to hold.
 */
#ifndef HEADROOM_JSON_H
#define HEADROOM_JSON_H

#include "base.h"

struct json {
    FILE *out;
    unsigned depth; /* of open objects and lists */
    bool comma;     /* the next value needs one before it */
    bool own_line;  /* the last value was an object in a list */
};

/* @out is borrowed; whether writing to it succeeded is told by ferror(3) and fflush(3). */
#define JSON_INIT(stream) ((struct json){.out = (stream)})

/* @key: NULL inside a list and for the outermost value. */
void json_object(struct json *j, const char *key);
void json_object_end(struct json *j);
void json_list(struct json *j, const char *key);
void json_list_end(struct json *j);

/* NULL is null; every byte of @value that is no part of valid UTF-8 becomes U+FFFD. */
void json_string(struct json *j, const char *key, const char *value);
void json_number(struct json *j, const char *key, int64_t value);
/* A number with two decimals, given in hundredths. */
void json_ratio(struct json *j, const char *key, uint64_t hundredths);
/* Six digits that count; null for what is no finite number. */
void json_real(struct json *j, const char *key, double value);
/* A number as the caller has written it. */
void json_token(struct json *j, const char *key, const char *number);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);

#endif
