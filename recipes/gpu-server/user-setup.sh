#!/bin/sh
# SPDX-License-Identifier: MIT
#
# user-setup.sh - a user's data on the big disk, and links to it where programs look for it
set -eu
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

usage()
{
    cat <<END
usage: $name USER [--home | --folder NAME...] [--disk DIR] [--move] [--remember] [--dry-run] [--root DIR]

Make DIR/users/USER, for USER only, and links to it in USER's home folder.

  --folder NAME  link this folder of the home (default: .cache, .conda and data)
  --home         link the home folder itself; a new one gets the files of /etc/skel
  --disk DIR     the big disk (/data); it must be mounted
  --move         where there is data already, move it to the disk; USER must be logged out.
                 Without it such a folder is left alone
  --remember     do it again at each boot, see boot-restore.sh
  --dry-run      say what would be done, do nothing
  --root DIR     the system below DIR
  -h, --help     show this help

Nothing is overwritten, and data is removed from where it was only when all of it is on the disk.
The last line is "changed" or "unchanged".
Exit status: 0 done, 2 wrong usage, 3 failed, 6 refused: there is data, and that of some folder was
left where it is (the others are done), or others than root could exchange folders of DIR.
END
}

refuse() # MESSAGE
{
    echo "$name: $1" >&2
    status=6
}

# What is in a home folder is its user's, who might put a link there while root looks on.
as_user()
{
    # shellcheck disable=SC2086 # words
    $rights "$@"
}

make_store()
{
    { [ -d "$disk/users" ] || mkdir -m 0755 "$disk/users"; } && mkdir -m 0700 "$store" && chown "$uid:$gid" "$store"
}

copy_skel() # HOME
{
    [ ! -d "$root/etc/skel" ] || as_user cp -a --no-preserve=ownership "$root/etc/skel/." "$1" || return
    as_user chmod 0700 "$1"
}

has_selinux()
{
    [ -z "$root" ] && selinuxenabled 2>/dev/null
}

type_of() # PATH
{
    matchpathcon -n "$1" | cut -d : -f 3
}

# Also labels are the user's to set: by root's hand a link would have whatever it leads to relabelled.
relabel() # FOLDER
{
    as_user restorecon -R "$1"
}

# What comes from /etc/skel has the labels of that.
make_home()
{
    install -d -m 0700 -o "$uid" -g "$gid" "$root$home" && copy_skel "$root$home" && { ! has_selinux || relabel "$home"; }
}

# Only names that do not exist, or empty folders, are ever moved onto; what a crash leaves is a second copy. What lies in
# the folder is copied by COMMAND: with the user's rights, so that a link in it leads nowhere that these do not. A signal
# during the copy ends it, and later ones come too late.
# shellcheck disable=SC2016 # for the inner shell
move_and_link='
    set -eu
    from=$1 to=$2 link=$3 owner=$4
    shift 4
    rm -rf -- "$to.moving"
    trap "rm -rf -- \"\$to.moving\"" EXIT
    trap "exit 129" HUP
    trap "exit 130" INT
    trap "exit 143" TERM
    mkdir -p "${to%/*}"
    mkdir -m 0700 -- "$to.moving"
    chown "$owner" "$to.moving"
    "$@" cp -a -- "$from/." "$to.moving"
    trap "" HUP INT TERM
    mv -T -- "$to.moving" "$to"
    mv -nT -- "$from" "$from.moved"
    [ ! -e "$from" ]
    ln -s -- "$link" "$from"
    rm -rf --one-file-system -- "$from.moved"'
# shellcheck disable=SC2016
make_and_link='
    set -eu
    mkdir -p "$2" "${1%/*}"
    [ ! -d "$1" ] || rmdir -- "$1"
    ln -s -- "$3" "$1"'

printable() # NAME, which somebody else gave
{
    printf '%s' "$1" | LC_ALL=C tr -c '[:print:]' '?'
}

is_empty() # FOLDER
{
    [ -z "$(find "$1" -maxdepth 0 ! -empty)" ]
}

