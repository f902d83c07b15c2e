internal import StrictJSON

/// How the seconds of a row were spent: in speech, in silence that was computed with it, or on nothing.
///
/// Microseconds, as the record shows them; the three sum to the row's duration.
package struct CoverageContent: Hashable, Sendable {
    package private(set) var speech: Int
    package private(set) var silence: Int
    package private(set) var skipped: Int

    /// - Parameters:
    ///   - speech: samples at 16 kHz, as are `silence` and `skipped`.
    ///   - seconds: of decoded audio, from 0 to a billion.
    package init(speech: Int, silence: Int, skipped: Int, seconds: Double) {
        func microseconds(_ samples: Int) -> Int { (samples * 125 + 1) / 2 }
        self.speech = microseconds(speech)
        self.silence = microseconds(silence)
        self.skipped = microseconds(skipped)
        // Rates other than 16 kHz, and rounding: less than a sample, which the greatest part takes.
        let left = Int((seconds * 1_000_000).rounded()) - total
        let greatest = max(self.speech, self.silence, self.skipped)
        if greatest == self.skipped {
            self.skipped = max(0, self.skipped + left)
        } else if greatest == self.speech {
            self.speech = max(0, self.speech + left)
        } else {
            self.silence = max(0, self.silence + left)
        }
    }

    package var total: Int { speech + silence + skipped }

    /// `{"speech":12.340000,"silence":1.660000,"skipped":46.000000}`.
    var json: [UInt8] {
        TranscriptFields.json { writer in
            writer.beginObject()
            for (name, value) in [("speech", speech), ("silence", silence), ("skipped", skipped)] {
                writer.key(name)
                writer.raw(TimedItems.fixed(value, decimals: 6))
            }
            writer.endObject()
        }
    }

    /// Reads what ``json`` writes; nil for anything else.
    init?(_ value: JSONValue) {
        guard let object = value.object, object.members.count == 3,
            let speech = TimedItems.unscaled(object["speech"], decimals: 6),
            let silence = TimedItems.unscaled(object["silence"], decimals: 6),
            let skipped = TimedItems.unscaled(object["skipped"], decimals: 6)
        else { return nil }
        self.speech = speech
        self.silence = silence
        self.skipped = skipped
    }
}
