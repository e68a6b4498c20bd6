/* SPDX-License-Identifier: MIT */
#include "swapsize.h"
#include "size.h"

#define GIB ((uint64_t)1 << 30)
/* Less than this on the disk's account is no headroom, only a full disk. */
#define DISK_MIN ((uint64_t)64 << 20)

/* The integer nearest to the square root, so that no libm is needed. */
static uint64_t root_of(uint64_t n)
{
    uint64_t r = 0;

    while ((r + 1) * (r + 1) <= n)
        r++;
    return n - r * r > r ? r + 1 : r;
}

static struct swapsize_advice general(uint64_t ram)
{
    if (ram < 4 * GIB)
        return (struct swapsize_advice){ram, "ram",
                                        "with less than 4 GiB of RAM, as much swap as RAM"};
    if (ram < 16 * GIB)
        return (struct swapsize_advice){4 * GIB, "fixed",
                                        "with 4 to 16 GiB of RAM, 4 GiB let idle memory go"};
    return (struct swapsize_advice){
        root_of((ram + GIB / 2) / GIB) * GIB, "square-root",
        "with much RAM, idle memory grows slower than RAM: the square root of its GiB"};
}

static void at_least(struct swapsize_advice *advice, struct swapsize_advice other)
{
    if (other.bytes > advice->bytes)
        *advice = other;
}

static uint64_t lower(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static struct swapsize_advice advise(enum swapsize_workload workload,
                                     const struct swapsize_basis *basis)
{
    struct swapsize_advice advice = general(basis->ram);

    if (workload == SWAPSIZE_GENERAL)
        return advice;
    if (workload == SWAPSIZE_HIBERNATE)
        return (struct swapsize_advice){
            basis->ram + advice.bytes, "ram-and-general",
            "the image of the RAM must fit, beside what is swapped out already"};
    if (workload == SWAPSIZE_BATCH)
        at_least(&advice, (struct swapsize_advice){
                              lower(basis->ram / 2, 32 * GIB), "half-ram",
                              "a job's idle data make room for the step that works: half of "
                              "the RAM, at most 32 GiB"});
    else
        at_least(&advice, (struct swapsize_advice){
                              lower(basis->ram, 64 * GIB), "ram-for-models",
                              "a model is loaded while another is still in memory: as much "
                              "as RAM, at most 64 GiB"});
    at_least(&advice,
             (struct swapsize_advice){lower(basis->promised, basis->ram), "promised",
                                      "programs were promised more memory than there is RAM: the "
                                      "difference, at most as much as RAM"});
    return advice;
}

int swapsize_advise(enum swapsize_workload workload, const struct swapsize_basis *basis,
                    struct swapsize_advice *out)
{
    struct swapsize_advice advice = advise(workload, basis);
    uint64_t quarter = (basis->available + basis->existing) / 4;
    bool capped = workload != SWAPSIZE_HIBERNATE && quarter < advice.bytes;

    if (capped)
        advice = (struct swapsize_advice){
            quarter, "quarter-of-disk",
            "more would be better, but a quarter of the free space is all that swap should take"};
    *out = advice;
    return capped && quarter < DISK_MIN && quarter < basis->ram;
}

static int resolve_auto(const struct swapsize_basis *basis, uint64_t *bytes, struct err *e)
{
    char room[SIZE_TEXT_MAX];
    struct swapsize_advice advice;

    if (basis->existing) {
        *bytes = basis->existing;
        return 0;
    }
    if (swapsize_advise(SWAPSIZE_GENERAL, basis, &advice) > 0)
        return err_set(e, -ENOSPC,
                       "size auto: a quarter of the free space (%s) is too little for swap; make "
                       "room, or give a size",
                       size_format(basis->available, room));
    *bytes = advice.bytes;
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
