internal import CZlib

/// Members of gzip, one after another as `cat` joins them, or deflated data as it stands in zip archives; the only
/// reader of zlib.
final class GzipDecompressor: Decompressor {
    // zlib's state points back at the stream, which therefore must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var memberHasEnded = false
    private let isBare: Bool

    /// Windows of 32 KiB, the format's largest, with a gzip header and no other.
    private static let windowBits: Int32 = 15 + 16
    /// The same without any header.
    private static let bareWindowBits: Int32 = -15

    /// - Parameter isBare: no header and no sum stand around the data, and nothing follows it.
    init(isBare: Bool = false) throws(DecompressionFault) {
        self.isBare = isBare
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard
            inflateInit2_(
                stream, isBare ? Self.bareWindowBits : Self.windowBits, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { throw DecompressionFault("zlib cannot be started; there is too little memory") }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFault) -> DecompressionStep {
        if memberHasEnded {
            guard inflateReset(stream) == Z_OK else {
                throw DecompressionFault("zlib cannot begin the next gzip member")
            }
            memberHasEnded = false
        }
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let result = inflate(stream, Z_NO_FLUSH)
        // A step that had no room or no input is no error.
        guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(result) else {
            let reason = stream.pointee.msg.map { String(cString: $0) } ?? "code \(result)"
            throw DecompressionFault(
                "the \(isBare ? "deflated" : "gzip") data is damaged (\(reason)); fetch or write the file again"
            )
        }
        memberHasEnded = result == Z_STREAM_END
        return DecompressionStep(
            consumed: input.count - Int(stream.pointee.avail_in),
            produced: output.count - Int(stream.pointee.avail_out),
            isBetweenMembers: memberHasEnded)
    }
}
