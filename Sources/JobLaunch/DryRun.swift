internal import ClusterRuntime
internal import Glibc
internal import InputForms
internal import JobOutput
internal import Manifests
internal import ModelLoading
internal import SpeechTypes
internal import Tensors
internal import Threading
internal import Transcription

/// What a job would be, without doing it.
struct DryRun {
    private let input: ResolvedInput
    private let loaded: RecognitionModel
    private let request: JobRequest

    /// Where the length of a row comes from.
    private static let source = "durations of the rows, headers of files, or else their sizes"
    /// Names of missing files that are shown.
    private static let shownMax = 5

    init(_ input: ResolvedInput, _ loaded: RecognitionModel, _ request: JobRequest) {
        self.input = input
        self.loaded = loaded
        self.request = request
    }

    func run() throws -> Int32 {
        // A folder that goes away; nothing is left behind.
        let folder = try JobFolder()
        let path: String
        var leftOut = SkippedEntries()
        switch input {
        case .manifest(let manifest, _): path = manifest
        case .rows(let rows, _):
            path = folder.rowsPath
            WorkMeter.shared.begin("listing the input", .rows)
            leftOut = try rows.write(to: path).leftOut
        }
        let options = try request.recognitionOptions(loaded, nil, for: input)
        let manifest = try IndexedManifest(
            path: path, index: folder.indexPath, folder: input.folder, part: request.part,
            lookup: .headers(channels: options.channels))
        let paths = AudioPathPolicy(baseFolder: manifest.folder)
        WorkMeter.shared.begin("looking for the audio files", .rows, total: manifest.rowCount)
        var missing: [String] = []
        var addresses = 0
        var commands = 0
        var missingCount = 0
        var unusable = 0
        var rowBytes = 0
        for ordinal in 0..<manifest.rowCount {
            WorkMeter.shared.advance(1, .rows)
            do throws(RowError) {
                let raw = try raw(manifest, ordinal)
                rowBytes += raw.count + 1
                let row = try ManifestRow.parse(raw: raw)
                let file = paths.localPath(of: row.audioPath)
                if AudioLocation.scheme(of: file) != nil {
                    addresses += 1
                    continue
                }
                if AudioLocation.isCommand(row.audioPath), !Self.isReadable(file) {
                    commands += 1
                    continue
                }
                guard !Self.isReadable(file),
                    !(ByteRange(file).map { Self.isReadable($0.file) } ?? false)
                else { continue }
                missingCount += 1
                if missing.count < Self.shownMax { missing.append(file.text) }
            } catch {
                unusable += 1
            }
        }
        LongWork.end()
        let milliseconds = manifest.totalMilliseconds
        var lines = [
            "rows        \(manifest.rowCount), of which \(unusable) cannot be used",
            "audio       \(ProgressText.time(milliseconds)) (\(Self.source))",
            "missing     \(missingCount) files",
        ]
        lines += missing.map { "            \($0)" }
        if addresses > 0 { lines.append("addresses   \(addresses), which cannot be read here") }
        if commands > 0 {
            let fate = options.runsCommands ? "will be run" : "are not run without --allow-commands"
            lines.append("commands    \(commands) rows, which \(fate)")
        }
        if !leftOut.isEmpty { lines.append(leftOut.sentence) }
        let threads = request.machine.threads ?? MachineResources.cores
        guard case .network(let network) = loaded else {
            lines.append("arithmetic  none: log-probabilities are stored")
            try StandardOutput.write(lines.joined(separator: "\n") + "\n")
            return 0
        }
        let model = try SpeechModel(
            network, backend: try ComputeBackend.activate(request.arithmetic))
        let speed = try Canary(model).speed * max(1, threads)
        lines.append("arithmetic  \(model.arithmetic)")
        let work = manifest.totalWorkMilliseconds
        if work > milliseconds {
            let time = ProgressText.time(work)
            lines.append("channels    \(time) to be computed, each channel apart")
        }
        let size = OutputEstimate(
            rows: manifest.rowCount, rowBytes: rowBytes, milliseconds: work,
            times: options.timestamps, hasFeatures: options.hasFeatures)
        lines.append("disk        \(size.sentence)")
        let time = work * 1_000 / max(1, speed) + 999
        lines.append(
            "time        about \(ProgressText.time(time)) here with "
                + "\(threads) threads (RTFx \(ProgressText.decimal(speed)))")
        try StandardOutput.write(lines.joined(separator: "\n") + "\n")
        return 0
    }

    private static func isReadable(_ file: PathBytes) -> Bool {
        !file.bytes.contains(0) && file.withCString { access($0, R_OK) } == 0
    }

    private func raw(_ manifest: IndexedManifest, _ ordinal: Int) throws(RowError) -> [UInt8] {
        do throws(ManifestError) {
            return try manifest.raw(of: ordinal)
        } catch {
            throw RowError(.manifestInvalidJSON, "\(error)")
        }
    }
}
