internal import AudioFormats
internal import Digests

/// The MD5 that a FLAC file carries, computed again over what was decoded.
///
/// libsndfile checks the sum of each FLAC frame but not this one, which also covers frames that
/// are missing or were exchanged.
struct FLACChecksum: ~Copyable {
    private let expected: [UInt8]
    private let scale: Float
    private let bytesPerSample: Int
    private var hasher = MD5Hasher()

    /// Nil where the file has no sum, or where a Float cannot hold its samples.
    init?(_ info: FLACStreamInfo) {
        guard let md5 = info.md5, info.bitsPerSample <= 24 else { return nil }
        expected = md5
        scale = Float(1 << (info.bitsPerSample - 1))
        bytesPerSample = (info.bitsPerSample + 7) / 8
    }

    /// Takes the next interleaved samples, in [-1, 1).
    mutating func update(_ samples: UnsafeMutableBufferPointer<Float>) {
        let scale = scale
        let width = bytesPerSample
        withUnsafeTemporaryAllocation(
            byteCount: samples.count * width, alignment: 1
        ) { bytes in
            var position = 0
            for sample in samples {
                // Exact: the decoder divided a whole number of at most 24 bits by a power of two.
                var value = Int32(truncatingIfNeeded: Int(sample * scale))
                for _ in 0..<width {
                    bytes[position] = UInt8(truncatingIfNeeded: value)
                    value >>= 8
                    position += 1
                }
            }
            hasher.update(UnsafeRawBufferPointer(bytes))
        }
    }

    /// Whether the samples are the ones that were encoded.
    consuming func matches() -> Bool {
        let expected = expected
        return hasher.finalize() == expected
    }
}
