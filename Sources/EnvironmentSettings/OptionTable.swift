package import StrictJSON

/// The options of a command, as the parser of command lines describes them.
package struct OptionTable: Hashable, Sendable {
    /// One option, or one flag.
    package struct Option: Hashable, Sendable {
        /// Its names of several letters, without dashes; the one that help shows comes first.
        package let names: [String]
        /// Its names of one letter.
        package let letters: [Character]
        package let takesValue: Bool
        package let isRepeating: Bool
        /// Help shows it.
        package let isShown: Bool
    }

    package let options: [Option]

    /// - Parameter dump: what `--experimental-dump-help` prints of a command: JSON, whose form is
    ///   ArgumentParserToolInfo's, version 0.
    /// - Throws: if it is no JSON. Members that are missing or of another form describe no option.
    package init(dump: String) throws(JSONError) {
        let command = try JSONParser.parse(Array(dump.utf8)).object?["command"]?.object
        options = (command?["arguments"]?.array ?? []).compactMap { Option($0) }
    }

    /// The option with this name of several letters.
    func option(named name: some StringProtocol) -> Option? {
        options.first { $0.names.contains(String(name)) }
    }

    /// The options that the words of a line name.
    func options(namedIn line: some Collection<String>) -> Set<Option> {
        var found: Set<Option> = []
        var words = line.makeIterator()
        while let word = words.next(), word != "--" {
            guard word.hasPrefix("-") else { continue }
            let hasValue = word.contains("=")
            let name = word.prefix { $0 != "=" }
            let named: [Option]
            if name.hasPrefix("--") {
                named = [option(named: name.dropFirst(2))].compactMap(\.self)
            } else {
                named = name.dropFirst().compactMap { letter in
                    options.first { $0.letters.contains(letter) }
                }
            }
            found.formUnion(named)
            if !hasValue, named.last?.takesValue == true { _ = words.next() }
        }
        return found
    }
}

extension OptionTable.Option {
    /// nil for what is no option: an argument without a name.
    fileprivate init?(_ json: JSONValue) {
        guard let members = json.object, let kind = members["kind"]?.string,
            kind == "option" || kind == "flag"
        else { return nil }
        func name(_ json: JSONValue?, of kind: String) -> String? {
            guard json?.object?["kind"]?.string == kind else { return nil }
            return json?.object?["name"]?.string
        }
        let preferred = name(members["preferredName"], of: "long")
        let all = members["names"]?.array ?? []
        let others = all.compactMap { name($0, of: "long") }.filter { $0 != preferred }
        names = [preferred].compactMap(\.self) + others
        letters = all.compactMap { name($0, of: "short")?.first }
        takesValue = kind == "option"
        isRepeating = members["isRepeating"]?.bool ?? false
        isShown = members["shouldDisplay"]?.bool ?? true
    }
}
