internal import AudioFolders
internal import Decompression
internal import Manifests
internal import SpeechTypes

/// A JSON Lines manifest in a file.
struct JSONLinesManifest: InputForm {
    private let path: PathBytes
    private let isCompressed: Bool

    private init(_ candidate: InputCandidate) throws(ManifestError) {
        path = candidate.path
        guard candidate.path != candidate.listName else {
            isCompressed = false
            return
        }
        guard Compression(head: try LineReader.head(of: candidate.path)) != nil else {
            throw ManifestError(
                .invalid, candidate.path.text,
                "called compressed, but it is neither gzip nor zstd; fetch it again or rename it")
        }
        isCompressed = true
    }

    static let page = InputFormPage(
        help: "a manifest (JSON Lines with audio_filepath)", choice: "jsonl",
        name: "JSON Lines (NeMo's form)",
        recognisedBy:
            "`.jsonl`, `.json`, `.ndjson`, `.manifest`, or a first line that begins with `{`",
        rows: "one object a line; used where it lies, unless it is compressed")

    static let extensions: Set = ["json", "jsonl", "ndjson", "manifest"]
    private static let compressed: Set = ["gz", "zst", "xz", "bz2"]
    /// Read here.
    private static let expanded = Set(Compression.allCases.map(\.nameExtension))

    static func recognise(_ candidate: InputCandidate) throws(ManifestError) -> Self? {
        guard candidate.kind == .regularFile else { return nil }
        if candidate.isForced || candidate.isManifest {
            return try Self(candidate)
        }
        if candidate.isFile(withExtension: expanded), try candidate.startsLikeObject() {
            return try Self(candidate)
        }
        guard !candidate.isFile(withExtension: compressed) else {
            throw ManifestError(
                .invalid, candidate.path.text,
                "compressed, and not a list that is known by its name; unpack it first")
        }
        // A recording's name is believed.
        guard !candidate.isFile(withExtension: FolderOptions.extensions) else { return nil }
        return try candidate.startsLikeObject() ? Self(candidate) : nil
    }

    var manifestPath: PathBytes? { isCompressed ? nil : path }

    func base(_ context: InputContext) throws(ManifestError) -> PathBytes {
        try FilePath.absolute(path).folder
    }

    func forEachRow(
        _ context: InputContext, _ sink: (InputRow) throws(ManifestError) -> Void
    ) throws(ManifestError) -> SkippedEntries {
        let lines = try LineReader(path, expanding: isCompressed)
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
        case .folder, .regularFile, .remote: nil
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
