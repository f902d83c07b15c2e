/// What is asked of each row; nil for what is not.
package struct SelectionLimits: Hashable, Sendable {
    /// From 0 to 1, of the records' `confidence`.
    package var confidenceMin: Double?
    /// Errors a word that a row may be expected to have.
    package var rowErrorsMax: Double?
    /// Of audio.
    package var seconds: ClosedRange<Double>?
    /// Characters a second, white space not counted.
    package var rate: ClosedRange<Double>?
    /// Of the feature `repetition`.
    package var repetitionMax: Double?
    /// So often the same one to four words may not follow each other.
    package var loopsMax: Int?
    /// Names of ``Script``; letters of no other may stand in the text.
    package var scripts: [String] = []
    package var languages: [String] = []
    package var clippedMax: Double?
    package var level: ClosedRange<Double>?
    package var bandwidthMin: Double?
    package var silenceMax: Double?
    /// Rows outside of what the calibration saw are left out.
    package var staysInside = false
    /// Of two outputs' words, from 0 to 1.
    package var agreementMin: Double?

    package init() {}
}
