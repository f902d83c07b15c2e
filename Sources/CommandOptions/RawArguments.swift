package import SpeechTypes

/// The command line as the system gives it: bytes, which need not be UTF-8.
///
/// The parser of options works on text. Arguments that are none get a stand-in there, which is turned
/// back where a file of audio may be named.
package enum RawArguments {
    /// What the parser is given, without the program's name.
    package static let texts: [String] = all.map(\.text)

    /// Arguments that are not UTF-8, by their place.
    package static let notText: [(place: Int, path: PathBytes)] = all.enumerated().compactMap {
        $0.element.bytes.isText ? nil : ($0.offset + 1, $0.element.bytes)
    }

    /// The bytes of an argument that the parser has handed on.
    package static func path(of text: String) -> PathBytes {
        all.first { $0.text.utf8.elementsEqual(text.utf8) }?.bytes ?? PathBytes(text)
    }

    private static let all: [(text: String, bytes: PathBytes)] =
        (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            CommandLine.unsafeArgv[index].map { argument in
                let bytes = PathBytes(cString: argument)
                return (standIn(of: bytes), bytes)
            }
        }

    /// The text itself, or one in which scalars for private use stand for the bytes that are not UTF-8.
    private static func standIn(of path: PathBytes) -> String {
        if path.isText { return path.text }
        var text = ""
        var rest = path.bytes[...]
        while let first = rest.first {
            let character = (1...4).lazy.compactMap { count in
                rest.count < count ? nil : String(validating: rest.prefix(count), as: UTF8.self)
            }.first
            if let character {
                text += character
                rest = rest.dropFirst(character.utf8.count)
            } else {
                // From U+10FE80 on: the end of the last plane for private use.
                text.unicodeScalars.append(Unicode.Scalar(0x10_FE00 + UInt32(first)) ?? "\u{FFFD}")
                rest = rest.dropFirst()
            }
        }
        return text
    }
}
