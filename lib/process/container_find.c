/* SPDX-License-Identifier: MIT */
#include "container.h"
#include "kv.h"
#include "monotonic.h"
#include "procscan.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

enum { ANSWER_MS = 10000 };

extern char **environ;

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

/* Read until the other end is closed, or the time is over. Return: how much. */
static size_t read_answer(int fd, char *buf, size_t size)
{
    uint64_t end = monotonic_ms() + ANSWER_MS, now;
    size_t n = 0;

    while (n < size && (now = monotonic_ms()) < end) {
        struct pollfd pfd = {.fd = fd, .events = POLLIN};
        ssize_t got;

        if (poll(&pfd, 1, (int)(end - now)) <= 0)
            continue;
        got = read(fd, buf + n, size - n);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    return n;
}

static int spawn(const char *program, const char *name, int output, pid_t *pid)
{
    const char *argv[] = {program,    "inspect", "--type", "container",
                          "--format", "{{.Id}}", name,     NULL};
    posix_spawn_file_actions_t files;
    int r;

    posix_spawn_file_actions_init(&files);
    r = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    if (r == 0)
        r = posix_spawn_file_actions_adddup2(&files, output, 1);
    if (r == 0)
        r = posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    if (r == 0)
        r = posix_spawnp(pid, program, &files, NULL, (char **)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&files);
    return r;
}

static bool ask(const char *program, const char *name, char id[static CONTAINER_ID + 1])
{
    char buf[2 * CONTAINER_ID];
    int pipe_fds[2];
    pid_t pid;
    size_t n;

    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        return false;
    if (spawn(program, name, pipe_fds[1], &pid) != 0) {
        close(pipe_fds[0]);
        close(pipe_fds[1]);
        return false;
    }
    close(pipe_fds[1]);
    n = read_answer(pipe_fds[0], buf, sizeof(buf));
    close(pipe_fds[0]);
    kill(pid, SIGKILL); /* it has said what it had to say, or took too long */
    waitpid(pid, NULL, 0);
    n -= n > 0 && buf[n - 1] == '\n';
    return take_id((struct kv_span){buf, n}, id);
}

int container_find(const struct root *root, const char *name, char id[static CONTAINER_ID + 1],
                   struct err *e)
{
    char found[CONTAINER_ID + 1];
    bool known;

    if (!container_is_name(name))
        return err_usage(e, -EINVAL, "container \"%s\": is neither an id nor a name", name);
    known = in_docker(root, name, found) || in_podman(root, name, found);
    if (!known && root->live)
        known = ask("docker", name, found) || ask("podman", name, found);
    if (!known)
        return err_usage(e, -ENOENT,
                         "container \"%s\": neither docker nor podman knows it; name its id (12 "
                         "digits or more)",
                         name);
    memcpy(id, found, sizeof(found));
    return 0;
}
