/* SPDX-License-Identifier: MIT */
#include "library.h"

#include <dlfcn.h>

/* POSIX: what dlsym(3) returns may become a function's address by copying it. */
int library_load(const char *soname, const char *remedy, const char *const *names, size_t n,
                 void *functions, struct err *e)
{
    void *library = dlopen(soname, RTLD_LAZY);
    _cleanup_(free_ptr) void **found = calloc(n, sizeof(*found));

    if (!found)
        return err_oom(e);
    for (size_t i = 0; library && i < n; i++) {
        found[i] = dlsym(library, names[i]);
        if (!found[i])
            library = NULL;
    }
    if (!library)
        return err_unsupported(e, -ENOPKG, "%s; %s", dlerror(), remedy);
    memcpy(functions, found, n * sizeof(*found));
    return 0;
}
