internal import SpeechTypes
internal import StrictJSON

/// The fields of jobs that ask for times.
extension TranscriptFields {
    /// The least confidence of the words; records without a word have none.
    static let confidence = TranscriptField(
        "confidence", since: timesEngine, .number, .inRecords { $0.hasTimes },
        encode: { content, _ in ofOnlyLane(content).flatMap(encodedConfidence) },
        decode: { value, content, _ in
            decode(value, in: &content) { value, lane in decodeConfidence(value, &lane) }
        },
        isOfTranscript: true,
        encodeLane: encodedConfidence,
        decodeLane: decodeConfidence)

    /// What would have made the record too long: see ``RecordOmission``.
    static let timestampsOmitted = TranscriptField(
        "timestamps_omitted", since: timesEngine, .string,
        .inRecords { $0.hasTimes || $0.isAligned },
        encode: { content, _ in content.omitted.map { kind in json { $0.value(kind.rawValue) } } },
        decode: { value, content, _ in
            guard let value else { return true }
            content.omitted = value.string.flatMap { RecordOmission(rawValue: $0) }
            return content.omitted != nil
        },
        isOfTranscript: true)

    /// Times of words, or of characters.
    static func timestamps(
        _ name: String, _ kind: TimedItems.Kind,
        _ items: any WritableKeyPath<LaneContent, TimedItems?> & Sendable
    ) -> TranscriptField {
        TranscriptField(
            name, since: timesEngine, .array,
            .inRecords { shape in
                switch kind {
                case .word: shape.hasTimes
                case .char: shape.timestamps == .char
                case .segment: shape.hasCoverage
                case .turn: shape.hasTurns
                }
            },
            encode: { content, _ in ofOnlyLane(content)?[keyPath: items]?.json },
            decode: { value, content, _ in
                decode(value, in: &content) { value, lane in
                    lane[keyPath: items] = TimedItems(value, kind)
                    return lane[keyPath: items] != nil
                }
            },
            isOfTranscript: true,
            encodeLane: { $0[keyPath: items]?.json },
            decodeLane: { value, lane in
                guard let value else { return true }
                lane[keyPath: items] = TimedItems(value, kind)
                return lane[keyPath: items] != nil
            })
    }

    /// The first engine that writes times, and that takes outputs with them for rows.
    static let timesEngine = 4

    /// The words of each window, where windows lie around speech.
    static let segmentTimestamps = timestamps("segment_timestamps", .segment, \.segments)

    /// Who speaks after whom, of all channels together.
    ///
    /// A row's own member of this name stays in jobs that do not ask for it.
    static let turns = TranscriptField(
        "turns", since: timesEngine, .array, .inRecords { $0.hasTurns },
        encode: { content, _ in content.failure == nil ? content.turns?.json : nil },
        decode: { value, content, _ in
            guard let value else { return true }
            content.turns = TimedItems(value, .turn)
            return content.turns != nil
        })

    /// How the seconds of the row were spent.
    static let coverage = TranscriptField(
        "coverage", since: timesEngine, .object, .inRecords { $0.hasCoverage },
        encode: { content, _ in ofOnlyLane(content)?.coverage?.json },
        decode: { value, content, _ in
            decode(value, in: &content) { value, lane in
                lane.coverage = CoverageContent(value)
                return lane.coverage != nil
            }
        },
        isOfTranscript: true,
        encodeLane: { $0.coverage?.json },
        decodeLane: { value, lane in
            guard let value else { return true }
            lane.coverage = CoverageContent(value)
            return lane.coverage != nil
        })

    /// The lane of a transcribed row that lists no channels.
    static func ofOnlyLane(_ content: RecordContent) -> LaneContent? {
        content.failure == nil && !content.shape.isEachChannel ? content.lanes.first : nil
    }

    /// Reads a value that a record without channels may have.
    static func decode(
        _ value: JSONValue?, in content: inout RecordContent,
        _ decodeLane: (JSONValue, inout LaneContent) -> Bool
    ) -> Bool {
        guard let value else { return true }
        if content.lanes.isEmpty { content.lanes = [LaneContent(text: "")] }
        return decodeLane(value, &content.lanes[0])
    }

    private static func encodedConfidence(_ lane: LaneContent) -> [UInt8]? {
        lane.confidence.map { TimedItems.fixed($0, decimals: 4) }
    }

    private static func decodeConfidence(_ value: JSONValue?, _ lane: inout LaneContent) -> Bool {
        guard let value else { return true }
        lane.confidence = TimedItems.unscaled(value, decimals: 4).flatMap {
            $0 <= 10_000 ? $0 : nil
        }
        return lane.confidence != nil
    }
}
