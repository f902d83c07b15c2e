/// The rows of inputs that are not one manifest, produced one at a time.
package struct InputRows: Sendable {
    /// One input, and what it is.
    enum Item: Hashable, Sendable {
        case standardInput
        /// A manifest that can be read once.
        case stream(String)
        case manifest(String)
        case fileList(String)
        case folder(String)
        case recording(String)
    }

    let items: [Item]
    let excluding: [String]
    let folder: String

    /// Calls `sink` with each row, without a line end, in the order of the inputs.
    ///
    /// Rows that stem from a manifest keep their bytes, except that a relative path becomes absolute
    /// where the manifest lies in another folder than the one the rows are resolved against.
    package func forEachRow(
        _ sink: ([UInt8]) throws(ManifestError) -> Void
    ) throws(ManifestError) {
        for item in items {
            switch item {
            case .standardInput: try copy(LineReader("-"), sink)
            case .stream(let path): try copy(LineReader(path), sink)
            case .manifest(let path):
                let manifest = try ManifestFile(path: path)
                let lines = try LineReader(path)
                while let line = try lines.nextRow() {
                    let isHere = manifest.folder == folder
                    try sink(
                        isHere
                            ? line.bytes
                            : CanonicalRow.bytes(of: line.bytes, movedFrom: manifest.folder))
                }
            case .fileList(let path):
                try FairseqFileList(path).forEachFile { path, text throws(ManifestError) in
                    try sink(CanonicalRow.bytes(audioPath: path, text: text))
                }
            case .folder(let path):
                let recordings = try AudioFolder(path, excluding: excluding)
                try recordings.forEachFile { path throws(ManifestError) in
                    try sink(CanonicalRow.bytes(audioPath: path))
                }
            case .recording(let path): try sink(CanonicalRow.bytes(audioPath: path))
            }
        }
    }

    /// Writes the rows as a manifest, complete or not at all.
    ///
    /// - Returns: how many lines were written, blank ones of a stream included.
    package func write(to path: String) throws(ManifestError) -> Int {
        let file = try AtomicFile(path)
        var count = 0
        try forEachRow { row throws(ManifestError) in
            try file.write(row)
            try file.write(CollectionOfOne(0x0A))
            count += 1
        }
        try file.commit()
        return count
    }

    /// All lines, blank ones too, so that line numbers stay those of the stream.
    private func copy(
        _ lines: LineReader, _ sink: ([UInt8]) throws(ManifestError) -> Void
    ) throws(ManifestError) {
        while let line = try lines.next() { try sink(line.bytes) }
    }
}
