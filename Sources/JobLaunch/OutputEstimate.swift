package import SpeechTypes

/// About how large a job's output and journal will be, told before anything is transcribed.
///
/// What is said is not known yet: the estimate takes speech without pauses, and for each word the most that
/// its times take, so that a disk that has room for it has room for the job.
package struct OutputEstimate: Equatable {
    /// A lecture or an audio book read aloud in English: 150 words a minute.
    package static let wordsPerSecond = 2.5
    /// Letters of an English word.
    private static let wordBytes = 5
    /// What a word's or a character's times take beside its text: names of members, two frames, two times,
    /// confidence.
    package static let timesBytesMax = 110
    /// `pred_text`, `confidence`, `status` and the name of the list of words.
    private static let recordBytes = 96
    /// A row's outcome in the journal beside its record, with its share of the tables' indices.
    private static let outcomeBytes = 160

    /// A line of features: each has a name and six decimals.
    package static let featuresBytesMax = 400

    package let outputBytes: Int
    package let journalBytes: Int
    /// The file of features beside the output; 0 for none.
    package let featuresBytes: Int

    /// - Parameters:
    ///   - rowBytes: of all rows as the input has them, which the output repeats.
    ///   - milliseconds: of audio, each channel that has a transcript of its own counted.
    ///   - hasFeatures: rows have features, which the journal keeps as well.
    package init(
        rows: Int, rowBytes: Int, milliseconds: Int, times: RecognitionOptions.Timestamps,
        hasFeatures: Bool = false
    ) {
        let words = Double(milliseconds) / 1_000 * Self.wordsPerSecond
        let timesOfWord = Self.timesBytesMax + Self.wordBytes
        let bytesOfWord =
            switch times {
            case .none: Self.wordBytes + 1
            case .word: Self.wordBytes + 1 + timesOfWord
            case .char:
                Self.wordBytes + 1 + timesOfWord + Self.wordBytes * (Self.timesBytesMax + 1)
            }
        // Far below what a whole number holds: a day of ten million rows has 10^16 bytes.
        let records = Int(words * Double(bytesOfWord)) + rows * Self.recordBytes
        outputBytes = records + rowBytes
        featuresBytes = hasFeatures ? rows * Self.featuresBytesMax : 0
        journalBytes = records + rows * Self.outcomeBytes + featuresBytes
    }

    /// For people: `output about 1.2 GB, journal about 1.3 GB`, and what was supposed.
    var sentence: String {
        let features =
            featuresBytes > 0 ? ", features about \(Self.text(featuresBytes))" : ""
        return "output about \(Self.text(outputBytes)), journal about "
            + "\(Self.text(journalBytes))\(features), for \(Self.wordsPerSecond) words a second"
    }

    /// Two digits that count, in the units that disks are sold in.
    package static func text(_ bytes: Int) -> String {
        var (unit, value) = ("kB", Double(bytes) / 1e3)
        for larger in ["MB", "GB", "TB"] where value >= 999.5 {
            unit = larger
            value /= 1e3
        }
        let rounded = value < 10 ? (value * 10).rounded(.up) / 10 : value.rounded(.up)
        return rounded < 10 ? "\(rounded) \(unit)" : "\(Int(rounded)) \(unit)"
    }
}
