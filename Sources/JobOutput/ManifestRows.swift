package import AudioFolders
package import Coordination
package import Digests
internal import DuplicateAudio
internal import Files
package import InputForms
package import JobState
package import Manifests
package import Processes
package import SpeechTypes
internal import StrictJSON
internal import Threading

/// The rows of a manifest, wherever the command line found them.
package struct ManifestRows: JobRows {
    private let manifest: IndexedManifest
    private let jobFolder: JobFolder
    /// The input's file; empty for one in the job's folder.
    private let inputPath: String
    /// The rows that these are of the input; nil for all.
    private let part: JobPart?
    package private(set) var duplicates = DuplicateRows()
    /// Which fields records have.
    private var shape = RecordShape()
    /// What there is in the folders of the input besides the rows; empty where none is looked through.
    package let leftOut: SkippedEntries
    /// Rows of recordings that the file of boundaries does not name, where there is such a file.
    package let rowsWithoutBoundaries: Int

    /// Opens the input's rows, indexed; an input that is no JSON Lines file is written into the
    /// job's folder first.
    ///
    /// What is written stays aside until ``adopt()``: the journal there may be of other rows.
    ///
    /// - Parameter part: the rows to have; nil for all.
    /// - Parameter asBegun: folders are read by the rule of the job that the folder holds, so that a
    ///   job which an earlier version began keeps its rows.
    /// - Parameter lookup: how files are looked at whose rows do not say how long they are.
    package init(
        _ input: ResolvedInput, in folder: JobFolder, part: JobPart? = nil, asBegun: Bool = true,
        lookup: LengthLookup? = nil
    ) throws(RuntimeError) {
        jobFolder = folder
        self.part = part
        folder.dropNextRows()
        var leftOut = SkippedEntries()
        var rowsWithoutBoundaries = 0
        do throws(ManifestError) {
            let path: String
            switch input {
            case .manifest(let manifest, _):
                path = manifest
                inputPath = try FilePath.absolute(manifest)
            case .rows(var rows, _):
                path = folder.nextRowsPath
                inputPath = ""
                WorkMeter.shared.begin("listing the input", .rows)
                if rows.hasFolders {
                    if asBegun {
                        rows.folders.rule = folder.listRule ?? .content
                        rows.folders.recordedRows = folder.rowsPath
                    }
                    try mapError({ ManifestError($0) }) { () throws(FileError) in
                        try folder.writeNextListRule(rows.folders.rule)
                    }
                }
                let written = try rows.write(to: path)
                leftOut = written.leftOut
                rowsWithoutBoundaries = written.rowsWithoutBoundaries
            }
            self.leftOut = leftOut
            self.rowsWithoutBoundaries = rowsWithoutBoundaries
            manifest = try IndexedManifest(
                path: path, index: folder.indexPath(of: part), buildingAt: folder.nextIndexPath,
                folder: input.folder, part: part, lookup: lookup)
        } catch {
            throw RuntimeError(error)
        }
    }

    /// Opens the rows that a job was begun with.
    package init(_ before: StoredManifest, in folder: JobFolder) throws(RuntimeError) {
        jobFolder = folder
        leftOut = SkippedEntries()
        rowsWithoutBoundaries = 0
        part = before.part
        // An index that must be built is for this process alone.
        folder.dropNextRows()
        defer { folder.dropNextRows() }
        inputPath = before.place.path
        let path = inputPath.isEmpty ? folder.rowsPath : inputPath
        defer { WorkMeter.shared.end() }
        do throws(ManifestError) {
            manifest = try IndexedManifest(
                path: path, index: folder.indexPath(of: part), buildingAt: folder.nextIndexPath,
                folder: before.place.folder, part: part)
        } catch {
            throw RuntimeError(error)
        }
    }

    /// Finds the rows with the audio of earlier ones, so that each audio is computed once.
    ///
    /// Pairs that are found stay aside until ``adopt()``, as the rows do.
    ///
    /// - Parameter isNew: look again, though an earlier run of the job has found some.
    package mutating func findDuplicates(
        isNew: Bool, options: RecognitionOptions
    ) throws(RuntimeError) {
        shape = RecordShape(options)
        do throws(ManifestError) {
            var pairs: [DuplicateRowsFile.Pair]?
            if !isNew { pairs = try DuplicateRowsFile.read(jobFolder.duplicatesPath, of: manifest) }
            if pairs == nil {
                var finder = DuplicateAudioFinder(
                    manifest, byChannel: options.channels == .row)
                let found = try finder.pairs()
                try DuplicateRowsFile.write(found, of: manifest, to: jobFolder.nextDuplicatesPath)
                pairs = found
            }
            duplicates = DuplicateRows(
                (pairs ?? []).map {
                    .init(first: UInt32($0.first), duplicate: UInt32($0.duplicate))
                })
        } catch {
            throw RuntimeError(error)
        }
    }

    package var place: ManifestPlace {
        ManifestPlace(
            byteCount: manifest.index.manifestByteCount, folder: manifest.folder, path: inputPath)
    }

    package func begin(with before: StoredManifest) throws(RuntimeError) -> Bool {
        // The rows of a part are others as soon as the manifest has more.
        guard part == nil || before.digest == manifest.digest else { return false }
        do throws(ManifestError) {
            guard
                try manifest.begins(
                    byteCount: before.place.byteCount, rowCount: before.rowCount,
                    digest: before.digest)
            else { return false }
        } catch {
            throw RuntimeError(error)
        }
        guard before.place.folder != manifest.folder else { return true }
        for ordinal in 0..<before.rowCount where try hasRelativePath(ordinal) { return false }
        return true
    }

    package func hasRelativePath(_ ordinal: Int) throws(RuntimeError) -> Bool {
        guard let row = try? ManifestRow.parse(raw: manifest.raw(of: ordinal)) else { return false }
        return row.hasRelativePath
    }

    package func adopt() throws(RuntimeError) { try jobFolder.adoptRows(of: part) }

    /// Of a worker's record only the transcript is taken over; one that cannot be read is none.
    package func record(of ordinal: Int, like record: [UInt8]) -> [UInt8]? {
        guard let object = try? JSONParser.parse(record).object,
            let row = try? ManifestRow.parse(raw: manifest.raw(of: ordinal))
        else { return nil }
        return RecordWriter.transcribed(row, like: object, shape: shape)
    }

    /// The file with the rows, once they are adopted; absolute.
    package var path: String { inputPath.isEmpty ? jobFolder.rowsPath : inputPath }
    /// Where relative paths of the rows start; absolute.
    package var folder: String { manifest.folder }
    /// SHA-256 over the rows' bytes.
    package var digest: ContentDigest { manifest.digest }
    /// Planned audio of all rows.
    package var totalMilliseconds: Int { manifest.totalMilliseconds }

    package var rowCount: Int { manifest.rowCount }

    package func ordinal(atRank rank: Int) -> Int { manifest.index.ordinal(atRank: rank) }

    package func audioMilliseconds(of ordinal: Int) -> Int {
        manifest.index.milliseconds(of: ordinal)
    }

    package func lanes(of ordinal: Int) -> Int { manifest.index.lanes(of: ordinal) }

    package func rawBytes(of ordinal: Int) -> Int {
        let end =
            ordinal + 1 < rowCount
            ? manifest.index.offset(of: ordinal + 1) : manifest.index.manifestByteCount
        // The last row of a part is followed by other rows.
        return min(end - manifest.index.offset(of: ordinal), ManifestLimits.lineBytesMax)
    }

    /// Scheme and host of a URL, or the first two folders of an absolute path: a mount, as a rule.
    ///
    /// Empty for relative paths, which all start in one folder.
    package func source(of ordinal: Int) -> String {
        guard let raw = try? manifest.raw(of: ordinal),
            let audio = try? ManifestRow.parse(raw: raw).audioPath
        else { return "" }
        let path = ArchiveMember(audio)?.archive ?? audio
        let depth = path.isAbsolute || AudioLocation.scheme(of: path) != nil ? 3 : 0
        let slash = UInt8(ascii: "/")
        let parts = path.bytes.split(separator: slash, omittingEmptySubsequences: false)
        let source = Array(parts.prefix(depth).joined(separator: [slash]))
        return String(decoding: source, as: UTF8.self)
    }

    /// A row that cannot be read has a digest that no worker names: its result is not taken, and
    /// its next lease meets the error and ends the job.
    package func rowDigest(of ordinal: Int) -> ShortDigest {
        (try? manifest.rowDigest(of: ordinal)) ?? .zero
    }

    package func named(
        _ ordinal: Int
    ) throws(RuntimeError) -> (raw: [UInt8], digest: ShortDigest) {
        do throws(ManifestError) {
            return try manifest.named(ordinal)
        } catch {
            throw RuntimeError(error)
        }
    }

    package func rejections(
        from ordinal: Int, max: Int
    ) throws(RuntimeError) -> (rows: [PlanningRejection], next: Int?) {
        do throws(ManifestError) {
            let (rows, next) = try manifest.unusableRows(from: ordinal, max: max)
            let rejections = rows.map { row in
                PlanningRejection(
                    ordinal: row.ordinal, code: row.error.code, detail: row.error.detail)
            }
            return (rejections, next)
        } catch {
            throw RuntimeError(error)
        }
    }

    package func record(
        of ordinal: Int, failedWith code: FailureCode, formerEngine: Int?
    ) throws(RuntimeError) -> [UInt8] {
        do throws(ManifestError) {
            return try manifest.record(
                of: ordinal, failedWith: code,
                fields: formerEngine.map { TranscriptFields(engine: $0) } ?? .current)
        } catch {
            throw RuntimeError(error)
        }
    }

    package func sourceFieldCounts(
        options: RecognitionOptions
    ) throws(RuntimeError) -> [(name: String, rows: Int)] {
        // Rows of folders were written aside under another name until the job took them over.
        let path = inputPath.isEmpty ? jobFolder.rowsPath : inputPath
        do throws(ManifestError) {
            let all = try part.map { part throws(ManifestError) in
                part.rows(of: try ManifestFile(path: path).rowCount())
            }
            return try SourceFieldCount.count(
                inManifest: path, rows: all, shape: RecordShape(options))
        } catch {
            throw RuntimeError(error)
        }
    }
}
