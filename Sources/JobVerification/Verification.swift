internal import AudioInput
internal import ClusterRuntime
package import Digests
internal import Files
internal import Glibc
internal import JobOutput
package import JobState
internal import Manifests
internal import Processes
package import Provenance
internal import RemoteAudio
package import SpeechTypes
internal import Threading
internal import Transcription

/// All checks of one output, cheapest first.
package struct Verification {
    private let request: VerificationRequest
    private let output: String
    package private(set) var differences = DifferenceList()
    /// What was looked at, for people: a name and a finding.
    package private(set) var lines: [(name: String, text: String)] = []
    package private(set) var identity: JobIdentity?
    package private(set) var outputDigest: ContentDigest?
    package private(set) var counts: [RowStatus: Int] = [:]
    package private(set) var audioRead: Int?
    package private(set) var transcribedAgain: Int?
    /// Rows that an older engine made, and what this one makes otherwise of them: no differences, since
    /// the output is what its job wrote.
    package private(set) var olderRows: [(row: Int, text: String)] = []
    /// How many rows other engines than the job's made.
    package private(set) var rowsOfOtherEngines: [Int: Int] = [:]

    package init(_ request: VerificationRequest) {
        self.request = request
        output = request.output
    }

    /// Runs them all.
    ///
    /// - Throws: ``VerificationError``, `ManifestError` or `RuntimeError` for what keeps from checking;
    ///   what a check finds is a difference.
    package consuming func run() throws -> Verification {
        WorkMeter.shared.begin("reading the journal", .rows)
        defer { WorkMeter.shared.end() }
        let recorded = try RecordedJob.read(ofOutput: output)
        let report = try ReportFile.read(ReportFile.path(ofOutput: output))
        guard let identity = recorded?.identity ?? report?.identity else {
            throw VerificationError(
                ExitStatus.usage,
                "neither \(output).job nor \(output).report.json is here: nothing says what this "
                    + "output should be")
        }
        self.identity = identity
        if let report { compare(report, with: identity) }

        // Indexed aside: nothing in the job's folder changes.
        let scratch = try JobFolder()
        let rows = try input(report, identity, scratch)
        guard rows.digest == identity.manifestDigest, rows.rowCount == identity.rowCount else {
            differences.add(
                .manifest,
                "\(rows.path) is not the input of this job any more (\(rows.rowCount) rows, were "
                    + "\(identity.rowCount)): nothing else was compared; name the right one with "
                    + "--manifest")
            return self
        }
        lines.append(("input", "\(rows.path), as it was: \(rows.rowCount) rows"))
        WorkMeter.shared.begin("reading the digests of \(output)", .bytes)
        let digests = try digests(recorded, report, rows)
        WorkMeter.shared.begin("reading \(output)", .bytes)
        let check = try OutputCheck(
            of: output, manifest: rows, digests: digests, engine: identity.engineNumber,
            shape: RecordShape(identity.options), differences: differences)
        differences = check.differences
        outputDigest = check.digest
        counts = check.counts
        compareSums(check, recorded, report)
        let features = try features(recorded, report, identity, digests)
        lines.append(
            ("output", "\(check.lineCount) records: \(countsText), sha256 \(check.digest.hex)"))
        if request.readsAudio {
            WorkMeter.shared.begin("decoding all audio again", .rows, total: rows.rowCount)
            var comparison = try AudioComparison(
                rows, identity.options.channels, digests,
                logits: identity.options.logitsSource.map { try LogitsFolder($0) },
                modelRate: identity.options.sampleRate)
            if identity.options.runsCommands {
                comparison.commands = request.allowsCommands ? .run(CommandRunner()) : .passOver
            }
            if let sources = RemoteSources.ofJob(
                identity.options, asksForKeys: request.asksForKeys)
            {
                if request.allows(identity.options.allowedSources) {
                    comparison.sources = sources
                } else {
                    comparison.passesOver = sources
                }
            }
            let changed = try comparison.run(threads: request.threadCount)
            audioRead = changed.rowsRead
            for (row, text) in changed.differences {
                note(.audio, row, text, by: digests.otherEngine(of: row) ?? identity.engineNumber)
            }
            lines.append(("audio", "of \(changed.rowsRead) rows, read again"))
            if !changed.changedObjects.isEmpty {
                lines.append(("objects", Self.text(ofChanged: changed.changedObjects)))
            }
        }
        try transcribeAgain(check, features, report, identity, rows, digests)
        compareEngines(digests, report)
        rowsOfOtherEngines = digests.otherEngines
        if let text = olderText(identity, digests) { lines.append(("engine", text)) }
        return self
    }

    // MARK: Older engines

    /// Notes what this engine makes otherwise: a difference, unless an older one made the row.
    private mutating func note(
        _ kind: Difference.Kind, _ row: Int, _ text: String, by engine: Int
    ) {
        if engine < SpeechModel.engineNumber {
            olderRows.append((row, text))
        } else {
            differences.add(kind, row: row, text)
        }
    }

    /// Whether the report counts as many rows of each engine as the digests name.
    private mutating func compareEngines(_ digests: RowDigests, _ report: ReportFile?) {
        guard let report else { return }
        var told = report.engines
        told[report.identity.engineNumber] = nil
        if told != digests.otherEngines {
            differences.add(
                .report, "\(report.path) counts other rows of earlier engines than there are")
        }
    }

    /// Which rows older engines made, and what this one makes of those that were made again; nil if it
    /// made all.
    private func olderText(_ identity: JobIdentity, _ digests: RowDigests) -> String? {
        let present = SpeechModel.engineNumber
        let others = digests.otherEngines.sorted { $0.key < $1.key }
        guard identity.engineNumber < present || !others.isEmpty else { return nil }
        var text =
            others.isEmpty
            ? "all rows were made by engine \(identity.engineNumber)"
            : others.map { "\($0.value) rows were made by engine \($0.key)" }
                .joined(separator: ", ") + ", the others by engine \(identity.engineNumber)"
        if identity.engineNumber != present { text += ", this program has engine \(present)" }
        let rows = Set(olderRows.map(\.row)).sorted()
        guard !rows.isEmpty else {
            return text + "; those of older engines that were made again are the same"
        }
        let shown = rows.prefix(Self.olderRowsShown).map(String.init).joined(separator: ", ")
        text += "; engine \(present) makes \(rows.count) of the older ones otherwise: \(shown)"
        return text + (rows.count > Self.olderRowsShown ? " and more" : "")
    }

    private static let olderRowsShown = 20

    /// Objects that are not as they were fetched, whatever they decode to.
    private static func text(ofChanged rows: [Int]) -> String {
        let shown = rows.prefix(olderRowsShown).map(String.init).joined(separator: ", ")
        return "\(rows.count) have changed since they were transcribed: of rows \(shown)"
            + (rows.count > olderRowsShown ? " and more" : "")
    }

    // MARK: What is compared

    private mutating func compare(_ report: ReportFile, with identity: JobIdentity) {
        guard report.identity != identity else {
            if !identity.isNamed(report.jobID) {
                differences.add(.report, "\(report.path) gives the job another id")
            }
            return
        }
        let parts = report.identity.differences(from: identity, facts: nil).map(\.rawValue)
        differences.add(
            .report,
            "\(report.path) is of another job than the journal: \(parts.joined(separator: ", "))")
    }

    private func input(
        _ report: ReportFile?, _ identity: JobIdentity, _ scratch: JobFolder
    ) throws -> IndexedManifest {
        let kept = "\(output).job/input.jsonl"
        let candidates = [request.manifest, report?.manifest, kept].compactMap(\.self)
        guard let path = candidates.first(where: { access($0, R_OK) == 0 }) else {
            throw VerificationError(
                ExitStatus.usage,
                "the input is not where it was (\(candidates[0])); name it with --manifest")
        }
        // Rows that were written into the job folder start elsewhere than that.
        let isMoved = path == request.manifest || report == nil
        let folder =
            isMoved && path != kept
            ? try ManifestFile(path: path).folder : try report?.folder ?? FilePath.absolute(".")
        return try IndexedManifest(
            path: path, index: scratch.indexPath, folder: folder, part: identity.part,
            looksUpSizes: false)
    }

    /// The journal's digests, held against those of the file beside the output; either alone will do.
    private mutating func digests(
        _ recorded: RecordedJob?, _ report: ReportFile?, _ rows: IndexedManifest
    ) throws -> RowDigests {
        let path = DigestsFile.path(ofOutput: output)
        let journalled = try recorded?.rowDigests(of: rows)
        guard access(path, R_OK) == 0 else {
            guard let journalled else {
                throw VerificationError(
                    ExitStatus.usage,
                    "neither \(output).job nor \(path) is here: nothing says what the records were")
            }
            lines.append(("digests", "of the journal; \(path) is not here"))
            return journalled
        }
        if let expected = report?.digestsDigest, try FileDigest.sha256(of: path) != expected {
            differences.add(.digests, "\(path) is not the one that the report names")
        }
        let beside: RowDigests
        do {
            beside = try DigestsFile.read(path)
        } catch let error as ManifestError where journalled != nil && error.code == .invalid {
            differences.add(.digests, "\(error)")
            return journalled ?? RowDigests()
        }
        guard beside.rowCount == rows.rowCount else {
            differences.add(
                .digests, "\(path) has \(beside.rowCount) lines for \(rows.rowCount) rows")
            guard let journalled else {
                throw VerificationError(
                    ExitStatus.doneWithFailures,
                    "\(path) has \(beside.rowCount) lines for \(rows.rowCount) rows: nothing says "
                        + "what the records were")
            }
            return journalled
        }
        if let journalled {
            for row in 0..<rows.rowCount
            where beside.records[row] != journalled.records[row]
                || beside.audio[row] != journalled.audio[row]
                || beside.otherEngine(of: row) != journalled.otherEngine(of: row)
                || beside.features(of: row) != journalled.features(of: row)
            {
                differences.add(.digests, row: row, "\(path) differs from the journal")
            }
        }
        lines.append(("digests", journalled == nil ? "of \(path)" : "of the journal and \(path)"))
        return journalled ?? beside
    }

    private mutating func compareSums(
        _ check: OutputCheck, _ recorded: RecordedJob?, _ report: ReportFile?
    ) {
        for (digest, place) in [
            (recorded?.outputDigest, "the journal"), (report?.outputDigest, report?.path ?? ""),
        ] {
            if let digest, digest != check.digest {
                differences.add(
                    .output,
                    "\(output) has another SHA-256 than \(place) says: \(check.digest.hex) instead of "
                        + digest.hex)
            }
        }
        guard let report else { return }
        for status in RowStatus.allCases
        where report.counts[status, default: 0] != counts[status, default: 0] {
            differences.add(
                .report,
                "\(report.path) counts \(report.counts[status, default: 0]) \(status.rawValue) rows, "
                    + "the output has \(counts[status, default: 0])")
        }
    }

    /// The file of features, held against what was recorded; nil where the job has none, or it is gone.
    private mutating func features(
        _ recorded: RecordedJob?, _ report: ReportFile?, _ identity: JobIdentity,
        _ digests: RowDigests
    ) throws -> FeaturesCheck? {
        guard identity.options.hasFeatures else { return nil }
        let path = FeaturesFile.path(ofOutput: output)
        guard access(path, R_OK) == 0 else {
            differences.add(
                .features,
                "\(path) is not here; run the job's command again to have it written")
            return nil
        }
        WorkMeter.shared.begin("reading \(path)", .bytes)
        let check = try FeaturesCheck(of: path, digests: digests, differences: differences)
        differences = check.differences
        for (digest, place) in [
            (recorded?.featuresDigest, "the journal"), (report?.featuresDigest, report?.path ?? ""),
        ] {
            if let digest, digest != check.digest {
                differences.add(.features, "\(path) has another SHA-256 than \(place) says")
            }
        }
        lines.append(("features", "of \(check.lineCount) rows, sha256 \(check.digest.hex)"))
        return check
    }

    private mutating func transcribeAgain(
        _ check: OutputCheck, _ features: FeaturesCheck?, _ report: ReportFile?,
        _ identity: JobIdentity,
        _ rows: IndexedManifest, _ digests: RowDigests
    ) throws {
        let size = request.sample ?? .usual
        guard size.count > 0 else { return }
        if let sentence = request.refusal(of: identity.options) {
            guard request.sample == nil else { throw VerificationError(ExitStatus.usage, sentence) }
            lines.append(("sample", "nothing transcribed again: \(sentence)"))
            return
        }
        guard let model = request.model ?? report?.model,
            request.model != nil || model.hasPrefix("hf:") || access(model, R_OK) == 0
        else {
            let sentence =
                "the job's model is not here (\(report?.model ?? "no report names it")); name it "
                + "with --model"
            // What was asked for by name must not be left out in silence.
            guard request.sample == nil else { throw VerificationError(ExitStatus.usage, sentence) }
            lines.append(("sample", "nothing transcribed again: \(sentence)"))
            return
        }
        let chosen = SampleChoice.rows(
            size.count, of: check.repeatable, job: identity.jobID())
        guard !chosen.isEmpty else { return }
        let again = SampleTranscription(
            rows: rows, chosen: chosen, identity: identity, signals: request.signals,
            logger: request.logger)
        let opened = try request.openModel(
            SampleModelRequest(
                model: model, labels: request.labels ?? report?.labels,
                language: request.language ?? report?.language,
                arithmetic: identity.arithmetic,
                artefactPaths: (report?.artefactPaths ?? [:]).merging(request.artefactPaths) {
                    _, named in named
                }))
        for (row, text) in try again.compare(with: check, features, by: opened) {
            note(
                .transcript, row, text, by: digests.otherEngine(of: row) ?? identity.engineNumber)
        }
        transcribedAgain = chosen.count
        lines.append(("sample", "\(chosen.count) rows transcribed again in \(identity.arithmetic)"))
    }

    private var countsText: String {
        RowStatus.allCases.map { "\(counts[$0, default: 0]) \($0.rawValue)" }
            .joined(separator: ", ")
    }
}
