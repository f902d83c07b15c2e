internal import Batching
package import CTCDecoding
internal import Processes
package import SpeechTypes
package import Transcription

/// How much of the machine a worker may use.
package struct MachineShare: Sendable {
    /// Threads that compute; nil for all processors that this process may use.
    package var threads: Int?
    /// Memory that the workers of a command may use together; nil for half of what is available.
    package var memoryMebibytes: Int?
    /// Workers that share the machine.
    package var workers: Int

    package init(threads: Int?, memoryMebibytes: Int?, workers: Int = 1) {
        self.threads = threads
        self.memoryMebibytes = memoryMebibytes
        self.workers = workers
    }

    package var threadCount: Int { threads ?? MachineResources.cores }

    /// What this worker may use, in bytes.
    package var memoryBytes: Int {
        memoryMebibytes.map { $0 << 20 } ?? MachineResources.memoryBytes / 2 / workers
    }

    /// The least that a worker of `model` takes, in whole MiB; measured when the model is in memory and
    /// has computed something.
    package static func leastMebibytes(of model: SpeechModel) -> Int {
        let least = max(
            MemoryPlan.leastBytes(model.memoryDemand(resident: MachineResources.residentBytes)),
            MachineResources.peakMemoryBytes)
        return (least / (1 << 20) + stepMebibytes) / stepMebibytes * stepMebibytes
    }

    /// Two processes of one model differ by less than this.
    private static let stepMebibytes = 4

    /// Refuses a limit that even one thread goes beyond.
    package func checkMemory(for model: SpeechModel) throws {
        let least = Self.leastMebibytes(of: model)
        guard let memory = memoryMebibytes, memory + Self.stepMebibytes < least else { return }
        throw Self.refusal(memory: memory, least: least, workers: 1)
    }

    package static func refusal(memory: Int, least: Int, workers: Int) -> CommandFailure {
        let each = workers == 1 ? "" : " (\(workers) workers, \(least) each)"
        return CommandFailure(
            ExitStatus.usage,
            "--memory \(memory) is too little for this model: give it \(least * workers) or more"
                + "\(each), or another --precision")
    }

    /// What a worker of `model` may use for a job with these options.
    package func resources(
        of model: SpeechModel, for options: RecognitionOptions,
        _ artefacts: DecoderArtefacts = DecoderArtefacts()
    ) -> ComputeResources {
        let limits = BatchLimits()
        let demand = model.memoryDemand(
            resident: MachineResources.residentBytes, limits: limits,
            bytesOfDecoder: model.bytesOfDecoder(for: options, artefacts: artefacts),
            chunking: options.chunking)
        // Recordings in one pass, or with a text of hours, want all that is left; channels want room for as many
        // as are accepted.
        let rowBytes =
            options.chunking == .off || options.alignment != nil
            ? Int.max
            : options.channels == .each ? 63 * demand.lane : 0
        let plan = MemoryPlan.fastest(
            within: memoryBytes, threads: threadCount, demand: demand,
            framesOfBatch: limits.framesMax, rowBytes: rowBytes)
        // Less than the least is refused where it was asked for; otherwise it is tried.
        return ComputeResources(
            computeThreads: threadCount, plan: plan ?? .smallest, batchLimits: limits)
    }
}
