/// What Python's `str` does to text, on which transformers' tokenizers rest, scalar by scalar.
///
/// Nil stands for a special symbol such as `<unk>`: neither space nor letter.
extension [Unicode.Scalar?] {
    /// `str.strip()`.
    func trimmingPythonSpace() -> [Unicode.Scalar?] {
        guard let first = firstIndex(where: { $0?.isPythonSpace != true }),
            let last = lastIndex(where: { $0?.isPythonSpace != true })
        else { return [] }
        return Array(self[first...last])
    }

    /// `str.lower()`: Unicode's full mapping, with a sigma at a word's end in its final form.
    func lowercased() -> [Unicode.Scalar?] {
        var result: [Unicode.Scalar?] = []
        result.reserveCapacity(count)
        for (index, scalar) in enumerated() {
            switch scalar {
            case nil: result.append(nil)
            case "\u{3A3}": result.append(isFinalSigma(at: index) ? "\u{3C2}" : "\u{3C3}")
            case let scalar?:
                result += scalar.properties.lowercaseMapping.unicodeScalars.map { $0 }
            }
        }
        return result
    }

    /// Unicode's condition Final_Sigma (chapter 3.13): a cased letter before, none after, whatever
    /// case-ignorable ones are between.
    private func isFinalSigma(at index: Int) -> Bool {
        let before = self[..<index].last { $0?.properties.isCaseIgnorable != true }
        let after = self[(index + 1)...].first { $0?.properties.isCaseIgnorable != true }
        return (before ?? nil)?.properties.isCased == true
            && (after ?? nil)?.properties.isCased != true
    }

    /// transformers' `clean_up_tokenization`: these replacements, in this order.
    func tighteningPunctuation() -> [Unicode.Scalar?] {
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
    func substituting(
        _ pattern: [Unicode.Scalar], with replacement: [Unicode.Scalar]
    ) -> [Unicode.Scalar?] {
        let sought = pattern.map { Optional($0) }
        var result: [Unicode.Scalar?] = []
        result.reserveCapacity(count)
        var position = 0
        while position < count {
            if self[position] == sought.first, self[position...].starts(with: sought) {
                result += replacement.map { $0 }
                position += sought.count
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
