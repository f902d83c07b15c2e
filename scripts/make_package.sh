#!/usr/bin/env bash
# Makes a Debian package, what it is made of, and checksums: make_package.sh SCRIPTORIUM FOLDER
#
# SCRIPTORIUM has the runtime of Swift in it (swift build --static-swift-stdlib). The same program and commit give the
# same bytes, wherever and whenever that is. SOURCE_DATE_EPOCH is the commit's time unless it is set, MAINTAINER the
# commit's author.
set -euo pipefail
if [ $# -ne 2 ]; then
    echo "usage: make_package.sh SCRIPTORIUM FOLDER" >&2
    exit 64
fi
program=$(realpath "$1")
out=$(realpath -m "$2")
source=$(cd "$(dirname "$0")/.." && pwd)
own=$source/scripts/package
if ldd "$program" | grep -q libswift; then
    echo "make_package.sh: $program needs libraries of Swift: build it with --static-swift-stdlib (make package does)" >&2
    exit 64
fi
export TZ=UTC LC_ALL=C.UTF-8
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$source" log -1 --format=%ct)}
MAINTAINER=${MAINTAINER:-$(git -C "$source" log -1 --format='%an <%ae>')}
export SOURCE_DATE_EPOCH
day=$(date -d "@$SOURCE_DATE_EPOCH" +%F)
number=$("$program" --version)
if [ -n "$(git -C "$source" tag --points-at HEAD "v$number")" ]; then
    version=$number
else
    version=$number~git${day//-/}.$(git -C "$source" rev-parse --short=8 HEAD)
fi
architecture=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
umask 022

# The program and its models.
install -D -m 755 "$program" "$tree/usr/bin/scriptorium"
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$tree/usr/bin/scriptorium"
# The compiler leaves hashes for its own next build, which differ where nothing else does, and the linker a number of all that.
# The former become zero, the latter the digest of what is left.
replace() {
    objcopy --update-section "$1=$work/section" "$tree/usr/bin/scriptorium"
}
hashes=$(LC_ALL=C readelf --section-headers --wide "$program" | sed -n 's/.* \.swift_modhash *[A-Z]* *[0-9a-f]* [0-9a-f]* \([0-9a-f]*\) .*/\1/p')
if [ -n "$hashes" ]; then
    head -c "$((16#$hashes))" /dev/zero >"$work/section"
    replace .swift_modhash
fi
number_of_build() {
    # A note of GNU's with 20 bytes, given as digits.
    printf '\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0'
    # shellcheck disable=SC2059 # The digits are the format.
    printf "$(sed 's/../\\x&/g' <<<"$1")"
}
number_of_build "$(printf '0%.0s' {1..40})" >"$work/section"
replace .note.gnu.build-id
number_of_build "$(sha1sum <"$tree/usr/bin/scriptorium" | cut -c 1-40)" >"$work/section"
replace .note.gnu.build-id
for model in digits-en silero-vad; do
    install -d "$tree/usr/share/scriptorium/models/$model"
    install -m 644 "$source/models/$model"/*.safetensors "$tree/usr/share/scriptorium/models/$model/"
done
install -m 644 "$source"/models/digits-en/*.json "$tree/usr/share/scriptorium/models/digits-en/"

# Services and their user.
for unit in "$source"/cluster/systemd/*.service; do
    install -D -m 644 "$unit" "$tree/lib/systemd/system/$(basename "$unit")"
    # The program is in its place; units need not look for it.
    sed -i 's|^ExecStart=/usr/bin/env scriptorium |ExecStart=/usr/bin/scriptorium |' \
        "$tree/lib/systemd/system/$(basename "$unit")"
done
install -D -m 644 "$source/cluster/systemd/scriptorium.sysusers" "$tree/usr/lib/sysusers.d/scriptorium.conf"
install -d "$tree/etc/scriptorium"
install -m 644 "$source"/cluster/*.env "$tree/etc/scriptorium/"

# Completions.
complete() {
    install -d "$(dirname "$tree/$2")"
    # Files of completions are read, not run.
    "$program" --generate-completion-script "$1" | sed '1{/^#!/d}' >"$tree/$2"
}
complete bash usr/share/bash-completion/completions/scriptorium
complete zsh usr/share/zsh/vendor-completions/_scriptorium
complete fish usr/share/fish/vendor_completions.d/scriptorium.fish

# Manual pages.
"$program" --experimental-dump-help >"$work/help.json"
python3 "$own/man_pages.py" "$work/help.json" "$tree/usr/share/man/man1" "$day" "$number"
gzip -9n "$tree"/usr/share/man/man1/*.1

# Documents, and what runs jobs elsewhere.
doc=$tree/usr/share/doc/scriptorium
install -d "$doc/examples"
sed "s/@YEAR@/${day%%-*}/" "$own/debian/copyright.in" >"$doc/copyright"
{
    echo "scriptorium ($version) unstable; urgency=medium"
    echo
    echo "  * CHANGELOG.md.gz says what is new."
    echo
    echo " -- $MAINTAINER  $(date -R -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$doc/changelog.gz"
gzip -9nc "$source/CHANGELOG.md" >"$doc/CHANGELOG.md.gz"
cp -r "$source/cluster/kubernetes" "$source/cluster/slurm" "$doc/examples/"
gzip -9nc "$source/cluster/README.md" >"$doc/README.cluster.md.gz"

# Dependencies: those that the linker knows, and those that the program opens.
mkdir -p "$work/shlibs/debian"
printf 'Source: scriptorium\n\nPackage: scriptorium\nArchitecture: any\n' >"$work/shlibs/debian/control"
linked=$(cd "$work/shlibs" && dpkg-shlibdeps -O "$tree/usr/bin/scriptorium" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
size=$(du -k -s --apparent-size "$tree" | cut -f 1)
mkdir "$tree/DEBIAN"
cat >"$tree/DEBIAN/control" <<END
Package: scriptorium
Version: $version
Architecture: $architecture
Maintainer: $MAINTAINER
Installed-Size: $size
Depends: $linked, libopenblas0-pthread | libopenblas0, systemd-standalone-sysusers | systemd | opensysusers
Recommends: libdnnl2 | libdnnl3, ffmpeg, ca-certificates
Suggests: libchromaprint1
Section: sound
Priority: optional
Description: transcribe archives of speech, on one machine or many
 Scriptorium turns large archives of speech into text, on CPUs. Given a
 manifest and any set of machines it writes one record for each input row,
 exactly once, in input order, whatever crashes in between.
 .
 It runs wav2vec 2.0 CTC models, with beam search and language models,
 finds speech in long recordings, and gives words their times. This package
 has a small model for spoken English digits, to try it with.
END
(cd "$tree" && find etc -type f | sort | sed 's|^|/|') >"$tree/DEBIAN/conffiles"
install -m 755 "$own/debian/postinst" "$own/debian/postrm" "$tree/DEBIAN/"
find "$tree" -type d -exec chmod 755 {} +
find "$tree" -type f -perm /111 -exec chmod 755 {} +
find "$tree" -type f ! -perm /111 -exec chmod 644 {} +
(cd "$tree" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
chmod 644 "$tree/DEBIAN/md5sums" "$tree/DEBIAN/conffiles"
find "$tree" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

mkdir -p "$out"
rm -f "$out"/scriptorium_*.deb "$out"/scriptorium_*.spdx.json "$out/SHA256SUMS"
package=$out/scriptorium_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz -z6 --build "$tree" "$package" >/dev/null
python3 "$own/sbom.py" "$version" "$SOURCE_DATE_EPOCH" "$source/Package.resolved" "$package" "$source/models" \
    "${package%.deb}.spdx.json"
(cd "$out" && sha256sum scriptorium_*.deb scriptorium_*.spdx.json >SHA256SUMS)
echo "$package: $(du -h "$package" | cut -f 1)"
