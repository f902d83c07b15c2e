/// What is left when all frames are read.
extension BeamSearch {
    /// A text that the search found.
    struct Reading {
        /// Acoustic, language model, bonuses and hotwords.
        var score: Double
        var acoustic: Double
        var symbols: [SymbolHistory.Entry]
    }

    private func endScore(_ candidate: Candidate) -> Double {
        let beam = beams.base[Int(candidate.source)]
        let endsInWord = tree.nodes.base[Int(beam.node)].length > 0
        return model.keepsLastWay && !endsInWord
            ? tree.endScoreOfEmptyWord(candidate.node) : tree.endScore(candidate.node)
    }

    /// All readings that are left at the end, the best first, and how many symbols they have in common.
    ///
    /// - Parameter count: of the readings whose symbols are wanted.
    func finish(_ count: Int) -> (readings: [Reading], common: [SymbolHistory.Entry]) {
        candidates.count = 0
        candidates.reserve(beams.count)
        ranked.count = 0
        ranked.reserve(beams.count)
        tree.reserve(beams.count)
        let endsAreWhole =
            model.lexicon != nil
            && (0..<beams.count).contains { tree.nodes.base[Int(beams.base[$0].node)].length == 0 }
        for source in 0..<beams.count {
            let beam = beams.base[source]
            if endsAreWhole, tree.nodes.base[Int(beam.node)].length > 0 { continue }
            let node =
                model.isBySymbol || model.lexicon != nil ? beam.node : tree.endWord(beam.node)
            add(
                Candidate(
                    acoustic: beam.acoustic, best: beam.acoustic, node: node, last: -1, index: -1,
                    source: Int32(source), next: -1))
        }
        var best = -Double.infinity
        for position in 0..<candidates.count {
            let candidate = candidates.base[position]
            let node = tree.nodes.base[Int(candidate.node)]
            // A word of a lexicon that has not ended keeps what it was taken to get.
            let isWithin = model.lexicon != nil && node.length > 0
            let score =
                candidate.acoustic + (isWithin ? node.total : node.score) + endScore(candidate)
            best = max(best, score)
            ranked.append(Ranked(score: score, candidate: Int32(position)))
        }
        let least = best + (model.settings.pruneLog ?? -.infinity)
        var kept = 0
        for position in 0..<ranked.count where ranked.base[position].score >= least {
            ranked.base[kept] = ranked.base[position]
            kept += 1
        }
        ranked.count = kept
        Ranking.sort(ranked, keeping: model.settings.width, scratch: scratch)
        var readings: [Reading] = []
        for position in 0..<ranked.count {
            let candidate = candidates.base[Int(ranked.base[position].candidate)]
            var symbols: [SymbolHistory.Entry] = []
            if position < count {
                let beam = beams.base[Int(candidate.source)]
                symbols = history.symbols(upTo: beam.history)
                if beam.open >= 0 { symbols.append(entry(of: beam)) }
            }
            readings.append(
                Reading(
                    score: ranked.base[position].score, acoustic: candidate.acoustic,
                    symbols: symbols))
        }
        return (readings, history.common)
    }
}
