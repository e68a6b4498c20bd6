/* SPDX-License-Identifier: MIT */
#include "aside.h"
#include "each.h"
#include "removal.h"
#include "swapctl.h"

struct args {
    const char *dir;
    const char *prefix;
    bool yes;
    bool force;
};

static const struct opt opts[] = {
    {'\0', "dir", OPT_DIR, offsetof(struct args, dir), "DIR", "the folder that the files are in"},
    {'\0', "prefix", OPT_STRING, offsetof(struct args, prefix), "PREFIX",
     "how the names of the files begin"},
    {'y', "yes", OPT_FLAG, offsetof(struct args, yes), NULL,
     "really do it; without it only --dry-run is allowed"},
    {'f', "force", OPT_FLAG, offsetof(struct args, force), NULL,
     "even if what is swapped out may not fit into RAM and the other areas"},
    OPT_END,
};

struct names {
    char **names;
    size_t n;
};

static void names_clear(struct names *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->names[i]);
    free(list->names);
}

/* One run over a folder. */
struct work {
    struct session session;
    const struct args *args;
    int folder;
    struct each_tally tally;
    struct json json;
};

static void work_clear(struct work *w)
{
    close_fd(&w->folder);
    session_end(&w->session);
}

static bool is_link(const struct root *root, const char *path)
{
    _cleanup_(close_fd) int fd = root_open_named(root, path, O_PATH | O_NOFOLLOW);
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode);
}

