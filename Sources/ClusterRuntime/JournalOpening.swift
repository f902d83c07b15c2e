internal import JobJournal
internal import JobOutput
internal import JobState
internal import Logging
internal import Manifests
internal import Processes
internal import SpeechTypes

/// Opens a job's journal, whatever was asked for when it was made.
struct JournalOpening {
    let plan: JobPlan
    let rows: any JobRows
    let folder: JobFolder

    /// The journal of the job, in a new epoch.
    ///
    /// An input that only grew goes on; one that changed otherwise is refused, or reconciled where
    /// that was asked for.
    func open() throws(RuntimeError) -> Journal {
        let journal = try openJournal()
        if let before = journal.takenOver {
            plan.logger.tell(
                .notice,
                before.sentence(plan.identity.engineNumber) + "; the report names both")
        }
        do throws(RuntimeError) {
            try rows.adopt()
        } catch {
            try? journal.close()
            throw error
        }
        return journal
    }

    private func openJournal() throws(RuntimeError) -> Journal {
        do throws(JournalError) {
            let journal = try make()
            // Asked to begin again, a job of another engine is not just the same.
            guard plan.overwrites,
                try journal.finalDigest() != nil || journal.takenOver != nil
            else { return journal }
            try journal.close()
        } catch {
            let mayClear: Set<JournalError.Code> = [.otherJob, .otherRows, .format, .damaged]
            if error.code == .otherRows, !plan.overwrites { return try reconcile() }
            guard plan.overwrites, mayClear.contains(error.code) else { throw RuntimeError(error) }
        }
        try folder.clear()
        return try madeAgain()
    }

    private var description: JobDescription {
        JobDescription(plan.identity, manifest: rows.place)
    }

    private func make() throws(JournalError) -> Journal {
        try Journal(
            at: folder.journalPath, of: description, host: HostName.text(),
            continues: { before in
                // Asked to begin again, nothing goes on that is not just the same.
                if plan.overwrites { return false }
                do throws(RuntimeError) {
                    guard try rows.begin(with: before) else { return false }
                    plan.logger.tell(
                        .notice,
                        "the input grew from \(before.rowCount) to \(rows.rowCount) rows; the job "
                            + "goes on with them")
                    return true
                } catch {
                    throw JournalError(.inputOutput, path: rows.place.path, error.description)
                }
            })
    }

    private func madeAgain() throws(RuntimeError) -> Journal {
        do throws(JournalError) {
            return try make()
        } catch {
            throw RuntimeError(error)
        }
    }

    // MARK: Other rows

    private func reconcile() throws(RuntimeError) -> Journal {
        let kept: Int
        do throws(JournalError) {
            let carryOver = try JournalCarryOver(from: folder.journalPath) { before in
                sameRows(as: before)
            }
            guard plan.reconciles else {
                let same = try carryOver.count()
                let (recorded, before) = (carryOver.recordedRows, carryOver.manifest)
                try carryOver.close()
                throw refusal(same: same, recorded: recorded, before)
            }
            kept = try carryOver.write(
                to: folder.unfinishedJournalPath, of: description, host: HostName.text())
            try carryOver.close()
        } catch {
            throw RuntimeError(error)
        }
        let aside = try folder.installJournal()
        plan.logger.tell(
            .notice,
            "the input has changed: \(kept) of its \(rows.rowCount) rows keep their records; "
                + "the journal before is kept as \(aside)")
        return try madeAgain()
    }

    /// The rows as they are now, and which of them would end as before.
    private func sameRows(as before: StoredManifest) -> JournalCarryOver.Rows {
        let (rows, identity) = (rows, plan.identity)
        let hasMoved = before.place.folder != rows.place.folder
        return JournalCarryOver.Rows(
            count: rows.rowCount,
            digest: { try rows.named($0).digest },
            mayKeep: { ordinal, ordinalBefore in
                // Log-probabilities, and what audio is like, lie under the row's number.
                let usesNumbers =
                    identity.options.logitsDirectory != nil || identity.options.logitsSource != nil
                    || identity.options.audioFeaturesSource != nil
                if usesNumbers, ordinal != ordinalBefore {
                    return false
                }
                return try !hasMoved || !rows.hasRelativePath(ordinal)
            })
    }

    private func refusal(
        same: Int, recorded: Int, _ before: StoredManifest
    ) -> JournalError {
        let elsewhere =
            before.place.folder == rows.place.folder
            ? "" : ", relative paths start elsewhere than in \(before.place.folder)"
        return JournalError(
            .otherRows, path: folder.journalPath,
            "the input has changed, and not only by new rows at its end (\(rows.rowCount) rows, "
                + "\(before.rowCount) before, \(recorded) of them recorded\(elsewhere)). \(same) of the rows now "
                + "are recorded already: --reconcile keeps those and goes on with the others. Or "
                + "restore the input, choose another output name, or give --overwrite to begin again"
        )
    }
}
