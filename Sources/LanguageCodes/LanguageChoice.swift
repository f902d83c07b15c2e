/// Which languages of a model are meant, as options, reports and worker commands have it.
package enum LanguageChoice: Hashable, Sendable {
    case one(String)
    /// Two or more.
    case several([String])
    case every

    /// Means all languages; no code of ISO 639 has so many letters.
    package static let everyWord = "every"

    /// - Parameter text: `deu`, `deu,fra`, or `every`.
    package init(_ text: String) {
        if text == Self.everyWord {
            self = .every
            return
        }
        let parts = text.split(separator: ",").map(String.init)
        self = parts.count > 1 ? .several(parts) : .one(text)
    }
}

/// Names of languages for people: all, or the first many of them.
package func languageList(_ names: [String]) -> String {
    let shown = 60
    return names.prefix(shown).joined(separator: ", ")
        + (names.count > shown
            ? " and \(names.count - shown) more (inspect --json lists them)" : "")
}
