internal import LanguageModels

/// The words of a text, numbered as they come.
///
/// Words are told apart by their hashes of 64 bits alone, as in the models of KenLM.
package struct WordTable: Sendable {
    private var text: [UInt8] = []
    private var ends: [Int] = []
    private var hashes: [UInt64] = []
    /// Numbers of words by their hashes, plus one; 0 is an empty place.
    private var slots = [UInt32](repeating: 0, count: 1 << 12)

    package static let unknown: UInt32 = 0
    package static let sentenceBegin: UInt32 = 1
    package static let sentenceEnd: UInt32 = 2
    /// Words that are no words of any text.
    package static let specialCount = 3

    /// Holds `<unk>`, `<s>` and `</s>`.
    init() {
        for name in ["<unk>", "<s>", "</s>"] {
            Array(name.utf8).withUnsafeBytes { _ = index(adding: $0) }
        }
    }

    package var count: Int { hashes.count }

    /// More words than 32 bits number are refused by who adds them.
    static let countMax = Int(UInt32.max) - 1

    /// The word's number, a new one for a new word.
    mutating func index(adding word: UnsafeRawBufferPointer) -> UInt32 {
        let hash = wordHash(word)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let index = slots[slot] - 1
            if hashes[Int(index)] == hash { return index }
            slot = (slot + 1) & mask
        }
        let index = UInt32(hashes.count)
        slots[slot] = index + 1
        hashes.append(hash)
        text.append(contentsOf: word)
        ends.append(text.count)
        if hashes.count * 2 > slots.count { grow() }
        return index
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        for (index, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(index) + 1
        }
    }

    /// A word's bytes.
    package func word(_ index: UInt32) -> ArraySlice<UInt8> {
        text[(index == 0 ? 0 : ends[Int(index) - 1])..<ends[Int(index)]]
    }

    package func hash(_ index: UInt32) -> UInt64 { hashes[Int(index)] }
}
