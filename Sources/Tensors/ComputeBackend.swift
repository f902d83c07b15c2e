internal import Synchronization

/// What every computation is done with: the kernels of one instruction set and a matrix
/// multiplication of the same class.
///
/// The class is chosen once for a process, because the libraries pick their kernels when they are
/// loaded.
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
            if let current {
                guard choice.allows(current.arithmetic) else {
                    throw ArithmeticError(
                        .alreadyChosen, "this process already computes with \(current.arithmetic)")
                }
                return current
            }
            let backend = try make(choice)
            current = backend
            return backend
        }
    }

    /// The classes that `choice` leaves open, best first, with all but the library's version named.
    ///
    /// Empty where nothing that this processor has is asked for.
    package static func candidates(for choice: ArithmeticChoice) -> [ArithmeticChoice] {
        // int8 changes a few words in a thousand, and is taken only when it is asked for.
        let precisions = choice.precision.map { [$0] } ?? [.bf16, .fp32]
        let sets = InstructionSet.availableHere.reversed().filter {
            $0 == choice.instructionSet ?? $0
        }
        return precisions.flatMap { precision in
            sets.flatMap { set in
                [ArithmeticClass.Library.oneDNN, .openBLAS].filter {
                    $0 == choice.library ?? $0 && $0.covers(set, precision)
                        && Kernels(set, for: precision) != nil
                }
                .map { library in
                    var candidate = choice
                    candidate.precision = precision
                    candidate.instructionSet = set
                    candidate.library = library
                    return candidate
                }
            }
        }
    }

    private static func make(_ choice: ArithmeticChoice) throws(ArithmeticError) -> ComputeBackend {
        if let set = choice.instructionSet, !InstructionSet.availableHere.contains(set) {
            throw ArithmeticError(
                .unsupportedInstructionSet,
                "this processor does not run \(set.rawValue); it runs "
                    + InstructionSet.availableHere.map(\.rawValue).joined(separator: ", "))
        }
        var refusal: ArithmeticError?
        for candidate in candidates(for: choice) {
            do throws(ArithmeticError) {
                return try make(
                    candidate, on: candidate.instructionSet ?? .portable)
            } catch {
                refusal = refusal ?? error
            }
        }
        if let refusal { throw refusal }
        // What is asked for and not there says best why it is not.
        let set = choice.instructionSet ?? InstructionSet.availableHere.last ?? .portable
        return try make(choice, on: set)
    }

    private static func make(
        _ choice: ArithmeticChoice, on set: InstructionSet
    ) throws(ArithmeticError) -> ComputeBackend {
        let library = try MatrixLibrary.open(choice, on: set)
        let arithmetic = ArithmeticClass(
            precision: library.precision, instructionSet: set, library: library.name,
            libraryVersion: library.version)
        guard choice.allows(arithmetic) else {
            throw ArithmeticError(
                .otherLibrary,
                "\(choice.exactClass?.description ?? "another library") is asked for and "
                    + "\(arithmetic) is what is installed; install that version of the library or "
                    + "choose a class that all workers share")
        }
        guard let kernels = Kernels(set, for: library.precision) else {
            throw ArithmeticError(
                .unsupportedInstructionSet, "this processor does not compute \(arithmetic)")
        }
        return ComputeBackend(
            arithmetic: arithmetic, kernels: kernels,
            multiply: MatrixMultiply(arithmetic, kernels: kernels))
    }
}

extension ComputeBackend {
    /// The classes that this machine could compute in with the library of `arithmetic`: its own first.
    package static func classesHere(like arithmetic: ArithmeticClass) -> [ArithmeticClass] {
        var classes = [arithmetic]
        for precision in ArithmeticClass.Precision.allCases {
            for set in InstructionSet.availableHere.reversed()
            where arithmetic.library.covers(set, precision) {
                var other = arithmetic
                other.precision = precision
                other.instructionSet = set
                if other != arithmetic { classes.append(other) }
            }
        }
        return classes
    }
}
