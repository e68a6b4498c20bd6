/* SPDX-License-Identifier: MIT */
#include "sdbus.h"

#ifdef HAVE_LIBSYSTEMD

#include "sdbus_value.h"
#include <dlfcn.h>
#include <sys/socket.h>
#include <time.h>

#define LIBRARY "libsystemd.so.0"
#define SYSTEM_SOCKET "/run/systemd/private"
#define DESTINATION "org.freedesktop.systemd1"
#define OBJECT "/org/freedesktop/systemd1"
#define MANAGER DESTINATION ".Manager"

enum { JOB_SECONDS = 90, RESULT = 16 };

struct sdbus {
    struct sdbus_calls call;
    sd_bus *bus;
    const char *destination; /* NULL on a private socket, where nobody has a name */
    uid_t whose;
    char *job; /* the one that is waited for; owned */
    char result[RESULT];
};

/* ---- the library */

static int load(struct sdbus_calls *c, struct err *e)
{
    /* never unloaded: it keeps data of its threads */
    void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);

    if (!library)
        return err_unsupported(e, -EOPNOTSUPP,
                               "systemd: " LIBRARY
                               " is needed to ask it and cannot be loaded: %s; install "
                               "libsystemd0 (systemd-libs)",
                               dlerror());
#define LOAD(name)                                                                                 \
    *(void **)&c->name = dlsym(library, #name);                                                    \
    if (!c->name)                                                                                  \
        return err_unsupported(e, -EOPNOTSUPP, "systemd: " LIBRARY " has no %s: it is too old",    \
                               #name);
    CALLS(LOAD)
    return 0;
}

/* ---- connecting */

static int open_private(struct sdbus *b, const char *socket)
{
    _cleanup_(free_ptr) char *address = NULL;
    int r;

    if (asprintf(&address, "unix:path=%s", socket) < 0)
        return -ENOMEM;
    r = b->call.sd_bus_new(&b->bus);
    if (r >= 0)
        r = b->call.sd_bus_set_address(b->bus, address);
    if (r >= 0)
        r = b->call.sd_bus_start(b->bus);
    if (r < 0)
        b->bus = b->call.sd_bus_flush_close_unref(b->bus);
    return r;
}

static int open_bus(struct sdbus *b)
{
    int r = b->whose == SDBUS_SYSTEM ? b->call.sd_bus_open_system(&b->bus)
                                     : b->call.sd_bus_open_user(&b->bus);

    b->destination = DESTINATION;
    return r;
}

static int connect_any(struct sdbus *b)
{
    char socket[64] = SYSTEM_SOCKET;
    int r = -EACCES;

    if (b->whose != SDBUS_SYSTEM)
        snprintf(socket, sizeof(socket), "/run/user/%u/systemd/private", b->whose);
    if (geteuid() == 0 || b->whose != SDBUS_SYSTEM)
        r = open_private(b, socket);
    /* the bus of another user would take us for ourselves */
    if (r < 0 && (b->whose == SDBUS_SYSTEM || b->whose == geteuid()))
        r = open_bus(b);
    return r;
}

static int explain_connect(const struct sdbus *b, int r, struct err *e)
{
    if (b->whose == SDBUS_SYSTEM)
        return err_sys(e, r,
                       "systemd: does not answer, neither at " SYSTEM_SOCKET
                       " nor on the system's D-Bus");
    return err_set(e, r,
                   "user@%u.service: the user manager, which alone may give this user groups, does "
                   "not answer at /run/user/%u: %s; log in as that user, or as root run "
                   "\"loginctl enable-linger %u\" or \"systemctl start user@%u\"",
                   b->whose, b->whose, strerror(-r), b->whose, b->whose);
}

/* Return: negated errno to go on; what a signal carries is taken if it is of our job. */
static int on_removed(sd_bus_message *m, void *arg, sd_bus_error *error _unused_)
{
    struct sdbus *b = arg;
    const char *job, *unit, *result;
    uint32_t id;

    if (b->call.sd_bus_message_read(m, "uoss", &id, &job, &unit, &result) >= 0 && b->job &&
        streq(job, b->job))
        snprintf(b->result, sizeof(b->result), "%s", result);
    return 0;
}

int sdbus_open(uid_t whose, struct sdbus **out, struct err *e)
{
    _cleanup_(sdbus_close) struct sdbus *b = calloc(1, sizeof(*b));
    int r;

    if (!b)
        return err_oom(e);
    b->whose = whose;
    r = load(&b->call, e);
    if (r < 0)
        return r;
    r = connect_any(b);
    if (r >= 0)
        r = b->call.sd_bus_match_signal(b->bus, NULL, b->destination, OBJECT, MANAGER, "JobRemoved",
                                        on_removed, b);
    if (r < 0)
        return explain_connect(b, r, e);
    *out = TAKE_PTR(b);
    return 0;
}

void sdbus_close(struct sdbus **b)
{
    if (*b && (*b)->bus)
        (*b)->call.sd_bus_flush_close_unref((*b)->bus);
    if (*b)
        free((*b)->job);
    free(*b);
    *b = NULL;
}

/* ---- calls */

static int explain_name(const char *name)
{
    static const struct {
        const char *ending;
        int r;
    } names[] = {
        {".NoSuchUnit", -ENOENT},
        {".LoadFailed", -ENOENT},
        {".UnitExists", -EEXIST},
        {".AccessDenied", -EACCES},
        {".InteractiveAuthorizationRequired", -EACCES},
        {".PropertyReadOnly", -EOPNOTSUPP},
        {".UnknownProperty", -EOPNOTSUPP},
        {".UnknownInterface", -EOPNOTSUPP},
        {".InvalidArgs", -EINVAL},
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        size_t n = strlen(name), k = strlen(names[i].ending);

        if (n > k && streq(name + n - k, names[i].ending))
            return names[i].r;
    }
    return 0;
}

static int explain(int r, const char *unit, const sd_bus_error *error, struct err *e)
{
    const char *said = error->message ? error->message : strerror(-r);
    int known = error->name ? explain_name(error->name) : 0;

    switch (known) {
    case -ENOENT:
        return err_set(e, known, "%s: systemd knows no such unit", unit);
    case -EEXIST:
        return err_set(e, known, "%s: is there already", unit);
    case -EACCES:
        return err_set(e, known, "%s: systemd does not let this user change it; that is for root",
                       unit);
    case -EOPNOTSUPP:
        return err_unsupported(e, known, "%s: this systemd cannot do that: %s", unit, said);
    default:
        return err_set(e, known ? known : r, "%s: systemd says: %s", unit, said);
    }
}

/* Sends @m and releases it. @reply may be NULL. */
static int send_call(struct sdbus *b, const char *unit, sd_bus_message *m, sd_bus_message **reply,
                     struct err *e)
{
    sd_bus_error error = SD_BUS_ERROR_NULL;
    int r = b->call.sd_bus_call(b->bus, m, 0, &error, reply);

    b->call.sd_bus_message_unref(m);
    if (r < 0)
        r = explain(r, unit, &error, e);
    b->call.sd_bus_error_free(&error);
    return r < 0 ? r : 0;
}

static int new_call(struct sdbus *b, const char *method, sd_bus_message **m)
{
    return b->call.sd_bus_message_new_method_call(b->bus, m, b->destination, OBJECT, MANAGER,
                                                  method);
}

/* A message that cannot be put together: for lack of memory, or a text that is not UTF-8. */
static int fail_message(struct sdbus *b, const char *unit, sd_bus_message *m, int r, struct err *e)
{
    b->call.sd_bus_message_unref(m);
    return err_sys(e, r, "%s: cannot ask systemd", unit);
}

/* ---- jobs */

static uint64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int wait_job(struct sdbus *b, const char *unit, struct err *e)
{
    uint64_t end = now_us() + JOB_SECONDS * UINT64_C(1000000);

    while (!*b->result) {
        uint64_t now = now_us();
        int r = b->call.sd_bus_process(b->bus, NULL);

        if (r == 0 && now >= end)
            return err_set(e, -ETIMEDOUT, "%s: systemd did not finish with it within %d s", unit,
                           JOB_SECONDS);
        if (r == 0)
            r = b->call.sd_bus_wait(b->bus, end - now);
        if (r == -EINTR)
            return err_set(e, r, "%s: interrupted while waiting for systemd", unit);
        if (r < 0)
            return err_sys(e, r, "%s: the connection to systemd is lost", unit);
    }
    if (streq(b->result, "done") || streq(b->result, "skipped"))
        return 0;
    return err_set(e, -EIO,
                   "%s: systemd's job for it ended as \"%s\"; \"systemctl status %s\" says more",
                   unit, b->result, unit);
}

/* Sends a call that answers with a job. */
static int send_job(struct sdbus *b, const char *unit, sd_bus_message *m, bool wait, struct err *e)
{
    sd_bus_message *reply = NULL;
    const char *job;
    int r = send_call(b, unit, m, &reply, e);

    if (r < 0)
        return r;
    free(TAKE_PTR(b->job));
    *b->result = '\0';
    r = b->call.sd_bus_message_read(reply, "o", &job);
    if (r >= 0 && !(b->job = strdup(job)))
        r = -ENOMEM;
    b->call.sd_bus_message_unref(reply);
    if (r < 0)
        return err_sys(e, r, "%s: cannot understand systemd's answer", unit);
    return wait ? wait_job(b, unit, e) : 0;
}

/* On a bus it tells of jobs only those who said that they listen. */
static int subscribe(struct sdbus *b, const char *unit, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    sd_bus_message *m = NULL;
    int r;

    if (!b->destination)
        return 0;
    r = new_call(b, "Subscribe", &m);
    if (r < 0)
        return fail_message(b, unit, m, r, e);
    /* a second time it says that we do already */
    r = send_call(b, unit, m, NULL, &why);
    return r == -EACCES ? err_set(e, r, "%s", why.text) : 0;
}

/* systemd would take our number of a process for that of another one: the kernel tells a number of
 * who is in our PID namespace only. */
static int check_numbers(struct sdbus *b, const char *unit, struct err *e)
{
    int fd = b->call.sd_bus_get_fd(b->bus);
    struct ucred peer = {.pid = 0};
    socklen_t size = sizeof(peer);

    if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.pid != 0)
        return 0;
    return err_unsupported(e, -EOPNOTSUPP,
                           "%s: systemd is in another PID namespace, where processes have other "
                           "numbers; run this there",
                           unit);
}

