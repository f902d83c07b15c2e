package import AudioFolders
internal import Files
package import Manifests
internal import SpeechBoundaries
internal import SpeechTypes
internal import Threading

/// The rows of inputs that are not one manifest, produced one at a time.
package struct InputRows: Sendable {
    /// What was written.
    package struct Written: Sendable {
        /// Lines, blank ones of a stream included.
        package var lineCount = 0
        /// What there is in the folders besides.
        package var leftOut = SkippedEntries()
        /// Rows of recordings that the file of boundaries does not name.
        package var rowsWithoutBoundaries = 0
    }

    let inputs: [any InputForm]
    private var context: InputContext
    /// What a file says of where somebody speaks, which goes into the rows.
    private let boundaries: BoundaryFile?

    init(
        inputs: [any InputForm], context: InputContext, boundaries: BoundaryFile? = nil
    ) {
        self.inputs = inputs
        self.context = context
        self.boundaries = boundaries
    }

    /// How folders become rows.
    package var folders: FolderOptions {
        get { context.folders }
        set { context.folders = newValue }
    }

    /// Whether a folder is among the inputs.
    package var hasFolders: Bool { inputs.contains { $0.isFolder } }

    /// Calls `sink` with each row, without a line end, in the order of the inputs.
    ///
    /// Rows that stem from a manifest keep their bytes, except that a relative path becomes absolute
    /// where the manifest lies in another folder than the one the rows are resolved against.
    ///
    /// - Returns: what is left out of folders, and how many rows have no boundaries of a file that has some.
    @discardableResult
    package func forEachRow(
        _ sink: ([UInt8]) throws(ManifestError) -> Void
    ) throws(ManifestError) -> (leftOut: SkippedEntries, rowsWithoutBoundaries: Int) {
        var leftOut = SkippedEntries()
        var addition = boundaries.map { BoundaryAddition($0) }
        var context = context
        if hasFolders { context.recorded = try RecordedPaths(rows: folders.recordedRows) }
        for input in inputs {
            let base = try input.base(context)
            leftOut.add(
                try input.forEachRow(context) { row throws(ManifestError) in
                    var bytes = Self.bytes(of: row, from: base, context)
                    if let added = try addition?.added(to: bytes) { bytes = added }
                    try sink(bytes)
                })
        }
        try addition?.finish()
        return (leftOut, addition?.rowsWithout ?? 0)
    }

    /// Writes the rows as a manifest, complete or not at all.
    package func write(to path: String) throws(ManifestError) -> Written {
        let file = try ManifestError.storing { () throws(FileError) in try AtomicFile(path) }
        var written = Written()
        (written.leftOut, written.rowsWithoutBoundaries) = try forEachRow {
            row throws(ManifestError) in
            try ManifestError.storing { () throws(FileError) in
                try file.write(row + [0x0A])
            }
            written.lineCount += 1
            WorkMeter.shared.advance(1, .rows)
        }
        try ManifestError.storing { () throws(FileError) in try file.commit() }
        return written
    }

    /// A row as it is written, its relative path starting at `folder` instead of `base`.
    private static func bytes(
        of row: InputRow, from base: PathBytes, _ context: InputContext
    ) -> [UInt8] {
        let folder = context.rowsFolder
        switch row {
        case .line(let line):
            return base == folder
                ? line
                : CanonicalRow.bytes(of: line, movedFrom: base, furtherPaths: context.furtherPaths)
        case .recording(let path, let text):
            return CanonicalRow.bytes(
                audioPath: base == folder ? path : base.joined(path), text: text)
        case .described(var row):
            if base != folder, !AudioLocation.isCommand(row.path) {
                row.path = AudioLocation.joined(row.path, to: base)
            }
            return row.bytes()
        }
    }
}