/* A link as the folder itself is refused: who may change it, chooses what is deleted. */
static int open_folder(struct cmd_context *ctx, const char *dir, struct err *e)
{
    int fd = root_open_named(&ctx->root, dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

    if ((fd == -ENOTDIR || fd == -ELOOP) && is_link(&ctx->root, dir))
        return err_refuse(e, -ELOOP, "%s: is a symbolic link; name the folder that it points to",
                          dir);
    if (fd == -ENOTDIR)
        return err_set(e, fd, "%s: is not a folder", dir);
    return fd < 0 ? err_sys(e, fd, "%s: cannot open the folder", dir) : fd;
}

static int add_name(struct names *list, const char *name, struct err *e)
{
    char **names = reallocarray(list->names, list->n + 1, sizeof(*names));

    if (!names)
        return err_oom(e);
    list->names = names;
    names[list->n] = strdup(name);
    if (!names[list->n])
        return err_oom(e);
    list->n++;
    return 0;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What a killed run left aside of such a file stands for it. */
static bool is_wanted(const struct work *w, const char *entry, char name[static NAME_MAX + 1])
{
    struct stat st;

    if (streq(entry, ".") || streq(entry, ".."))
        return false;
    snprintf(name, NAME_MAX + 1, "%s", entry);
    if (str_after(entry, w->args->prefix))
        return true;
    return aside_first_name(entry, name) && str_after(name, w->args->prefix) &&
           fstatat(w->folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0;
}

/* All names first: the folder changes while files are deleted. */
static int list_names(struct work *w, struct names *list, struct err *e)
{
    int copy = fcntl(w->folder, F_DUPFD_CLOEXEC, 0);
    _cleanup_(close_dir) DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    char name[NAME_MAX + 1];
    int r = 0;

    if (!dir)
        return err_sys(e, -errno, "%s: cannot list", w->args->dir);
    while (r == 0 && (errno = 0, entry = readdir(dir)))
        if (is_wanted(w, entry->d_name, name))
            r = add_name(list, name, e);
    if (r == 0 && errno)
        r = err_sys(e, -errno, "%s: cannot list", w->args->dir);
    if (list->n > 0)
        qsort(list->names, list->n, sizeof(*list->names), by_bytes);
    return r;
}

/* Why it is left alone, or NULL: it is a swap file. Return: 0 or a negated errno. */
static int look(struct work *w, const char *name, struct swapfile *f, const char **skip,
                struct err *e)
{
    struct stat st;
    int r;

    *skip = NULL;
    if (fstatat(w->folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode)) {
        *skip = "is not a regular file";
        return 0;
    }
    r = swapfile_inspect_at(&w->session.ctx->root, w->folder, name, &w->session.swaps, f, e);
    if (r == 0 && f->found != SWAPFILE_ABSENT && f->found != SWAPFILE_AREA)
        *skip = "has no swap header";
    return r;
}

static void tell(struct work *w, const char *path, const char *skip, struct plan *plan,
                 const struct err *e)
{
    if (!w->session.ctx->common.json) {
        printf("%s: %s\n", path, e->text ? "failed" : skip ? "skipped" : "changed");
        return;
    }
    if (e->text)
        plan_clear(plan); /* nothing of it is true any more */
    json_object(&w->json, NULL);
    json_string(&w->json, "path", path);
    json_bool(&w->json, "changed", plan->n > 0);
    cmd_json_actions(&w->json, plan);
    json_string(&w->json, "skipped", skip);
    json_string(&w->json, "error", e->text);
    json_object_end(&w->json);
}

static int clean_file(struct work *w, const char *name, struct removal *file, struct plan *plan,
                      const char **skip, struct err *e)
{
    struct session *s = &w->session;
    int r;

    r = session_reread(s, e);
    if (r == 0)
        r = look(w, name, &file->file, skip, e);
    if (r < 0 || *skip)
        return r;
    r = removal_plan(s, w->args->force, file, plan, e);
    if (r >= 0 && plan->n == 0)
        *skip = "is gone already";
    return r < 0 ? r : cmd_plan_run(s->ctx, plan, e);
}

/* Return: 0, or how it failed. */
static int do_one(struct work *w, const char *name)
{
    struct cmd_context *ctx = w->session.ctx;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(removal_clear) struct removal file = REMOVAL_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(free_ptr) char *joined = NULL;
    const char *skip = NULL, *path;
    int r;

    if (asprintf(&joined, "%s/%s", w->args->dir, name) < 0)
        joined = NULL;
    r = clean_file(w, name, &file, &plan, &skip, &e);
    path = file.file.path ? file.file.path : joined ? joined : name;
    if (r < 0)
        each_count(&w->tally, cmd_fail(ctx, r, &e));
    else if (skip)
        cmd_warn(ctx, "%s: %s; left as it is", path, skip);
    else
        each_count(&w->tally, CMD_OK);
    if (r >= 0 && file.persist.how == PERSIST_UNIT)
        cmd_warn(ctx, "%s: a systemd unit that headroom did not write still declares it", path);
    tell(w, path, skip, &plan, &e);
    return r;
}

static int clean(struct work *w, struct err *e)
{
    struct cmd_context *ctx = w->session.ctx;
    _cleanup_(names_clear) struct names list = {NULL, 0};
    int r;

    w->folder = open_folder(ctx, w->args->dir, e);
    r = w->folder < 0 ? w->folder : list_names(w, &list, e);
    if (r < 0)
        return r;
    if (ctx->common.json) {
        json_object(&w->json, NULL);
        json_list(&w->json, "results");
    }
    for (size_t i = 0; i < list.n && r != -EINTR; i++)
        r = do_one(w, list.names[i]);
    if (ctx->common.json) {
        json_list_end(&w->json);
        json_object_end(&w->json);
    }
    return 0;
}

static int check_args(const struct cmd_context *ctx, const struct args *args)
{
    if (!args->dir)
        return cmd_usage(ctx, "missing --dir, the folder that the swap files are in");
    if (!args->prefix)
        return cmd_usage(ctx, "missing --prefix, how the names of the swap files begin");
    if (*args->prefix == '\0')
        return cmd_usage(ctx, "--prefix: is empty, which would mean every swap file in %s",
                         args->dir);
    if (strchr(args->prefix, '/'))
        return cmd_usage(ctx,
                         "--prefix: \"%s\" has a slash, but it is the beginning of a name; "
                         "the folder is for --dir",
                         args->prefix);
    if (!args->yes && !ctx->common.dry_run)
        return cmd_usage(ctx, "files would be deleted: look with --dry-run which, then add --yes");
    return CMD_OK;
}

static int run(struct cmd_context *ctx, const void *values)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(work_clear) struct work w = {
        .session = SESSION_INIT,
        .args = values,
        .folder = -1,
        .tally = EACH_TALLY_INIT,
        .json = JSON_INIT(stdout),
    };
    int r;

    r = check_args(ctx, w.args);
    if (r != CMD_OK)
        return r;
    r = session_begin(ctx, ctx->root.live, &w.session, &e);
    if (r == 0)
        r = clean(&w, &e);
    return r < 0 ? cmd_fail(ctx, r, &e) : each_status(&w.tally);
}

const struct cmd swapctl_clean = {
    .name = "clean",
    .summary = "remove the swap files of a folder whose names begin alike",
    .operands = "",
    .about = "Deactivates, undeclares and deletes the swap files in --dir whose names begin with "
             "--prefix. What has no swap header is left as it is. Asks nothing: it wants --yes.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .run = run,
};
