package import Files
internal import LanguageModels

/// Writes a model in KenLM's probing form, as build_binary does.
package enum ProbingWriter {
    /// Writes the model to `path`: whole, or not at all.
    ///
    /// - Precondition: the order is 2 at least; KenLM has no others.
    /// - Throws: if the disk refuses.
    package static func write(_ model: ModelEstimate, to path: String) throws(FileError) {
        precondition(model.order >= 2)
        let file = try AtomicFile(path)
        let header = KenLMHeader(probing: model.counts)
        let layout = Layout(header)
        try file.extend(to: layout.byteCount)
        var text: [UInt8] = []
        try file.withMappedBytes { bytes throws(FileError) in
            bytes.copyBytes(from: header.bytes)
            var tables = Tables(bytes, layout)
            try model.forEach { nGram throws(FileError) in
                if nGram.length == 1 {
                    let word = nGram.words[0]
                    tables.addWord(word, hash: model.words.hash(word), nGram)
                    text += model.words.word(word) + [0]
                } else {
                    tables.add(nGram)
                }
            }
        }
        try file.write(text)
        try file.commit()
    }

    /// Where everything stands in the file, up to the words.
    private struct Layout {
        let order: Int
        let wordCount: Int
        let vocabulary: (place: Int, buckets: Int)
        let unigrams: Int
        /// Of two words and more.
        var tables: [(place: Int, buckets: Int, entryBytes: Int)] = []
        let byteCount: Int

        init(_ header: KenLMHeader) {
            order = header.counts.count
            wordCount = header.counts[0]
            var place = header.byteCount
            vocabulary = (place, header.buckets(wordCount))
            place += 8 + 12 * vocabulary.buckets
            unigrams = place
            place += 8 * (wordCount + 1)
            for (position, count) in header.counts.enumerated().dropFirst() {
                let entryBytes = position + 1 == order ? 12 : 16
                let buckets = header.buckets(count)
                tables.append((place, buckets, entryBytes))
                place += buckets * entryBytes
            }
            byteCount = place
        }
    }

    private struct Tables {
        private let bytes: UnsafeMutableRawBufferPointer
        private let layout: Layout
        /// Numbers in the file by those in the text, which has more words if some are cut.
        private var numbers: [UInt32] = []
        private var wordCount: UInt32 = 0

        init(_ bytes: UnsafeMutableRawBufferPointer, _ layout: Layout) {
            self.bytes = bytes
            self.layout = layout
            bytes.storeBytes(
                of: UInt32(layout.wordCount), toByteOffset: layout.vocabulary.place + 4,
                as: UInt32.self)
        }

        mutating func addWord(_ word: UInt32, hash: UInt64, _ nGram: EstimatedNGram) {
            while numbers.count <= Int(word) { numbers.append(0) }
            numbers[Int(word)] = wordCount
            store(nGram, at: layout.unigrams + 8 * Int(wordCount), hasBackoff: true)
            if wordCount > 0 {
                let place = newPlace(
                    hash, layout.vocabulary.place + 8, layout.vocabulary.buckets, 12)
                bytes.storeBytes(of: wordCount, toByteOffset: place, as: UInt32.self)
            }
            wordCount += 1
        }

        func add(_ nGram: EstimatedNGram) {
            let table = layout.tables[nGram.length - 2]
            let place = newPlace(
                key(nGram.words, nGram.length), table.place, table.buckets, table.entryBytes)
            store(nGram, at: place, hasBackoff: nGram.length < layout.order)
            if nGram.isFirstOfSuffix { markSuffix(of: nGram) }
        }

        /// A positive number is KenLM's mark of an n-gram that longer ones end with; others end its
        /// search.
        private func markSuffix(of nGram: EstimatedNGram) {
            let length = nGram.length - 1
            let place: Int
            if length == 1 {
                place = layout.unigrams + 8 * Int(numbers[Int(nGram.words[0])])
            } else {
                let table = layout.tables[length - 2]
                place = found(
                    key(nGram.words, length), table.place, table.buckets, table.entryBytes)
            }
            let value = bytes.loadUnaligned(fromByteOffset: place, as: Float.self)
            bytes.storeBytes(of: value.magnitude, toByteOffset: place, as: Float.self)
        }

        private func key(_ words: NGramRecord, _ length: Int) -> UInt64 {
            var key = UInt64(numbers[Int(words[0])])
            for position in 1..<length {
                key = nGramKey(key, before: numbers[Int(words[position])])
            }
            return key
        }

        /// Words keep the sign of what was read, 0 among it; longer n-grams begin with the mark off.
        private func store(_ nGram: EstimatedNGram, at place: Int, hasBackoff: Bool) {
            let probability = nGram.log10Probability
            bytes.storeBytes(
                of: nGram.length == 1 && probability == 0 ? 0 : -probability.magnitude,
                toByteOffset: place, as: Float.self)
            guard hasBackoff else { return }
            let backoff = nGram.log10Backoff
            bytes.storeBytes(
                of: backoff == 0 ? (nGram.isContext ? 0 : -0.0) : backoff,
                toByteOffset: place + 4, as: Float.self)
        }

        /// Puts a key into the first free place of a table; returns where its value belongs.
        private func newPlace(_ key: UInt64, _ start: Int, _ buckets: Int, _ entryBytes: Int) -> Int
        {
            let place = search(key, for: 0, start, buckets, entryBytes)
            bytes.storeBytes(of: key, toByteOffset: place, as: UInt64.self)
            return place + 8
        }

        private func found(_ key: UInt64, _ start: Int, _ buckets: Int, _ entryBytes: Int) -> Int {
            search(key, for: key, start, buckets, entryBytes) + 8
        }

        /// From the key's own place on, the first one with `sought`, which is there.
        private func search(
            _ key: UInt64, for sought: UInt64, _ start: Int, _ buckets: Int, _ entryBytes: Int
        ) -> Int {
            var bucket = Int(key % UInt64(buckets))
            while true {
                let place = start + bucket * entryBytes
                if bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self) == sought {
                    return place
                }
                bucket = bucket + 1 == buckets ? 0 : bucket + 1
            }
        }
    }
}
