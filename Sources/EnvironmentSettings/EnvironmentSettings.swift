/// Options of a command that the environment sets: `SCRIPTORIUM_AUDIO_ROOT` for `--audio-root`.
///
/// They become words of the command's line, so that one parser judges both. An option that the line
/// names is left to the line.
package struct EnvironmentSettings: Hashable, Sendable {
    /// What every name begins with.
    package static let prefix = "SCRIPTORIUM_"

    /// What one run is asked for, and would be done again by every later run if it stayed in an environment.
    package static let optionsOfTheLine: Set<String> = [
        "overwrite", "reconcile", "retry-quarantined",
    ]

    /// What help says of it.
    package static let help = """
        Every option below may be set in the environment, too: \(prefix) and its name in capitals, such as \
        \(prefix)MODEL for --model; true or false for a flag; several values with semicolons between them. The \
        line wins. --overwrite, --reconcile and --retry-quarantined are for the line only.
        """

    /// Words for the command's line, before its own.
    package private(set) var arguments: [String] = []
    /// The variables that these come from.
    package private(set) var variables: [String] = []
    /// What is set, and does not do what one may expect of it.
    package private(set) var warnings: [String] = []

    /// Nothing is set.
    package init() {}

    /// - Parameters:
    ///   - environment: values by name; those without the prefix and empty ones are nobody's.
    ///   - command: what the command takes.
    ///   - others: what other commands take, whose variables may be set beside its own.
    ///   - line: the command's own words.
    /// - Throws: if a flag is set to what is neither true nor false.
    package init(
        _ environment: [String: String], command: OptionTable, others: [OptionTable],
        line: some Collection<String>
    ) throws(SettingError) {
        let named = command.options(namedIn: line)
        // A command that is only asked what it takes does nothing.
        if named.contains(where: { $0.names.contains("help") }) { return }
        for option in command.options where Self.mayBeSet(option) && !named.contains(option) {
            let set = option.names.first { environment[Self.variable($0)]?.isEmpty == false }
            guard let name = set, let value = environment[Self.variable(name)] else { continue }
            let words = try Self.words(name, option, value)
            guard !words.isEmpty else { continue }
            arguments += words
            variables.append(Self.variable(name))
        }
        warnings = Self.warnings(of: environment, [command] + others)
    }

    /// The variable of an option.
    package static func variable(_ name: String) -> String {
        prefix + String(name.uppercased().map { $0 == "-" ? "_" : $0 })
    }

    private static func mayBeSet(_ option: OptionTable.Option) -> Bool {
        option.isShown && optionsOfTheLine.isDisjoint(with: option.names)
            && !option.names.contains("help") && !option.names.contains("version")
    }

    private static func words(
        _ name: String, _ option: OptionTable.Option, _ value: String
    ) throws(SettingError) -> [String] {
        guard option.takesValue else {
            switch value.lowercased() {
            case "true", "yes", "on", "1": return ["--\(name)"]
            case "false", "no", "off", "0": return []
            default:
                throw SettingError(
                    "\(variable(name)) is \"\(value)\": say true or false, as it stands for the flag --\(name)"
                )
            }
        }
        guard option.isRepeating else { return ["--\(name)=\(value)"] }
        return value.split { $0 == ";" || $0.isNewline }.map(trimmed)
            .filter { !$0.isEmpty }.map { "--\(name)=\($0)" }
    }

    /// Without blanks at both ends.
    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    // MARK: Names that are none

    private static func warnings(
        of environment: [String: String], _ tables: [OptionTable]
    ) -> [String] {
        let options = tables.flatMap(\.options)
        let known = Set(options.filter(mayBeSet).flatMap(\.names).map(variable))
        return environment.keys.filter { $0.hasPrefix(prefix) && !known.contains($0) }.sorted()
            .compactMap { name in
                if let option = optionsOfTheLine.first(where: { variable($0) == name }) {
                    return
                        "\(name) is not obeyed: --\(option) is for one run, so it is taken from the line only"
                }
                guard let nearest = nearest(to: name, in: known) else { return nil }
                return "\(name) sets no option; \(nearest) does"
            }
    }

    /// The name that somebody may have meant; nil for variables that look like none of them, which may
    /// be of other programs.
    private static func nearest(to name: String, in known: Set<String>) -> String? {
        let word = name.dropFirst(prefix.count)
        let differencesMax = word.count < 6 ? 1 : 2
        let near = known.sorted().map { (name: $0, distance: distance(name, $0)) }
            .min { $0.distance < $1.distance }
        guard let near, near.distance <= differencesMax, word.count > 2 else { return nil }
        return near.name
    }

    /// Letters to insert, remove and replace between two names (Levenshtein).
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right.utf8)
        var above = Array(0...right.count)
        for (row, byte) in left.utf8.prefix(nameBytesMax).enumerated() {
            var line = [row + 1]
            for (column, other) in right.enumerated() {
                line.append(
                    min(
                        above[column] + (byte == other ? 0 : 1), above[column + 1] + 1,
                        line[column] + 1))
            }
            above = line
        }
        return above[right.count]
    }

    /// Longer names resemble none.
    private static let nameBytesMax = 64
}

/// A variable whose value no option takes.
package struct SettingError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
