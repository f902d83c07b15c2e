package import AudioFolders
internal import Glibc
package import Manifests
internal import RemoteAudio
package import SpeechBoundaries
package import SpeechTypes

/// What the inputs of a command come to.
package enum ResolvedInput: Sendable {
    /// One JSON Lines manifest, used where it lies; `folder` is where its relative paths start.
    case manifest(path: String, folder: String)
    /// Anything else: rows that must be written first; `folder` is the working folder.
    case rows(InputRows, folder: String)

    /// A single audio file, by its name.
    package var isOneRecording: Bool {
        guard case .rows(let rows, _) = self, rows.inputs.count == 1 else { return false }
        return rows.inputs[0].isOneRecording
    }

    /// Whether rows say which channel of their recordings they are of.
    package var namesChannels: Bool {
        guard case .rows(let rows, _) = self else { return false }
        return rows.inputs.contains { $0.namesChannels }
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
    private let form: String?
    private let columns: ColumnChoice
    private let furtherPaths: [String]
    private let boundaries: BoundaryFile?
    private let tars: [PathBytes]
    private let sources: InputSources?

    /// - Parameter inputs: manifests, file lists, recordings, folders, patterns, or `-` for a
    ///   manifest on standard input.
    /// - Parameter excluding: files and folders that are not inputs even if they lie below a folder
    ///   that is: the output and its job folder.
    /// - Parameter folders: how folders become rows.
    /// - Parameter form: the form that all inputs are said to have, one of ``InputForms/choices``.
    /// - Parameter columns: what tables call their columns.
    /// - Parameter furtherPaths: members of rows, besides the audio, whose relative paths start at the folder of
    ///   their manifest also where several manifests become one.
    /// - Parameter boundaries: where somebody speaks in the recordings, which goes into their rows.
    /// - Parameter tars: archives, or patterns of them, whose members the rows of manifests are.
    /// - Parameter sources: opens archives and lists stores; nil if inputs are plain files.
    package init(
        _ inputs: [PathBytes], excluding: [String] = [], folders: FolderOptions = FolderOptions(),
        form: String? = nil, columns: ColumnChoice = ColumnChoice(), furtherPaths: [String] = [],
        boundaries: BoundaryFile? = nil, tars: [PathBytes] = [], sources: InputSources? = nil
    ) {
        self.tars = tars
        self.sources = sources
        self.boundaries = boundaries
        self.furtherPaths = furtherPaths
        self.form = form
        self.columns = columns
        self.inputs = inputs
        self.excluding = excluding
        self.folders = folders
    }

    /// Finds out what each input is; patterns are expanded, folders and lists are read later.
    package func resolve() throws(ManifestError) -> ResolvedInput {
        var found: [any InputForm] = []
        var shards: [PathBytes] = []
        for tar in tars {
            shards += try expanded(tar)
        }
        for input in inputs {
            for path in try expanded(input) {
                var candidate = try InputCandidate(path)
                candidate.columns = columns
                candidate.tars = shards
                found.append(try InputForms.recognise(candidate, as: form))
            }
        }
        guard found.filter(\.isStandardInput).count <= 1 else {
            throw ManifestError(.invalid, "-", "standard input can be read only once")
        }
        if found.count == 1, let path = found[0].manifestPath, try FilePath.absolute(path).isText {
            let folder = try ManifestFile(path: path.text).folder
            guard let boundaries else { return .manifest(path: path.text, folder: folder) }
            // Rows keep their relative paths, which start where they did.
            let context = InputContext(
                workingFolder: try FilePath.absolute(PathBytes(".")),
                rowsFolder: PathBytes(folder), excluding: excluding, folders: folders,
                furtherPaths: furtherPaths, sources: sources)
            return .rows(
                InputRows(inputs: found, context: context, boundaries: boundaries),
                folder: folder)
        }
        guard
            columns.names.isEmpty
                || found.contains(where: { $0 is ColumnTable || $0 is AudioFolderList })
        else {
            throw ManifestError(
                .invalid, inputs.first?.text ?? "-",
                "is no table with named columns, so --column says nothing of it")
        }
        guard shards.isEmpty || found.contains(where: { $0 is TarredManifest }) else {
            throw ManifestError(
                .invalid, inputs.first?.text ?? "-",
                "is no manifest whose rows could be members of archives, so --tar says nothing of it; an "
                    + "archive alone is an input itself")
        }
        let workingFolder = try FilePath.absolute(PathBytes("."))
        // The folder of the rows is told to workers as text; where it is none, all paths are absolute.
        let folder = workingFolder.isText ? workingFolder : "/"
        let rows = InputRows(
            inputs: found,
            context: InputContext(
                workingFolder: workingFolder, rowsFolder: folder, excluding: excluding,
                folders: folders, furtherPaths: furtherPaths, sources: sources),
            boundaries: boundaries)
        return .rows(rows, folder: folder.text)
    }

    /// The paths that an input stands for: itself, or what a pattern matches that no shell expanded.
    private func expanded(_ input: PathBytes) throws(ManifestError) -> [PathBytes] {
        if input == "-" || FilePath.status(input) != nil { return [input] }
        if let file = AudioLocation.file(ofAddress: input) { return try expanded(file) }
        if AudioLocation.scheme(of: input) != nil {
            let addresses = try ShardNames.expanded(input) ?? [input]
            for address in addresses where sources?.remote?.admits(address) != true {
                throw ManifestError(
                    .invalid, address.text,
                    "is no address that is fetched here; there are https://, http://, s3://bucket/ and "
                        + "hf://datasets/OWNER/NAME/, with --allow-source where the input alone does not say it"
                )
            }
            return addresses
        }
        if let shards = try ShardNames.expanded(input) { return shards }
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
}
