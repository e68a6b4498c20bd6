/* SPDX-License-Identifier: MIT */
#include "swapctl.h"

#include <inttypes.h>

#include "session.h"
#include "size.h"
#include "zswap.h"

static const char *const switch_words[] = {"off", "on", NULL};

/* As the kernel writes them, in the order of switch_words. */
static const char *const switch_values[] = {"N", "Y"};

struct args {
    const char *compressor;
    int64_t max_pool_percent;
    int shrinker;
    bool persist;
};

static const struct args defaults = {.max_pool_percent = -1, .shrinker = -1};

#define AT(member) offsetof(struct args, member)

static const struct opt opts[] = {
    {'\0', "compressor", OPT_STRING, AT(compressor), "NAME",
     "compress with this, one that the kernel has: lzo, lz4, zstd"},
    {'\0', "max-pool-percent", OPT_NUMBER, AT(max_pool_percent), "N",
     "how much of the RAM the pool may take, 1 to 100", .min = 1, .max = 100},
    {'\0', "shrinker", OPT_CHOICE, AT(shrinker), "SWITCH",
     "write cold pages to the disk before the pool is full", .choices = switch_words},
    {'\0', "persist", OPT_FLAG, AT(persist), NULL,
     "keep what is set here for the next boot: write " ZSWAP_FILE},
    OPT_END,
};

/* ---- status ------------------------------------------------------------------------------- */

static struct zswap_number ratio(const struct zswap *z)
{
    struct zswap_number n = {
        .known = z->pool.known && z->stored.known && z->pool.value > 0,
    };

    if (n.known)
        n.value = (uint64_t)((double)z->stored.value * 100 / (double)z->pool.value);
    return n;
}

static void json_switch(struct json *j, const char *key, const char *value)
{
    if (value)
        json_bool(j, key, streq(value, "Y"));
    else
        json_null(j, key);
}

static void json_known(struct json *j, const char *key, struct zswap_number n)
{
    if (n.known)
        json_number(j, key, (int64_t)n.value);
    else
        json_null(j, key);
}

static void json_settings(struct json *j, const struct zswap *z)
{
    const char *percent = z->values[ZSWAP_MAX_POOL_PERCENT];
    int64_t n;

    json_switch(j, "enabled", z->values[ZSWAP_ENABLED]);
    json_string(j, "compressor", z->values[ZSWAP_COMPRESSOR]);
    if (percent && size_parse_number(percent, 0, INT64_MAX, &n, NULL) == 0)
        json_number(j, "max_pool_percent", n);
    else
        json_null(j, "max_pool_percent");
    json_switch(j, "shrinker", z->values[ZSWAP_SHRINKER]);
}

static void show_json(const struct zswap *z)
{
    struct json j = JSON_INIT(stdout);
    struct zswap_number worth = ratio(z);

    json_object(&j, NULL);
    json_settings(&j, z);
    json_known(&j, "pool_limit_bytes", z->limit);
    json_known(&j, "pool_bytes", z->pool);
    json_known(&j, "stored_bytes", z->stored);
    json_known(&j, "stored_pages", z->pages);
    if (worth.known)
        json_ratio(&j, "ratio", worth.value);
    else
        json_null(&j, "ratio");
    json_known(&j, "written_back_pages", z->written_back);
    json_object_end(&j);
}

static void print_text(const char *name, const char *value)
{
    printf("%-19s %s\n", name, value ? value : "-");
}

static void print_switch(const char *name, const char *value)
{
    print_text(name, !value ? NULL : streq(value, "Y") ? "on" : "off");
}

static void print_size(const char *name, struct zswap_number n)
{
    char size[SIZE_TEXT_MAX];

    print_text(name, n.known ? size_format(n.value, size) : NULL);
}

static void print_number(const char *name, struct zswap_number n)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRIu64, n.value);
    print_text(name, n.known ? text : NULL);
}

static void show_text(const struct zswap *z)
{
    struct zswap_number worth = ratio(z);
    char text[32];

    print_switch("enabled:", z->values[ZSWAP_ENABLED]);
    print_text("compressor:", z->values[ZSWAP_COMPRESSOR]);
    print_text("max_pool_percent:", z->values[ZSWAP_MAX_POOL_PERCENT]);
    print_switch("shrinker:", z->values[ZSWAP_SHRINKER]);
    print_size("pool_limit:", z->limit);
    print_size("pool:", z->pool);
    print_size("stored:", z->stored);
    print_number("stored_pages:", z->pages);
    snprintf(text, sizeof(text), "%" PRIu64 ".%02u", worth.value / 100,
             (unsigned)(worth.value % 100));
    print_text("ratio:", worth.known ? text : NULL);
    print_number("written_back_pages:", z->written_back);
}

