/// MurmurHash64A by Austin Appleby (public domain) with seed 0: KenLM's names of words.
package func wordHash(_ word: UnsafeRawBufferPointer) -> UInt64 { wordHash(of: word) }

/// The same of any bytes.
func wordHash(_ word: some Collection<UInt8>) -> UInt64 { wordHash(of: word) }

// Inlined into both, so that the bytes of memory are read without a generic call each.
@inline(__always)
private func wordHash(of word: some Collection<UInt8>) -> UInt64 {
    let factor: UInt64 = 0xC6A4_A793_5BD1_E995
    var hash = UInt64(word.count) &* factor
    var block: UInt64 = 0
    var filled: UInt64 = 0
    for byte in word {
        block |= UInt64(byte) << (8 * filled)
        filled += 1
        guard filled == 8 else { continue }
        block = block &* factor
        block ^= block >> 47
        block = block &* factor
        hash = (hash ^ block) &* factor
        (block, filled) = (0, 0)
    }
    if filled > 0 { hash = (hash ^ block) &* factor }
    hash ^= hash >> 47
    hash = hash &* factor
    return hash ^ hash >> 47
}

/// KenLM's name of an n-gram, given that of its newer words and the next older word.
package func nGramKey(_ newer: UInt64, before word: UInt32) -> UInt64 {
    (newer &* 8_978_948_897_894_561_157) ^ ((1 + UInt64(word)) &* 17_894_857_484_156_487_943)
}
