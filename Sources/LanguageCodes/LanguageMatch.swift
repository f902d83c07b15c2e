/// What a code for a language means among the languages of a model.
package enum LanguageMatch: Hashable, Sendable {
    /// The model's own name for it.
    case found(String)
    /// The model has the language in several scripts or dialects, and the code says none of them.
    case several([String])
    /// The model does not have it; names that look alike, at most five.
    case unknown(similar: [String])
}

/// Finds the language that somebody asks for among those of a model.
///
/// A model's own names (`deu`, `azj-script_latin`, `eng_Latn`) mean themselves. Beside them codes of ISO 639-1
/// (`de`), 639-2 (`ger`) and 639-3 are understood, with a script (`sr-Latn`) or a region (`pt-BR`, which is
/// passed over), in any case. Where a code is a macrolanguage and the model has its main member, or the other
/// way round, that is meant (`sw` is MMS's `swh`). Nothing is guessed between scripts or dialects.
package func languageCode(_ asked: String, among known: [String]) -> LanguageMatch {
    if let exact = known.first(where: { $0.utf8.elementsEqual(asked.utf8) }) {
        return .found(exact)
    }
    let wanted = LanguageTag(asked)
    let tags = known.map { (name: $0, tag: LanguageTag($0)) }
    for language in wanted.languages {
        let named = tags.filter { $0.tag.language == language }
        if named.isEmpty { continue }
        let fitting = named.filter { wanted.fits($0.tag) }
        if fitting.count == 1 { return .found(fitting[0].name) }
        let plain = fitting.filter { $0.tag.variants.isEmpty }
        if plain.count == 1 { return .found(plain[0].name) }
        return fitting.isEmpty
            ? .unknown(similar: Array(named.map(\.name).prefix(similarMax)))
            : .several(fitting.map(\.name).sorted())
    }
    return .unknown(similar: similar(to: wanted, among: tags))
}

private let similarMax = 5

/// Names with the same language but for one letter, then those that begin alike.
private func similar(
    to wanted: LanguageTag, among tags: [(name: String, tag: LanguageTag)]
) -> [String] {
    let letters = Array(wanted.language.utf8)
    let near = tags.filter {
        let other = Array($0.tag.language.utf8)
        return other.count == letters.count && zip(other, letters).count(where: !=) == 1
    }
    let alike = tags.filter {
        letters.count > 1 && $0.tag.language.utf8.starts(with: letters.prefix(2))
    }
    var names: [String] = []
    for name in (near + alike).map(\.name) where !names.contains(name) { names.append(name) }
    return Array(names.prefix(similarMax))
}

/// A language with what narrows it down.
private struct LanguageTag {
    /// The first part, in small letters.
    let language: String
    /// Scripts as ISO 15924 codes, dialects by their names.
    let variants: [String]

    /// - Parameter text: parts with `-` or `_` between them.
    init(_ text: String) {
        let parts = text.lowercased().split { $0 == "-" || $0 == "_" }.map(String.init)
        language = parts.first ?? ""
        variants = parts.dropFirst().compactMap { part in
            if part == "script" || part == "dialect" { return nil }
            // A region is two letters or three digits.
            let isRegion =
                part.utf8.count == 2 || part.utf8.count == 3 && part.utf8.allSatisfy { $0 < 0x3A }
            return isRegion ? nil : LanguageTable.scripts[part] ?? part
        }
    }

    /// Whether `other` has all that this asks for.
    func fits(_ other: LanguageTag) -> Bool { variants.allSatisfy(other.variants.contains) }

    /// Codes of ISO 639-3 that models may have for it, the likeliest first.
    var languages: [String] {
        let code =
            LanguageTable.twoLetters[language] ?? LanguageTable.bibliographic[language] ?? language
        var codes = [language, code]
        let macros = [LanguageTable.members, LanguageTable.otherMembers].flatMap { table in
            table.filter { $0.value == code }.map(\.key)
        }
        for macro in [code] + macros.sorted() {
            codes.append(macro)
            codes += [LanguageTable.members[macro], LanguageTable.otherMembers[macro]]
                .compactMap { $0 }
        }
        return codes
    }
}
