/// A text that equals another only if their bytes do.
///
/// `String` compares by canonical equivalence: a composed and a decomposed é are equal, as are Ω
/// (U+03A9) and the ohm sign (U+2126), or a CJK compatibility ideograph and its unified form.
/// Keys, symbols and names of files are told apart by those who write them, and so are here.
package struct ExactString: Hashable, Sendable {
    package let text: String

    package init(_ text: some StringProtocol) { self.text = String(text) }

    package static func == (left: ExactString, right: ExactString) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(UInt8(0xFF))
    }
}

extension StringProtocol {
    /// Whether both are the same UTF-8 bytes, which `==` of `String` does not ask.
    package func hasSameBytes(as other: some StringProtocol) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
