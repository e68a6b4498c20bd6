#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# recipes/beanstalk: deploys as Elastic Beanstalk does them: a new folder each time, hooks run in it as root, and a status
# other than 0 aborts. In a mount namespace of its own whose /etc is a folder of the test.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers
bats_require_minimum_version 1.5.0

RECIPE=$BATS_TEST_DIRNAME/../../recipes/beanstalk

# An application with the recipe in it, as somebody commits it
bundle() { # OPTION...
    mkdir -p "$D/app"
    echo 'FROM scratch' >"$D/app/Dockerfile"
    HEADROOM_SWAPCTL=$SWAPCTL run -0 "$RECIPE/bundle.sh" "$@" "$D/app"
}

# deploy hooks|confighooks [SETTING...]: what the archive lost of the modes does not matter
deploy() {
    local kind=$1
    shift
    rm -rf "$D/staging"
    cp -R "$D/app" "$D/staging"
    find "$D/staging" -type f -exec chmod 644 {} +
    chmod 755 "$D/staging/.platform/$kind/prebuild/01_swap"
    inside env -C "$D/staging" HEADROOM_DIR="$D/opt" HEADROOM_SWAP_FILE="$D/swap" HEADROOM_SWAP_LOG="$D/log" "$@" \
        ".platform/$kind/prebuild/01_swap"
}

@test "a deploy makes the swap, the next one leaves it alone, and the boot finds it" {
    fake_etc ext4
    bundle --size 8M
    run -0 --separate-stderr deploy hooks HEADROOM_SWAP_SIZE=8M
    [ "$output" = changed ]
    good_area_inside "$D/swap" $((8 * MiB))
    grep -qxF "$D/swap none swap sw,nofail,x-headroom.size=8388608 0 0" "$D/etc/fstab"
    run -0 --separate-stderr deploy hooks HEADROOM_SWAP_SIZE=8M
    [ "$output" = unchanged ]
    run -0 inside "$D/opt/swapctl" list "$D/swap" --raw --noheadings -o size,persisted
    [ "$output" = "8384512 fstab" ]
}

@test "a change of the configuration alone counts at once" {
    fake_etc ext4
    bundle --size 8M
    run -0 deploy hooks HEADROOM_SWAP_SIZE=8M
    run -0 --separate-stderr deploy confighooks HEADROOM_SWAP_SIZE=12M
    [ "$output" = changed ]
    good_area_inside "$D/swap" $((12 * MiB))
}

@test "the command of .ebextensions finds it done" {
    fake_etc ext4
    bundle --size 8M
    run -0 deploy hooks HEADROOM_SWAP_SIZE=8M
    local command
    command=$(sed -n 's/^    command: //p' "$D/app/.ebextensions/01_swap.config")
    run -0 --separate-stderr inside env -C "$D/staging" HEADROOM_DIR="$D/opt" HEADROOM_SWAP_FILE="$D/swap" \
        HEADROOM_SWAP_SIZE=8M HEADROOM_SWAP_LOG="$D/log" bash -c "$command"
    [ "$output" = unchanged ]
}

@test "without swap the deploy goes on, unless it was told to be strict" {
    fake_etc ext4
    bundle
    run -0 deploy hooks HEADROOM_SWAP_SIZE=9T
    [[ $output == *"swapctl: $D/swap: "*"the deploy goes on without it" ]]
    grep -q "$D/swap: " "$D/log"
    [ ! -e "$D/swap" ]
    run -3 deploy hooks HEADROOM_SWAP_SIZE=9T HEADROOM_SWAP_STRICT=1
    run -0 deploy hooks HEADROOM_SWAP_SIZE=many
    run -2 deploy hooks HEADROOM_SWAP_SIZE=many HEADROOM_SWAP_STRICT=1
    rm -r "$D/app/.platform/headroom"
    run -0 deploy hooks
    [[ $output == *"not in the bundle; run bundle.sh"* ]]
    run -3 deploy hooks HEADROOM_SWAP_STRICT=1
}

@test "a program that was bundled anew takes the place of the old one, which stays until then" {
    fake_etc ext4
    bundle
    run -0 deploy hooks HEADROOM_SWAP_SIZE=8M
    echo '# newer' >>"$D/app/.platform/headroom/swapctl"
    run -0 deploy hooks HEADROOM_SWAP_SIZE=8M
    grep -q newer "$D/opt/swapctl"
    [ ! -e "$D/opt.new" ]
    # a setting that is wrong removes no folder of somebody else
    mkdir "$D/mine" && touch "$D/mine/file"
    run -0 deploy hooks HEADROOM_SWAP_SIZE=8M HEADROOM_DIR="$D/mine"
    [[ $output == *"01_swap: $D/mine: the program cannot be kept there"* ]]
    [ -e "$D/mine/file" ]
}

@test "bundle.sh: the size stands in the property; what is no size, and no folder, is refused" {
    D=$HR_DIR/tmp/bundle
    bundle --size 1.5G
    [ "$(sed -n 's/.*HEADROOM_SWAP_SIZE: //p' "$D/app/.ebextensions/01_swap.config")" = 1.5G ]
    local size
    for size in '2G; reboot' 2 0 2GG 50%% 200% ''; do
        HEADROOM_SWAPCTL=$SWAPCTL run -2 "$RECIPE/bundle.sh" --size "$size" "$D/app"
        [[ $output == "bundle.sh: --size: \"$size\" is not a size"* ]]
    done
    HEADROOM_SWAPCTL=$SWAPCTL run -2 "$RECIPE/bundle.sh" "$D/nowhere"
    HEADROOM_SWAPCTL=/bin/true run -3 "$RECIPE/bundle.sh" "$D/app"
    [[ $output == *"is not headroom's swapctl"* ]]
}
