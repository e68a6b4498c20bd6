/* SPDX-License-Identifier: MIT */
#include "plugin.h"

const char *plugin_word(enum plugin_state state)
{
    static const char *const words[] = {
        [PLUGIN_OK] = "OK",
        [PLUGIN_WARNING] = "WARNING",
        [PLUGIN_CRITICAL] = "CRITICAL",
        [PLUGIN_UNKNOWN] = "UNKNOWN",
    };

    return words[state];
}

enum plugin_state plugin_worst(enum plugin_state a, enum plugin_state b)
{
    static const int weight[] = {
        [PLUGIN_OK] = 0,
        [PLUGIN_UNKNOWN] = 1,
        [PLUGIN_WARNING] = 2,
        [PLUGIN_CRITICAL] = 3,
    };

    return weight[a] >= weight[b] ? a : b;
}

void plugin_print(FILE *out, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p == '|' || *p < 0x20 || *p == 0x7f)
            fprintf(out, "\\x%02x", *p);
        else
            fputc(*p, out);
    }
}

/* Not toupper(3), which obeys the locale. */
static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

void plugin_print_unknown(FILE *out, const char *tool, const char *text)
{
    for (const char *p = tool; *p; p++)
        fputc(upper(*p), out);
    fputs(" UNKNOWN - ", out);
    plugin_print(out, text);
    fputc('\n', out);
}

void plugin_print_label(FILE *out, const char *label)
{
    bool quoted = label[strspn(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789._-")] != '\0';

    if (quoted)
        fputc('\'', out);
    for (const unsigned char *p = (const unsigned char *)label; *p; p++) {
        if (*p == '\'')
            fputs("''", out);
        else
            fputc(*p == '=' || *p == '|' || *p < 0x20 || *p == 0x7f ? '_' : *p, out);
    }
    if (quoted)
        fputc('\'', out);
}

const char *plugin_number(double value, char buf[static PLUGIN_NUMBER_MAX])
{
    char *end = buf + snprintf(buf, PLUGIN_NUMBER_MAX, "%.3f", value);

    while (end[-1] == '0')
        *--end = '\0';
    if (end[-1] == '.')
        end[-1] = '\0';
    return buf;
}
