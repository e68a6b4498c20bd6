/* SPDX-License-Identifier: MIT */
#include "caps.h"

#include <linux/capability.h>
#include <sys/syscall.h>

/* Without libcap, which asks the kernel about every capability whenever a program starts. */
bool caps_sys_admin(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

    return syscall(SYS_capget, &head, data) == 0 &&
           data[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective & CAP_TO_MASK(CAP_SYS_ADMIN);
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
