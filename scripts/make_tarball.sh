#!/usr/bin/env bash
# Makes a tarball that runs wherever it is unpacked, on any Linux of the same processor with a C library that is
# not older: make_tarball.sh SCRIPTORIUM OUT.tar.zst
#
# It carries the program, the libraries that it is linked to and those that it opens, each told to look for others
# beside itself, and the bundled models. The C library stays the machine's own; so does ffmpeg, where there is one.
# The same inputs give the same bytes.
set -euo pipefail
if [ $# -ne 2 ]; then
    echo "usage: make_tarball.sh SCRIPTORIUM OUT.tar.zst" >&2
    exit 64
fi
program=$(realpath "$1")
out=$(realpath -m "$2")
source=$(cd "$(dirname "$0")/.." && pwd)
has_tools() { command -v patchelf >/dev/null && command -v zstd >/dev/null; }
if ! has_tools && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends patchelf zstd >/dev/null || true
fi
if ! has_tools; then
    echo "make_tarball.sh: patchelf or zstd is missing: apt-get install -y patchelf zstd" >&2
    exit 64
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/scriptorium
mkdir -p "$tree/bin" "$tree/lib" "$tree/share/scriptorium/models" "$tree/share/doc"
install -m 755 "$program" "$tree/bin/scriptorium"

# What the C library's package has must be of the machine, like its dynamic linker.
of_the_machine='^(linux-vdso|ld-linux.*|libc|libm|libpthread|libdl|librt|libresolv|libutil|libanl|libnsl|libnss_.*)\.so'
carry() {
    local name path
    while read -r name path; do
        [[ ! $name =~ $of_the_machine ]] || continue
        [ ! -e "$tree/lib/$name" ] || continue
        install -m 644 "$(realpath "$path")" "$tree/lib/$name"
    done < <(ldd "$1" | sed -n 's/^\t\([^ ]*\) => \(\/[^ ]*\) .*/\1 \2/p')
}
carry "$program"
for name in libopenblas.so.0 libdnnl.so.3 libdnnl.so.2; do
    path=$(ldconfig -p | sed -n "s/^\t$name .* => //p" | head -n 1)
    [ -n "$path" ] || continue
    install -m 644 "$(realpath "$path")" "$tree/lib/$name"
    carry "$path"
done
[ -e "$tree/lib/libopenblas.so.0" ] || {
    echo "make_tarball.sh: libopenblas.so.0 was not found; make setup installs it" >&2
    exit 64
}
patchelf --set-rpath "\$ORIGIN/../lib" "$tree/bin/scriptorium"
for library in "$tree"/lib/*; do
    patchelf --set-rpath "\$ORIGIN" "$library"
done
cp -r "$source/models/digits-en" "$source/models/silero-vad" "$tree/share/scriptorium/models/"
find "$tree/share/scriptorium/models" -type f ! -name '*.json' ! -name '*.safetensors' ! -name README.md \
    ! -name LICENSE -delete
cp "$source/LICENSE" "$source/CHANGELOG.md" "$tree/share/doc/"
chmod -R u=rwX,go=rX "$tree"
date=$(git -C "$source" log -1 --format=%ct 2>/dev/null || echo 0)
mkdir -p "$(dirname "$out")"
tar --directory "$work" --create --sort=name --mtime="@${SOURCE_DATE_EPOCH:-$date}" --owner=0 --group=0 \
    --numeric-owner scriptorium | zstd -q -T0 -10 --force -o "$out"
echo "$out: $(du -h "$out" | cut -f 1)"
