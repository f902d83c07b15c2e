internal import SpeechTypes

/// The search among the words of a lexicon, as flashlight does it (Collobert et al., 2016, "Wav2Letter: an
/// End-to-End ConvNet-based Speech Recognition System").
extension BeamSearch {
    /// Prolongs each beam by each class with which the lexicon has a word.
    func expand(by lexicon: LexiconModel) {
        let isFlashlight = model.settings.isCompatible
        for position in 0..<active.count {
            let index = Int(active.base[position])
            let log = logs.base[index]
            let last = model.firstClasses[index]
            let isBlank = index == model.vocabulary.blank
            for source in 0..<beams.count {
                let beam = beams.base[source]
                var candidate = Candidate(
                    acoustic: beam.acoustic + log, best: beam.acoustic + log, node: beam.node,
                    last: last, index: Int32(index), source: Int32(source), next: -1)
                if isBlank {
                    add(candidate)
                    continue
                }
                let place = tree.nodes.base[Int(beam.node)].unigram
                if place == LexiconModel.root, index == model.vocabulary.wordDelimiter {
                    // Between words.
                    add(candidate)
                    continue
                }
                let isRepeated = beam.last == last
                let isWithin = place != LexiconModel.root
                // A word's last symbol may last, which flashlight does not allow.
                if isRepeated, isWithin || !isFlashlight { add(candidate) }
                guard !isRepeated || isFlashlight else { continue }
                let child = lexicon.trie.child(of: place, UInt32(index))
                guard child != LabelTrie.none else { continue }
                if !isRepeated, !lexicon.trie.children(of: child).isEmpty {
                    candidate.node = tree.goOn(beam.node, to: child, by: index)
                    add(candidate)
                }
                // flashlight ends words with a symbol that is only repeated, too.
                let entries = lexicon.entries(at: child)
                for entry in entries where !isRepeated || isWithin {
                    candidate.node = tree.endWord(beam.node, as: entry, by: index)
                    add(candidate)
                }
                if entries.isEmpty, model.settings.unknownWordScore != nil {
                    candidate.node = tree.endWord(
                        beam.node, as: LexiconModel.unknownWord, by: index)
                    add(candidate)
                }
            }
        }
    }
}

extension PrefixTree {
    /// The prefix that goes on within a word, to `place` in the lexicon.
    ///
    /// - Precondition: there is room for a node.
    func goOn(_ node: Int32, to place: Int32, by index: Int) -> Int32 {
        child(node, UInt32(index)) { own in
            own.length += 1
            own.unigram = place
            own.word = -1
            spellPhrases(&own, index)
            let lookahead =
                model.settings.looksAhead ? model.lexicon?.lookahead[Int(place)] ?? 0 : 0
            own.total = own.score + model.scale * lookahead + lentToPhrase(own)
        }
    }

    /// The prefix after a word of the lexicon: the same one however the word was spelled.
    ///
    /// - Precondition: there is room for a node.
    func endWord(_ node: Int32, as entry: Int32, by index: Int) -> Int32 {
        var start = node
        while nodes.base[Int(start)].length > 0 { start = nodes.base[Int(start)].parent }
        let within = nodes.base[Int(node)]
        return child(start, LexiconModel.wordLabels + UInt32(entry)) { own in
            own.score = within.score
            own.phrase = within.phrase
            own.length = 0
            own.unigram = LexiconModel.root
            own.word = entry
            spellPhrases(&own, index)
            if let hotwords = model.hotwords {
                own.score += hotwords.phrases.advance(&own.phrase, BeamModel.boundary)
            }
            if entry == LexiconModel.unknownWord {
                addWord(to: &own, 0, offset: 0, bonus: model.settings.unknownWordScore ?? 0)
            } else {
                let word = model.lexicon?.words[Int(entry)] ?? 0
                addWord(to: &own, word, offset: 0, bonus: model.settings.beta)
            }
            own.total = own.score + lentToPhrase(own)
        }
    }

    private func spellPhrases(_ node: inout PrefixNode, _ index: Int) {
        guard let hotwords = model.hotwords, model.kinds[index] == .text else { return }
        for label in model.labels[index] {
            node.score += hotwords.phrases.advance(&node.phrase, label)
        }
    }
}
