/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <inttypes.h>

#include "moment.h"

static const char style[] =
    ":root{color-scheme:light dark}\n"
    "body{font:15px/1.5 system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\",sans-serif;"
    "margin:0 auto;padding:1rem;max-width:78rem;background:#fcfcfb;color:#1f1f1d}\n"
    ".wide>svg{display:block;width:100%;min-width:44rem;height:auto}\n"
    ".wide{overflow-x:auto}\n"
    "table{border-collapse:collapse;width:100%;margin-top:1rem}\n"
    "caption{text-align:left;font-weight:600;padding:.4rem 0}\n"
    "th,td{padding:.3rem .7rem;text-align:left;border-bottom:1px solid #e6e5e0;"
    "vertical-align:top}\n"
    "th{font-weight:600}tbody th{font-weight:400;overflow-wrap:anywhere}\n"
    ".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}\n"
    "tbody th{position:relative;padding-left:2.2rem;min-width:13rem}"
    "th svg{position:absolute;left:.7rem;top:.8rem;width:14px;height:8px}\n"
    "small,p{color:#66645f}\n"
    "@media (prefers-color-scheme:dark){body{background:#1a1a19;color:#f1f0ec}"
    "th,td{border-color:#33322f}small,p{color:#aaa8a0}}\n"
    "@media (max-width:40rem){th:nth-child(2),td:nth-child(2){display:none}}\n"
    "@media print{body{max-width:none;padding:0}}\n";

static void put_number(FILE *out, const struct chart *c, size_t metric, double value)
{
    char text[METRIC_TEXT_MAX];

    chart_value(c, metric, value, text);
    fprintf(out, "<td class=\"n\">%s</td>", text);
}

static void put_row(FILE *out, const struct chart *c, size_t metric, size_t line)
{
    const struct series_total *t = &c->series->totals[metric];
    const char *meaning = chart_meaning(&c->metrics[metric]);

    fprintf(out,
            "<tr><th scope=\"row\"><svg viewBox=\"0 0 14 8\" aria-hidden=\"true\">"
            "<rect class=\"k%zu\" y=\"2\" width=\"14\" height=\"4\" rx=\"2\"/></svg>",
            line);
    svg_text(out, c->metrics[metric].name);
    fputs("</th><td><small>", out);
    svg_text(out, meaning ? meaning : "");
    fputs("</small></td>", out);
    put_number(out, c, metric, t->min);
    put_number(out, c, metric, t->n > 0 ? t->sum / (double)t->n : 0);
    put_number(out, c, metric, t->max);
    put_number(out, c, metric, t->last);
    fprintf(out, "<td class=\"n\">%" PRIu64 "</td></tr>\n", t->n);
}

static void put_table(FILE *out, const struct chart *c)
{
    fputs("<div class=\"wide\"><table>\n<caption>What was measured</caption>\n<thead><tr>"
          "<th scope=\"col\">Metric</th><th scope=\"col\">Meaning</th>",
          out);
    fputs("<th scope=\"col\" class=\"n\">Least</th><th scope=\"col\" class=\"n\">Mean</th>"
          "<th scope=\"col\" class=\"n\">Greatest</th><th scope=\"col\" class=\"n\">Last</th>"
          "<th scope=\"col\" class=\"n\">Samples</th></tr></thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < c->n_panels; i++) {
        for (size_t k = 0; k < c->panels[i].n; k++)
            put_row(out, c, c->panels[i].metrics[k], k);
    }
    fputs("</tbody></table></div>\n", out);
}

static void put_notes(FILE *out, const struct chart *c)
{
    char from[MOMENT_TEXT_MAX], to[MOMENT_TEXT_MAX], zone[MOMENT_TEXT_MAX];

    fprintf(out, "<p>%" PRIu64 " samples from %s to %s (%s).", c->samples,
            moment_local(c->series->from_ms, from), moment_local(c->series->to_ms, to),
            moment_zone(c->series->from_ms, zone));
    fputs(" Lines are means; the band around a line reaches from the least to the greatest value. "
          "Where a line is interrupted nothing was measured.",
          out);
    if (c->lost_places > 0)
        fprintf(out, " The history is damaged in %" PRIu64 " place%s.", c->lost_places,
                c->lost_places == 1 ? "" : "s");
    fputs("</p>\n", out);
}

void page_write(FILE *out, const struct chart *c, const struct svg_size *size)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src 'unsafe-inline'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
          out);
    svg_text(out, c->title);
    fputs("</title>\n<style>\n", out);
    fputs(style, out);
    svg_style(out, true);
    fputs("</style>\n</head>\n<body>\n<main>\n", out);
    fputs("<div class=\"wide\">\n", out);
    svg_write(out, c, size, true);
    fputs("</div>\n", out);
    put_table(out, c);
    put_notes(out, c);
    fputs("</main>\n</body>\n</html>\n", out);
}
