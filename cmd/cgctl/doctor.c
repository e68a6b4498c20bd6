/* SPDX-License-Identifier: MIT */
#include "cgctl.h"
#include "cglack.h"
#include "cgscan.h"
#include "cgvalue.h"
#include "meminfo.h"
#include "systemd.h"
#include <stdarg.h>

enum { CHECK, STATE, DETAIL, REMEDY };

static const struct table_column columns[] = {
    [CHECK] = {"CHECK", TABLE_STRING, true, "what was looked at"},
    [STATE] = {"STATE", TABLE_STRING, true, "ok, note, or problem"},
    [DETAIL] = {"DETAIL", TABLE_STRING, true, "what was found"},
    [REMEDY] = {"REMEDY", TABLE_STRING, true, "of a problem: what to do"},
    TABLE_COLUMN_END,
};

enum state { OK, NOTE, PROBLEM };

struct doctor {
    const struct root *root;
    struct table *table;
    struct cgtree tree;
    char *probe; /* path of a group that has the memory controller; NULL: none */
    bool problem;
    int r; /* of adding rows */
    struct err *e;
};

static void doctor_clear(struct doctor *d)
{
    table_free(&d->table);
    cgtree_clear(&d->tree);
    free(d->probe);
}

static void say(struct doctor *d, const char *check, enum state state, const char *remedy,
                const char *fmt, ...) _printf_(5, 6);

static void say(struct doctor *d, const char *check, enum state state, const char *remedy,
                const char *fmt, ...)
{
    static const char *const words[] = {"ok", "note", "problem"};
    _cleanup_(free_ptr) char *detail = NULL;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&detail, fmt, ap);
    va_end(ap);
    if (n < 0) {
        detail = NULL;
        d->r = err_oom(d->e);
    }
    d->problem |= state == PROBLEM;
    if (d->r == 0)
        d->r = table_row(d->table, d->e);
    if (d->r == 0)
        d->r = table_set_string(d->table, CHECK, check, d->e);
    if (d->r == 0)
        d->r = table_set_string(d->table, STATE, words[state], d->e);
    if (d->r == 0)
        d->r = table_set_string(d->table, DETAIL, detail, d->e);
    if (d->r == 0 && remedy)
        d->r = table_set_string(d->table, REMEDY, remedy, d->e);
}

/* ---- the hierarchy */

static void check_hierarchy(struct doctor *d)
{
    const struct cgtree *t = &d->tree;
    static const char remedy[] = "boot with systemd.unified_cgroup_hierarchy=1, or without systemd "
                                 "with cgroup_no_v1=all";

    if (t->memory_v1)
        say(d, "hierarchy", PROBLEM, remedy, "the memory controller is bound to version 1, at %s",
            t->v1_point ? t->v1_point : "no mount that is seen from here");
    else if (t->fd < 0)
        say(d, "hierarchy", PROBLEM, "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
            "version 2 is not mounted");
    else
        say(d, "hierarchy", OK, NULL, "version 2, at %s", t->point);
}

static void check_place(struct doctor *d)
{
    const struct cgtree *t = &d->tree;

    if (!streq(t->part, "/"))
        say(d, "namespace", NOTE, NULL, "only the part %s is mounted", t->part);
    else if (!t->at_root)
        say(d, "namespace", NOTE, NULL,
            "the top is the top of a cgroup namespace, as in a container; limits above it hold "
            "too");
    else
        say(d, "namespace", OK, NULL, "the top is the root of all groups");
    if (!t->own)
        say(d, "own group", NOTE, NULL, "lies outside of what is mounted");
    else
        say(d, "own group", t->own_gone ? NOTE : OK, NULL, "/%s%s", t->own,
            t->own_gone ? ", which was removed" : "");
}

