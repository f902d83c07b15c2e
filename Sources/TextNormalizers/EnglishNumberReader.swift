/// Puts spoken numbers together, a word after the other: `twenty twenty five` is 2025.
///
/// What is no part of a number passes through. A number is whole (and grows as one) or text (to which
/// digits are put as they come: `one oh one`, `three point one four`).
struct EnglishNumberReader {
    private enum Value {
        case whole(DecimalDigits)
        case text(String)

        var text: String {
            switch self {
            case .whole(let digits): digits.text
            case .text(let text): text
            }
        }

        /// For what is put behind it: nothing before zero.
        var textUnlessZero: String {
            if case .whole(let digits) = self, digits.isZero { return "" }
            return text
        }
    }

    private var prefix = ""
    private var value: Value?
    private(set) var output: [String] = []

    static func read(_ words: [String]) -> [String] {
        var reader = EnglishNumberReader()
        var index = 0
        while index < words.count {
            let previous = index > 0 ? words[index - 1] : nil
            let next = index + 1 < words.count ? words[index + 1] : nil
            index += reader.take(words[index], after: previous, before: next) ? 2 : 1
        }
        reader.flush()
        return reader.output
    }

    /// Takes a word; true if the next one is taken with it.
    private mutating func take(
        _ word: String, after previous: String?, before next: String?
    ) -> Bool {
        let sign = word.first.flatMap { "-+£€$¢".contains($0) ? String($0) : nil }
        let unsigned = sign == nil ? word : String(word.unicodeScalars.dropFirst())
        if let numeral = Self.numeral(unsigned) {
            takeNumeral(word, sign, unsigned, numeral)
            return false
        }
        guard let role = EnglishNumberWords.roles[word] else {
            flush()
            put(word)
            return false
        }
        let before = previous.flatMap { EnglishNumberWords.roles[$0] }
        switch role {
        case .zero: value = .text((value?.textUnlessZero ?? "") + "0")
        case .ones(let ones): value = joined(ones: ones, after: before)
        case .onesSuffixed(let ones, let suffix):
            put(joined(ones: ones, after: before).text + suffix)
        case .tens(let tens): value = joined(tens: tens)
        case .tensSuffixed(let tens, let suffix): put(joined(tens: tens).text + suffix)
        case .multiplier(let zeros): multiply(zeros)
        case .multiplierSuffixed(let zeros, let suffix): putMultiplied(zeros, suffix)
        case .sign(let sign):
            flush()
            if isPartOfNumber(next) { prefix = sign } else { put(word) }
        case .currency(let symbol):
            if value != nil {
                prefix = symbol
                flush()
            } else {
                put(word)
            }
        case .percent:
            if let value { put(value.text + "%") } else { put(word) }
        case .per:
            if let value, next == "cent" {
                put(value.text + "%")
                return true
            }
            flush()
            put(word)
        case .and, .double, .triple, .point: return takeSpecial(role, word, before, next)
        }
        return false
    }

    private mutating func takeNumeral(
        _ word: String, _ sign: String?, _ unsigned: String, _ numeral: String
    ) {
        if let current = value {
            if case .text(let text) = current, text.hasSuffix(".") {
                value = .text(text + word)
                return
            }
            flush()
        }
        if let sign { prefix = sign }
        // A whole number, if all that stands behind the point is zero.
        value = DecimalDigits.product(numeral, zeros: 0).map { .whole($0) } ?? .text(unsigned)
    }

    private func joined(ones: Int, after before: EnglishNumberWords.Role?) -> Value {
        guard let value else { return .whole(DecimalDigits(ones)) }
        let isAfterOnes = if case .ones = before { true } else { false }
        let isAfterTens = if case .tens = before { true } else { false }
        switch value {
        case .whole(let digits) where !isAfterOnes:
            return digits.endsInZeros(ones < 10 ? 1 : 2)
                ? .whole(digits.adding(DecimalDigits(ones))) : .text(digits.text + "\(ones)")
        case .whole(let digits): return .text(digits.text + "\(ones)")
        case .text(let text):
            if isAfterTens, ones < 10, text.hasSuffix("0") {
                return .text(text.dropLast() + "\(ones)")
            }
            return .text(text + "\(ones)")
        }
    }

    private func joined(tens: Int) -> Value {
        switch value {
        case nil: .whole(DecimalDigits(tens))
        case .whole(let digits) where digits.endsInZeros(2):
            .whole(digits.adding(DecimalDigits(tens)))
        case .some(let value): .text(value.text + "\(tens)")
        }
    }

    private mutating func multiply(_ zeros: Int) {
        let multiplier = Value.whole(DecimalDigits(1).multiplyingHundreds(zeros: zeros))
        switch value {
        case nil: value = multiplier
        case .whole(let digits): value = .whole(digits.multiplyingHundreds(zeros: zeros))
        case .text(let text):
            if let product = DecimalDigits.product(text, zeros: zeros) {
                value = .whole(product)
            } else {
                flush()
                value = multiplier
            }
        }
    }

    private mutating func putMultiplied(_ zeros: Int, _ suffix: String) {
        multiply(zeros)
        if let value { put(value.text + suffix) }
    }

    private mutating func takeSpecial(
        _ role: EnglishNumberWords.Role, _ word: String, _ before: EnglishNumberWords.Role?,
        _ next: String?
    ) -> Bool {
        let nextRole = next.flatMap { EnglishNumberWords.roles[$0] }
        guard isPartOfNumber(next) else {
            flush()
            put(word)
            return false
        }
        switch role {
        case .and:
            // Nothing is said by "and" behind hundreds and thousands.
            if case .multiplier = before { return false }
            flush()
            put(word)
        case .double, .triple:
            let digit: Int
            switch nextRole {
            case .ones(let ones): digit = ones
            case .zero: digit = 0
            default:
                flush()
                put(word)
                return false
            }
            let count = if case .double = role { 2 } else { 3 }
            value = .text(
                (value?.textUnlessZero ?? "") + String(repeating: "\(digit)", count: count))
            return true
        default:
            switch nextRole {
            case nil, .ones, .tens, .zero: value = .text((value?.textUnlessZero ?? "") + ".")
            default: break
            }
        }
        return false
    }

    private func isPartOfNumber(_ word: String?) -> Bool {
        guard let word else { return false }
        return EnglishNumberWords.roles[word] != nil || Self.numeral(word) != nil
    }

    private mutating func flush() {
        if let value { put(value.text) }
    }

    private mutating func put(_ text: String) {
        output.append(prefix + text)
        prefix = ""
        value = nil
    }

    /// Digits of any script, with or without a point between them, as ASCII; nil for anything else.
    private static func numeral(_ word: String) -> String? {
        var numeral = ""
        for scalar in word.unicodeScalars {
            if scalar.isASCIIDigit || scalar == "." {
                numeral.unicodeScalars.append(scalar)
            } else if scalar.properties.generalCategory == .decimalNumber,
                let value = scalar.properties.numericValue
            {
                numeral += String(Int(value))
            } else {
                return nil
            }
        }
        let parts = numeral.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count <= 2 && !parts.contains(where: \.isEmpty) ? numeral : nil
    }
}
