internal import Manifests
internal import SpeechTypes

/// The lines of an input that is a list of something other than JSON, each within the limit.
struct InputLines {
    private let path: PathBytes
    private let reader: LineReader

    /// - Throws: `ManifestError` if the file cannot be read.
    init(_ path: PathBytes) throws(ManifestError) {
        self.path = path
        reader = try LineReader(path)
    }

    /// The next line; nil at the end.
    ///
    /// - Throws: `ManifestError` with its number for a line beyond the limit, or if the file
    ///   is encoded in UTF-16 or UTF-32.
    func next() throws(ManifestError) -> InputLine? { try checked(reader.next()) }

    /// The next line that is not blank; nil at the end.
    ///
    /// - Throws: as ``next()``.
    func nextRow() throws(ManifestError) -> InputLine? { try checked(reader.nextRow()) }

    private func checked(_ line: ManifestLine?) throws(ManifestError) -> InputLine? {
        guard let line else { return nil }
        let checked = InputLine(path: path, number: line.number, bytes: line.bytes)
        guard line.bytes.count <= ManifestLimits.lineBytesMax else {
            throw checked.error("too long")
        }
        return checked
    }
}

/// One line of a list.
struct InputLine {
    fileprivate let path: PathBytes
    /// 1-based, blank lines included.
    let number: Int
    /// Without the line end.
    let bytes: [UInt8]

    /// The line as the bytes of paths.
    ///
    /// - Throws: `ManifestError` for a zero byte, which no path has.
    func pathBytes() throws(ManifestError) -> [UInt8] {
        guard !bytes.contains(0) else { throw error("a zero byte is in no path") }
        return bytes
    }

    /// The line as text.
    ///
    /// - Throws: `ManifestError` if it is not UTF-8.
    func text() throws(ManifestError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw error("not UTF-8") }
        return text
    }

    /// What is wrong with the line, with its number.
    func error(_ message: String) -> ManifestError {
        ManifestError(.invalid, path.text, line: number, message)
    }
}
