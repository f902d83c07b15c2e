/// A window around speech, in frames of the model from the start of the recording.
package struct SpeechWindow: Hashable, Sendable {
    /// Position among the windows of the recording, from 0.
    package let index: Int
    /// The frames that count.
    package let core: Range<Int>
    /// The frames that are computed: the core and its context.
    package let computed: Range<Int>

    package init(index: Int, core: Range<Int>, computed: Range<Int>) {
        self.index = index
        self.core = core
        self.computed = computed
    }
}

/// How the samples of a recording were spent; together they are all of it.
package struct SpeechCoverage: Hashable, Sendable {
    /// Samples in stretches of speech.
    package var speech = 0
    /// Samples that were computed besides: pauses, and margins around speech.
    package var silence = 0
    /// Samples that were not computed.
    package var skipped = 0

    package init() {}

    package var total: Int { speech + silence + skipped }
}
