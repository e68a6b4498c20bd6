/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <ftw.h>
#include <limits.h>

const char *fake_path(struct fake *f, const char *path)
{
    static char buf[PATH_MAX];

    snprintf(buf, sizeof(buf), "%s/%s", f->dir, path);
    return buf;
}

int fake_setup(void **state)
{
    struct fake *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    strcpy(f->dir, "/tmp/headroom-unit.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_int_equal(root_open(&f->root, f->dir, NULL), 0);
    *state = f;
    return 0;
}

static int remove_one(const char *path, const struct stat *st _unused_, int type _unused_,
                      struct FTW *ftw _unused_)
{
    return remove(path);
}

int fake_teardown(void **state)
{
    struct fake *f = *state;

    root_close(&f->root);
    nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(f);
    return 0;
}

void fake_write_bytes(struct fake *f, const char *path, const void *data, size_t len)
{
    char *dir = strdup(path), *slash;
    _cleanup_(close_fd) int fd = -1;

    assert_non_null(dir);
    slash = strrchr(dir, '/');
    if (slash) {
        *slash = '\0';
        assert_int_equal(root_mkdirs(&f->root, dir, NULL), 0);
    }
    free(dir);
    fd = root_openat(&f->root, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), (ssize_t)len);
}

void fake_write(struct fake *f, const char *path, const char *text)
{
    fake_write_bytes(f, path, text, strlen(text));
}

char *fake_read(struct fake *f, const char *path)
{
    char *text = NULL;

    assert_int_equal(root_read(&f->root, path, &text, NULL, NULL), 0);
    return text;
}

char *fake_data(const char *path)
{
    struct root data = ROOT_INIT;
    char *text = NULL;

    assert_int_equal(root_open(&data, FAKE_DATA, NULL), 0);
    assert_int_equal(root_read(&data, path, &text, NULL, NULL), 0);
    root_close(&data);
    return text;
}

bool fake_exists(struct fake *f, const char *path)
{
    struct stat st;

    return root_stat(&f->root, path, O_NOFOLLOW, &st) == 0;
}

void fake_assert_message(const struct err *e, const char *part)
{
    if (!e->text || !strstr(e->text, part))
        fail_msg("message is \"%s\", wanted it to hold \"%s\"", e->text ? e->text : "(none)", part);
}