static bool names_processes(const struct sdbus_properties *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (streq(p->items[i].name, "PIDs"))
            return true;
    return false;
}

int sdbus_start_transient(struct sdbus *b, const char *unit, const struct sdbus_properties *p,
                          bool wait, struct err *e)
{
    const struct sdbus_calls *c = &b->call;
    sd_bus_message *m = NULL;
    int r = names_processes(p) ? check_numbers(b, unit, e) : 0;

    if (r == 0)
        r = subscribe(b, unit, e);
    if (r < 0)
        return r;
    r = new_call(b, "StartTransientUnit", &m);
    if (r >= 0)
        r = c->sd_bus_message_append(m, "ss", unit, "fail");
    if (r >= 0)
        r = sdbus_value_append(c, m, p);
    if (r >= 0)
        r = c->sd_bus_message_append(m, "a(sa(sv))", 0);
    return r < 0 ? fail_message(b, unit, m, r, e) : send_job(b, unit, m, wait, e);
}

int sdbus_attach(struct sdbus *b, const char *unit, pid_t pid, struct err *e)
{
    sd_bus_message *m = NULL;
    int r = check_numbers(b, unit, e);

    if (r < 0)
        return r;
    r = new_call(b, "AttachProcessesToUnit", &m);
    if (r >= 0)
        r = b->call.sd_bus_message_append(m, "ssau", unit, "", 1, (uint32_t)pid);
    return r < 0 ? fail_message(b, unit, m, r, e) : send_call(b, unit, m, NULL, e);
}

