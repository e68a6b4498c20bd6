/* SPDX-License-Identifier: MIT */
/*
 * library - a shared library that is loaded when it is first needed
 *
 * To load and bind one takes several times as long as all else that a short command does. A library
 * that only some commands use has a room of its own, which lists its functions once as a macro of
 * macros, makes of them a struct of pointers and fills that in: from the library, or with their
 * addresses where it is linked (HEADROOM_LIBRARIES_LINKED), as static programs need it. It is never
 * unloaded.
 */
#ifndef HEADROOM_LIBRARY_H
#define HEADROOM_LIBRARY_H

#include "err.h"

/**
 * library_load() - load it, or find it loaded, and the functions in it
 * @soname:    "libmount.so.1"
 * @remedy:    what to do where it is missing: "install libmount (of util-linux)"
 * @names:     of the functions, @n of them
 * @functions: the room's struct, which has nothing but pointers to them in that order; set on
 *             success
 * @e:         may be NULL
 *
 * Return: 0; -ENOPKG as ERR_UNSUPPORTED if it is missing, or too old for one of them; -ENOMEM.
 */
int library_load(const char *soname, const char *remedy, const char *const *names, size_t n,
                 void *functions, struct err *e);

/*
 * LIBRARY_NOTE() - tell packagers of it, because ldd(1) does not
 *
 * In the room, once, with literals, @priority "required", "recommended" or "suggested". See
 * https://uapi-group.org/specifications/specs/elf_dlopen_metadata/ for the format.
 */
#define LIBRARY_NOTE(feature, description, priority, soname)                                       \
    LIBRARY_NOTE_OF("[{\"feature\":\"" feature "\",\"description\":\"" description                 \
                    "\",\"priority\":\"" priority "\",\"soname\":[\"" soname "\"]}]")

#define LIBRARY_NOTE_OWNER "FDO"
#define LIBRARY_NOTE_OF(json)                                                                      \
    static const struct {                                                                          \
        uint32_t owner_size, text_size, type;                                                      \
        char owner[sizeof(LIBRARY_NOTE_OWNER)];                                                    \
        char text[(sizeof(json) + 3) / 4 * 4];                                                     \
    } library_note __attribute__((used, aligned(4), section(".note.dlopen"))) = {                  \
        sizeof(LIBRARY_NOTE_OWNER), sizeof(json), 0x407c0c0a, LIBRARY_NOTE_OWNER, json,            \
    }

#endif
