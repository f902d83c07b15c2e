internal import ArgumentParser
internal import ClusterRuntime
internal import CommandOptions
internal import Digests
internal import Glibc
internal import JobLaunch
internal import JobVerification
internal import Processes
internal import Provenance
internal import SpeechTypes
internal import Threading

/// The outputs of all parts of a manifest, as one.
struct JoinCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Join the outputs of all parts of a manifest into one.",
        discussion: """
            The parts were made with --part 1/N to N/N, on any machines. Their outputs, reports and \
            files of digests must be here, finished and unchanged. The joined output has the bytes \
            of a run over the whole manifest; OUT.report.json, OUT.digests.jsonl and, where the parts \
            have features, OUT.features.jsonl are joined too.

            Examples:
              scriptorium transcribe rows.jsonl -o one.jsonl --part 1/2
              scriptorium transcribe rows.jsonl -o two.jsonl --part 2/2
              scriptorium join out.jsonl one.jsonl two.jsonl

            What a pattern such as part-*.jsonl also matches beside the outputs (their digests and \
            features, and what export --now wrote) is left out.
            """)

    @Argument(help: "The output to write.", completion: .file(extensions: ["jsonl"]))
    var output: String

    @Argument(help: "The parts' outputs, in any order.", completion: .file(extensions: ["jsonl"]))
    var parts: [String]

    @Flag(help: "Replace the output if it exists.")
    var overwrite = false

    func run() throws {
        try reporting {
            if !overwrite, access(output, F_OK) == 0 {
                throw CommandFailure(
                    ExitStatus.usage,
                    "\(output) exists; choose another name or give --overwrite")
            }
            let parts = FinishedParts.outputs(among: parts)
            if let part = parts.first(where: { FinishedParts.isSameFile($0, output) }) {
                throw CommandFailure(
                    ExitStatus.usage, "\(part) is a part; give the output another name")
            }
            let join = try FinishedParts.join(parts)
            let written = try LongWork.named(
                "joining \(join.parts.count) parts", .bytes, total: join.bytesToRead
            ) { try join.write(to: output) }
            let counts = RowStatus.allCases.map {
                "\(written.counts[$0, default: 0]) \($0.rawValue)"
            }
            try StandardOutput.write(
                "\(output): \(written.rows) rows of \(join.parts.count) parts, "
                    + "\(counts.joined(separator: ", ")), sha256 \(written.digest.hex)\n")
            return 0
        }
    }
}
