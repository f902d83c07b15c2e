/// A hash table with linear probing in KenLM's layout: the key in the first 8 bytes of an entry, 0 for
/// an empty one.
struct ProbingTable: Sendable {
    private let memory: ModelBytes
    private let offset: Int
    private let buckets: Int
    private let entryBytes: Int

    /// - Precondition: all entries lie within `memory`, and there is one at least.
    init(_ memory: ModelBytes, offset: Int, buckets: Int, entryBytes: Int) {
        precondition(buckets > 0 && offset + buckets * entryBytes <= memory.bytes.count)
        self.memory = memory
        self.offset = offset
        self.buckets = buckets
        self.entryBytes = entryBytes
    }

    /// A table in memory.
    ///
    /// - Parameter write: puts what belongs to a key behind it.
    init(
        keys: [UInt64], entryBytes: Int,
        write: (_ position: Int, _ value: UnsafeMutableRawBufferPointer) -> Void
    ) {
        let buckets = max(keys.count + 1, keys.count + keys.count / 2)
        let memory = ModelBytes(count: buckets * entryBytes) { bytes in
            for (position, key) in keys.enumerated() {
                var bucket = Int(key % UInt64(buckets))
                while bytes.loadUnaligned(fromByteOffset: bucket * entryBytes, as: UInt64.self) != 0
                {
                    bucket = bucket + 1 == buckets ? 0 : bucket + 1
                }
                let start = bucket * entryBytes
                bytes.storeBytes(of: key, toByteOffset: start, as: UInt64.self)
                write(
                    position,
                    UnsafeMutableRawBufferPointer(rebasing: bytes[start + 8..<start + entryBytes]))
            }
        }
        self.init(memory, offset: 0, buckets: buckets, entryBytes: entryBytes)
    }

    /// Where the value of `key` begins in ``bytes``; nil if there is none.
    ///
    /// Ends whatever the table holds: a file need not have an empty entry.
    private func place(of key: UInt64) -> Int? {
        var bucket = Int(key % UInt64(buckets))
        for _ in 0..<buckets {
            let start = offset + bucket * entryBytes
            let found = memory.bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)
            if found == key { return start + 8 }
            if found == 0 { return nil }
            bucket = bucket + 1 == buckets ? 0 : bucket + 1
        }
        return nil
    }

    /// Four bytes of the value of `key`, the first or the second.
    func load<Value: BitwiseCopyable>(_ key: UInt64, as type: Value.Type) -> Value? {
        place(of: key).map { memory.bytes.loadUnaligned(fromByteOffset: $0, as: type) }
    }

    /// Probability and backoff of an n-gram that is not of the highest order.
    func entry(_ key: UInt64) -> NGramEntry? {
        place(of: key).map { place in
            NGramEntry(
                // The sign is a mark of KenLM's; all probabilities are 1 at most.
                log10Probability: -memory.bytes.loadUnaligned(
                    fromByteOffset: place, as: Float.self
                ).magnitude,
                log10Backoff: memory.bytes.loadUnaligned(
                    fromByteOffset: place + 4, as: Float.self))
        }
    }
}

/// N-grams in hash tables: KenLM's probing form, and what an ARPA file becomes.
struct ProbingTables: NGramSearch {
    let order: Int
    let unigrams: ModelBytes
    let unigramsOffset: Int
    /// Of words, `<unk>` among them.
    let unigramCount: Int
    /// Of two words and more, the highest order last.
    let tables: [ProbingTable]

    func unigram(_ word: UInt32) -> (entry: NGramEntry, node: UInt64) {
        let word = Int(word) < unigramCount ? word : 0
        let place = unigramsOffset + 8 * Int(word)
        let entry = NGramEntry(
            log10Probability: -unigrams.bytes.loadUnaligned(fromByteOffset: place, as: Float.self)
                .magnitude,
            log10Backoff: unigrams.bytes.loadUnaligned(fromByteOffset: place + 4, as: Float.self))
        return (entry, UInt64(word))
    }

    func middle(_ word: UInt32, length: Int, node: inout UInt64) -> NGramEntry? {
        node = nGramKey(node, before: word)
        return tables[length - 2].entry(node)
    }

    func longest(_ word: UInt32, node: UInt64) -> Float? {
        tables[order - 2].load(nGramKey(node, before: word), as: Float.self).map { -$0.magnitude }
    }
}
