#!/usr/bin/env bash
# Tests every function of the C targets that compute, as a program in C: on this processor, and for ARM64 in an emulator.
#
#   scripts/test_kernels.sh           all of the following
#   scripts/test_kernels.sh here      the kernels of this processor
#   scripts/test_kernels.sh arm       all C targets compiled for ARM64; the kernels under qemu-aarch64, as a processor that has all
#                                     there is and as one that has no sums of products of bytes
#   scripts/test_kernels.sh broken    kernels for ARM64 that are broken on purpose: each has to be found
#
# What is the same on every processor is compared bit by bit: sums in double precision, bytes, the speech network, weights,
# conversions; and all float kernels between AVX2 and NEON, which have the same sums and joined products.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=.build-kernels
flags=(-O3 -Wall -Wextra -Werror)
for target in CKernels CPeakRates CChecksums CElementConversion; do flags+=(-I "Sources/$target/include"); done
# -O3 as in Package.swift, since kernels that are compiled otherwise are others.
arm=(--target=aarch64-linux-gnu)
sources=(Sources/CKernels/*.c Sources/CPeakRates/*.c Sources/CChecksums/*.c Sources/CElementConversion/*.c)
tests=(Tests/CrossKernels/*.c)

fail() {
    echo "test_kernels.sh: $*" >&2
    exit 1
}

# compile FOLDER FLAG... : objects that are older than a source or a header.
compile() {
    local objects=$1 source object newest
    shift
    mkdir -p "$objects"
    newest=$(find Sources/CKernels Sources/CPeakRates Sources/CChecksums Sources/CElementConversion -name '*.h' -newer "$objects/done" 2>/dev/null || true)
    [ -e "$objects/done" ] && [ -z "$newest" ] || rm -f "$objects"/*.o
    for source in "${sources[@]}" "${tests[@]}" Tests/Sanitizers/exercise.c; do
        object=$objects/$(basename "$source" .c).o
        [ "$object" -nt "$source" ] && [[ $source != Tests/* || -z $(find Tests/CrossKernels -name '*.h' -newer "$object") ]] || echo "$source"
    done | xargs -r -P "$(nproc)" -I {} sh -c 'clang "$@" -c "$0" -o '"$objects"'/$(basename "$0" .c).o' {} "${flags[@]}" "$@"
    touch "$objects/done"
}

# objects_of FOLDER SOURCE...
objects_of() {
    local objects=$1 source
    shift
    for source; do echo "$objects/$(basename "$source" .c).o"; done
}

# link FOLDER FLAG... : kernel_tests and exercise.
link() {
    local objects=$1
    shift
    # shellcheck disable=SC2046  # names of objects have no spaces
    clang "$@" -fuse-ld=lld $(objects_of "$objects" "${sources[@]}" "${tests[@]}") -lm -o "$objects/kernel_tests"
    # shellcheck disable=SC2046
    clang "$@" -fuse-ld=lld $(objects_of "$objects" "${sources[@]}") "$objects/exercise.o" -lm -o "$objects/exercise"
}

# value FILE TABLE KIND: a digest in what kernel_tests printed.
value() { awk -v table="$2" -v kind="$3" '$1 == "table" && $2 == table { for (i = 3; i < NF; i++) if ($i == kind) print $(i + 1) }' "$1"; }

# same FILE TABLE FILE TABLE KIND
same() {
    local one other
    one=$(value "$1" "$2" "$5")
    other=$(value "$3" "$4" "$5")
    [ -n "$one" ] && [ "$one" = "$other" ] || fail "$5: $2 has other bits ($one) than $4 ($other)"
}

common_of() { sed -n 's/^common //p' "$1"; }

here() {
    echo "== this processor"
    compile $folder/here
    link $folder/here
    $folder/here/kernel_tests | tee $folder/here.txt
    $folder/here/exercise
    local table
    for table in avx2-vnni avx2-vnni-evex; do
        [ -n "$(value $folder/here.txt $table floats)" ] || continue
        same $folder/here.txt $table $folder/here.txt avx2 floats
        same $folder/here.txt $table $folder/here.txt avx2 halves
        same $folder/here.txt $table $folder/here.txt avx2 common
    done
}

# What a processor of ARM64 gave, against itself and against this processor.
compare() {
    local found=$1 table
    for table in $(awk '$1 == "table" { print $2 }' "$found"); do
        same "$found" "$table" "$found" portable floats
        same "$found" "$table" $folder/here.txt portable common
        # Instructions for bfloat16 round otherwise.
        [ "$table" = neon-narrow ] || same "$found" "$table" "$found" portable halves
    done
    [ "$(common_of "$found")" = "$(common_of $folder/here.txt)" ] || fail "what all processors have in common differs in $found"
    if [ -n "$(value $folder/here.txt avx2 floats)" ]; then
        same "$found" neon $folder/here.txt avx2 floats
        same "$found" neon $folder/here.txt avx2 halves
    fi
}

# emulated CPU NAME TABLE... : runs on a processor of that kind, and expects these tables besides the portable one.
emulated() {
    local cpu=$1 found=$folder/arm-$1.txt tables
    shift
    echo "== ARM64, -cpu $cpu"
    qemu-aarch64 -cpu "$cpu" $folder/arm/kernel_tests | tee "$found"
    tables=$(awk '$1 == "table" { printf "%s ", $2 }' "$found")
    [ "$tables" = "portable $* " ] || fail "$cpu ran the tables $tables and not portable $*"
    compare "$found"
    qemu-aarch64 -cpu "$cpu" $folder/arm/exercise
}

arm() {
    [ -e $folder/here.txt ] || here
    echo "== C targets for ARM64"
    local file
    compile $folder/arm "${arm[@]}"
    # The headers of libraries are this machine's, those of the C library ARM64's.
    local libraries=(-idirafter /usr/include -idirafter "/usr/include/$(uname -m)-linux-gnu")
    for file in Sources/C[A-Z]*/*.c Sources/C[A-Z]*/include/*.h Sources/C[A-Z]*/shim.h; do
        # Swift targets whose names begin alike have no files of these kinds.
        clang "${arm[@]}" -x c -fsyntax-only -Wall -Wextra -Werror -Wno-pragma-once-outside-header -Wno-unused-function -I "${file%/*}/include" -I Sources/CKernels/include "${libraries[@]}" "$file"
    done
    link $folder/arm "${arm[@]}" -static
    emulated max neon neon-dot neon-narrow
    emulated cortex-a57 neon
}

