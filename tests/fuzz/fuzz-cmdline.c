/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "script.h"

/* /proc/PID/cmdline and environ: what is found lies within the text, and nothing is lost. */

static void must_lie_in(struct kv_span part, struct kv_span text)
{
    MUST(part.p >= text.p && part.p + part.n <= text.p + text.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);
    struct kv_span line = {text, proc_cmdline_length(text, size)}, all = {text, size}, word, found;
    struct proc_words words = proc_words_of(line.p, line.n);
    const struct kv_span interpreter = {"/bin/sh", 7}, comm = {text, size < 15 ? size : 15};
    size_t sum = 0;

    MUST(line.n <= size);
    while (proc_words_next(&words, &word)) {
        must_lie_in(word, line);
        must_lie_in(proc_basename(word), word);
        sum += word.n + 1;
    }
    MUST(sum == (line.n ? line.n + 1 : 0));
    if (script_find(interpreter, line, &found))
        must_lie_in(found, line);
    if (script_find(line, line, &found))
        must_lie_in(found, line);
    found = proc_full_name(comm, line, interpreter);
    MUST(found.n >= comm.n && memcmp(found.p, comm.p, comm.n) == 0);
    MUST(!proc_words_end_with(line, line));
    if (proc_environ_find(text, size, (struct kv_span){"K", 1}, &found))
        must_lie_in(found, all);
    return 0;
}
