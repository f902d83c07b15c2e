internal import ArgumentParser
internal import AudioInput
internal import ClusterRuntime
internal import Manifests
internal import SpeechTypes
internal import StrictJSON
internal import Tensors
internal import Transcription
internal import Wav2Vec2

/// How fast the engine is on this machine.
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Time the engine on this machine: RTFx, latency, memory.",
        discussion: """
            Audio is decoded first; then all of it is computed once for each batch size, in the \
            manifest's order. RTFx is audio seconds computed in a second of wall time.

            Examples:
              scriptorium benchmark speech.jsonl --model hf:facebook/wav2vec2-base-960h
              scriptorium benchmark speech.jsonl --batch 1 --batch 8 --threads 1 --json
            """)

    @Argument(help: "A manifest in JSON Lines form.", completion: .file())
    var manifest: String

    @OptionGroup var modelOptions: ModelOptions

    @Option(help: ArgumentHelp("Utterances in a batch. May be repeated.", valueName: "n"))
    var batch: [Int] = [1, 4, 8, 16]

    @Option(help: ArgumentHelp("Threads that compute.", valueName: "n"))
    var threads: Int?

    @Flag(help: "One JSON object a line.")
    var json = false

    func validate() throws {
        if batch.contains(where: { !(1...4_096).contains($0) }) {
            throw ValidationError("--batch must be 1 to 4096")
        }
    }

    func run() throws {
        try reporting {
            let clock = ContinuousClock()
            let began = clock.now
            let backend = try ComputeBackend.activate(modelOptions.arithmeticChoice)
            let loaded = try modelOptions.load(modelOptions.modelPath(isQuiet: json))
            let model = try SpeechModel(loaded, backend: backend)
            let loadSeconds = (clock.now - began) / .seconds(1)
            let benchmark = EngineBenchmark(model: model, clips: try clips())
            if !json {
                StandardOutput.write(
                    "arithmetic \(model.arithmetic), load \(text(loadSeconds)) s\n"
                        + "batch threads     RTFx   mean ms    90 %    95 %    99 %  peak MB\n")
            }
            for size in batch {
                let result = try benchmark.run(
                    batchSize: size, threads: threads ?? MachineResources.cores)
                StandardOutput.write(json ? line(result, loadSeconds) : row(result))
            }
            return 0
        }
    }

    private func clips() throws -> [[Float]] {
        let file = try ManifestFile(path: manifest)
        let paths = AudioPathPolicy(baseFolder: file.folder)
        var clips: [[Float]] = []
        try file.forEachRow { line in
            let row = try ManifestRow.parse(raw: line.bytes)
            let source = row.source(at: paths.localPath(of: row.audioPath))
            clips += try AudioReader().open(source, channels: .mix).readAll()
        }
        return clips
    }

    private func row(_ result: EngineBenchmark.Result) -> String {
        func padded(_ value: String, _ width: Int) -> String {
            String(repeating: " ", count: max(1, width - value.count)) + value
        }
        let milliseconds = [
            result.meanMilliseconds, result.percentile(0.90), result.percentile(0.95),
            result.percentile(0.99),
        ]
        return padded("\(result.batchSize)", 5) + padded("\(result.threads)", 8)
            + padded(text(result.rtfx), 9) + padded(milliseconds[0].map(text) ?? "-", 10)
            + milliseconds.dropFirst().map { padded($0.map(text) ?? "-", 8) }.joined()
            + padded("\(MachineResources.peakMemoryBytes >> 20)", 9) + "\n"
    }

    private func line(_ result: EngineBenchmark.Result, _ loadSeconds: Double) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("engine")
        writer.value("scriptorium")
        let values: [(String, Double?)] = [
            ("batch", Double(result.batchSize)), ("threads", Double(result.threads)),
            ("rtfx", result.rtfx), ("mean_ms", result.meanMilliseconds),
            ("p90_ms", result.percentile(0.90)), ("p95_ms", result.percentile(0.95)),
            ("p99_ms", result.percentile(0.99)), ("load_s", loadSeconds),
            ("peak_mb", Double(MachineResources.peakMemoryBytes >> 20)),
        ]
        for (name, value) in values {
            guard let value else { continue }
            writer.key(name)
            writer.value((value * 100).rounded() / 100)
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }

    /// One decimal.
    private func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}
