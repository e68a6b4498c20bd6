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
#define NAME(function) "scols_" #function,
    static const char *const names[] = {SMARTCOLS_FUNCTIONS(NAME)};

    return library_load(LIBRARY, REMEDY, names, ARRAY_SIZE(names), out, e);
}

#endif
