internal import Files
internal import SpeechTypes
internal import Threading

/// The rows of inputs that are not one manifest, produced one at a time.
package struct InputRows: Sendable {
    /// One input, and what it is.
    enum Item: Hashable, Sendable {
        case standardInput
        /// A manifest that can be read once.
        case stream(PathBytes)
        case manifest(PathBytes)
        case fileList(PathBytes)
        case folder(PathBytes)
        case recording(PathBytes)
    }

    /// What was written.
    package struct Written: Sendable {
        /// Lines, blank ones of a stream included.
        package var lineCount = 0
        /// What there is in the folders besides.
        package var leftOut = LeftOut()
    }

    let items: [Item]
    let excluding: [String]
    /// Where relative paths of the rows start; absolute.
    let folder: PathBytes
    /// Where relative paths of the command line start; absolute.
    let workingFolder: PathBytes
    /// How folders become rows.
    package var folders: FolderOptions

    /// Whether a folder is among the inputs.
    package var hasFolders: Bool {
        items.contains { if case .folder = $0 { true } else { false } }
    }

    /// Calls `sink` with each row, without a line end, in the order of the inputs.
    ///
    /// Rows that stem from a manifest keep their bytes, except that a relative path becomes absolute
    /// where the manifest lies in another folder than the one the rows are resolved against.
    ///
    /// - Returns: what is left out of folders.
    @discardableResult
    package func forEachRow(
        _ sink: ([UInt8]) throws(ManifestError) -> Void
    ) throws(ManifestError) -> LeftOut {
        var leftOut = LeftOut()
        let recorded = hasFolders ? try RecordedPaths(rows: folders.recordedRows) : nil
        for item in items {
            switch item {
            case .standardInput: try copy(LineReader("-"), sink)
            case .stream(let path): try copy(LineReader(path), sink)
            case .manifest(let path):
                let base = try FilePath.absolute(path).folder
                let lines = try LineReader(path)
                while let line = try lines.nextRow() { try sink(moved(line.bytes, from: base)) }
            case .fileList(let path):
                try FairseqFileList(path).forEachFile { path, text throws(ManifestError) in
                    try sink(CanonicalRow.bytes(audioPath: path, text: text))
                }
            case .folder(let path):
                guard let recorded else { continue }
                var recordings = try AudioFolder(
                    named(path), excluding: excluding, options: folders, recorded: recorded)
                leftOut.add(
                    try recordings.forEachFile { path throws(ManifestError) in
                        try sink(CanonicalRow.bytes(audioPath: path))
                    })
            case .recording(let path): try sink(CanonicalRow.bytes(audioPath: named(path)))
            }
        }
        return leftOut
    }

    /// Writes the rows as a manifest, complete or not at all.
    package func write(to path: String) throws(ManifestError) -> Written {
        let file = try ManifestError.storing { () throws(FileError) in try AtomicFile(path) }
        var written = Written()
        written.leftOut = try forEachRow { row throws(ManifestError) in
            try ManifestError.storing { () throws(FileError) in
                try file.write(row + [0x0A])
            }
            written.lineCount += 1
            WorkMeter.shared.advance(1, .rows)
        }
        try ManifestError.storing { () throws(FileError) in try file.commit() }
        return written
    }

    /// All lines, blank ones too, so that line numbers stay those of the stream.
    private func copy(
        _ lines: LineReader, _ sink: ([UInt8]) throws(ManifestError) -> Void
    ) throws(ManifestError) {
        while let line = try lines.next() { try sink(moved(line.bytes, from: workingFolder)) }
    }

    /// A row of a manifest whose paths start at `base`.
    private func moved(_ raw: [UInt8], from base: PathBytes) -> [UInt8] {
        base == folder ? raw : CanonicalRow.bytes(of: raw, movedFrom: base)
    }

    /// A path of the command line as it stands in rows.
    private func named(_ path: PathBytes) -> PathBytes {
        workingFolder == folder ? path : workingFolder.joined(path)
    }
}
