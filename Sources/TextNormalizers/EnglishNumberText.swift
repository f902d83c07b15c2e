/// What is done to a text before and after its spoken numbers are read.
enum EnglishNumberText {
    /// `two and a half` is `two point five`; letters and digits are parted, but for endings such as `th`.
    static func prepared(_ text: ScalarText) -> ScalarText {
        var result: ScalarText = []
        for scalar in withHalves(text) {
            if let last = result.last,
                (last.isASCIILowercase && scalar.isASCIIDigit)
                    || (last.isASCIIDigit && scalar.isASCIILowercase)
            {
                result.append(" ")
            }
            result.append(scalar)
        }
        return joiningEndings(result)
    }

    private static func withHalves(_ text: ScalarText) -> ScalarText {
        guard text.contains("h") else { return text }
        let halves = halfRanges(text)
        if halves.isEmpty { return text }
        var parts: [ScalarText] = []
        var start = 0
        for half in halves {
            let segment = text[start..<half.lowerBound]
            start = half.upperBound
            guard let last = Array(segment).words.last else { continue }
            parts.append(Array(segment))
            let isNumber: Bool =
                switch EnglishNumberWords.roles[last.string] {
                case .zero, .ones, .tens, .multiplier: true
                default: false
                }
            parts.append(ScalarText(isNumber ? "point five" : "and a half"))
        }
        let rest = Array(text[start...])
        if !rest.words.isEmpty { parts.append(rest) }
        return Array(parts.joined(separator: [" "]))
    }

    /// Where `and a half` stands, with any white space between the words.
    private static func halfRanges(_ text: ScalarText) -> [Range<Int>] {
        let (and, half) = (ScalarText("and"), ScalarText("half"))
        var ranges: [Range<Int>] = []
        var index = 0
        while index < text.count {
            let start = index
            index += 1
            guard text[start] == "a", text.has(and, at: start), text.isWordBoundary(start),
                let article = afterSpace(text, start + 3), text[article] == "a",
                let noun = afterSpace(text, article + 1), text.has(half, at: noun),
                text.isWordBoundary(noun + 4)
            else { continue }
            ranges.append(start..<noun + 4)
            index = noun + 4
        }
        return ranges
    }

    /// Where the white space that begins at `index` ends; nil if there is none, or nothing behind it.
    private static func afterSpace(_ text: ScalarText, _ index: Int) -> Int? {
        guard index < text.count, text[index].isSpace else { return nil }
        return text[index...].firstIndex { !$0.isSpace }
    }

    /// `20 th` is `20th`.
    private static func joiningEndings(_ text: ScalarText) -> ScalarText {
        let endings = ["st", "nd", "rd", "th", "s"].map { ScalarText($0) }
        var result: ScalarText = []
        var index = 0
        while index < text.count {
            result.append(text[index])
            index += 1
            if text[index - 1].isASCIIDigit, let next = afterSpace(text, index),
                endings.contains(where: {
                    text.has($0, at: next) && text.isWordBoundary(next + $0.count)
                })
            {
                index = next
            }
        }
        return result
    }

    /// `$2 and ¢7` is `$2.07`, `$0.07` is `¢7`, and a lone 1 is a word.
    static func finished(_ text: ScalarText) -> ScalarText {
        let hasMoney = text.contains { "€£$".unicodeScalars.contains($0) }
        return spellingOne(hasMoney ? onlyCents(joiningCents(text)) : text)
    }

    private static let currencies: Set<Unicode.Scalar> = ["€", "£", "$"]

    private static func joiningCents(_ text: ScalarText) -> ScalarText {
        var result: ScalarText = []
        var index = 0
        while index < text.count {
            let start = index
            result.append(text[start])
            index += 1
            guard currencies.contains(text[start]) else { continue }
            let amountEnd = digitsEnd(text, index)
            guard amountEnd > index, amountEnd < text.count, text[amountEnd] == " " else {
                continue
            }
            let hasAnd = text.has(ScalarText("and "), at: amountEnd + 1)
            let sign = amountEnd + 1 + (hasAnd ? 4 : 0)
            guard sign < text.count, text[sign] == "¢",
                let end = centsEnd(text, sign + 1)
            else { continue }
            result += text[index..<amountEnd]
            result += ["."] + (end == sign + 2 ? ["0"] : []) + text[(sign + 1)..<end]
            index = end
        }
        return result
    }

    private static func onlyCents(_ text: ScalarText) -> ScalarText {
        var result: ScalarText = []
        var index = 0
        while index < text.count {
            if currencies.contains(text[index]), index + 3 < text.count, text[index + 1] == "0",
                let end = centsEnd(text, index + 3)
            {
                let digits = text[(index + 3)..<end]
                result.append("¢")
                result += digits.count == 2 && digits.first == "0" ? digits.dropFirst() : digits
                index = end
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }

    private static func digitsEnd(_ text: ScalarText, _ index: Int) -> Int {
        text[index...].firstIndex { !$0.isASCIIDigit } ?? text.count
    }

    /// The end of one or two digits that end a word.
    private static func centsEnd(_ text: ScalarText, _ index: Int) -> Int? {
        let end = digitsEnd(text, index)
        return (1...2).contains(end - index) && text.isWordBoundary(end) ? end : nil
    }

    private static func spellingOne(_ text: ScalarText) -> ScalarText {
        var result: ScalarText = []
        for index in text.indices {
            let isOne =
                text[index] == "1" && text.isWordBoundary(index)
                && (text.isWordBoundary(index + 1)
                    || (index + 1 < text.count && text[index + 1] == "s"
                        && text.isWordBoundary(index + 2)))
            result += isOne ? ["o", "n", "e"] : [text[index]]
        }
        return result
    }
}
