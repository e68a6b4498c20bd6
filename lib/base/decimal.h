/* SPDX-License-Identifier: MIT */
/* decimal - numbers as digits, at a tenth of what printf(3) takes */
#ifndef HEADROOM_DECIMAL_H
#define HEADROOM_DECIMAL_H

#include "base.h"

enum { DECIMAL_MAX = 24, DECIMAL_PLACES = 2 };

/* Writes the digits and a NUL. @out has DECIMAL_MAX bytes. Return: where the NUL stands. */
char *decimal_put(char *out, uint64_t n);

/**
 * decimal_put_fixed() - the same with places behind a point, in every locale
 * @n:      0 to 1e15; what is outside is taken for the next that is inside
 * @places: 0 to DECIMAL_PLACES; halves are rounded to even
 */
char *decimal_put_fixed(char *out, double n, unsigned places);

#endif
