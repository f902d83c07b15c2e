internal import SpeechTypes
internal import StrictJSON

/// A member that this program writes into records, besides the members that the row had.
package struct TranscriptField: Sendable {
    /// The type of its value, in the words of JSON Schema.
    package enum Kind: String, CaseIterable, Sendable {
        case string, number, integer, array, object
    }

    /// When it stands in a record, and what becomes of a member of the row with the same name.
    package enum Place: Sendable {
        /// In a transcribed row that has none; the row's own member stays.
        case whereRowHasNone
        /// By what became of the row; the row's own member gives way.
        case always
        /// As ``always``, in transcribed records of this shape.
        case inRecords(@Sendable (RecordShape) -> Bool)
        /// In the record of a line that is not a JSON object, and so has no members.
        case ofUnreadableLine
    }

    package let name: String
    /// The first engine whose records may have it.
    package let sinceEngine: Int
    package let kind: Kind
    package let place: Place
    /// Stands in each entry of `channels` too.
    package let isPerChannel: Bool
    /// A row that is an output loses what it has of this, whatever the job writes: it belongs to the
    /// transcript that is replaced.
    let isOfTranscript: Bool
    /// The value as JSON; nil where the record has none.
    let encode: @Sendable (RecordContent, TranscriptFields) -> [UInt8]?
    /// The value for one channel; nil where there is none.
    let encodeLane: @Sendable (LaneContent) -> [UInt8]?
    /// Reads what ``encode`` wrote; false for a value that it does not write, or one that must be there.
    let decode: @Sendable (JSONValue?, inout RecordContent, TranscriptFields) -> Bool
    /// As ``decode``, for one channel.
    let decodeLane: @Sendable (JSONValue?, inout LaneContent) -> Bool

    init(
        _ name: String, since engine: Int, _ kind: Kind, _ place: Place,
        encode: @escaping @Sendable (RecordContent, TranscriptFields) -> [UInt8]?,
        decode: @escaping @Sendable (JSONValue?, inout RecordContent, TranscriptFields) -> Bool,
        isOfTranscript: Bool = false,
        encodeLane: (@Sendable (LaneContent) -> [UInt8]?)? = nil,
        decodeLane: (@Sendable (JSONValue?, inout LaneContent) -> Bool)? = nil
    ) {
        self.name = name
        sinceEngine = engine
        self.kind = kind
        self.place = place
        self.encode = encode
        self.decode = decode
        self.encodeLane = encodeLane ?? { _ in nil }
        self.decodeLane = decodeLane ?? { _, _ in true }
        isPerChannel = encodeLane != nil
        self.isOfTranscript = isOfTranscript
    }
}

extension TranscriptField {
    /// Whether a row's member of the same name gives way in records of this shape.
    func displaces(in shape: RecordShape) -> Bool {
        switch place {
        case .always: true
        case .inRecords(let isThere): isThere(shape)
        case .whereRowHasNone, .ofUnreadableLine: false
        }
    }
}

/// The fields that the records of one engine may have: the one table that writer, copier, verifier,
/// schema and documents go by.
package struct TranscriptFields: Sendable {
    package let engine: Int
    /// In the order in which they are written.
    package let fields: [TranscriptField]

    /// The fields of the records that this program writes.
    package static let current = TranscriptFields(engine: EngineNumber.current)

    package init(engine: Int) {
        self.engine = engine
        fields = Self.table.filter { $0.sinceEngine <= engine }
    }

    /// Since this engine a row's own member whose name a record needs is kept under another name;
    /// earlier ones left it out.
    package static let keepingEngine = 3

    var keepsRowsMembers: Bool { engine >= Self.keepingEngine }

    /// The longest line that the engine took for a row.
    var lineBytesMax: Int {
        engine >= Self.timesEngine
            ? ManifestLimits.lineBytesMax : ManifestLimits.formerLineBytesMax
    }

    /// The fields for which a row's member of the same name gives way in such records, or may.
    func displacing(in shape: RecordShape) -> [TranscriptField] {
        fields.filter { $0.isOfTranscript || $0.displaces(in: shape) }
    }

    package subscript(name: String) -> TranscriptField? { fields.first { $0.name == name } }

    /// Every field of every engine so far, in the order in which they are written.
    ///
    /// A field that is added, or written otherwise, takes a new ``EngineNumber``, and states it here.
    static let table: [TranscriptField] = [
        TranscriptField(
            "line", since: 1, .integer, .ofUnreadableLine,
            encode: { content, _ in
                content.unreadableLine.map { line in json { $0.value(line.number) } }
            },
            decode: { _, _, _ in true }),
        TranscriptField(
            "raw", since: 1, .string, .ofUnreadableLine,
            encode: { content, _ in
                content.unreadableLine.map { line in json { $0.value(line.text) } }
            },
            decode: { _, _, _ in true }),
        TranscriptField(
            "duration", since: 1, .number, .whereRowHasNone,
            encode: { content, _ in
                content.failure == nil ? Array(sixDecimals(content.decodedSeconds).utf8) : nil
            },
            decode: { value, content, _ in
                guard let seconds = seconds(value) else { return false }
                content.decodedSeconds = seconds
                return true
            }),
        TranscriptField(
            "pred_text", since: 1, .string, .always,
            encode: { content, _ in
                let texts = content.lanes.map(\.text).filter { !$0.isEmpty }
                return json { $0.value(texts.joined(separator: " ")) }
            },
            decode: { value, content, _ in
                guard let text = value?.string else { return false }
                content.lanes = [LaneContent(text: text)]
                return true
            },
            encodeLane: { lane in json { $0.value(lane.text) } },
            decodeLane: { value, lane in
                guard let text = value?.string else { return false }
                lane.text = text
                return true
            }),
        confidence,
        TranscriptField(
            "channels", since: 1, .array, .inRecords { $0.isEachChannel },
            encode: { content, fields in
                content.failure == nil && content.shape.isEachChannel
                    ? fields.channels(content.lanes, content.shape) : nil
            },
            decode: { value, content, fields in
                guard let lanes = fields.lanes(value) else { return false }
                content.lanes = lanes
                return true
            }),
        TranscriptField(
            "status", since: 1, .string, .always,
            encode: { content, _ in json { $0.value(content.status.rawValue) } },
            decode: { value, _, _ in value?.string.flatMap(RowStatus.init) != nil }),
        TranscriptField(
            "audio_warning", since: 3, .object, .always,
            encode: { content, _ in content.audioWarning.map(warning) },
            decode: { value, content, _ in
                guard let value else { return true }
                content.audioWarning = warning(value)
                return content.audioWarning != nil
            }),
        TranscriptField(
            "error", since: 1, .object, .always,
            encode: { content, fields in content.failure.map(fields.error) },
            decode: { value, _, _ in value.map(isError) ?? true }),
        timestampsOmitted,
        timestamps("word_timestamps", .word, \.words),
        timestamps("char_timestamps", .char, \.characters),
        readingsOmitted,
        readings,
        alignment,
        segmentTimestamps,
        coverage,
        turns,
        calibratedConfidence,
        expectedErrorRate,
        modelLanguage,
    ]
}

