internal import AudioFolders
internal import Manifests
internal import SpeechTypes
internal import StrictJSON

/// The metadata of a folder as Hugging Face's `audiofolder` has it: objects with `file_name`.
///
/// https://huggingface.co/docs/datasets/audio_dataset
struct AudioFolderList: InputForm {
    private let lists: [PathBytes]
    private let columns: ColumnChoice

    static let page = InputFormPage(
        help: "metadata.jsonl or metadata.csv of a Hugging Face folder", choice: "audiofolder",
        name: "Hugging Face audiofolder",
        recognisedBy:
            "`file_name` in the first line; a folder with `--input-form audiofolder` (its `metadata.jsonl` or "
            + "`metadata.csv`, or else those of the folders in it)",
        rows:
            "a file; text from `text` or `transcription`; `id`, `speaker`, `channel`, `language` and all others are kept, "
            + "`offset` and `duration` as `source_offset` and `source_duration`: the file is taken whole; "
            + "relative paths start at the list's folder")

    private static let names = ["metadata.jsonl", "metadata.csv"]
    private static let pathKey = "file_name"

    static func recognise(_ candidate: InputCandidate) throws(ManifestError) -> Self? {
        if candidate.isForced, candidate.kind == .folder {
            return Self(lists: try lists(in: candidate.path), columns: candidate.columns)
        }
        guard candidate.kind == .regularFile else { return nil }
        if candidate.isForced, candidate.isList(withExtension: ["csv"]) {
            return Self(lists: [candidate.path], columns: candidate.columns)
        }
        guard candidate.isForced || candidate.isList(withExtension: ["jsonl"]),
            let first = candidate.firstObject(), first[pathKey]?.string != nil,
            first.member(ManifestRow.pathKey) == nil
        else { return nil }
        return Self(lists: [candidate.path], columns: candidate.columns)
    }

    /// The folder's own list, or else those of the folders in it, in the order of their names.
    private static func lists(in folder: PathBytes) throws(ManifestError) -> [PathBytes] {
        func own(_ folder: PathBytes) -> PathBytes? {
            names.lazy.compactMap { folder.list(PathBytes($0)) }.first
        }
        if let list = own(folder) { return [list] }
        let found = try FolderNames.sorted(in: folder).compactMap { own(folder.joined($0)) }
        guard !found.isEmpty else {
            throw ManifestError(
                .invalid, folder.text,
                "has no metadata.jsonl and no metadata.csv, nor has a folder in it; without "
                    + "--input-form all recordings of the folder are taken")
        }
        return found
    }

    func forEachRow(
        _ context: InputContext, _ sink: (InputRow) throws(ManifestError) -> Void
    ) throws(ManifestError) -> SkippedEntries {
        for list in lists {
            let folder = try FilePath.absolute(list).folder
            func pass(_ row: InputRow) throws(ManifestError) {
                guard case .described(var described) = row else { return try sink(row) }
                described.path = AudioLocation.joined(described.path, to: folder)
                try sink(.described(described))
            }
            if InputCandidate.listName(of: list).fileExtension == "csv" {
                var candidate = try InputCandidate(list)
                candidate.columns = columns
                guard let table = try ColumnTable.recognise(candidate) else { continue }
                _ = try table.forEachRow(context, pass)
            } else {
                let lines = try InputLines(list)
                while let line = try lines.nextRow() { try pass(.described(try Self.row(line))) }
            }
        }
        return SkippedEntries()
    }

    private static func row(_ line: InputLine) throws(ManifestError) -> RowDescription {
        let object: JSONObject
        do throws(RowError) {
            object = try ManifestRow.strictObject(line.bytes)
        } catch {
            throw line.error(error.detail)
        }
        guard let name = object[pathKey]?.string, !name.isEmpty else {
            throw line.error("\(pathKey) is missing, or no name of a file")
        }
        return RowDescription(PathBytes(name), metadata: object, of: line.bytes)
    }
}
