internal import AudioFolders
internal import Manifests
internal import SpeechTypes

/// A file list of fairseq: `NAME.tsv` with its root folder on the first line, then
/// `path<TAB>sample count`; the references beside it in `NAME.wrd` or `NAME.ltr`, line by line.
///
/// Paths are taken as bytes: such lists are older than UTF-8 in many an archive. References are text.
struct FairseqFileList: InputForm {
    private let path: PathBytes

    static let page = InputFormPage(
        help: "a fairseq file list (.tsv)", choice: "fairseq", name: "fairseq file list",
        recognisedBy: "`.tsv`",
        rows:
            "first line the root folder, then `path<TAB>sample count`, paths in any encoding; references from "
            + "`NAME.wrd` or else `NAME.ltr` beside it, line by line; counts are not checked; a path may be a "
            + "byte range of an archive (`audio.zip:offset:length`, stored members)")

    private static let tab = UInt8(ascii: "\t")

    static func recognise(_ candidate: InputCandidate) throws(ManifestError) -> Self? {
        candidate.isList(withExtension: ["tsv"])
            || candidate.isForced && candidate.kind == .regularFile
            ? Self(path: candidate.path) : nil
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
            let text = try references?.next(for: line.number)
            try sink(.recording(root.joined(file), text: text))
        }
        try references?.finish()
        return SkippedEntries()
    }

    private static func number(_ field: some Collection<UInt8>) -> Int? {
        Int(String(decoding: field, as: UTF8.self))
    }

    /// The references beside a list.
    private final class References {
        private let path: String
        private let isLetters: Bool
        private let lines: InputLines

        /// Nil if there are none; words are taken rather than letters.
        init?(of list: PathBytes) throws(ManifestError) {
            let list = InputCandidate.listName(of: list)
            let isTSV = list.bytes.reversed().starts(with: ".tsv".utf8.reversed())
            let stem = isTSV ? PathBytes(bytes: list.bytes.dropLast(4)) : list
            func file(_ kind: String) -> PathBytes? {
                stem.folder.list(PathBytes(bytes: stem.name + ".\(kind)".utf8))
            }
            guard let found = file("wrd") ?? file("ltr") else { return nil }
            path = found.text
            isLetters = InputCandidate.listName(of: found).fileExtension == "ltr"
            lines = try InputLines(found)
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
