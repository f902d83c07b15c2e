#!/bin/sh
# Makes the archives of this folder with GNU tar, Python's tarfile and zipfile, and Info-ZIP's zip: each member holds its
# own name and a line feed, so that tests know what is in it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
cd "$work"
long=$(printf 'folder-%03d/' 1 2 3 4 5 6 7 8 9 10)$(printf 'x%.0s' $(seq 60)).wav
mkdir -p "$(dirname "$long")" sub
for name in a.wav sub/b.flac empty.wav "c d.wav" "é.wav" "$long"; do printf '%s\n' "$name" > "$name"; done
: > empty.wav
ln a.wav linked.wav
ln -s a.wav symbolic.wav
fixed="--owner=0 --group=0 --numeric-owner --mtime=2026-01-01 -b1"
tar $fixed --format=gnu -cf "$here/gnu.tar" ./a.wav ./sub ./linked.wav ./symbolic.wav "./$long" ./empty.wav
tar $fixed --format=ustar -cf "$here/ustar.tar" a.wav "c d.wav" "$(dirname "$long")/$(printf 'x%.0s' $(seq 60)).wav"
tar $fixed --format=v7 -cf "$here/v7.tar" a.wav sub
python3 - "$here" "$long" <<'P'
import sys, tarfile, zipfile
here, long = sys.argv[1:]
with tarfile.open(f"{here}/pax.tar", "w", format=tarfile.PAX_FORMAT) as tar:
    for name in ("a.wav", "é.wav", long):
        info = tar.gettarinfo(name)
        info.mtime, info.uid, info.gid, info.uname, info.gname = 1767225600.5, 0, 0, "", ""
        with open(name, "rb") as file:
            tar.addfile(info, file)
P
TZ=UTC find . -exec touch -h -d 2026-01-01T00:00:00Z {} +
rm -f "$here"/*.zip
TZ=UTC zip -q -X -0 "$here/stored.zip" a.wav sub/b.flac "é.wav" empty.wav
TZ=UTC zip -q -X -r "$here/deflated.zip" sub "$long"
for i in $(seq 200); do echo "many lines of text $i"; done > text.wav
touch -d 2026-01-01T00:00:00Z text.wav
TZ=UTC zip -q -X "$here/deflated.zip" text.wav
printf 'a comment\n' | TZ=UTC zip -q -X -z "$here/deflated.zip" > /dev/null
TZ=UTC zip -q -X -P secret "$here/encrypted.zip" a.wav
# Of unknown length when they are begun, with Zip64 fields: what is written to a pipe.
cat text.wav | TZ=UTC zip -q -X -fz - - | cat > "$here/piped.zip"
rm -r "$work"
