/// What decides the bits of a result, written `fp32/avx2/openblas-0.3`.
///
/// Precision, instruction set, and the library that multiplies matrices with its major and minor
/// version.
package struct ArithmeticClass: Hashable, Sendable, CustomStringConvertible {
    package enum Precision: String, Hashable, Sendable, CaseIterable {
        case fp32
    }

    package var precision: Precision
    package var instructionSet: InstructionSet
    /// Name and version of the library, `openblas-0.3`.
    package var matrixLibrary: String

    package init(precision: Precision, instructionSet: InstructionSet, matrixLibrary: String) {
        self.precision = precision
        self.instructionSet = instructionSet
        self.matrixLibrary = matrixLibrary
    }

    /// Reads what ``description`` writes; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let precision = Precision(rawValue: parts[0]),
            let instructionSet = InstructionSet(rawValue: parts[1]),
            parts[2].hasPrefix("openblas-"), parts[2].utf8.count <= 32
        else { return nil }
        self.init(
            precision: precision, instructionSet: instructionSet, matrixLibrary: parts[2])
    }

    package var description: String {
        "\(precision.rawValue)/\(instructionSet.rawValue)/\(matrixLibrary)"
    }
}

/// Which arithmetic to use, as a user or a coordinator asks for it.
package enum ArithmeticChoice: Hashable, Sendable {
    /// The widest instruction set of this processor.
    case auto
    /// One instruction set, with the library that is installed.
    case instructionSet(InstructionSet)
    /// Exactly this class, or an error.
    case exactly(ArithmeticClass)

    /// Reads `auto`, an instruction set, or a whole class such as `fp32/avx2/openblas-0.3`.
    package init?(_ text: String) {
        if text == "auto" {
            self = .auto
        } else if let set = InstructionSet(rawValue: text) {
            self = .instructionSet(set)
        } else if let arithmetic = ArithmeticClass(text) {
            self = .exactly(arithmetic)
        } else {
            return nil
        }
    }
}

/// Why an arithmetic class cannot be used here.
package struct ArithmeticError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The processor or its operating system lacks the instruction set.
        case unsupportedInstructionSet
        /// The matrix library is missing or unusable.
        case libraryMissing
        /// The installed matrix library is another version, or runs other kernels, than asked for.
        case otherLibrary
        /// This process already computes in another class.
        case alreadyChosen
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
