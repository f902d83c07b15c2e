package import SpeechTypes

/// The best class of each frame, with repeats and blanks removed.
///
/// Takes frames as they come, so that a long recording is never held whole.
package struct GreedyDecoder: Sendable {
    /// What was read so far.
    package private(set) var hypothesis = Hypothesis(symbols: [])

    private let blank: Int
    /// See ``Vocabulary/firstClasses``.
    private let firstClasses: [Int]
    private var previous: Int
    private var frames = 0

    package init(vocabulary: Vocabulary) {
        blank = vocabulary.blank
        firstClasses = vocabulary.firstClasses
        previous = firstClasses.isEmpty ? blank : firstClasses[blank]
    }

    /// Reads the next frames.
    ///
    /// Of equal classes the first wins; a symbol after a blank counts anew. Where the vocabulary's
    /// rules say so, classes with one text are one symbol.
    package mutating func append(_ logProbabilities: LogProbabilities) {
        precondition(blank < logProbabilities.classes, "the blank is a class")
        logProbabilities.values.withUnsafeBufferPointer { values in
            for frame in 0..<logProbabilities.frames {
                let start = frame * logProbabilities.classes
                var best = 0
                for index in 1..<logProbabilities.classes
                where values[start + index] > values[start + best] { best = index }
                let read = firstClasses.isEmpty ? best : firstClasses[best]
                if read != previous && best != blank {
                    hypothesis.symbols.append(.init(index: best, frame: frames + frame))
                }
                previous = read
            }
        }
        frames += logProbabilities.frames
    }

    /// What all frames of one utterance say.
    package static func decode(
        _ logProbabilities: LogProbabilities, vocabulary: Vocabulary
    ) -> Hypothesis {
        var decoder = GreedyDecoder(vocabulary: vocabulary)
        decoder.append(logProbabilities)
        return decoder.hypothesis
    }
}
