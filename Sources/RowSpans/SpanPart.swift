internal import CTCDecoding
internal import Digests
package import SpeechTypes
package import VoiceActivity

/// What one worker made of its span of a row: what greedy decoding takes of the span's frames, and, of the last span,
/// what the end of the audio tells.
package struct SpanPart: Hashable, Sendable {
    /// What only the end of the row's audio tells.
    package struct Ending: Hashable, Sendable {
        /// Of the whole row.
        package var windows: Int
        /// How the samples of the whole row were spent, in a job that looks for speech.
        package var samples: SpeechCoverage
        package var decodedSeconds: Double
        /// 16 bytes.
        package var audioDigest: [UInt8]
        package var warning: String
        package var audioWarning: AudioWarning?

        package init(
            windows: Int, samples: SpeechCoverage = SpeechCoverage(), decodedSeconds: Double,
            audioDigest: [UInt8], warning: String, audioWarning: AudioWarning?
        ) {
            self.windows = windows
            self.samples = samples
            self.decodedSeconds = decodedSeconds
            self.audioDigest = audioDigest
            self.warning = warning
            self.audioWarning = audioWarning
        }
    }

    package var span: RowSpan
    /// Frames that each window owns which the row really had in the span, counted from the row's beginning.
    package var windows: [Range<Int>]
    package var reading: GreedyReading
    /// Of the last span; nil of others, and where the row cannot be shared.
    package var ending: Ending?

    package init(span: RowSpan, windows: [Range<Int>], reading: GreedyReading, ending: Ending?) {
        self.span = span
        self.windows = windows
        self.reading = reading
        self.ending = ending
    }

    // MARK: Bytes

    // All numbers are little endian:
    //
    //  0  4  magic "SCSP"
    //  4  1  version
    //  5  1  bytes of a class: 1 or 2
    //  6  1  1 where an ending follows
    //  7  1  zero
    //  8  4  first window        12  4  window behind the last, 2^32 - 1 where the row ends
    // 16  4  windows             20  4  frames             24  4  frames that may be of a symbol
    // 28     of each window the first frame that it owns and how many, 4 bytes each
    //        a class for each frame; then log-probabilities, then confidences, 4 bytes each
    //        the ending: windows (4), samples of speech, of silence and skipped (8 each), seconds (8), digest (16),
    //        what is wrong (1, and twice 8), warning (2, and its bytes)
    //        CRC-32C of all that (4)

    private static let magic = Array("SCSP".utf8)
    private static let version: UInt8 = 1
    /// A warning is shown far shorter than that.
    private static let warningBytesMax = 2_048
    /// More than any recording has.
    private static let samplesMax: UInt64 = 1 << 48

    /// The part as bytes.
    package var bytes: [UInt8] {
        let classBytes = reading.classes.contains { $0 > 255 } ? 2 : 1
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(
            160 + windows.count * 8 + reading.classes.count * classBytes + reading.values.count * 8)
        writer.bytes += Self.magic
        writer.bytes += [Self.version, UInt8(classBytes), ending == nil ? 0 : 1, 0]
        writer.append(UInt32(span.firstWindow))
        writer.append(span.endWindow.map { UInt32($0) } ?? .max)
        writer.append(UInt32(windows.count))
        writer.append(UInt32(reading.classes.count))
        writer.append(UInt32(reading.values.count))
        for window in windows {
            writer.append(UInt32(window.lowerBound))
            writer.append(UInt32(window.count))
        }
        for index in reading.classes {
            if classBytes == 1 { writer.append(UInt8(index)) } else { writer.append(index) }
        }
        for value in reading.values { writer.append(value.bitPattern) }
        for value in reading.confidences { writer.append(value.bitPattern) }
        if let ending { write(ending, to: &writer) }
        writer.append(CRC32C.checksum(of: writer.bytes))
        return writer.bytes
    }

    private func write(_ ending: Ending, to writer: inout ByteWriter) {
        writer.append(UInt32(ending.windows))
        for samples in [ending.samples.speech, ending.samples.silence, ending.samples.skipped] {
            writer.append(UInt64(samples))
        }
        writer.append(ending.decodedSeconds.bitPattern)
        precondition(ending.audioDigest.count == 16, "a digest of samples has 16 bytes")
        writer.bytes += ending.audioDigest
        let code = ending.audioWarning.flatMap {
            AudioWarning.Code.allCases.firstIndex(of: $0.code)
        }
        writer.append(UInt8(code.map { $0 + 1 } ?? 0))
        writer.append((ending.audioWarning?.statedSeconds ?? 0).bitPattern)
        writer.append((ending.audioWarning?.decodedSeconds ?? 0).bitPattern)
        let warning = ending.warning.utf8.prefix(Self.warningBytesMax)
        writer.append(UInt16(warning.count))
        writer.bytes += warning
    }

    /// Reads what ``bytes`` wrote; nil for anything else.
    package init?(_ bytes: [UInt8], vocabulary: Vocabulary) {
        guard bytes.count > 4 else { return nil }
        var reader = ByteReader(bytes[..<(bytes.count - 4)])
        var tail = ByteReader(bytes[(bytes.count - 4)...])
        guard let checksum = tail.next(UInt32.self),
            CRC32C.checksum(of: Array(bytes[..<(bytes.count - 4)])) == checksum,
            reader.take(4).map({ $0.elementsEqual(Self.magic) }) == true,
            reader.next(UInt8.self) == Self.version,
            let classBytes = reader.next(UInt8.self), classBytes == 1 || classBytes == 2,
            let hasEnding = reader.next(UInt8.self), hasEnding <= 1,
            reader.next(UInt8.self) == 0,
            let first = reader.next(UInt32.self), let end = reader.next(UInt32.self),
            let count = reader.next(UInt32.self), let frames = reader.next(UInt32.self),
            let symbols = reader.next(UInt32.self),
            let windows = Self.windows(&reader, count: Int(count)),
            let classes = Self.classes(&reader, count: Int(frames), bytes: Int(classBytes)),
            let values = reader.floats(Int(symbols)),
            let confidences = reader.floats(Int(symbols)),
            let reading = GreedyReading(
                vocabulary: vocabulary, classes: classes, values: values, confidences: confidences)
        else { return nil }
        if hasEnding == 1 {
            guard let ending = Self.ending(&reader) else { return nil }
            self.ending = ending
        }
        guard reader.isAtEnd else { return nil }
        span = RowSpan(
            firstWindow: Int(first), endWindow: end == .max ? nil : Int(end))
        self.windows = windows
        self.reading = reading
    }

    /// Windows in order, none overlapping another.
    private static func windows(_ reader: inout ByteReader, count: Int) -> [Range<Int>]? {
        var windows: [Range<Int>] = []
        for _ in 0..<count {
            guard let start = reader.next(UInt32.self), let frames = reader.next(UInt32.self),
                Int(start) >= windows.last?.upperBound ?? 0
            else { return nil }
            windows.append(Int(start)..<Int(start) + Int(frames))
        }
        return windows
    }

    private static func classes(
        _ reader: inout ByteReader, count: Int, bytes: Int
    ) -> [UInt16]? {
        guard let taken = reader.take(count * bytes) else { return nil }
        if bytes == 1 { return taken.map { UInt16($0) } }
        return (0..<count).map { index in
            let place = taken.startIndex + 2 * index
            return UInt16(taken[place]) | UInt16(taken[place + 1]) << 8
        }
    }

    private static func ending(_ reader: inout ByteReader) -> Ending? {
        guard let windows = reader.next(UInt32.self),
            let speech = reader.next(UInt64.self), let silence = reader.next(UInt64.self),
            let skipped = reader.next(UInt64.self),
            max(speech, silence, skipped) <= samplesMax,
            let seconds = reader.next(UInt64.self),
            let digest = reader.take(16), let code = reader.next(UInt8.self),
            let stated = reader.next(UInt64.self), let decoded = reader.next(UInt64.self),
            let count = reader.next(UInt16.self), let warning = reader.take(Int(count)),
            Int(code) <= AudioWarning.Code.allCases.count
        else { return nil }
        let decodedSeconds = Double(bitPattern: seconds)
        guard decodedSeconds.isFinite, decodedSeconds >= 0 else { return nil }
        var samples = SpeechCoverage()
        samples.speech = Int(speech)
        samples.silence = Int(silence)
        samples.skipped = Int(skipped)
        return Ending(
            windows: Int(windows), samples: samples, decodedSeconds: decodedSeconds,
            audioDigest: Array(digest),
            warning: String(decoding: warning, as: UTF8.self),
            audioWarning: code == 0
                ? nil
                : AudioWarning(
                    AudioWarning.Code.allCases[Int(code) - 1],
                    statedSeconds: Double(bitPattern: stated),
                    decodedSeconds: Double(bitPattern: decoded)))
    }
}
