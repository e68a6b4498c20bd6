/* SPDX-License-Identifier: MIT */
#include "declaration.h"

#include "swapheader.h"

static bool plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

const char *declaration_label_text(const char *label, char text[static DECLARATION_LABEL_TEXT])
{
    char *to = text;

    for (size_t i = 0; label[i] && i < SWAPHEADER_LABEL_MAX; i++)
        if (plain(label[i]))
            *to++ = label[i];
        else
            to += sprintf(to, "%%%02X", (unsigned char)label[i]);
    *to = '\0';
    return text;
}

static int hex(char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

char *declaration_label_of(const char *text, size_t n)
{
    _cleanup_(free_ptr) char *label = malloc(n + 1);
    char *to = label;

    if (!label)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        int high = text[i] == '%' && n - i > 2 ? hex(text[i + 1]) : -1;
        int low = high >= 0 ? hex(text[i + 2]) : -1;

        if (plain(text[i])) {
            *to++ = text[i];
        } else if (low >= 0 && (high || low)) {
            *to++ = (char)(high << 4 | low);
            i += 2;
        } else {
            errno = EINVAL;
            return NULL;
        }
    }
    *to = '\0';
    return TAKE_PTR(label);
}

int declaration_check(const struct declaration *d, const char *where, struct err *e)
{
    uint64_t pages;

    if (!d->path || *d->path != '/')
        return err_set(e, -EINVAL, "%s: does not name a swap file by its path; correct it", where);
    if (swapheader_round(d->size, (uint32_t)sysconf(_SC_PAGESIZE), &pages) < 0)
        return err_set(e, -EINVAL,
                       "%s: declares %s with %llu bytes, but a swap area has 10 pages (40 KiB) at "
                       "least and 2^32 - 1 pages at most; correct it",
                       where, d->path, (unsigned long long)d->size);
    for (const char *c = d->label; c && *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f || c - d->label >= SWAPHEADER_LABEL_MAX)
            return err_set(e, -EINVAL,
                           "%s: declares a label for %s that is longer than %d bytes or holds "
                           "control characters; correct it",
                           where, d->path, SWAPHEADER_LABEL_MAX);
    return 0;
}
