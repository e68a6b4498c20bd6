/* SPDX-License-Identifier: MIT */
#include "session.h"
#include "swapctl.h"
#include "swaptag.h"

enum { PATH, TYPE, SIZE, USED, PRIORITY, BACKING_FILE, FSTYPE, UUID, LABEL, PERSISTED };

static const struct table_column columns[] = {
    [PATH] = {"PATH", TABLE_STRING, true, "file or device, as the kernel names it"},
    [TYPE] = {"TYPE", TABLE_STRING, true, "file, partition, loop or zram"},
    [SIZE] = {"SIZE", TABLE_SIZE, true, "size of the area"},
    [USED] = {"USED", TABLE_SIZE, true, "how much of it holds something"},
    [PRIORITY] = {"PRIORITY", TABLE_NUMBER, true, "areas of higher priority are used first"},
    [BACKING_FILE] = {"BACKING-FILE", TABLE_STRING, false, "file behind a loop device"},
    [FSTYPE] = {"FSTYPE", TABLE_STRING, false,
                "file system that the file, or the backing file, lies on"},
    [UUID] = {"UUID", TABLE_STRING, false, "UUID of the area"},
    [LABEL] = {"LABEL", TABLE_STRING, false, "label of the area"},
    [PERSISTED] = {"PERSISTED", TABLE_STRING, true,
                   "where it is declared for the next boot: fstab or unit"},
    TABLE_COLUMN_END,
};

/* What is known of one area beyond /proc/swaps; every part may be missing. */
struct facts {
    int fd;
    struct stat st;
    bool found;
    struct stat declared; /* of what declarations are about: the file behind a loop device */
    bool declarable;
    struct swapheader header;
    char *backing_file;
};

static void facts_clear(struct facts *f)
{
    close_fd(&f->fd);
    free(f->backing_file);
}

/* "/dev/loop0" -> the text of /sys/block/loop0/loop/backing_file. */
static char *backing_file(const struct root *root, const char *device)
{
    _cleanup_(free_ptr) char *path = NULL, *text = NULL;
    const char *name = strrchr(device, '/');

    if (!name || asprintf(&path, "/sys/block%s/loop/backing_file", name) < 0)
        return NULL;
    if (root_read(root, path, &text, NULL, NULL) < 0)
        return NULL;
    text[strcspn(text, "\n")] = '\0';
    return TAKE_PTR(text);
}

