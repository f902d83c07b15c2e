package import ArgumentParser
package import JobLaunch

/// How much of the machine one worker uses.
package struct MachineOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Threads that compute, in each worker.",
            discussion:
                "Without it: all processors that this process may use, shared by the workers.",
            valueName: "n"))
    package var threads: Int?

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
    package var memory: Int?

    @Option(help: ArgumentHelp("Workers that share the machine.", visibility: .private))
    package var shares: Int?

    package init() {}

    package func validate() throws {
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

    /// The same, as the launching code takes it.
    package var share: MachineShare {
        MachineShare(threads: threads, memoryMebibytes: memory, workers: shares ?? 1)
    }
}
