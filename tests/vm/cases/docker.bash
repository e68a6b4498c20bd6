# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# tests/vm/cases/docker.bash - containers of a real docker: found, limited and restarted; sourced by guest-systemd
# shellcheck disable=SC2154

readonly c_image=/srv/image c_swap=/var/lib/swapfile

# docker is on the third disk; its image is made here, of a busybox and a server that does little, and nothing is fetched.
# The guest has no network, and the containers none of their own.
put_docker() {
    tar -x -f /dev/vdb -C / && groupadd -r docker && mkdir -p /etc/docker $c_image/bin $c_image/tmp &&
        echo '{"bridge": "none", "iptables": false, "ip-forward": false, "ip-masq": false, "storage-driver": "overlay2",
            "exec-opts": ["native.cgroupdriver=systemd"]}' >/etc/docker/daemon.json && cp /bin/busybox $c_image/bin && ln -s busybox $c_image/bin/sh || return
    cat >$c_image/bin/ollama <<'END'
#!/bin/sh
trap 'exit 0' TERM
text=$(busybox head -c 16000000 /dev/zero | busybox tr '\0' x)
while :; do
    busybox sleep 1 &
    wait $!
    echo "${#text}" >/tmp/length
done
END
    chmod 755 $c_image/bin/ollama
    systemctl daemon-reload && systemctl start docker.service
}

import_image() {
    tar -c -C $c_image . | docker import - stand-in
}

# run_container NAME OPTION...
run_container() {
    docker run -d --network none --security-opt apparmor=unconfined --name "$@" stand-in /bin/ollama serve
}

id_of() { # NAME
    docker inspect --format '{{.Id}}' "$1"
}

group_of() { # NAME
    echo "$groups/system.slice/docker-$(id_of "$1").scope"
}

pid_of() { # NAME
    docker inspect --format '{{.State.Pid}}' "$1"
}

found_by() { # NAME-OR-ID
    is "$(pid_of ollama)" procfind --container "$1" --full '/bin/[o]llama serve'
}

has_limits() { # MEMORY SWAP
    is "$1"$'\n'"$2" cat "$(group_of ollama)/memory.max" "$(group_of ollama)/memory.swap.max"
}

# The container is another one, with the old name
remade() {
    docker rm -f ollama && run_container ollama -m 80m
}

docker_told() { # TEXT
    journalctl -b -q --no-pager -u headroom-llm-server | grep -F -e "$1"
}

shown_by_top() {
    memwatch top --group-by container --raw --noheadings --output CONTAINER | grep -xF "$(id_of ollama)"
}

docker_recipe() {
    install -m 755 /srv/headroom/{cgctl,procfind,memwatch} /usr/local/sbin
    mkdir -p /usr/local/share/headroom/recipes /etc/headroom
    cp -r /srv/headroom/repo/recipes/llm-server /usr/local/share/headroom/recipes
    cp /srv/headroom/repo/recipes/llm-server/*.service /etc/systemd/system
    printf '%s\n' 'TARGET_PROCESS_NAME=/bin/ollama serve' CONTAINER_NAME=ollama MEMORY_LIMIT=12M SWAP_LIMIT=64M \
        SWAP_SIZE=64M SWAP_WORK_DIR=/var/lib MAX_PID_RETRIES=2 RESOURCE_CHECK_INTERVAL=2 CONTAINER_START_TIMEOUT=120 \
        >/etc/headroom/headroom.env
    systemctl daemon-reload
}

runs_again() {
    [ "$(docker inspect --format '{{.State.Running}}' ollama)" = true ] && has_limits 12582912 67108864
}

docker_1() {
    local follower
    check "docker is there" put_docker
    check "an image is made" import_image
    docker_recipe
    check "a container runs" run_container ollama -m 80m
    check "found by its name" until_true found_by ollama
    check "and by the beginning of its id" found_by "$(id_of ollama | cut -c1-12)"
    check "procfind tells whose it is" is "$(id_of ollama) docker" \
        procfind --container ollama --full '/bin/[o]llama serve' --raw --noheadings --output CONTAINER,RUNTIME
    check "memwatch top tells it" shown_by_top
    check "a limit by name" cgctl limit --container ollama --memory-max 76M --swap-max 1M
    check "is there" has_limits 79691776 1048576
    check "docker restarts it" docker restart -t 5 ollama
    check "which forgets the limit" has_limits 83886080 83886080
    cgctl limit --follow "--container ollama" --memory-max 76M --swap-max 1M >/root/followed 2>&1 &
    follower=$!
    check "followed: the limit is back" until_true has_limits 79691776 1048576
    check "restarted while followed" docker restart -t 5 ollama
    check "it is there again" until_true has_limits 79691776 1048576
    check "the container is made anew" remade
    check "it is there again" until_true has_limits 79691776 1048576
    kill $follower
    wait $follower
    check "killed by somebody" docker kill ollama
    check "the recipe starts" systemctl start headroom-llm-server.service
    check "the container is started again, with its limits" until_true runs_again
    check "killed once more" docker kill ollama
    check "and once more" until_true runs_again
    check "the journal tells" docker_told "restarted: /usr/bin/docker restart ollama"
    check "removed" docker rm -f ollama
    check "the recipe waits" until_true docker_told "(2 of 2)"
    check "made anew" run_container ollama -m 80m
    check "with its limits" until_true runs_again
    check "the recipe lives" is active systemctl is-active headroom-llm-server.service
    check "the service ends" systemctl stop headroom-llm-server.service
    check "all is undone" eval "no_areas && ! [ -e $c_swap ] && has_limits 83886080 83886080"
}
