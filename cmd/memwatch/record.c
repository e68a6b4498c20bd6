/* SPDX-License-Identifier: MIT */
#include "memwatch.h"

#include <inttypes.h>
#include <signal.h>

#include "meter.h"
#include "recorder.h"
#include "size.h"

struct args {
    uint64_t interval_ms;
    int64_t count;
    const char *rotate;
};

static const struct opt opts[] = {
    {'i', "interval", OPT_DURATION, offsetof(struct args, interval_ms), "SECONDS",
     "from one sample to the next (default: 1)"},
    {'c', "count", OPT_NUMBER, offsetof(struct args, count), "N",
     "so many samples (default: until it is told to stop)", .min = 1, .max = INT64_MAX},
    {0, "rotate", OPT_STRING, offsetof(struct args, rotate), "SIZE:N",
     "let FILE grow to SIZE, and keep N older ones as FILE.1 to FILE.N"},
    OPT_END,
};

static const struct args defaults = {.interval_ms = 1000};

enum { ROTATE_LEAST = 4096, ROTATE_KEEP_MAX = 9999 };

struct recording {
    struct cmd_context *ctx;
    const struct args *args;
    struct meter meter;
    struct recorder_rotation rotation;
    struct recorder *recorder;
    int64_t taken; /* samples, written or not */
    uint64_t lost; /* those that could not be written, since it was told last */
    int trouble;   /* the errno that was told last; 0: none */
    bool incomplete;
};

static void recording_clear(struct recording *r)
{
    recorder_free(&r->recorder);
    meter_clear(&r->meter);
}

/* "64M:5" */
static int read_rotation(const char *text, struct recorder_rotation *out, struct err *e)
{
    const char *colon = text ? strchr(text, ':') : NULL;
    _cleanup_(free_ptr) char *size = NULL;
    int64_t keep;

    if (!text)
        return 0;
    size = colon ? strndup(text, (size_t)(colon - text)) : strdup("");
    if (!size)
        return err_oom(e);
    if (!colon || size_parse(size, &out->size, NULL) < 0 || out->size < ROTATE_LEAST ||
        out->size > INT64_MAX || size_parse_number(colon + 1, 1, ROTATE_KEEP_MAX, &keep, NULL) < 0)
        return err_usage(e, -EINVAL,
                         "--rotate: \"%s\" is not SIZE:N, a size of at least 4K and a number from "
                         "1 to %d, as 16M:8",
                         text, ROTATE_KEEP_MAX);
    out->keep = (unsigned)keep;
    return 0;
}

/* The kernel's name of this boot, "01234567-89ab-...", as bytes; zeros where it tells none. */
static void read_boot(const struct root *root, uint8_t out[static HISTORY_BOOT])
{
    _cleanup_(free_ptr) char *text = NULL;
    uint8_t id[HISTORY_BOOT] = {0};
    size_t digits = 0;

    if (root_read(root, "/proc/sys/kernel/random/boot_id", &text, NULL, NULL) < 0)
        return;
    for (const char *c = text; *c && digits < 2 * sizeof(id); c++) {
        static const char hex[] = "0123456789abcdef";
        const char *digit = strchr(hex, *c);

        if (!digit)
            continue;
        id[digits / 2] = (uint8_t)(id[digits / 2] << 4 | (digit - hex));
        digits++;
    }
    if (digits == 2 * sizeof(id))
        memcpy(out, id, sizeof(id));
}

static int open_recorder(struct recording *r, struct err *e)
{
    _cleanup_(history_header_clear) struct history_header h = {.interval_ms = r->args->interval_ms};

    read_boot(&r->ctx->root, h.boot);
    h.metrics = calloc(r->meter.n, sizeof(*h.metrics));
    if (!h.metrics)
        return err_oom(e);
    for (; h.n < r->meter.n; h.n++) {
        const struct history_metric *m = &r->meter.names[h.n];

        h.metrics[h.n] = (struct history_metric){m->unit, strdup(m->name)};
        if (!h.metrics[h.n].name)
            return err_oom(e);
    }
    return recorder_open(r->ctx->operands[0], &r->rotation, &h, &r->recorder, e);
}

