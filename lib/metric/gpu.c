/* SPDX-License-Identifier: MIT */
#include "gpu.h"

#include "cgvalue.h"
#include <dlfcn.h>
#include <limits.h>

enum { NAME = 96, CARDS_MAX = 64 };

struct gpu {
    char name[NAME];
    void *handle; /* NVML's; NULL: the files tell */
    int dir;      /* of the files, or -1 */
    const struct files *files;
};

/* ---- NVIDIA Management Library, nvml.h: what is used of it */

struct nvml_memory {
    unsigned long long total, free, used;
};

struct nvml {
    int (*init)(void);
    int (*shutdown)(void);
    int (*count)(unsigned *n);
    int (*handle)(unsigned i, void **device);
    int (*name)(void *device, char *name, unsigned len);
    int (*memory)(void *device, struct nvml_memory *memory);
};

static bool load_symbol(void *library, const char *name, void *to)
{
    void *symbol = dlsym(library, name);

    memcpy(to, &symbol, sizeof(symbol));
    return symbol != NULL;
}

static bool load(void *library, struct nvml *out)
{
    return load_symbol(library, "nvmlInit_v2", &out->init) &&
           load_symbol(library, "nvmlShutdown", &out->shutdown) &&
           load_symbol(library, "nvmlDeviceGetCount_v2", &out->count) &&
           load_symbol(library, "nvmlDeviceGetHandleByIndex_v2", &out->handle) &&
           load_symbol(library, "nvmlDeviceGetName", &out->name) &&
           load_symbol(library, "nvmlDeviceGetMemoryInfo", &out->memory);
}

/* NULL: no memory. */
static struct gpu *add(struct gpus *g)
{
    struct gpu *items = reallocarray(g->items, g->n + 1, sizeof(*items));

    if (!items)
        return NULL;
    g->items = items;
    items[g->n] = (struct gpu){.dir = -1};
    return &items[g->n++];
}

static int list_nvidia(const char *file, struct gpus *g)
{
    struct nvml nvml;
    unsigned n = 0;

    g->library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!g->library)
        return 0;
    if (!load(g->library, &nvml) || nvml.init() != 0) {
        dlclose(TAKE_PTR(g->library));
        return 0;
    }
    if (nvml.count(&n) != 0)
        n = 0;
    for (unsigned i = 0; i < n; i++) {
        struct gpu *new = add(g);

        if (!new)
            return -ENOMEM;
        /* one that fell off the bus keeps its number, and does not answer */
        if (nvml.handle(i, &new->handle) != 0)
            new->handle = NULL;
        if (!new->handle || nvml.name(new->handle, new->name, NAME) != 0)
            snprintf(new->name, NAME, "NVIDIA %u", i);
    }
    return 0;
}

static int nvidia_memory(const struct gpus *g, const struct gpu *gpu, uint64_t *used,
                         uint64_t *total)
{
    struct nvml_memory memory;
    struct nvml nvml;

    if (!gpu->handle || !load(g->library, &nvml) || nvml.memory(gpu->handle, &memory) != 0)
        return -EIO;
    *used = memory.used;
    *total = memory.total;
    return 0;
}

/* ---- files of other drivers */

struct files {
    const char *total, *part;
    bool part_is_free;
};

static const struct files drivers[] = {
    {"device/mem_info_vram_total", "device/mem_info_vram_used", false},
    {"lmem_total_bytes", "lmem_avail_bytes", true},
};

static int file_memory(const struct gpu *gpu, uint64_t *used, uint64_t *total)
{
    uint64_t all, part;
    int r = cgvalue_read(gpu->dir, gpu->files->total, &all);

    if (r == 0)
        r = cgvalue_read(gpu->dir, gpu->files->part, &part);
    if (r < 0)
        return r;
    if (part > all)
        return -EBADMSG;
    *used = gpu->files->part_is_free ? all - part : part;
    *total = all;
    return 0;
}

static void name_card(struct gpu *gpu, unsigned card)
{
    char link[PATH_MAX];
    ssize_t n = readlinkat(gpu->dir, "device/driver", link, sizeof(link) - 1);
    const char *slash;

    link[n > 0 ? n : 0] = '\0';
    slash = strrchr(link, '/');
    snprintf(gpu->name, NAME, slash ? "card%u (%.32s)" : "card%u", card, slash ? slash + 1 : "");
}

static int list_card(const struct root *root, unsigned card, struct gpus *g)
{
    char path[48];
    _cleanup_(close_fd) int dir = -1;

    snprintf(path, sizeof(path), "/sys/class/drm/card%u", card);
    dir = root_openat(root, path, O_RDONLY | O_DIRECTORY, 0);
    for (size_t i = 0; dir >= 0 && i < ARRAY_SIZE(drivers); i++) {
        struct gpu *new;

        if (faccessat(dir, drivers[i].total, F_OK, 0) < 0)
            continue;
        new = add(g);
        if (!new)
            return -ENOMEM;
        new->files = &drivers[i];
        new->dir = TAKE_FD(dir);
        name_card(new, card);
    }
    return 0;
}

/* ---- both */

void gpu_clear(struct gpus *g)
{
    struct nvml nvml;

    for (size_t i = 0; i < g->n; i++)
        close_fd(&g->items[i].dir);
    free(g->items);
    if (g->library && load(g->library, &nvml))
        nvml.shutdown();
    if (g->library)
        dlclose(g->library);
    *g = GPUS_INIT;
}

int gpu_list(const struct root *root, const char *nvml, struct gpus *out, struct err *e)
{
    struct gpus g = GPUS_INIT;
    int r = nvml ? list_nvidia(nvml, &g) : 0;

    for (unsigned card = 0; card < CARDS_MAX && r == 0; card++)
        r = list_card(root, card, &g);
    if (r < 0) {
        gpu_clear(&g);
        return err_oom(e);
    }
    *out = g;
    return 0;
}

const char *gpu_name(const struct gpus *g, size_t i)
{
    return g->items[i].name;
}

int gpu_memory(const struct gpus *g, size_t i, uint64_t *used, uint64_t *total)
{
    const struct gpu *gpu = &g->items[i];

    return gpu->files ? file_memory(gpu, used, total) : nvidia_memory(g, gpu, used, total);
}
