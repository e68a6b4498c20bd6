/* SPDX-License-Identifier: MIT */
#include "declared.h"
#include "session.h"
#include "swapctl.h"
#include "sysctl.h"

#include <inttypes.h>

#define SWAPPINESS "vm.swappiness"

enum { PATH, DECLARED, WHERE, SIZE, ACTUAL_SIZE, ACTIVE, PRIORITY, ACTUAL_PRIORITY, LABEL, STATE };

static const struct table_column columns[] = {
    [PATH] = {"PATH", TABLE_STRING, true, "the swap file"},
    [DECLARED] = {"DECLARED", TABLE_STRING, true, "where: fstab or unit"},
    [WHERE] = {"WHERE", TABLE_STRING, false, "the line of fstab, or the unit's file"},
    [SIZE] = {"SIZE", TABLE_SIZE, true, "size that is declared, header page included"},
    [ACTUAL_SIZE] = {"ACTUAL-SIZE", TABLE_SIZE, true, "size of the area that is there"},
    [ACTIVE] = {"ACTIVE", TABLE_BOOL, true, "the kernel swaps to it"},
    [PRIORITY] = {"PRIORITY", TABLE_NUMBER, true, "priority that is declared"},
    [ACTUAL_PRIORITY] = {"ACTUAL-PRIORITY", TABLE_NUMBER, false, "priority that it has"},
    [LABEL] = {"LABEL", TABLE_STRING, false, "label that is declared"},
    [STATE] = {"STATE", TABLE_STRING, true, "ok, or what differs"},
    TABLE_COLUMN_END,
};

/* What can differ, as STATE names it; several are joined by commas. */
enum {
    INVALID = 1 << 0,
    MISSING = 1 << 1,
    NOT_SWAP = 1 << 2,
    INACTIVE = 1 << 3,
    WRONG_SIZE = 1 << 4,
    WRONG_PRIORITY = 1 << 5,
    WRONG_ACCESS = 1 << 6,
    WRONG_LABEL = 1 << 7,
    UNKNOWN = 1 << 8,
    WRONG_BACKING = 1 << 9,
};

static const char *const words[] = {"invalid",  "missing", "not-swap", "inactive", "size",
                                    "priority", "access",  "label",    "unknown",  "backing"};

/* What is there. */
struct actual {
    unsigned state;
    uint64_t size; /* 0: unknown */
    const struct swaps_area *active;
    bool on_loop;
};

static void read_header(const struct root *root, const struct declaration *d, struct actual *a)
{
    _cleanup_(close_fd) int fd = root_openat(root, d->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    struct swapheader h;

    if (fd < 0 || swapheader_read(fd, &h) < 0) {
        /* only root reads what is swapped out; for the others the kernel has to do */
        if (!a->active || d->label)
            a->state |= UNKNOWN;
        return;
    }
    if (h.kind != SWAPHEADER_VALID) {
        a->state |= NOT_SWAP;
        return;
    }
    a->size = h.pages * h.page_size;
    if (d->label && !streq(d->label, h.label))
        a->state |= WRONG_LABEL;
}

static void compare(const struct declaration *d, struct actual *a)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

    if (a->active && !a->size)
        a->size = a->active->size + page;
    if (a->size && a->size != d->size / page * page)
        a->state |= WRONG_SIZE;
    if (!a->active)
        a->state |= INACTIVE;
    if (a->active && d->priority >= 0 && a->active->priority != d->priority)
        a->state |= WRONG_PRIORITY;
    if (a->active && d->backing == DECLARATION_BACKING_LOOP && !a->on_loop)
        a->state |= WRONG_BACKING;
}

static void look(const struct root *root, const struct swaps *swaps, const struct declaration *d,
                 struct actual *a)
{
    _cleanup_(close_fd) int fd = root_openat(root, d->path, O_PATH | O_NOFOLLOW, 0);
    struct stat st, area;

    if (fd == -ENOENT || fd == -ENOTDIR) {
        a->state = MISSING;
        return;
    }
    if (fd < 0 || fstat(fd, &st) < 0) {
        a->state = UNKNOWN;
        return;
    }
    if (!S_ISREG(st.st_mode)) {
        a->state = NOT_SWAP;
        return;
    }
    a->active = swaparea_find(root, swaps, fd, &st);
    a->on_loop = a->active && root_stat(root, a->active->path, 0, &area) == 0 && loop_is(&area);
    if ((st.st_mode & 07777) != 0600 || st.st_uid != 0)
        a->state |= WRONG_ACCESS;
    read_header(root, d, a);
    if (!(a->state & NOT_SWAP))
        compare(d, a);
}

static const char *state_text(unsigned state, char text[static 128])
{
    char *to = text;

    if (!state)
        return "ok";
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (state & 1U << i)
            to += sprintf(to, "%s%s", to > text ? "," : "", words[i]);
    return text;
}

static int fill_row(struct table *t, const struct declared_area *d, const struct actual *a,
                    struct err *e)
{
    char state[128];
    int r;

