internal import Digests
package import SpeechTypes

/// What a person wants to know of a record, also where there is no transcript.
package struct RecordDetails: Sendable {
    package struct Failure: Hashable, Sendable {
        package var code: String
        package var message: String
    }

    /// `transcribed`, `rejected` or `quarantined`; nil for a row that no run has ended.
    package var status: String?
    /// As the row has it; nil for a line that is no row.
    package var audio: PathBytes?
    package var start = MediaTime.zero
    package var duration: MediaTime?
    package var id: String?
    package var speaker: String?
    /// In ten thousandths; of several channels, the least.
    package var confidence: Int?
    package var text: String?
    package var failure: Failure?
    /// The code of what is odd about a file that was transcribed all the same.
    package var warning: String?
    /// What stood in the input where a line is no row.
    package var rawLine: String?
    package var channelCount = 0
    /// Whether the row has a text to compare with, in its field `text`.
    package var hasReference = false

    /// Reads a line of an output, but for its words and characters.
    ///
    /// - Parameter lineNumber: 1-based, for messages.
    /// - Throws: `invalidRecord` if the line is no record.
    package init(
        _ line: UnsafeRawBufferPointer, lineNumber: Int
    ) throws(ExportError) {
        do throws(RecordScanner.Fault) {
            var scanner = RecordScanner(line)
            try scanner.object { key, value throws(RecordScanner.Fault) in
                try read(key, &value)
            }
            try scanner.expectEnd()
        } catch {
            throw ExportError(
                .invalidRecord,
                "line \(lineNumber), byte \(error.offset): \(error.message); this is not an output "
                    + "of transcribe, or it is damaged (scriptorium verify tells)")
        }
    }

    private mutating func read(
        _ key: UnsafeRawBufferPointer, _ value: inout RecordScanner
    ) throws(RecordScanner.Fault) {
        switch String(decoding: key, as: UTF8.self) {
        case "audio_filepath":
            if audio == nil, let path = try value.string() { audio = PathBytes(path) }
        case "audio_filepath_bytes":
            if let bytes = try value.string().flatMap(Base64.bytes) {
                audio = PathBytes(bytes: bytes)
            }
        case "offset": start = Self.time(&value) ?? .zero
        case "duration": duration = Self.time(&value)
        case "id": id = try Self.name(&value)
        case "speaker": speaker = try Self.name(&value)
        case "status": status = try value.string()
        case "pred_text": text = try value.string()
        case "text": hasReference = try value.string() != nil
        case "raw": rawLine = try value.string()
        case "confidence": confidence = Self.share(&value) ?? confidence
        case "error": failure = try Self.failure(&value)
        case "audio_warning":
            guard value.next == UInt8(ascii: "{") else { return }
            try value.object { key, value throws(RecordScanner.Fault) in
                if key.equals("code") { warning = try value.string() }
            }
        case "channels": try readChannels(&value)
        default: break
        }
    }

    private mutating func readChannels(
        _ value: inout RecordScanner
    ) throws(RecordScanner.Fault) {
        guard value.next == UInt8(ascii: "[") else { return }
        try value.array { element throws(RecordScanner.Fault) in
            guard element.next == UInt8(ascii: "{") else { return }
            channelCount += 1
            try element.object { key, value throws(RecordScanner.Fault) in
                guard key.equals("confidence"), let share = Self.share(&value) else { return }
                confidence = min(confidence ?? share, share)
            }
        }
    }

    private static func failure(
        _ value: inout RecordScanner
    ) throws(RecordScanner.Fault) -> Failure? {
        guard value.next == UInt8(ascii: "{") else { return nil }
        var failure = Failure(code: "", message: "")
        try value.object { key, value throws(RecordScanner.Fault) in
            if key.equals("code") { failure.code = try value.string() ?? "" }
            if key.equals("message") { failure.message = try value.string() ?? "" }
        }
        return failure
    }

    private static func time(_ value: inout RecordScanner) -> MediaTime? {
        value.number().flatMap { MediaTime(seconds: $0) }
    }

    /// Ten thousandths of a number from 0 to 1; nil for anything else.
    private static func share(_ value: inout RecordScanner) -> Int? {
        guard let time = time(&value) else { return nil }
        let share = (time.nanoseconds + 50_000) / 100_000
        return share <= 10_000 ? share : nil
    }

    private static func name(_ value: inout RecordScanner) throws(RecordScanner.Fault) -> String? {
        if let text = try value.string() { return text }
        return value.number().map { String(decoding: $0, as: UTF8.self) }
    }
}
