/* SPDX-License-Identifier: MIT */
/* fuzz - what every fuzz target needs; the targets are built and run by ./run */
#ifndef HEADROOM_FUZZ_H
#define HEADROOM_FUZZ_H

#include "err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that holds for every input; the fuzzer keeps the input that breaks it. */
#define MUST(property)                                                                             \
    do {                                                                                           \
        if (!(property)) {                                                                         \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #property);                 \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* The input as text in a block of exactly its size, so that a read behind its NUL is seen. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    MUST(text);
    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

#endif