    r = table_row(t, e);
    if (r == 0)
        r = table_set_string(t, PATH, d->path, e);
    if (r == 0)
        r = table_set_string(t, DECLARED, d->how == PERSIST_UNIT ? "unit" : "fstab", e);
    if (r == 0)
        r = table_set_string(t, WHERE, d->where, e);
    if (r == 0)
        r = table_set_string(t, STATE, state_text(a->state, state), e);
    if (r < 0 || d->problem.text)
        return r;
    table_set_number(t, SIZE, (int64_t)d->d.size);
    if (a->size)
        table_set_number(t, ACTUAL_SIZE, (int64_t)a->size);
    table_set_number(t, ACTIVE, a->active != NULL);
    if (d->d.priority >= 0)
        table_set_number(t, PRIORITY, d->d.priority);
    if (a->active)
        table_set_number(t, ACTUAL_PRIORITY, a->active->priority);
    return table_set_string(t, LABEL, d->label, e);
}

static int add_rows(struct cmd_context *ctx, struct table *t, const struct declared *declared,
                    unsigned *state, struct err *e)
{
    _cleanup_(swaps_clear) struct swaps swaps = SWAPS_INIT;
    int r = session_read_swaps(&ctx->root, &swaps, e);

    for (size_t i = 0; i < declared->n && r == 0; i++) {
        const struct declared_area *d = &declared->areas[i];
        struct actual a = {.state = 0};

        if (d->said_by) {
            cmd_warn(ctx, "%s: declares %s again; what counts is %s", d->where, d->path,
                     d->said_by);
            continue;
        }
        if (d->problem.text) {
            cmd_warn(ctx, "%s", d->problem.text);
            a.state = INVALID;
        } else {
            look(&ctx->root, &swaps, &d->d, &a);
        }
        *state |= a.state;
        r = fill_row(t, d, &a, e);
    }
    return r;
}

/* ---- swappiness, which is no area: a line of its own ---- */

struct swappiness {
    bool declared;
    int64_t wanted, actual;
    char *by; /* what counts instead of our file, or NULL */
};

static void swappiness_clear(struct swappiness *s)
{
    free(s->by);
}

static int read_swappiness(const struct root *root, struct swappiness *s, struct err *e)
{
    int r = sysctl_declared(root, SWAPPINESS, &s->wanted, e);

    if (r <= 0)
        return r;
    r = sysctl_read(root, SWAPPINESS, &s->actual, e);
    if (r == 0)
        r = sysctl_overridden(root, SWAPPINESS, &s->by, e);
    if (r < 0)
        return r;
    s->declared = true;
    return 0;
}

static void print_swappiness(const struct swappiness *s)
{
    printf(SWAPPINESS ": %" PRId64, s->actual);
    if (s->by)
        printf(", as %s may say, which counts more than " SYSCTL_FILE, s->by);
    else if (s->actual != s->wanted)
        printf(", declared: %" PRId64, s->wanted);
    putchar('\n');
}

static int print(const struct cmd_context *ctx, struct table *t, size_t rows,
                 const struct swappiness *s, struct err *e)
{
    const struct table_options *o = &ctx->common.table;
    int r;

    if (s->declared) {
        table_add_total(t, "swappiness", s->wanted);
        table_add_total(t, "actual_swappiness", s->actual);
    } else {
        table_add_null_total(t, "swappiness");
        table_add_null_total(t, "actual_swappiness");
    }
    r = table_print(t, e);
    if (r < 0 || !s->declared || o->json || o->raw || o->noheadings)
        return r;
    if (rows > 0)
        putchar('\n');
    print_swappiness(s);
    return 0;
}

static int run(struct cmd_context *ctx, const void *values _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(declared_clear) struct declared declared = DECLARED_INIT;
    _cleanup_(swappiness_clear) struct swappiness s = {.declared = false};
    _cleanup_(table_free) struct table *t = NULL;
    unsigned state = 0;
    int r, later = 0; /* a failure that is no reason to print nothing */

    r = table_new("areas", columns, &ctx->common.table, &t, &e);
    if (r == 0)
        r = declared_read(&ctx->root, &declared, &e);
    if (r == 0)
        r = add_rows(ctx, t, &declared, &state, &e);
    if (r == 0)
        later = read_swappiness(&ctx->root, &s, &e);
    if (r == 0)
        r = print(ctx, t, declared.n, &s, later < 0 ? NULL : &e);
    if (r < 0 || later < 0)
        return cmd_fail(ctx, r < 0 ? r : later, &e);
    if ((state & ~(unsigned)UNKNOWN) || (s.declared && !s.by && s.actual != s.wanted))
        return CMD_NO;
    return state ? CMD_PARTIAL : CMD_OK;
}

const struct cmd swapctl_status = {
    .name = "status",
    .summary = "compare what is declared with what is true",
    .operands = "",
    .about = "Lists the swap files that were declared by --persist, and whether they are as "
             "declared; a line below the table is about vm.swappiness. Exit status 1: something "
             "differs; \"swapctl apply\" mends it. 4: not all could be looked at.",
    .columns = columns,
    .flags = CMD_TABLE,
    .run = run,
};
