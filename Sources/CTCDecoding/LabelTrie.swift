/// Words as a tree of their labels, flat in memory: the children of a node stand side by side, in the
/// order of their labels.
///
/// Labels are Unicode scalars, or the classes of an alphabet. A list of 200,000 words has about 600,000
/// nodes of 12 bytes.
struct LabelTrie: Sendable {
    /// Where every word begins.
    static let root: Int32 = 0
    /// No node: nothing in the tree begins like this.
    static let none: Int32 = -1

    /// The label on the way to each node.
    private var labels: [UInt32] = [0]
    /// The first child of each node, and at last one more: a node's children end where those of the next
    /// begin.
    private var firstChildren: [Int32] = []
    /// For each node the word that ends there; -1 for none.
    private(set) var words: [Int32] = []
    /// The parent of each node.
    private(set) var parents: [Int32] = [-1]

    var nodeCount: Int { words.count }

    /// - Parameter words: each a list of labels; of equal ones the first has the node.
    init(_ words: [[UInt32]]) {
        let order = words.indices.sorted { one, other in
            let (a, b) = (words[one], words[other])
            if a == b { return one < other }
            return a.lexicographicallyPrecedes(b)
        }
        // Breadth first: each node is a range of the sorted words and what they have in common.
        var ranges: [(range: Range<Int>, depth: Int)] = [(0..<order.count, 0)]
        var next = 0
        while next < ranges.count {
            var (range, depth) = ranges[next]
            firstChildren.append(Int32(ranges.count))
            var own: Int32 = -1
            while let first = range.first, words[order[first]].count == depth {
                if own < 0 { own = Int32(order[first]) }
                range = first + 1..<range.upperBound
            }
            self.words.append(own)
            while let first = range.first {
                let label = words[order[first]][depth]
                var end = first + 1
                while end < range.upperBound, words[order[end]][depth] == label { end += 1 }
                labels.append(label)
                parents.append(Int32(next))
                ranges.append((first..<end, depth + 1))
                range = end..<range.upperBound
            }
            next += 1
        }
        firstChildren.append(Int32(ranges.count))
    }

    /// The children of a node.
    func children(of node: Int32) -> Range<Int32> {
        firstChildren[Int(node)]..<firstChildren[Int(node) + 1]
    }

    /// The label on the way to `node`.
    func label(of node: Int32) -> UInt32 { labels[Int(node)] }

    /// The child of `node` behind `label`; ``none`` where there is none.
    func child(of node: Int32, _ label: UInt32) -> Int32 {
        var (low, high) = (firstChildren[Int(node)], firstChildren[Int(node) + 1])
        while low < high {
            let middle = low + (high - low) / 2
            let found = labels[Int(middle)]
            if found == label { return middle }
            if found < label { low = middle + 1 } else { high = middle }
        }
        return Self.none
    }
}
