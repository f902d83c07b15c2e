package import SpeechTypes

/// The best class of each frame, with repeats and blanks removed.
package struct GreedyDecoder: CTCDecoder {
    /// The symbol whose frames have not ended yet.
    private struct Run {
        var index: Int
        var start: Int
        /// Of the log-probabilities of its frames.
        var sum: Double
        /// The least one of its frames.
        var confidence: Float
    }

    private let assembler: TextAssembler
    private let blank: Int
    /// See ``Vocabulary/firstClasses``.
    private let firstClasses: [Int]
    private let frameConfidence: FrameConfidence
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
        frameConfidence = FrameConfidence(classes: vocabulary.symbols.count)
        previous = firstClasses.isEmpty ? blank : firstClasses[blank]
    }

    /// Reads the next frames.
    ///
    /// Of equal classes the first wins; a symbol after a blank counts anew. Where the vocabulary's
    /// rules say so, classes with one text are one symbol.
    package mutating func append(_ logProbabilities: LogProbabilities) {
        let classes = logProbabilities.classes
        precondition(blank < classes, "the blank is a class")
        let frameConfidence = frameConfidence
        logProbabilities.values.withUnsafeBufferPointer { values in
            for frame in 0..<logProbabilities.frames {
                let start = frame * classes
                let row = UnsafeBufferPointer(rebasing: values[start..<start + classes])
                let best = Self.best(of: row)
                read(best, value: Double(row[best])) { frameConfidence(row) }
            }
        }
    }

    /// Reads the next frame, of which somebody else has found what matters.
    ///
    /// - Parameters:
    ///   - best: the first of its most probable classes.
    ///   - value: that class's log-probability.
    ///   - confidence: of the frame; asked for only where the frame is of a symbol.
    package mutating func append(best: Int, value: Float, confidence: Float) {
        read(best, value: Double(value)) { confidence }
    }

    /// The first of the most probable classes of a frame.
    ///
    /// Sixteen at a time, since there are alphabets of ten thousand.
    @inline(__always)
    package static func best(of row: UnsafeBufferPointer<Float>) -> Int {
        typealias Lanes = SIMD16<Float>
        let bytes = UnsafeRawBufferPointer(row)
        let blocks = row.count / Lanes.scalarCount
        func block(_ index: Int) -> Lanes {
            bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Lanes>.size, as: Lanes.self)
        }
        var lanes = Lanes(repeating: -.infinity)
        for index in 0..<blocks {
            let values = block(index)
            lanes.replace(with: values, where: values .> lanes)
        }
        let rest = blocks * Lanes.scalarCount..<row.count
        let greatest = rest.reduce(lanes.max()) { max($0, row[$1]) }
        for index in 0..<blocks where any(block(index) .== greatest) {
            let start = index * Lanes.scalarCount
            return (start..<start + Lanes.scalarCount).first { row[$0] == greatest } ?? start
        }
        return rest.first { row[$0] == greatest } ?? 0
    }

    /// Reads the next frame.
    ///
    /// - Parameter confidence: asked for where the frame is of a symbol.
    @inline(__always)
    private mutating func read(_ best: Int, value: Double, confidence: () -> Float) {
        defer { frames += 1 }
        score += value
        let read = firstClasses.isEmpty ? best : firstClasses[best]
        let isNew = read != previous
        if isNew { endRun(at: frames) }
        previous = read
        guard isNew ? best != blank : run != nil else { return }
        let confidence = confidence()
        if isNew {
            run = Run(index: best, start: frames, sum: value, confidence: confidence)
        } else if let known = run {
            run?.sum = known.sum + value
            run?.confidence = min(known.confidence, confidence)
        }
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
                score: Float(ended.sum / Double(end - ended.start)), confidence: ended.confidence))
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
        return { vocabulary, artefacts throws(DecoderError) in
            guard artefacts.isEmpty else {
                throw DecoderError(
                    "the decoder greedy uses no language model, word list, lexicon or hotwords; "
                        + "--decoder beam does")
            }
            return Factory(vocabulary: vocabulary)
        }
    }

    private struct Factory: CTCDecoderFactory {
        let vocabulary: Vocabulary
        let bytesOfDecoder = 0

        func makeDecoder(hotwords: [Hotword]) -> any CTCDecoder {
            GreedyDecoder(vocabulary: vocabulary)
        }
    }
}