// MARK: Values

extension TranscriptFields {
    /// `[{"channel":0,…},…]`, each with the fields that a channel has.
    private func channels(_ lanes: [LaneContent], _ shape: RecordShape) -> [UInt8] {
        Self.json { writer in
            writer.beginArray()
            for (channel, lane) in lanes.enumerated() {
                writer.beginObject()
                writer.member("channel", channel)
                for field in fields where field.isPerChannel && field.displaces(in: shape) {
                    guard let value = field.encodeLane(lane) else { continue }
                    writer.key(field.name)
                    writer.raw(value)
                }
                writer.endObject()
            }
            writer.endArray()
        }
    }

    /// Reads what ``channels(_:)`` wrote; nil for anything else.
    private func lanes(_ value: JSONValue?) -> [LaneContent]? {
        guard let entries = value?.array else { return nil }
        var lanes: [LaneContent] = []
        for entry in entries {
            guard let object = entry.object else { return nil }
            var lane = LaneContent(text: "")
            for field in fields where field.isPerChannel {
                guard field.decodeLane(object[field.name], &lane) else { return nil }
            }
            lanes.append(lane)
        }
        return lanes
    }

    private static func warning(_ warning: AudioWarning) -> [UInt8] {
        json { writer in
            writer.beginObject()
            writer.member("code", warning.code.rawValue)
            writer.key("stated")
            writer.raw(sixDecimals(warning.statedSeconds).utf8)
            writer.key("decoded")
            writer.raw(sixDecimals(warning.decodedSeconds).utf8)
            writer.endObject()
        }
    }

    private static func warning(_ value: JSONValue) -> AudioWarning? {
        guard let object = value.object, object.members.count == 3,
            let code = object["code"]?.string.flatMap({ AudioWarning.Code(rawValue: $0) }),
            let stated = seconds(object["stated"]), let decoded = seconds(object["decoded"])
        else { return nil }
        return AudioWarning(code, statedSeconds: stated, decodedSeconds: decoded)
    }

    private func error(_ code: FailureCode) -> [UInt8] {
        Self.json { writer in
            writer.beginObject()
            writer.member("code", code.rawValue)
            writer.member("message", message(of: code))
            writer.endObject()
        }
    }

    /// What the engine says of a failure; the limit that one message names has grown.
    private func message(of code: FailureCode) -> String {
        code == .manifestTooLong && engine < Self.timesEngine
            ? "the line is longer than 1 MiB" : code.message
    }

    private static func isError(_ value: JSONValue) -> Bool {
        guard let object = value.object, object.members.count == 2 else { return false }
        return object["code"]?.string != nil && object["message"]?.string != nil
    }

    private static func seconds(_ value: JSONValue?) -> Double? {
        value?.double.flatMap { (0...ManifestLimits.secondsMax).contains($0) ? $0 : nil }
    }

    /// Seconds with six decimals, always: `3.275000`.
    ///
    /// - Precondition: finite, from 0 to a billion.
    static func sixDecimals(_ seconds: Double) -> String {
        let microseconds = Int((seconds * 1_000_000).rounded())
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000)."
            + String(repeating: "0", count: 6 - fraction.count) + fraction
    }

    static func json(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        write(&writer)
        return writer.bytes
    }
}
