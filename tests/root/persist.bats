#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Declaring for the next boot, live: in a mount namespace of its own whose /etc is a folder of the test. That the next boot
# believes it is proved by tests/vm.

# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # variables of the helpers and of bats; each test is a subshell
load helpers

fstab_is_old() {
    cmp "$D/fstab.before" "$D/etc/fstab" || fail "$(cat "$D/etc/fstab")"
}

@test "the namespace hides /etc of this machine" {
    fake_etc ext4
    run inside grep -c 'this is no line' /etc/fstab
    [ "$output" = 1 ]
    ! grep -q 'this is no line' /etc/fstab || fail "the fstab of the machine was changed"
}

@test "fstab: declared once, then unchanged, then taken back" {
    fake_etc ext4
    local host
    host=$(sha256sum /etc/fstab 2>/dev/null || :)
    ctl 0 ensure "$D/swap" --size 8M --priority 5 --persist fstab --json
    holds '.actions == ["create", "activate", "persist-fstab"] and .persisted == "fstab"'
    good_area_inside "$D/swap" $((8 * MiB))
    fstab_gained "$D/swap none swap sw,nofail,x-headroom.size=8388608,pri=5 0 0"
    [ "$(stat -c '%a %u' "$D/etc/fstab")" = '640 0' ]
    idle ensure "$D/swap" --size 8M --priority 5 --persist fstab
    ctl 0 list "$D/swap" --raw --noheadings -o persisted
    answers fstab
    ctl 0 ensure "$D/swap" --size 8M --json
    holds '.changed == false and .persisted == "fstab"'
    ctl 0 remove "$D/swap" --json
    holds '.results[0].actions | index("unpersist-fstab") != null'
    [ ! -e "$D/swap" ]
    ! grep -q "$D" "$D/etc/fstab" || fail "$(cat "$D/etc/fstab")"
    grep -q 'this is no line' "$D/etc/fstab"
    [ "$(sha256sum /etc/fstab 2>/dev/null || :)" = "$host" ]
}

@test "fstab: the line is understood by util-linux" {
    fake_etc ext4
    changes ensure "$D/my swap" --size 8M --priority 5 --persist fstab
    [ "$(findmnt --tab-file "$D/etc/fstab" -t swap -n -r -o SOURCE,OPTIONS 2>/dev/null)" = \
        "${D}/my\\x20swap sw,nofail,x-headroom.size=8388608,pri=5" ]
    idle ensure "$D/my swap" --size 8M --priority 5 --persist fstab
    changes remove "$D/my swap"
    ! grep -q 040swap "$D/etc/fstab" || fail "$(cat "$D/etc/fstab")"
}

@test "fstab: an entry that is there is updated in its place" {
    fake_etc ext4
    printf '\n%s\n# end\n' "$D/swap  swap swap  defaults,noatime  0 0" >>"$D/etc/fstab"
    changes ensure "$D/swap" --size 8M --priority 5 --persist fstab
    [ "$(grep -c "$D/swap" "$D/etc/fstab")" -eq 1 ]
    grep -q "^$D/swap .*pri=5" "$D/etc/fstab"
    [ "$(tail -n 1 "$D/etc/fstab")" = '# end' ]
    idle ensure "$D/swap" --size 8M --priority 5 --persist fstab
}

@test "fstab: when the area cannot be made, nothing is declared" {
    fake_etc ext4
    refused 3 'no space' ensure "$D/swap" --size 4G --persist fstab
    fstab_is_old
}

@test "fstab: when declaring fails, the area is undone" {
    fake_etc ext4
    chattr +i "$D/etc" "$D/etc/fstab"
    try ensure "$D/swap" --size 8M --persist fstab
    chattr -i "$D/etc" "$D/etc/fstab"
    [ "$status" -eq 3 ] || fail "exit status $status: $output $stderr"
    says 'fstab'
    [ ! -e "$D/swap" ]
    fstab_is_old
}

@test "fstab --dry-run: tells, writes nothing" {
    fake_etc ext4
    ctl 0 ensure "$D/swap" --size 8M --persist fstab --dry-run
    [ "${#lines[@]}" -eq 4 ]
    [[ ${lines[2]} == *fstab* ]]
    fstab_is_old
    [ ! -e "$D/swap" ]
}

