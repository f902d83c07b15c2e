internal import AudioFolders
internal import AudioFormats
internal import AudioPlaces
internal import Certification
internal import ClusterRuntime
internal import Glibc
internal import InputForms
internal import JobOutput
internal import Manifests
internal import ModelLoading
internal import RemoteAudio
internal import SpeechTypes
internal import Tensors
internal import Threading
internal import Transcription
internal import WeightCache

/// What a job would be, without doing it.
struct DryRun {
    private let input: ResolvedInput
    private let loaded: RecognitionModel
    private let request: JobRequest
    private let listed: ListedObjects

    /// Where the length of a row comes from.
    private static let source = "durations of the rows, headers of files, or else their sizes"
    /// - Parameter listed: what was listed while `input` was resolved and its rows are read.
    init(
        _ input: ResolvedInput, _ loaded: RecognitionModel, _ request: JobRequest,
        _ listed: ListedObjects
    ) {
        self.listed = listed
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
        let survey = try survey(of: manifest, options)
        LongWork.end()
        let milliseconds = manifest.totalMilliseconds
        var lines = [
            "rows        \(manifest.rowCount), of which \(survey.unusable) cannot be used",
            "audio       \(ProgressText.time(milliseconds)) (\(Self.source))",
            "missing     \(survey.missingCount) files",
        ]
        lines += survey.missing.map { "            \($0)" }
        if survey.fetched.rows > 0 { lines += fetchedLines(survey) }
        if survey.addresses > 0 {
            lines.append("addresses   \(survey.addresses), which cannot be read here")
        }
        if survey.commands > 0 {
            let fate = options.runsCommands ? "will be run" : "are not run without --allow-commands"
            lines.append("commands    \(survey.commands) rows, which \(fate)")
        }
        if !leftOut.isEmpty { lines.append(leftOut.sentence) }
        let threads = request.machine.threads ?? MachineResources.cores
        guard case .network(let network) = loaded else {
            lines.append("arithmetic  none: log-probabilities are stored")
            try StandardOutput.write(lines.joined(separator: "\n") + "\n")
            return 0
        }
        let backend = try CertifiedBackend.ofThisMachine().activate(request.arithmetic)
        let model = try SpeechModel(network, backend: backend, cache: .ofThisMachine(backend))
        // The first warms caches.
        _ = try Canary(model)
        let speed = try Canary(model).speed * max(1, threads)
        lines.append("arithmetic  \(model.arithmetic)")
        let work = manifest.totalWorkMilliseconds
        if work > milliseconds {
            let time = ProgressText.time(work)
            lines.append("channels    \(time) to be computed, each channel apart")
        }
        let size = OutputEstimate(
            rows: manifest.rowCount, rowBytes: survey.rowBytes, milliseconds: work,
            times: options.timestamps, hasFeatures: options.hasFeatures)
        lines.append("disk        \(size.sentence)")
        let time = work * 1_000 / max(1, speed) + 999
        lines.append(
            "time        about \(ProgressText.time(time)) here with "
                + "\(threads) threads (RTFx \(ProgressText.decimal(speed)))")
        try StandardOutput.write(lines.joined(separator: "\n") + "\n")
        return 0
    }

    /// What will be fetched, as far as lists, rows and two objects that are tried tell.
    private func fetchedLines(_ survey: Survey) -> [String] {
        var fetched = survey.fetched
        let total = listed.total
        fetched.addListed(total.count, bytes: total.bytes)
        var failure: String?
        for object in survey.toTry {
            let begun = MonotonicClock.milliseconds()
            do throws(AudioError) {
                guard let trial = try survey.sources?.trial(of: object) else { continue }
                fetched.add(
                    FetchEstimate.Trial(
                        objectBytes: trial.objectBytes, byteCount: trial.byteCount,
                        milliseconds: MonotonicClock.milliseconds() - begun))
            } catch {
                failure = "\(error.path): \(error.detail)"
            }
        }
        var line = "fetched     \(fetched.rows) addresses, \(fetched.objects) requests"
        if let bytes = fetched.bytes {
            line += ", \(fetched.isExact ? "" : "about ")\(OutputEstimate.text(bytes))"
        }
        var speed = "unknown"
        if let bytesPerSecond = fetched.bytesPerSecond, let time = fetched.milliseconds {
            speed =
                "\(OutputEstimate.text(bytesPerSecond))/s, one object at a time: all of them in "
                + "\(ProgressText.time(time + 999)); workers fetch several at once, ahead of compute"
        }
        if let failure { speed += "; \(failure)" }
        return [line, "bandwidth   \(speed)"]
    }

