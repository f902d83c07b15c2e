/// A walk over the chunks of a WAV file and of its relatives (RIFX, RF64, BW64), to the end of the file.
///
/// Sizes are taken for what they are worth: 32 bits wrap round in files above 4 GiB, pipes and
/// interrupted recorders leave placeholders, and files that were joined go on behind the stated end.
package struct WAVEChunks {
    /// Samples of one format, in one place or several.
    package struct Segment: Equatable {
        /// The content of the `fmt ` chunk.
        package var format: WAVEFormat
        package var ranges: [Range<Int>] = []
        /// Bytes that the headers state; nil where they state none.
        var statedBytes: Int? = 0

        package var byteCount: Int { ranges.reduce(0) { $0 + $1.count } }
    }

    /// What cannot be left to libsndfile as it stands.
    package private(set) var isIrregular = false
    package private(set) var segments: [Segment] = []
    /// Bytes behind the samples that are no chunk, no tag and not zero.
    package private(set) var unread: Range<Int>?
    /// A size that says more than the file has.
    private(set) var isCutShort = false
    private(set) var isWrapped = false
    /// There is a `data` chunk, though it may be empty.
    package private(set) var hasData = false

    private let file: AudioFile
    private var format: WAVEFormat?
    private var isBigEndian = false
    private var is64 = false
    private var longSize: Int?

    private static let chunksMax = 4_096
    private static let formatBytesMax = 4_096

    init(reading file: AudioFile, at start: Int = 0) throws(AudioError) {
        self.file = file
        var offset = start
        for _ in 0..<Self.chunksMax {
            guard let next = try step(at: offset), next < file.byteCount else { return }
            offset = next
        }
        try leave(offset)
    }

    /// Takes the chunk at `offset`; returns where the next one begins, or nil at the end.
    private mutating func step(at offset: Int) throws(AudioError) -> Int? {
        let head = try file.bytes(at: offset, count: 12)
        guard head.count >= 8 else { return nil }
        if Self.isForm(head) {
            isBigEndian = head[3] == UInt8(ascii: "X")
            is64 = head[1] != UInt8(ascii: "I")
            longSize = nil
            // libsndfile knows the type by its older name only.
            if head[0] == UInt8(ascii: "B") { isIrregular = true }
            if offset > 0, !segments.isEmpty { isIrregular = true }
            return offset + 12
        }
        let size = integer(head, at: 4)
        let content = offset + 8
        switch head.prefix(4) {
        case Self.name("fmt "):
            let bytes = try file.bytes(at: content, count: min(size, Self.formatBytesMax))
            if let found = WAVEFormat(bytes, isBigEndian: isBigEndian) { format = found }
        case Self.name("ds64"):
            let bytes = try file.bytes(at: content + 8, count: 8)
            if is64, bytes.count == 8 {
                let value = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                // What a recorder writes before it knows.
                if value > 0, value < 1 << 62 { longSize = Int(value) }
            }
        case Self.name("data"):
            return try readSamples(size: size, at: content)
        default:
            if !Self.isPrintable(head) || content + size > file.byteCount {
                try leave(offset)
                return nil
            }
        }
        return content + size + size % 2
    }

    private mutating func readSamples(size: Int, at start: Int) throws(AudioError) -> Int? {
        guard let format else { return start + size + size % 2 }
        hasData = true
        let available = file.byteCount - start
        let declared = size == 0xFFFF_FFFF ? longSize ?? size : size
        let end = start + declared
        // A declared size that leads to another chunk is right, whatever it is.
        let place = declared <= available ? try continuation(at: end) : nil
        if let place, declared > 0 || place < file.byteCount {
            append(format, start..<end, stated: declared)
            return place
        }
        if available == 0 { return nil }
        if Self.isPlaceholder(declared) {
            isIrregular = true
            append(format, start..<file.byteCount - (try tailBytes()), stated: nil)
            return nil
        }
        guard declared <= available else {
            isCutShort = true
            append(format, start..<file.byteCount, stated: declared)
            return nil
        }
        let wraps = is64 ? 0 : (available - declared) >> 32
        if wraps > 0 {
            isIrregular = true
            isWrapped = true
            let length = declared + wraps << 32
            append(format, start..<start + length, stated: declared)
            return try continuation(at: start + length)
        }
        append(format, start..<end, stated: declared)
        try leave(end)
        return nil
    }

    private mutating func append(_ format: WAVEFormat, _ range: Range<Int>, stated: Int?) {
        guard !range.isEmpty else { return }
        if segments.last?.format == format, var last = segments.popLast() {
            last.ranges.append(range)
            last.statedBytes = last.statedBytes.flatMap { sum in stated.map { sum + $0 } }
            segments.append(last)
            isIrregular = true
        } else {
            if !segments.isEmpty { isIrregular = true }
            segments.append(Segment(format: format, ranges: [range], statedBytes: stated))
        }
    }

    /// Where the file goes on in an orderly way behind samples that end at `end`; nil if it does not.
    ///
    /// That is at a chunk, with or without the byte that makes lengths even, or at the end, but for
    /// tags.
    private func continuation(at end: Int) throws(AudioError) -> Int? {
        if end == file.byteCount { return end }
        for place in end % 2 == 0 ? [end] : [end + 1, end] {
            if place >= file.byteCount { return file.byteCount }
            let head = try file.bytes(at: place, count: 32)
            if Self.isForm(head) { return place }
            if MPEGTags.length(head) > 0 { return file.byteCount }
            if head.count >= 8, Self.isPrintable(head),
                place + 8 + integer(head, at: 4) <= file.byteCount + 1
            {
                return place
            }
        }
        return nil
    }

    /// Notes what stands behind the last chunk, unless it holds nothing: zeros, a tag, or less than a
    /// chunk's header.
    private mutating func leave(_ offset: Int) throws(AudioError) {
        guard file.byteCount - offset > 8,
            MPEGTags.length(try file.bytes(at: offset, count: 32)) == 0,
            let first = try file.firstNonZero(from: offset), file.byteCount - first > 8
        else { return }
        unread = offset..<file.byteCount
    }

    /// The bytes of an ID3v1 tag at the very end.
    private func tailBytes() throws(AudioError) -> Int {
        let tail = try file.bytes(at: max(0, file.byteCount - 128), count: 128)
        return tail.starts(with: Array("TAG".utf8)) && tail.count == 128 ? 128 : 0
    }

    /// Whether a size is one that is written before the length is known: none, or the largest (of 31
    /// or 32 bits) less a header or a block.
    private static func isPlaceholder(_ size: Int) -> Bool {
        size == 0 || (0x7FFF_0000...0x8000_1000).contains(size)
            || (0xFFFF_0000...0xFFFF_FFFF).contains(size)
    }

    private static func isForm(_ head: [UInt8]) -> Bool {
        head.count >= 12
            && ["RIFF", "RIFX", "RF64", "BW64"].contains { head.starts(with: $0.utf8) }
            && head[8..<12].elementsEqual("WAVE".utf8)
    }

    private static func isPrintable(_ head: [UInt8]) -> Bool {
        head.prefix(4).allSatisfy { (0x20...0x7E).contains($0) }
    }

    private static func name(_ text: StaticString) -> ArraySlice<UInt8> {
        Array(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))[...]
    }

    private func integer(_ bytes: [UInt8], at offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * (isBigEndian ? 3 - $1 : $1)) }
    }
}

/// Lets a `switch` compare the first bytes of a chunk.
private func ~= (pattern: ArraySlice<UInt8>, value: ArraySlice<UInt8>) -> Bool {
    pattern.elementsEqual(value)
}
