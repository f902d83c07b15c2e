/// Types without a mark at their start, which are known by frames that follow one another.
enum StreamSync {
    /// Where the first of the frames stands, and what they are.
    struct Found: Equatable {
        var format: AudioFormat
        var offset: Int
    }

    /// Frames in a row that cannot be chance: random bytes pass three headers once in 10^13 places.
    private static let framesWanted = 3

    /// Looks for the first place from which frames follow one another.
    ///
    /// - Parameter isWhole: `bytes` end where the file ends, so fewer frames than wanted will do if
    ///   they reach that end.
    static func find(in bytes: [UInt8], isWhole: Bool) -> Found? {
        bytes.withUnsafeBytes { bytes in
            for offset in bytes.indices {
                switch bytes[offset] {
                case 0xFF:
                    if chain(bytes, offset, isWhole, mpegAudio) { return Found(.mpegAudio, offset) }
                    if chain(bytes, offset, isWhole, adts) { return Found(.adts, offset) }
                case 0x56:
                    if chain(bytes, offset, isWhole, loas) { return Found(.loas, offset) }
                case 0x0B where bytes.count > offset + 5 && bytes[offset + 1] == 0x77:
                    if chain(bytes, offset, isWhole, ac3) {
                        return Found(bytes[offset + 5] >> 3 > 10 ? .eac3 : .ac3, offset)
                    }
                case 0x00:
                    if isPack(bytes, offset) { return Found(.mpegProgram, offset) }
                case 0x47:
                    if isTransport(bytes, offset, isWhole) { return Found(.mpegTransport, offset) }
                default: break
                }
            }
            return nil
        }
    }

    /// Frames from `start` on whose lengths lead from one to the next, all alike.
    ///
    /// - Parameter frame: the length of a frame at a place, and what is the same in all of a stream.
    private static func chain(
        _ bytes: UnsafeRawBufferPointer, _ start: Int, _ isWhole: Bool,
        _ frame: (UnsafeRawBufferPointer, Int) -> (byteCount: Int, kind: Int)?
    ) -> Bool {
        var offset = start
        var kind: Int?
        for _ in 0..<framesWanted {
            // The end, or the tags that stand there.
            if isWhole, kind != nil, bytes.count - offset < 4 || isTag(bytes, offset) {
                return true
            }
            guard let next = frame(bytes, offset), kind == nil || kind == next.kind else {
                return false
            }
            kind = next.kind
            offset += next.byteCount
            if offset > bytes.count { return false }
        }
        return true
    }

    private static func isTag(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Bool {
        [Array("TAG".utf8), Array("APE".utf8), Array("ID3".utf8)].contains {
            bytes[offset...].starts(with: $0)
        }
    }

    private static func mpegAudio(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int
    ) -> (byteCount: Int, kind: Int)? {
        MPEGFrameHeader(bytes, at: offset).map {
            ($0.byteCount, $0.sampleRate * 4 + $0.layer)
        }
    }

    private static func adts(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int
    ) -> (byteCount: Int, kind: Int)? {
        ADTSFrameHeader(bytes, at: offset).map { ($0.byteCount, $0.sampleRate) }
    }

    /// LATM's audio sync stream: eleven bits of sync, thirteen of length.
    private static func loas(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int
    ) -> (byteCount: Int, kind: Int)? {
        guard offset + 3 <= bytes.count, bytes[offset] == 0x56, bytes[offset + 1] & 0xE0 == 0xE0
        else { return nil }
        let length = Int(bytes[offset + 1] & 0x1F) << 8 | Int(bytes[offset + 2])
        return length > 0 ? (length + 3, 0) : nil
    }

    private static func ac3(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int
    ) -> (byteCount: Int, kind: Int)? {
        guard offset + 6 <= bytes.count, bytes[offset] == 0x0B, bytes[offset + 1] == 0x77
        else { return nil }
        if bytes[offset + 5] >> 3 > 10 {
            let words = (Int(bytes[offset + 2] & 7) << 8 | Int(bytes[offset + 3])) + 1
            return (words * 2, 1)
        }
        let rate = Int(bytes[offset + 4] >> 6)
        let size = Int(bytes[offset + 4] & 0x3F)
        guard rate < 3, size < 38 else { return nil }
        let kilobits = [
            32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
        ][size / 2]
        let words =
            rate == 0
            ? kilobits * 2 : rate == 1 ? kilobits * 96_000 / 44_100 + size % 2 : kilobits * 3
        return (words * 2, 0)
    }

    /// A pack of a program stream: its head, with the bits that are always set, and another start code.
    private static func isPack(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Bool {
        func isStart(_ place: Int) -> Bool {
            place + 4 <= bytes.count && bytes[place] == 0 && bytes[place + 1] == 0
                && bytes[place + 2] == 1
        }
        guard isStart(offset), offset + 14 <= bytes.count, bytes[offset + 3] == 0xBA else {
            return false
        }
        // MPEG 1 has twelve bytes, MPEG 2 fourteen and stuffing.
        if bytes[offset + 4] & 0xF0 == 0x20 { return isStart(offset + 12) }
        return bytes[offset + 4] & 0xC4 == 0x44
            && isStart(offset + 14 + Int(bytes[offset + 13] & 7))
    }

    /// Packets of 188 bytes, 4 more in front (Blu-ray) or 16 behind (broadcast).
    private static func isTransport(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int, _ isWhole: Bool
    ) -> Bool {
        [188, 192, 204].contains { length in
            let packets = min(8, (bytes.count - offset) / length)
            guard packets >= (isWhole ? 2 : 8) else { return false }
            return (0..<packets).allSatisfy { bytes[offset + $0 * length] == 0x47 }
        }
    }
}

extension StreamSync.Found {
    fileprivate init(_ format: AudioFormat, _ offset: Int) {
        self.init(format: format, offset: offset)
    }
}
