internal import Glibc

/// Reads n-gram models in ARPA form, as SRILM, KenLM and pocketsphinx write them.
///
/// `\data\`, the counts, the n-grams of each order (`probability<TAB>words[<TAB>backoff]`, in log10), and
/// `\end\`. Fields are told apart by tabs, as KenLM demands, since words may be any other bytes.
struct ARPAReader {
    private let path: String
    private var lines: ARPALines
    private var builder = NGramBuilder(order: 1)
    private var words: [UInt64: UInt32] = [:]
    private var counts: [Int] = []
    /// All words, each ended by NUL.
    private var texts: [UInt8] = []
    private var hasBackoff: [Bool] = []

    /// What a file gave.
    struct Result {
        let tables: ProbingTables
        let words: ProbingTable
        let counts: [Int]
        let texts: WordTexts
    }

    init(_ lines: ARPALines, path: String) {
        self.lines = lines
        self.path = path
    }

    /// - Throws: where the text is no such model, with the line.
    consuming func run() throws(LanguageModelError) -> Result {
        try readCounts()
        builder = NGramBuilder(order: counts.count)
        for length in 1...counts.count { try readNGrams(length) }
        try expect("\\end\\")
        while let line = try lines.next() {
            guard line.isEmpty else { throw failure("there is more behind \\end\\") }
        }
        for mark in ["<s>", "</s>"] where words[wordHash(Array(mark.utf8))] == nil {
            throw LanguageModelError(
                path, "it has no \(mark): a model of sentences has their beginning and end")
        }
        let hashes = Array(words.keys)
        let indices = words
        let table = ProbingTable(keys: hashes, entryBytes: 12) { position, value in
            value.storeBytes(of: indices[hashes[position]] ?? 0, as: UInt32.self)
        }
        return Result(
            tables: builder.tables(), words: table, counts: counts,
            texts: .read(bytes: texts, hasBackoff: hasBackoff))
    }

    private func failure(_ message: String) -> LanguageModelError {
        LanguageModelError(path, place: "line \(lines.number)", message)
    }

    // MARK: Counts

    private mutating func readCounts() throws(LanguageModelError) {
        try expect("\\data\\", orComments: true)
        while let line = try lines.next(), !line.isEmpty {
            let text = String(decoding: line, as: UTF8.self)
            let order = counts.count + 1
            guard text.hasPrefix("ngram \(order)="),
                let count = Int(text.dropFirst("ngram \(order)=".count)), count >= 0
            else {
                throw failure("\(Self.shown(line)) is not `ngram \(order)=COUNT`")
            }
            guard order <= LanguageModel.orderMax else {
                throw failure("n-grams of more than \(LanguageModel.orderMax) words")
            }
            counts.append(count)
        }
        guard !counts.isEmpty else { throw failure("there are no counts of n-grams") }
    }

    /// Skips empty lines, and comments where they may be, up to a line that must be `text`.
    private mutating func expect(
        _ text: String, orComments: Bool = false
    ) throws(LanguageModelError) {
        while let line = try lines.next() {
            if line.isEmpty || orComments && line.first == UInt8(ascii: "#") { continue }
            guard line.elementsEqual(text.utf8) else {
                throw failure("\(Self.shown(line)) is not \(text); is this an ARPA file?")
            }
            return
        }
        throw LanguageModelError(path, "the file ends before \(text); it is cut short")
    }

    // MARK: N-grams

    private mutating func readNGrams(_ length: Int) throws(LanguageModelError) {
        try expect("\\\(length)-grams:")
        var indices: [UInt32] = []
        for position in 0..<counts[length - 1] {
            guard let line = try lines.next() else {
                throw LanguageModelError(
                    path, "the file ends within its \(length)-grams; it is cut short")
            }
            guard !line.isEmpty, line.first != UInt8(ascii: "\\") else {
                throw failure(
                    "there are \(position) \(length)-grams; \\data\\ says \(counts[length - 1])")
            }
            let fields = line.split(
                separator: UInt8(ascii: "\t"), maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count >= 2, let probability = Self.number(fields[0]) else {
                throw failure("\(Self.shown(line)) is not `log10<TAB>words[<TAB>backoff]`")
            }
            guard probability <= 0 else {
                throw failure("a probability above 1: its logarithm is \(probability)")
            }
            let entry = NGramEntry(
                log10Probability: probability,
                log10Backoff: try backoff(fields.count == 3 ? fields[2] : nil, length))
            let words = fields[1].split(
                separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            guard words.count == length, words.allSatisfy({ !$0.isEmpty }) else {
                throw failure("\(Self.shown(line)) has not \(length) words between single spaces")
            }
            if length == 1 {
                texts += words[0]
                texts.append(0)
                hasBackoff.append(fields.count == 3)
                try addWord(words[0], entry)
                continue
            }
            indices.removeAll(keepingCapacity: true)
            for word in words { indices.append(try index(of: word)) }
            guard builder.add(indices[...], entry) else {
                throw failure(
                    "\(Self.shown(line)): the model has no \(length - 1)-gram of all its words but "
                        + "the last")
            }
        }
    }

    private mutating func addWord(
        _ word: ArraySlice<UInt8>, _ entry: NGramEntry
    ) throws(LanguageModelError) {
        if LanguageModel.isUnknown(word) { return builder.setUnknown(entry) }
        let hash = wordHash(word)
        // The first one stays, as in KenLM.
        guard words[hash] == nil else { return }
        guard builder.wordCount < Int(Int32.max) else { throw failure("too many words") }
        words[hash] = builder.addWord(entry)
    }

    private func index(of word: ArraySlice<UInt8>) throws(LanguageModelError) -> UInt32 {
        if let index = words[wordHash(word)] { return index }
        guard LanguageModel.isUnknown(word) else {
            throw failure("the word \(Self.shown(word)) is none of the 1-grams")
        }
        return 0
    }

    private func backoff(
        _ field: ArraySlice<UInt8>?, _ length: Int
    ) throws(LanguageModelError) -> Float {
        guard let field else { return NGramEntry.noExtension }
        guard let value = Self.number(field), value.isFinite else {
            throw failure("\(Self.shown(field)) is no backoff weight")
        }
        guard length < counts.count || value == 0 else {
            throw failure("a backoff weight in the highest order")
        }
        return value == 0 ? NGramEntry.noExtension : value
    }

    /// A number as C's `strtof` reads it; minus infinity is one, and nothing that is no number.
    private static func number(_ field: ArraySlice<UInt8>) -> Float? {
        guard let first = field.first, field.count <= 64,
            first == UInt8(ascii: "-")
                || first == UInt8(ascii: "+") || first == UInt8(ascii: ".")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else { return nil }
        let text = field.map { CChar(bitPattern: $0) } + [0]
        return text.withUnsafeBufferPointer { text -> Float? in
            guard let start = text.baseAddress else { return nil }
            var end: UnsafeMutablePointer<CChar>?
            let value = strtof(start, &end)
            guard end.map({ UnsafePointer($0) - start }) == field.count, !value.isNaN else {
                return nil
            }
            return value
        }
    }

    /// A line as far as it may be shown.
    private static func shown(_ line: ArraySlice<UInt8>) -> String {
        let text = String(decoding: line.prefix(60), as: UTF8.self)
        let plain = text.unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? " " : String(scalar)
        }
        return "`\(plain.joined())\(line.count > 60 ? "…" : "")`"
    }
}
