internal import ClusterRuntime

/// How this program starts workers of its own for a job.
struct LocalWorkerCommand {
    let modelPath: String
    let labels: String?
    /// The worker's options for arithmetic.
    let arithmetic: [String]
    let machine: MachineOptions

    /// The plan for `count` workers that share the machine.
    func plan(count: Int) -> LocalWorkersPlan {
        let threads = machine.threads ?? max(1, MachineResources.cores / count)
        var options =
            ["--model", modelPath, "--threads", "\(threads)", "--quiet"] + arithmetic
        if let labels { options += ["--labels", labels] }
        if let memory = machine.memory { options += ["--memory", "\(memory)"] }
        return LocalWorkersPlan(count: count) { [options] endpoint, slot, lifeline in
            ["work", "--connect", endpoint, "--slot", slot, "--lifeline", "\(lifeline)"] + options
        }
    }
}
