/* SPDX-License-Identifier: MIT */
#include "trigger.h"

#include "kv.h"
#include "size.h"
#include <inttypes.h>

enum { TEXT = 64, LONGEST_MS = 10000 };

static int parse_time(const char *text, size_t n, uint64_t *us, struct err *e)
{
    _cleanup_(free_ptr) char *copy = strndup(text, n);
    uint64_t ms;
    int r;

    if (!copy)
        return err_oom(e);
    r = size_parse_duration(copy, &ms, e);
    if (r == 0 && (ms == 0 || ms > LONGEST_MS))
        r = err_usage(e, -ERANGE, "%s: the kernel takes 1ms to 10s", copy);
    *us = r == 0 ? ms * 1000 : 0;
    return r;
}

int trigger_parse(const char *text, struct trigger *out, struct err *e)
{
    const char *colon = strchr(text, ':'), *slash = colon ? strchr(colon, '/') : NULL;
    struct kv_span kind = {text, colon ? (size_t)(colon - text) : 0};
    struct trigger t = {.full = kv_span_eq(kind, "full")};
    int r;

    if (!slash || (!t.full && !kv_span_eq(kind, "some")))
        return err_usage(e, -EINVAL, "\"%s\" is not some:150ms/2s or full:150ms/2s", text);
    r = parse_time(colon + 1, (size_t)(slash - colon - 1), &t.stall_us, e);
    if (r == 0)
        r = parse_time(slash + 1, strlen(slash + 1), &t.window_us, e);
    if (r == 0 && t.stall_us > t.window_us)
        r = err_usage(e, -ERANGE, "\"%s\": the stall is longer than the window", text);
    if (r == 0)
        *out = t;
    return r;
}

int trigger_arm(int fd, const char *name, const struct trigger *t, struct err *e)
{
    char text[TEXT];
    int n = snprintf(text, sizeof(text), "%s %" PRIu64 " %" PRIu64, t->full ? "full" : "some",
                     t->stall_us, t->window_us);

    /* with its NUL: the kernel cuts the last byte off */
    if (write(fd, text, (size_t)n + 1) >= 0)
        return 0;
    if (errno == EINVAL)
        return err_set(e, -EINVAL,
                       "%s: the kernel does not take that window; without CAP_SYS_RESOURCE it must "
                       "be a multiple of 2s, never more than 10s, and on older kernels at least "
                       "500ms",
                       name);
    return err_sys(e, -errno, "%s: cannot ask the kernel to tell of pressure", name);
}
