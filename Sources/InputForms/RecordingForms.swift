internal import AudioFolders
internal import Manifests
internal import SpeechTypes

/// A file that is no list of anything.
struct RecordingInput: InputForm {
    private let path: PathBytes

    static let page = InputFormPage(
        help: "an audio file", choice: "recording", name: "anything else", recognisedBy: "",
        rows: "one recording")

    static func recognise(_ candidate: InputCandidate) throws(ManifestError) -> Self? {
        candidate.kind == .regularFile ? Self(path: candidate.path) : nil
    }

    var isOneRecording: Bool { true }

    func forEachRow(
        _ context: InputContext, _ sink: (InputRow) throws(ManifestError) -> Void
    ) throws(ManifestError) -> SkippedEntries {
        try sink(.recording(path))
        return SkippedEntries()
    }
}

/// A folder, with all recordings below it.
struct FolderInput: InputForm {
    private let path: PathBytes

    static let page = InputFormPage(
        help: "a folder", choice: "folder", name: "folder", recognisedBy: "",
        rows: "every recording below it, in the order of the paths' bytes ([how](#folders))")

    static func recognise(_ candidate: InputCandidate) throws(ManifestError) -> Self? {
        candidate.kind == .folder ? Self(path: candidate.path) : nil
    }

    var isFolder: Bool { true }

    func forEachRow(
        _ context: InputContext, _ sink: (InputRow) throws(ManifestError) -> Void
    ) throws(ManifestError) -> SkippedEntries {
        // By the names that rows have, since a begun job's rows are compared with them.
        var folder = try AudioFolder(
            context.named(path), excluding: context.excluding, options: context.folders,
            recorded: context.recorded)
        return try folder.forEachFile { path throws(ManifestError) in
            try sink(.recording(path))
        }
    }
}
