/* SPDX-License-Identifier: MIT */
#include "cgctl.h"
#include "cgwork.h"
#include "listing.h"
#include "monotonic.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

struct args {
    uint64_t delay_ms;
    int sort;
};

static const struct opt opts[] = {
    {'d', "delay", OPT_DURATION, offsetof(struct args, delay_ms), "DURATION",
     "how long between two pictures (default 2s)"},
    {'s', "sort", OPT_CHOICE, offsetof(struct args, sort), "WHAT",
     "the largest first (default memory)", .choices = listing_sort_words},
    OPT_END,
};

static const struct args defaults = {.delay_ms = 2000, .sort = LISTING_BY_MEMORY};

static const struct table_options what = {
    .output = "MEMORY,MEMORY-MAX,SWAP,SWAP-MAX,PSI,CPU,PIDS,OOM-KILLS,GROUP"};

static size_t height(void)
{
    struct winsize size;

    /* the heading, and the line that the cursor is on */
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 3 ? size.ws_row - 2U : 22;
}

/* Return: true if it shall end: "q", a signal, or nobody who could type. */
static bool pause_or_quit(uint64_t ms)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    char key = 0;
    int r = poll(&in, 1, ms > INT32_MAX ? INT32_MAX : (int)ms);

    if (r > 0 && read(STDIN_FILENO, &key, 1) != 1)
        return true;
    return key == 'q' || cmd_interrupted(NULL);
}

/* One picture. Takes @last over, and leaves what it read there for the next one. */
static int draw(const struct args *args, const struct cgwork *w, const char *path,
                struct listing *last, uint64_t *when, struct err *e)
{
    _cleanup_(listing_clear) struct listing l = {.sort = args->sort};
    uint64_t now = monotonic_ms();
    int r = table_new("groups", listing_columns, &what, &l.table, e);

    if (r == 0)
        r = listing_read(&l, &w->tree, path, e);
    if (r < 0)
        return r;
    listing_rates(&l, last, (now - *when) * 1000);
    fputs("\033[H\033[J", stdout);
    r = listing_print(&l, height(), e);
    fflush(stdout);
    listing_clear(last);
    *last = l;
    l = (struct listing){.rows = NULL};
    *when = now;
    return r;
}

static int watch(const struct args *args, const struct cgwork *w, const char *path, struct err *e)
{
    _cleanup_(listing_clear) struct listing last = {.rows = NULL};
    uint64_t when = monotonic_ms();
    int r;

    do
        r = draw(args, w, path, &last, &when, e);
    while (r == 0 && !ferror(stdout) && !pause_or_quit(args->delay_ms));
    return r;
}

static int run(struct cmd_context *ctx, const void *values)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(cgwork_end) struct cgwork w = CGWORK_INIT;
    _cleanup_(free_ptr) char *path = NULL;
    struct termios before, keys;
    int r;

    r = cgwork_look(ctx, &w, &e);
    if (r == 0)
        r = cgwork_path(&w, ctx->n_operands ? ctx->operands[0] : "/", &path, &e);
    if (r == 0 && (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &before) < 0))
        r = err_set(&e, -ENOTTY, "top: there is no terminal; \"cgctl list\" prints once");
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    cmd_signals_catch();
    keys = before;
    keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &keys);
    r = watch(values, &w, path, &e);
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    return r < 0 ? cmd_fail(ctx, r, &e) : CMD_OK;
}

const struct cmd cgctl_top = {
    .name = "top",
    .summary = "watch groups in a terminal",
    .operands = "[GROUP]",
    .about =
        "Shows a group and the groups in it, or all, again and again, the largest first; CPU is "
        "in per cent of one processor since the last picture. \"q\" ends it.",
    .opts = opts,
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .operand = CMD_OPERAND_GROUP,
    .max_operands = 1,
    .run = run,
};