static void check_lack(struct doctor *d, const char *controller)
{
    switch (cglack_of(&d->tree, controller)) {
    case CGLACK_NONE:
        break;
    case CGLACK_DISABLED:
        say(d, controller, PROBLEM, "boot without it",
            "the %s controller is switched off by \"cgroup_disable=%s\" on the kernel's command "
            "line",
            controller, controller);
        break;
    case CGLACK_OUTSIDE:
        say(d, controller, PROBLEM, "enable it outside",
            "the %s controller is not handed down to this container or namespace", controller);
        break;
    case CGLACK_UNKNOWN:
        say(d, controller, PROBLEM, "boot with a kernel that has it, and with cgroup_no_v1=all",
            "there is no %s controller", controller);
        break;
    }
}

static void check_controllers(struct doctor *d)
{
    static const char *const wanted[] = {"memory", "cpu", "io", "pids"};
    _cleanup_(free_ptr) char *text = NULL, *handed = NULL;

    if (cgroup_read(d->tree.fd, "cgroup.controllers", &text) < 0 ||
        cgroup_read(d->tree.fd, "cgroup.subtree_control", &handed) < 0) {
        say(d, "controllers", PROBLEM, NULL, "cannot be read");
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
        if (!cgtree_has_word(text, wanted[i]))
            check_lack(d, wanted[i]);
        else
            say(d, wanted[i], OK, NULL, "the %s controller is there%s", wanted[i],
                cgtree_has_word(handed, wanted[i]) ? ", and enabled for the groups in /"
                                                   : "; cgctl enables it where it is needed");
    }
}

/* ---- whose it is */

static bool exists(const struct root *root, const char *path)
{
    struct stat st;

    return root_stat(root, path, 0, &st) == 0;
}

static void check_manager(struct doctor *d)
{
    char socket[64];

    snprintf(socket, sizeof(socket), "/run/user/%u/systemd/private", geteuid());
    if (exists(d->root, socket))
        say(d, "delegation", OK, NULL, "the user manager of user %u can be asked for groups",
            geteuid());
    else
        say(d, "delegation", PROBLEM,
            "log in as that user, or as root run \"loginctl enable-linger USER\"",
            "there is no user manager of user %u, so nobody gives this user groups", geteuid());
}

static void check_owner(struct doctor *d)
{
    struct stat st;

    if (exists(d->root, "/run/systemd/system"))
        say(d, "owner", NOTE, NULL,
            "systemd manages the groups, so cgctl asks it; by hand only what lies below a unit "
            "with Delegate=yes");
    else if (exists(d->root, "/.dockerenv") || exists(d->root, "/run/.containerenv"))
        say(d, "owner", NOTE, NULL, "a container runtime, which may set its limits again");
    else
        say(d, "owner", OK, NULL, "nobody manages the groups; cgctl works with the files");
    if (exists(d->root, "/run/systemd/system") && geteuid() != 0)
        check_manager(d);
    else if (fstat(d->tree.fd, &st) == 0 && geteuid() != 0 && st.st_uid != geteuid())
        say(d, "delegation", PROBLEM,
            "run it as root, or where a group was given to you (Delegate=yes; chown)",
            "the top belongs to user %u, so you cannot make groups in it", (unsigned)st.st_uid);
}

/* In the root of a namespace with processes in it no controller can be handed on. */
static void check_own_processes(struct doctor *d)
{
    _cleanup_(free_ptr) char *text = NULL;

    if (d->tree.at_root || cgroup_read(d->tree.fd, "cgroup.procs", &text) < 0 || !*text)
        return;
    say(d, "processes", PROBLEM,
        "move them into a group: cgctl create /init; cgctl attach /init PID...",
        "the top has processes of its own, so it cannot hand controllers to groups in it");
}

/* ---- what the kernel can */

static int find_probe(void *arg, const struct cgscan_group *g, struct err *e)
{
    struct doctor *d = arg;
    uint64_t value;

    if (!*g->path || cgscan_value(g, "memory.max", &value) < 0)
        return 0;
    d->probe = strdup(g->path);
    return d->probe ? -ECANCELED : err_oom(e);
}

