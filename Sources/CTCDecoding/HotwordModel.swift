internal import SpeechTypes

/// The hotwords of a job and a row, as a search meets them.
struct HotwordModel: Sendable {
    /// The words of all phrases.
    let words: LabelTrie
    /// Found whole, one boost a phrase.
    let phrases: HotwordPhrases
    /// Of each word, where each word of a phrase counts by itself; the first phrase with a word decides.
    let weights: [Double]
    /// For each node of ``words`` the weight of one label of the shortest word that begins there, where each
    /// word counts by itself.
    let rates: [Double]

    /// - Parameters:
    ///   - boundary: the label of a word's end; nil where the alphabet has no word delimiter.
    /// - Returns: nil where no hotword has any text.
    init?(_ hotwords: [Hotword], boundary: UInt32?) {
        var (phrases, phraseWeights): ([[UInt32]], [Double]) = ([], [])
        var words: [(labels: [UInt32], weight: Double)] = []
        for hotword in hotwords {
            let parts = hotword.phrase.unicodeScalars.split { $0.isPythonSpace }.map {
                $0.map(\.value)
            }
            guard !parts.isEmpty else { continue }
            phrases.append(Array(parts.joined(separator: boundary.map { [$0] } ?? [])))
            phraseWeights.append(hotword.weight)
            for part in parts { words.append((part, hotword.weight)) }
        }
        guard !phrases.isEmpty else { return nil }
        let trie = LabelTrie(words.map(\.labels))
        var shortest = [Int?](repeating: nil, count: trie.nodeCount)
        for node in (0..<trie.nodeCount).reversed() {
            if trie.words[node] >= 0 { shortest[node] = Int(trie.words[node]) }
            guard node > 0, let own = shortest[node] else { continue }
            let parent = Int(trie.parents[node])
            let other = shortest[parent]
            let isBetter = other.map { words[own].labels.count <= words[$0].labels.count } ?? true
            if isBetter { shortest[parent] = own }
        }
        self.words = trie
        self.phrases = HotwordPhrases(phrases, weights: phraseWeights, boundary: boundary)
        weights = words.map(\.weight)
        rates = shortest.map { word in
            word.map { words[$0].weight / Double(words[$0].labels.count) } ?? 0
        }
    }
}
