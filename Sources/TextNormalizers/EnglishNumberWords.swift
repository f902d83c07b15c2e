/// The words of English that say numbers, and what each is worth.
enum EnglishNumberWords {
    /// What a word does in a number.
    enum Role {
        case zero
        /// 1 to 19.
        case ones(Int)
        /// Plural or ordinal of 0 to 19, with the letters that say so.
        case onesSuffixed(Int, String)
        case tens(Int)
        case tensSuffixed(Int, String)
        /// A power of ten by its zeros.
        case multiplier(Int)
        case multiplierSuffixed(Int, String)
        /// A sign before a number.
        case sign(String)
        /// A currency behind a number, which is written before it.
        case currency(String)
        case per, percent, and, double, triple, point
    }

    static let roles: [String: Role] = makeRoles()

    private static let ones = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]

    private static let tens = [
        "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ]

    private static let multipliers = [
        ("hundred", 2), ("thousand", 3), ("million", 6), ("billion", 9), ("trillion", 12),
        ("quadrillion", 15), ("quintillion", 18), ("sextillion", 21), ("septillion", 24),
        ("octillion", 27), ("nonillion", 30), ("decillion", 33),
    ]

    private static func makeRoles() -> [String: Role] {
        var roles: [String: Role] = [
            "o": .zero, "oh": .zero, "zero": .zero, "zeroth": .onesSuffixed(0, "th"),
            "minus": .sign("-"), "negative": .sign("-"), "plus": .sign("+"), "positive": .sign("+"),
            "pound": .currency("£"), "pounds": .currency("£"), "euro": .currency("€"),
            "euros": .currency("€"), "dollar": .currency("$"), "dollars": .currency("$"),
            "cent": .currency("¢"), "cents": .currency("¢"), "per": .per, "percent": .percent,
            "and": .and, "double": .double, "triple": .triple, "point": .point,
        ]
        let ordinals = [1: "first", 2: "second", 3: "third", 5: "fifth", 12: "twelfth"]
        let endings = [1: "st", 2: "nd", 3: "rd"]
        for (index, name) in ones.enumerated() {
            let value = index + 1
            roles[name] = .ones(value)
            roles[name == "six" ? "sixes" : name + "s"] = .onesSuffixed(value, "s")
            let ordinal = ordinals[value] ?? name + (name.hasSuffix("t") ? "h" : "th")
            roles[ordinal] = .onesSuffixed(value, endings[value] ?? "th")
        }
        for (index, name) in tens.enumerated() {
            let value = (index + 2) * 10
            roles[name] = .tens(value)
            roles[name.dropLast() + "ies"] = .tensSuffixed(value, "s")
            roles[name.dropLast() + "ieth"] = .tensSuffixed(value, "th")
        }
        for (name, zeros) in multipliers {
            roles[name] = .multiplier(zeros)
            roles[name + "s"] = .multiplierSuffixed(zeros, "s")
            roles[name + "th"] = .multiplierSuffixed(zeros, "th")
        }
        return roles
    }
}
