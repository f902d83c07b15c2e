/// A scalar of a text in the making, and the symbol that it comes from.
struct TracedScalar: Hashable {
    /// Nil stands for a special symbol such as `<unk>`: neither space nor letter.
    var scalar: Unicode.Scalar?
    /// Position among the symbols that were read.
    var symbol: Int32

    var isSpace: Bool { scalar?.isPythonSpace == true }
}
