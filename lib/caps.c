/* SPDX-License-Identifier: MIT */
#include "caps.h"

#include <sys/capability.h>

bool caps_sys_admin(void)
{
    cap_t caps = cap_get_proc();
    cap_flag_value_t value = CAP_CLEAR;

    if (!caps)
        return false;
    if (cap_get_flag(caps, CAP_SYS_ADMIN, CAP_EFFECTIVE, &value) < 0)
        value = CAP_CLEAR;
    cap_free(caps);
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
