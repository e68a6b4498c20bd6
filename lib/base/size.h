/* SPDX-License-Identifier: MIT */
/*
 * size - numbers as people write them, read strictly
 *
 * Nothing here accepts what strtoull(3) would: no sign, no leading blanks, no trailing garbage, no
 * silent overflow, no empty string.
 */
#ifndef HEADROOM_SIZE_H
#define HEADROOM_SIZE_H

#include "err.h"

/**
 * size_parse() - read a size in bytes as util-linux does
 * @text: digits with an optional fraction and suffix: "4096", "512M", "2G", "2GiB" (powers of
 * 1024), "2GB" (powers of 1000), "1.5G"; suffixes B K M G T P E, upper or lower case. A fraction
 * needs a suffix; the decimal point is "." in every locale. The result of a fraction is rounded
 * down to bytes.
 *
 * Return: 0; -EINVAL if it is not a size; -ERANGE if it does not fit 64 bits; both as ERR_USAGE.
 */
int size_parse(const char *text, uint64_t *out, struct err *e);

/* "50%" -> 50.0 (0 to 100, fractions allowed). Return: 0, -EINVAL or -ERANGE as ERR_USAGE. */
int size_parse_percent(const char *text, double *out, struct err *e);

/* "12", "0.53": a number with an optional fraction, below 10^15. Return: 0, -EINVAL or -ERANGE as
 * ERR_USAGE. */
int size_parse_decimal(const char *text, double *out, struct err *e);

/* A plain decimal number, with an optional '-' if @min is negative. Return: 0, -EINVAL or -ERANGE
 * as ERR_USAGE. */
int size_parse_number(const char *text, int64_t min, int64_t max, int64_t *out, struct err *e);

/**
 * size_parse_duration() - read a duration
 * @text: "90", "90s", "500ms", "1.5s", "5m", "1h30m", "3d"; a bare number is seconds; units
 * strictly descending
 * @ms:   milliseconds; what is less than one is dropped
 *
 * Return: 0, -EINVAL or -ERANGE as ERR_USAGE.
 */
int size_parse_duration(const char *text, uint64_t *ms, struct err *e);

enum { SIZE_TEXT_MAX = 24 };

/* Bytes for people, as util-linux prints them: "0B", "512B", "40K", "1.5G", "2G"; at most one
 * decimal. Return: @buf. */
const char *size_format(uint64_t bytes, char buf[static SIZE_TEXT_MAX]);

/* Seconds for people, the two largest units: "0s", "59s", "1h30m", "3d4h". Return: @buf. */
const char *size_format_duration(uint64_t seconds, char buf[static SIZE_TEXT_MAX]);

#endif