# broken OBJECT TABLE FILE EXPRESSION: a source changed by sed, whose object has to be found to be wrong.
broken() {
    local object=$1 table=$2 file=$3 expression=$4 mutant=$folder/broken status=0
    rm -rf $mutant
    mkdir -p $mutant/objects
    cp -r Sources/CKernels Sources/CChecksums $mutant
    sed -i -E "$expression" "$mutant/$file"
    ! cmp -s "$mutant/$file" "Sources/$file" || fail "$file has no place for $expression"
    cp $folder/arm/*.o $mutant/objects
    clang "${flags[@]}" "${arm[@]}" -w -I "$mutant/CKernels" -c "$mutant/$object.c" -o "$mutant/objects/$(basename "$object").o"
    # shellcheck disable=SC2046
    clang "${arm[@]}" -static -fuse-ld=lld $(objects_of $mutant/objects "${sources[@]}" "${tests[@]}") -lm -o $mutant/kernel_tests
    qemu-aarch64 -cpu max $mutant/kernel_tests "$table" >$mutant/found.txt 2>&1 || status=$?
    if [ $status -eq 0 ]; then
        [ "$(common_of $mutant/found.txt)" != "$(common_of $folder/here.txt)" ] || fail "$file is broken by $expression, and nothing tells"
        echo "found by its bits: $expression in $file"
    else
        echo "found: $expression in $file: $(grep -m 1 -a ': ' $mutant/found.txt || echo "it ended with $status")"
    fi
}

all_broken() {
    [ -e $folder/arm-max.txt ] || arm
    echo "== broken on purpose"
    # Products of bytes: what the shift by 128 takes away, the upper half, the other half of a register.
    broken CKernels/kernels_neon neon CKernels/template_bytes.h 's/ - excess;/;/'
    broken CKernels/kernels_neon neon CKernels/template_bytes.h 's/vmull_high_s8\(bytes, columns\)/low/'
    broken CKernels/kernels_neon_dot neon-dot CKernels/template_bytes.h 's/input \^ 0x80808080u/input/'
    broken CKernels/kernels_neon_narrow neon-narrow CKernels/template_bytes.h 's/weights \+ 16 \* i/weights + 16 * (i ^ 1)/'
    # bfloat16: pairs of the wrong columns, halves in the wrong order.
    broken CKernels/kernels_neon_narrow neon-narrow CKernels/vector.h 's/halves \+ 8 \* i/halves + 8 * (i ^ 1)/'
    broken CKernels/kernels_neon_narrow neon-narrow CKernels/template_rows.h 's/vcvtq_low_bf16_f32\(parts\[2\]\), parts\[3\]/vcvtq_low_bf16_f32(parts[3]), parts[2]/'
    # Rounding to bytes, the upper bound of a clamp, a NaN that a maximum drops.
    broken CKernels/kernels_neon neon CKernels/vector.h 's/vcvtnq_u32_f32\(parts\[3\]/vcvtq_u32_f32(parts[3]/'
    broken CKernels/kernels_neon neon CKernels/vector.h 's/vminq_f32\(vmaxq_f32\(parts\[i\], vdupq_n_f32\(low\)\), vdupq_n_f32\(high\)\)/vmaxq_f32(parts[i], vdupq_n_f32(low))/'
    broken CKernels/kernels_neon neon CKernels/vector.h 's/f16 maximum\(f16 a, f16 b\) \{ return a > b \? a : b; \}/f16 maximum(f16 a, f16 b) { return a < b ? b : a; }/'
    # A sum that depends on the row's place.
    broken CKernels/kernels_neon neon CKernels/template_attention.h 's/case 5: call\(5\); break;/case 5: call(4); break;/'
    # Joined products where none may be: the speech network, weights.
    broken CKernels/speech_neon neon CKernels/vector.h 's/FP_CONTRACT OFF /FP_CONTRACT ON /'
    broken CKernels/weights neon CKernels/weights.c 's/FP_CONTRACT OFF /FP_CONTRACT ON /'
    # Denormal numbers, checksums.
    broken CKernels/kernel_dispatch neon CKernels/kernel_dispatch.c 's/1ul << 24/0ul << 24/'
    broken CChecksums/crc32c neon CChecksums/crc32c.c 's/__crc32cb\(/__crc32b(/'
    rm -rf $folder/broken
}

case ${1:-all} in
    here) here ;;
    arm) arm ;;
    broken) all_broken ;;
    all)
        here
        arm
        all_broken
        ;;
    *)
        sed -n '2,12p' "$0" >&2
        exit 64
        ;;
esac
