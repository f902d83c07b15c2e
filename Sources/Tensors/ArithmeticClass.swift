/// What decides the bits of a result, written `bf16/avx512/onednn-2.6`.
///
/// Precision, instruction set, and the library that multiplies matrices with its major and minor
/// version.
package struct ArithmeticClass: Hashable, Sendable, CustomStringConvertible {
    /// The numbers that matrices are multiplied in; everything between is float32.
    package enum Precision: String, Hashable, Sendable, CaseIterable {
        case fp32
        /// bfloat16 products with float32 sums.
        case bf16
        /// 8-bit products with 32-bit sums: a scale for each frame and each output channel.
        case int8
    }

    package enum Library: String, Hashable, Sendable, CaseIterable {
        case openBLAS = "openblas"
        case oneDNN = "onednn"
    }

    package var precision: Precision
    package var instructionSet: InstructionSet
    package var library: Library
    /// Major and minor, `0.3`.
    package var libraryVersion: String

    package init(
        precision: Precision, instructionSet: InstructionSet, library: Library,
        libraryVersion: String
    ) {
        self.precision = precision
        self.instructionSet = instructionSet
        self.library = library
        self.libraryVersion = libraryVersion
    }

    /// Reads what ``description`` writes; nil for anything else.
    package init?(_ text: String) {
        guard text.utf8.count <= 64 else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let precision = Precision(rawValue: parts[0]),
            let instructionSet = InstructionSet(rawValue: parts[1])
        else { return nil }
        let named = parts[2].split(separator: "-", maxSplits: 1).map(String.init)
        guard named.count == 2, let library = Library(rawValue: named[0]) else { return nil }
        self.init(
            precision: precision, instructionSet: instructionSet, library: library,
            libraryVersion: named[1])
    }

    package var description: String {
        "\(precision.rawValue)/\(instructionSet.rawValue)/\(library.rawValue)-\(libraryVersion)"
    }
}

/// Which arithmetic to use, as a user or a coordinator asks for it: nil leaves a part to this machine.
package struct ArithmeticChoice: Hashable, Sendable {
    package var precision: ArithmeticClass.Precision?
    package var instructionSet: InstructionSet?
    package var library: ArithmeticClass.Library?
    /// Asked for together with a library.
    package var libraryVersion: String?

    package init(
        precision: ArithmeticClass.Precision? = nil, instructionSet: InstructionSet? = nil,
        library: ArithmeticClass.Library? = nil
    ) {
        self.precision = precision
        self.instructionSet = instructionSet
        self.library = library
    }

    /// Exactly this class.
    package init(_ arithmetic: ArithmeticClass) {
        self.init(
            precision: arithmetic.precision, instructionSet: arithmetic.instructionSet,
            library: arithmetic.library)
        libraryVersion = arithmetic.libraryVersion
    }

    /// The best that this machine has.
    package static let auto = ArithmeticChoice()

    /// Reads `auto`, an instruction set, or a whole class such as `fp32/avx2/openblas-0.3`.
    package init?(_ text: String) {
        if text == "auto" {
            self = .auto
        } else if let set = InstructionSet(rawValue: text) {
            self.init(instructionSet: set)
        } else if let arithmetic = ArithmeticClass(text) {
            self.init(arithmetic)
        } else {
            return nil
        }
    }

    /// The class that this names in full; nil if a part is left open.
    package var exactClass: ArithmeticClass? {
        guard let precision, let instructionSet, let library, let libraryVersion else { return nil }
        return ArithmeticClass(
            precision: precision, instructionSet: instructionSet, library: library,
            libraryVersion: libraryVersion)
    }

    /// Whether `arithmetic` is what this asks for.
    package func allows(_ arithmetic: ArithmeticClass) -> Bool {
        (precision ?? arithmetic.precision) == arithmetic.precision
            && (instructionSet ?? arithmetic.instructionSet) == arithmetic.instructionSet
            && (library ?? arithmetic.library) == arithmetic.library
            && (libraryVersion ?? arithmetic.libraryVersion) == arithmetic.libraryVersion
    }
}

/// Why an arithmetic class cannot be used here.
package struct ArithmeticError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The processor or its operating system lacks the instruction set, or the precision's part
        /// of it.
        case unsupportedInstructionSet
        /// The matrix library is missing or unusable.
        case libraryMissing
        /// The installed matrix library is another version, or runs other kernels, than asked for.
        case otherLibrary
        /// This process already computes in another class.
        case alreadyChosen
        /// The class was tried here, and is not what it promises.
        case uncertified
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}

/// An error of someone who makes weights ready, which can also say what a matrix library refuses.
package protocol ArithmeticRefusal: Error {
    init(refused: ArithmeticError)
}

extension ArithmeticRefusal {
    /// Runs `body`, whose error becomes one of this kind.
    @discardableResult
    static func mapping<Value>(
        _ body: () throws(ArithmeticError) -> Value
    ) throws(Self) -> Value {
        do throws(ArithmeticError) {
            return try body()
        } catch {
            throw Self(refused: error)
        }
    }
}

extension ArithmeticError: ArithmeticRefusal {
    package init(refused error: ArithmeticError) { self = error }
}
