/* SPDX-License-Identifier: MIT */
#include "library.h"

#include <dlfcn.h>

int library_open(const char *soname, const char *remedy, void **out, struct err *e)
{
    void *library = dlopen(soname, RTLD_LAZY);

    if (!library)
        return err_unsupported(e, -ENOPKG, "%s; %s", dlerror(), remedy);
    *out = library;
    return 0;
}

/* POSIX: what dlsym(3) returns may become a function's address in this way. */
int library_find(void *library, const char *name, const char *remedy, void *function, struct err *e)
{
    void *address = dlsym(library, name);

    memcpy(function, &address, sizeof(address));
    return address ? 0 : err_unsupported(e, -ENOPKG, "%s; %s", dlerror(), remedy);
}