static bool has_file(const struct doctor *d, const char *name)
{
    _cleanup_(free_ptr) char *path = NULL;

    return asprintf(&path, "%s/%s", d->probe, name) >= 0 &&
           faccessat(d->tree.fd, path, F_OK, 0) == 0;
}

static void check_features(struct doctor *d)
{
    static const struct {
        const char *file;
        const char *meaning;
    } features[] = {
        {"cgroup.freeze", "groups can be frozen"},
        {"cgroup.kill", "groups can be killed at once; else one by one"},
        {"memory.peak", "the most memory a group had is recorded"},
        {"memory.swap.peak", "the most swap a group had is recorded"},
        {"memory.reclaim", "a group can be told to give memory back"},
        {"memory.zswap.max", "what a group has in zswap can be limited"},
        {"memory.zswap.writeback", "a group's zswap can be kept from the disk"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
        bool there = has_file(d, features[i].file);

        say(d, features[i].file, there ? OK : NOTE, NULL, "%s: %s", there ? "yes" : "no",
            features[i].meaning);
    }
}

/* The probe need not have the io controller: at the root a file beside it tells. */
static void check_shares(struct doctor *d)
{
    bool there = has_file(d, "io.weight") || faccessat(d->tree.fd, "io.cost.qos", F_OK, 0) == 0;

    if (there || d->tree.at_root)
        say(d, "io.weight", there ? OK : NOTE, NULL, "%s: groups can have shares of a disk",
            there ? "yes" : "no");
}

static void check_swap(struct doctor *d)
{
    struct meminfo m;

    if (!has_file(d, "memory.swap.max"))
        say(d, "swap accounting", PROBLEM, "boot with swapaccount=1, with a kernel that has swap",
            "swap is not counted for groups");
    else if (meminfo_read(d->root, &m, NULL) == 0 && m.swap_total == 0)
        say(d, "swap accounting", NOTE, NULL, "swap is counted, but there is none");
    else
        say(d, "swap accounting", OK, NULL, "swap is counted for groups");
}

static void check_kernel(struct doctor *d)
{
    int r;

    if (exists(d->root, "/proc/pressure/memory"))
        say(d, "pressure", OK, NULL, "stalls are measured (PSI)");
    else
        say(d, "pressure", PROBLEM, "boot with psi=1", "stalls are not measured (PSI)");
    if (cglack_of(&d->tree, "memory") != CGLACK_NONE)
        return;
    r = cgscan_walk(&d->tree, "", find_probe, d, NULL);
    if (!d->probe) {
        say(d, "features", NOTE, "cgctl create /probe; cgctl doctor; cgctl remove /probe",
            r < 0 ? "cannot be looked up"
                  : "no group has the memory controller yet to look them up in");
        return;
    }
    check_swap(d);
    check_features(d);
    check_shares(d);
}

static int run(struct cmd_context *ctx, const void *values _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(doctor_clear) struct doctor d = {.root = &ctx->root, .tree = CGTREE_INIT, .e = &e};
    int r = table_new("checks", columns, &ctx->common.table, &d.table, &e);

    if (r == 0)
        r = cgtree_look(&ctx->root, &d.tree, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    check_hierarchy(&d);
    if (d.tree.fd >= 0 && !d.tree.memory_v1) {
        check_place(&d);
        check_controllers(&d);
        check_owner(&d);
        check_own_processes(&d);
        check_kernel(&d);
    }
    r = d.r < 0 ? d.r : table_print(d.table, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    return d.problem ? CMD_NO : CMD_OK;
}

const struct cmd cgctl_doctor = {
    .name = "doctor",
    .summary = "say what this machine can do, and what stands in the way",
    .operands = "",
    .about = "Looks at the hierarchy, the controllers, who manages the groups and what the kernel "
             "can. Exit status 1: there is a problem; its remedy stands beside it.",
    .columns = columns,
    .flags = CMD_TABLE,
    .run = run,
};
