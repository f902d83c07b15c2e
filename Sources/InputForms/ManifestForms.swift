internal import Manifests
internal import SpeechTypes

/// A JSON Lines manifest in a file.
struct JSONLinesManifest: InputForm {
    private let path: PathBytes

    static let page = InputFormPage(
        help: "a manifest (JSON Lines with audio_filepath)", name: "JSON Lines (NeMo's form)",
        recognisedBy:
            "`.jsonl`, `.json`, `.ndjson`, `.manifest`, or a first line that begins with `{`",
        rows: "one object a line; used where it lies")

    private static let extensions: Set = ["json", "jsonl", "ndjson", "manifest"]
    private static let compressed: Set = ["gz", "zst", "xz", "bz2"]

    static func recognise(_ candidate: InputCandidate) throws(ManifestError) -> Self? {
        guard candidate.kind == .regularFile else { return nil }
        if candidate.isFile(withExtension: extensions) { return Self(path: candidate.path) }
        guard !candidate.isFile(withExtension: compressed) else {
            throw ManifestError(.invalid, candidate.path.text, "compressed; unpack it first")
        }
        // A recording's name is believed.
        guard !candidate.isFile(withExtension: FolderOptions.extensions) else { return nil }
        return try candidate.startsLikeObject() ? Self(path: candidate.path) : nil
    }

    var manifestPath: PathBytes? { path }

    func base(_ context: InputContext) throws(ManifestError) -> PathBytes {
        try FilePath.absolute(path).folder
    }

    func forEachRow(
        _ context: InputContext, _ sink: (InputRow) throws(ManifestError) -> Void
    ) throws(ManifestError) -> SkippedEntries {
        let lines = try LineReader(path)
        while let line = try lines.nextRow() { try sink(.line(line.bytes)) }
        return SkippedEntries()
    }
}

/// A JSON Lines manifest that can be read once: standard input, or a pipe.
struct ManifestStream: InputForm {
    private let path: PathBytes
    let isStandardInput: Bool

    static let page = InputFormPage(
        help: "- for a manifest on standard input", name: "`-`, or a pipe", recognisedBy: "",
        rows: "a JSON Lines manifest; relative paths start at the working folder")

    static func recognise(_ candidate: InputCandidate) throws(ManifestError) -> Self? {
        switch candidate.kind {
        case .standardInput: Self(path: candidate.path, isStandardInput: true)
        case .specialFile: Self(path: candidate.path, isStandardInput: false)
        case .folder, .regularFile: nil
        }
    }

    /// All lines, blank ones too, so that line numbers stay those of the stream.
    func forEachRow(
        _ context: InputContext, _ sink: (InputRow) throws(ManifestError) -> Void
    ) throws(ManifestError) -> SkippedEntries {
        let lines = try LineReader(path)
        while let line = try lines.next() { try sink(.line(line.bytes)) }
        return SkippedEntries()
    }
}
