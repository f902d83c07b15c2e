internal import CZlib
internal import CZstd

/// Compressed bytes, made by the libraries themselves.
package enum Compressed {
    package static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        precondition(
            deflateInit2_(
                &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK)
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
        let count = output.count
        input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(count)
                precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
            }
        }
        return Array(output[..<(count - Int(stream.avail_out))])
    }

    /// - Parameter windowLog: how far the frame refers back, as a power of two; the library's choice if nil.
    package static func zstd(_ bytes: [UInt8], windowLog: Int32? = nil) -> [UInt8] {
        let context = ZSTD_createCCtx()
        defer { ZSTD_freeCCtx(context) }
        if let windowLog {
            ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, windowLog)
            ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0)
        }
        var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count) + 64)
        let capacity = output.count
        var target = 0
        output.withUnsafeMutableBytes { output in
            bytes.withUnsafeBytes { bytes in
                var out = ZSTD_outBuffer(dst: output.baseAddress, size: capacity, pos: 0)
                // In two pieces, so that the frame does not know its size and keeps its window.
                var first = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count / 2, pos: 0)
                while first.pos < first.size {
                    precondition(
                        ZSTD_isError(
                            ZSTD_compressStream2(context, &out, &first, ZSTD_e_continue)) == 0)
                }
                var rest = ZSTD_inBuffer(
                    src: bytes.baseAddress.map { $0 + bytes.count / 2 },
                    size: bytes.count - bytes.count / 2, pos: 0)
                precondition(ZSTD_compressStream2(context, &out, &rest, ZSTD_e_end) == 0)
                target = out.pos
            }
        }
        return Array(output[..<target])
    }
}
