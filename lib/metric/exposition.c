/* SPDX-License-Identifier: MIT */
#include "exposition.h"

#include "utf8.h"

void exposition_full_name(const struct exposition_family *family,
                          char out[static EXPOSITION_NAME_MAX])
{
    snprintf(out, EXPOSITION_NAME_MAX, "headroom_%s%s%s", family->name, family->unit ? "_" : "",
             family->unit ? family->unit : "");
}

/* Backslash and newline are escaped in both, quotes in values and in all of OpenMetrics. */
static void escaped(FILE *out, const char *text, bool quotes)
{
    while (*text) {
        size_t n = utf8_length(text);

        if (n == 0)
            fputs(UTF8_REPLACEMENT, out);
        else if (*text == '\n')
            fputs("\\n", out);
        else if (*text == '\\' || (*text == '"' && quotes))
            fprintf(out, "\\%c", *text);
        else
            fwrite(text, 1, n, out);
        text += n ? n : 1;
    }
}

void exposition_begin(struct exposition *x, const struct exposition_family *family)
{
    x->family = family;
    x->begun = false;
}

static void write_head(struct exposition *x, const char *name)
{
    const struct exposition_family *f = x->family;
    bool open = x->format == EXPOSITION_OPENMETRICS, counter = f->type == EXPOSITION_COUNTER;
    const char *total = counter && !open ? "_total" : "";

    fprintf(x->out, "# HELP %s%s ", name, total);
    escaped(x->out, f->help, open);
    fprintf(x->out, "\n# TYPE %s%s %s\n", name, total, counter ? "counter" : "gauge");
    if (open && f->unit)
        fprintf(x->out, "# UNIT %s %s\n", name, f->unit);
}

static void write_labels(struct exposition *x, const struct exposition_label *labels)
{
    const char *before = "{";

    for (; labels && labels->name; labels++) {
        fprintf(x->out, "%s%s=\"", before, labels->name);
        escaped(x->out, labels->value, true);
        fputc('"', x->out);
        before = ",";
    }
    if (*before == ',')
        fputc('}', x->out);
}

void exposition_sample(struct exposition *x, const struct exposition_label *labels, double value)
{
    char name[EXPOSITION_NAME_MAX];

    exposition_full_name(x->family, name);
    if (!x->begun)
        write_head(x, name);
    x->begun = true;
    fprintf(x->out, "%s%s", name, x->family->type == EXPOSITION_COUNTER ? "_total" : "");
    write_labels(x, labels);
    if (value > -1e18 && value < 1e18 && value == (double)(int64_t)value)
        fprintf(x->out, " %.0f\n", value);
    else
        fprintf(x->out, " %.9g\n", value);
}

void exposition_end(struct exposition *x)
{
    if (x->format == EXPOSITION_OPENMETRICS)
        fputs("# EOF\n", x->out);
}
