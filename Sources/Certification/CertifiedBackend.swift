internal import Files
internal import Processes
package import Tensors
internal import Threading

/// The arithmetic of a process, of a class that keeps its promise on this machine.
///
/// A class (precision, instruction set, library) stands for bits that depend on the row alone. It is offered only after
/// that was seen here: by another process of this program, which a crash of a library does not matter to, the first
/// time, and by the memory of it after that.
package struct CertifiedBackend {
    /// What a trial in another process came to.
    package enum Trial {
        case tried(Certificate)
        /// The library or a part of it is not here.
        case unavailable(String)
    }

    private let folder: CertificateFolder?
    private let certify: (ArithmeticChoice) -> Trial
    private let tell: (String) -> Void

    /// - Parameters:
    ///   - folder: of what was seen before; nil to look each time.
    ///   - certify: tries a class in another process.
    ///   - tell: is told of a class that is not offered.
    package init(
        folder: CertificateFolder?, certify: @escaping (ArithmeticChoice) -> Trial,
        tell: @escaping (String) -> Void = { _ in }
    ) {
        self.folder = folder
        self.certify = certify
        self.tell = tell
    }

    /// With the user's cache and this program.
    package static func ofThisMachine(
        tell: @escaping (String) -> Void = { _ in }
    ) -> CertifiedBackend {
        CertifiedBackend(
            folder: CacheFolder.standard("certificates").map {
                CertificateFolder(
                    $0, processor: MachineFacts.processor(), program: MachineFacts.program())
            },
            certify: CertificationProcess.certify, tell: tell)
    }

    /// The process's backend: of the best class that `choice` leaves open and that passes.
    ///
    /// Call it before threads are started, as ``ComputeBackend/activate(_:)``.
    ///
    /// - Throws: if nothing that is asked for is here, or nothing of it passes.
    package func activate(_ choice: ArithmeticChoice) throws(ArithmeticError) -> ComputeBackend {
        var failures: [String] = []
        for candidate in ComputeBackend.candidates(for: choice) {
            let known = passed(candidate)
            let trial = known.map { Trial.tried($0) } ?? tried(candidate)
            guard case .tried(let certificate) = trial else { continue }
            if let failure = certificate.failure {
                failures.append(failure)
                tell("\(certificate.arithmetic) is not offered here: \(failure)")
                continue
            }
            let backend = try ComputeBackend.activate(ArithmeticChoice(certificate.arithmetic))
            try accept(certificate, isRemembered: known != nil, by: backend)
            return backend
        }
        if let failure = failures.first { throw ArithmeticError(.uncertified, failure) }
        // It says what is missing.
        return try ComputeBackend.activate(choice)
    }

    /// Keeps the shapes of a model that was read meanwhile.
    package func remember(_ backend: ComputeBackend) {
        let choice = ArithmeticChoice(backend.arithmetic)
        let shapes = backend.multiply.checked.texts
        guard var certificate = folder?.certificate(of: choice), certificate.failure == nil,
            !shapes.isSubset(of: certificate.shapes)
        else { return }
        certificate.shapes.formUnion(shapes)
        folder?.store(certificate)
    }

    /// What is known of every class that this machine could compute in; what is not yet is tried.
    ///
    /// Portable kernels, which nobody takes where there are others, are left out there.
    package func survey() -> [Certificate] {
        ArithmeticClass.Precision.allCases.flatMap { precision in
            let candidates = ComputeBackend.candidates(for: ArithmeticChoice(precision: precision))
            let wide = candidates.filter { $0.instructionSet != .portable }
            return (wide.isEmpty ? candidates : wide).compactMap {
                let trial = passed($0).map { Trial.tried($0) } ?? tried($0)
                if case .tried(let certificate) = trial { return certificate }
                return nil
            }
        }
    }

    /// Whether a class was seen to fail here.
    package func isRefused(_ arithmetic: ArithmeticClass) -> Bool {
        folder?.certificate(of: ArithmeticChoice(arithmetic))?.failure != nil
    }

    /// What passed before.
    ///
    /// What did not is tried each time: somebody may have mended it.
    private func passed(_ candidate: ArithmeticChoice) -> Certificate? {
        folder?.certificate(of: candidate).flatMap { $0.failure == nil ? $0 : nil }
    }

    private func tried(_ candidate: ArithmeticChoice) -> Trial {
        let trial = certify(candidate)
        if case .tried(let certificate) = trial { folder?.store(certificate) }
        return trial
    }

    /// Takes a certificate for this process, whose library may be another than it was then.
    private func accept(
        _ certificate: Certificate, isRemembered: Bool, by backend: ComputeBackend
    ) throws(ArithmeticError) {
        let library = MachineFacts.library(backend.arithmetic.library)
        guard isRemembered, library != certificate.library else {
            backend.multiply.checked.accept(certificate.shapes)
            return
        }
        guard case .tried(let fresh) = tried(ArithmeticChoice(backend.arithmetic)) else { return }
        if let failure = fresh.failure { throw ArithmeticError(.uncertified, failure) }
        backend.multiply.checked.accept(fresh.shapes)
    }
}
