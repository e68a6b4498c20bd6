/* SPDX-License-Identifier: MIT */
#include "caps.h"

#include "library.h"
#include <sys/capability.h>

/* What we use of libcap, in the order of the names below. */
struct functions {
    __typeof__(cap_get_proc) *get_proc;
    __typeof__(cap_get_flag) *get_flag;
    __typeof__(cap_free) *free;
};

#ifdef HEADROOM_LIBRARIES_LINKED

static int load(struct functions *out)
{
    *out = (struct functions){cap_get_proc, cap_get_flag, cap_free};
    return 0;
}

#else

#define LIBRARY "libcap.so.2"
#define REMEDY "install libcap"

LIBRARY_NOTE("capabilities", "what is forbidden is told before it is tried", "recommended",
             LIBRARY);

/* Loaded only here, because it asks the kernel about every capability when it is. */
static int load(struct functions *out)
{
    static const char *const names[] = {"cap_get_proc", "cap_get_flag", "cap_free"};

    return library_load(LIBRARY, REMEDY, names, ARRAY_SIZE(names), out, NULL);
}

#endif

bool caps_sys_admin(void)
{
    struct functions lib;
    cap_flag_value_t value = CAP_CLEAR;
    cap_t caps;

    if (load(&lib) < 0)
        return true;
    caps = lib.get_proc();
    if (!caps)
        return false;
    if (lib.get_flag(caps, CAP_SYS_ADMIN, CAP_EFFECTIVE, &value) < 0)
        value = CAP_CLEAR;
    lib.free(caps);
    return value == CAP_SET;
}

int caps_need_sys_admin(const char *what, struct err *e)
{
    if (caps_sys_admin())
        return 0;
    return err_set(e, -EPERM,
                   "%s needs CAP_SYS_ADMIN: run it as root (sudo), or in a container with "
                   "--cap-add SYS_ADMIN",
                   what);
}
