/* SPDX-License-Identifier: MIT */
#include "unittext.h"

#include "kv.h"
#include "utf8.h"

#include <inttypes.h>

#define SWAP_SECTION "[Swap]"

static const char heading[] =
    "# Written by headroom, which replaces this file. To change it use swapctl(8) or a drop-in.\n"
    "[Unit]\n";

/* systemd's own limit, and that of file names */
enum { NAME_LONGEST = 255 };

/* A line of a unit file can hold it: systemd drops lines with anything else. */
static bool printable(const char *text)
{
    while (*text) {
        size_t n = utf8_length(text);

        if (n == 0 || (unsigned char)*text < ' ' || *text == 0x7f)
            return false;
        text += n;
    }
    return true;
}

int unittext_check(const char *path, struct err *e)
{
    _cleanup_(free_ptr) char *name = unitname_escape(path);
    size_t n = strlen(path);
    const char *bad = NULL;

    if (!name)
        return err_oom(e);
    if (strlen(UNITTEXT_CREATE) + strlen(name) + strlen(".service") > NAME_LONGEST)
        return err_set(e, -ENAMETOOLONG,
                       "%s: is too long for the name of a systemd unit; declare it in fstab", path);
    if (!printable(path))
        bad = "holds control characters or bytes that are not UTF-8";
    else if (path[n - 1] == ' ')
        bad = "ends in a blank";
    else if (path[n - 1] == '\\')
        bad = "ends in a backslash";
    if (bad)
        return err_set(e, -EINVAL,
                       "%s: %s, which a systemd unit cannot express; declare it in fstab", path,
                       bad);
    return 0;
}

/* systemd expands % everywhere and $ in command lines. */
static void put_escaped(FILE *out, const char *text, const char *doubled, const char *backslashed)
{
    for (; *text; text++) {
        if (strchr(doubled, *text))
            fputc(*text, out);
        else if (strchr(backslashed, *text))
            fputc('\\', out);
        fputc(*text, out);
    }
}

/* A setting whose value is the rest of the line, as it is. */
static void put_line(FILE *out, const char *key, const char *value)
{
    fputs(key, out);
    put_escaped(out, value, "%", "");
    fputc('\n', out);
}

static void put_quoted(FILE *out, const char *text, const char *doubled)
{
    fputc('"', out);
    put_escaped(out, text, doubled, "\"\\");
    fputc('"', out);
}

/* What makes it start at boot, and what is for ourselves: see unittext_parse(). */
static void put_install(FILE *out, const struct declaration *d)
{
    fprintf(out,
            "\n"
            "[Install]\n"
            "WantedBy=swap.target\n"
            "\n" UNITNAME_SECTION "\n"
            "Size=%" PRIu64 "\n",
            d->size);
    if (d->label && *d->label) {
        fputs("Label=", out);
        put_quoted(out, d->label, "");
        fputc('\n', out);
    }
}

static void put_swap(FILE *out, const struct declaration *d, const char *name)
{
    const char *discard = declaration_discard_option(d->discard);

    fputs(heading, out);
    put_line(out, "Description=Swap area ", d->path);
    fprintf(out,
            "Documentation=man:swapctl(8)\n"
            "Wants=" UNITTEXT_CREATE "%s.service\n"
            "After=" UNITTEXT_CREATE "%s.service systemd-remount-fs.service\n"
            "\n" SWAP_SECTION "\n",
            name, name);
    put_line(out, "What=", d->path);
    if (d->priority >= 0)
        fprintf(out, "Priority=%d\n", d->priority);
    if (*discard)
        fprintf(out, "Options=%s\n", discard);
    fputs("TimeoutSec=5min\n", out);
    put_install(out, d);
}

/*
 * It runs before local-fs.target and may have to write anywhere, so nothing here needs a mount
 * namespace, and system calls are denied by list, not allowed: older systemd does not know the
 * names of new ones.
 */
static const char sandbox[] =
    "TimeoutSec=5min\n"
    "UMask=0077\n"
    "NoNewPrivileges=yes\n"
    "CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_LINUX_IMMUTABLE\n"
    "CapabilityBoundingSet=CAP_SYS_ADMIN\n"
    "KeyringMode=private\n"
    "LockPersonality=yes\n"
    "MemoryDenyWriteExecute=yes\n"
    "PrivateNetwork=yes\n"
    "ProtectHostname=yes\n"
    "RestrictAddressFamilies=AF_UNIX\n"
    "RestrictNamespaces=yes\n"
    "RestrictRealtime=yes\n"
    "RestrictSUIDSGID=yes\n"
    "SystemCallArchitectures=native\n"
    "SystemCallFilter=~@clock @cpu-emulation @debug @module @mount @obsolete @raw-io @reboot\n"
    "SystemCallErrorNumber=EPERM\n";

