internal import ArgumentParser
internal import Batching
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
            "Memory that one worker may use, in MiB; batches are sized to it.", valueName: "mib"))
    var memory: Int?

    func validate() throws {
        if let threads, !(1...1_024).contains(threads) {
            throw ValidationError("--threads must be 1 to 1024")
        }
        if let memory, !(64...(1 << 24)).contains(memory) {
            throw ValidationError("--memory must be 64 MiB or more")
        }
    }

    /// What a worker of `model` may use.
    func resources(of model: SpeechModel) -> ComputeResources {
        let threads = threads ?? MachineResources.cores
        let bytes = memory.map { $0 << 20 } ?? MachineResources.memoryBytes / 2
        return ComputeResources(
            computeThreads: threads,
            batchLimits: model.batchLimits(threads: threads, memoryBytes: bytes))
    }
}

/// The version of this program.
enum Version {
    static let text = "0.1.0"
}
