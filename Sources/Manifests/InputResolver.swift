internal import Glibc
package import SpeechTypes

/// What the inputs of a command come to.
package enum ResolvedInput: Sendable {
    /// One JSON Lines manifest, used where it lies; `folder` is where its relative paths start.
    case manifest(path: String, folder: String)
    /// Anything else: rows that must be written first; `folder` is the working folder.
    case rows(InputRows, folder: String)

    /// A single audio file, by its name.
    package var isOneRecording: Bool {
        guard case .rows(let rows, _) = self, rows.items.count == 1,
            case .recording = rows.items[0]
        else { return false }
        return true
    }

    /// Where relative paths of the rows start; absolute.
    package var folder: String {
        switch self {
        case .manifest(_, let folder), .rows(_, let folder): folder
        }
    }
}

/// Turns what stands on the command line into one manifest.
package struct InputResolver {
    private let inputs: [PathBytes]
    private let excluding: [String]
    private let folders: FolderOptions

    /// - Parameter inputs: manifests, file lists, recordings, folders, patterns, or `-` for a
    ///   manifest on standard input.
    /// - Parameter excluding: files and folders that are not inputs even if they lie below a folder
    ///   that is: the output and its job folder.
    /// - Parameter folders: how folders become rows.
    package init(
        _ inputs: [PathBytes], excluding: [String] = [], folders: FolderOptions = FolderOptions()
    ) {
        self.inputs = inputs
        self.excluding = excluding
        self.folders = folders
    }

    /// Finds out what each input is; patterns are expanded, folders and lists are read later.
    package func resolve() throws(ManifestError) -> ResolvedInput {
        var items: [InputRows.Item] = []
        for input in inputs {
            for path in try expanded(input) { items.append(try item(path)) }
        }
        guard items.filter({ $0 == .standardInput }).count <= 1 else {
            throw ManifestError(.invalid, "-", "standard input can be read only once")
        }
        if items.count == 1, case .manifest(let path) = items[0],
            try FilePath.absolute(path).isText
        {
            return .manifest(path: path.text, folder: try ManifestFile(path: path.text).folder)
        }
        let workingFolder = try FilePath.absolute(PathBytes("."))
        // The folder of the rows is told to workers as text; where it is none, all paths are absolute.
        let folder = workingFolder.isText ? workingFolder : "/"
        let rows = InputRows(
            items: items, excluding: excluding, folder: folder, workingFolder: workingFolder,
            folders: folders)
        return .rows(rows, folder: folder.text)
    }

    /// The paths that an input stands for: itself, or what a pattern matches that no shell expanded.
    private func expanded(_ input: PathBytes) throws(ManifestError) -> [PathBytes] {
        if input == "-" || FilePath.status(input) != nil { return [input] }
        guard input.bytes.contains(where: { "*?[".utf8.contains($0) }) else {
            throw ManifestError(
                .notFound, input.text, "there is no such file or folder; check the path")
        }
        var matches = glob_t()
        defer { globfree(&matches) }
        guard input.withCString({ glob($0, 0, nil, &matches) }) == 0 else {
            throw ManifestError(.notFound, input.text, "the pattern matches no file")
        }
        let paths = (0..<Int(matches.gl_pathc)).compactMap { index in
            matches.gl_pathv[index].map { PathBytes(cString: $0) }
        }
        // glob(3) sorts by the locale; the order of bytes is the same everywhere.
        return paths.sorted()
    }

    private func item(_ path: PathBytes) throws(ManifestError) -> InputRows.Item {
        if path == "-" { return .standardInput }
        guard let status = FilePath.status(path) else {
            throw ManifestError(
                .notFound, path.text, "there is no such file or folder; check the path")
        }
        if status.isFolder { return .folder(path) }
        // A pipe, as shells make for <(command), can only be a manifest.
        guard status.isRegularFile else { return .stream(path) }
        switch path.fileExtension {
        case "tsv": return .fileList(path)
        case "json", "jsonl", "ndjson", "manifest": return .manifest(path)
        case "gz", "zst", "xz", "bz2":
            throw ManifestError(.invalid, path.text, "compressed; unpack it first")
        case let type where FolderOptions.extensions.contains(type): return .recording(path)
        default: return try startsLikeJSON(path) ? .manifest(path) : .recording(path)
        }
    }

    /// Whether the first line that is not blank begins like an object.
    private func startsLikeJSON(_ path: PathBytes) throws(ManifestError) -> Bool {
        do throws(ManifestError) {
            let line = try LineReader(path).nextRow()
            return line?.bytes.first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: "{")
        } catch {
            // Of the encodings that are refused, so that it is said of a manifest, not of a recording.
            guard error.code == .encoding else { throw error }
            return try TextEncoding.startsLikeObject(LineReader.head(of: path))
        }
    }
}
