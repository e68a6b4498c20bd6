/* SPDX-License-Identifier: MIT */
#include "cglack.h"

#include "cgroup.h"
#include "cgvalue.h"

bool cglack_is_disabled(const char *cmdline, const char *controller)
{
    static const char key[] = "cgroup_disable=";
    const size_t n = sizeof(key) - 1;
    struct kv_span rest = {cmdline, strlen(cmdline)}, word;

    while (cgvalue_word(&rest, &word))
        if (word.n > n && memcmp(word.p, key, n) == 0 &&
            cgtree_has_name((struct kv_span){word.p + n, word.n - n}, controller))
            return true;
    return false;
}

enum cglack cglack_of(const struct cgtree *t, const char *controller)
{
    _cleanup_(free_ptr) char *offered = NULL, *line = NULL;

    if (cgroup_read(t->fd, "cgroup.controllers", &offered) < 0 ||
        cgtree_has_word(offered, controller))
        return CGLACK_NONE;
    if (root_read(t->root, "/proc/cmdline", &line, NULL, NULL) == 0 &&
        cglack_is_disabled(line, controller))
        return CGLACK_DISABLED;
    return t->at_root ? CGLACK_UNKNOWN : CGLACK_OUTSIDE;
}

int cglack_refuse(const struct cgtree *t, const char *controller, struct err *e)
{
    switch (cglack_of(t, controller)) {
    case CGLACK_NONE:
        return 0;
    case CGLACK_DISABLED:
        return err_unsupported(e, -EOPNOTSUPP,
                               "%s: the %s controller is switched off by \"cgroup_disable=%s\" on "
                               "the kernel's command line; boot without it",
                               t->point, controller, controller);
    case CGLACK_OUTSIDE:
        return err_unsupported(e, -EOPNOTSUPP,
                               "%s: the %s controller is not handed down to this container or "
                               "namespace; enable it outside",
                               t->point, controller);
    case CGLACK_UNKNOWN:
        break;
    }
    return err_unsupported(e, -EOPNOTSUPP,
                           "%s: there is no %s controller; this kernel was built without it, or it "
                           "is bound to cgroup version 1",
                           t->point, controller);
}
