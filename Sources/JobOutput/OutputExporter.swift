package import Digests
internal import Files
package import JobJournal
internal import JobState
internal import Manifests
package import Processes
internal import Provenance
internal import SpeechTypes
internal import Threading
package import TranscriptRows

/// Writes the output of a finished job: recorded rows in input order, complete or not at all.
package enum OutputExporter {
    /// What was written.
    package struct Written: Sendable {
        package var digest: ContentDigest
        package var bytes: Int
        package var rows: Int
        /// Of the file with the rows' digests.
        package var digestsDigest: ContentDigest
        /// Of the file with the rows' features; nil where the job has none.
        package var featuresDigest: ContentDigest?
        /// How the seconds were spent; nil where the job does not look for speech.
        package var coverage: CoverageTotals?
        /// Rows whose audio was fetched, and of whose objects it is known what they were.
        package var objects = 0
    }

    /// Writes the output beside `path`, makes it durable, and puts it in its place; before it, the
    /// file with its rows' digests and the one with their features.
    ///
    /// - Parameter hasFeatures: the job has features.
    /// - Parameter hasCoverage: the job's records say how their seconds were spent.
    /// - Parameter engine: the one that the report names; the rows of others are marked as theirs.
    /// - Parameter present: the journal's present one.
    /// - Parameter beforeReplacing: called with the output's digest before it takes its place.
    package static func export(
        _ journal: any RecordedRows, rows: any JobRows, to path: String,
        engine: Int, present: Int, hasFeatures: Bool = false, hasCoverage: Bool = false,
        beforeReplacing: (ContentDigest) throws(RuntimeError) -> Void = { _ in }
    ) throws(RuntimeError) -> Written {
        do {
            let file = try AtomicFile(path)
            let digestsFile = try AtomicFile(DigestsFile.path(ofOutput: path))
            let features = hasFeatures ? try FeaturesWriter(ofOutput: path) : nil
            var hasher = SHA256Hasher()
            var digestsHasher = SHA256Hasher()
            var written = 0
            var objects = 0
            var digests: [UInt8] = []
            var coverage = hasCoverage ? CoverageTotals() : nil
            let next = try RecordReader.forEachBatch(
                of: journal, rows, engineOfRest: engine == present ? nil : engine,
                onRecord: { row, record in
                    digests += DigestsFile.line(
                        record: row.recordDigest ?? SHA256Hasher.digest(of: record).short,
                        audio: row.audioDigest,
                        sameAudioAs: rows.duplicates.first(of: row.ordinal),
                        engine: row.otherEngine(than: engine, present: present),
                        features: row.features.map { SHA256Hasher.digest(of: $0).short },
                        object: row.object)
                    if !row.object.isEmpty { objects += 1 }
                    features?.append(row)
                    record.withUnsafeBytes { coverage?.add($0) }
                },
                onBatch: { batch in
                    hasher.update(batch.bytes)
                    try file.write(batch.bytes)
                    digestsHasher.update(digests)
                    try digestsFile.write(digests)
                    digests.removeAll(keepingCapacity: true)
                    try features?.write()
                    written += batch.bytes.count
                    WorkMeter.shared.advance(batch.rows, .rows)
                })
            guard next == rows.rowCount else {
                throw RuntimeError(
                    .storage, "\(journal.path): row \(next) has no record; run again to go on")
            }
            let digest = hasher.finalize()
            try beforeReplacing(digest)
            try digestsFile.commit()
            let featuresDigest = try features?.commit()
            try file.commit()
            return Written(
                digest: digest, bytes: written, rows: next,
                digestsDigest: digestsHasher.finalize(), featuresDigest: featuresDigest,
                coverage: coverage, objects: objects)
        } catch {
            throw RuntimeError(of: error)
        }
    }

    /// Writes a small file beside `path` and puts it in its place.
    package static func write(_ bytes: [UInt8], to path: String) throws(RuntimeError) {
        try mapError({ RuntimeError($0) }) { () throws(FileError) in
            try AtomicFile.write(bytes, to: path)
        }
    }

    /// The digest of the file at `path`; nil if there is none.
    package static func digest(ofFile path: String) throws(RuntimeError) -> ContentDigest? {
        try mapError({ RuntimeError(.storage, $0.description) }) { () throws(FileError) in
            try FileDigest.sha256(of: path)
        }
    }
}

extension RecordedRow {
    /// The row's engine where it is not `engine`; nil for rows that no engine was asked for.
    fileprivate func otherEngine(than engine: Int, present: Int) -> Int? {
        let own = formerEngine ?? present
        return own == engine || code?.isFoundAtPlanning == true ? nil : own
    }
}
