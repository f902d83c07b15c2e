package import Digests
internal import Glibc
internal import JobJournal
package import JobState
package import Manifests
package import Processes
package import Provenance
internal import SpeechTypes

/// What the journal of a finished job says, read without beginning a new epoch.
package struct RecordedJob: Sendable {
    /// With the arithmetic class of the first worker.
    package let identity: JobIdentity
    /// SHA-256 of the output that was written.
    package let outputDigest: ContentDigest
    /// SHA-256 of the file of features that was written; nil where the job has none.
    package let featuresDigest: ContentDigest?
    /// Digests of records and audio; those of rows without a transcript follow from ``failures``.
    private var digests = RowDigests()
    private var failures: [(ordinal: Int, code: FailureCode, engine: Int)] = []
    /// Decoded audio of each row; 0 for rows without a transcript.
    package let audioMilliseconds: [Int]

    /// Reads the journal of the job that writes `output`; nil if there is none.
    ///
    /// - Throws: `usage` if the job has not finished.
    package static func read(ofOutput output: String) throws(RuntimeError) -> RecordedJob? {
        // A journal that is just taking another's place is one.
        let journals = ["journal.sqlite", "journal.next.sqlite"].map { "\(output).job/\($0)" }
        guard journals.contains(where: { access($0, F_OK) == 0 }) else { return nil }
        // Held while it is read, so that no coordinator begins meanwhile.
        let folder = try JobFolder(existing: output)
        do throws(JournalError) {
            let journal = try JournalInspection(at: folder.journalPath)
            let job: RecordedJob?
            do throws(JournalError) {
                job = try RecordedJob(journal)
            } catch {
                try? journal.close()
                throw error
            }
            try journal.close()
            guard let job else {
                throw JournalError(
                    .otherJob, path: folder.path,
                    "the job has not finished; run its command again, then verify")
            }
            return job
        } catch {
            guard error.code != .otherJob else { throw RuntimeError(.usage, error.description) }
            throw RuntimeError(error)
        }
    }

    private init?(_ journal: JournalInspection) throws(JournalError) {
        guard let output = try journal.finalDigest() else { return nil }
        identity = try journal.identity()
        outputDigest = output
        featuresDigest = try journal.featuresDigest()
        var digests = RowDigests()
        var failures: [(ordinal: Int, code: FailureCode, engine: Int)] = []
        let latest = identity.engineNumber
        var audioMilliseconds: [Int] = []
        try journal.forEachRow { row in
            digests.records.append(row.recordDigest ?? .zero)
            digests.audio.append(row.audioDigest ?? .zero)
            audioMilliseconds.append(row.audioMilliseconds)
            if let engine = row.otherEngine { digests.setEngine(engine, of: row.ordinal) }
            if let features = row.featuresDigest {
                digests.setFeatures(features, of: row.ordinal)
            }
            digests.setObject(row.object, of: row.ordinal)
            if let code = row.code {
                failures.append((row.ordinal, code, row.otherEngine ?? latest))
            }
        }
        guard digests.rowCount == identity.rowCount else { return nil }
        self.digests = digests
        self.audioMilliseconds = audioMilliseconds
        self.failures = failures
    }

    /// The digests of all rows' records and audio.
    package func rowDigests(of manifest: IndexedManifest) throws(RuntimeError) -> RowDigests {
        var digests = digests
        do throws(ManifestError) {
            for (ordinal, code, engine) in failures {
                let record = try manifest.record(
                    of: ordinal, failedWith: code, fields: TranscriptFields(engine: engine))
                digests.records[ordinal] = SHA256Hasher.digest(of: record).short
            }
        } catch {
            throw RuntimeError(error)
        }
        return digests
    }
}
