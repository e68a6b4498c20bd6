/* SPDX-License-Identifier: MIT */
#include "liveterm.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <term.h>
#include <termios.h>

/* What a signal's handler needs, so it cannot be anybody's own. */
static struct {
    struct termios modes;
    char text[256];
    size_t n;
    volatile sig_atomic_t taken;
    volatile sig_atomic_t stop, resumed;
} state;

static const int faults[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSYS};

static int add_byte(int c)
{
    if (state.n < sizeof(state.text))
        state.text[state.n++] = (char)c;
    return c;
}

static void add_capability(const char *name)
{
    const char *text = tigetstr(name);

    if (text && text != (const char *)-1)
        tputs(text, 1, add_byte);
}

/* No attributes, keys as usual, the cursor, and the screen that was there before. */
static void prepare_end(void)
{
    static const char *const names[] = {"sgr0", "op", "rmkx", "cnorm", "rmcup"};

    state.n = 0;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        add_capability(names[i]);
    add_byte('\r');
    add_byte('\n');
}

static void on_fault(int number)
{
    if (state.taken) {
        (void)!write(STDOUT_FILENO, state.text, state.n);
        tcsetattr(STDIN_FILENO, TCSANOW, &state.modes);
    }
    raise(number); /* the handler was reset: it is deadly now */
}

static void on_stop(int number _unused_)
{
    state.stop = 1;
}

static void on_continue(int number _unused_)
{
    state.resumed = 1;
}

static void handle(int number, void (*handler)(int), int flags)
{
    const struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

    sigaction(number, &action, NULL);
}

static void mask(int how)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
        sigaddset(&set, numbers[i]);
    sigprocmask(how, &set, NULL);
}

void liveterm_block_signals(void)
{
    mask(SIG_BLOCK);
}

void liveterm_unblock_signals(void)
{
    mask(SIG_UNBLOCK);
}

static void set_colours(struct liveterm *out)
{
    const char *no = getenv("NO_COLOR");

    out->colours = !(no && *no) && has_colors() && start_color() == OK;
    if (!out->colours)
        return;
    use_default_colors();
    init_pair(LIVETERM_GOOD, COLOR_GREEN, -1);
    init_pair(LIVETERM_WARM, COLOR_YELLOW, -1);
    init_pair(LIVETERM_HOT, COLOR_RED, -1);
    init_pair(LIVETERM_CACHE, COLOR_BLUE, -1);
    init_pair(LIVETERM_DIM, COLOR_CYAN, -1);
}

static int refuse(struct err *e)
{
    const char *term = getenv("TERM");

    return err_unsupported(
        e, -EOPNOTSUPP,
        "TERM=%s: no terminal that this could draw on; set TERM to what it is, or "
        "use \"memwatch top\"",
        term ? term : "");
}

int liveterm_begin(struct liveterm *out, struct err *e)
{
    const char *cup;
    int result;

    setlocale(LC_CTYPE, "");
    if (tcgetattr(STDIN_FILENO, &state.modes) < 0)
        return err_sys(e, -errno, "standard input");
    if (setupterm(NULL, STDOUT_FILENO, &result) != OK)
        return refuse(e);
    cup = tigetstr("cup");
    if (!cup || cup == (const char *)-1)
        return refuse(e);
    prepare_end();
    del_curterm(cur_term); /* newterm() makes one of its own */
    for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
        handle(faults[i], on_fault, (int)SA_RESETHAND);
    /* before the library looks: it takes what nobody else has */
    handle(SIGTSTP, on_stop, 0);
    handle(SIGCONT, on_continue, 0);
    state.taken = 1;
    if (!newterm(NULL, stdout, stdin)) {
        state.taken = 0;
        return refuse(e);
    }
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(100);
    curs_set(0);
    out->utf8 = streq(nl_langinfo(CODESET), "UTF-8");
    set_colours(out);
    return 0;
}

void liveterm_end(void)
{
    if (!state.taken)
        return;
    curs_set(1);
    endwin();
    state.taken = 0;
}

/* As if there were no handler; and take the terminal again when somebody lets us go on. */
static void stop(void)
{
    sigset_t stops;

    curs_set(1);
    endwin();
    state.taken = 0;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTSTP);
    handle(SIGTSTP, SIG_DFL, 0);
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &stops, NULL);
    sigprocmask(SIG_BLOCK, &stops, NULL);
    handle(SIGTSTP, on_stop, 0);
    state.resumed = 1;
}

/* Somebody else may have used the terminal, with other modes. */
static void take_again(void)
{
    state.taken = 1;
    reset_prog_mode();
    curs_set(0);
    clearok(stdscr, TRUE);
    refresh();
}

int liveterm_wait(struct pollfd *fds, nfds_t n)
{
    sigset_t none;
    int r;

    sigemptyset(&none);
    r = ppoll(fds, n, NULL, &none);
    if (state.stop) {
        state.stop = 0;
        stop();
    }
    if (state.resumed) {
        state.resumed = 0;
        take_again();
    }
    return r < 0 ? 0 : r;
}
