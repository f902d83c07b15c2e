package import SpeechTypes

/// The most probable text by the model's frames, a language model and hotwords: a prefix beam search.
package struct BeamDecoder: CTCDecoder {
    /// What stands in a ``DecoderChoice``.
    package static let name = "beam"

    private let search: BeamSearch
    private let assembler: TextAssembler

    init(_ model: BeamModel) {
        search = BeamSearch(model)
        assembler = TextAssembler(vocabulary: model.vocabulary)
    }

    /// What the search holds now, besides the symbols that all its beams have in common.
    package var bytesHeld: Int { search.bytesHeld }

    package mutating func append(_ frames: LogProbabilities) {
        precondition(
            frames.classes == search.model.vocabulary.symbols.count, "a symbol stands for a class")
        frames.values.withUnsafeBufferPointer { values in
            for frame in 0..<frames.frames {
                let start = frame * frames.classes
                search.append(
                    UnsafeBufferPointer(rebasing: values[start..<start + frames.classes]))
            }
        }
    }

    package mutating func finish() -> Transcript {
        let (readings, common) = search.finish(search.model.settings.readings)
        // The share of each in the probability of all that were found.
        let top = readings.first?.score ?? 0
        let sum = readings.reduce(0) { $0 + LogArithmetic.exp($1.score - top) }
        let transcripts = readings.prefix(search.model.settings.readings).map { reading in
            var transcript = transcript(of: common + reading.symbols, score: reading.score)
            transcript.acousticScore = reading.acoustic
            transcript.posterior = Float(LogArithmetic.exp(reading.score - top) / sum)
            return transcript
        }
        guard var best = transcripts.first else { return assembler.transcript(of: []) }
        best.alternatives = Array(transcripts.dropFirst())
        return best
    }

    /// Text of the symbols; where a lexicon has the words, it knows how they are written.
    private func transcript(of entries: [SymbolHistory.Entry], score: Double) -> Transcript {
        guard let lexicon = search.model.lexicon, entries.contains(where: { $0.word >= 0 }) else {
            return assembler.transcript(of: entries.map(\.symbol), score: score)
        }
        var text = ""
        var words: [Transcript.Word] = []
        var start: Int?
        for (position, entry) in entries.enumerated() {
            if search.model.kinds[Int(entry.index)] == .text { start = start ?? position }
            guard entry.word >= 0 else { continue }
            let first = start ?? position
            start = nil
            if !text.isEmpty { text += " " }
            let before = text.utf8.count
            if entry.word == LexiconModel.unknownWord {
                let spelled = entries[first...position].map(\.symbol)
                text += assembler.transcript(of: spelled).text
            } else {
                text += lexicon.entries[Int(entry.word)].word
            }
            // The delimiter that ends a spelling is no part of the word.
            let end = search.model.kinds[Int(entry.index)] == .text ? position + 1 : position
            guard text.utf8.count > before else { continue }
            words.append(
                .init(
                    utf8: before..<text.utf8.count, symbols: first..<max(first + 1, end)))
        }
        return Transcript(
            text: text, symbols: entries.map(\.symbol), words: words, score: score)
    }
}

extension BeamDecoder {
    /// How ``DecoderList`` knows it.
    package static let description = DecoderDescription(
        name: name,
        help: "a beam search, with a language model, a lexicon and hotwords where the job has them"
    ) { settings throws(DecoderError) in
        let settings = try BeamSettings(settings)
        return { vocabulary, artefacts throws(DecoderError) in
            try Factory(settings, vocabulary, artefacts)
        }
    }

    private struct Factory: CTCDecoderFactory {
        private let model: BeamModel
        private let hotwords: [Hotword]

        init(
            _ settings: BeamSettings, _ vocabulary: Vocabulary, _ artefacts: DecoderArtefacts
        ) throws(DecoderError) {
            model = try BeamModel(settings, vocabulary: vocabulary, artefacts: artefacts)
            hotwords = artefacts.hotwords
        }

        /// What beams may hold, and what one frame may need.
        var bytesOfDecoder: Int {
            let candidates = model.settings.width * model.vocabulary.symbols.count
            return (48 << 20) + 200 * model.branchesMax * candidates
        }

        func makeDecoder(hotwords: [Hotword]) -> any CTCDecoder {
            let model =
                hotwords.isEmpty
                ? model
                : BeamModel(model, jobHotwords: self.hotwords, rowHotwords: hotwords)
            // One beam and nothing to weigh: the best class of each frame is the best reading.
            if model.settings.width == 1, model.languageModel == nil, model.hotwords == nil {
                return GreedyDecoder(vocabulary: model.vocabulary)
            }
            return BeamDecoder(model)
        }
    }
}
