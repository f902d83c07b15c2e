/// The elements of a Matroska or WebM file that describe its first track of sound.
package struct MatroskaHeader: Hashable, Sendable {
    package var sampleRate: Int?
    package var channelCount: Int?
    /// Seconds that the segment states, for all its tracks together.
    package var seconds: Double?
    package var isEncrypted = false
    var hasSound = false
    package var hasPictures = false

    /// Information and tracks stand in front of the first cluster, within this.
    private static let headBytes = 1 << 18

    package static func read(_ file: AudioFile) throws(AudioError) -> AudioHeader? {
        let found = Self(try file.bytes(at: 0, count: headBytes))
        guard found.hasSound else { return nil }
        // A segment with pictures may last longer than its sound.
        return AudioHeader(
            sampleRate: found.sampleRate, channelCount: found.channelCount,
            statedSeconds: found.hasPictures ? nil : found.seconds,
            estimatedSeconds: found.seconds)
    }

    package init(_ bytes: [UInt8]) {
        var scale = 1_000_000.0
        var duration: Double?
        for element in Element.children(of: bytes[...]) where element.id == 0x1853_8067 {
            for part in Element.children(of: element.content) {
                switch part.id {
                case 0x1549_A966:
                    for field in Element.children(of: part.content) {
                        if field.id == 0x2AD7B1 { scale = Double(field.integer) }
                        if field.id == 0x4489 { duration = field.float }
                    }
                case 0x1654_AE6B:
                    for track in Element.children(of: part.content) where track.id == 0xAE {
                        read(track: track.content)
                    }
                default: break
                }
            }
        }
        if let duration, duration > 0, duration.isFinite, scale > 0 {
            seconds = duration * scale / 1e9
        }
    }

    private mutating func read(track: ArraySlice<UInt8>) {
        let fields = Element.children(of: track)
        let kind = fields.first { $0.id == 0x83 }?.integer
        if kind == 1 { hasPictures = true }
        guard kind == 2, !hasSound else { return }
        hasSound = true
        sampleRate = 8_000
        channelCount = 1
        var isOpus = false
        // Whatever went in, Opus comes out at 48 kHz.
        defer { if isOpus { sampleRate = 48_000 } }
        for field in fields {
            switch field.id {
            case 0x86 where field.content.elementsEqual("A_OPUS".utf8): isOpus = true
            case 0xE1:
                for sound in Element.children(of: field.content) {
                    if sound.id == 0xB5, let rate = sound.float, (1...1e7).contains(rate) {
                        sampleRate = Int(rate)
                    }
                    if sound.id == 0x9F, (1...1_024).contains(sound.integer) {
                        channelCount = sound.integer
                    }
                }
            case 0x6D80:
                // ContentEncodings, an encoding, and in it an encryption.
                isEncrypted = Element.children(of: field.content).contains { encoding in
                    Element.children(of: encoding.content).contains { $0.id == 0x5035 }
                }
            default: break
            }
        }
    }

    /// An EBML element: its number and what it holds.
    private struct Element {
        let id: Int
        let content: ArraySlice<UInt8>

        private static let countMax = 4_096

        static func children(of bytes: ArraySlice<UInt8>) -> [Element] {
            var elements: [Element] = []
            var position = bytes.startIndex
            while elements.count < countMax, let id = number(bytes, &position, keepsMark: true),
                let size = number(bytes, &position, keepsMark: false)
            {
                // All ones: unknown, to the end of what is there.
                let end = min(bytes.endIndex, position + min(size, bytes.endIndex - position))
                elements.append(Element(id: id, content: bytes[position..<end]))
                position = end
            }
            return elements
        }

        /// A number whose first byte tells, by its zero bits in front, how many follow.
        private static func number(
            _ bytes: ArraySlice<UInt8>, _ position: inout Int, keepsMark: Bool
        ) -> Int? {
            guard position < bytes.endIndex else { return nil }
            let first = bytes[position]
            let length = first.leadingZeroBitCount + 1
            guard length <= 8, position + length <= bytes.endIndex else { return nil }
            var value = keepsMark ? Int(first) : Int(first) & (0xFF >> length)
            for byte in bytes[position + 1..<position + length] { value = value << 8 | Int(byte) }
            position += length
            return value >= 0 ? value : nil
        }

        var integer: Int {
            content.count <= 7 ? content.reduce(0) { $0 << 8 | Int($1) } : 0
        }

        var float: Double? {
            let bits = content.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            switch content.count {
            case 4: return Double(Float(bitPattern: UInt32(bits)))
            case 8: return Double(bitPattern: bits)
            default: return nil
            }
        }
    }
}
