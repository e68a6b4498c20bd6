/* SPDX-License-Identifier: MIT */
#include "consumers.h"
#include "liveargs.h"
#include "memwatch.h"
#include "sibling.h"

#include <inttypes.h>

enum { INTERVAL_MIN = 100 };

#define AT(member) offsetof(struct live_args, member)

static const struct opt opts[] = {
    {'i', "interval", OPT_DURATION, AT(interval_ms), "DURATION",
     "how long between two looks (default 2s)"},
    {0, "by", OPT_CHOICE, AT(sort), "WHAT", "begin with the largest of this (default rss)",
     .choices = consumers_sort_words},
    {0, "group-by", OPT_CHOICE, AT(by), "WHAT", "begin with this list (default process)",
     .choices = consumers_by_words},
    OPT_END,
};

static const struct live_args defaults = {.interval_ms = 2000};

/* Where the program lies: beside this one as it was built, or where it was installed. */
static int path_of(const char *folder, char out[static PATH_MAX])
{
    char relative[64];

    if (*folder == '/') {
        snprintf(out, PATH_MAX, "%s/memwatch-live", folder);
        return 0;
    }
    snprintf(relative, sizeof(relative), "%smemwatch-live", folder);
    return sibling_path(relative, out);
}

static void become(const struct cmd_context *ctx, const struct live_args *args)
{
    static const char *const folders[] = {"", "../libexec/headroom/",
                                          HEADROOM_LIBEXECDIR "/headroom"};
    const char *root = ctx->common.root_dir ? ctx->common.root_dir : "/";
    char path[PATH_MAX], interval[32];
    const char *const words[] = {"memwatch",   "live",
                                 "--root",     root,
                                 "--interval", interval,
                                 "--by",       consumers_sort_words[args->sort],
                                 "--group-by", consumers_by_words[args->by],
                                 NULL};

    snprintf(interval, sizeof(interval), "%" PRIu64 "ms", args->interval_ms);
    for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
        if (path_of(folders[i], path) == 0)
            execv(path, (char *const *)(uintptr_t)words);
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct live_args *args = values;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int r;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return cmd_usage(ctx, "live: there is no terminal; \"memwatch top\" and \"memwatch watch\" "
                              "print plain text");
    if (args->interval_ms < INTERVAL_MIN)
        return cmd_usage(ctx, "--interval: must be at least %dms", INTERVAL_MIN);
    become(ctx, args);
    r = -errno;
    if (r == -ENOENT)
        r = err_unsupported(&e, -EOPNOTSUPP,
                            "%s/headroom/memwatch-live: is not there; build it with ncurses",
                            HEADROOM_LIBEXECDIR);
    else
        r = err_sys(&e, r, "%s/headroom/memwatch-live: cannot run", HEADROOM_LIBEXECDIR);
    return cmd_fail(ctx, r, &e);
}

const struct cmd memwatch_live = {
    .name = "live",
    .summary = "watch memory in a terminal",
    .operands = "",
    .about =
        "Shows on a whole terminal how memory is used, who waits for it, who takes it away, and "
        "who uses most. \"?\" explains the keys, \"q\" ends it.",
    .opts = opts,
    .defaults = &defaults,
    .args_size = sizeof(struct live_args),
    .run = run,
};
