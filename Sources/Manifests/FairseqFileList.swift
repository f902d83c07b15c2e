/// A file list of fairseq: `NAME.tsv` with its root folder on the first line, then
/// `path<TAB>sample count`; the references beside it in `NAME.wrd` or `NAME.ltr`, line by line.
struct FairseqFileList {
    private let path: String
    /// Where relative paths start, unless the list's own root says otherwise.
    private let listFolder: String

    init(_ path: String) throws(ManifestError) {
        self.path = path
        listFolder = FilePath.folder(of: try FilePath.absolute(path))
    }

    /// Calls `body` with the absolute path and the reference of each file, in the list's order.
    ///
    /// Sample counts are not checked, as in fairseq; a relative root starts at the list's folder.
    func forEachFile(
        _ body: (String, String?) throws(ManifestError) -> Void
    ) throws(ManifestError) {
        let lines = try LineReader(path)
        guard let first = try lines.next() else {
            throw ManifestError(
                .invalid, path, line: 1, "empty; the first line must be the root folder")
        }
        let root = FilePath.joined(listFolder, try text(first))
        let references = try References(of: path)
        while let line = try lines.nextRow() {
            let fields = try text(line).split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 2, !fields[0].isEmpty, Int(fields[1]) != nil else {
                throw ManifestError(
                    .invalid, path, line: line.number, "not a path, a tab and a sample count")
            }
            let file = String(fields[0])
            guard !Self.isByteRange(file) else {
                throw ManifestError(
                    .invalid, path, line: line.number,
                    "byte ranges of an archive (file:offset:length) are not supported; unpack it and "
                        + "list the files")
            }
            try body(FilePath.joined(root, file), try references?.next(for: line.number))
        }
        try references?.finish()
    }

    private func text(_ line: ManifestLine) throws(ManifestError) -> String {
        guard line.bytes.count <= ManifestLimits.lineBytesMax,
            let text = String(validating: line.bytes, as: UTF8.self)
        else {
            throw ManifestError(.invalid, path, line: line.number, "too long, or not UTF-8")
        }
        return text
    }

    /// `file:offset:length`, where the name alone is not that of an audio file.
    private static func isByteRange(_ path: String) -> Bool {
        guard !AudioFolder.extensions.contains(FilePath.fileExtension(path)) else { return false }
        let parts = path.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count >= 3 && parts.suffix(2).allSatisfy { Int($0) != nil }
    }

    /// The references beside a list.
    private final class References {
        private let path: String
        private let isLetters: Bool
        private let lines: LineReader

        /// Nil if there are none; words are taken rather than letters.
        init?(of list: String) throws(ManifestError) {
            let stem = list.hasSuffix(".tsv") ? String(list.dropLast(4)) : list
            guard
                let kind = ["wrd", "ltr"].first(where: { FilePath.status("\(stem).\($0)") != nil })
            else { return nil }
            path = "\(stem).\(kind)"
            isLetters = kind == "ltr"
            lines = try LineReader(path)
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
            let symbols = text.split(separator: " ")
            guard isLetters else { return symbols.joined(separator: " ") }
            return symbols.joined().split(separator: "|").joined(separator: " ")
        }

        func finish() throws(ManifestError) {
            if let line = try lines.nextRow() {
                throw ManifestError(
                    .invalid, path, line: line.number, "more lines than the list has files")
            }
        }
    }
}
