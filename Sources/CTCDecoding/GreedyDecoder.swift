package import SpeechTypes

/// The best class of each frame, with repeats and blanks removed.
package struct GreedyDecoder: CTCDecoder {
    /// The symbol whose frames have not ended yet.
    private struct Run {
        var index: Int
        var start: Int
        /// Of the log-probabilities of its frames.
        var sum: Double
    }

    private let assembler: TextAssembler
    private let blank: Int
    /// See ``Vocabulary/firstClasses``.
    private let firstClasses: [Int]
    private var symbols: [Transcript.Symbol] = []
    private var run: Run?
    /// The class of the last frame, the first one of those with its text.
    private var previous: Int
    private var frames = 0
    private var score = 0.0

    package init(vocabulary: Vocabulary) {
        assembler = TextAssembler(vocabulary: vocabulary)
        blank = vocabulary.blank
        firstClasses = vocabulary.firstClasses
        previous = firstClasses.isEmpty ? blank : firstClasses[blank]
    }

    /// Reads the next frames.
    ///
    /// Of equal classes the first wins; a symbol after a blank counts anew. Where the vocabulary's
    /// rules say so, classes with one text are one symbol.
    package mutating func append(_ logProbabilities: LogProbabilities) {
        let classes = logProbabilities.classes
        precondition(blank < classes, "the blank is a class")
        logProbabilities.values.withUnsafeBufferPointer { values in
            for frame in 0..<logProbabilities.frames {
                let start = frame * classes
                var best = 0
                for index in 1..<classes
                where values[start + index] > values[start + best] { best = index }
                let value = Double(values[start + best])
                score += value
                let read = firstClasses.isEmpty ? best : firstClasses[best]
                if read != previous {
                    endRun(at: frames + frame)
                    if best != blank {
                        run = Run(index: best, start: frames + frame, sum: value)
                    }
                } else if run != nil {
                    run?.sum += value
                }
                previous = read
            }
        }
        frames += logProbabilities.frames
    }

    package mutating func finish() -> Transcript {
        endRun(at: frames)
        return assembler.transcript(of: symbols, score: score)
    }

    private mutating func endRun(at end: Int) {
        guard let ended = run else { return }
        run = nil
        symbols.append(
            .init(
                index: ended.index, frames: ended.start..<end,
                score: Float(ended.sum / Double(end - ended.start))))
    }

    /// What all frames of one utterance say.
    package static func transcript(
        of logProbabilities: LogProbabilities, vocabulary: Vocabulary
    ) -> Transcript {
        var decoder = GreedyDecoder(vocabulary: vocabulary)
        decoder.append(logProbabilities)
        return decoder.finish()
    }
}

extension GreedyDecoder {
    /// How ``DecoderList`` knows it.
    package static let description = DecoderDescription(
        name: DecoderChoice.greedy.name, help: "the most probable symbol of each frame"
    ) { settings throws(DecoderError) in
        if let name = settings.keys.min() {
            throw DecoderError("the decoder greedy has no setting \(name); it has none at all")
        }
        return { vocabulary in Factory(vocabulary: vocabulary) }
    }

    private struct Factory: CTCDecoderFactory {
        let vocabulary: Vocabulary
        let bytesOfDecoder = 0

        func makeDecoder() -> any CTCDecoder { GreedyDecoder(vocabulary: vocabulary) }
    }
}
