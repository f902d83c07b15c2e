/// A reference in which some places may be said in several ways, as NIST's formats have it.
///
/// `{ a / b c / @ }` is `a`, or `b c`, or nothing; it may stand in another such place. `(a)` may be left
/// out. https://github.com/usnistgov/SCTK, doc/infmts.htm.
package struct ReferenceText: Hashable, Sendable {
    package indirect enum Item: Hashable, Sendable {
        case word(String, isOptional: Bool)
        /// Several ways to say it, in the order of the text; an empty one is silence.
        case alternatives([[Item]])
    }

    package var items: [Item]

    /// Deeper nesting is no text that people wrote.
    private static let depthMax = 16

    package init(items: [Item]) { self.items = items }

    /// What is wrong with the braces of a text.
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// - Throws: ``Fault`` if braces do not match.
    package init(parsing text: String) throws(Fault) {
        var rest = Array(text.unicodeScalars)[...]
        items = try Self.items(&rest, depth: 0)
        if !rest.isEmpty { throw Fault(description: "a } without its {") }
    }

    /// Whether there is one way to say all of it, with nothing left out.
    package var isPlain: Bool {
        items.allSatisfy { item in
            if case .word(_, isOptional: false) = item { true } else { false }
        }
    }

    /// The words of a text that is plain.
    package var plainWords: [String] {
        items.compactMap { item in
            if case .word(let word, _) = item { word } else { nil }
        }
    }

    /// The text with each run of words normalised.
    package func normalized(_ words: (String) -> [String]) -> ReferenceText {
        ReferenceText(items: Self.normalized(items, words))
    }

    private static func normalized(_ items: [Item], _ words: (String) -> [String]) -> [Item] {
        var result: [Item] = []
        var run: [String] = []
        func flush() {
            if !run.isEmpty {
                let normalized = words(run.joined(separator: " "))
                result += normalized.map { .word($0, isOptional: false) }
            }
            run = []
        }
        for item in items {
            switch item {
            case .word(let word, isOptional: false): run.append(word)
            case .word(let word, isOptional: true):
                flush()
                result += words(word).map { .word($0, isOptional: true) }
            case .alternatives(let ways):
                flush()
                result.append(.alternatives(ways.map { normalized($0, words) }))
            }
        }
        flush()
        return result
    }

    /// Reads up to the end, or to the brace or stroke that ends a way.
    private static func items(
        _ rest: inout ArraySlice<Unicode.Scalar>, depth: Int
    ) throws(Fault) -> [Item] {
        guard depth <= depthMax else { throw Fault(description: "braces nested too deep") }
        var items: [Item] = []
        while let first = rest.first {
            if first.properties.isWhitespace {
                rest.removeFirst()
            } else if first == "{" {
                rest.removeFirst()
                items.append(try alternatives(&rest, depth: depth))
            } else if first == "}" || (first == "/" && depth > 0) {
                break
            } else {
                let word = word(&rest, isInBraces: depth > 0)
                if word != "@" { items.append(item(word)) }
            }
        }
        return items
    }

    private static func alternatives(
        _ rest: inout ArraySlice<Unicode.Scalar>, depth: Int
    ) throws(Fault) -> Item {
        var ways: [[Item]] = []
        while true {
            ways.append(try items(&rest, depth: depth + 1))
            switch rest.popFirst() {
            case "/": continue
            case "}": return .alternatives(ways)
            default: throw Fault(description: "a { without its }")
            }
        }
    }

    private static func word(
        _ rest: inout ArraySlice<Unicode.Scalar>, isInBraces: Bool
    ) -> String {
        let end =
            rest.firstIndex { scalar in
                scalar.properties.isWhitespace || scalar == "{" || scalar == "}"
                    || (isInBraces && scalar == "/")
            } ?? rest.endIndex
        defer { rest = rest[end...] }
        return String(String.UnicodeScalarView(rest[..<end]))
    }

    private static func item(_ word: String) -> Item {
        if word.hasPrefix("("), word.hasSuffix(")"), word.unicodeScalars.count > 2 {
            return .word(String(word.dropFirst().dropLast()), isOptional: true)
        }
        return .word(word, isOptional: false)
    }
}
