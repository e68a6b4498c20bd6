/* SPDX-License-Identifier: MIT */
#include "swapsize.h"
#include "size.h"

#define GIB ((uint64_t)1 << 30)
/* Less than this on the disk's account is no headroom, only a full disk. */
#define AUTO_MIN ((uint64_t)64 << 20)

/* The integer nearest to the square root, so that no libm is needed. */
static uint64_t root_of(uint64_t n)
{
    uint64_t r = 0;

    while ((r + 1) * (r + 1) <= n)
        r++;
    return n - r * r > r ? r + 1 : r;
}

uint64_t swapsize_auto(uint64_t ram, uint64_t available)
{
    uint64_t size;

    if (ram < 4 * GIB)
        size = ram;
    else if (ram < 16 * GIB)
        size = 4 * GIB;
    else
        size = root_of((ram + GIB / 2) / GIB) * GIB;
    return size < available / 4 ? size : available / 4;
}

static int resolve_auto(const struct swapsize_basis *basis, uint64_t *bytes, struct err *e)
{
    char room[SIZE_TEXT_MAX];
    uint64_t size = basis->existing ? basis->existing : swapsize_auto(basis->ram, basis->available);

    if (size < AUTO_MIN && size < basis->ram && !basis->existing)
        return err_set(e, -ENOSPC,
                       "size auto: a quarter of the free space (%s) is too little for swap; make "
                       "room, or give a size",
                       size_format(basis->available, room));
    *bytes = size;
    return 0;
}

int swapsize_resolve(const char *text, const struct swapsize_basis *basis, uint64_t *bytes,
                     struct err *e)
{
    uint64_t size, differs;
    double percent;
    int r;

    if (streq(text, "auto"))
        return resolve_auto(basis, bytes, e);
    if (!*text || text[strlen(text) - 1] != '%')
        return size_parse(text, bytes, e);
    r = size_parse_percent(text, &percent, e);
    if (r < 0)
        return r;
    size = (uint64_t)((double)basis->ram * percent / 100);
    differs = size > basis->existing ? size - basis->existing : basis->existing - size;
    *bytes = differs <= size / 16 ? basis->existing : size;
    return 0;
}
