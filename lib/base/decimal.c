/* SPDX-License-Identifier: MIT */
#include "decimal.h"

char *decimal_put(char *out, uint64_t n)
{
    char digits[DECIMAL_MAX], *p = digits + sizeof(digits);
    size_t len;

    do {
        *--p = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    len = (size_t)(digits + sizeof(digits) - p);
    memcpy(out, p, len);
    out[len] = '\0';
    return out + len;
}

/* The nearest whole number, of two that are as near the even one. */
static uint64_t nearest(double n)
{
    uint64_t whole = (uint64_t)n;
    double rest = n - (double)whole;

    return whole + (rest > 0.5 || (rest == 0.5 && whole % 2 == 1));
}

char *decimal_put_fixed(char *out, double n, unsigned places)
{
    static const unsigned char scales[DECIMAL_PLACES + 1] = {1, 10, 100};
    uint64_t scale = scales[places], all;

    n = n > 0 ? n : 0;
    all = nearest((n < 1e15 ? n : 1e15) * (double)scale);
    out = decimal_put(out, all / scale);
    if (places > 0) {
        all %= scale;
        *out++ = '.';
        if (places == 2)
            *out++ = (char)('0' + all / 10);
        *out++ = (char)('0' + all % 10);
        *out = '\0';
    }
    return out;
}
