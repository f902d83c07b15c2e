internal import COpenBLAS
internal import Synchronization

/// What every computation is done with: the kernels of one instruction set and a matrix
/// multiplication of the same class.
///
/// The class is chosen once for a process, because OpenBLAS picks its kernels when it is loaded.
package struct ComputeBackend: Sendable {
    package let arithmetic: ArithmeticClass
    package let kernels: Kernels
    package let multiply: MatrixMultiply

    private static let active = Mutex<ComputeBackend?>(nil)

    /// The process's backend, made by the first call.
    ///
    /// Sets environment variables for OpenBLAS: make the first call before threads are started.
    ///
    /// - Throws: if the processor or the library cannot do what is asked, or an earlier call chose
    ///   another class.
    package static func activate(_ choice: ArithmeticChoice) throws(ArithmeticError)
        -> ComputeBackend
    {
        try active.withLock { (current) throws(ArithmeticError) -> ComputeBackend in
            let backend: ComputeBackend
            if let current { backend = current } else { backend = try make(choice) }
            try backend.check(against: choice)
            current = backend
            return backend
        }
    }

    private static func make(_ choice: ArithmeticChoice) throws(ArithmeticError) -> ComputeBackend {
        let set =
            switch choice {
            case .auto: InstructionSet.availableHere.last ?? .portable
            case .instructionSet(let set): set
            case .exactly(let arithmetic): arithmetic.instructionSet
            }
        guard let kernels = Kernels(set) else {
            throw ArithmeticError(
                .unsupportedInstructionSet,
                "this processor does not run \(set.rawValue); it runs "
                    + InstructionSet.availableHere.map(\.rawValue).joined(separator: ", "))
        }
        if let problem = openblas_door_open(set.openBLASCore) {
            throw ArithmeticError(.libraryMissing, String(cString: problem))
        }
        let core = String(cString: openblas_door_core())
        guard set.covers(openBLASCore: core) else {
            throw ArithmeticError(
                .otherLibrary,
                "OpenBLAS computes with its \(core) kernels, which \(set.rawValue) does not stand "
                    + "for; unset OPENBLAS_CORETYPE or choose another instruction set")
        }
        let configuration = String(cString: openblas_door_configuration())
        return ComputeBackend(
            arithmetic: ArithmeticClass(
                precision: .fp32, instructionSet: set,
                matrixLibrary: "openblas-" + majorAndMinor(ofConfiguration: configuration)),
            kernels: kernels, multiply: MatrixMultiply(set))
    }

    private func check(against choice: ArithmeticChoice) throws(ArithmeticError) {
        switch choice {
        case .auto: return
        case .instructionSet(let set):
            guard set != arithmetic.instructionSet else { return }
            throw ArithmeticError(
                .alreadyChosen, "this process already computes with \(arithmetic), not \(set)")
        case .exactly(let wanted):
            guard wanted != arithmetic else { return }
            guard wanted.instructionSet == arithmetic.instructionSet else {
                throw ArithmeticError(
                    .alreadyChosen, "this process already computes with \(arithmetic)")
            }
            throw ArithmeticError(
                .otherLibrary,
                "\(wanted) is asked for and \(arithmetic) is what is installed; install that "
                    + "version of the library or choose a class that all workers share")
        }
    }

    /// `0.3` from `OpenBLAS 0.3.21 DYNAMIC_ARCH …`.
    static func majorAndMinor(ofConfiguration configuration: String) -> String {
        let words = configuration.split(separator: " ")
        guard words.count >= 2, words[0] == "OpenBLAS" else { return "unknown" }
        return words[1].split(separator: ".").prefix(2).joined(separator: ".")
    }
}

extension ComputeBackend {
    /// The classes that this machine could compute in with the library of `arithmetic`, best first.
    package static func classesHere(like arithmetic: ArithmeticClass) -> [String] {
        InstructionSet.availableHere.reversed().map { set in
            ArithmeticClass(
                precision: arithmetic.precision, instructionSet: set,
                matrixLibrary: arithmetic.matrixLibrary
            ).description
        }
    }
}
