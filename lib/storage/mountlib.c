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
#define NAME(function) "mnt_" #function,
    static const char *const names[] = {MOUNTLIB_FUNCTIONS(NAME)};

    return library_load(LIBRARY, REMEDY, names, ARRAY_SIZE(names), out, e);
}

#endif
