internal import CalibratedRecords
internal import ClusterRuntime
internal import Digests
internal import Files
internal import InputForms
internal import JobOutput
internal import JobState
internal import Logging
internal import Manifests
internal import Processes
internal import Provenance
internal import SpeechTypes
internal import Threading
internal import Transcription

/// Some rows of a finished job, transcribed again: a small job of its own, in the same arithmetic, by
/// the same coordinator and workers.
struct SampleTranscription {
    let rows: IndexedManifest
    /// In order.
    let chosen: [Int]
    let identity: JobIdentity
    let signals: SignalWatch
    let logger: Logger

    /// Transcribes the rows and compares each record with the one in the output, and each row's features.
    ///
    /// - Parameter features: the output's; nil where it has none.
    /// - Returns: rows whose records differ, and how.
    /// - Throws: ``VerificationError`` if `model` or this engine is not the job's, or the small job does
    ///   not end; `ManifestError` and `RuntimeError` as that job does.
    func compare(
        with check: OutputCheck, _ features: FeaturesCheck?, by model: SampleModel
    ) throws -> [(row: Int, text: String)] {
        signals.ignoreBrokenPipes()
        guard model.digest == identity.modelDigest else {
            throw VerificationError(
                ExitStatus.jobRefused,
                "\(model.name) is not the job's model; name that one with --model, or leave the "
                    + "sample out with --sample 0")
        }
        let needed = identity.recipe.artefacts.further
        if let file = needed.keys.sorted().first(where: {
            model.furtherArtefacts[$0] != needed[$0]
        }) {
            let kind = DecoderFileKind(rawValue: file)
            throw VerificationError(
                ExitStatus.jobRefused,
                "the job's \(kind?.words ?? file) (sha256 \(needed[file]?.hex.prefix(16) ?? "")) is not "
                    + "where the report says, or has changed: name it with \(kind?.option ?? file), or leave "
                    + "the sample out with --sample 0")
        }
        guard identity.engineNumber <= SpeechModel.engineNumber else {
            throw VerificationError(
                ExitStatus.jobRefused,
                "the job ran on engine \(identity.engineNumber), this program has engine "
                    + "\(SpeechModel.engineNumber): verify with the program that wrote the output, or "
                    + "leave the sample out with --sample 0")
        }
        let folder = try JobFolder()
        try writeRows(to: folder.rowsPath)
        let sampled = try ManifestRows(
            .manifest(path: folder.rowsPath, folder: rows.folder), in: folder)
        var again = identity
        again.manifestDigest = sampled.digest
        again.rowCount = sampled.rowCount
        again.part = nil
        again.engineNumber = SpeechModel.engineNumber
        // Its files are named by the rows of the whole.
        again.options.logitsDirectory = nil
        again.options.logitsFormat = .f32
        again.options.hasLogitsShards = false
        if let source = identity.options.logitsSource {
            again.options.logitsSource = try storedLogits(of: source, in: folder)
        }
        if let source = identity.options.audioFeaturesSource {
            again.options.audioFeaturesSource = try audioFeatures(of: source, in: folder)
        }
        let comparison = Comparison(chosen, check)
        var plan = JobPlan(
            identity: again, manifestFolder: rows.folder,
            output: .stream { bytes in try comparison.compare(bytes) })
        plan.localWorkers = model.workers
        WorkMeter.shared.end()
        WorkMeter.shared.begin("transcribing a sample again", .rows, total: chosen.count)
        defer { WorkMeter.shared.end() }
        plan.logger = logger
        let result = try JobRunner.run(plan, rows: sampled, folder: folder, signals: signals)
        guard [ExitStatus.done, ExitStatus.doneWithFailures].contains(result.exitStatus) else {
            throw VerificationError(
                result.exitStatus, "the sample was not transcribed to its end: \(result.message)")
        }
        guard let features else { return comparison.differences }
        return try comparison.differences + differences(of: features, folder)
    }

    /// Rows whose features are others now.
    private func differences(
        of features: FeaturesCheck, _ folder: JobFolder
    ) throws -> [(row: Int, text: String)] {
        try zip(chosen, folder.recordedFeatures()).compactMap { row, again in
            guard try features.features(of: row) != again else { return nil }
            let text = again.map { String(decoding: $0.prefix(400), as: UTF8.self) } ?? "none"
            return (row, "transcribed again, its features are others: \(text)")
        }
    }

    /// A folder in which the chosen rows' log-probabilities lie under their numbers here.
    private func storedLogits(of source: String, in folder: JobFolder) throws -> String {
        let own = "\(folder.path)/logits"
        try LogitsFolder(source).copy(
            chosen.enumerated().map { (from: $0.element, to: $0.offset) },
            channels: identity.options.channels, to: own)
        return own
    }

    /// A file with the audio features of the chosen rows, under their numbers here.
    private func audioFeatures(of source: String, in folder: JobFolder) throws -> String {
        let path = FeaturesFile.path(ofOutput: folder.rowsPath)
        let stored = try StoredAudioFeatures(path: source)
        let file = try AtomicFile(path)
        for (number, row) in chosen.enumerated() {
            try file.write(try stored.line(of: row, as: number) + [0x0A])
        }
        try file.commit()
        return path
    }

    private func writeRows(to path: String) throws {
        let file = try AtomicFile(path)
        for row in chosen { try file.write(try rows.raw(of: row) + [0x0A]) }
        try file.commit()
    }

    /// Compares records, as they come, each with its row's in the output.
    private final class Comparison: Sendable {
        private struct State {
            var next = 0
            var differences: [(row: Int, text: String)] = []
        }

        private let chosen: [Int]
        private let check: OutputCheck
        private let state = Guarded(State())

        init(_ chosen: [Int], _ check: OutputCheck) {
            self.chosen = chosen
            self.check = check
        }

        var differences: [(row: Int, text: String)] { state.withLock { $0.differences } }

        func compare(_ bytes: [UInt8]) throws {
            try state.withLock { state in
                for record in bytes.split(separator: 0x0A) {
                    let row = chosen[state.next]
                    state.next += 1
                    WorkMeter.shared.advance(1, .rows)
                    if try check.record(of: row) != Array(record) {
                        state.differences.append(
                            (
                                row,
                                "transcribed again, its record is another: "
                                    + String(decoding: record.prefix(400), as: UTF8.self)
                            ))
                    }
                }
            }
        }
    }
}
