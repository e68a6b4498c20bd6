/* SPDX-License-Identifier: MIT */
#include "footprint.h"

#include "base.h"
#include <link.h>
#include <sys/mman.h>

static void forget(uintptr_t from, uintptr_t to, uintptr_t page)
{
    from = (from + page - 1) & ~(page - 1);
    to &= ~(page - 1);
    if (from < to)
        madvise((void *)from, to - from, MADV_DONTNEED);
}

/* Whole pages of the segments that cannot be written to: relocation has changed nothing there. The
 * one with the headers that are read here comes last, or reading them would bring it back. */
static int forget_code(struct dl_phdr_info *info, size_t size _unused_, void *arg)
{
    uintptr_t page = *(const uintptr_t *)arg, headers = (uintptr_t)info->dlpi_phdr;
    uintptr_t last_from = 0, last_to = 0;

    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        uintptr_t from = info->dlpi_addr + p->p_vaddr, to = from + p->p_memsz;

        if (p->p_type != PT_LOAD || p->p_flags & PF_W)
            continue;
        if (headers >= from && headers < to) {
            last_from = from;
            last_to = to;
        } else {
            forget(from, to, page);
        }
    }
    forget(last_from, last_to, page);
    return 0;
}

void footprint_trim(void)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    dl_iterate_phdr(forget_code, &page);
}
