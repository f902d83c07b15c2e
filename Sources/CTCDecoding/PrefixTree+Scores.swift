internal import LanguageModels
internal import SpeechTypes

/// What language model, known words and hotwords say of a prefix.
extension PrefixTree {
    /// Labels of a usual word: longer unknown ones cost more.
    private static let usualLength = 6.0

    /// Scores a word that has ended.
    ///
    /// - Parameters:
    ///   - index: in the language model's vocabulary.
    ///   - offset: added to log10 of its probability.
    func addWord(
        to node: inout PrefixNode, _ index: UInt32, offset: Double, bonus: Double
    ) {
        guard let languageModel = model.languageModel else {
            if model.lexicon != nil { node.score += bonus }
            return
        }
        let score = languageModel.score(index, after: states.base[Int(node.state)])
        node.score += model.scale * (Double(score.log10Probability) + offset) + bonus
        states.grow(score.state)
        node.state = Int32(states.count - 1)
    }

    /// The word that ends at `node`, which is a prefix within it.
    func word(endingAt node: Int32) -> (index: UInt32, isListed: Bool) {
        let own = nodes.base[Int(node)]
        if let unigrams = model.unigrams, own.unigram >= 0 {
            let word = unigrams.words[Int(own.unigram)]
            if word >= 0 { return (model.unigramWords[Int(word)], true) }
        }
        let index = spell(node) ? indexOfSpelling() : LanguageModel.unknownWord
        if let hotwords = model.hotwords, !model.settings.isCompatible, own.hotword >= 0,
            hotwords.words.words[Int(own.hotword)] >= 0
        {
            // Whoever asks for a word knows it.
            return (index, true)
        }
        let hasList = model.unigrams.map { $0.nodeCount > 1 } ?? false
        return (index, !hasList && index != LanguageModel.unknownWord)
    }

    private func indexOfSpelling() -> UInt32 {
        spelling.withUnsafeBufferPointer {
            model.languageModel?.index(of: $0) ?? LanguageModel.unknownWord
        }
    }

    /// Writes the word that `node` is within into ``spelling``; false where its beginning is not kept,
    /// because no word is so long.
    private func spell(_ node: Int32) -> Bool {
        spelled.removeAll(keepingCapacity: true)
        var current = node
        while current >= 0, nodes.base[Int(current)].length > 0 {
            spelled.append(nodes.base[Int(current)].label)
            current = nodes.base[Int(current)].parent
        }
        guard current >= 0 else { return false }
        spelling.removeAll(keepingCapacity: true)
        for label in spelled.reversed() {
            guard let units = Unicode.Scalar(label).flatMap({ UTF8.encode($0) }) else { continue }
            spelling.append(contentsOf: units)
        }
        return true
    }

    // MARK: Words that have not ended

    /// What holds for the unfinished word of `node`.
    ///
    /// Without a list no word is known before it has ended. If that cost nothing, words that have ended,
    /// and have paid for themselves, would be dropped for those that never end.
    func partialScore(_ node: PrefixNode) -> Double {
        if let hotwords = model.hotwords, node.hotword >= 0 {
            return model.settings.isCompatible
                ? hotwords.rates[Int(node.hotword)] * Double(node.length) : lentToPhrase(node)
        }
        let isUnknown =
            model.languageModel != nil && (model.unigrams == nil || node.unigram < 0)
        return (isUnknown ? unknownScore(node) : 0) + lentToPhrase(node)
    }

    private func unknownScore(_ node: PrefixNode) -> Double {
        let length = Double(node.length)
        let offset = model.settings.unknownOffset
        return length > Self.usualLength ? offset * length / Self.usualLength : offset
    }

    // MARK: Hotwords

    func lentToPhrase(_ node: PrefixNode) -> Double {
        guard let hotwords = model.hotwords, !model.settings.isCompatible else { return 0 }
        return hotwords.phrases.lent(in: node.phrase)
    }

    /// Ends the word of `node` for the hotwords.
    func endHotword(_ node: inout PrefixNode) {
        guard let hotwords = model.hotwords else { return }
        if model.settings.isCompatible {
            guard node.hotword >= 0 else { return }
            let word = hotwords.words.words[Int(node.hotword)]
            if word >= 0 { node.score += hotwords.weights[Int(word)] }
        } else {
            node.score += hotwords.phrases.advance(&node.phrase, BeamModel.boundary)
        }
    }

    /// Where symbols are words: the text of one goes on in the phrases.
    func addSymbolToPhrases(_ node: inout PrefixNode, _ symbol: Int) {
        guard let hotwords = model.hotwords, symbol >= 0 else { return }
        guard model.kinds[symbol] != .boundary else {
            node.score += hotwords.phrases.advance(&node.phrase, BeamModel.boundary)
            return
        }
        for label in model.labels[symbol] {
            node.score += hotwords.phrases.advance(&node.phrase, label)
        }
    }

    // MARK: The end

    /// What the end of the text adds to the score of a prefix whose last word has ended.
    func endScore(_ node: Int32) -> Double {
        let own = nodes.base[Int(node)]
        var sum = 0.0
        if let hotwords = model.hotwords, !model.settings.isCompatible {
            sum += hotwords.phrases.earnedAtEnd(in: own.phrase)
        }
        guard let languageModel = model.languageModel, model.settings.scoresBoundary else {
            return sum
        }
        let score = languageModel.score(
            languageModel.sentenceEnd, after: states.base[Int(own.state)])
        return sum + model.scale * Double(score.log10Probability)
    }

    /// The same where the text ends with a delimiter, as pyctcdecode has it: an empty word follows, which
    /// no model knows.
    func endScoreOfEmptyWord(_ node: Int32) -> Double {
        guard let languageModel = model.languageModel else { return 0 }
        let own = nodes.base[Int(node)]
        let empty = languageModel.score(
            LanguageModel.unknownWord, after: states.base[Int(own.state)])
        var log10 = Double(empty.log10Probability) + model.settings.unknownOffset
        if model.settings.scoresBoundary {
            log10 += Double(
                languageModel.score(languageModel.sentenceEnd, after: empty.state)
                    .log10Probability)
        }
        return model.scale * log10 + model.settings.beta
    }
}
