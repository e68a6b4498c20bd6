/* SPDX-License-Identifier: MIT */
#include "report.h"

#include "cgvalue.h"
#include "message.h"
#include "size.h"
#include <inttypes.h>

enum kind { BYTES, COUNT, MICROSECONDS };

static const struct {
    const char *name;
    const char *file;
    const char *line; /* of a nested keyed file */
    const char *key;  /* NULL: a single value */
    enum kind kind;
    const char *text;
} keys[REPORT_KEYS] = {
    [REPORT_MEMORY_PEAK] = {"memory_peak_bytes", "memory.peak", NULL, NULL, BYTES, "peak memory"},
    [REPORT_SWAP_PEAK] = {"swap_peak_bytes", "memory.swap.peak", NULL, NULL, BYTES, "peak swap"},
    [REPORT_CPU] = {"cpu_usec", "cpu.stat", NULL, "usage_usec", MICROSECONDS, "processor time"},
    [REPORT_CPU_USER] = {"cpu_user_usec", "cpu.stat", NULL, "user_usec", MICROSECONDS,
                         "  of that, in programs"},
    [REPORT_CPU_SYSTEM] = {"cpu_system_usec", "cpu.stat", NULL, "system_usec", MICROSECONDS,
                           "  of that, in the kernel"},
    [REPORT_STALL_SOME] = {"stall_some_usec", "memory.pressure", "some", "total", MICROSECONDS,
                           "something waited for memory"},
    [REPORT_STALL_FULL] = {"stall_full_usec", "memory.pressure", "full", "total", MICROSECONDS,
                           "everything waited for memory"},
    [REPORT_SCAN_BACKGROUND] = {"pgscan_kswapd", "memory.stat", NULL, "pgscan_kswapd", COUNT,
                                "pages scanned in the background"},
    [REPORT_SCAN_DIRECT] = {"pgscan_direct", "memory.stat", NULL, "pgscan_direct", COUNT,
                            "pages scanned while something waited"},
    [REPORT_SCAN_PROACTIVE] = {"pgscan_proactive", "memory.stat", NULL, "pgscan_proactive", COUNT,
                               "pages scanned on request"},
    [REPORT_STEAL] = {"pgsteal", "memory.stat", NULL, "pgsteal", COUNT, "pages reclaimed"},
    [REPORT_HIGH] = {"events_high", "memory.events", NULL, "high", COUNT,
                     "times slowed down above memory.high"},
    [REPORT_MAX] = {"events_max", "memory.events", NULL, "max", COUNT,
                    "times stopped at memory.max"},
    [REPORT_OOM] = {"events_oom", "memory.events", NULL, "oom", COUNT, "times out of memory"},
    [REPORT_OOM_KILL] = {"events_oom_kill", "memory.events", NULL, "oom_kill", COUNT,
                         "processes killed for memory"},
};

void report_read(int dir, struct report *out)
{
    _cleanup_(free_ptr) char *text = NULL;
    const char *file = "";

    *out = (struct report){.numbers[0].known = false};
    for (size_t i = 0; i < REPORT_KEYS; i++) {
        struct report_number *n = &out->numbers[i];

        if (!keys[i].key) {
            n->known = cgvalue_read(dir, keys[i].file, &n->value) == 0;
            continue;
        }
        if (!streq(file, keys[i].file)) {
            file = keys[i].file;
            free(TAKE_PTR(text));
            if (cgroup_read(dir, file, &text) < 0)
                text = NULL;
        }
        if (text && keys[i].line)
            n->known = cgvalue_nested(text, keys[i].line, keys[i].key, &n->value) == 0;
        else if (text)
            n->known = cgvalue_flat(text, keys[i].key, &n->value) == 0;
    }
}

struct report_number report_kills(int dir)
{
    _cleanup_(free_ptr) char *text = NULL;
    struct report_number n = {.known = false};

    if (cgroup_read(dir, keys[REPORT_OOM_KILL].file, &text) == 0)
        n.known = cgvalue_flat(text, keys[REPORT_OOM_KILL].key, &n.value) == 0;
    return n;
}

void report_since(struct report *now, const struct report *before)
{
    for (size_t i = 0; i < REPORT_KEYS; i++) {
        struct report_number *n = &now->numbers[i];

        if (keys[i].key && n->known && before->numbers[i].known)
            n->value -= before->numbers[i].value < n->value ? before->numbers[i].value : n->value;
    }
}

static const char *format(enum kind kind, const struct report_number *n,
                          char buf[static CGVALUE_TEXT])
{
    if (!n->known)
        return strcpy(buf, "unknown");
    if (kind == BYTES)
        return size_format(n->value, buf);
    if (kind == MICROSECONDS)
        snprintf(buf, CGVALUE_TEXT, "%" PRIu64 ".%03" PRIu64 " s", n->value / 1000000,
                 n->value / 1000 % 1000);
    else
        snprintf(buf, CGVALUE_TEXT, "%" PRIu64, n->value);
    return buf;
}

const char *report_peaks(const struct report *r, char buf[static REPORT_PEAKS_MAX])
{
    char memory[CGVALUE_TEXT], swap[CGVALUE_TEXT];

    snprintf(buf, REPORT_PEAKS_MAX, "peak memory %s, peak swap %s",
             format(BYTES, &r->numbers[REPORT_MEMORY_PEAK], memory),
             format(BYTES, &r->numbers[REPORT_SWAP_PEAK], swap));
    return buf;
}

const char *report_killer(const struct report *r)
{
    const struct report_number *here = &r->numbers[REPORT_OOM];

    return here->known && here->value == 0
               ? "in the group for lack of memory in a group above it or in the machine"
               : "for lack of memory in the group";
}

void report_print(const struct cmd_context *ctx, const char *path, const struct report *r)
{
    char line[128], number[CGVALUE_TEXT];

    snprintf(line, sizeof(line), "/%.100s:", path);
    message_say(ctx->tool->name, MESSAGE_INFO, "", line);
    for (size_t i = 0; i < REPORT_KEYS; i++) {
        if (!r->numbers[i].known)
            continue;
        snprintf(line, sizeof(line), "%-38s %s", keys[i].text,
                 format(keys[i].kind, &r->numbers[i], number));
        message_say(ctx->tool->name, MESSAGE_INFO, "  ", line);
    }
}

int report_print_json(const char *path, const struct report *r, int status, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL, *name = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    struct json j = JSON_INIT(f);

    if (!f || asprintf(&name, "/%s", path) < 0) {
        close_file(&f);
        return err_oom(e);
    }
    json_object(&j, NULL);
    json_string(&j, "group", name);
    json_number(&j, "status", status);
    for (size_t i = 0; i < REPORT_KEYS; i++) {
        if (r->numbers[i].known)
            json_number(&j, keys[i].name, (int64_t)r->numbers[i].value);
        else
            json_null(&j, keys[i].name);
    }
    json_object_end(&j);
    if (fclose(f) != 0)
        return err_oom(e);
    text[strcspn(text, "\n")] = '\0';
    message_say(NULL, MESSAGE_INFO, "", text);
    return 0;
}
