/* SPDX-License-Identifier: MIT */
#include "blkidlib.h"

#include "library.h"

#ifdef HEADROOM_LIBRARIES_LINKED

int blkidlib_load(struct blkidlib *out, struct err *e _unused_)
{
#define ADDRESS(function) .function = blkid_##function,
    *out = (struct blkidlib){BLKIDLIB_FUNCTIONS(ADDRESS)};
    return 0;
}

#else

#define LIBRARY "libblkid.so.1"
#define REMEDY "install libblkid (of util-linux)"

LIBRARY_NOTE("probe", "what a file or device holds, and where a tag is", "required", LIBRARY);

int blkidlib_load(struct blkidlib *out, struct err *e)
{
    struct blkidlib lib;
    void *library;
    int r = library_open(LIBRARY, REMEDY, &library, e);

#define FIND(name) r = r < 0 ? r : library_find(library, "blkid_" #name, REMEDY, &lib.name, e);
    BLKIDLIB_FUNCTIONS(FIND)
    if (r == 0)
        *out = lib;
    return r;
}

#endif
