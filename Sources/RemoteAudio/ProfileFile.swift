/// A file of sections with names and values, as AWS's tools write it: `[profile a]`, `region = eu-west-1`.
///
/// An indented entry is known by the name of the one that it belongs to and its own: `s3.addressing_style`.
struct ProfileFile {
    private var sections: [String: [String: String]] = [:]

    init(_ text: String) {
        var name = ""
        var outer = ""
        for line in text.split(whereSeparator: \.isNewline) {
            guard let first = line.first, first != "#", first != ";" else { continue }
            if first == "[" {
                name = Self.trimmed(line.dropFirst().prefix { $0 != "]" })
            } else if let equals = line.firstIndex(of: "=") {
                let key = Self.trimmed(line[..<equals]).lowercased()
                // What is indented belongs to the entry before it.
                if !first.isWhitespace { outer = key }
                sections[name, default: [:]][first.isWhitespace ? "\(outer).\(key)" : key] =
                    Self.trimmed(line[line.index(after: equals)...])
            }
        }
    }

    /// Names in lower case; empty where there is no such section.
    func section(_ name: String) -> [String: String] { sections[name] ?? [:] }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
