/* SPDX-License-Identifier: MIT */
/* fake - a temporary directory that stands for "/", and what every unit test needs */
#ifndef HEADROOM_TEST_FAKE_H
#define HEADROOM_TEST_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "root.h"

struct fake {
    char dir[64];
    struct root root;
};

/* cmocka fixtures: *state is a struct fake. */
int fake_setup(void **state);
int fake_teardown(void **state);

/* Write a file below the fake root, its folders too; mode 0644. */
void fake_write(struct fake *f, const char *path, const char *text);
void fake_write_bytes(struct fake *f, const char *path, const void *data, size_t len);
/* The file's content, caller frees; fails the test if it is not there. */
char *fake_read(struct fake *f, const char *path);
/* The content of a file below tests/data, caller frees. */
char *fake_data(const char *path);
bool fake_exists(struct fake *f, const char *path);
/* "DIR/path" in a buffer that the next call overwrites. */
const char *fake_path(struct fake *f, const char *path);

/* The message holds @part; shows both when it does not. */
void fake_assert_message(const struct err *e, const char *part);

#endif
