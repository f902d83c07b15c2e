/// The arcs of a text that may be said in several ways, each behind all that lead to it.
struct WordNetwork {
    struct Arc {
        /// Nil for silence.
        var text: String?
        var isOptional = false
        /// The arcs that may stand before this one, in the order in which they are tried.
        var before: [Int]
    }

    /// The first is the beginning, and no word.
    private(set) var arcs = [Arc(text: nil, before: [])]
    /// Those with which the text may end.
    private(set) var last: [Int] = [0]

    init(_ text: ReferenceText) {
        last = add(text.items, behind: [0])
    }

    /// Adds a run of items; returns the arcs that it may end with.
    private mutating func add(_ items: [ReferenceText.Item], behind: [Int]) -> [Int] {
        var ends = behind
        for item in items {
            switch item {
            case .word(let text, let isOptional):
                arcs.append(Arc(text: text, isOptional: isOptional, before: ends))
                ends = [arcs.count - 1]
            case .alternatives(let ways):
                let start = ends
                ends = []
                for way in ways {
                    if way.isEmpty {
                        arcs.append(Arc(text: nil, before: start))
                        ends.append(arcs.count - 1)
                    } else {
                        ends += add(way, behind: start)
                    }
                }
            }
        }
        return ends
    }
}
