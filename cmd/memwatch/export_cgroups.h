/* SPDX-License-Identifier: MIT */
/* export_cgroups - limits, use and events of control groups, for "memwatch export" */
#ifndef HEADROOM_MEMWATCH_EXPORT_CGROUPS_H
#define HEADROOM_MEMWATCH_EXPORT_CGROUPS_H

#include "export_sources.h"

export_sources_fn export_cgroups_write;

#endif
