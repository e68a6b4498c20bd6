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

/* Takes @name over. */
static int add(struct users *u, uint32_t id, bool group, char **name, struct err *e)
{
    struct users_entry *entries = reallocarray(u->entries, u->n + 1, sizeof(*entries));

    if (!entries)
        return err_oom(e);
    u->entries = entries;
    u->entries[u->n++] = (struct users_entry){id, group, TAKE_PTR(*name)};
    return 0;
}

static int name_of(struct users *u, struct record record, const char **out, struct err *e)
{
    _cleanup_(free_ptr) char *name = NULL;
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
    r = add(u, record.id, record.group, &name, e);
    if (r == 0)
        *out = u->entries[u->n - 1].name;
    return r;
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

/* A name of digits alone exists nowhere, so a number is a number. */
static bool is_number(const char *name, uint32_t *out)
{
    int64_t number;

    if (size_parse_number(name, 0, UINT32_MAX - 1, &number, NULL) < 0)
        return false;
    *out = (uint32_t)number;
    return true;
}

static int not_known(const struct record *r, struct err *e)
{
    return err_usage(e, -EINVAL, "%s \"%s\": is not known here", r->group ? "group" : "user",
                     r->name);
}

static int find(struct record record, uint32_t *out, struct err *e)
{
    int r;

    if (is_number(record.name, out))
        return 0;
    r = look_up(&record);
    free(record.found_name);
    if (r < 0)
        return err_oom(e);
    if (!record.found)
        return not_known(&record, e);
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

int users_find_kept(struct users *u, const struct root *root, const char *name, bool group,
                    uint32_t *out, struct err *e)
{
    const struct record record = {.root = root, .name = name, .group = group};
    _cleanup_(free_ptr) char *copy = NULL;
    uint32_t id;
    int r;

    if (is_number(name, out))
        return 0;
    for (size_t i = 0; i < u->n; i++) {
        if (u->entries[i].group == group && streq(u->entries[i].name, name)) {
            *out = u->entries[i].id;
            return 0;
        }
    }
    if (u->closed)
        return not_known(&record, e);
    r = find(record, &id, e);
    if (r < 0)
        return r;
    copy = strdup(name);
    r = copy ? add(u, id, group, &copy, e) : err_oom(e);
    if (r == 0)
        *out = id;
    return r;
}

/* ---- as text: "u33 www-data" and "g5 tty", each on a line */

char *users_list(const struct users *u)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    bool failed;

    if (!f)
        return NULL;
    for (size_t i = 0; i < u->n; i++)
        if (!strchr(u->entries[i].name, '\n'))
            fprintf(f, "%c%u %s\n", u->entries[i].group ? 'g' : 'u', u->entries[i].id,
                    u->entries[i].name);
    failed = ferror(f);
    if (fclose(f) != 0 || failed)
        free(TAKE_PTR(text));
    return text;
}

int users_add_list(struct users *u, const char *list, struct err *e)
{
    while (*list) {
        const char *end = strchrnul(list, '\n'), *blank = strchrnul(list, ' ');
        _cleanup_(free_ptr) char *number = NULL, *name = NULL;
        uint32_t id;
        int r;

        if (!*end || blank >= end || (*list != 'u' && *list != 'g'))
            return err_set(e, -EINVAL, "\"%s\": is no list of users", list);
        number = strndup(list + 1, (size_t)(blank - list - 1));
        name = strndup(blank + 1, (size_t)(end - blank - 1));
        if (!number || !name)
            return err_oom(e);
        if (!is_number(number, &id))
            return err_set(e, -EINVAL, "\"%s\": is no number of a user", number);
        r = add(u, id, *list == 'g', &name, e);
        if (r < 0)
            return r;
        list = end + 1;
    }
    return 0;
}
