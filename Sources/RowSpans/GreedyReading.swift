package import CTCDecoding
package import SpeechTypes

/// All that greedy decoding takes of some frames: the best class of each, and what its symbols' times and
/// confidences need of those that may be of a symbol.
///
/// Five bytes a frame as a rule, in place of a number for each class. A decoder makes the same symbols of it as of
/// the log-probabilities.
package struct GreedyReading: Hashable, Sendable {
    /// The best class of each frame.
    package private(set) var classes: [UInt16] = []
    /// The best class's log-probability, of frames that may be of a symbol.
    package private(set) var values: [Float] = []
    /// How sure the model was of these frames.
    package private(set) var confidences: [Float] = []
    private let rule: Rule
    private let frameConfidence: FrameConfidence

    /// Which frames may be of a symbol.
    private struct Rule: Hashable, Sendable {
        let classCount: Int
        let blank: Int
        /// The blank has the text of another class, and so may go on with a symbol.
        let blankIsRead: Bool

        init(_ vocabulary: Vocabulary) {
            classCount = vocabulary.symbols.count
            blank = vocabulary.blank
            let first = vocabulary.firstClasses
            let blank = blank
            blankIsRead = first.indices.contains { $0 != blank && first[$0] == first[blank] }
        }

        func needs(_ index: Int) -> Bool { index != blank || blankIsRead }
    }

    /// Reads nothing so far.
    package init(vocabulary: Vocabulary) {
        rule = Rule(vocabulary)
        frameConfidence = FrameConfidence(classes: vocabulary.symbols.count)
    }

    /// What was read before; nil where numbers do not go together.
    package init?(
        vocabulary: Vocabulary, classes: [UInt16], values: [Float], confidences: [Float]
    ) {
        guard Self.fits(vocabulary) else { return nil }
        self.init(vocabulary: vocabulary)
        let rule = rule
        guard classes.allSatisfy({ Int($0) < rule.classCount }),
            classes.count(where: { rule.needs(Int($0)) }) == values.count,
            values.count == confidences.count
        else { return nil }
        self.classes = classes
        self.values = values
        self.confidences = confidences
    }

    package static func fits(_ vocabulary: Vocabulary) -> Bool {
        vocabulary.symbols.count <= 1 << 16
    }

    /// Adds the next frames.
    ///
    /// - Precondition: the vocabulary has at most 65,536 classes (``fits(_:)``).
    package mutating func append(_ frames: LogProbabilities) {
        let count = frames.classes
        precondition(count == rule.classCount, "the model has the vocabulary's classes")
        precondition(count <= 1 << 16, "a class is a number of 16 bits")
        frames.values.withUnsafeBufferPointer { values in
            for frame in 0..<frames.frames {
                let start = frame * count
                let row = UnsafeBufferPointer(rebasing: values[start..<start + count])
                let best = GreedyDecoder.best(of: row)
                classes.append(UInt16(best))
                guard rule.needs(best) else { continue }
                self.values.append(row[best])
                confidences.append(frameConfidence(row))
            }
        }
    }

    /// Lets a decoder read the frames.
    ///
    /// Its transcript's score lacks those that can be of no symbol.
    func read(into decoder: inout GreedyDecoder) {
        var place = 0
        for best in classes {
            guard rule.needs(Int(best)) else {
                decoder.append(best: Int(best), value: 0, confidence: 0)
                continue
            }
            decoder.append(best: Int(best), value: values[place], confidence: confidences[place])
            place += 1
        }
    }
}