    /// What rows name, and what of it is there.
    fileprivate struct Survey {
        /// The first ones.
        var missing: [String] = []
        var missingCount = 0
        var sources: RemoteSources?
        /// What the job fetches.
        var fetched = FetchEstimate()
        /// The first of it.
        var toTry: [RemoteSources.Wanted] = []
        var addresses = 0
        var commands = 0
        var unusable = 0
        /// What the lines have together.
        var rowBytes = 0
    }

    /// Looks for what each row is to be read from: its audio, or log-probabilities where the job reads those.
    private func survey(
        of manifest: IndexedManifest, _ options: RecognitionOptions
    ) throws -> Survey {
        var paths = AudioPathPolicy(baseFolder: manifest.folder)
        paths.sources = RemoteSources.ofJob(options, asksForKeys: request.asksForKeys)
        let folder = try options.logitsSource.map { try LogitsFolder($0) }
        var readsLogits = false
        if case .alphabet = loaded { readsLogits = true }
        WorkMeter.shared.begin("looking for the audio files", .rows, total: manifest.rowCount)
        var survey = Survey()
        survey.sources = paths.sources
        for ordinal in 0..<manifest.rowCount {
            WorkMeter.shared.advance(1, .rows)
            do throws(RowError) {
                let raw = try raw(manifest, ordinal)
                survey.rowBytes += raw.count + 1
                let row = try ManifestRow.parse(raw: raw)
                if let folder {
                    survey.add(folder.files(of: ordinal, channels: options.channels)[0])
                } else if readsLogits, let logits = row.logitsPath {
                    survey.add(paths.localPath(of: logits))
                } else {
                    survey.add(audio: row.audioPath, paths)
                }
            } catch {
                survey.unusable += 1
            }
        }
        return survey
    }

    private func raw(_ manifest: IndexedManifest, _ ordinal: Int) throws(RowError) -> [UInt8] {
        do throws(ManifestError) {
            return try manifest.raw(of: ordinal)
        } catch {
            throw RowError(.manifestInvalidJSON, "\(error)")
        }
    }
}

extension DryRun.Survey {
    /// Names of missing files that are shown.
    private static let shownMax = 5
    /// Objects that are fetched to see how they come.
    private static let triedMax = 2

    fileprivate mutating func add(audio name: PathBytes, _ paths: AudioPathPolicy) {
        // Of a member it is the archive that is there or not.
        let local = paths.localPath(of: name)
        let file = ArchiveMember(local)?.archive ?? local
        if let sources, sources.admits(file) {
            let member = ArchiveMember(local)
            guard fetched.add(local, byteCount: member?.place?.count),
                toTry.count < Self.triedMax,
                let object = member.map({ sources.wanted($0) }) ?? sources.wanted(local)
            else { return }
            toTry.append(object)
        } else if AudioLocation.scheme(of: file) != nil {
            addresses += 1
        } else if AudioLocation.isCommand(name), !Self.isReadable(file) {
            commands += 1
        } else {
            add(file)
        }
    }

    /// A file, or a part of one.
    fileprivate mutating func add(_ file: PathBytes) {
        guard !Self.isReadable(file),
            !(ByteRange(file).map { Self.isReadable($0.file) } ?? false)
        else { return }
        missingCount += 1
        if missing.count < Self.shownMax { missing.append(file.text) }
    }

    private static func isReadable(_ file: PathBytes) -> Bool {
        !file.bytes.contains(0) && file.withCString { access($0, R_OK) } == 0
    }
}
