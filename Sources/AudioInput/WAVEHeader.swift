/// The chunks of a WAV file as they stand, for what libsndfile corrects in silence or refuses.
struct WAVEHeader: Equatable {
    private(set) var channelCount: Int?
    private(set) var sampleRate: Int?
    /// Bytes a second.
    private(set) var byteRate: Int?
    /// Bytes of samples that the header declares; nil where it is known not to know.
    private(set) var declaredBytes: Int?
    /// Bytes from the start of the samples to the end of the file.
    private(set) var availableBytes = 0
    /// The header says 0 bytes of samples, and means it: its total size covers the whole file.
    private(set) var isEmpty = false

    /// A file with more chunks than this before its samples is not read further.
    private static let chunksMax = 4_096

    init(reading file: AudioFile) throws(AudioError) {
        let total = Self.integer(try file.bytes(at: 0, count: 12), at: 4, bytes: 4)
        let isWhole = total != 0xFFFF_FFFF && total + 8 >= file.byteCount
        var offset = 12
        for _ in 0..<Self.chunksMax {
            let head = try file.bytes(at: offset, count: 24)
            guard head.count >= 8 else { return }
            let size = Self.integer(head, at: 4, bytes: 4)
            switch head.prefix(4) {
            case Self.name("fmt ") where head.count >= 16:
                channelCount = Self.integer(head, at: 10, bytes: 2)
                sampleRate = Self.integer(head, at: 12, bytes: 4)
                byteRate = Self.integer(head, at: 16, bytes: 4)
            case Self.name("data"):
                availableBytes = max(0, file.byteCount - offset - 8)
                // Pipes and interrupted recorders leave these two; RF64 states its size elsewhere.
                declaredBytes = size == 0 || size == 0xFFFF_FFFF ? nil : size
                isEmpty = availableBytes == 0 || (size == 0 && isWhole)
                return
            default: break
            }
            offset += 8 + size + size % 2
        }
    }

    /// The samples that should be there and are not, as a sentence; nil if all are.
    var shortfall: String? {
        guard let declaredBytes, declaredBytes > availableBytes else { return nil }
        return "cut short: the header declares \(declaredBytes) bytes of samples, "
            + "the file has \(availableBytes)"
    }

    var header: AudioHeader? {
        guard let sampleRate, let channelCount else { return nil }
        let bytes = min(declaredBytes ?? availableBytes, availableBytes)
        return AudioHeader(
            sampleRate: sampleRate, channelCount: channelCount,
            statedSeconds: byteRate.flatMap { $0 > 0 ? Double(bytes) / Double($0) : nil })
    }

    private static func name(_ text: StaticString) -> ArraySlice<UInt8> {
        Array(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))[...]
    }

    private static func integer(_ bytes: [UInt8], at offset: Int, bytes count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
}

/// Lets a `switch` compare the first bytes of a chunk.
private func ~= (pattern: ArraySlice<UInt8>, value: ArraySlice<UInt8>) -> Bool {
    pattern.elementsEqual(value)
}