static void look(const struct root *root, const struct swaps_area *area, struct facts *f)
{
    *f = (struct facts){.fd = -1};
    f->found = root_stat(root, area->path, 0, &f->st) == 0;
    if (str_after(area->path, "/dev/loop"))
        f->backing_file = backing_file(root, area->path);
    f->declared = f->st;
    f->declarable =
        f->backing_file ? root_stat(root, f->backing_file, 0, &f->declared) == 0 : f->found;
    if (!f->found || !(S_ISREG(f->st.st_mode) || S_ISBLK(f->st.st_mode)))
        return;
    f->fd = root_openat(root, area->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (f->fd >= 0 && swapheader_read(f->fd, &f->header) < 0)
        f->header.kind = SWAPHEADER_NONE;
}

static const char *type_of(const struct swaps_area *area)
{
    if (str_after(area->path, "/dev/loop"))
        return "loop";
    if (str_after(area->path, "/dev/zram"))
        return "zram";
    return area->type == SWAPS_FILE ? "file" : "partition";
}

/* The name of the file system under a file, as precisely as can be told; caller frees. */
static char *fstype_of(const struct root *root, const char *path)
{
    _cleanup_(close_fd) int fd = root_openat(root, path, O_PATH, 0);
    char *type = NULL;
    struct filesystem fs;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return NULL;
    if (filesystem_mounted_as(root, st.st_dev, &type, NULL) == 0 && type)
        return type;
    if (filesystem_of(fd, path, &fs, NULL) < 0 || !fs.name)
        return NULL;
    return strdup(fs.name);
}

static int set_persisted(struct cmd_context *ctx, struct table *t, const struct swaps_area *area,
                         const struct facts *f, const char *uuid, struct err *e)
{
    struct declaration_target target = {
        .path = f->backing_file ? f->backing_file : area->path,
        .uuid = uuid,
        .label = *f->header.label ? f->header.label : NULL,
    };
    enum persist_how how;
    int r;

    if (!table_wants(t, PERSISTED))
        return 0;
    if (f->declarable)
        declaration_target_exists(&target, &f->declared);
    r = persist_find(&ctx->root, &target, &how, e);
    if (r < 0 || how == PERSIST_NONE)
        return r;
    return table_set_string(t, PERSISTED, how == PERSIST_UNIT ? "unit" : "fstab", e);
}

static int set_header(struct table *t, const struct facts *f,
                      char uuid[static SWAPHEADER_UUID_TEXT], struct err *e)
{
    int r = 0;

    *uuid = '\0';
    if (f->header.kind != SWAPHEADER_VALID)
        return 0;
    swapheader_uuid_text(f->header.uuid, uuid);
    r = table_set_string(t, UUID, uuid, e);
    if (r == 0 && *f->header.label)
        r = table_set_string(t, LABEL, f->header.label, e);
    return r;
}

static int add_row(struct cmd_context *ctx, struct table *t, const struct swaps_area *area,
                   struct err *e)
{
    _cleanup_(facts_clear) struct facts f = {.fd = -1};
    _cleanup_(free_ptr) char *fstype = NULL;
    char uuid[SWAPHEADER_UUID_TEXT];
    int r;

    look(&ctx->root, area, &f);
    if (table_wants(t, FSTYPE) && (f.backing_file || area->type == SWAPS_FILE))
        fstype = fstype_of(&ctx->root, f.backing_file ? f.backing_file : area->path);
    r = table_row(t, e);
    if (r < 0)
        return r;
    table_set_number(t, SIZE, (int64_t)area->size);
    table_set_number(t, USED, (int64_t)area->used);
    table_set_number(t, PRIORITY, area->priority);
    r = table_set_string(t, PATH, area->path, e);
    if (r == 0)
        r = table_set_string(t, TYPE, type_of(area), e);
    if (r == 0 && f.backing_file)
        r = table_set_string(t, BACKING_FILE, f.backing_file, e);
    if (r == 0 && fstype)
        r = table_set_string(t, FSTYPE, fstype, e);
    if (r == 0)
        r = set_header(t, &f, uuid, e);
    return r < 0 ? r : set_persisted(ctx, t, area, &f, *uuid ? uuid : NULL, e);
}

/* Return: 0, also if the operand is not active; or a negated errno. */
static int find(const struct root *root, const struct swaps *swaps, const char *operand,
                const struct swaps_area **out, struct err *e)
{
    _cleanup_(free_ptr) char *path = NULL;
    _cleanup_(close_fd) int fd = -1;
    struct stat st;
    int r = 0;

    *out = NULL;
    if (swaptag_is(operand))
        r = swaptag_find(root, swaps, operand, &path, e);
    if (r == -ENODEV)
        return 0;
    if (r < 0)
        return r;
    fd = root_open_named(root, path ? path : operand, O_PATH);
    if (fd >= 0 && fstat(fd, &st) == 0)
        *out = swaparea_find(root, swaps, fd, &st);
    return 0;
}

/* The operands' rows, or all. Return: 0, 1 if an operand is not active, or a negated errno. */
static int add_rows(struct cmd_context *ctx, struct table *t, const struct swaps *swaps,
                    struct err *e)
{
    int r = 0, missing = 0;

    for (size_t i = 0; i < swaps->n && ctx->n_operands == 0 && r == 0; i++)
        r = add_row(ctx, t, &swaps->areas[i], e);
    for (int i = 0; i < ctx->n_operands && r == 0; i++) {
        const struct swaps_area *area;

        r = find(&ctx->root, swaps, ctx->operands[i], &area, e);
        if (r == 0 && area)
            r = add_row(ctx, t, area, e);
        else if (r == 0)
            missing = 1;
    }
    return r < 0 ? r : missing;
}

static int run(struct cmd_context *ctx, const void *values _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(swaps_clear) struct swaps swaps = SWAPS_INIT;
    _cleanup_(table_free) struct table *t = NULL;
    int r, missing = 0;

    r = table_new("swaps", columns, &ctx->common.table, &t, &e);
    if (r == 0)
        r = session_read_swaps(&ctx->root, &swaps, &e);
    if (r == 0)
        r = missing = add_rows(ctx, t, &swaps, &e);
    if (r >= 0)
        r = table_print(t, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    return missing ? CMD_NO : CMD_OK;
}

const struct cmd swapctl_list = {
    .name = "list",
    .summary = "list the active swap areas",
    .operands = "[PATH|UUID=UUID|LABEL=LABEL...]",
    .about = "Lists the active swap areas, or those that are named. Exit status 1: one that was "
             "named is not active.",
    .columns = columns,
    .flags = CMD_TABLE,
    .operand = CMD_OPERAND_ACTIVE_SWAP,
    .min_operands = 0,
    .max_operands = -1,
    .run = run,
};
