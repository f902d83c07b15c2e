/// Follows texts label by label, and says what phrases they hold: each phrase once, whatever its length.
///
/// An automaton after Aho and Corasick. Of phrases that begin at one place the longest counts, and what
/// belongs to one phrase begins no other. While a phrase is only begun, a part of its weight is lent; it
/// is taken back where the text goes on otherwise.
struct HotwordPhrases: Sendable {
    /// Between texts of which no phrase is begun.
    static let start: Int32 = LabelTrie.root
    /// Within a word that no phrase begins with, up to its end.
    private static let adrift: Int32 = LabelTrie.none

    private let trie: LabelTrie
    /// Phrases begin and end where words do.
    private let boundary: UInt32?
    /// What is lent in each state.
    private var lent: [Double] = []
    /// Where a text stands that does not go on as any phrase of the state, and what it has earned by then.
    private var fallbacks: [Int32] = []
    private var earned: [Double] = []
    /// The weight of the phrase that is complete there, where no longer one begins with it.
    private var completed: [Double?] = []

    /// - Parameters:
    ///   - phrases: labels of each, with `boundary` between words and none at the end.
    ///   - boundary: the label of a word's end; nil where words have none, so that phrases are found anywhere.
    init(_ phrases: [[UInt32]], weights: [Double], boundary: UInt32?) {
        let trie = LabelTrie(boundary.map { label in phrases.map { $0 + [label] } } ?? phrases)
        self.trie = trie
        self.boundary = boundary
        let count = trie.nodeCount
        // The greatest weight of a label of the phrases below each node; rarer phrases are not lent.
        var rates = [Double](repeating: 0, count: count)
        for node in (1..<max(1, count)).reversed() {
            if trie.words[node] >= 0 {
                let phrase = Int(trie.words[node])
                let rate = weights[phrase] / Double(phrases[phrase].count)
                if boundary == nil { rates[node] = max(rates[node], rate) }
                let parent = Int(trie.parents[node])
                rates[parent] = max(rates[parent], rate)
            }
            let parent = Int(trie.parents[node])
            rates[parent] = max(rates[parent], rates[node])
        }
        var paths: [[UInt32]] = [[]]
        // The longest phrase on the way to each node: its weight, and its labels.
        var whole: [(weight: Double, length: Int)?] = [nil]
        lent = [0]
        fallbacks = [Self.start]
        earned = [0]
        completed = [nil]
        for node in 1..<max(1, count) {
            let parent = Int(trie.parents[node])
            let path = paths[parent] + [trie.label(of: Int32(node))]
            paths.append(path)
            let own = trie.words[node] >= 0 ? weights[Int(trie.words[node])] : nil
            let longest = own.map { ($0, path.count) } ?? whole[parent]
            whole.append(longest)
            let begun = Double(path.count) * rates[node]
            lent.append(longest.map { max($0.0, begun) } ?? begun)
            let isLeaf = trie.children(of: Int32(node)).isEmpty
            completed.append(isLeaf ? own : nil)
            var rest: ArraySlice<UInt32>? = path.dropFirst(longest?.1 ?? 1)
            if longest == nil, let boundary {
                rest = path.firstIndex(of: boundary).map { path[($0 + 1)...] }
            }
            var state = Self.adrift
            var sum = longest?.0 ?? 0
            if let rest {
                state = Self.start
                for label in rest { sum += advance(&state, label) }
            }
            fallbacks.append(state)
            earned.append(sum)
        }
    }

    /// Goes on by one label.
    ///
    /// - Returns: what the text has earned for good.
    func advance(_ state: inout Int32, _ label: UInt32) -> Double {
        var sum = 0.0
        while true {
            if state == Self.adrift {
                if label == boundary { state = Self.start }
                return sum
            }
            let child = trie.child(of: state, label)
            if child != LabelTrie.none {
                if let weight = completed[Int(child)] {
                    state = Self.start
                    return sum + weight
                }
                state = child
                return sum
            }
            if state == Self.start {
                if boundary != nil, label != boundary { state = Self.adrift }
                return sum
            }
            sum += earned[Int(state)]
            state = fallbacks[Int(state)]
        }
    }

    /// What is lent to a text that has come to `state`.
    func lent(in state: Int32) -> Double { state < 0 ? 0 : lent[Int(state)] }

    /// What a text that ends in `state`, at the end of a word, earns at last.
    func earnedAtEnd(in state: Int32) -> Double {
        var (state, sum) = (state, 0.0)
        while state > 0 {
            sum += earned[Int(state)]
            state = fallbacks[Int(state)]
        }
        return sum
    }
}