static int show(struct cmd_context *ctx)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(zswap_clear) struct zswap z = ZSWAP_INIT;
    int r = zswap_read(&ctx->root, &z, &e);

    if (r < 0)
        return cmd_fail(ctx, r, &e);
    if (ctx->common.json)
        show_json(&z);
    else
        show_text(&z);
    return CMD_OK;
}

/* ---- change ------------------------------------------------------------------------------- */

static int plan_both(const struct root *root, const char *const values[static ZSWAP_PARAMETERS],
                     bool persist, struct zswap_change *change, struct plan *plan, struct err *e)
{
    int r = zswap_plan_set(root, values, change, plan, e);

    if (r == -EOPNOTSUPP && persist && !root->live) {
        err_clear(e); /* the tree of a system that does not run has only a next boot */
        r = 0;
    }
    if (r >= 0 && persist)
        r = zswap_plan_persist(root, values, change, plan, e);
    return r < 0 ? r : 0;
}

static void answer(const struct cmd_context *ctx, const struct plan *plan)
{
    _cleanup_(zswap_clear) struct zswap z = ZSWAP_INIT;
    struct json j = JSON_INIT(stdout);

    if (!ctx->common.json) {
        puts(plan->n > 0 ? "changed" : "unchanged");
        return;
    }
    (void)zswap_read(&ctx->root, &z, NULL);
    json_object(&j, NULL);
    json_settings(&j, &z);
    json_bool(&j, "changed", plan->n > 0);
    cmd_json_actions(&j, plan);
    json_object_end(&j);
}

static int change(struct cmd_context *ctx, const char *const values[static ZSWAP_PARAMETERS],
                  bool persist)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(session_end) struct session session = SESSION_INIT;
    _cleanup_(zswap_change_clear) struct zswap_change work = ZSWAP_CHANGE_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    int r;

    r = session_begin(ctx, false, &session, &e);
    if (r >= 0)
        r = plan_both(&ctx->root, values, persist, &work, &plan, &e);
    if (r >= 0)
        r = cmd_plan_run(ctx, &plan, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    answer(ctx, &plan);
    return CMD_OK;
}

/* A compressor's name goes into a file and onto the kernel's command line. */
static bool is_name(const char *text)
{
    return *text && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789-_()") == strlen(text);
}

static int run(struct cmd_context *ctx, const void *data)
{
    const struct args *args = data;
    const char *values[ZSWAP_PARAMETERS] = {NULL}, *word = ctx->operands[0];
    bool any = word || args->compressor || args->max_pool_percent >= 0 || args->shrinker >= 0;
    char percent[8];

    if (!any && args->persist)
        return cmd_usage(ctx, "--persist: missing what to keep: on, off or an option");
    if (!any)
        return show(ctx);
    if (word && !streq(word, "on") && !streq(word, "off"))
        return cmd_usage(ctx, "\"%s\" is not on or off", word);
    if (args->compressor && !is_name(args->compressor))
        return cmd_usage(ctx, "--compressor: \"%s\" is no name of a compressor", args->compressor);
    if (word)
        values[ZSWAP_ENABLED] = switch_values[streq(word, "on")];
    values[ZSWAP_COMPRESSOR] = args->compressor;
    if (args->max_pool_percent >= 0) {
        snprintf(percent, sizeof(percent), "%d", (int)args->max_pool_percent);
        values[ZSWAP_MAX_POOL_PERCENT] = percent;
    }
    if (args->shrinker >= 0)
        values[ZSWAP_SHRINKER] = switch_values[args->shrinker];
    return change(ctx, values, args->persist);
}

const struct cmd swapctl_zswap = {
    .name = "zswap",
    .summary = "show or set the compressed cache in front of swap",
    .operands = "[on|off]",
    .about = "Shows how zswap is set and what it holds, or sets it and says whether that changed "
             "anything. Pages on their way to swap are compressed and kept in RAM; what is cold "
             "goes on to the disk. It needs a swap area behind it.",
    .opts = opts,
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_WORD,
    .words = switch_words,
    .max_operands = 1,
    .run = run,
};
