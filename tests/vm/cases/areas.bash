# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# tests/vm/cases/areas.bash - declared areas: as units, in fstab, and after a loss of power; sourced by guest-systemd
# shellcheck disable=SC2154,SC2034

# ---- case unit --------------------------------------------------------------------------------------------------------

unit_1() {
    cp /etc/fstab /var/fstab.before
    check "ensure --persist unit says changed" is changed ensure_plain unit
    check "ensure --persist auto says changed" is changed ensure_odd auto
    check "the areas are active" areas_active
    check "the units are enabled" both_enabled
    check "systemd sees them as active" both_running
    check "ensure says unchanged" is unchanged ensure_plain unit
    check "ensure says unchanged for the odd name" is unchanged ensure_odd auto
    check "fstab is as it was" cmp /etc/fstab /var/fstab.before
    check "no unit has failed" no_failed_units
    identities >/var/identities
}

unit_2() {
    after_boot
    check "the areas are active after the reboot" areas_active
    check "systemd sees them as active" both_running
    check "the files are the same ones" is "$(</var/identities)" identities
    check "ensure says unchanged" is unchanged ensure_plain unit
    check "ensure says unchanged for the odd name" is unchanged ensure_odd unit
    check "the files can be lost" lose_files
}

unit_3() {
    after_boot
    check "lost areas are made again and active" areas_active
    check "the files are whole and private" files_good
    check "ensure says unchanged" is unchanged ensure_plain auto
    check "ensure says unchanged for the odd name" is unchanged ensure_odd unit
    remove_both
    check "no unit file is left" no_units_written
    check "no unit has failed" no_failed_units
}

remove_both() {
    check "remove says changed" is "$plain: changed"$'\n'"$odd: changed" swapctl remove "$plain" "$odd"
    check "no area is active" no_areas
    check "the files are gone" files_gone
    check "remove says unchanged" is unchanged swapctl remove "$odd"
}

unit_4() {
    after_boot
    check "no area is active" no_areas
    check "no swap unit is loaded" no_swap_units
    check "the files are still gone" files_gone
}

# ---- case fstab -------------------------------------------------------------------------------------------------------

fstab_1() {
    printf '# kept\t as it is \n\ntmpfs  /mnt\ttmpfs nofail 0 0\n# the end' >>/etc/fstab
    cp -p /etc/fstab /var/fstab.before
    check "ensure --persist fstab says changed" is changed ensure_plain fstab
    check "ensure --persist fstab says changed for the odd name" is changed ensure_odd fstab
    check "the areas are active" areas_active
    check "ensure says unchanged" is unchanged ensure_plain fstab
    check "ensure keeps what auto finds" is unchanged ensure_odd auto
    check "no unit is written" no_units_written
    check "findmnt finds nothing to warn of" findmnt --verify
    identities >/var/identities
}

fstab_2() {
    after_boot
    check "the areas are active after the reboot" areas_active
    check "systemd sees them as active" both_running
    check "the files are the same ones" is "$(</var/identities)" identities
    check "ensure says unchanged" is unchanged ensure_plain fstab
    check "ensure says unchanged for the odd name" is unchanged ensure_odd fstab
    check "the files can be lost" lose_files
}

fstab_3() {
    check "the boot goes on without the files" settle
    check "no area is active" no_areas
    check "ensure makes a lost area again" is changed ensure_plain fstab
    check "ensure makes a lost area again for the odd name" is changed ensure_odd fstab
    check "the areas are active" areas_active
    remove_both
    check "fstab is as it was, its last line ended" cmp /etc/fstab <(cat /var/fstab.before && echo)
}

fstab_4() {
    after_boot
    check "no area is active" no_areas
    check "no swap unit is loaded" no_swap_units
}

# ---- case crash -------------------------------------------------------------------------------------------------------

crash_1() {
    check "ensure --persist unit says changed" is changed ensure_plain unit
    check "ensure --persist fstab says changed" is changed ensure_odd fstab
}

crash_2() {
    after_boot
    check "the areas are active after the loss of power" areas_active
    check "ensure says unchanged" is unchanged ensure_plain unit
    check "ensure says unchanged for the one in fstab" is unchanged ensure_odd fstab
}
