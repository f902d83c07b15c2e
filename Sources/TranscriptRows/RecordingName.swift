package import SpeechTypes

/// What a recording is called in files that know no paths, and where its own file goes.
package struct RecordingName: Hashable, Sendable {
    /// The file's name without what follows the last dot.
    package let stem: String
    /// The folder below which its file is written: the row's, without `.` and the root, and with `__`
    /// for `..`, so that nothing is written outside of the folder that was asked for.
    let folder: String
    /// The file's name.
    package let name: String

    package init(_ audio: PathBytes) {
        let text = Self.text(audio.bytes)
        var (folder, name) = ("", text)
        if Self.isPlain(text) {
            if let slash = text.utf8.lastIndex(of: Self.slash) {
                folder = String(text[..<slash])
                name = String(text[text.utf8.index(after: slash)...])
            }
        } else {
            var components: [Substring] = []
            for component in text.split(separator: "/") where component != "." {
                components.append(component == ".." ? "__" : component)
            }
            name = components.popLast().map(String.init) ?? "_"
            folder = components.joined(separator: "/")
        }
        self.folder = folder
        self.name = name
        if let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex {
            stem = String(name[..<dot])
        } else {
            stem = name
        }
    }

    private static let slash = UInt8(ascii: "/")

    /// Whether no part of the path is empty or begins with a dot: most paths are the name that they get.
    private static func isPlain(_ text: String) -> Bool {
        var before = slash
        for byte in text.utf8 {
            if before == slash, byte == slash || byte == UInt8(ascii: ".") { return false }
            before = byte
        }
        return before != slash
    }

    /// Unlike ``stem``, never that of another recording.
    package var long: String { "\(stem)@\(folder.isEmpty ? "." : folder)/\(name)" }

    func path(_ name: String) -> String { folder.isEmpty ? name : "\(folder)/\(name)" }

    /// Text that has the bytes in order; each that is no UTF-8 stands as `%` and two digits.
    private static func text(_ bytes: [UInt8]) -> String {
        if let text = bytes.withUnsafeBytes({ FlatText.validated($0) }) { return text }
        var text = ""
        var rest = bytes[...]
        while !rest.isEmpty {
            // The longest start that is whole: all, or up to the first byte that does not fit.
            var decoder = UTF8()
            var iterator = rest.makeIterator()
            var count = 0
            decoding: while true {
                switch decoder.decode(&iterator) {
                case .scalarValue(let scalar):
                    text.unicodeScalars.append(scalar)
                    count += UTF8.width(scalar)
                case .emptyInput, .error: break decoding
                }
            }
            rest = rest.dropFirst(count)
            guard let byte = rest.popFirst() else { break }
            let digits = Array("0123456789ABCDEF")
            text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }
        return text
    }
}
