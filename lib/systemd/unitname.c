/* SPDX-License-Identifier: MIT */
#include "unitname.h"

#include "base.h"

bool unitname_is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' ||
           c == '_' || c == '.';
}

char *unitname_escape(const char *path)
{
    char *out = malloc(strlen(path) * 4 + 2), *to = out;

    if (!out)
        return NULL;
    while (*path == '/')
        path++;
    for (const char *p = path; *p; p++) {
        if (*p == '/') {
            while (p[1] == '/')
                p++;
            if (p[1])
                *to++ = '-';
        } else if (unitname_is_plain(*p) && !(*p == '.' && p == path)) {
            *to++ = *p;
        } else {
            to += sprintf(to, "\\x%02x", (unsigned char)*p);
        }
    }
    if (to == out)
        *to++ = '-';
    *to = '\0';
    return out;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *unitname_unescape(const char *name, size_t n)
{
    char *out = malloc(n + 2), *to = out;

    if (!out)
        return NULL;
    *to++ = '/';
    for (size_t i = 0; i < n && !(n == 1 && *name == '-'); i++) {
        int high = i + 3 < n && name[i] == '\\' && name[i + 1] == 'x' ? hex(name[i + 2]) : -1;
        int low = high >= 0 ? hex(name[i + 3]) : -1;

        if (low >= 0) {
            *to++ = (char)(high << 4 | low);
            i += 3;
        } else {
            *to++ = name[i] == '-' ? '/' : name[i];
        }
    }
    *to = '\0';
    return out;
}

bool unitname_is_ours(const char *text)
{
    for (const char *p = text; (p = strstr(p, UNITNAME_SECTION)); p++) {
        char after = p[strlen(UNITNAME_SECTION)];

        if ((p == text || p[-1] == '\n') && (after == '\n' || after == '\0'))
            return true;
    }
    return false;
}
