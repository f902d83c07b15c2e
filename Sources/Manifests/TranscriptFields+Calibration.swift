internal import SpeechTypes
internal import StrictJSON

/// The fields of jobs that have a calibration.
extension TranscriptFields {
    /// The least probability of the words to be right; records without calibrated words have none.
    static let calibratedConfidence = number(
        "calibrated_confidence", in: { $0.isCalibrated && $0.hasTimes }, \.calibratedConfidence)

    /// Errors a word that are to be expected of the transcript.
    static let expectedErrorRate = number(
        "expected_wer", in: { $0.isCalibrated }, \.expectedErrorRate)

    /// A number from 0 to 1 with four decimals, which lanes may lack.
    private static func number(
        _ name: String, in isThere: @escaping @Sendable (RecordShape) -> Bool,
        _ value: any WritableKeyPath<LaneContent, Int?> & Sendable
    ) -> TranscriptField {
        @Sendable func encoded(_ lane: LaneContent) -> [UInt8]? {
            lane[keyPath: value].map { TimedItems.fixed($0, decimals: 4) }
        }
        @Sendable func decoded(_ json: JSONValue?, _ lane: inout LaneContent) -> Bool {
            guard let json else { return true }
            lane[keyPath: value] = TimedItems.unscaled(json, decimals: 4).flatMap {
                $0 <= 10_000 ? $0 : nil
            }
            return lane[keyPath: value] != nil
        }
        return TranscriptField(
            name, since: timesEngine, .number, .inRecords(isThere),
            encode: { content, _ in ofOnlyLane(content).flatMap(encoded) },
            decode: { json, content, _ in decode(json, in: &content, decoded) },
            isOfTranscript: true, encodeLane: encoded, decodeLane: decoded)
    }
}
