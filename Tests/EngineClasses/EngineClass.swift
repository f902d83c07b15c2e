package import Tensors

/// An arithmetic class as tests ask for it, so that a test can take it along to a process of its own.
package struct EngineClass: Codable, Hashable, Sendable, CustomStringConvertible {
    private let precisionName: String
    private let setName: String
    private let libraryName: String

    package init(
        _ precision: ArithmeticClass.Precision, _ instructionSet: InstructionSet,
        _ library: ArithmeticClass.Library
    ) {
        precisionName = precision.rawValue
        setName = instructionSet.rawValue
        libraryName = library.rawValue
    }

    package var precision: ArithmeticClass.Precision { .init(rawValue: precisionName) ?? .fp32 }
    package var instructionSet: InstructionSet { .init(rawValue: setName) ?? .portable }
    package var library: ArithmeticClass.Library { .init(rawValue: libraryName) ?? .openBLAS }
    package var description: String { "\(precisionName)/\(setName)/\(libraryName)" }

    /// Chooses this class for the process.
    package func activate() throws(ArithmeticError) -> ComputeBackend {
        try ComputeBackend.activate(
            ArithmeticChoice(
                precision: precision, instructionSet: instructionSet, library: library))
    }

    /// What tests compute in that have no process of their own: float32 with the best library.
    ///
    /// All of them have to choose the same.
    package static func ofThisProcess() throws(ArithmeticError) -> ComputeBackend {
        try ComputeBackend.activate(ArithmeticChoice(precision: .fp32))
    }

    /// All classes that this machine computes in.
    package static let here: [EngineClass] = {
        let openBLAS = [ArithmeticClass.Precision.fp32, .int8].flatMap { precision in
            InstructionSet.availableHere.filter {
                ArithmeticClass.Library.openBLAS.covers($0, precision)
                    && Kernels($0, for: precision) != nil
            }.map { EngineClass(precision, $0, .openBLAS) }
        }
        guard let backend = try? ofThisProcess(), backend.arithmetic.library == .oneDNN else {
            return openBLAS
        }
        return openBLAS
            + ComputeBackend.classesHere(like: backend.arithmetic).map {
                EngineClass($0.precision, $0.instructionSet, $0.library)
            }
    }()

    /// Those below float32.
    package static var narrowHere: [EngineClass] { here.filter { $0.precision != .fp32 } }
}