/* A full disk is told once, and once that it is over. */
static void tell_trouble(struct recording *r, int result, const struct err *e)
{
    if (result < 0) {
        r->lost++;
        r->incomplete = true;
        if (r->trouble != result)
            cmd_warn(r->ctx, "%s; trying again with every sample", e->text);
    } else if (r->trouble != 0) {
        cmd_warn(r->ctx, "%s: can be written again; %" PRIu64 " sample%s missing",
                 r->ctx->operands[0], r->lost, r->lost == 1 ? " is" : "s are");
        r->lost = 0;
    }
    r->trouble = result < 0 ? result : 0;
}

static void write_sample(struct recording *r)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int result;

    meter_take(&r->meter);
    r->taken++;
    result = recorder_add(r->recorder, &r->meter.sample, &e);
    tell_trouble(r, result, &e);
}

/* ---- SIGHUP: the file was renamed */

static volatile sig_atomic_t hung_up;

static void note_hangup(int number _unused_)
{
    hung_up = 1;
}

static void reopen(struct recording *r)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    hung_up = 0;
    if (recorder_reopen(r->recorder, &e) < 0)
        cmd_warn(r->ctx, "%s; the old file is written on", e.text);
}

/* Return: 0, or -EINTR when it is to end. */
static int wait_tick(struct recording *r)
{
    for (;;) {
        int n = meter_wait(&r->meter);

        if (n != -EINTR || cmd_interrupted(NULL))
            return n;
        if (hung_up)
            reopen(r);
    }
}

static int record(struct recording *r)
{
    const struct sigaction reopening = {.sa_handler = note_hangup};
    int n = 0;

    meter_start(&r->meter, r->args->interval_ms);
    /* from a terminal it says that the terminal is gone, as ever */
    if (!isatty(STDERR_FILENO))
        sigaction(SIGHUP, &reopening, NULL);
    while (n == 0) {
        write_sample(r);
        if (r->args->count > 0 && r->taken >= r->args->count)
            break;
        n = wait_tick(r);
    }
    return n;
}

static int begin(struct recording *r, struct err *e)
{
    int ret = read_rotation(r->args->rotate, &r->rotation, e);

    if (ret == 0)
        ret = meter_begin(&r->meter, &r->ctx->root, r->ctx->operands + 1, e);
    return ret < 0 ? ret : open_recorder(r, e);
}

static int run(struct cmd_context *ctx, const void *values)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(recording_clear) struct recording r = {.ctx = ctx, .args = values};
    int n;

    if (r.args->interval_ms == 0)
        return cmd_usage(ctx, "--interval: must be more than 0");
    n = begin(&r, &e);
    if (n < 0)
        return cmd_fail(ctx, n, &e);
    n = record(&r);
    if (n < 0 && n != -EINTR) {
        err_sys(&e, n, "cannot wait");
        return cmd_fail(ctx, n, &e);
    }
    if (recorder_sync(r.recorder, &e) < 0)
        return cmd_fail(ctx, -EIO, &e);
    sigprocmask(SIG_SETMASK, &r.meter.open, NULL);
    if (n == -EINTR)
        return CMD_FAILED; /* dies by the signal */
    return r.incomplete ? CMD_PARTIAL : CMD_OK;
}

const struct cmd memwatch_record = {
    .name = "record",
    .summary = "append measures to a file",
    .operands = "FILE [METRIC...]",
    .about = "Appends a sample at each interval to FILE, which survives kills, full disks and "
             "reboots; \"replay\" and \"plot\" read it. SIGHUP opens FILE anew, SIGTERM ends it.",
    .opts = opts,
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .operand = CMD_OPERAND_FILE,
    .min_operands = 1,
    .max_operands = -1,
    .run = run,
};
