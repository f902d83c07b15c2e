package import Calibration
internal import Files
internal import MeasuredRows
package import RowFeatures
package import SpeechTypes
internal import TranscriptRows

/// A calibration as a job has it: what each lane's record says of the errors to expect.
///
/// What is measured is taken as it is written, digit by digit, so that a record says what `select` would
/// say of it, on every machine.
package struct LaneCalibration: Sendable {
    private let scorer: RowScorer

    package init(_ calibration: Calibration) { scorer = RowScorer(calibration) }

    /// Reads a calibration from its file.
    ///
    /// - Throws: `CalibrationError` if it is none, is damaged or cannot be read.
    package init(path: String) throws {
        do {
            self.init(try CalibrationFile(path: path).calibration)
        } catch let error as FileError {
            throw CalibrationError("\(error)")
        }
    }

    /// A word of a transcript, as its record has it.
    package struct Word: Sendable {
        package var text: String
        package var milliseconds: Range<Int>
        /// In ten thousandths.
        package var confidence: Int

        package init(text: String, milliseconds: Range<Int>, confidence: Int) {
            self.text = text
            self.milliseconds = milliseconds
            self.confidence = confidence
        }
    }

    /// What is to be expected of a lane, in ten thousandths.
    package struct Expectation: Hashable, Sendable {
        /// Errors a word of what was said, one at most; nil without a word, or where something is not measured.
        package var errorRate: Int?
        /// Of each word the probability to be right; empty where words were not calibrated.
        package var words: [Int] = []
    }

    /// - Parameters:
    ///   - confidence: of the lane, in ten thousandths; nil where its record has none.
    ///   - words: empty where the job has no times.
    package func expectation(
        text: String, confidence: Int?, words: [Word], features: LaneFeatures
    ) -> Expectation {
        var row = MeasuredRow()
        row.isTranscribed = true
        row.text = text
        row.confidence = confidence.map { Double($0) / 10_000 }
        row.features = Self.measured(features)
        if !words.isEmpty {
            row.words = TimedWords(
                words.map { word in
                    TimedWord(
                        text: word.text,
                        start: MediaTime(milliseconds: word.milliseconds.lowerBound),
                        end: MediaTime(milliseconds: word.milliseconds.upperBound),
                        confidence: word.confidence)
                })
        }
        var expectation = Expectation()
        guard row.wordCount > 0 else { return expectation }
        let reading = scorer(row)
        if reading.missing == nil {
            expectation.errorRate = Self.tenThousandths(reading.expected)
        }
        expectation.words = scorer.words(of: row).map(Self.tenThousandths)
        return expectation
    }

    private static func tenThousandths(_ value: Double) -> Int {
        Int((min(1, max(0, value)) * 10_000).rounded())
    }

    private static func measured(_ lane: LaneFeatures) -> RowFeatures {
        var features = RowFeatures()
        for field in lane.fields {
            guard let feature = Self.known[field.name] else { continue }
            var text = field.text
            features[feature] = text.withUTF8 { text in
                DecimalNumber.value(UnsafeRawBufferPointer(text)) ?? .nan
            }
        }
        return features
    }

    private static let known = Dictionary(
        uniqueKeysWithValues: RowFeature.allCases.map { ("\($0.name)", $0) })

    // MARK: What a job must have

    /// What the calibration asks of the audio, by the names of the features; empty where it does without.
    package var audioFeatures: [String] {
        scorer.calibration.rows.score.terms.map(\.name).filter(RowPredictors.ofAudio.contains)
    }

    /// Why records of a job with these options cannot be calibrated; nil if they can.
    ///
    /// - Parameter path: of the calibration, for the sentence.
    package func refusal(of options: RecognitionOptions, path: String) -> String? {
        let terms = scorer.calibration.rows.score.terms.map(\.name)
        guard options.timestamps == .none, terms.contains("confidence") else { return nil }
        return
            "\(path) was made of an output with confidence, which records have with --timestamps word; ask "
            + "for them, or calibrate on an output of --timestamps none"
    }
}
