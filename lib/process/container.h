/* SPDX-License-Identifier: MIT */
/*
 * container - which container does a control group belong to?
 *
 * Runtimes name the group after the container's id, 64 hexadecimal digits: a folder of that name
 * (docker, and containerd for Kubernetes, by cgroupfs), or a scope of systemd,
 * docker-ID.scope, cri-containerd-ID.scope, crio-ID.scope, libpod-ID.scope, nerdctl-ID.scope.
 */
#ifndef HEADROOM_CONTAINER_H
#define HEADROOM_CONTAINER_H

#include "root.h"

enum { CONTAINER_ID = 64, CONTAINER_SHORT = 12 };

struct container {
    const char
        *runtime; /* "docker", "containerd", "cri-o", "podman"; NULL: the group does not tell */
    char id[CONTAINER_ID + 1];
};

/**
 * container_parse() - the container in the text of /proc/PID/cgroup; pure
 *
 * Of containers in containers the innermost. Groups of the hierarchies that have only a name
 * (name=systemd) do not count, nor those of conmon, which stands beside a container.
 *
 * Return: false if it is in none.
 */
bool container_parse(const char *text, struct container *out);

/* Is this an id, or the beginning of one: 12 to 64 hexadecimal digits, in lower case? */
bool container_is_id(const char *text);

/* May a container be called so? Such a name is no option to a runtime either. */
bool container_is_name(const char *text);

/**
 * container_find() - the id of the container that has this name
 * @name: as its users call it: "web"
 *
 * From the state files of docker and podman; on the live root, if they do not know it, by asking
 * `docker inspect` and `podman inspect`, ten seconds at most each. These end with this process.
 *
 * Return: 0; -ENOENT as ERR_USAGE if nobody knows it; -ETIMEDOUT if one of them, who may know, does
 * not answer; or another negated errno; with a message.
 */
int container_find(const struct root *root, const char *name, char id[static CONTAINER_ID + 1],
                   struct err *e);

#endif
