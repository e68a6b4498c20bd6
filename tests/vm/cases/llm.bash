# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# tests/vm/cases/llm.bash - recipes/llm-server with a stand-in for the server; sourced by guest-systemd
# shellcheck disable=SC2154

readonly llm_group=$groups/system.slice/ollama.service llm_swap=/var/lib/swapfile

# Takes 64 MiB beside what python needs, touches all of it again and again, and counts the rounds.
install_stand_in() {
    cat >/usr/local/bin/ollama <<'END'
#!/usr/bin/python3
import mmap, time
size = 64 << 20
memory = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
rounds = 0
while True:
    for at in range(0, size, 4096):
        memory[at] = at // 4096 % 251
    rounds += 1
    with open("/run/ollama.rounds", "w") as f:
        print(rounds, file=f)
    time.sleep(0.2)
END
    chmod 755 /usr/local/bin/ollama
    printf '[Service]\nExecStart=/usr/local/bin/ollama serve\nMemoryMax=80M\n' >/etc/systemd/system/ollama.service
}

install_recipe() {
    install -m 755 /srv/headroom/{cgctl,procfind,memwatch} /usr/local/sbin
    mkdir -p /usr/local/share/headroom/recipes /etc/headroom
    cp -r /srv/headroom/repo/recipes/llm-server /usr/local/share/headroom/recipes
    cp /srv/headroom/repo/recipes/llm-server/*.service /etc/systemd/system
    sed -e 's,^TARGET_PROCESS_NAME=.*,TARGET_PROCESS_NAME=/usr/local/bin/ollama serve,' \
        -e 's/^MEMORY_LIMIT=.*/MEMORY_LIMIT=40M/' -e 's/^SWAP_\(LIMIT\|SIZE\)=.*/SWAP_\1=128M/' \
        -e 's/^#SWAPINESS=.*/SWAPINESS=100/' -e 's/^MAX_PID_RETRIES=.*/MAX_PID_RETRIES=2/' \
        -e 's/^RESOURCE_CHECK_INTERVAL=.*/RESOURCE_CHECK_INTERVAL=1/' -e 's/^CONTAINER_START_TIMEOUT=.*/CONTAINER_START_TIMEOUT=120/' \
        /srv/headroom/repo/recipes/llm-server/headroom.env >/etc/headroom/headroom.env
    systemctl daemon-reload
}

capped() {
    [ "$(cat "$llm_group"/memory.max "$llm_group"/memory.swap.max 2>&1)" = $'41943040\n134217728' ]
}

# Everything that does not fit is in swap, and it goes on working
lives_in_swap() {
    capped && (($(<"$llm_group/memory.current") <= 41943040 && $(<"$llm_group/memory.swap.current") >= 16 << 20))
}

makes_rounds() {
    local before
    before=$(</run/ollama.rounds)
    until_true eval "[ \"\$(</run/ollama.rounds)\" -ge $((before + 2)) ]"
}

told() {
    journalctl -b -q --no-pager -u headroom-llm-server | grep -F -e "$1"
}

wrong_setting() {
    sed -i 's/^MEMORY_LIMIT=/MEMORY_LIMITS=/' /etc/headroom/headroom.env
    ! systemctl start headroom-llm-server.service || until_true systemctl is-failed headroom-llm-server.service
    until_true systemctl is-failed headroom-llm-server.service || return
    is 2 systemctl show --value -p ExecMainStatus headroom-llm-server.service
    told ": MEMORY_LIMITS: no such setting" || return
    systemctl reset-failed headroom-llm-server.service
    sed -i 's/^MEMORY_LIMITS=/MEMORY_LIMIT=/' /etc/headroom/headroom.env
}

restarted() {
    [ "$(systemctl show --value -p MainPID ollama.service)" != 0 ] && lives_in_swap
}

as_before() {
    no_areas && is "$1" swapctl swappiness && ! [ -e $llm_swap ] && ! [ -e /run/headroom/llm-server ]
}

llm_1() {
    local before
    before=$(swapctl swappiness)
    install_stand_in
    install_recipe
    check "a setting that is not understood: nothing is started" wrong_setting
    check "nothing was made" as_before "$before"
    check "the service starts" systemctl start headroom-llm-server.service ollama.service
    check "the swap is there" until_true swapctl list $llm_swap
    check "the swappiness is set" until_true is 100 swapctl swappiness
    check "the server has its limits" until_true capped
    check "what does not fit is in swap" until_true lives_in_swap
    check "and it goes on" makes_rounds
    systemctl kill -s KILL ollama.service
    check "after two intervals without it, it is back, with its limits" until_true restarted
    check "and it goes on again" makes_rounds
    check "the journal tells" told "restarted: systemctl restart -- ollama.service"
    check "status says all" eval "PATH=/usr/local/sbin:\$PATH /usr/local/share/headroom/recipes/llm-server/llm-server.sh status"
    # what kills it takes nothing along: its end undoes what it made
    systemctl kill -s KILL headroom-llm-server.service
    check "started again after it was killed" until_true systemctl is-active headroom-llm-server.service
    check "and the limits are back" until_true capped
    check "the service ends" systemctl stop headroom-llm-server.service
    check "all is as it was before" until_true as_before "$before"
    check "so are the limits of the server" is $'83886080\nmax' cat "$llm_group/memory.max" "$llm_group/memory.swap.max"
    check "which runs as before" makes_rounds
}
