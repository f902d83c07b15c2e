internal import Digests
internal import Files
internal import JobJournal
internal import JobState
internal import Manifests
internal import Provenance
internal import SpeechTypes
internal import Threading

/// Writes the output of a finished job: recorded rows in input order, complete or not at all.
enum OutputExporter {
    /// What was written.
    struct Written: Sendable {
        var digest: ContentDigest
        var bytes: Int
        var rows: Int
        /// Of the file with the rows' digests.
        var digestsDigest: ContentDigest
    }

    /// Writes the output beside `path`, makes it durable, and puts it in its place; before it, the
    /// file with its rows' digests.
    ///
    /// - Parameter beforeReplacing: called with the output's digest before it takes its place.
    static func export(
        _ journal: any RecordedRows, rows: any JobRows, to path: String,
        beforeReplacing: (ContentDigest) throws(RuntimeError) -> Void = { _ in }
    ) throws(RuntimeError) -> Written {
        do {
            let file = try AtomicFile(path)
            let digestsFile = try AtomicFile(DigestsFile.path(ofOutput: path))
            var hasher = SHA256Hasher()
            var digestsHasher = SHA256Hasher()
            var written = 0
            var next = 0
            let reader = try RecordReader(journal, rowCount: rows.rowCount)
            defer { reader.close() }
            while next < rows.rowCount {
                var digests: [UInt8] = []
                let batch = try RecordBatch(of: reader.next(), rows) { row, record in
                    digests += DigestsFile.line(
                        record: row.recordDigest ?? SHA256Hasher.digest(of: record).short,
                        audio: row.audioDigest,
                        sameAudioAs: rows.duplicates.first(of: row.ordinal))
                }
                guard batch.rows > 0 else {
                    throw RuntimeError(
                        .storage, "\(journal.path): row \(next) has no record; run again to go on")
                }
                hasher.update(batch.bytes)
                try file.write(batch.bytes)
                digestsHasher.update(digests)
                try digestsFile.write(digests)
                written += batch.bytes.count
                next += batch.rows
                WorkMeter.shared.advance(batch.rows, .rows)
            }
            let digest = hasher.finalize()
            try beforeReplacing(digest)
            try digestsFile.commit()
            try file.commit()
            return Written(
                digest: digest, bytes: written, rows: next,
                digestsDigest: digestsHasher.finalize())
        } catch let error as FileError {
            throw RuntimeError(error)
        } catch let error as JournalError {
            throw RuntimeError(error)
        } catch let error as RuntimeError {
            throw error
        } catch {
            throw RuntimeError(.storage, "\(error)")
        }
    }

    /// Writes a small file beside `path` and puts it in its place.
    static func write(_ bytes: [UInt8], to path: String) throws(RuntimeError) {
        try mapError({ RuntimeError($0) }) { () throws(FileError) in
            try AtomicFile.write(bytes, to: path)
        }
    }

    /// The digest of the file at `path`; nil if there is none.
    static func digest(ofFile path: String) throws(RuntimeError) -> ContentDigest? {
        try mapError({ RuntimeError(.storage, $0.description) }) { () throws(FileError) in
            try FileDigest.sha256(of: path)
        }
    }
}

/// Some recorded rows as they stand in the output.
struct RecordBatch {
    /// Records with their line ends.
    private(set) var bytes: [UInt8] = []
    let rows: Int

    /// - Parameter onRecord: called with each row and its record, in order.
    init(
        of recorded: [RecordedRow], _ rows: any JobRows,
        onRecord: (RecordedRow, [UInt8]) -> Void = { _, _ in }
    ) throws(RuntimeError) {
        for row in recorded {
            var record = row.record ?? []
            if let code = row.code {
                record = try rows.record(of: row.ordinal, failedWith: code)
            }
            onRecord(row, record)
            bytes.append(contentsOf: record)
            bytes.append(0x0A)
        }
        self.rows = recorded.count
    }
}

extension RuntimeError {
    /// A journal's error with the exit status that it has.
    init(_ error: JournalError) {
        switch error.code {
        case .locked, .superseded: self.init(.superseded, error.description)
        case .otherJob, .otherRows, .format: self.init(.jobRefused, error.description)
        case .damaged, .full, .cannotOpen, .inputOutput: self.init(.storage, error.description)
        }
    }
}
