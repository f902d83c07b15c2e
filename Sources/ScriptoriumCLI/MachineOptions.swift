internal import ArgumentParser
internal import Batching
internal import ClusterRuntime
internal import Processes
internal import SpeechTypes
internal import Transcription

/// How much of the machine one worker uses.
struct MachineOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Threads that compute, in each worker.",
            discussion:
                "Without it: all processors that this process may use, shared by the workers.",
            valueName: "n"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Memory that the workers of this command may use together, in MiB.",
            discussion: """
                Resident memory stays below it: weights first, then as many batches, threads and \
                queues as fit. Less than one thread of each worker needs is refused, with the number \
                that is needed; records are the same bytes whatever it is. The coordinator (some 50 \
                MiB) and ffmpeg, where it decodes, are not counted. Without it: half of what is \
                available.
                """,
            valueName: "mib"))
    var memory: Int?

    @Option(help: ArgumentHelp("Workers that share the machine.", visibility: .private))
    var shares: Int?

    func validate() throws {
        if let threads, !(1...1_024).contains(threads) {
            throw ValidationError("--threads must be 1 to 1024")
        }
        if let memory, !(1...(1 << 24)).contains(memory) {
            throw ValidationError("--memory must be 1 to \(1 << 24) MiB")
        }
        if let shares, !(1...1_024).contains(shares) {
            throw ValidationError("--shares must be 1 to 1024")
        }
    }

    var threadCount: Int { threads ?? MachineResources.cores }

    /// What this worker may use, in bytes.
    var memoryBytes: Int {
        memory.map { $0 << 20 } ?? MachineResources.memoryBytes / 2 / (shares ?? 1)
    }

    /// The least that a worker of `model` takes, in whole MiB; measured when the model is in memory and
    /// has computed something.
    static func leastMebibytes(of model: SpeechModel) -> Int {
        let least = max(
            MemoryPlan.leastBytes(model.memoryDemand(resident: MachineResources.residentBytes)),
            MachineResources.peakMemoryBytes)
        return (least / (1 << 20) + stepMebibytes) / stepMebibytes * stepMebibytes
    }

    /// Two processes of one model differ by less than this.
    private static let stepMebibytes = 4

    /// Refuses a limit that even one thread goes beyond.
    func checkMemory(for model: SpeechModel) throws {
        let least = Self.leastMebibytes(of: model)
        guard let memory, memory + Self.stepMebibytes < least else { return }
        throw Self.refusal(memory: memory, least: least, workers: 1)
    }

    static func refusal(memory: Int, least: Int, workers: Int) -> CommandFailure {
        let each = workers == 1 ? "" : " (\(workers) workers, \(least) each)"
        return CommandFailure(
            ExitStatus.usage,
            "--memory \(memory) is too little for this model: give it \(least * workers) or more"
                + "\(each), or another --precision")
    }

    /// What a worker of `model` may use for a job with these options.
    func resources(of model: SpeechModel, for options: RecognitionOptions) -> ComputeResources {
        let limits = BatchLimits()
        let demand = model.memoryDemand(
            resident: MachineResources.residentBytes, limits: limits)
        // Recordings in one pass want all that is left; channels want room for as many as are accepted.
        let rowBytes =
            options.chunking == .off ? Int.max : options.channels == .each ? 63 * demand.lane : 0
        let plan = MemoryPlan.fastest(
            within: memoryBytes, threads: threadCount, demand: demand,
            framesOfBatch: limits.framesMax, rowBytes: rowBytes)
        // Less than the least is refused where it was asked for; otherwise it is tried.
        return ComputeResources(
            computeThreads: threadCount, plan: plan ?? .smallest, batchLimits: limits)
    }
}

/// The version of this program.
enum Version {
    static let text = "0.1.0"
}