/* "swapctl VERB PATH --size N [--label LABEL]", without a newline */
static void put_command(FILE *out, const struct declaration *d, const char *swapctl,
                        const char *verb)
{
    fprintf(out, "%s %s ", swapctl, verb);
    put_quoted(out, d->path, "%$");
    fprintf(out, " --size %" PRIu64, d->size);
    if (d->label && *d->label) {
        fputs(" --label ", out);
        put_quoted(out, d->label, "%$");
    }
}

static void put_service_head(FILE *out, const struct declaration *d, const char *what,
                             const char *swapctl)
{
    fputs(heading, out);
    put_line(out, what, d->path);
    fputs("Documentation=man:swapctl(8)\n"
          "DefaultDependencies=no\n"
          "RequiresMountsFor=",
          out);
    put_quoted(out, d->path, "%");
    fprintf(out, " %s\nConflicts=umount.target\n", swapctl);
}

static void put_service(FILE *out, const struct declaration *d, const char *name,
                        const char *swapctl)
{
    put_service_head(out, d, "Description=Create swap file ", swapctl);
    fprintf(out,
            "After=systemd-remount-fs.service\n"
            "Before=%s.swap umount.target\n",
            name);
    put_line(out, "ConditionPathExists=!", d->path);
    fputs("\n"
          "[Service]\n"
          "Type=oneshot\n"
          "ExecStart=",
          out);
    put_command(out, d, swapctl, "create");
    fprintf(out, "\n%sSystemCallFilter=~@swap\n\n" UNITNAME_SECTION "\nSize=%" PRIu64 "\n", sandbox,
            d->size);
}

/*
 * It stays active, so that the file system can be unmounted at the end: that conflicts with it. The
 * folder of devices has to be filled first, for what loads the kernel's module is in it.
 */
static void put_loop_service(FILE *out, const struct declaration *d, const char *swapctl)
{
    put_service_head(out, d, "Description=Swap on a loop device over ", swapctl);
    fputs("After=systemd-remount-fs.service systemd-tmpfiles-setup-dev.service\n"
          "Before=swap.target umount.target\n"
          "\n"
          "[Service]\n"
          "Type=oneshot\n"
          "RemainAfterExit=yes\n"
          "ExecStart=",
          out);
    put_command(out, d, swapctl, "ensure");
    fputs(" --backing loop", out);
    if (d->priority >= 0)
        fprintf(out, " --priority %d", d->priority);
    fprintf(out, "\nExecStop=-%s off --force ", swapctl);
    put_quoted(out, d->path, "%$");
    fprintf(out, "\n%s", sandbox);
    put_install(out, d);
    fputs("Backing=loop\n", out);
    put_line(out, "What=", d->path);
    if (d->priority >= 0)
        fprintf(out, "Priority=%d\n", d->priority);
}

static int check_service(const struct declaration *d, const char *swapctl, struct err *e)
{
    if (d->label && !printable(d->label))
        return err_set(e, -EINVAL,
                       "%s: its label holds bytes that are not UTF-8, which a systemd unit cannot "
                       "express; declare it in fstab",
                       d->path);
    for (const char *p = swapctl; *p; p++)
        if (!(unitname_is_plain(*p) || strchr("/+-", *p)) || *swapctl != '/')
            return err_set(e, -EINVAL,
                           "%s: a systemd unit cannot run a program of this name; install it "
                           "under a plain absolute path",
                           swapctl);
    return 0;
}

static int make_text(const struct declaration *d, const char *swapctl, char **out, struct err *e)
{
    _cleanup_(free_ptr) char *name = NULL, *text = NULL;
    size_t size;
    FILE *f;
    int r;

    r = unittext_check(d->path, e);
    if (r == 0 && swapctl)
        r = check_service(d, swapctl, e);
    if (r < 0)
        return r;
    name = unitname_escape(d->path);
    f = open_memstream(&text, &size);
    if (f && name && swapctl && d->backing == DECLARATION_BACKING_LOOP)
        put_loop_service(f, d, swapctl);
    else if (f && name && swapctl)
        put_service(f, d, name, swapctl);
    else if (f && name)
        put_swap(f, d, name);
    r = f && name && !ferror(f) ? 0 : -1;
    if (f && fclose(f) != 0)
        r = -1;
    if (r < 0)
        return err_oom(e);
    *out = TAKE_PTR(text);
    return 0;
}

int unittext_swap(const struct declaration *d, char **out, struct err *e)
{
    return make_text(d, NULL, out, e);
}

int unittext_service(const struct declaration *d, const char *swapctl, char **out, struct err *e)
{
    return make_text(d, swapctl, out, e);
}

/* UNSET if these options do not say. */
static enum declaration_discard discard_of(struct kv_span options)
{
    const char *end = options.p + options.n;

    for (const char *p = options.p, *comma; p < end; p = comma + 1) {
        struct kv_span option;
        const char *how;

        comma = memchr(p, ',', (size_t)(end - p));
        comma = comma ? comma : end;
        option = (struct kv_span){p, (size_t)(comma - p)};
        how = option.n > strlen("discard=") ? str_after(p, "discard=") : NULL;
        if (how || kv_span_eq(option, "discard"))
            return declaration_discard_value(how, how ? (size_t)(comma - how) : 0);
    }
    return DECLARATION_DISCARD_UNSET;
}

