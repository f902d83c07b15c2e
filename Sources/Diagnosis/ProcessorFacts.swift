/// The processor, and what this process may use of it.
package struct ProcessorFacts: Hashable, Sendable {
    /// As the kernel names it; nil where it does not.
    package var name: String?
    package var processors: Int
    /// That this process may use: affinity and control groups are respected.
    package var processorsForUs: Int
    /// What is computed in, such as `fp32/avx2/onednn-2.6`; nil if nothing can be.
    package var arithmetic: String?
    /// Why nothing can be computed in.
    package var refusal: String?

    package init(
        name: String?, processors: Int, processorsForUs: Int, arithmetic: String?, refusal: String?
    ) {
        self.name = name
        self.processors = processors
        self.processorsForUs = processorsForUs
        self.arithmetic = arithmetic
        self.refusal = refusal
    }

    /// The name in the text of `/proc/cpuinfo`, or what stands there of an ARM processor, which has numbers.
    package static func name(in cpuinfo: String) -> String? {
        func value(of field: String) -> String? {
            for line in cpuinfo.split(separator: "\n") {
                let sides = line.split(separator: ":", maxSplits: 1)
                guard sides.count == 2, sides[0].hasPrefix(field) else { continue }
                return String(sides[1].drop(while: \.isWhitespace).prefix(100))
            }
            return nil
        }
        if let name = value(of: "model name") { return name }
        guard let implementer = value(of: "CPU implementer"), let part = value(of: "CPU part")
        else { return nil }
        return "ARM processor, implementer \(implementer), part \(part)"
    }

    package var finding: Finding {
        let named = name ?? "a processor without a name"
        let part =
            processorsForUs < processors
            ? "\(processorsForUs) of \(processors) processors (affinity or a control group)"
            : "\(processors) processors"
        var values: [String: Finding.Value] = [
            "processors": .count(processors), "processors_for_us": .count(processorsForUs),
        ]
        values["name"] = name.map { .text($0) }
        values["arithmetic"] = arithmetic.map { .text($0) }
        guard let arithmetic else {
            return Finding(
                "processor", .problem, "\(named), \(part): nothing can be computed",
                remedy: refusal ?? "install OpenBLAS: apt-get install libopenblas0-pthread",
                values: values)
        }
        let fact = "\(named), \(part), computes in \(arithmetic)"
        guard arithmetic.contains("/portable/") else {
            return Finding("processor", fact, values: values)
        }
        return Finding(
            "processor", .warning, "\(fact): without vector instructions, some ten times slower",
            remedy:
                "take a machine with AVX2; a virtual one needs its host's processor (-cpu host)",
            values: values)
    }
}
