/// What Python's `str` does to text, on which transformers' tokenizers rest, scalar by scalar.
///
/// Each scalar keeps the symbol that it comes from.
extension [TracedScalar] {
    /// `str.strip()`.
    func trimmingPythonSpace() -> [TracedScalar] {
        guard let first = firstIndex(where: { !$0.isSpace }),
            let last = lastIndex(where: { !$0.isSpace })
        else { return [] }
        return Array(self[first...last])
    }

    /// `str.lower()`: Unicode's full mapping, with a sigma at a word's end in its final form.
    func lowercased() -> [TracedScalar] {
        var result: [TracedScalar] = []
        result.reserveCapacity(count)
        for (index, traced) in enumerated() {
            func append(_ scalar: Unicode.Scalar?) {
                result.append(TracedScalar(scalar: scalar, symbol: traced.symbol))
            }
            switch traced.scalar {
            case nil: append(nil)
            case "\u{3A3}": append(isFinalSigma(at: index) ? "\u{3C2}" : "\u{3C3}")
            case let scalar?:
                for lower in scalar.properties.lowercaseMapping.unicodeScalars { append(lower) }
            }
        }
        return result
    }

    /// Unicode's condition Final_Sigma (chapter 3.13): a cased letter before, none after, whatever
    /// case-ignorable ones are between.
    private func isFinalSigma(at index: Int) -> Bool {
        let before = self[..<index].last { $0.scalar?.properties.isCaseIgnorable != true }
        let after = self[(index + 1)...].first { $0.scalar?.properties.isCaseIgnorable != true }
        return before?.scalar?.properties.isCased == true
            && after?.scalar?.properties.isCased != true
    }

    /// transformers' `clean_up_tokenization`: these replacements, in this order.
    func tighteningPunctuation() -> [TracedScalar] {
        let pairs = [
            (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
            (" 'm", "'m"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
        ]
        return pairs.reduce(self) { text, pair in
            text.substituting(
                [Unicode.Scalar](pair.0.unicodeScalars),
                with: [Unicode.Scalar](pair.1.unicodeScalars))
        }
    }

    /// `str.replace()`: from left to right, without overlaps.
    ///
    /// What takes a pattern's place comes from the symbols of the pattern's middle: that is where the
    /// punctuation stands between its spaces.
    func substituting(
        _ pattern: [Unicode.Scalar], with replacement: [Unicode.Scalar]
    ) -> [TracedScalar] {
        let middle = Swift.max(0, (pattern.count - replacement.count + 1) / 2)
        let sought = pattern.map { Optional($0) }
        var result: [TracedScalar] = []
        result.reserveCapacity(count)
        var position = 0
        while position < count {
            if self[position].scalar == pattern.first,
                self[position...].lazy.map(\.scalar).starts(with: sought)
            {
                for (index, scalar) in replacement.enumerated() {
                    let origin = position + Swift.min(pattern.count - 1, middle + index)
                    result.append(TracedScalar(scalar: scalar, symbol: self[origin].symbol))
                }
                position += pattern.count
            } else {
                result.append(self[position])
                position += 1
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    /// `str.isspace()`: Unicode's white space, and four separators of ASCII.
    var isPythonSpace: Bool {
        (0x1C...0x1F).contains(value) || properties.isWhitespace
    }
}
