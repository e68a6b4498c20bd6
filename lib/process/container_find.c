/* SPDX-License-Identifier: MIT */
#include "bounded.h"
#include "container.h"
#include "kv.h"
#include "monotonic.h"
#include "oomadj.h"
#include "procscan.h"

#include <signal.h>
#include <sys/resource.h>

enum { ANSWER_MS = 10000 };

/* ---- state files: strings of a JSON text, where they stand */

struct strings {
    const char *p;
    int depth;          /* of objects and lists around the value */
    struct kv_span key; /* the last one: of the value, or of the list that it stands in */
    struct kv_span value;
};

/* What stands between quotes, escapes as they are; *p is moved behind them. */
static struct kv_span quoted(const char **p)
{
    const char *start = ++*p;
    struct kv_span text;

    while (**p && **p != '"')
        *p += **p == '\\' && (*p)[1] ? 2 : 1;
    text = (struct kv_span){start, (size_t)(*p - start)};
    *p += **p == '"';
    return text;
}

static bool next_string(struct strings *s)
{
    while (*s->p) {
        char c = *s->p;

        if (c == '"') {
            struct kv_span text = quoted(&s->p);

            s->p += strspn(s->p, " \t\r\n");
            if (*s->p == ':') {
                s->key = text;
                continue;
            }
            s->value = text;
            return true;
        }
        s->depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        s->p++;
    }
    return false;
}

static bool is_named(const char *json, const char *name)
{
    struct strings s = {.p = json};

    while (next_string(&s))
        if (s.depth == 1 && kv_span_eq(s.key, "Name"))
            return s.value.n > 0 && *s.value.p == '/' &&
                   kv_span_eq((struct kv_span){s.value.p + 1, s.value.n - 1}, name);
    return false;
}

static bool take_id(struct kv_span text, char id[static CONTAINER_ID + 1])
{
    char copy[CONTAINER_ID + 1];

    if (text.n != CONTAINER_ID)
        return false;
    memcpy(copy, text.p, CONTAINER_ID);
    copy[CONTAINER_ID] = '\0';
    if (!container_is_id(copy))
        return false;
    memcpy(id, copy, sizeof(copy));
    return true;
}

/* A folder for each container, with the id for a name. */
static bool in_docker(const struct root *root, const char *name, char id[static CONTAINER_ID + 1])
{
    int fd = root_openat(root, "/var/lib/docker/containers", O_RDONLY | O_DIRECTORY, 0);
    _cleanup_(close_dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    bool found = false;

    if (!dir) {
        close_fd(&fd);
        return false;
    }
    while (!found && (entry = readdir(dir))) {
        struct procscan_text text = {.p = NULL};
        char path[CONTAINER_ID + 32];

        if (!take_id((struct kv_span){entry->d_name, strlen(entry->d_name)}, id))
            continue;
        snprintf(path, sizeof(path), "%s/config.v2.json", id);
        found = procscan_read_text(dirfd(dir), path, &text) == 0 && is_named(text.p, name);
        procscan_text_clear(&text);
    }
    return found;
}

/* One list of all containers: podman, and cri-o. */
static bool in_podman(const struct root *root, const char *name, char id[static CONTAINER_ID + 1])
{
    _cleanup_(free_ptr) char *text = NULL;
    struct kv_span last = {NULL, 0};
    struct strings s;

    if (root_read(root, "/var/lib/containers/storage/overlay-containers/containers.json", &text,
                  NULL, NULL) < 0)
        return false;
    s = (struct strings){.p = text};
    while (next_string(&s)) {
        if (s.depth == 2 && kv_span_eq(s.key, "id"))
            last = s.value;
        else if (s.depth == 3 && kv_span_eq(s.key, "names") && kv_span_eq(s.value, name))
            return take_id(last, id);
    }
    return false;
}

/* ---- the runtimes themselves */

struct question {
    const struct root *root;
    const char *program, *name;
};

/* A program is to be spared and served first only where somebody has chosen that for it. */
static void be_usual(const struct root *root)
{
    int adj;

    if (oomadj_read(root, &adj) == 0 && adj == OOMADJ_NEVER)
        oomadj_write(root, OOMADJ_USUAL);
    if (getpriority(PRIO_PROCESS, 0) < 0)
        setpriority(PRIO_PROCESS, 0, 0);
}

/* It ends with who asks: bounded_start() has seen to that. */
static void become(void *arg, int out)
{
    const struct question *q = arg;
    sigset_t none;

    be_usual(q->root);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(out, STDOUT_FILENO) == STDOUT_FILENO)
        execlp(q->program, q->program, "inspect", "--type", "container", "--format", "{{.Id}}",
               q->name, (char *)NULL);
}

/* Read until the other end is closed, or the time is over. Return: how much; or -ETIMEDOUT. */
static ssize_t read_answer(const struct bounded *b, char *buf, size_t size)
{
    uint64_t end = monotonic_ms() + ANSWER_MS, now;
    ssize_t n = 0, got = 1;

    while (got > 0 && (size_t)n < size) {
        now = monotonic_ms();
        if (now >= end || !bounded_answers(b, end - now))
            return -ETIMEDOUT;
        got = read(b->fd, buf + n, size - (size_t)n);
        n += got > 0 ? got : 0;
    }
    return n;
}

/* Return: 0; -ENOENT; or -ETIMEDOUT; no message. */
static int ask(const struct root *root, const char *program, const char *name,
               char id[static CONTAINER_ID + 1])
{
    struct question q = {root, program, name};
    struct bounded b = BOUNDED_INIT;
    char buf[2 * CONTAINER_ID];
    ssize_t n;

    if (bounded_start(&b, become, &q, NULL) < 0)
        return -ENOENT;
    n = read_answer(&b, buf, sizeof(buf));
    bounded_bury(&b, NULL);
    if (n < 0)
        return -ETIMEDOUT;
    n -= n > 0 && buf[n - 1] == '\n';
    return take_id((struct kv_span){buf, (size_t)n}, id) ? 0 : -ENOENT;
}

static int ask_all(const struct root *root, const char *name, char id[static CONTAINER_ID + 1],
                   struct err *e)
{
    static const char *const programs[] = {"docker", "podman"};
    const char *silent = NULL;

    for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
        int r = ask(root, programs[i], name, id);

        if (r == 0)
            return 0;
        if (r == -ETIMEDOUT)
            silent = programs[i];
    }
    if (silent)
        return err_set(e, -ETIMEDOUT, "container \"%s\": %s did not answer in %d s", name, silent,
                       ANSWER_MS / 1000);
    return -ENOENT;
}

int container_find(const struct root *root, const char *name, char id[static CONTAINER_ID + 1],
                   struct err *e)
{
    char found[CONTAINER_ID + 1];
    int r = -ENOENT;

    if (!container_is_name(name))
        return err_usage(e, -EINVAL, "container \"%s\": is neither an id nor a name", name);
    if (in_docker(root, name, found) || in_podman(root, name, found))
        r = 0;
    else if (root->live)
        r = ask_all(root, name, found, e);
    if (r == -ENOENT)
        return err_usage(e, -ENOENT,
                         "container \"%s\": neither docker nor podman knows it; name its id (12 "
                         "digits or more)",
                         name);
    if (r == 0)
        memcpy(id, found, sizeof(found));
    return r;
}
