internal import Manifests
internal import SpeechTypes

/// The lines of an input that is a list, each within the limit; compressed lists are expanded.
struct InputLines {
    private let path: PathBytes
    private let reader: LineReader

    /// - Throws: `ManifestError` if the file cannot be read.
    init(_ path: PathBytes) throws(ManifestError) {
        self.path = path
        reader = try LineReader(path, expanding: true)
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
        return try InputLine(path: path, line)
    }
}

/// One line of a list.
struct InputLine {
    private enum Place {
        case number(Int)
        /// Counted where it is asked for.
        case counted(() throws(ManifestError) -> Int)
    }

    private let path: PathBytes
    private let place: Place
    /// Without the line end.
    let bytes: [UInt8]

    /// - Throws: `ManifestError` for a line beyond the limit.
    init(path: PathBytes, _ line: ManifestLine) throws(ManifestError) {
        self.path = path
        place = .number(line.number)
        bytes = line.bytes
        guard bytes.count <= ManifestLimits.lineBytesMax else { throw error("too long") }
    }

    /// A line that was found without those before it.
    init(
        path: PathBytes, bytes: [UInt8], number: @escaping () throws(ManifestError) -> Int
    ) throws(ManifestError) {
        self.path = path
        place = .counted(number)
        self.bytes = bytes
        guard bytes.count <= ManifestLimits.lineBytesMax else { throw error("too long") }
    }

    /// 1-based, blank lines included; 0 where the list cannot be read any more.
    var number: Int {
        switch place {
        case .number(let number): number
        case .counted(let count): (try? count()) ?? 0
        }
    }

    /// The line as the bytes of paths.
    ///
    /// - Throws: `ManifestError` for a zero byte, which no path has.
    func pathBytes() throws(ManifestError) -> [UInt8] { try pathBytes(bytes) }

    /// A part of the line as the bytes of paths.
    ///
    /// - Throws: likewise.
    func pathBytes(_ part: some Collection<UInt8>) throws(ManifestError) -> [UInt8] {
        guard !part.contains(0) else { throw error("a zero byte is in no path") }
        return Array(part)
    }

    /// The line as text.
    ///
    /// - Throws: `ManifestError` if it is not UTF-8.
    func text() throws(ManifestError) -> String { try text(bytes) }

    /// A part of the line as text.
    ///
    /// - Throws: likewise.
    func text(_ part: some Collection<UInt8>) throws(ManifestError) -> String {
        guard let text = String(validating: part, as: UTF8.self) else { throw error("not UTF-8") }
        return text
    }

    /// What stands before the first white space, and what stands behind it without white space at its ends.
    func keyAndRest() -> (key: [UInt8], rest: ArraySlice<UInt8>) {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        let line = bytes.drop(while: isSpace)
        let key = line.prefix { !isSpace($0) }
        var rest = line[key.endIndex...].drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return (Array(key), rest)
    }

    /// The parts between white space.
    var fields: [ArraySlice<UInt8>] {
        bytes.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    }

    /// What is wrong with the line, with its number.
    func error(_ message: String) -> ManifestError {
        ManifestError(.invalid, path.text, line: number, message)
    }
}
