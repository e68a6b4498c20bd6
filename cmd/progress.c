/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <sys/ioctl.h>
#include <time.h>

#include "size.h"

enum { BAR = 20, NARROW = 60, USUAL_WIDTH = 80 };

/* The last line of the terminal is a matter of the process, so this is remembered for all of it. */
static struct {
    bool drawn;       /* the bar stands there now */
    const char *what; /* since .begun; compared by address only */
    uint64_t first;   /* what was done then */
    struct timespec begun, last;
} state;

static double seconds_since(const struct timespec *then, const struct timespec *now)
{
    return (double)(now->tv_sec - then->tv_sec) + (double)(now->tv_nsec - then->tv_nsec) / 1e9;
}

bool progress_wanted(const struct cmd_context *ctx)
{
    if (ctx->common.progress == CMD_PROGRESS_AUTO)
        return isatty(STDERR_FILENO);
    return ctx->common.progress == CMD_PROGRESS_ALWAYS;
}

void progress_end(void)
{
    if (state.drawn)
        fputs("\r\033[K", stderr);
    state.drawn = false;
}

static int terminal_width(void)
{
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : USUAL_WIDTH;
}

/* "3 min 5 s left", or nothing while it cannot be told. */
static const char *time_left(double rate, uint64_t missing, char buf[static 32])
{
    double seconds = rate > 0 ? (double)missing / rate : -1;

    if (seconds < 0 || seconds > 360000)
        *buf = '\0';
    else if (seconds < 60)
        snprintf(buf, 32, ", %d s left", (int)(seconds + 1));
    else
        snprintf(buf, 32, ", %d min %d s left", (int)seconds / 60, (int)seconds % 60);
    return buf;
}

/* "[#####     ] 45%", or in a narrow place only the number. */
static const char *bar(uint64_t done, uint64_t total, int width, char buf[static BAR + 16])
{
    double part = total ? (double)done / (double)total : 1;
    int filled = (int)(part * BAR), percent = (int)(part * 100);

    if (width < NARROW)
        snprintf(buf, BAR + 16, "%d%%", percent);
    else
        snprintf(buf, BAR + 16, "[%.*s%*s] %3d%%", filled, "####################", BAR - filled, "",
                 percent);
    return buf;
}

static void draw(const struct cmd_context *ctx, const char *what, uint64_t done, uint64_t total,
                 bool terminal, const struct timespec *now)
{
    double elapsed = seconds_since(&state.begun, now);
    double rate = elapsed > 0 ? (double)(done - state.first) / elapsed : 0;
    char has[SIZE_TEXT_MAX], of[SIZE_TEXT_MAX], speed[SIZE_TEXT_MAX], left[32], drawing[BAR + 16];
    int width = terminal ? terminal_width() : 0;
    char line[256];

    snprintf(line, sizeof(line), "%s: %s %s of %s, %s/s%s", ctx->tool->name,
             bar(done, total, width, drawing), size_format(done, has), size_format(total, of),
             size_format((uint64_t)rate, speed), time_left(rate, total - done, left));
    if (!terminal) {
        fprintf(stderr, "%s: %s\n", line, what);
        return;
    }
    fprintf(stderr, "\r%.*s\033[K", width - 1, line);
    state.drawn = true;
}

void progress_show(const struct cmd_context *ctx, const char *what, uint64_t done, uint64_t total)
{
    bool terminal;
    struct timespec now;

    if (!progress_wanted(ctx))
        return;
    terminal = isatty(STDERR_FILENO);
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (state.what != what || done < state.first) {
        state.what = what;
        state.first = done;
        state.begun = now;
        state.last = (struct timespec){0};
    }
    if (done >= total) {
        progress_end();
        state.what = NULL;
        return;
    }
    if (seconds_since(&state.last, &now) < (terminal ? 0.1 : 1.0))
        return;
    state.last = now;
    draw(ctx, what, done, total, terminal, &now);
}
