package import Certification
internal import Tensors

/// Which arithmetic classes keep their promise on a machine.
package struct ClassFacts: Hashable, Sendable {
    /// Of all that the processor and the libraries have, best first of each precision.
    package var certificates: [Certificate]

    package init(certificates: [Certificate]) { self.certificates = certificates }

    package var finding: Finding {
        let offered = certificates.filter { $0.failure == nil }.map(\.arithmetic.description)
        let failures = certificates.compactMap(\.failure)
        let fact =
            offered.isEmpty ? "none passes its checks" : "\(offered.joined(separator: ", ")) pass"
        let values: [String: Finding.Value] = [
            "offered": .text(offered.joined(separator: " ")), "refused": .count(failures.count),
        ]
        guard let failure = failures.first else {
            return Finding("classes", fact, values: values)
        }
        return Finding(
            "classes", .warning, "\(fact); \(failures.count) do not: \(failure)",
            remedy:
                "replace the library by one of the distribution's, and see for faults of the machine",
            values: values)
    }
}
