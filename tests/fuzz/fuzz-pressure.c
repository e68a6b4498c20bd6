/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "fuzz.h"
#include "pressure.h"

static bool is_sane(const struct pressure_line *line)
{
    return line->present
               ? isfinite(line->avg10) && isfinite(line->avg60) && isfinite(line->avg300) &&
                     line->avg10 >= 0 && line->avg60 >= 0 && line->avg300 >= 0
               : line->total_us == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct pressure p;
    int r = pressure_parse(text, &p, &e);

    if (r == 0)
        MUST(!e.text && (p.some.present || p.full.present) && is_sane(&p.some) && is_sane(&p.full));
    else
        MUST((r == -ENODATA || r == -EBADMSG || r == -EOVERFLOW) && e.text);
    return 0;
}
