/// Memory, and the limits that hold for this process.
package struct MemoryFacts: Hashable, Sendable {
    package var totalBytes: Int
    /// Available now, no more than the control group allows.
    package var availableBytes: Int
    /// The control group's limit; nil without one.
    package var limitBytes: Int?
    /// What one worker of the model needs at least; nil if no model was tried.
    package var needBytes: Int?

    package init(totalBytes: Int, availableBytes: Int, limitBytes: Int?, needBytes: Int?) {
        self.totalBytes = totalBytes
        self.availableBytes = availableBytes
        self.limitBytes = limitBytes
        self.needBytes = needBytes
    }

    package var finding: Finding {
        func mebibytes(_ bytes: Int) -> String { "\(bytes >> 20) MiB" }
        var fact = "\(mebibytes(availableBytes)) of \(mebibytes(totalBytes)) available"
        var values: [String: Finding.Value] = [
            "total_mib": .count(totalBytes >> 20), "available_mib": .count(availableBytes >> 20),
        ]
        if let limitBytes {
            fact += ", a control group's limit of \(mebibytes(limitBytes))"
            values["limit_mib"] = .count(limitBytes >> 20)
        }
        guard let needBytes else { return Finding("memory", fact, values: values) }
        fact += "; a worker of this model needs \(mebibytes(needBytes))"
        values["least_mib"] = .count(needBytes >> 20)
        if availableBytes < needBytes {
            return Finding(
                "memory", .problem, fact,
                remedy: limitBytes == nil
                    ? "end other programs, or take a machine with more memory"
                    : "raise the limit of the container, job or unit above \(mebibytes(needBytes))",
                values: values)
        }
        // A worker takes half of what is available unless --memory says otherwise.
        guard availableBytes / 2 < needBytes else {
            return Finding("memory", fact, values: values)
        }
        return Finding(
            "memory", .warning, "\(fact), so batches are small",
            remedy: "give it what there is: --memory \(availableBytes >> 20)", values: values)
    }
}