@test "unit: both files and the link, then unchanged, then taken back" {
    fake_etc ext4
    local units=$D/etc/systemd/system
    ctl 0 ensure "$D/swap" --size 8M --persist unit --json
    holds '.persisted == "unit" and (.actions | index("persist-unit") != null)'
    good_area_inside "$D/swap" $((8 * MiB))
    [ "$(find "$units" -maxdepth 1 -name '*.swap' | wc -l)" -eq 1 ]
    [ "$(find "$units" -maxdepth 1 -name 'headroom-create-*.service' | wc -l)" -eq 1 ]
    [ "$(find "$units/swap.target.wants" -type l | wc -l)" -eq 1 ]
    grep -qx "What=$D/swap" "$units"/*.swap
    grep -q "^ExecStart=.*swapctl create.*$D/swap" "$units"/headroom-create-*.service
    fstab_is_old
    idle ensure "$D/swap" --size 8M --persist unit
    ctl 0 list "$D/swap" --raw --noheadings -o persisted
    answers unit
    changes remove "$D/swap"
    [ -z "$(find "$units" -type f -o -type l)" ] || fail "$(find "$units")"
}

@test "unit and fstab: only one of them declares it" {
    fake_etc ext4
    changes ensure "$D/swap" --size 8M --persist fstab
    ctl 0 ensure "$D/swap" --size 8M --persist unit --json
    holds '.persisted == "unit" and (.actions | index("unpersist-fstab") != null)'
    ! grep -q "$D/swap" "$D/etc/fstab" || fail "$(cat "$D/etc/fstab")"
    changes ensure "$D/swap" --size 8M --persist fstab
    [ -z "$(find "$D/etc/systemd/system" -type f -name '*.swap')" ]
    keeps ensure "$D/swap" --size 8M --persist auto
}

@test "remove: a declaration without a file is taken back" {
    fake_etc ext4
    changes ensure "$D/swap" --size 8M --persist fstab
    inside swapoff "$D/swap"
    rm "$D/swap"
    ctl 0 remove "$D/swap" --json
    holds '.results[0].changed and .results[0].actions == ["unpersist-fstab"]'
    keeps remove "$D/swap"
}

@test "swappiness --persist: written once" {
    fake_etc ext4
    save_swappiness
    ctl 0 swappiness 61 --persist --json
    holds '.changed and .actions == ["swappiness", "persist-swappiness"]'
    grep -Eqx 'vm.swappiness *= *61' "$D/etc/sysctl.d/60-headroom.conf"
    keeps swappiness 61 --persist
    [ ! -e /etc/sysctl.d/60-headroom.conf ] || ! grep -q 61 /etc/sysctl.d/60-headroom.conf
}

# ---- names that break what reads fstab and units --------------------------------------------------------------------

# Declared, understood by others, lost and made again, taken back without a trace.
is_declared() { # HOW NAME
    local how=$1 file=$D/$2
    changes ensure "$file" --size 1M --priority 5 --persist "$how"
    idle ensure "$file" --size 1M --priority 5 --persist "$how"
    idle ensure "$file" --size 1M --priority 5 --persist auto
    [ "$how" = unit ] || known_to_util_linux "$file"
    ctl 0 status
    ctl 0 list --json --output-all -- "$file"
    holds ".swaps | length == 1 and .[0].persisted == \"$how\""
    inside swapoff "$file"
    rm -- "$file"
    ctl 1 status
    ctl 0 apply
    good_area_inside "$file" "$MiB"
    ctl 0 status
    changes remove "$file"
    # only that the last line is ended now
    cmp "$D/fstab.before" "$D/etc/fstab" || cmp <(cat "$D/fstab.before" && echo) "$D/etc/fstab" || fail "$(cat "$D/etc/fstab")"
    cp -p "$D/fstab.before" "$D/etc/fstab"
    [ -z "$(find "$D/etc/systemd/system" ! -type d)" ] || fail "$(find "$D/etc/systemd/system")"
    only etc fstab.before sbin
}

# As swapon -a reads it.
known_to_util_linux() { # FILE
    local line
    line=$(LC_ALL=C grep -a "^$D/.* none swap " "$D/etc/fstab")
    [ "$(wc -l <<<"$line")" -eq 1 ] || fail "$line"
    printf -v line '%b.' "$(cut -d ' ' -f 1 <<<"$line" | sed 's/\\\([0-7][0-7][0-7]\)/\\0\1/g')"
    [ "${line%.}" = "$1" ] || fail "$(cat "$D/etc/fstab")"
    inside swapoff "$1"
    LC_ALL=C inside swapon --all 2>/dev/null || :
    ctl 0 list -- "$1"
}

@test "fstab: a name with blanks" { fake_etc ext4 && is_declared fstab "  my swap  file "; }
@test "fstab: a name with newline and tab" { fake_etc ext4 && is_declared fstab $'a\nb\tc\n'; }
@test "fstab: a name with backslashes and what looks like an escape" { fake_etc ext4 && is_declared fstab 'a\b\040c\134\x'; }
@test "fstab: a name of bytes that are not UTF-8" { fake_etc ext4 && is_declared fstab $'a\xff\xfeb'; }
@test "fstab: a name with quotes, dollar, star, hash" { fake_etc ext4 && is_declared fstab "\"it's\" \$HOME * #1;"; }
@test "fstab: a name that begins with a hash" { fake_etc ext4 && is_declared fstab '#swap'; }
@test "fstab: a name that ends in (deleted)" { fake_etc ext4 && is_declared fstab 'x (deleted)'; }
@test "unit: a name with blanks inside" { fake_etc ext4 && is_declared unit "my swap  file"; }
@test "unit: a name with backslashes and what looks like an escape" { fake_etc ext4 && is_declared unit 'a\b\040c\134\x'; }
@test "unit: a name with quotes, dollar, star, hash, percent" { fake_etc ext4 && is_declared unit "\"it's\" \$HOME * #1; %h"; }
@test "unit: a name that ends in (deleted)" { fake_etc ext4 && is_declared unit 'x (deleted)'; }

@test "unit: a name that no unit can express is refused, and auto takes fstab" {
    fake_etc ext4
    local name
    for name in $'a\nb' $'a\xff' 'a ' 'a\'; do
        try ensure "$D/$name" --size 1M --persist unit
        [ "$status" -ne 0 ] || fail "$name: declared as $(find "$D/etc/systemd/system")"
        says '*fstab*'
        only etc fstab.before sbin
        is_declared fstab "$name"
    done
}

@test "fstab: x and x (deleted) are two lines" {
    fake_etc ext4
    changes ensure "$D/x" --size 1M --persist fstab
    changes ensure "$D/x (deleted)" --size 2M --persist fstab
    idle ensure "$D/x" --size 1M --persist fstab
    idle ensure "$D/x (deleted)" --size 2M --persist fstab
    changes remove "$D/x"
    grep -qF "$D/x\\040(deleted) none swap sw,nofail,x-headroom.size=2097152 0 0" "$D/etc/fstab"
    ctl 0 list "$D/x (deleted)"
    ctl 0 status
}
