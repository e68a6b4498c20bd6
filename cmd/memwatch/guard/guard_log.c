/* SPDX-License-Identifier: MIT */
#include "guard_log.h"

#include "json.h"
#include "moment.h"
#include <inttypes.h>
#include <sys/stat.h>

/* A log that is closed may take so long to be written to the end; a guard that is asked to end has
 * 2 s for all, and one that goes on has to look at the memory. */
enum { LOST_TEXT = 64, END_MS = 1000, REPLACE_MS = 100 };

/* Pipes and terminals wait for nobody, see message_log_open(), and need nobody to wait for them. */
static bool is_on_disk(int fd)
{
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static void give_up(struct guard_log *log, uint64_t timeout_ms)
{
    guard_writer_end(&log->writer, timeout_ms, log->left);
    close_fd(&log->fd);
    free(TAKE_PTR(log->path));
}

int guard_log_open(struct guard_log *log, const char *path, bool json, struct err *e)
{
    _cleanup_(free_ptr) char *copy = path ? strdup(path) : NULL;
    struct guard_writer writer = GUARD_WRITER_INIT;
    _cleanup_(close_fd) int fd = -1;
    bool on_disk;
    int r = 0;

    if (path && !copy)
        return err_oom(e);
    if (path)
        r = message_log_open(path, &fd, e);
    on_disk = is_on_disk(fd);
    if (r == 0 && on_disk)
        r = guard_writer_start(&writer, fd, path, e);
    if (r < 0)
        return r;
    if (on_disk)
        close_fd(&fd);
    give_up(log, REPLACE_MS);
    *log = (struct guard_log){.path = TAKE_PTR(copy),
                              .fd = TAKE_FD(fd),
                              .json = json,
                              .on_disk = on_disk,
                              .writer = writer,
                              .left = log->left};
    return 0;
}

void guard_log_close(struct guard_log *log)
{
    give_up(log, END_MS);
}

static void format_value(const struct guard_log_event *ev, char text[static METRIC_TEXT_MAX])
{
    metric_format(ev->metric->info->unit, *ev->value, text);
}

static void write_json(FILE *out, const struct guard_log_event *ev, const char *time)
{
    struct json j = JSON_INIT(out);
    const char *unit = ev->metric ? metric_unit_text(ev->metric->info->unit) : "";

    json_object(&j, NULL);
    json_string(&j, "time", time);
    json_number(&j, "pid", getpid());
    json_string(&j, "event", ev->event);
    json_string(&j, "rule", ev->rule);
    json_string(&j, "metric", ev->metric ? ev->metric->name : NULL);
    if (ev->value)
        json_real(&j, "value", *ev->value);
    else
        json_null(&j, "value");
    json_string(&j, "unit", *unit ? unit : NULL);
    if (ev->step)
        json_number(&j, "step", (int64_t)ev->step);
    else
        json_null(&j, "step");
    json_string(&j, "action", ev->action);
    json_string(&j, "result", ev->result);
    json_string(&j, "text", ev->text);
    json_string(&j, "output", ev->output);
    json_object_end(&j);
}

static void write_text(FILE *out, const struct guard_log_event *ev)
{
    char value[METRIC_TEXT_MAX];

    fputs(ev->event, out);
    if (ev->step)
        fprintf(out, ": step %zu", ev->step);
    if (ev->action)
        fprintf(out, ": %s", ev->action);
    if (ev->result)
        fprintf(out, ": %s", ev->result);
    if (ev->metric && ev->value) {
        format_value(ev, value);
        fprintf(out, ": %s %s", ev->metric->name, value);
    }
    if (ev->text)
        fprintf(out, ": %s", ev->text);
    if (ev->rule)
        fprintf(out, "; rule: %s", ev->rule);
    if (ev->output)
        fprintf(out, "; it printed: %s", ev->output);
}

/* As one line; caller frees; NULL without memory. */
static char *render(const struct guard_log_event *ev, bool json)
{
    char *line = NULL, time[MOMENT_TEXT_MAX];
    size_t n = 0;
    FILE *out = open_memstream(&line, &n);

    if (out && json)
        write_json(out, ev, moment_utc(moment_now(), time));
    else if (out)
        write_text(out, ev);
    if (!out || fclose(out) != 0) {
        free(TAKE_PTR(line));
        return NULL;
    }
    while (n > 0 && line[n - 1] == '\n')
        line[--n] = '\0';
    return line;
}

/* One that was killed is replaced: it is the file that matters. */
static bool hand_on(struct guard_log *log, const char *line)
{
    _cleanup_(free_ptr) char *whole = NULL;
    int r;

    if (!log->json)
        whole = message_log_text("memwatch", "", line);
    else if (asprintf(&whole, "%s\n", line) < 0)
        whole = NULL;
    if (!whole)
        return false;
    r = log->writer.to < 0 ? -EPIPE : guard_writer_put(&log->writer, whole);
    if (r == -EPIPE) {
        guard_writer_end(&log->writer, 0, log->left);
        r = guard_writer_start(&log->writer, -1, log->path, NULL);
        r = r == 0 ? guard_writer_put(&log->writer, whole) : r;
    }
    return r == 0;
}

static bool put(struct guard_log *log, const struct guard_log_event *ev, const char *line)
{
    if (log->on_disk)
        return hand_on(log, line);
    if (log->fd < 0)
        return message_offer(log->json ? NULL : "memwatch", ev->level, line);
    return (log->json ? message_log_line(log->fd, line)
                      : message_log_try(log->fd, "memwatch", "", line)) == 0;
}

/* Whatever the log is, a person or the journal is told when it matters. */
static void tell(const struct guard_log_event *ev)
{
    _cleanup_(free_ptr) char *line = render(ev, false);

    if (line)
        message_offer("memwatch", ev->level, line);
}

static void write_one(struct guard_log *log, const struct guard_log_event *ev)
{
    _cleanup_(free_ptr) char *line = render(ev, log->json);

    if (!line || !put(log, ev, line))
        log->lost++;
    if (log->path && ev->level <= MESSAGE_WARNING)
        tell(ev);
}

void guard_log_write(struct guard_log *log, const struct guard_log_event *ev)
{
    char text[LOST_TEXT];
    uint64_t lost;

    if (log->writer.to >= 0)
        log->lost += guard_writer_lost(&log->writer);
    lost = log->lost;
    write_one(log, ev);
    if (lost == 0 || log->lost != lost || (log->writer.to >= 0 && !log->writer.well))
        return;
    log->lost = 0;
    snprintf(text, sizeof(text), "%" PRIu64 " line%s could not be written", lost,
             lost == 1 ? "" : "s");
    write_one(log,
              &(struct guard_log_event){.event = "lost", .level = MESSAGE_WARNING, .text = text});
}
