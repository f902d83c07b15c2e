internal import CZstd

/// Frames of Zstandard, one after another; the only importer of libzstd.
final class ZstdDecompressor: Decompressor {
    private let stream: OpaquePointer

    /// Frames that refer further back than 128 MiB are refused: what is remembered for them is memory.
    ///
    /// It is the largest window that `zstd` uses unless it is asked for more.
    private static let windowLogMax: Int32 = 27

    init() throws(DecompressionFault) {
        guard let stream = ZSTD_createDStream() else {
            throw DecompressionFault("libzstd cannot be started; there is too little memory")
        }
        self.stream = stream
        guard
            ZSTD_isError(ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, Self.windowLogMax))
                == 0
        else { throw DecompressionFault("libzstd does not take a limit of its memory") }
    }

    deinit { ZSTD_freeDStream(stream) }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFault) -> DecompressionStep {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let result = ZSTD_decompressStream(stream, &target, &source)
        guard ZSTD_isError(result) == 0 else {
            let reason = String(cString: ZSTD_getErrorName(result))
            // The library's words for it are about frames that need too much memory.
            let remedy =
                ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge
                ? "write it with a window of at most 128 MiB (zstd without --ultra and --long)"
                : "fetch or write the file again"
            throw DecompressionFault("the zstd data cannot be read (\(reason)); \(remedy)")
        }
        return DecompressionStep(
            consumed: source.pos, produced: target.pos, isBetweenMembers: result == 0)
    }
}
