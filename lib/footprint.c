/* SPDX-License-Identifier: MIT */
#include "footprint.h"

#include "base.h"
#include <link.h>
#include <sys/mman.h>

/* Whole pages of the segments that cannot be written to: relocation has changed nothing there. */
static int forget_code(struct dl_phdr_info *info, size_t size _unused_, void *arg)
{
    uintptr_t page = *(const uintptr_t *)arg;

    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        uintptr_t from = info->dlpi_addr + p->p_vaddr, to = from + p->p_memsz;

        if (p->p_type != PT_LOAD || p->p_flags & PF_W)
            continue;
        from = (from + page - 1) & ~(page - 1);
        to &= ~(page - 1);
        if (from < to)
            madvise((void *)from, to - from, MADV_DONTNEED);
    }
    return 0;
}

void footprint_trim(void)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    dl_iterate_phdr(forget_code, &page);
}
