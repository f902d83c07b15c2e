internal import SpeechTypes

/// The symbols that beams have read: each beam's are a chain, and beams share their beginnings.
///
/// What all beams have in common is written down for good, so that only what they differ in is held.
///
/// Unchecked, because one thread at a time uses a decoder and all that it has.
final class SymbolHistory: @unchecked Sendable {
    /// A symbol whose frames have ended.
    struct Entry: BitwiseCopyable {
        /// The symbol before it; -1 for the last one that is written down.
        var parent: Int32
        var index: Int32
        var start: Int32
        var end: Int32
        /// Mean log-probability of its frames.
        var score: Float
        var confidence: Float
        /// The word of a lexicon that ends with it; -1 for none.
        var word: Int32

        var symbol: Transcript.Symbol {
            Transcript.Symbol(
                index: Int(index), frames: Int(start)..<Int(end), score: score,
                confidence: confidence)
        }
    }

    let entries = Pool<Entry>(capacity: 1_024)
    /// What all beams have in common, oldest first.
    private(set) var common: [Entry] = []
    private var remapped: [Int32] = []

    /// Writes down what `heads` have in common, forgets what none of them holds, and writes their new
    /// numbers.
    func compact(_ heads: UnsafeMutableBufferPointer<Int32>) {
        guard var shared = heads.first else { return }
        for head in heads {
            var other = head
            // A symbol has a greater number than the one before it.
            while shared != other {
                if shared > other {
                    shared = entries.base[Int(shared)].parent
                } else {
                    other = entries.base[Int(other)].parent
                }
            }
        }
        common += symbols(upTo: shared)
        remapped.removeAll(keepingCapacity: true)
        remapped.append(contentsOf: repeatElement(-1, count: entries.count))
        for head in heads {
            var current = head
            while current > shared, remapped[Int(current)] < 0 {
                remapped[Int(current)] = 0
                current = entries.base[Int(current)].parent
            }
        }
        var kept = 0
        for entry in 0..<entries.count where remapped[entry] >= 0 {
            var own = entries.base[entry]
            own.parent = own.parent > shared ? remapped[Int(own.parent)] : -1
            entries.base[kept] = own
            remapped[entry] = Int32(kept)
            kept += 1
        }
        entries.count = kept
        for position in heads.indices {
            heads[position] = heads[position] > shared ? remapped[Int(heads[position])] : -1
        }
    }

    /// The symbols up to `head` that are not in ``common``, oldest first.
    func symbols(upTo head: Int32) -> [Entry] {
        var symbols: [Entry] = []
        var current = head
        while current >= 0 {
            symbols.append(entries.base[Int(current)])
            current = entries.base[Int(current)].parent
        }
        symbols.reverse()
        return symbols
    }

    /// The symbol in the middle of those up to `head` that are held.
    func middle(of head: Int32) -> Int32 {
        var count = 0
        var current = head
        while current >= 0 {
            count += 1
            current = entries.base[Int(current)].parent
        }
        current = head
        for _ in 0..<count / 2 { current = entries.base[Int(current)].parent }
        return current
    }

    /// Whether the chain of `head` holds `entry`.
    func chain(of head: Int32, holds entry: Int32) -> Bool {
        var current = head
        while current > entry { current = entries.base[Int(current)].parent }
        return current == entry
    }
}
