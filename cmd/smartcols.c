/* SPDX-License-Identifier: MIT */
#include "smartcols.h"

#include "library.h"

#ifdef HEADROOM_LIBRARIES_LINKED

int smartcols_load(struct smartcols *out, struct err *e _unused_)
{
#define ADDRESS(function) .function = scols_##function,
    *out = (struct smartcols){SMARTCOLS_FUNCTIONS(ADDRESS)};
    return 0;
}

#else

#define LIBRARY "libsmartcols.so.1"
#define REMEDY "install libsmartcols (of util-linux), or use --json"

LIBRARY_NOTE("tables", "lists as text", "required", LIBRARY);

int smartcols_load(struct smartcols *out, struct err *e)
{
    struct smartcols lib;
    void *library;
    int r = library_open(LIBRARY, REMEDY, &library, e);

#define FIND(name) r = r < 0 ? r : library_find(library, "scols_" #name, REMEDY, &lib.name, e);
    SMARTCOLS_FUNCTIONS(FIND)
    if (r == 0)
        *out = lib;
    return r;
}

#endif
