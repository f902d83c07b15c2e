/// A scalar of a text in the making, and the symbol that it comes from.
struct TracedScalar: Hashable {
    /// Nil stands for a special symbol such as `<unk>`: neither space nor letter.
    var scalar: Unicode.Scalar?
    /// Position among the symbols that were read; the last of several that make one character.
    var symbol: Int32
    /// The first of those.
    var firstSymbol: Int32

    init(scalar: Unicode.Scalar?, symbol: Int32, firstSymbol: Int32? = nil) {
        self.scalar = scalar
        self.symbol = symbol
        self.firstSymbol = firstSymbol ?? symbol
    }

    var isSpace: Bool { scalar?.isPythonSpace == true }
}
