package import ClusterRuntime
package import DecoderFiles
internal import Processes
package import RemoteAudio

/// How this program starts workers of its own for a job.
package struct LocalWorkerCommand {
    let modelPath: String
    let labels: String?
    let language: String?
    /// The worker's options for arithmetic.
    let arithmetic: [String]
    /// What decoders take besides the model.
    let files: DecoderFileSet
    let machine: MachineShare
    /// Whether they run the commands of a job's list.
    let allowsCommands: Bool
    /// What they may fetch.
    let allowedSources: [SourcePattern]
    let asksForKeys: Bool

    /// - Parameter arithmetic: the worker's options for arithmetic, as its line takes them.
    package init(
        modelPath: String, labels: String?, language: String? = nil, arithmetic: [String],
        files: DecoderFileSet = DecoderFileSet(), machine: MachineShare, allowsCommands: Bool,
        allowedSources: [SourcePattern], asksForKeys: Bool
    ) {
        self.allowedSources = allowedSources
        self.asksForKeys = asksForKeys
        self.files = files
        self.allowsCommands = allowsCommands
        self.modelPath = modelPath
        self.labels = labels
        self.language = language
        self.arithmetic = arithmetic
        self.machine = machine
    }

    /// Refuses a limit of memory that is too little for `count` workers, before anything is done.
    ///
    /// A process of its own finds out, as a worker would: only who has loaded the model knows.
    package func checkMemory(count: Int) throws {
        guard let memory = machine.memoryMebibytes, count > 0 else { return }
        var arguments = ["least-memory", "--model", modelPath] + arithmetic
        if let labels { arguments += ["--labels", labels] }
        if let language { arguments += ["--language", language] }
        let (status, output) = try OwnProgram.run(arguments, outputMax: 1 << 10)
        guard status == 0 else {
            throw CommandFailure(status, "the model cannot be tried with --memory \(memory)")
        }
        guard let least = Int(String(decoding: output.prefix { $0 != 0x0A }, as: UTF8.self)) else {
            throw CommandFailure(ExitStatus.engine, "the model was tried and did not say its size")
        }
        guard memory / count < least else { return }
        throw MachineShare.refusal(memory: memory, least: least, workers: count)
    }

    /// The plan for `count` workers that share the machine.
    ///
    /// - Parameter trace: a file that the first of them tells what it does; nil for none.
    package func plan(count: Int, trace: String? = nil) -> LocalWorkersPlan {
        let threads = machine.threads ?? max(1, MachineResources.cores / count)
        var options =
            ["--model", modelPath, "--threads", "\(threads)", "--quiet"] + arithmetic
        if let labels { options += ["--labels", labels] }
        if let language { options += ["--language", language] }
        options += files.arguments
        if let memory = machine.memoryMebibytes {
            options += ["--memory", "\(max(1, memory / count))"]
        }
        if allowsCommands { options.append("--allow-commands") }
        for pattern in allowedSources { options += ["--allow-source", pattern.text] }
        if asksForKeys { options.append("--allow-metadata-endpoint") }
        options += ["--shares", "\(count)"]
        return LocalWorkersPlan(count: count) { [options] endpoint, slot, descriptor in
            let traced = trace.map { slot.hasSuffix("/0") ? ["--trace", $0] : [] } ?? []
            return ["work", "--connect", endpoint, "--slot", slot, "--lifeline", "\(descriptor)"]
                + options + traced
        }
    }
}
