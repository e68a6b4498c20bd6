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
 * library_open() - load it, or find it loaded
 * @soname: "libmount.so.1"
 * @remedy: what to do where it is missing: "install libmount (of util-linux)"
 *
 * Return: 0, or -ENOPKG as ERR_UNSUPPORTED.
 */
int library_open(const char *soname, const char *remedy, void **out, struct err *e);

/**
 * library_find() - the address of a function
 * @function: to a pointer to a function, which is set to NULL if there is none
 * @e:        may be NULL
 *
 * Return: 0, or -ENOPKG as ERR_UNSUPPORTED: the library is too old.
 */
int library_find(void *library, const char *name, const char *remedy, void *function,
                 struct err *e);

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
