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
#define NAME(function) "blkid_" #function,
    static const char *const names[] = {BLKIDLIB_FUNCTIONS(NAME)};

    return library_load(LIBRARY, REMEDY, names, ARRAY_SIZE(names), out, e);
}

#endif