static int unit_job(struct sdbus *b, const char *method, const char *unit, struct err *e)
{
    sd_bus_message *m = NULL;
    int r = subscribe(b, unit, e);

    if (r < 0)
        return r;
    r = new_call(b, method, &m);
    if (r >= 0)
        r = b->call.sd_bus_message_append(m, "ss", unit, "replace");
    return r < 0 ? fail_message(b, unit, m, r, e) : send_job(b, unit, m, true, e);
}

int sdbus_start(struct sdbus *b, const char *unit, struct err *e)
{
    return unit_job(b, "StartUnit", unit, e);
}

int sdbus_stop(struct sdbus *b, const char *unit, struct err *e)
{
    return unit_job(b, "StopUnit", unit, e);
}

/* ---- properties */

int sdbus_set(struct sdbus *b, const char *unit, bool runtime, const struct sdbus_properties *p,
              struct err *e)
{
    sd_bus_message *m = NULL;
    int r = new_call(b, "SetUnitProperties", &m);

    if (r >= 0)
        r = b->call.sd_bus_message_append(m, "sb", unit, (int)runtime);
    if (r >= 0)
        r = sdbus_value_append(&b->call, m, p);
    return r < 0 ? fail_message(b, unit, m, r, e) : send_call(b, unit, m, NULL, e);
}

