/* SPDX-License-Identifier: MIT */
#include "swapctl.h"

#include <inttypes.h>

#include "resume.h"

struct args {
    bool json;
};

static const struct opt opts[] = {
    {0, "json", OPT_FLAG, offsetof(struct args, json), NULL, "print the answer as a JSON object"},
    OPT_END,
};

static int find(const struct cmd_context *ctx, const char *path, struct resume *out, struct err *e)
{
    _cleanup_(close_fd) int fd =
        root_open_named(&ctx->root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return err_sys(e, fd, "%s: cannot open", path);
    return resume_find(fd, path, out, e);
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    const char *path = ctx->operands[0];
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct json j = JSON_INIT(stdout);
    struct resume resume;
    char line[128];
    int r;

    r = find(ctx, path, &resume, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    snprintf(line, sizeof(line), "resume=UUID=%s resume_offset=%" PRIu64, resume.uuid,
             resume.offset);
    if (!args->json) {
        printf("%" PRIu64 "\n%s\n", resume.offset, line);
        return CMD_OK;
    }
    json_object(&j, NULL);
    json_string(&j, "path", path);
    json_number(&j, "resume_offset", (int64_t)resume.offset);
    json_string(&j, "uuid", resume.uuid);
    json_string(&j, "cmdline", line);
    json_object_end(&j);
    return CMD_OK;
}

const struct cmd swapctl_resume_offset = {
    .name = "resume-offset",
    .summary = "tell where the kernel finds a swap file after hibernation",
    .operands = "PATH",
    .about = "Prints the place of the swap file on its device, in pages, and what the kernel's "
             "command line needs to resume from it.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .operand = CMD_OPERAND_FILE,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
