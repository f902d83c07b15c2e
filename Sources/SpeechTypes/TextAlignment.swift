/// How a known text and a recording go together.
package struct TextAlignment: Hashable, Sendable {
    /// Whether words and audio were found for each other.
    package enum State: String, CaseIterable, Hashable, Sendable {
        /// Words with their audio.
        case aligned
        /// Words without audio.
        case missing
        /// Audio without words.
        case extra
    }

    /// A run of words, or of audio, of one state.
    package struct Item: Hashable, Sendable {
        package var state: State
        /// Frames from the first letter to the last; empty, at the place where they would be, for missing
        /// words.
        package var frames: Range<Int>
        /// The words as the text has them; of extra audio what a greedy decoder reads in it.
        package var text: String
        /// The mean probability of the letters, from 0 to 1; nil where there are none.
        package var score: Double?

        package init(state: State, frames: Range<Int>, text: String, score: Double?) {
            self.state = state
            self.frames = frames
            self.text = text
            self.score = score
        }
    }

    /// A line or a sentence with its audio, as training data is cut.
    package struct Segment: Hashable, Sendable {
        /// With the pause around it, half a second at most.
        package var frames: Range<Int>
        /// As the text has it.
        package var text: String
        /// As it was aligned.
        package var alignedText: String
        /// The mean probability of the letters, from 0 to 1.
        package var score: Double
        /// The least mean log-probability of the path in 30 frames on end (ctc-segmentation's confidence).
        package var leastMeanLogProbability: Double
        /// All of its words have audio, and no other audio is between them.
        package var isWhole: Bool

        package init(
            frames: Range<Int>, text: String, alignedText: String, score: Double,
            leastMeanLogProbability: Double, isWhole: Bool
        ) {
            self.frames = frames
            self.text = text
            self.alignedText = alignedText
            self.score = score
            self.leastMeanLogProbability = leastMeanLogProbability
            self.isWhole = isWhole
        }
    }

    /// The mean probability of all letters that have audio; nil where there are none.
    package var score: Double?
    /// In order; words and audio of one recording are each in exactly one.
    package var items: [Item]
    package var segments: [Segment]
    /// Each aligned word as the text has it, in the order of the transcript's words; empty where they are
    /// the same, or where the model's words are not the text's.
    package var originals: [String]

    package init(
        score: Double?, items: [Item], segments: [Segment] = [], originals: [String] = []
    ) {
        self.score = score
        self.items = items
        self.segments = segments
        self.originals = originals
    }
}
