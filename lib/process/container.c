/* SPDX-License-Identifier: MIT */
#include "container.h"
#include "proc.h"

static bool is_hex(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!((p[i] >= '0' && p[i] <= '9') || (p[i] >= 'a' && p[i] <= 'f')))
            return false;
    return true;
}

bool container_is_id(const char *text)
{
    size_t n = strlen(text);

    return n >= CONTAINER_SHORT && n <= CONTAINER_ID && is_hex(text, n);
}

bool container_is_name(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t n = strspn(text, letters);

    return n > 0 && text[n + strcspn(text + n, "/ \t\n\"'\\")] == '\0';
}

/* What stands before the id, and who writes it so. */
static const struct {
    const char *prefix, *runtime;
} scopes[] = {
    {"docker-", "docker"},
    {"cri-containerd-", "containerd"},
    {":cri-containerd:", "containerd"},
    {"nerdctl-", "containerd"},
    {"crio-", "cri-o"},
    {":crio:", "cri-o"},
    {"libpod-", "podman"},
};

/* The folder that bare ids lie in tells the runtime of docker alone: kubepods may be of any. */
static const char *runtime_of_folder(struct kv_span parent)
{
    if (kv_span_eq(parent, "docker"))
        return "docker";
    return kv_span_eq(parent, "libpod_parent") ? "podman" : NULL;
}

static bool parse_component(struct kv_span word, struct kv_span parent, struct container *out)
{
    struct kv_span before;
    const char *id;

    if (kv_span_ends(word, ".scope"))
        word.n -= strlen(".scope");
    if (word.n < CONTAINER_ID)
        return false;
    before = (struct kv_span){word.p, word.n - CONTAINER_ID};
    id = word.p + before.n;
    if (!is_hex(id, CONTAINER_ID))
        return false;
    out->runtime = before.n == 0 ? runtime_of_folder(parent) : NULL;
    for (size_t i = 0; before.n > 0 && !out->runtime && i < ARRAY_SIZE(scopes); i++) {
        bool inside = *scopes[i].prefix == ':'; /* the slice of systemd stands before it */

        if (inside ? kv_span_ends(before, scopes[i].prefix) : kv_span_eq(before, scopes[i].prefix))
            out->runtime = scopes[i].runtime;
    }
    if (before.n > 0 && !out->runtime)
        return false;
    memcpy(out->id, id, CONTAINER_ID);
    out->id[CONTAINER_ID] = '\0';
    return true;
}

/* Return: how deep the innermost container lies, 0: none. */
static int parse_path(struct kv_span path, struct container *out)
{
    const char *p = path.p, *end = path.p + path.n;
    struct kv_span parent = {p, 0};
    int depth = 0, found = 0;

    while (p < end) {
        const char *slash = memchr(p, '/', (size_t)(end - p));
        struct kv_span word = {p, (size_t)((slash ? slash : end) - p)};

        depth++;
        if (parse_component(word, parent, out))
            found = depth;
        parent = word;
        p += word.n + 1;
    }
    return found;
}

bool container_parse(const char *text, struct container *out)
{
    struct proc_cgroup line;
    struct container here;
    int deepest = 0, depth;

    while (proc_cgroup_next(&text, &line)) {
        if (line.controllers.n > 5 && memcmp(line.controllers.p, "name=", 5) == 0)
            continue;
        depth = parse_path(line.path, &here);
        if (depth > deepest) {
            deepest = depth;
            *out = here;
        }
    }
    return deepest > 0;
}