static const char *interface_of(const char *unit)
{
    static const struct {
        const char *ending, *interface;
    } kinds[] = {
        {".service", DESTINATION ".Service"}, {".scope", DESTINATION ".Scope"},
        {".slice", DESTINATION ".Slice"},     {".mount", DESTINATION ".Mount"},
        {".socket", DESTINATION ".Socket"},   {".swap", DESTINATION ".Swap"},
    };
    const char *ending = strrchr(unit, '.');

    for (size_t i = 0; ending && i < ARRAY_SIZE(kinds); i++)
        if (streq(kinds[i].ending, ending))
            return kinds[i].interface;
    return DESTINATION ".Unit";
}

/* @interface: NULL for that of the kind of unit */
static int get(struct sdbus *b, const char *unit, const char *interface, struct sdbus_property *p,
               struct err *e)
{
    _cleanup_(free_ptr) char *path = NULL;
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message *m = NULL;
    int r = b->call.sd_bus_path_encode(OBJECT "/unit", unit, &path);

    if (r < 0)
        return err_sys(e, r, "%s: cannot ask systemd", unit);
    r = b->call.sd_bus_get_property(b->bus, b->destination, path,
                                    interface ? interface : interface_of(unit), p->name, &error, &m,
                                    p->type);
    if (r < 0)
        r = explain(r, unit, &error, e);
    else if ((r = sdbus_value_read(&b->call, m, p)) < 0)
        err_sys(e, r, "%s: cannot understand what systemd says of %s", unit, p->name);
    b->call.sd_bus_error_free(&error);
    b->call.sd_bus_message_unref(m);
    return r < 0 ? r : 0;
}

int sdbus_get(struct sdbus *b, const char *unit, struct sdbus_property *p, struct err *e)
{
    return get(b, unit, NULL, p, e);
}

int sdbus_exists(struct sdbus *b, const char *unit, struct err *e)
{
    struct sdbus_property load = {.name = "LoadState", .type = "s"},
                          active = {.name = "ActiveState", .type = "s"};
    int r = get(b, unit, DESTINATION ".Unit", &load, e);

    if (r == 0)
        r = get(b, unit, DESTINATION ".Unit", &active, e);
    if (r == 0)
        r = !streq(load.text, "not-found") || streq(active.text, "active");
    free(load.text);
    free(active.text);
    return r;
}

