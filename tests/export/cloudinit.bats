#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# recipes/cloud-init: what cloud-init itself says of the user-data, and what it makes of its commands

bats_require_minimum_version 1.5.0

setup() {
    DATA=$BATS_TEST_DIRNAME/../../recipes/cloud-init/user-data.yaml
    T=$BATS_TEST_TMPDIR
    PYTHONPATH=$("$BATS_TEST_DIRNAME/cloudinit") || skip "cloud-init is not to be had"
    export PYTHONPATH
}

python() {
    /usr/bin/python3 -W ignore "$@"
}

@test "cloud-init's schema has nothing against the user-data" {
    run -0 --separate-stderr python -m cloudinit.config.schema -c "$DATA"
    [[ $output == "Valid cloud-config: "* ]]
    sed 's/^runcmd:/&  3/; /^  - \[/d' "$DATA" >"$T/wrong.yaml"
    run ! python -m cloudinit.config.schema -c "$T/wrong.yaml"
}

@test "the script that cloud-init makes of it sets up swap" {
    local program
    mkdir "$T/bin"
    for program in git swapctl setup_swap.sh; do
        # shellcheck disable=SC2016 # for the fake
        printf '#!/bin/sh\necho "${0##*/} $*"\n' >"$T/bin/$program"
        chmod 755 "$T/bin/$program"
    done
    python -c 'import sys, yaml, cloudinit.util as u; print(u.shellify(yaml.safe_load(open(sys.argv[1]))["runcmd"]))' \
        "$DATA" >"$T/script"
    sed -i "s,/opt/headroom/recipes/,$T/bin/," "$T/script"
    PATH=$T/bin:/usr/bin:/bin run -0 sh "$T/script"
    [ "$output" = "git clone --depth 1 https://example.com/headroom.git /opt/headroom
setup_swap.sh 50% /swapfile -- --swappiness 10
swapctl list" ]
}
