internal import AcousticModels
internal import ArgumentParser
internal import Benchmarking
internal import Certification
internal import ClusterRuntime
internal import CommandOptions
internal import JobLaunch
internal import Logging
internal import Processes
internal import Tensors
internal import Threading
internal import Transcription
internal import WeightCache

/// How fast the engine is on this machine.
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Time the engine on this machine: RTFx, latency, stages, memory.",
        discussion: """
            Audio is decoded first. Each thread computes the longest batch once, untimed; then all of \
            the audio is computed once a round, in batches of the manifest's order, the longest \
            batch first. RTFx is audio seconds computed in a second of wall time; the table shows \
            medians over rounds. Each configuration runs in a process of its own, so that peak \
            memory is its own.

            A stage's seconds are summed over the threads that have a batch of their own, and its \
            GFLOP/s are what all of them did meanwhile. GFLOP count matrix products, two operations \
            for each multiply-add; they are nominal for convolutions, which take fewer. The peak is \
            what the same threads multiply in registers, measured before the first round.

            --compare adds how near that came to the machine's own ceiling: the time that the \
            arithmetic would take at these peaks, each operation counted as the engine computes it \
            (fewer than nominal), in the numbers that it is done in. Norms, activations, softmax and \
            text count nothing there. And it says how many machine hours 1,000 hours of audio take.

            Examples:
              scriptorium benchmark --model hf:facebook/wav2vec2-base-960h
              scriptorium benchmark speech.jsonl --threads 1 --threads 2 --rounds 5
              scriptorium benchmark speech.jsonl --precision fp32 --precision bf16 --json
              scriptorium benchmark --precision int8 --compare --price 0.38
            """)

    @Argument(
        help: ArgumentHelp(
            "A manifest in JSON Lines form.",
            discussion: "Without it: 64 lengths of read speech, 1.5 to 20 s, filled with noise."),
        completion: .file())
    var manifest: String?

    @OptionGroup var modelFiles: ModelFiles

    @Option(
        help: ArgumentHelp(
            "auto, fp32, bf16 or int8. May be repeated.", valueName: "precision"))
    var precision: [ModelOptions.Precision] = [.auto]

    @Option(
        help: ArgumentHelp(
            "auto, an instruction set (avx2, avxvnni, avx512, amx; neon on ARM), or a class as a report names it.",
            valueName: "class"))
    var arithmetic: ModelOptions.Arithmetic = .init(choice: .auto, text: "auto")

    @Option(
        help: ArgumentHelp(
            "Threads that compute. May be repeated.",
            discussion: "Without it: all processors that this process may use.", valueName: "n"))
    var threads: [Int] = []

    @Option(
        help: ArgumentHelp(
            "Utterances in a batch. May be repeated.", discussion: "Without it: 1 and 8.",
            valueName: "n"))
    var batch: [Int] = []

    @Flag(help: "One utterance at a time, shared by all threads: how long it takes alone.")
    var latency = false

    @Option(help: ArgumentHelp("How often all audio is computed.", valueName: "n"))
    var rounds = 1

    @Flag(help: "Say how near that is to what this machine could do, and the cost of 1,000 hours.")
    var compare = false

    @Option(
        help: ArgumentHelp(
            "What an hour of this machine costs, for --compare; in any currency.",
            valueName: "price"))
    var price: Double?

    @Flag(help: "One JSON object a line, for each configuration and round.")
    var json = false

    func validate() throws {
        for precision in precision { try arithmetic.validate(with: precision) }
        if batch.contains(where: { !(1...4_096).contains($0) }) {
            throw ValidationError("--batch must be 1 to 4096")
        }
        if threads.contains(where: { !(1...1_024).contains($0) }) {
            throw ValidationError("--threads must be 1 to 1024")
        }
        if !(1...1_000).contains(rounds) { throw ValidationError("--rounds must be 1 to 1000") }
        if let price {
            guard compare else { throw ValidationError("--price is for --compare") }
            guard price > 0, price <= 1_000_000 else {
                throw ValidationError("--price must be more than 0, and at most 1000000")
            }
        }
        if latency && !batch.isEmpty {
            throw ValidationError("--latency computes one utterance at a time; leave --batch out")
        }
    }

    func run() throws {
        try reporting {
            let model = try modelFiles.request.path(isQuiet: json)
            let configurations = configurations
            var results: [BenchmarkResult] = []
            for configuration in configurations {
                let own =
                    configurations.count == 1
                    ? try measure(configuration, model: model)
                    : try measureElsewhere(configuration, model: model)
                if json {
                    for result in own { try StandardOutput.write(bytes: result.json + [0x0A]) }
                }
                results += own
            }
            if !json {
                try StandardOutput.write(
                    heading(results) + BenchmarkTable.text(results)
                        + (compare ? CeilingTable.text(results) : ""))
            }
            return 0
        }
    }

    /// What is measured in one process.
    private struct Configuration {
        var precision: ModelOptions.Precision
        var setting: EngineBenchmark.Setting
    }

    private var configurations: [Configuration] {
        let threads = threads.isEmpty ? [MachineResources.cores] : threads
        let batches = latency ? [1] : batch.isEmpty ? [1, 8] : batch
        return precision.flatMap { precision in
            threads.flatMap { threads in
                batches.map { size in
                    Configuration(
                        precision: precision,
                        setting: .init(batchSize: size, threads: threads, isShared: latency))
                }
            }
        }
    }

    /// All rounds, in this process.
    private func measure(
        _ configuration: Configuration, model path: String
    ) throws -> [BenchmarkResult] {
        let clock = ContinuousClock()
        let began = clock.now
        let backend = try CertifiedBackend.ofThisMachine().activate(
            arithmetic.choice(with: configuration.precision))
        let model = try SpeechModel(
            try modelFiles.request.load(path, isQuiet: true), backend: backend,
            cache: .ofThisMachine(backend))
        LongWork.end()
        let loadSeconds = (clock.now - began) / .seconds(1)
        let audio = try manifest.map { try BenchmarkAudio(manifest: $0) } ?? .synthetic()
        LongWork.end()
        let benchmark = EngineBenchmark(model: model, clips: audio.clips)
        let operations = benchmark.operations
        let setting = configuration.setting
        WorkMeter.shared.begin("measuring", .batches)
        defer { LongWork.end() }
        let peaks = compare ? try PeakRates(of: backend, threads: setting.threads) : nil
        let peak = try peaks?.products ?? PeakRate.measure(on: backend, threads: setting.threads)
        let computed = compare ? benchmark.computedOperations : [:]
        let passes = try benchmark.run(setting, passes: rounds)
        return passes.enumerated().map { index, pass in
            var result = BenchmarkResult(
                arithmetic: backend.arithmetic, setting: setting, round: index + 1,
                utterances: audio.clips.count, audioSeconds: audio.seconds,
                wallSeconds: pass.wallSeconds,
                batchTimes: BatchTimes(of: pass.batchMilliseconds), loadSeconds: loadSeconds,
                peakMegabytes: MachineResources.peakMemoryBytes >> 20, peakGigaflops: peak / 1e9,
                stages: BenchmarkResult.stages(
                    of: pass, decodeSeconds: audio.decodeSeconds, operations: operations))
            if let peaks { result.addCeilings(computed, peaks) }
            result.pricePerHour = price
            return result
        }
    }

    /// The same in a process of its own: arithmetic is chosen once for a process, and peak memory is
    /// never forgotten.
    private func measureElsewhere(
        _ configuration: Configuration, model: String
    ) throws -> [BenchmarkResult] {
        let setting = configuration.setting
        let name =
            "\(configuration.precision.rawValue), \(setting.threads) threads, batch "
            + "\(setting.batchSize)"
        if !json && StandardError.isTerminal { ProgramLog.tellAtOnce(.info, name) }
        var arguments = [
            "benchmark", "--model", model, "--precision", configuration.precision.rawValue,
            "--arithmetic", arithmetic.text, "--threads", "\(setting.threads)",
            "--rounds", "\(rounds)", "--json",
        ]
        arguments += latency ? ["--latency"] : ["--batch", "\(setting.batchSize)"]
        if compare { arguments.append("--compare") }
        if let price { arguments += ["--price", "\(price)"] }
        if let labels = modelFiles.labels { arguments += ["--labels", labels] }
        if let language = modelFiles.language { arguments += ["--language", language] }
        if let manifest { arguments += ["--", manifest] }
        let (status, output) = try OwnProgram.run(arguments)
        guard status == 0 else {
            throw CommandFailure(
                status,
                "measuring \(name) ended with status \(status)"
                    + (status == 137 ? ": killed, perhaps for want of memory" : ""))
        }
        let results = output.split(separator: 0x0A).compactMap { BenchmarkResult(json: $0) }
        guard results.count == rounds else {
            throw CommandFailure(
                ExitStatus.engine,
                "measuring \(name) gave \(results.count) results instead of \(rounds)")
        }
        return results
    }

    private func heading(_ results: [BenchmarkResult]) -> String {
        guard let first = results.first else { return "" }
        let seconds = Int(first.audioSeconds.rounded())
        let audio = manifest.map { "from \($0)" } ?? "of noise"
        let mode = latency ? ", one at a time, shared by all threads" : ""
        let times = rounds == 1 ? "" : ", \(rounds) rounds"
        let classes = CertifiedBackend.ofThisMachine().survey().map {
            "\($0.arithmetic)\($0.failure == nil ? "" : " (not offered: \($0.failure ?? ""))")"
        }
        return "\(first.utterances) utterances \(audio), \(seconds) s\(mode)\(times)\n"
            + "classes that were tried here: \(classes.joined(separator: ", "))\n\n"
    }
}