void unittext_declared(const char *text, struct declaration *d)
{
    struct kv_span value;
    uint64_t priority;

    if (d->priority < 0 && kv_find(text, '=', "Priority", &value) &&
        kv_u64(value, &priority, NULL) == 0 && priority <= INT16_MAX)
        d->priority = (int)priority;
    if (d->discard < 0 && kv_find(text, '=', "Options", &value))
        d->discard = discard_of(value);
    if (d->backing == DECLARATION_BACKING_AUTO && kv_find(text, '=', "Backing", &value) &&
        kv_span_eq(value, "loop"))
        d->backing = DECLARATION_BACKING_LOOP;
}

/* The last "KEY=VALUE" line of this section. Return: false if there is none. */
static bool find_setting(const char *text, const char *section, const char *key,
                         struct kv_span *value)
{
    bool inside = false, found = false;
    size_t n = strlen(key);

    for (const char *end; *text; text = *end ? end + 1 : end) {
        struct kv_span line;

        end = strchrnul(text, '\n');
        line = (struct kv_span){text, (size_t)(end - text)};
        if (*text == '[')
            inside = kv_span_eq(line, section);
        else if (inside && line.n > n && strncmp(text, key, n) == 0 && text[n] == '=') {
            *value = (struct kv_span){text + n + 1, line.n - n - 1};
            found = true;
        }
    }
    return found;
}

/* The text without @escape in front of what it escapes: "%%" is "%", "\\" is "\". Return:
 * allocated, or NULL: out of memory (ENOMEM), or something stands alone (EINVAL). */
static char *unescape(struct kv_span span, char escape, const char *escaped)
{
    _cleanup_(free_ptr) char *out = malloc(span.n + 1);
    char *to = out;

    if (!out)
        return NULL;
    for (size_t i = 0; i < span.n; i++) {
        if (span.p[i] == escape) {
            if (++i == span.n || !strchr(escaped, span.p[i])) {
                errno = EINVAL;
                return NULL;
            }
        }
        *to++ = span.p[i];
    }
    *to = '\0';
    return TAKE_PTR(out);
}

static int bad_setting(const char *where, const char *key, struct err *e)
{
    return err_set(e, -EBADMSG, "%s: cannot understand what it has for %s=; correct it", where,
                   key);
}

static int take_text(char *value, const char *where, const char *key, char **out, struct err *e)
{
    if (!value)
        return errno == ENOMEM ? err_oom(e) : bad_setting(where, key, e);
    *out = value;
    return 0;
}

static int take_label(const char *text, const char *where, char **out, struct err *e)
{
    struct kv_span value;

    if (!find_setting(text, UNITNAME_SECTION, "Label", &value))
        return 0;
    if (value.n < 2 || value.p[0] != '"' || value.p[value.n - 1] != '"')
        return bad_setting(where, "Label", e);
    value = (struct kv_span){value.p + 1, value.n - 2};
    return take_text(unescape(value, '\\', "\\\""), where, "Label", out, e);
}

/* @section: that the priority stands in */
static int take_numbers(const char *text, const char *section, const char *where,
                        struct declaration *d, struct err *e)
{
    struct kv_span value;
    uint64_t priority;

    if (!find_setting(text, UNITNAME_SECTION, "Size", &value) || kv_u64(value, &d->size, NULL) < 0)
        return bad_setting(where, "Size", e);
    if (!find_setting(text, section, "Priority", &value) || value.n == 0 || *value.p == '-')
        return 0; /* systemd.swap(5): a negative one is none */
    if (kv_u64(value, &priority, NULL) < 0 || priority > INT16_MAX)
        return bad_setting(where, "Priority", e);
    d->priority = (int)priority;
    return 0;
}

int unittext_parse(const char *text, const char *where, char **path, char **label,
                   struct declaration *d, struct err *e)
{
    struct declaration found = {.priority = -1, .discard = DECLARATION_DISCARD_UNSET};
    _cleanup_(free_ptr) char *what = NULL, *name = NULL;
    struct kv_span value;
    bool loop =
        find_setting(text, UNITNAME_SECTION, "Backing", &value) && kv_span_eq(value, "loop");
    const char *section = loop ? UNITNAME_SECTION : SWAP_SECTION;
    int r;

    r = find_setting(text, section, "What", &value)
            ? take_text(unescape(value, '%', "%"), where, "What", &what, e)
            : bad_setting(where, "What", e);
    if (r == 0)
        r = take_label(text, where, &name, e);
    if (r == 0)
        r = take_numbers(text, section, where, &found, e);
    if (r < 0)
        return r;
    if (loop)
        found.backing = DECLARATION_BACKING_LOOP;
    else if (find_setting(text, SWAP_SECTION, "Options", &value))
        found.discard = discard_of(value);
    found.path = *path = TAKE_PTR(what);
    found.label = *label = TAKE_PTR(name);
    *d = found;
    return 0;
}
