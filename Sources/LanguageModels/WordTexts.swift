/// The words of a model as its file lists them.
enum WordTexts: Sendable {
    /// Of an ARPA file, one after another, each ended by NUL; and which of them have a backoff weight.
    case read(bytes: [UInt8], hasBackoff: [Bool])
    /// At the end of a binary file, each ended by NUL.
    case mapped(ModelBytes, offset: Int, count: Int)
    /// The file has only hashes.
    case absent

    /// Calls `body` with each word, and whether the file gives it a backoff weight.
    ///
    /// - Returns: false where the file lists no words.
    func forEach(_ body: (_ word: UnsafeRawBufferPointer.SubSequence, _ hasBackoff: Bool) -> Void)
        -> Bool
    {
        switch self {
        case .read(let bytes, let hasBackoff):
            bytes.withUnsafeBytes { bytes in
                for (word, hasBackoff) in zip(bytes.split(separator: 0), hasBackoff) {
                    body(word, hasBackoff)
                }
            }
        case .mapped(let memory, let offset, let count):
            var rest = memory.bytes[min(offset, memory.bytes.count)...]
            for _ in 0..<count {
                guard let end = rest.firstIndex(of: 0) else { break }
                body(rest[..<end], true)
                rest = rest[(end + 1)...]
            }
        case .absent: return false
        }
        return true
    }
}

extension LanguageModel {
    /// The words that the file lists, in its order, marks such as `<s>` among them; nil for a file that has
    /// only their hashes.
    ///
    /// - Parameter onlyWithBackoff: leaves out the words of an ARPA file whose lines have no backoff weight.
    package func words(onlyWithBackoff: Bool = false) -> [String]? {
        var words: [String] = []
        words.reserveCapacity(counts[0])
        let isListed = texts.forEach { word, hasBackoff in
            guard hasBackoff || !onlyWithBackoff else { return }
            words.append(String(decoding: word, as: UTF8.self))
        }
        return isListed ? words : nil
    }

    /// The index of a word; ``unknownWord`` for one that the model does not know.
    package func index(of word: UnsafeBufferPointer<UInt8>) -> UInt32 {
        index(ofHash: wordHash(word))
    }
}
