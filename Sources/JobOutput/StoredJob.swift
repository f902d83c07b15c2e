internal import Digests
package import JobJournal
internal import JobState
internal import Manifests
package import Processes
internal import Threading

/// A job that no coordinator works on, for commands that look at what it keeps.
package struct StoredJob {
    let folder: JobFolder

    /// What was made of a damaged journal.
    package enum Salvage: Sendable {
        case nothingDamaged
        /// - Parameter aside: where the damaged journal is kept.
        case salvaged(SalvageResult, aside: String)
    }

    /// Findings that are told.
    private static let findingsMax = 20

    /// - Parameter target: the job's output, or its folder.
    /// - Throws: `superseded` if a coordinator works on the job.
    package init(_ target: String) throws(RuntimeError) {
        folder = try JobFolder(existing: target)
    }

    /// The job's journal, for messages.
    package var journalPath: String { folder.journalPath }

    package func summary() throws(RuntimeError) -> JournalSummary {
        try look { journal throws(JournalError) in try journal.summary() }
    }

    /// Reads all of the journal, its index and the input, and says what is wrong; empty if nothing
    /// is.
    package func verify() throws(RuntimeError) -> [String] {
        do throws(JournalError) {
            let journal = try JournalInspection(at: folder.journalPath)
            defer { try? journal.close() }
            let (rows, findings) = input(of: journal.header)
            return findings
                + (try journal.verify(
                    findingsMax: Self.findingsMax,
                    rowDigest: rows.map { rows in
                        { try rows.named($0).digest }
                    }))
        } catch {
            guard error.code == .damaged else { throw RuntimeError(error) }
            return [error.description]
        }
    }

    /// Keeps what is whole of a damaged journal in a new one, and the damaged one under another name.
    package func salvage() throws(RuntimeError) -> Salvage {
        guard try isDamaged() else { return .nothingDamaged }
        let result: SalvageResult
        do throws(JournalError) {
            result = try JournalSalvage.run(
                from: folder.journalPath, to: folder.unfinishedJournalPath,
                host: HostName.text())
        } catch {
            throw RuntimeError(error)
        }
        let aside = result.isNamed ? try folder.installJournal() : try folder.setJournalAside()
        return .salvaged(result, aside: aside)
    }

    /// Writes the recorded rows up to the first that is not beside the output.
    ///
    /// - Returns: a sentence that says what is where.
    package func exportSnapshot(ofOutput output: String) throws(RuntimeError) -> String {
        let journal: JournalInspection
        do throws(JournalError) {
            journal = try JournalInspection(at: folder.journalPath)
        } catch {
            throw RuntimeError(error)
        }
        defer { try? journal.close() }
        guard let manifest = StoredManifest(journal.header) else {
            throw RuntimeError(.storage, "\(folder.journalPath) does not say what its rows are")
        }
        let rows = try ManifestRows(manifest, in: folder)
        guard try rows.begin(with: manifest) else {
            throw RuntimeError(.jobRefused, "the input has changed since; restore it first")
        }
        WorkMeter.shared.begin(
            "writing \(Snapshot.path(ofOutput: output))", .rows, total: manifest.rowCount)
        defer { WorkMeter.shared.end() }
        return try Snapshot(of: journal, rows: rows, output: output).sentence
    }

    /// Whether the journal itself, and not the input or the index, is not as it was written.
    private func isDamaged() throws(RuntimeError) -> Bool {
        do throws(JournalError) {
            let journal = try JournalInspection(at: folder.journalPath)
            defer { try? journal.close() }
            return try !journal.verify(findingsMax: 1, rowDigest: nil).isEmpty
        } catch {
            guard error.code == .damaged else { throw RuntimeError(error) }
            return true
        }
    }

    func look<Value>(
        _ body: (JournalInspection) throws(JournalError) -> Value
    ) throws(RuntimeError) -> Value {
        do throws(JournalError) {
            let journal = try JournalInspection(at: folder.journalPath)
            defer { try? journal.close() }
            return try body(journal)
        } catch {
            throw RuntimeError(error)
        }
    }

    /// The rows that the journal was made for, as far as they can be had, and what is wrong there.
    private func input(of header: JobHeader) -> (rows: ManifestRows?, findings: [String]) {
        guard let manifest = StoredManifest(header) else {
            return (nil, ["the journal does not say what its rows are"])
        }
        var findings: [String] = []
        let indexPath = folder.indexPath(of: manifest.part)
        if let index = try? RowIndex(path: indexPath) {
            if index.manifestDigest != manifest.digest {
                findings.append("\(indexPath): the index is of other rows than the journal")
            }
        } else {
            findings.append(
                "\(indexPath): no whole index is there; the next start builds it")
        }
        do throws(RuntimeError) {
            let rows = try ManifestRows(manifest, in: folder)
            guard try rows.begin(with: manifest) else {
                return (nil, findings + ["the input is not what the journal was made for"])
            }
            return (rows, findings)
        } catch {
            return (nil, findings + [error.description])
        }
    }
}
