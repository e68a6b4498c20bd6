/* SPDX-License-Identifier: MIT */
#include "users.h"
#include "size.h"

#include <grp.h>
#include <pwd.h>

/* A group with thousands of members is one long record. */
enum { RECORD = 4 << 10, RECORD_MAX = 4 << 20 };

/* One record of the database: what is looked for, by name if there is one, and what was found. */
struct record {
    const struct root *root;
    bool group;
    const char *name;
    uint32_t id;
    char *found_name; /* owned */
    bool found;
};

void users_clear(struct users *u)
{
    for (size_t i = 0; i < u->n; i++)
        free(u->entries[i].name);
    free(u->entries);
    *u = USERS_INIT;
}

/* Return: 0, or -ENOMEM. */
static int keep(struct record *r, const char *name, uint32_t id)
{
    if (r->name ? !streq(r->name, name) : r->id != id)
        return 0;
    r->id = id;
    r->found = true;
    r->found_name = strdup(name);
    return r->found_name ? 0 : -ENOMEM;
}

static int next_entry(const struct record *r, FILE *f, char *buf, size_t size, const char **name,
                      uint32_t *id)
{
    struct passwd pw, *pw_found;
    struct group gr, *gr_found;
    int error = r->group ? fgetgrent_r(f, &gr, buf, size, &gr_found)
                         : fgetpwent_r(f, &pw, buf, size, &pw_found);

    if (error)
        return -error;
    *name = r->group ? gr.gr_name : pw.pw_name;
    *id = r->group ? gr.gr_gid : pw.pw_uid;
    return 0;
}

/* Return: 0, or -ERANGE if @buf is too small. */
static int in_file(struct record *r, char *buf, size_t size)
{
    int fd = root_openat(r->root, r->group ? "/etc/group" : "/etc/passwd", O_RDONLY, 0);
    _cleanup_(close_file) FILE *f = fd < 0 ? NULL : fdopen(fd, "re");
    const char *name;
    uint32_t id;
    int error = 0;

    if (!f) {
        close_fd(&fd);
        return 0;
    }
    while (!r->found && error == 0) {
        error = next_entry(r, f, buf, size, &name, &id);
        if (error == 0)
            error = keep(r, name, id);
    }
    return error == -ERANGE || error == -ENOMEM ? error : 0;
}

static int in_system(struct record *r, char *buf, size_t size)
{
    struct passwd pw, *pw_found = NULL;
    struct group gr, *gr_found = NULL;
    int error;

    if (r->group && r->name)
        error = getgrnam_r(r->name, &gr, buf, size, &gr_found);
    else if (r->group)
        error = getgrgid_r(r->id, &gr, buf, size, &gr_found);
    else if (r->name)
        error = getpwnam_r(r->name, &pw, buf, size, &pw_found);
    else
        error = getpwuid_r(r->id, &pw, buf, size, &pw_found);
    if (error == ERANGE)
        return -ERANGE;
    if (gr_found)
        return keep(r, gr.gr_name, gr.gr_gid);
    return pw_found ? keep(r, pw.pw_name, pw.pw_uid) : 0;
}

/* Return: 0, with .found saying whether it is there; or -ENOMEM. */
static int look_up(struct record *record)
{
    for (size_t size = RECORD; size <= RECORD_MAX; size *= 4) {
        _cleanup_(free_ptr) char *buf = malloc(size);
        int r;

        if (!buf)
            return -ENOMEM;
        r = record->root->live ? in_system(record, buf, size) : in_file(record, buf, size);
        if (r != -ERANGE)
            return r;
    }
    return 0;
}

static int name_of(struct users *u, struct record record, const char **out, struct err *e)
{
    _cleanup_(free_ptr) char *name = NULL;
    struct users_entry *entries;
    int r;

    for (size_t i = 0; i < u->n; i++) {
        if (u->entries[i].id == record.id && u->entries[i].group == record.group) {
            *out = u->entries[i].name;
            return 0;
        }
    }
    r = look_up(&record);
    name = record.found_name;
    if (r < 0 || (!name && asprintf(&name, "%u", record.id) < 0))
        return err_oom(e);
    entries = reallocarray(u->entries, u->n + 1, sizeof(*entries));
    if (!entries)
        return err_oom(e);
    u->entries = entries;
    *out = name;
    u->entries[u->n++] = (struct users_entry){record.id, record.group, TAKE_PTR(name)};
    return 0;
}

int users_name_of(struct users *u, const struct root *root, uid_t uid, const char **out,
                  struct err *e)
{
    return name_of(u, (struct record){.root = root, .id = uid}, out, e);
}

int users_group_name_of(struct users *u, const struct root *root, gid_t gid, const char **out,
                        struct err *e)
{
    return name_of(u, (struct record){.root = root, .id = gid, .group = true}, out, e);
}

static int find(struct record record, uint32_t *out, struct err *e)
{
    const char *what = record.group ? "group" : "user";
    int64_t number;
    int r;

    /* a name of digits alone exists nowhere, so a number is a number */
    if (size_parse_number(record.name, 0, UINT32_MAX - 1, &number, NULL) == 0) {
        *out = (uint32_t)number;
        return 0;
    }
    r = look_up(&record);
    free(record.found_name);
    if (r < 0)
        return err_oom(e);
    if (!record.found)
        return err_usage(e, -EINVAL, "%s \"%s\": is not known here", what, record.name);
    *out = record.id;
    return 0;
}

int users_find(const struct root *root, const char *name, uid_t *out, struct err *e)
{
    return find((struct record){.root = root, .name = name}, out, e);
}

int users_find_group(const struct root *root, const char *name, gid_t *out, struct err *e)
{
    return find((struct record){.root = root, .name = name, .group = true}, out, e);
}
