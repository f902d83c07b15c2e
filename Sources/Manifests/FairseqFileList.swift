internal import SpeechTypes

/// A file list of fairseq: `NAME.tsv` with its root folder on the first line, then
/// `path<TAB>sample count`; the references beside it in `NAME.wrd` or `NAME.ltr`, line by line.
///
/// Paths are taken as bytes: such lists are older than UTF-8 in many an archive. References are text.
struct FairseqFileList {
    private let file: PathBytes
    /// For messages.
    private var path: String { file.text }
    /// Where relative paths start, unless the list's own root says otherwise.
    private let listFolder: PathBytes

    private static let tab = UInt8(ascii: "\t")
    private static let colon = UInt8(ascii: ":")

    init(_ path: PathBytes) throws(ManifestError) {
        file = path
        listFolder = try FilePath.absolute(path).folder
    }

    /// Calls `body` with the absolute path and the reference of each file, in the list's order.
    ///
    /// Sample counts are not checked, as in fairseq; a relative root starts at the list's folder.
    func forEachFile(
        _ body: (PathBytes, String?) throws(ManifestError) -> Void
    ) throws(ManifestError) {
        let lines = try LineReader(file)
        guard let first = try lines.next() else {
            throw ManifestError(
                .invalid, path, line: 1, "empty; the first line must be the root folder")
        }
        let root = listFolder.joined(PathBytes(bytes: try bytes(first)))
        let references = try References(of: file)
        while let line = try lines.nextRow() {
            let fields = try bytes(line).split(
                separator: Self.tab, omittingEmptySubsequences: false)
            guard fields.count == 2, !fields[0].isEmpty, Self.number(fields[1]) != nil else {
                throw ManifestError(
                    .invalid, path, line: line.number, "not a path, a tab and a sample count")
            }
            let file = PathBytes(bytes: fields[0])
            guard !Self.isByteRange(file) else {
                throw ManifestError(
                    .invalid, path, line: line.number,
                    "byte ranges of an archive (file:offset:length) are not supported; unpack it and "
                        + "list the files")
            }
            try body(root.joined(file), try references?.next(for: line.number))
        }
        try references?.finish()
    }

    private func bytes(_ line: ManifestLine) throws(ManifestError) -> [UInt8] {
        guard line.bytes.count <= ManifestLimits.lineBytesMax else {
            throw ManifestError(.invalid, path, line: line.number, "too long")
        }
        guard !line.bytes.contains(0) else {
            throw ManifestError(.invalid, path, line: line.number, "a zero byte is in no path")
        }
        return line.bytes
    }

    private static func number(_ field: some Collection<UInt8>) -> Int? {
        Int(String(decoding: field, as: UTF8.self))
    }

    /// `file:offset:length`, where the name alone is not that of an audio file.
    private static func isByteRange(_ path: PathBytes) -> Bool {
        guard !FolderOptions.extensions.contains(path.fileExtension) else { return false }
        let parts = path.bytes.split(separator: colon, omittingEmptySubsequences: false)
        return parts.count >= 3 && parts.suffix(2).allSatisfy { number($0) != nil }
    }

    /// The references beside a list.
    private final class References {
        private let path: String
        private let isLetters: Bool
        private let lines: LineReader

        /// Nil if there are none; words are taken rather than letters.
        init?(of list: PathBytes) throws(ManifestError) {
            let isTSV = list.bytes.reversed().starts(with: ".tsv".utf8.reversed())
            let stem = isTSV ? list.bytes.dropLast(4) : list.bytes[...]
            func file(_ kind: String) -> PathBytes { PathBytes(bytes: stem + ".\(kind)".utf8) }
            guard let kind = ["wrd", "ltr"].first(where: { FilePath.status(file($0)) != nil })
            else { return nil }
            path = file(kind).text
            isLetters = kind == "ltr"
            lines = try LineReader(file(kind))
        }

        func next(for listLine: Int) throws(ManifestError) -> String {
            guard let line = try lines.next() else {
                throw ManifestError(
                    .invalid, path, "has fewer lines than the list has files (its line \(listLine))"
                )
            }
            guard let text = String(validating: line.bytes, as: UTF8.self) else {
                throw ManifestError(.invalid, path, line: line.number, "not UTF-8")
            }
            return Self.reference(text, isLetters: isLetters)
        }

        /// By scalars: a vowel sign after a space or a delimiter is a symbol, not a part of either.
        private static func reference(_ text: String, isLetters: Bool) -> String {
            let symbols = text.unicodeScalars.split(separator: " ")
            let words =
                isLetters
                ? Array(symbols.joined()).split(separator: "|").map { Array($0) }
                : symbols.map { Array($0) }
            return String(String.UnicodeScalarView(words.joined(separator: [" "])))
        }

        func finish() throws(ManifestError) {
            if let line = try lines.nextRow() {
                throw ManifestError(
                    .invalid, path, line: line.number, "more lines than the list has files")
            }
        }
    }
}
