internal import Digests
package import Files
package import Tensors

/// Certificates of earlier runs, one file for each class of a processor and a program.
package struct CertificateFolder: Sendable {
    private let folder: CacheFolder
    /// Of the processor and the program.
    private let machine: String

    /// Some dozen programs and machines share a home at most.
    private static let countMax = 200

    /// - Parameters:
    ///   - processor: what decides how it computes: its name, revision and abilities.
    ///   - program: what stands for the program's file.
    package init(_ folder: CacheFolder, processor: String, program: String) {
        self.folder = folder
        machine = String(
            SHA256Hasher.digest(of: Array("\(processor)\n\(program)".utf8)).hex.prefix(32))
    }

    /// What was seen of a class; nil where nothing was.
    package func certificate(of candidate: ArithmeticChoice) -> Certificate? {
        guard let name = name(of: candidate),
            let bytes = folder.contents(of: name, bytesMax: Certificate.bytesMax),
            let certificate = Certificate(json: bytes),
            candidate.allows(certificate.arithmetic)
        else { return nil }
        return certificate
    }

    package func store(_ certificate: Certificate) {
        guard let name = name(of: ArithmeticChoice(certificate.arithmetic)) else { return }
        if folder.store(certificate.json, as: name) { folder.keepNewest(Self.countMax) }
    }

    private func name(of choice: ArithmeticChoice) -> String? {
        guard let precision = choice.precision, let set = choice.instructionSet,
            let library = choice.library
        else { return nil }
        return "\(precision.rawValue)-\(set.rawValue)-\(library.rawValue)-\(machine)"
    }
}
