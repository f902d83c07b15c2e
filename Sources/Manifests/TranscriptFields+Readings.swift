internal import SpeechTypes
internal import StrictJSON

/// The fields of jobs that ask for several readings.
extension TranscriptFields {
    /// The readings of each lane, the best first.
    static let readings = TranscriptField(
        "nbest", since: timesEngine, .array, .inRecords { $0.hasReadings },
        encode: { content, _ in ofOnlyLane(content)?.readings?.json },
        decode: { value, content, _ in
            decode(value, in: &content) { value, lane in decodeReadings(value, &lane) }
        },
        isOfTranscript: true,
        encodeLane: { $0.readings?.json },
        decodeLane: decodeReadings)

    /// How many readings would have made the record too long, and are left out.
    static let readingsOmitted = TranscriptField(
        "nbest_omitted", since: timesEngine, .integer, .inRecords { $0.hasReadings },
        encode: { content, _ in content.omittedReadings.map { count in json { $0.value(count) } } },
        decode: { value, content, _ in
            guard let value else { return true }
            content.omittedReadings = value.int.flatMap { $0 > 0 ? $0 : nil }
            return content.omittedReadings != nil
        },
        isOfTranscript: true)

    private static func decodeReadings(_ value: JSONValue?, _ lane: inout LaneContent) -> Bool {
        guard let value else { return true }
        lane.readings = ReadingItems(value)
        return lane.readings != nil
    }
}
