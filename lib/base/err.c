/* SPDX-License-Identifier: MIT */
#include "err.h"

#include <stdarg.h>

/* Stands in when there is no memory for a message; never freed. */
static const char out_of_memory[] = "out of memory";

void err_clear(struct err *e)
{
    if (e->text != out_of_memory)
        free(e->text);
    e->text = NULL;
    e->kind = ERR_FAILED;
}

static enum err_kind kind_of(int r)
{
    switch (r) {
    case -EOPNOTSUPP:
        return ERR_UNSUPPORTED;
    case -ETIMEDOUT:
        return ERR_TIMEOUT;
    case -EINTR:
        return ERR_INTERRUPTED;
    default:
        return ERR_FAILED;
    }
}

static void record(struct err *e, enum err_kind kind, int system, const char *fmt, va_list ap)
{
    char *text, *whole;

    if (vasprintf(&text, fmt, ap) < 0)
        text = (char *)out_of_memory;
    if (system && text != out_of_memory) {
        if (asprintf(&whole, "%s: %s", text, strerror(system)) < 0)
            whole = (char *)out_of_memory;
        free(text);
        text = whole;
    }
    /* only now: the arguments may point into the older message */
    err_clear(e);
    e->kind = kind;
    e->text = text;
}

#define RECORD(kind, system)                                                                       \
    do {                                                                                           \
        va_list ap;                                                                                \
        if (e) {                                                                                   \
            va_start(ap, fmt);                                                                     \
            record(e, kind, system, fmt, ap);                                                      \
            va_end(ap);                                                                            \
        }                                                                                          \
        return r;                                                                                  \
    } while (0)

int err_set(struct err *e, int r, const char *fmt, ...)
{
    RECORD(kind_of(r), 0);
}

int err_sys(struct err *e, int r, const char *fmt, ...)
{
    RECORD(kind_of(r), -r);
}

int err_refuse(struct err *e, int r, const char *fmt, ...)
{
    RECORD(ERR_REFUSED, 0);
}

int err_unsupported(struct err *e, int r, const char *fmt, ...)
{
    RECORD(ERR_UNSUPPORTED, 0);
}

int err_usage(struct err *e, int r, const char *fmt, ...)
{
    RECORD(ERR_USAGE, 0);
}

void err_append(struct err *e, const char *fmt, ...)
{
    va_list ap;
    char *more, *whole;
    int n;

    if (!e || !e->text)
        return;
    va_start(ap, fmt);
    n = vasprintf(&more, fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    n = asprintf(&whole, "%s%s", e->text, more);
    free(more);
    if (n < 0)
        return;
    if (e->text != out_of_memory)
        free(e->text);
    e->text = whole;
}

int err_oom(struct err *e)
{
    if (e) {
        err_clear(e);
        e->text = (char *)out_of_memory;
    }
    return -ENOMEM;
}
