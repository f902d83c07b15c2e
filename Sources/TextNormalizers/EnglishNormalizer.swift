/// The English rules of whisper, by which leaderboards compare (Radford and others 2022, appendix C): no
/// fillers, no remarks in brackets, contractions and titles written out, numbers and sums of money in
/// digits, American spellings, no marks on letters, no punctuation.
enum EnglishNormalizer {
    static func words(_ text: String) -> [String] {
        var scalars = ScalarText(text.lowercased())
        scalars = withoutRemarks(scalars)
        scalars = withoutFillers(scalars)
        scalars = withoutSpaceBeforeApostrophes(scalars)
        scalars = EnglishContractions.expanded(scalars)
        scalars = withoutDigitCommas(scalars)
        scalars = withoutFullStops(scalars)
        scalars = CompatibilityText.simplified(scalars, keeping: [".", "%", "$", "¢", "€", "£"])
        let spoken = EnglishNumberText.prepared(scalars).words.map(\.string)
        let numbers = EnglishNumberReader.read(spoken).joined(separator: " ")
        let written = EnglishNumberText.finished(ScalarText(numbers)).words.map { word in
            let word = word.string
            return AmericanSpellings.byBritish[word] ?? word
        }
        return withoutStraySymbols(ScalarText(written.joined(separator: " "))).words.map(\.string)
    }

    /// Without what stands in brackets or in round ones.
    private static func withoutRemarks(_ text: ScalarText) -> ScalarText {
        let angular = removing(text, from: ["<", "["], to: [">", "]"], least: 0)
        return removing(angular, from: ["("], to: [")"], least: 1)
    }

    private static func removing(
        _ text: ScalarText, from opening: Set<Unicode.Scalar>, to closing: Set<Unicode.Scalar>,
        least: Int
    ) -> ScalarText {
        guard text.contains(where: opening.contains) else { return text }
        var result: ScalarText = []
        var index = 0
        /// No bracket closes from here on.
        var isOpenForGood = false
        while index < text.count {
            if !isOpenForGood, opening.contains(text[index]) {
                if let end = text[(index + 1)...].firstIndex(where: closing.contains) {
                    if end - index > least {
                        index = end + 1
                        continue
                    }
                } else {
                    isOpenForGood = true
                }
            }
            result.append(text[index])
            index += 1
        }
        return result
    }

    private static let fillers = ["hmm", "mm", "mhm", "mmm", "uh", "um"].map {
        TextReplacement($0, "")
    }

    private static func withoutFillers(_ text: ScalarText) -> ScalarText {
        fillers.reduce(text) { $1.applied(to: $0) }
    }

    private static func withoutSpaceBeforeApostrophes(_ text: ScalarText) -> ScalarText {
        guard text.contains("'") else { return text }
        var result: ScalarText = []
        for scalar in text {
            if scalar == "'" { while result.last?.isSpace == true { result.removeLast() } }
            result.append(scalar)
        }
        return result
    }

    /// `1,000` is 1000.
    private static func withoutDigitCommas(_ text: ScalarText) -> ScalarText {
        guard text.contains(",") else { return text }
        var result: ScalarText = []
        var index = 0
        while index < text.count {
            if index + 2 < text.count, text[index + 1] == ",", isDigit(text[index]),
                isDigit(text[index + 2])
            {
                result += [text[index], text[index + 2]]
                index += 3
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCIIDigit || scalar.properties.generalCategory == .decimalNumber
    }

    /// Points stay before digits.
    private static func withoutFullStops(_ text: ScalarText) -> ScalarText {
        parting(text) { $0 == "." }
    }

    private static func withoutStraySymbols(_ text: ScalarText) -> ScalarText {
        let signs: Set<Unicode.Scalar> = [".", "$", "¢", "€", "£"]
        let text = parting(text, isEndParted: false, signs.contains)
        var result: ScalarText = []
        var index = 0
        while index < text.count {
            if index + 1 < text.count, text[index + 1] == "%", !text[index].isASCIIDigit {
                result += [text[index], " "]
                index += 2
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }

    /// Puts a space in the place of each of `marks` that stands before no digit.
    private static func parting(
        _ text: ScalarText, isEndParted: Bool = true, _ marks: (Unicode.Scalar) -> Bool
    ) -> ScalarText {
        guard text.contains(where: marks) else { return text }
        var result: ScalarText = []
        var index = 0
        while index < text.count {
            guard marks(text[index]) else {
                result.append(text[index])
                index += 1
                continue
            }
            if index + 1 < text.count, !text[index + 1].isASCIIDigit {
                result += [" ", text[index + 1]]
                index += 2
            } else {
                result.append(index + 1 == text.count && isEndParted ? " " : text[index])
                index += 1
            }
        }
        return result
    }
}
