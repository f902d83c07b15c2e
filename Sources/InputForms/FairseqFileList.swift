internal import Manifests
internal import SpeechTypes

/// A file list of fairseq: `NAME.tsv` with its root folder on the first line, then
/// `path<TAB>sample count`; the references beside it in `NAME.wrd` or `NAME.ltr`, line by line.
///
/// Paths are taken as bytes: such lists are older than UTF-8 in many an archive. References are text.
struct FairseqFileList: InputForm {
    private let path: PathBytes

    static let page = InputFormPage(
        help: "a fairseq file list (.tsv)", name: "fairseq file list", recognisedBy: "`.tsv`",
        rows:
            "first line the root folder, then `path<TAB>sample count`, paths in any encoding; references from "
            + "`NAME.wrd` or else `NAME.ltr` beside it, line by line; counts are not checked; byte ranges "
            + "(`file:offset:length`) are refused")

    private static let tab = UInt8(ascii: "\t")
    private static let colon = UInt8(ascii: ":")

    static func recognise(_ candidate: InputCandidate) throws(ManifestError) -> Self? {
        candidate.isFile(withExtension: ["tsv"]) ? Self(path: candidate.path) : nil
    }

    /// Where a relative root starts.
    func base(_ context: InputContext) throws(ManifestError) -> PathBytes {
        try FilePath.absolute(path).folder
    }

    /// Gives the absolute path and the reference of each file, in the list's order.
    ///
    /// Sample counts are not checked, as in fairseq; a relative root starts at the list's folder.
    func forEachRow(
        _ context: InputContext, _ sink: (InputRow) throws(ManifestError) -> Void
    ) throws(ManifestError) -> SkippedEntries {
        let lines = try InputLines(path)
        guard let first = try lines.next() else {
            throw ManifestError(
                .invalid, path.text, line: 1, "empty; the first line must be the root folder")
        }
        let root = try base(context).joined(PathBytes(bytes: try first.pathBytes()))
        let references = try References(of: path)
        while let line = try lines.nextRow() {
            let fields = try line.pathBytes().split(
                separator: Self.tab, omittingEmptySubsequences: false)
            guard fields.count == 2, !fields[0].isEmpty, Self.number(fields[1]) != nil else {
                throw line.error("not a path, a tab and a sample count")
            }
            let file = PathBytes(bytes: fields[0])
            guard !Self.isByteRange(file) else {
                throw line.error(
                    "byte ranges of an archive (file:offset:length) are not supported; unpack it and "
                        + "list the files")
            }
            let text = try references?.next(for: line.number)
            try sink(.recording(root.joined(file), text: text))
        }
        try references?.finish()
        return SkippedEntries()
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
        private let lines: InputLines

        /// Nil if there are none; words are taken rather than letters.
        init?(of list: PathBytes) throws(ManifestError) {
            let isTSV = list.bytes.reversed().starts(with: ".tsv".utf8.reversed())
            let stem = isTSV ? list.bytes.dropLast(4) : list.bytes[...]
            func file(_ kind: String) -> PathBytes { PathBytes(bytes: stem + ".\(kind)".utf8) }
            guard let kind = ["wrd", "ltr"].first(where: { FilePath.status(file($0)) != nil })
            else { return nil }
            path = file(kind).text
            isLetters = kind == "ltr"
            lines = try InputLines(file(kind))
        }

        func next(for listLine: Int) throws(ManifestError) -> String {
            guard let line = try lines.next() else {
                throw ManifestError(
                    .invalid, path, "has fewer lines than the list has files (its line \(listLine))"
                )
            }
            return Self.reference(try line.text(), isLetters: isLetters)
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
                throw line.error("more lines than the list has files")
            }
        }
    }
}
