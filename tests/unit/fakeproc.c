/* SPDX-License-Identifier: MIT */
#include "fakeproc.h"

char *fakeproc_words(const char *bars, size_t *len)
{
    char *words = strdup(bars);

    assert_non_null(words);
    *len = *words ? strlen(words) + 1 : 0;
    for (char *p = words; *p; p++)
        if (*p == '|')
            *p = '\0';
    return words;
}

static void write_file(struct fake *f, int pid, const char *name, const void *data, size_t len)
{
    char path[64];

    snprintf(path, sizeof(path), "proc/%d/%s", pid, name);
    fake_write_bytes(f, path, data, len);
}

static void write_words(struct fake *f, int pid, const char *name, const char *bars)
{
    size_t len;
    char *words = fakeproc_words(bars ? bars : "", &len);

    write_file(f, pid, name, words, len);
    free(words);
}

static void write_status(struct fake *f, struct fakeproc p)
{
    char text[512];
    int n = snprintf(text, sizeof(text), "Name:\t%s\nUid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n",
                     p.comm, p.uid, p.uid, p.uid, p.uid, p.gid, p.gid, p.gid, p.gid);

    if (p.rss_kib >= 0)
        n += snprintf(text + n, sizeof(text) - (size_t)n, "VmRSS:\t%8d kB\nVmSwap:\t%8d kB\n",
                      p.rss_kib, p.swap_kib);
    write_file(f, p.pid, "status", text, (size_t)n);
}

void fakeproc_make(struct fake *f, struct fakeproc p)
{
    char text[512], path[64];
    int n;

    n = snprintf(text, sizeof(text), "%s\n", p.comm);
    write_file(f, p.pid, "comm", text, (size_t)n);
    n = snprintf(text, sizeof(text),
                 "%d (%s) %c %d %d %d %d -1 %u %lu 0 0 0 0 0 0 0 20 0 %d 0 %lu %lu 0 "
                 "18446744073709551615 0\n",
                 p.pid, p.comm, p.state ? p.state : 'S', p.ppid, p.pgroup, p.session, p.tty,
                 p.flags, p.faults, p.threads ? p.threads : 1,
                 p.start ? p.start : (unsigned long)p.pid, p.mapped);
    write_file(f, p.pid, "stat", text, (size_t)n);
    write_status(f, p);
    write_words(f, p.pid, "cmdline", p.words);
    write_words(f, p.pid, "environ", p.environ);
    write_file(f, p.pid, "cgroup", p.cgroup ? p.cgroup : "", p.cgroup ? strlen(p.cgroup) : 0);
    if (p.exe) {
        snprintf(path, sizeof(path), "proc/%d/exe", p.pid);
        fakeproc_link(f, path, p.exe);
    }
}

void fakeproc_link(struct fake *f, const char *path, const char *to)
{
    const char *whole = fake_path(f, path);

    unlink(whole);
    assert_int_equal(symlink(to, whole), 0);
}
