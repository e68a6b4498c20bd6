/* SPDX-License-Identifier: MIT */
#include "smartcols.h"

#ifdef HEADROOM_SMARTCOLS_LINKED

int smartcols_load(struct smartcols *out, struct err *e _unused_)
{
#define ADDRESS(function) .function = scols_##function,
    *out = (struct smartcols){SMARTCOLS_FUNCTIONS(ADDRESS)};
    return 0;
}

#else

#include <dlfcn.h>

#define LIBRARY "libsmartcols.so.1"

#define NOTE_OWNER "FDO"
#define NOTE_TEXT                                                                                  \
    "[{\"feature\":\"tables\",\"description\":\"lists as text\","                                  \
    "\"priority\":\"required\",\"soname\":[\"" LIBRARY "\"]}]"

/* The program needs the library, although it does not say so where ldd looks. */
static const struct {
    uint32_t owner_size, text_size, type;
    char owner[sizeof(NOTE_OWNER)];
    char text[(sizeof(NOTE_TEXT) + 3) / 4 * 4];
} note __attribute__((used, aligned(4), section(".note.dlopen"))) = {
    sizeof(NOTE_OWNER), sizeof(NOTE_TEXT), 0x407c0c0a, NOTE_OWNER, NOTE_TEXT,
};

/* POSIX: what dlsym(3) returns may become a function's address in this way. */
static bool find(void *library, const char *name, void *function)
{
    void *address = dlsym(library, name);

    memcpy(function, &address, sizeof(address));
    return address != NULL;
}

int smartcols_load(struct smartcols *out, struct err *e)
{
    void *library = dlopen(LIBRARY, RTLD_LAZY);
    struct smartcols lib;
    bool complete = library != NULL;

#define FIND(function) complete = complete && find(library, "scols_" #function, &lib.function);
    SMARTCOLS_FUNCTIONS(FIND)
    if (!complete)
        return err_unsupported(
            e, -ENOPKG, "%s; install libsmartcols (of util-linux), or use --json", dlerror());
    *out = lib;
    return 0;
}

#endif
