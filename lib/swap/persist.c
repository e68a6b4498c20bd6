/* SPDX-License-Identifier: MIT */
#include "persist.h"

#include "systemd.h"
#include "unittext.h"

#define FSTAB "/etc/fstab"

enum { UNIT_OTHERS = 2 };

void persist_clear(struct persist *p)
{
    confile_clear(&p->fstab);
    swapunit_clear(&p->unit);
    *p = PERSIST_INIT;
}

/* Where it is declared; *unit as of swapunit_find(). */
static int find(const struct root *root, const struct confile *fstab,
                const struct declaration_target *target, enum persist_how *how, int *unit,
                struct err *e)
{
    size_t begin, end;
    int r;

    *unit = swapunit_find(root, target->path, e);
    if (*unit < 0)
        return *unit;
    r = *unit ? 0 : fstab_find(root, fstab->text, target, &begin, &end, e);
    if (r < 0)
        return r;
    *how = *unit ? PERSIST_UNIT : r ? PERSIST_FSTAB : PERSIST_NONE;
    return 0;
}

int persist_find(const struct root *root, const struct declaration_target *target,
                 enum persist_how *how, struct err *e)
{
    _cleanup_(confile_clear) struct confile fstab = CONFILE_INIT;
    int r, unit;

    r = confile_load(root, FSTAB, &fstab, e);
    return r < 0 ? r : find(root, &fstab, target, how, &unit, e);
}

static enum persist_how choose(const struct root *root, const char *path)
{
    bool systemd = root->live ? systemd_runs(root) : systemd_installed(root);

    return systemd && unittext_check(path, NULL) == 0 ? PERSIST_UNIT : PERSIST_FSTAB;
}

/* The new declaration first: whatever happens in between, there is at least one. */
static int plan_unit(const struct root *root, const struct declaration *d,
                     const struct declaration_target *target, const char *swapctl,
                     struct persist *p, struct plan *plan, struct err *e)
{
    int r, gone;

    r = swapunit_plan_declare(root, d, swapctl, &p->unit, plan, e);
    if (r < 0)
        return r;
    gone = fstab_plan_undeclare(&p->fstab, target, plan, e);
    if (gone < 0)
        return gone;
    return r && gone;
}

static int plan_fstab(const struct root *root, const struct declaration *d,
                      const struct declaration_target *target, struct persist *p, struct plan *plan,
                      struct err *e)
{
    int r, gone;

    r = fstab_plan_declare(&p->fstab, d, target, plan, e);
    if (r < 0)
        return r;
    gone = swapunit_plan_undeclare(root, target->path, &p->unit, plan, e);
    if (gone < 0)
        return gone;
    return r && gone;
}

/* Ends a plan of several parts: @r is their 0 or 1. */
static int plan_reload(struct persist *p, int r, struct plan *plan, struct err *e)
{
    int told;

    if (r < 0)
        return r;
    told = swapunit_plan_reload(&p->unit, plan, e);
    return told < 0 ? told : r;
}

/* What nobody asked for this time stays as it is declared. */
static int complete(const struct root *root, const struct persist *p,
                    const struct declaration_target *target, struct declaration *d, struct err *e)
{
    int r = 0;

    if (p->how == PERSIST_UNIT)
        r = swapunit_declared(root, d, e);
    else if (p->how == PERSIST_FSTAB)
        r = fstab_declared(root, p->fstab.text, target, d, e);
    return r < 0 ? r : 0;
}

static int load(const struct root *root, struct persist *p, struct err *e)
{
    return p->fstab.path ? 0 : confile_load(root, FSTAB, &p->fstab, e);
}

int persist_backing(const struct root *root, const struct declaration_target *target,
                    struct persist *p, enum declaration_backing *out, struct err *e)
{
    struct declaration d = {
        .path = target->path, .priority = -1, .discard = DECLARATION_DISCARD_UNSET};
    int r, unit;

    r = load(root, p, e);
    if (r == 0)
        r = find(root, &p->fstab, target, &p->how, &unit, e);
    if (r == 0)
        r = complete(root, p, target, &d, e);
    if (r == 0)
        *out = d.backing;
    return r;
}

int persist_plan_declare(const struct root *root, enum persist_how how, const struct declaration *d,
                         const struct declaration_target *target, const char *swapctl,
                         struct persist *p, struct plan *plan, struct err *e)
{
    struct declaration full = *d;
    int r, unit;

    /* nothing to do, and persist_backing() has found out where it is declared */
    if (how == PERSIST_NONE && p->fstab.path)
        return 1;
    r = load(root, p, e);
    if (r == 0)
        r = find(root, &p->fstab, target, &p->how, &unit, e);
    if (r == 0)
        r = complete(root, p, target, &full, e);
    if (r < 0)
        return r;
    if (how == PERSIST_NONE || (how == PERSIST_AUTO && unit == UNIT_OTHERS))
        return 1;
    if (how == PERSIST_AUTO)
        how = p->how != PERSIST_NONE ? p->how : choose(root, d->path);
    p->how = how;
    r = how == PERSIST_UNIT ? plan_unit(root, &full, target, swapctl, p, plan, e)
                            : plan_fstab(root, &full, target, p, plan, e);
    return plan_reload(p, r, plan, e);
}

int persist_plan_undeclare(const struct root *root, const struct declaration_target *target,
                           struct persist *p, struct plan *plan, struct err *e)
{
    int r, unit, none;

    r = confile_load(root, FSTAB, &p->fstab, e);
    if (r == 0)
        r = find(root, &p->fstab, target, &p->how, &unit, e);
    if (r < 0)
        return r;
    p->how = unit == UNIT_OTHERS ? PERSIST_UNIT : PERSIST_NONE;
    none = fstab_plan_undeclare(&p->fstab, target, plan, e);
    if (none < 0)
        return none;
    r = swapunit_plan_undeclare(root, target->path, &p->unit, plan, e);
    return plan_reload(p, r < 0 ? r : r && none, plan, e);
}
