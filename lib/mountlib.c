/* SPDX-License-Identifier: MIT */
#include "mountlib.h"

#include "library.h"

#ifdef HEADROOM_LIBRARIES_LINKED

int mountlib_load(struct mountlib *out, struct err *e _unused_)
{
#define ADDRESS(function) .function = mnt_##function,
    *out = (struct mountlib){MOUNTLIB_FUNCTIONS(ADDRESS)};
    return 0;
}

#else

#define LIBRARY "libmount.so.1"
#define REMEDY "install libmount (of util-linux)"

LIBRARY_NOTE("mounts", "what is declared in fstab, and what is mounted", "required", LIBRARY);

int mountlib_load(struct mountlib *out, struct err *e)
{
    struct mountlib lib;
    void *library;
    int r = library_open(LIBRARY, REMEDY, &library, e);

#define FIND(name) r = r < 0 ? r : library_find(library, "mnt_" #name, REMEDY, &lib.name, e);
    MOUNTLIB_FUNCTIONS(FIND)
    if (r == 0)
        *out = lib;
    return r;
}

#endif
