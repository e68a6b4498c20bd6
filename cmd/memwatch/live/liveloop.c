/* SPDX-License-Identifier: MIT */
#include "liveloop.h"
#include "liveargs.h"
#include "liveview.h"

#include <curses.h>

/* ---- keys */

/* A filter is typed. Return: true when it is whole. */
static bool type(struct liveview *v, int key)
{
    size_t n = strlen(v->typed);

    if (key == 27) { /* escape */
        v->typing = false;
        v->choice.filter[0] = '\0';
        return true;
    }
    if (key == '\r' || key == '\n' || key == KEY_ENTER) {
        v->typing = false;
        memcpy(v->choice.filter, v->typed, n + 1);
        return true;
    }
    if ((key == KEY_BACKSPACE || key == 127 || key == '\b') && n > 0) {
        do
            v->typed[--n] = '\0';
        while (n > 0 && ((unsigned char)v->typed[n - 1] & 0xc0) == 0x80);
    } else if (key >= ' ' && key <= 0xff && key != 127 && n + 1 < sizeof(v->typed)) {
        v->typed[n] = (char)key;
        v->typed[n + 1] = '\0';
    }
    return false;
}

static bool choose_order(struct liveview *v, int key)
{
    static const char keys[] = {[CONSUMERS_BY_RSS] = 'm',
                                [CONSUMERS_BY_PSS] = 'p',
                                [CONSUMERS_BY_USS] = 'u',
                                [CONSUMERS_BY_SWAP] = 's',
                                [CONSUMERS_BY_GROWTH] = 'g'};

    for (size_t i = 0; i < sizeof(keys); i++) {
        if (keys[i] == key) {
            v->choice.sort = (enum consumers_sort)i;
            return true;
        }
    }
    return false;
}

/* Return: true if there is another choice. What asks for another list ends the freeze. */
static bool choose(struct liveview *v, int key)
{
    bool other = true;

    switch (key) {
    case ' ':
        v->choice.frozen = !v->choice.frozen;
        return true;
    case '\t':
        v->choice.by = (v->choice.by + 1) % (PROCUSAGE_NAME + 1);
        break;
    case KEY_BTAB:
        v->choice.by = (v->choice.by + PROCUSAGE_NAME) % (PROCUSAGE_NAME + 1);
        break;
    case '/':
        v->typing = true;
        memcpy(v->typed, v->choice.filter, sizeof(v->typed));
        return false;
    case '?':
    case 'h':
        v->help = true;
        return false;
    case KEY_RESIZE:
        v->choice.most = liveview_rows();
        return true;
    default:
        other = choose_order(v, key);
        break;
    }
    if (other)
        v->choice.frozen = false;
    return other;
}

/* Return: true if it shall end. */
static bool press(struct liveview *v, struct livedata *d, int key)
{
    bool other;

    if (v->help && key != KEY_RESIZE) {
        v->help = false;
        return false;
    }
    if (!v->typing && (key == 'q' || key == 'Q'))
        return true;
    if (v->typing && key != KEY_RESIZE) {
        other = type(v, key);
        if (other)
            v->choice.frozen = false;
    } else {
        other = choose(v, key);
    }
    if (other)
        livedata_choose(d, &v->choice);
    return false;
}

/* ---- the loop */

static void take(struct liveview *v, struct livedata *d)
{
    struct livedata_shot *shot = livedata_take(d);

    /* the last one from before it froze */
    if (shot && v->choice.frozen && v->shot) {
        livedata_shot_free(&shot);
        return;
    }
    if (!shot)
        return;
    livedata_shot_free(&v->shot);
    v->shot = shot;
}

/* Return: 0, or -EIO when the terminal is gone. */
static int loop(struct liveview *v, struct livedata *d, struct err *e)
{
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                           {.fd = livedata_fd(d), .events = POLLIN}};
    bool ends = false;
    int key;

    while (!ends && !cmd_interrupted(NULL)) {
        liveview_draw(v);
        fds[0].revents = fds[1].revents = 0;
        liveterm_wait(fds, ARRAY_SIZE(fds));
        if (fds[1].revents)
            take(v, d);
        while (!ends && (key = getch()) != ERR)
            ends = press(v, d, key);
        if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
            return err_set(e, -EIO, "live: the terminal is gone");
    }
    return cmd_interrupted(NULL) ? err_set(e, -EINTR, "live: interrupted") : 0;
}

static int watch(struct cmd_context *ctx, const struct live_args *args, struct liveview *v,
                 struct err *e)
{
    struct livedata *d = NULL;
    int r = liveterm_begin(&v->term, e);

    if (r < 0)
        return r;
    v->choice.most = liveview_rows();
    r = livedata_begin(&ctx->root, args->interval_ms, &v->choice, &d, e);
    if (r == 0)
        r = loop(v, d, e);
    liveterm_end();
    livedata_end(&d);
    return r;
}

int liveloop_run(struct cmd_context *ctx, const void *values)
{
    const struct live_args *args = values;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct liveview v = {
        .interval_ms = args->interval_ms,
        .choice = {.by = (enum procusage_by)args->by, .sort = (enum consumers_sort)args->sort},
    };
    int r;

    if (gethostname(v.host, sizeof(v.host) - 1) < 0)
        v.host[0] = '\0';
    cmd_signals_catch();
    liveterm_block_signals();
    r = watch(ctx, args, &v, &e);
    liveterm_unblock_signals();
    liveview_clear(&v);
    if (r < 0 && cmd_interrupted(NULL))
        return CMD_FAILED; /* and by that signal, which says it all */
    return r < 0 ? cmd_fail(ctx, r, &e) : CMD_OK;
}
