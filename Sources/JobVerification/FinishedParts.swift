internal import ClusterRuntime
internal import Glibc
internal import JobOutput
internal import Manifests
internal import Processes
package import Provenance

/// The outputs of the parts of a job, as a command line names them.
package enum FinishedParts {
    /// The outputs without the files that a pattern such as `part-*.jsonl` also matches beside them.
    package static func outputs(among paths: [String]) -> [String] {
        paths.filter { path in
            let output = path.hasSuffix(".now.jsonl") ? path.dropLast(10) + ".jsonl" : path[...]
            let isSnapshot = output != path && paths.contains(String(output))
            let isBeside = paths.contains {
                DigestsFile.path(ofOutput: $0) == path || FeaturesFile.path(ofOutput: $0) == path
            }
            return !isSnapshot && !isBeside
        }
    }

    /// The parts at `outputs`, held against their journals where these are still there.
    ///
    /// - Throws: ``VerificationError`` if a journal and a report name different outputs; `RuntimeError`
    ///   if a job has not finished; `ManifestError` if the outputs are not all parts of one job.
    package static func join(_ outputs: [String]) throws -> PartJoin {
        try PartJoin(
            outputs.map { path in
                // A report may be older than the job's journal, where a row is tried again.
                let recorded = try RecordedJob.read(ofOutput: path)
                let part = try PartJoin.Part(output: path)
                guard recorded == nil || recorded?.outputDigest == part.report.outputDigest else {
                    throw VerificationError(
                        ExitStatus.jobRefused,
                        "\(path): its journal and its report name different outputs; run the part's "
                            + "command again")
                }
                return part
            })
    }

    /// Whether two paths lead to one file, links followed.
    package static func isSameFile(_ one: String, _ other: String) -> Bool {
        guard let left = realpath(one, nil) else { return false }
        defer { free(left) }
        guard let right = realpath(other, nil) else { return false }
        defer { free(right) }
        return strcmp(left, right) == 0
    }
}
