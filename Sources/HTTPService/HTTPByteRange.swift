/// What a `Range` field asks for (RFC 9110, section 14.1.2).
package enum HTTPByteRange: Hashable, Sendable {
    /// All of it: there is no field, or one that means nothing here, as several ranges at once.
    case none
    /// Bytes that are there; never empty.
    case range(Range<Int>)
    /// Bytes beyond the end.
    case unsatisfiable

    /// - Parameters:
    ///   - field: the value of the field; nil without one.
    ///   - size: bytes that there are.
    package init(_ field: String?, size: Int) {
        guard let field, field.hasPrefix("bytes=") else {
            self = .none
            return
        }
        let sides = field.dropFirst("bytes=".count)
            .split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, let first = Self.number(sides[0]), let last = Self.number(sides[1])
        else {
            self = .none
            return
        }
        switch (first, last) {
        case (nil, nil): self = .none
        case (nil, let count?):
            self = count > 0 && size > 0 ? .range(max(0, size - count)..<size) : .unsatisfiable
        case (let start?, let end):
            if let end, end < start {
                self = .none
            } else if start >= size {
                self = .unsatisfiable
            } else {
                self = .range(start..<min(size, (end ?? size - 1) &+ 1))
            }
        }
    }

    /// A number, or nil for an empty side; nil at all for what is neither, or too long for a number.
    private static func number(_ text: Substring) -> Int?? {
        if text.isEmpty { return .some(nil) }
        guard text.count <= 18, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return .some(Int(text))
    }
}
