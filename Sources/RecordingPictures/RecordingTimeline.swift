package import SpeechTypes
package import TranscriptRows

/// What is known of one row along its time, for a picture of it.
///
/// Places are samples at 16 kHz from the beginning of the row.
package struct RecordingTimeline: Hashable, Sendable {
    /// What goes through the model at once.
    package struct Window: Hashable, Sendable {
        /// What counts of it.
        package var core: Range<Int>
        /// What is computed: the core and its context.
        package var computed: Range<Int>

        package init(core: Range<Int>, computed: Range<Int>) {
            self.core = core
            self.computed = computed
        }
    }

    /// How samples were spent.
    package struct Coverage: Hashable, Sendable {
        package var speech: Int
        /// Computed besides.
        package var silence: Int
        /// Not computed.
        package var skipped: Int

        package init(speech: Int, silence: Int, skipped: Int) {
            self.speech = speech
            self.silence = silence
            self.skipped = skipped
        }
    }

    /// One channel, or the mix of all.
    package struct Lane: Hashable, Sendable {
        /// From 0; nil for a mix.
        package var channel: Int?
        package var peaks: PeakCurve
        /// In order, none overlapping another.
        package var speech: [Range<Int>] = []
        /// In order of their cores.
        package var windows: [Window] = []
        package var words: TimedWords = []
        /// Nil where windows do not follow speech.
        package var coverage: Coverage?

        package init(channel: Int?, peaks: PeakCurve) {
            self.channel = channel
            self.peaks = peaks
        }
    }

    package var title: String
    /// Where the row begins in its recording.
    package var offset = MediaTime.zero
    package var samples: Int
    /// What of it is drawn; not empty.
    package var shown: Range<Int>
    package var chunking: RecognitionOptions.Chunking
    package var lanes: [Lane]

    /// - Precondition: there are samples.
    package init(
        title: String, samples: Int, chunking: RecognitionOptions.Chunking, lanes: [Lane]
    ) {
        precondition(samples > 0, "there is something to draw")
        self.title = title
        self.samples = samples
        shown = 0..<samples
        self.chunking = chunking
        self.lanes = lanes
    }

    /// The sample nearest to a time from the row's beginning.
    package static func sample(at time: MediaTime) -> Int {
        let (seconds, rest) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return seconds * FrameClock.sampleRate
            + (rest * FrameClock.sampleRate + 500_000_000) / 1_000_000_000
    }
}
