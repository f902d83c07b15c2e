internal import Digests
package import SpeechTypes
package import TranscriptRows

/// A row of an output with the numbers that choosing and calibrating go by.
package struct MeasuredRow: Sendable {
    /// Counted from 0.
    package var ordinal = 0
    package var lineNumber = 0
    /// As the row has it.
    package var audio = PathBytes("")
    package var start = MediaTime.zero
    package var duration: MediaTime?
    package var id: String?
    package var speaker: String?
    package var language: String?
    package var isTranscribed = false
    /// Whether the row lists channels with a transcript each, which have no common features.
    package var hasChannels = false
    package var text = ""
    /// The reference; nil where the row has none.
    package var reference: String?
    /// From 0 to 1; nil where the record has none.
    package var confidence: Double?
    package var words: TimedWords?
    /// Errors a word that the record says are to be expected, of a job with a calibration; nil where it does not.
    package var expectedErrorRate: Double?
    /// The channel that the row says it is of; nil where it says none.
    package var channel: Int?
    /// Nil without `OUT.features.jsonl`, and for rows without a transcript.
    package var features: RowFeatures?
    /// The members that were asked for by name, as text.
    package var fields: [String?] = []

    package init() {}

    package var seconds: Double { Double(duration?.nanoseconds ?? 0) / 1e9 }

    /// The name of the recording.
    package var audioName: String { audio.text }
}

/// What of a row is read beside its numbers.
package struct RowReading: Sendable {
    /// The member that holds the reference.
    package var reference = "text"
    package var readsWords = false
    /// Further members, such as a licence.
    package var fields: [String] = []

    package init() {}

    /// Reads a record.
    ///
    /// - Parameter line: without its end.
    /// - Throws: what is wrong, and at which byte.
    package func read(
        _ line: UnsafeRawBufferPointer, into row: inout MeasuredRow
    ) throws(RecordScanner.Fault) {
        row.fields = fields.isEmpty ? [] : Array(repeating: nil, count: fields.count)
        var scanner = RecordScanner(line)
        var hasStatus = false
        var hasText = false
        try scanner.object { key, value throws(RecordScanner.Fault) in
            if !fields.isEmpty { try readField(key, value, into: &row) }
            if key.equals("status") {
                hasStatus = true
                row.isTranscribed = try value.string() == "transcribed"
            } else if key.equals("pred_text") {
                if let text = try value.string() {
                    row.text = text
                    hasText = true
                }
            } else {
                try readMember(key, &value, into: &row)
            }
        }
        try scanner.expectEnd()
        if !hasStatus { row.isTranscribed = hasText }
    }

    private func readMember(
        _ key: UnsafeRawBufferPointer, _ value: inout RecordScanner, into row: inout MeasuredRow
    ) throws(RecordScanner.Fault) {
        switch key.count {
        case 2:
            if key.equals("id") { row.id = try Self.name(&value) }
        case 4:
            if key.equals("lang") { row.language = try value.string() ?? row.language }
        case 6:
            if key.equals("offset") { row.start = Self.time(&value) ?? .zero }
        case 7:
            if key.equals("speaker") {
                row.speaker = try Self.name(&value)
            } else if key.equals("channel") {
                row.channel = value.integer()
            }
        case 8:
            if key.equals("duration") {
                row.duration = Self.time(&value)
            } else if key.equals("language") {
                row.language = try value.string() ?? row.language
            } else if key.equals("channels") {
                row.hasChannels = value.next == UInt8(ascii: "[")
            }
        case 10:
            if key.equals("confidence") {
                row.confidence = value.number().flatMap(DecimalNumber.value)
            }
        case 12:
            if key.equals("expected_wer") {
                row.expectedErrorRate = value.number().flatMap(DecimalNumber.value).flatMap {
                    (0...1).contains($0) ? $0 : nil
                }
            }
        case 14:
            if key.equals("audio_filepath") {
                if row.audio.bytes.isEmpty, let path = try value.string() {
                    row.audio = PathBytes(path)
                }
            }
        case 15:
            if readsWords, key.equals("word_timestamps") {
                row.words = try value.wordTimes()
            } else if key.equals("logits_filepath"), row.audio.bytes.isEmpty {
                if let path = try value.string() { row.audio = PathBytes(path) }
            }
        case 20:
            if key.equals("audio_filepath_bytes") {
                if let bytes = try value.string().flatMap(Base64.bytes) {
                    row.audio = PathBytes(bytes: bytes)
                }
            }
        default: break
        }
        if key.elementsEqual(reference.utf8), value.next == UInt8(ascii: "\"") {
            row.reference = try value.string()
        }
    }

    private func readField(
        _ key: UnsafeRawBufferPointer, _ value: RecordScanner, into row: inout MeasuredRow
    ) throws(RecordScanner.Fault) {
        for (index, field) in fields.enumerated() where key.elementsEqual(field.utf8) {
            // Read from a copy: the member may be one that is read for itself too.
            var copy = value
            row.fields[index] = try Self.name(&copy)
        }
    }

    private static func time(_ value: inout RecordScanner) -> MediaTime? {
        value.number().flatMap { MediaTime(seconds: $0) }
    }

    private static func name(_ value: inout RecordScanner) throws(RecordScanner.Fault) -> String? {
        if let text = try value.string() { return text }
        return value.number().map { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads a line of features.
    ///
    /// - Returns: the row that it is of, and its features; nil for those of channels or of no transcript.
    /// - Throws: what is wrong, and at which byte.
    package static func readFeatures(
        _ line: UnsafeRawBufferPointer
    ) throws(RecordScanner.Fault) -> (row: Int, features: RowFeatures?) {
        var scanner = RecordScanner(line)
        var row = -1
        var features = RowFeatures()
        var isMeasured = false
        // Lines are written in the order of the cases, so the next one is looked at first.
        var next = 0
        try scanner.object { key, value throws(RecordScanner.Fault) in
            if row < 0, key.equals("row") {
                row = value.integer() ?? -1
                return
            }
            for step in order.indices {
                let place = (next + step) % order.count
                guard key.equals(order[place].name) else { continue }
                next = (place + 1) % order.count
                isMeasured = true
                if let number = value.number().flatMap(DecimalNumber.value) {
                    features[order[place]] = number
                }
                return
            }
        }
        try scanner.expectEnd()
        return (row, isMeasured ? features : nil)
    }

    /// As the file has them.
    private static let order: [RowFeature] = [
        .meanPosterior, .leastPosterior, .meanMargin, .leastMargin, .meanEntropy,
        .greatestEntropy, .blankShare, .symbolsPerSecond, .repetition, .silenceShare,
        .clippedShare, .level, .bandwidth,
    ]
}
