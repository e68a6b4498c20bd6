/* SPDX-License-Identifier: MIT */
/*
 * gpu - the memory of graphics processors
 *
 * NVIDIA's by its management library, which is loaded if it is installed; those of others by what
 * their drivers tell in /sys/class/drm: amdgpu mem_info_vram_*, i915 lmem_*_bytes. A processor that
 * uses the machine's RAM has none of its own and is not listed. They are numbered from 0: NVIDIA's
 * as nvidia-smi does, then the others in the order of their cards.
 */
#ifndef HEADROOM_GPU_H
#define HEADROOM_GPU_H

#include "root.h"

/* NVIDIA's library, for gpu_list(). */
#define GPU_NVML "libnvidia-ml.so.1"

struct gpu;

struct gpus {
    struct gpu *items; /* owned */
    size_t n;
    void *library; /* owned; NULL: not there */
};

#define GPUS_INIT ((struct gpus){.items = NULL})

void gpu_clear(struct gpus *g);

/**
 * gpu_list() - find those there are
 * @nvml: the library's name; NULL: those of NVIDIA are not looked for, as below a foreign root
 * @out:  set on success; release with gpu_clear()
 *
 * Loading the library takes a second where no program uses a processor of NVIDIA's.
 *
 * Return: 0, also if there is none; or -ENOMEM.
 */
int gpu_list(const struct root *root, const char *nvml, struct gpus *out, struct err *e);

/* "NVIDIA H100", "card0 (amdgpu)". */
const char *gpu_name(const struct gpus *g, size_t i);

/* Bytes. Return: 0; -EIO if the driver does not answer; or -EBADMSG, -EOVERFLOW, or the negated
 * errno of reading. */
int gpu_memory(const struct gpus *g, size_t i, uint64_t *used, uint64_t *total);

#endif