# FROM, in a home, shall be a link to TO; both without --root
link() # as_user|env FROM TO
{
    copier=
    [ "$1" = as_user ] || copier=$rights
    from=$root$2
    to=$root$3
    if [ -L "$from" ]; then
        [ "$(readlink "$from")" = "$3" ] || refuse "$2: is a link to $(readlink "$from"); remove it, if it may go"
    elif [ ! -e "$from" ] || { [ -d "$from" ] && is_empty "$from"; }; then
        step "link $2 to $3" "$1" sh -c "$make_and_link" - "$from" "$to" "$3"
    elif [ ! -d "$from" ]; then
        refuse "$2: is there and no folder; move it away"
    elif [ -e "$to" ] && ! is_empty "$to"; then
        refuse "$2: there is data in it, and in $3 too; merge them by hand"
    elif ! $move; then
        refuse "$2: there is data in it, which is left alone; --move moves it to $3"
    elif awk -v below="$from/" 'index($5, below) == 1 { found = 1 } END { exit !found }' /proc/self/mountinfo; then
        refuse "$2: a file system is mounted below it; unmount it first"
    elif foreign=$(find -P "$from" ! -uid "$uid" -print -quit) && [ -n "$foreign" ]; then
        refuse "$2: $(printable "${foreign#"$root"}") is not $user's; chown it, or move it away"
    else
        # shellcheck disable=SC2086 # words
        step "move $2 to $3 and link it" "$1" sh -c "$move_and_link" - "$from" "$to" "$3" "$uid:$gid" $copier
    fi
}

# SELinux knows what is in a home, such as the keys that sshd reads, by its path: that on the disk is to mean the same.
tell_selinux()
{
    has_selinux || return 0
    if [ "$(type_of "$store/.ssh")" != "$(type_of "$home/.ssh")" ]; then
        if ! command -v semanage >/dev/null; then
            echo "$name: $store: its labels are not those of a home, for which SELinux may keep programs away; install" \
                "semanage (policycoreutils-python-utils), and run this again" >&2
            return
        fi
        step "tell SELinux that $store is like $home" semanage fcontext -a -e "$home" "$store"
    fi
    ! $changed || $dry_run || relabel "$store"
}

# Programs that write while their data moves would lose it.
need_logged_out()
{
    [ -z "$root" ] && ! $dry_run || return 0
    running=$(procfind --euid "$uid" --count) &&
        die 6 "$user: $running processes of this user run; end them, see procfind -l --euid $user"
    [ $? = 1 ] || die 3 "$user: whether anything runs could not be found out"
}

user=
data=/data
folders=
home_too=false
move=false
remember=false
status=0
remembered=
while [ $# -gt 0 ]; do
    case $1 in
    --folder)
        value $# "$1"
        case /$2/ in
        *[[:space:]]* | *//* | */../* | */./*) die 2 "--folder: \"$2\" is no name below a home folder, or has a blank" ;;
        esac
        folders="$folders $2"
        remembered="$remembered --folder $2"
        shift ;;
    --disk) value $# "$1" && data=${2%/} && shift ;;
    --root) value $# "$1" && set_root "$2" && shift ;;
    --home) home_too=true ;;
    --move) move=true ;;
    --remember) remember=true ;;
    --dry-run) dry_run=true ;;
    -h | --help) usage && exit 0 ;;
    -*) die 2 "$1: unknown; see $name --help" ;;
    *)
        [ -z "$user" ] || die 2 "$1: one user only; see $name --help"
        user=$1 ;;
    esac
    shift
done
[ -n "$user" ] || die 2 "which user? see $name --help"
! $home_too || [ -z "$folders" ] || die 2 "--home and --folder: one of them; see $name --help"
case $data in
/*[[:space:]]* | [!/]* | '') die 2 "--disk: \"$data\" is not an absolute path, or has a blank" ;;
esac
line=$(entry passwd "$user") || die 3 "$user: there is no such user; make one: adduser $user"
IFS=: read -r user _ uid gid _ home _ <<END
$line
END
home=${home%/}
need_root
rights=
[ "$(id -u)" != 0 ] || rights="setpriv --reuid $uid --regid $gid --clear-groups"
[ -d "$root$data" ] || die 3 "$data: is not there; mount the disk, or name another --disk"
need_keeper "$data/users"
disk=$(realpath "$root$data")
store=$disk/users/$user
[ -n "$root" ] || [ "$(stat -c %d "$disk")" != "$(stat -c %d "${home%/*}/")" ] ||
    die 3 "$data: lies on the same file system as $home; is the disk mounted?"
! $move || need_logged_out

new=false
if [ ! -e "$store" ]; then
    new=true
    step "make $data/users/$user for $user" make_store
elif [ "$(stat -c %u "$store")" != "$uid" ]; then
    die 6 "$data/users/$user: belongs to user $(stat -c %u "$store"), not to $user; look whose data it is, and chown it"
fi

if $home_too || [ ! -d "$root$home" ]; then
    need_keeper "${home%/*}"
fi
if $home_too; then
    remembered=' --home'
    if $new && [ ! -e "$root$home" ]; then
        step "copy the files of /etc/skel" copy_skel "$store"
    fi
    link env "$home" "$data/users/$user"
else
    [ -d "$root$home" ] || step "make the home folder $home" make_home
    for folder in ${folders:-.cache .conda data}; do
        link as_user "$home/$folder" "$data/users/$user/$folder"
    done
fi
tell_selinux
! $remember || remember "user-setup.sh $user --disk $data$remembered"
answer
[ "$status" = 0 ] || exit "$status"
