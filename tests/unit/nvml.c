/* SPDX-License-Identifier: MIT */
/* nvml - stands for NVIDIA's library: three processors, of which the second fell off the bus */
#include <stdio.h>

struct memory {
    unsigned long long total, free, used;
};

int nvmlInit_v2(void);
int nvmlShutdown(void);
int nvmlDeviceGetCount_v2(unsigned *n);
int nvmlDeviceGetHandleByIndex_v2(unsigned i, void **device);
int nvmlDeviceGetName(void *device, char *name, unsigned len);
int nvmlDeviceGetMemoryInfo(void *device, struct memory *memory);

static int devices[3];

int nvmlInit_v2(void)
{
    return 0;
}

int nvmlShutdown(void)
{
    return 0;
}

int nvmlDeviceGetCount_v2(unsigned *n)
{
    *n = 3;
    return 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned i, void **device)
{
    *device = &devices[i];
    return i == 1 ? 15 /* NVML_ERROR_GPU_IS_LOST */ : 0;
}

int nvmlDeviceGetName(void *device, char *name, unsigned len)
{
    snprintf(name, len, "NVIDIA Test %d", (int)((int *)device - devices));
    return 0;
}

int nvmlDeviceGetMemoryInfo(void *device, struct memory *memory)
{
    unsigned long long i = (unsigned long long)((int *)device - devices);

    *memory = (struct memory){1000 + i, 900, 100 + i};
    return 0;
}
