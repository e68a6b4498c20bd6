/* SPDX-License-Identifier: MIT */
/* deed_signal - send a signal to all processes that match, but for those that are protected */
#ifndef HEADROOM_MEMWATCH_DEED_SIGNAL_H
#define HEADROOM_MEMWATCH_DEED_SIGNAL_H

#include "deed_kind.h"

extern const struct deed_kind deed_signal_kind;

#endif
