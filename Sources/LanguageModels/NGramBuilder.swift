/// N-grams as they are read from a text, which become ``ProbingTables``.
struct NGramBuilder {
    /// N-grams of one length, by their keys.
    private struct Level {
        var positions: [UInt64: Int32] = [:]
        var keys: [UInt64] = []
        var entries: [NGramEntry] = []

        subscript(key: UInt64) -> NGramEntry? { positions[key].map { entries[Int($0)] } }

        /// The first one of equal keys stays.
        mutating func insert(_ key: UInt64, _ entry: NGramEntry) {
            guard positions[key] == nil else { return }
            positions[key] = Int32(keys.count)
            keys.append(key)
            entries.append(entry)
        }

        /// Notes that a longer n-gram begins with this one; false if there is none.
        mutating func extend(_ key: UInt64) -> Bool {
            guard let position = positions[key].map({ Int($0) }) else { return false }
            if !entries[position].isExtended { entries[position].log10Backoff = 0 }
            return true
        }
    }

    private var unigrams: [NGramEntry] = [NGramEntry(log10Probability: -100, log10Backoff: -0.0)]
    /// Of two words and more.
    private var levels: [Level]

    init(order: Int) { levels = (1..<max(1, order)).map { _ in Level() } }

    /// - Returns: the word's index.
    mutating func addWord(_ entry: NGramEntry) -> UInt32 {
        unigrams.append(entry)
        return UInt32(unigrams.count - 1)
    }

    mutating func setUnknown(_ entry: NGramEntry) { unigrams[0] = entry }

    var wordCount: Int { unigrams.count }

    /// Adds an n-gram of two words or more, oldest first.
    ///
    /// - Returns: false where the model has no n-gram of all its words but the last.
    mutating func add(_ words: ArraySlice<UInt32>, _ entry: NGramEntry) -> Bool {
        guard extend(words.dropLast()) else { return false }
        if words.count > 2 { ensure(words.dropFirst()) }
        levels[words.count - 2].insert(Self.key(words), entry)
        return true
    }

    private mutating func extend(_ words: ArraySlice<UInt32>) -> Bool {
        guard words.count == 1 else { return levels[words.count - 2].extend(Self.key(words)) }
        guard let word = words.first.map({ Int($0) }) else { return false }
        if !unigrams[word].isExtended { unigrams[word].log10Backoff = 0 }
        return true
    }

    /// Puts an n-gram where a pruned model has none, with the probability that backing off gives: the
    /// search goes from newer words to older ones, and would not find longer n-grams behind a gap.
    private mutating func ensure(_ words: ArraySlice<UInt32>) {
        let key = Self.key(words)
        guard levels[words.count - 2][key] == nil else { return }
        if words.count > 2 { ensure(words.dropFirst()) }
        let shorter = entry(words.dropFirst())?.log10Probability ?? -100
        let backoff = entry(words.dropLast())?.log10Backoff ?? 0
        levels[words.count - 2].insert(
            key, NGramEntry(log10Probability: shorter + backoff, log10Backoff: -0.0))
    }

    private func entry(_ words: ArraySlice<UInt32>) -> NGramEntry? {
        words.count == 1
            ? words.first.map { unigrams[Int($0)] } : levels[words.count - 2][Self.key(words)]
    }

    private static func key(_ words: ArraySlice<UInt32>) -> UInt64 {
        guard let newest = words.last else { return 0 }
        return words.dropLast().reversed().reduce(UInt64(newest)) { nGramKey($0, before: $1) }
    }

    /// The tables of all that was added.
    consuming func tables() -> ProbingTables {
        let unigrams = unigrams
        let memory = ModelBytes(count: 8 * (unigrams.count + 1)) { bytes in
            for (word, entry) in unigrams.enumerated() { Self.store(entry, bytes, at: 8 * word) }
        }
        let order = levels.count + 1
        let tables = levels.enumerated().map { position, level in
            let isLongest = position + 2 == order
            return ProbingTable(keys: level.keys, entryBytes: isLongest ? 12 : 16) { entry, value in
                if isLongest {
                    value.storeBytes(of: level.entries[entry].log10Probability, as: Float.self)
                } else {
                    Self.store(level.entries[entry], value, at: 0)
                }
            }
        }
        return ProbingTables(
            order: order, unigrams: memory, unigramsOffset: 0, unigramCount: unigrams.count,
            tables: tables)
    }

    private static func store(
        _ entry: NGramEntry, _ bytes: UnsafeMutableRawBufferPointer, at place: Int
    ) {
        bytes.storeBytes(of: entry.log10Probability, toByteOffset: place, as: Float.self)
        bytes.storeBytes(of: entry.log10Backoff, toByteOffset: place + 4, as: Float.self)
    }
}
