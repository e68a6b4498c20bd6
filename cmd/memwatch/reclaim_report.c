/* SPDX-License-Identifier: MIT */
#include "reclaim_report.h"

#include <inttypes.h>

enum { AMOUNT_TEXT = 48 };

static const char *const who_text[RECLAIM_WHO] = {"kswapd", "direct", "limit", "proactive",
                                                  "khugepaged"};
static const char *const event_text[CGHITS_EVENTS] = {"max", "high", "oom", "oom_kill"};

void reclaim_report_make(struct reclaim_report *r, const struct reclaim_scene *scene,
                         const struct reclaim_moment *before, const struct reclaim_moment *after)
{
    *r = (struct reclaim_report){.scene = scene, .before = before, .after = after};
    r->dropped = reclaim_attribute(&before->counters, &after->counters, &r->reclaim) != 0;
    if (r->dropped)
        return;
    r->verdict = verdict_of(&r->reclaim);
    if (r->verdict == VERDICT_LIMIT || r->verdict == VERDICT_MIXED)
        r->culprit = cghits_most(&scene->hits);
}

static uint64_t interval(const struct reclaim_report *r)
{
    return r->after->ns - r->before->ns;
}

/* What a named group counted. One that was made meanwhile began with nothing. */
static uint64_t grown(const struct reclaim_report *r, size_t group, int event)
{
    uint64_t was = r->before->groups[group].count.n[event];
    uint64_t is = r->after->groups[group].count.n[event];

    return is > was ? is - was : 0;
}

/* ---- text */

static const char *amount(const struct reclaim_amount *a, char buf[static AMOUNT_TEXT])
{
    if (!a->known)
        snprintf(buf, AMOUNT_TEXT, "?");
    else if (a->low == a->high)
        snprintf(buf, AMOUNT_TEXT, "%" PRIu64, a->low);
    else
        snprintf(buf, AMOUNT_TEXT, "%" PRIu64 "..%" PRIu64, a->low, a->high);
    return buf;
}

static void print_row(const char *who, const struct reclaim_amount *scanned,
                      const struct reclaim_amount *stolen, FILE *out)
{
    char a[AMOUNT_TEXT], b[AMOUNT_TEXT];
    double efficiency;

    fprintf(out, "  %s: scanned %s, stolen %s", who, amount(scanned, a), amount(stolen, b));
    if (reclaim_efficiency(scanned, stolen, &efficiency))
        fprintf(out, " (%.1f%%)", efficiency);
    fputc('\n', out);
}

static void print_pages(const struct reclaim *r, FILE *out)
{
    char a[AMOUNT_TEXT], b[AMOUNT_TEXT];
    double ratio;

    for (int i = 0; i < RECLAIM_WHO; i++)
        if (r->scanned[i].high > 0)
            print_row(who_text[i], &r->scanned[i], &r->stolen[i], out);
    print_row("all", &r->all_scanned, &r->all_stolen, out);
    fprintf(out, "  refaults %s", amount(&r->refaults, a));
    if (reclaim_refault_ratio(r, &ratio))
        fprintf(out, " (%.2f for each page stolen)", ratio);
    fprintf(out, ", allocation stalls %s, limits met %s times\n", amount(&r->stalls, a),
            amount(&r->hits, b));
}

static void print_kswapd(const struct reclaim_report *r, FILE *out)
{
    double cpu;

    if (r->scene->kswapd.n == 0)
        fputs("  kswapd CPU ?: its threads are not seen from here\n", out);
    for (size_t i = 0; i < r->scene->kswapd.n; i++) {
        fprintf(out, "  kswapd CPU of node %u: ", r->scene->kswapd.nodes[i].node);
        if (reclaim_scene_kswapd_cpu(r->before, r->after, i, &cpu))
            fprintf(out, "%.1f%%\n", cpu);
        else
            fputs("?\n", out);
    }
}

static void print_stall(const struct reclaim_scene_stall *before,
                        const struct reclaim_scene_stall *after, uint64_t ns, FILE *out)
{
    double percent;

    if (reclaim_scene_some(before, after, ns, &percent))
        fprintf(out, "PSI some %.1f%%", percent);
    else
        fputs("PSI ?", out);
    if (reclaim_scene_full(before, after, ns, &percent))
        fprintf(out, ", full %.1f%%", percent);
}

static void print_groups(const struct reclaim_report *r, FILE *out)
{
    fputs("  system: ", out);
    print_stall(&r->before->stall, &r->after->stall, interval(r), out);
    fputc('\n', out);
    for (size_t i = 0; i < r->scene->n_groups; i++) {
        const struct reclaim_scene_group *before = &r->before->groups[i],
                                         *after = &r->after->groups[i];

        fprintf(out, "  /%s: ", r->scene->groups[i]);
        if (!after->there) {
            fputs("there is no such group now\n", out);
            continue;
        }
        print_stall(&before->stall, &after->stall, interval(r), out);
        for (int event = 0; event < CGHITS_EVENTS; event++)
            fprintf(out, ", %s %" PRIu64, event_text[event], grown(r, i, event));
        fputc('\n', out);
    }
}

static bool is_quiet(const struct reclaim_report *r)
{
    return r->verdict == VERDICT_NONE && r->reclaim.all_scanned.high == 0;
}

