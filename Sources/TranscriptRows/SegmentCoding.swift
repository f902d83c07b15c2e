internal import SpeechTypes

/// Segments as bytes, for what is sorted outside of memory; never kept beyond one run of the program.
enum SegmentCoding {
    static func bytes(_ segment: TranscriptSegment) -> [UInt8] {
        precondition(segment.wordList == nil, "formats that copy lists keep the order of the rows")
        var bytes: [UInt8] = []
        let timedBytes = [segment.words, segment.characters, segment.segments].reduce(0) {
            bytes, list in
            bytes
                + (list.map {
                    $0.entries.count * MemoryLayout<TimedWords.Entry>.stride + $0.texts.count
                } ?? 0)
        }
        bytes.reserveCapacity(256 + segment.text.utf8.count + timedBytes)
        append(segment.lineNumber, to: &bytes)
        append(segment.audio.bytes, to: &bytes)
        append(segment.rowID, to: &bytes)
        append(segment.speaker, to: &bytes)
        append(segment.channel, to: &bytes)
        append(segment.isOneOfChannels ? 1 : 0, to: &bytes)
        append(segment.language, to: &bytes)
        append(segment.start.nanoseconds, to: &bytes)
        append(segment.duration.nanoseconds, to: &bytes)
        append(segment.text, to: &bytes)
        append(segment.words, to: &bytes)
        append(segment.characters, to: &bytes)
        append(segment.segments, to: &bytes)
        append(segment.parent?.row, to: &bytes)
        append(segment.parent?.id, to: &bytes)
        return bytes
    }

    static func segment(_ bytes: UnsafeRawBufferPointer) -> TranscriptSegment {
        var cursor = Cursor(bytes: bytes)
        var segment = TranscriptSegment(
            lineNumber: cursor.integer(), audio: PathBytes(bytes: cursor.run()), start: .zero,
            duration: .zero, text: "")
        segment.rowID = cursor.text()
        segment.speaker = cursor.text()
        segment.channel = cursor.optionalInteger()
        segment.isOneOfChannels = cursor.integer() == 1
        segment.language = cursor.text()
        segment.start = MediaTime(nanoseconds: cursor.integer())
        segment.duration = MediaTime(nanoseconds: cursor.integer())
        segment.text = cursor.text() ?? ""
        segment.words = cursor.words()
        segment.characters = cursor.words()
        segment.segments = cursor.words()
        let parentRow = cursor.optionalInteger()
        let parentID = cursor.text()
        segment.parent = parentRow.map { .init(row: $0, id: parentID) }
        return segment
    }

    // MARK: Parts

    /// Seven bits a byte, the least first, as most numbers are small, and none is negative.
    private static func append(_ number: Int, to bytes: inout [UInt8]) {
        var rest = UInt(bitPattern: number)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Nil is 0, and a number one more than it is.
    private static func append(_ number: Int?, to bytes: inout [UInt8]) {
        append(number.map { $0 + 1 } ?? 0 as Int, to: &bytes)
    }

    private static func append(_ run: [UInt8], to bytes: inout [UInt8]) {
        append(run.count, to: &bytes)
        bytes += run
    }

    private static func append(_ text: String?, to bytes: inout [UInt8]) {
        append(text?.utf8.count, to: &bytes)
        if let text { bytes += text.utf8 }
    }

    private static func append(_ words: TimedWords?, to bytes: inout [UInt8]) {
        append(words?.count, to: &bytes)
        guard let words else { return }
        // As they lie in memory: they are most of a segment.
        words.entries.withUnsafeBytes { bytes += $0 }
        append(words.texts, to: &bytes)
        append(words.speakers.count, to: &bytes)
        for speaker in words.speakers { append(Array(speaker.utf8), to: &bytes) }
    }

    private struct Cursor {
        let bytes: UnsafeRawBufferPointer
        var position = 0

        mutating func integer() -> Int {
            var number: UInt = 0
            var shift: UInt = 0
            while true {
                let byte = bytes[position]
                position += 1
                number |= UInt(byte & 0x7F) << shift
                if byte < 0x80 { return Int(bitPattern: number) }
                shift += 7
            }
        }

        mutating func optionalInteger() -> Int? {
            let number = integer()
            return number == 0 ? nil : number - 1
        }

        mutating func run() -> UnsafeRawBufferPointer { run(integer()) }

        private mutating func run(_ count: Int) -> UnsafeRawBufferPointer {
            defer { position += count }
            return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
        }

        mutating func entries(_ count: Int) -> [TimedWords.Entry] {
            let bytes = run(count * MemoryLayout<TimedWords.Entry>.stride)
            return [TimedWords.Entry](unsafeUninitializedCapacity: count) { entries, written in
                UnsafeMutableRawBufferPointer(entries).copyMemory(from: bytes)
                written = count
            }
        }

        mutating func words() -> TimedWords? {
            guard let count = optionalInteger() else { return nil }
            let entries = entries(count)
            let texts = Array(run())
            let speakers = (0..<integer()).map { _ in String(decoding: run(), as: UTF8.self) }
            return TimedWords(entries: entries, texts: texts, speakers: speakers)
        }

        mutating func text() -> String? {
            optionalInteger().map { String(decoding: run($0), as: UTF8.self) }
        }
    }
}
