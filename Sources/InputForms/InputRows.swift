internal import Files
package import Manifests
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
    }

    let inputs: [any InputForm]
    private var context: InputContext

    init(inputs: [any InputForm], context: InputContext) {
        self.inputs = inputs
        self.context = context
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
    /// - Returns: what is left out of folders.
    @discardableResult
    package func forEachRow(
        _ sink: ([UInt8]) throws(ManifestError) -> Void
    ) throws(ManifestError) -> SkippedEntries {
        var leftOut = SkippedEntries()
        var context = context
        if hasFolders { context.recorded = try RecordedPaths(rows: folders.recordedRows) }
        for input in inputs {
            let base = try input.base(context)
            leftOut.add(
                try input.forEachRow(context) { row throws(ManifestError) in
                    try sink(Self.bytes(of: row, from: base, context))
                })
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
            let isPath =
                AudioLocation.scheme(of: row.path) == nil && !AudioLocation.isCommand(row.path)
            if base != folder, isPath { row.path = base.joined(row.path) }
            return row.bytes()
        }
    }
}