void reclaim_report_print(const struct reclaim_report *r, FILE *out)
{
    char reason[VERDICT_REASON_MAX];

    fprintf(out, "%.1f s: ", (double)interval(r) / 1e9);
    if (r->dropped) {
        fputs("a counter went backwards, so nothing is known of it\n", out);
        return;
    }
    fputs(verdict_text(r->verdict), out);
    if (r->culprit)
        fprintf(out, ": /%s", r->culprit->path);
    fprintf(out, "; %s\n", verdict_reason(&r->reclaim, r->verdict, reason));
    if (!is_quiet(r)) {
        print_pages(&r->reclaim, out);
        print_kswapd(r, out);
    }
    if (!is_quiet(r) || r->scene->n_groups > 0)
        print_groups(r, out);
}

/* ---- JSON */

static void json_percent(struct json *j, const char *key, bool known, double value)
{
    if (known)
        json_ratio(j, key, (uint64_t)(value * 100 + 0.5));
    else
        json_null(j, key);
}

static int64_t number(uint64_t n)
{
    return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

/* A number, null, or an object with what it lies between. */
static void json_amount(struct json *j, const char *key, const struct reclaim_amount *a)
{
    if (!a->known) {
        json_null(j, key);
    } else if (a->low == a->high) {
        json_number(j, key, number(a->low));
    } else {
        json_object(j, key);
        json_number(j, "low", number(a->low));
        json_number(j, "high", number(a->high));
        json_object_end(j);
    }
}

static void json_amounts(struct json *j, const char *key,
                         const struct reclaim_amount a[static RECLAIM_WHO],
                         const struct reclaim_amount *all)
{
    json_object(j, key);
    for (int i = 0; i < RECLAIM_WHO; i++)
        json_amount(j, who_text[i], &a[i]);
    json_amount(j, "all", all);
    json_object_end(j);
}

static void json_efficiency(struct json *j, const struct reclaim *r)
{
    double value = 0;
    bool known;

    json_object(j, "efficiency");
    for (int i = 0; i < RECLAIM_WHO; i++) {
        known = reclaim_efficiency(&r->scanned[i], &r->stolen[i], &value);
        json_percent(j, who_text[i], known, value);
    }
    known = reclaim_efficiency(&r->all_scanned, &r->all_stolen, &value);
    json_percent(j, "all", known, value);
    json_object_end(j);
}

static void json_stall(struct json *j, const struct reclaim_scene_stall *before,
                       const struct reclaim_scene_stall *after, uint64_t ns)
{
    double value = 0;
    bool known = reclaim_scene_some(before, after, ns, &value);

    json_percent(j, "psi_some", known, value);
    known = reclaim_scene_full(before, after, ns, &value);
    json_percent(j, "psi_full", known, value);
}

/* Keyed by the path: a list of objects would take more than one line. */
static void json_groups(struct json *j, const struct reclaim_report *r)
{
    json_object(j, "cgroups");
    for (size_t i = 0; i < r->scene->n_groups; i++) {
        const struct reclaim_scene_group *before = &r->before->groups[i],
                                         *after = &r->after->groups[i];
        _cleanup_(free_ptr) char *key = NULL;

        if (asprintf(&key, "/%s", r->scene->groups[i]) < 0)
            continue;
        if (!after->there) {
            json_null(j, key);
            continue;
        }
        json_object(j, key);
        for (int event = 0; event < CGHITS_EVENTS; event++)
            json_number(j, event_text[event], number(grown(r, i, event)));
        json_stall(j, &before->stall, &after->stall, interval(r));
        json_object_end(j);
    }
    json_object_end(j);
}

static void json_kswapd(struct json *j, const struct reclaim_report *r)
{
    if (r->scene->kswapd.n == 0) {
        json_null(j, "kswapd_cpu");
        return;
    }
    json_object(j, "kswapd_cpu");
    for (size_t i = 0; i < r->scene->kswapd.n; i++) {
        char node[16];
        double cpu = 0;
        bool known = reclaim_scene_kswapd_cpu(r->before, r->after, i, &cpu);

        snprintf(node, sizeof(node), "%u", r->scene->kswapd.nodes[i].node);
        json_percent(j, node, known, cpu);
    }
    json_object_end(j);
}

static void json_reclaim(struct json *j, const struct reclaim *r)
{
    double ratio = 0;
    bool known = reclaim_refault_ratio(r, &ratio);

    json_amounts(j, "scanned", r->scanned, &r->all_scanned);
    json_amounts(j, "stolen", r->stolen, &r->all_stolen);
    json_efficiency(j, r);
    json_amount(j, "refaults", &r->refaults);
    json_percent(j, "refault_ratio", known, ratio);
    json_amount(j, "stalls", &r->stalls);
    json_amount(j, "hits", &r->hits);
    json_bool(j, "limit_with_proactive", r->with_proactive);
}

static void json_verdict(struct json *j, const struct reclaim_report *r)
{
    _cleanup_(free_ptr) char *path = NULL;
    char reason[VERDICT_REASON_MAX];

    if (r->culprit && asprintf(&path, "/%s", r->culprit->path) < 0)
        path = NULL;
    json_string(j, "verdict", verdict_text(r->verdict));
    json_string(j, "group", path);
    json_string(j, "reason", verdict_reason(&r->reclaim, r->verdict, reason));
}

void reclaim_report_json(const struct reclaim_report *r, FILE *out, int status)
{
    struct json j = JSON_INIT(out);

    json_object(&j, NULL);
    json_percent(&j, "seconds", true, (double)interval(r) / 1e9);
    if (status >= 0)
        json_number(&j, "status", status);
    if (r->dropped) {
        json_null(&j, "verdict");
        json_string(&j, "reason", "a counter went backwards");
    } else {
        json_verdict(&j, r);
        json_reclaim(&j, &r->reclaim);
        json_kswapd(&j, r);
        json_stall(&j, &r->before->stall, &r->after->stall, interval(r));
        json_groups(&j, r);
    }
    json_object_end(&j);
}
