/// Encodings of text that are not read here, by how a file in them begins.
package enum TextEncoding {
    /// What a name is told by.
    static let markBytes = 4
    /// What the start of an object is looked for in.
    static let headBytes = 256

    /// `UTF-16LE`, `UTF-16BE`, `UTF-32LE` or `UTF-32BE`; nil for anything else.
    ///
    /// By the byte order mark, or by the zeros between the first two characters, which begin neither a
    /// line of JSON nor a path.
    static func name(of head: some Collection<UInt8>) -> String? {
        let start = Array(head.prefix(markBytes))
        if start == [0xFF, 0xFE, 0, 0] { return "UTF-32LE" }
        if start == [0, 0, 0xFE, 0xFF] { return "UTF-32BE" }
        if start.starts(with: [0xFF, 0xFE]) { return "UTF-16LE" }
        if start.starts(with: [0xFE, 0xFF]) { return "UTF-16BE" }
        switch start.map({ $0 == 0 }) {
        case [false, true, true, true]: return "UTF-32LE"
        case [true, true, true, false]: return "UTF-32BE"
        case [false, true, false, true]: return "UTF-16LE"
        case [true, false, true, false]: return "UTF-16BE"
        default: return nil
        }
    }

    /// Whether text in one of these encodings begins with `{`, white space before it left out.
    package static func startsLikeObject(_ head: some Collection<UInt8>) -> Bool {
        let marks: Set<UInt8> = [0, 0xFF, 0xFE, 0x20, 0x09, 0x0A, 0x0D]
        return name(of: head) != nil
            && head.first { !marks.contains($0) } == UInt8(ascii: "{")
    }
}
