#!/usr/bin/env bash
# Runs tests under sanitizers, which see what a test cannot: reads beyond a buffer, overflows, data races.
#
#   scripts/sanitize.sh           all of the following
#   scripts/sanitize.sh address   the tests of C targets, readers and concurrent code
#   scripts/sanitize.sh thread    the tests of concurrent code
#   scripts/sanitize.sh c         the functions of the C targets on exact buffers, under address and undefined behaviour: what
#                                 CI runs (Swift's compiler has no sanitizer of undefined behaviour on Linux)
#
# Each sanitizer has a build folder of its own, so that the ordinary build stays.
set -euo pipefail
cd "$(dirname "$0")/.."

# Reports of every process, those that a test starts too. One is enough to fail.
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

# Leaks are not looked for: the Swift runtime keeps types and Foundation keeps singletons for ever, and the
# stand-in cluster ends with _exit.
export ASAN_OPTIONS="detect_leaks=0:log_path=$reports/address"
export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1:log_path=$reports/undefined"
# Calls that come out of libraries that are not instrumented (libzmq, SQLite, Foundation) are not judged: the
# locks inside those libraries cannot be seen.
export TSAN_OPTIONS="ignore_noninstrumented_modules=1:log_path=$reports/thread:suppressions=$PWD/Tests/Sanitizers/thread.supp"
# Some tests kill workers with signals that Swift's runtime would take, to write where the process was: beside a
# sanitizer it ends with another status than that of the signal.
export SWIFT_BACKTRACE=enable=no

tell() {
    # A process that ends while a report is being suppressed leaves a line about the symbolizer, which is none.
    local found
    mapfile -t found < <(grep -lrE 'Sanitizer|runtime error' "$reports")
    [ "${#found[@]}" -gt 0 ] || return 0
    echo "== $1: ${#found[@]} reports" >&2
    head -n 60 "${found[@]}" >&2
    exit 1
}

# The C targets without the Swift around them: buffers end where their contents end.
c() {
    local folder=.build-c flags=(-g1 -O1 -fno-omit-frame-pointer)
    mkdir -p $folder
    local includes=() target
    for target in CKernels CPeakRates CChecksums CElementConversion; do includes+=(-I "Sources/$target/include"); done
    # In kernels, what vector code does all the time is not looked at (null and misaligned pointers, sizes of
    # objects): the checks would take minutes to compile.
    local undefined=signed-integer-overflow,shift,bounds,integer-divide-by-zero,float-cast-overflow,vla-bound
    printf '%s\n' Sources/CKernels/*.c Sources/CPeakRates/*.c Sources/CChecksums/*.c Sources/CElementConversion/*.c \
        Tests/Sanitizers/exercise.c \
        | xargs -P "$(nproc)" -I {} sh -c \
            'clang "$@" -c "$0" -o '"$folder"'/$(basename "$0" .c).o' {} \
            "${flags[@]}" "${includes[@]}" -fsanitize=address,$undefined -fno-sanitize-recover=all
    clang -fuse-ld=lld -fsanitize=address,undefined $folder/*.o -lm -o $folder/exercise
    $folder/exercise "${SEED:-1}"
    tell "C targets"
}

# swift_tests NAME FILTER SANITIZER...
swift_tests() {
    local name=$1 filter=$2 folder=.build-$1 sanitizers=()
    shift 2
    local sanitizer
    for sanitizer; do sanitizers+=(--sanitize "$sanitizer"); done
    # In release mode: kernels without optimization take hours here.
    swift build -c release --build-tests --scratch-path "$folder" "${sanitizers[@]}" -Xswiftc -gline-tables-only
    # Sanitizers keep what was freed for long, so tests that bound memory mean nothing under them; and the thread
    # sanitizer crashes in a process whose files may not grow, before it has looked at anything.
    local status=0
    "$folder"/release/scriptoriumPackageTests.xctest --testing-library swift-testing --filter "$filter" \
        --skip HostilePeer $([ "$name" = address ] || echo --skip ClusterTests/diskFull) || status=$?
    # Reports first: a process that has one may end with a status of its own though all tests pass.
    tell "$name"
    return $status
}

concurrent='^(Threading|ZeroMQ|ClusterRuntime|JobJournal|Transcription)Tests\.'
readers='^(Tensors|ModelLoading|AudioInput|Digests|StrictJSON|Files|Manifests|InputForms|TranscriptRows|ClusterProtocol)Tests\.'

case ${1:-all} in
    c) c ;;
    address) swift_tests address "$concurrent|$readers" address ;;
    thread) swift_tests thread "$concurrent" thread ;;
    all)
        "$0" c
        "$0" address
        "$0" thread
        ;;
    *)
        sed -n '2,11p' "$0" >&2
        exit 64
        ;;
esac
