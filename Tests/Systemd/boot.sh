#!/usr/bin/env bash
# Makes a small root in this process's own mount namespace and becomes its systemd: boot.sh ROOT PROGRAM_FOLDER ARCHIVE
#
# Everything that can be written is memory of its own, what is shared with this machine is read-only, and of the
# distribution's units only targets are there: none of its services may clean up or set up a machine that is not its.
set -euo pipefail
root=$1 program=$2 archive=$3
mount -t tmpfs -o mode=755 tmpfs "$root"
read_only() {
    mkdir -p "$root$2"
    mount --bind "$1" "$root$2"
    mount -o remount,bind,ro "$root$2"
}
mkdir -p "$root"/{etc/systemd/system,proc,sys,dev,run,tmp,var/lib,var/log,home,root,srv}
chmod 1777 "$root/tmp"
for each in bin lib lib64 sbin; do ln -s "usr/$each" "$root/$each"; done
read_only /usr /usr
[ ! -d /opt ] || read_only /opt /opt
mount -t tmpfs tmpfs "$root/usr/local"
read_only "$program" /usr/local/bin
mount -t tmpfs tmpfs "$root/usr/lib/systemd/system"
cp -P /usr/lib/systemd/system/*.target "$root/usr/lib/systemd/system/"
read_only "$archive" /srv/archive
cp -P /etc/ld.so.cache /etc/nsswitch.conf "$root/etc/"
cp -r /etc/ld.so.conf* /etc/alternatives "$root/etc/"
grep '^root:' /etc/passwd >"$root/etc/passwd"
grep '^root:' /etc/group >"$root/etc/group"
echo "127.0.0.1 localhost" >"$root/etc/hosts"
echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount -t proc proc "$root/proc"
# The kernel's settings are this machine's.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t tmpfs tmpfs "$root/run"
mkdir "$root/run/systemd"
hostname systemd-bed
ip link set lo up
# What this test installs, before there is anybody who would.
cp -r "$root/srv/archive/units/." "$root/etc/systemd/system/"
for each in scriptorium-coordinator scriptorium-worker@; do
    mkdir "$root/etc/systemd/system/$each.service.d"
    # There is no journal.
    printf '[Service]\nStandardOutput=append:/run/log.%%n\nStandardError=append:/run/log.%%n\n' \
        >"$root/etc/systemd/system/$each.service.d/log.conf"
done
mkdir -p "$root/etc/scriptorium" "$root/etc/sysusers.d"
cp "$root"/srv/archive/settings/* "$root/etc/scriptorium/"
cp "$root/srv/archive/scriptorium.sysusers" "$root/etc/sysusers.d/scriptorium.conf"
# In a chroot the kernel would refuse the units their user namespaces.
mkdir "$root/old"
cd "$root"
pivot_root . old
umount -l /old
exec env -i container=other PATH=/usr/local/bin:/usr/bin:/usr/sbin \
    /lib/systemd/systemd --system --unit=multi-user.target --log-target=console --log-level=notice