/* ---- unit files */

int sdbus_reload(struct sdbus *b, struct err *e)
{
    sd_bus_message *m = NULL;
    int r = new_call(b, "Reload", &m);

    return r < 0 ? fail_message(b, "systemd", m, r, e) : send_call(b, "systemd", m, NULL, e);
}

int sdbus_enable(struct sdbus *b, const char *unit, struct err *e)
{
    sd_bus_message *m = NULL;
    int r = new_call(b, "EnableUnitFiles", &m);

    if (r >= 0)
        r = b->call.sd_bus_message_append(m, "asbb", 1, unit, 0, 0);
    return r < 0 ? fail_message(b, unit, m, r, e) : send_call(b, unit, m, NULL, e);
}

int sdbus_disable(struct sdbus *b, const char *unit, struct err *e)
{
    sd_bus_message *m = NULL;
    int r = new_call(b, "DisableUnitFiles", &m);

    if (r >= 0)
        r = b->call.sd_bus_message_append(m, "asb", 1, unit, 0);
    return r < 0 ? fail_message(b, unit, m, r, e) : send_call(b, unit, m, NULL, e);
}

int sdbus_revert(struct sdbus *b, const char *unit, struct err *e)
{
    sd_bus_message *m = NULL;
    int r = new_call(b, "RevertUnitFiles", &m);

    if (r >= 0)
        r = b->call.sd_bus_message_append(m, "as", 1, unit);
    return r < 0 ? fail_message(b, unit, m, r, e) : send_call(b, unit, m, NULL, e);
}

#else

static int refuse(struct err *e)
{
    return err_unsupported(e, -EOPNOTSUPP,
                           "systemd: this program was built without libsystemd and cannot ask it; "
                           "build it where libsystemd-dev (systemd-devel) is installed");
}

int sdbus_open(uid_t whose _unused_, struct sdbus **out _unused_, struct err *e)
{
    return refuse(e);
}

void sdbus_close(struct sdbus **b)
{
    *b = NULL;
}

int sdbus_start_transient(struct sdbus *b _unused_, const char *unit _unused_,
                          const struct sdbus_properties *p _unused_, bool wait _unused_,
                          struct err *e)
{
    return refuse(e);
}

int sdbus_attach(struct sdbus *b _unused_, const char *unit _unused_, pid_t pid _unused_,
                 struct err *e)
{
    return refuse(e);
}

int sdbus_start(struct sdbus *b _unused_, const char *unit _unused_, struct err *e)
{
    return refuse(e);
}

int sdbus_stop(struct sdbus *b _unused_, const char *unit _unused_, struct err *e)
{
    return refuse(e);
}

int sdbus_set(struct sdbus *b _unused_, const char *unit _unused_, bool runtime _unused_,
              const struct sdbus_properties *p _unused_, struct err *e)
{
    return refuse(e);
}

int sdbus_get(struct sdbus *b _unused_, const char *unit _unused_,
              struct sdbus_property *p _unused_, struct err *e)
{
    return refuse(e);
}

int sdbus_exists(struct sdbus *b _unused_, const char *unit _unused_, struct err *e)
{
    return refuse(e);
}

int sdbus_reload(struct sdbus *b _unused_, struct err *e)
{
    return refuse(e);
}

int sdbus_enable(struct sdbus *b _unused_, const char *unit _unused_, struct err *e)
{
    return refuse(e);
}

int sdbus_disable(struct sdbus *b _unused_, const char *unit _unused_, struct err *e)
{
    return refuse(e);
}

int sdbus_revert(struct sdbus *b _unused_, const char *unit _unused_, struct err *e)
{
    return refuse(e);
}

#endif
