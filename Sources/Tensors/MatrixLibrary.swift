internal import COneDNN
internal import COpenBLAS

/// The library that multiplies matrices, opened for one instruction set and precision.
struct MatrixLibrary {
    let name: ArithmeticClass.Library
    let version: String
    let precision: ArithmeticClass.Precision

    /// Opens the library that `choice` names, or the best one that is installed.
    static func open(
        _ choice: ArithmeticChoice, on set: InstructionSet
    ) throws(ArithmeticError) -> MatrixLibrary {
        switch choice.library {
        case .openBLAS?: return try openBLAS(choice, on: set)
        case .oneDNN?: return try oneDNN(choice, on: set)
        case nil:
            // In float32 either does; other precisions are mostly oneDNN's alone.
            do throws(ArithmeticError) {
                return try oneDNN(choice, on: set)
            } catch {
                let precision = choice.precision ?? .fp32
                guard ArithmeticClass.Library.openBLAS.covers(set, precision) else { throw error }
                return try openBLAS(choice, on: set)
            }
        }
    }

    private static func openBLAS(
        _ choice: ArithmeticChoice, on set: InstructionSet
    ) throws(ArithmeticError) -> MatrixLibrary {
        let precision = choice.precision ?? .fp32
        guard precision == .fp32 || ArithmeticClass.Library.openBLAS.covers(set, precision) else {
            throw ArithmeticError(
                .otherLibrary, "OpenBLAS computes fp32, not \(precision.rawValue); use oneDNN")
        }
        if let problem = openblas_loader_open(set.openBLASCore) {
            throw ArithmeticError(.libraryMissing, String(cString: problem))
        }
        let core = String(cString: openblas_loader_core())
        guard set.covers(openBLASCore: core) else {
            throw ArithmeticError(
                .otherLibrary,
                "OpenBLAS computes with its \(core) kernels, which \(set.rawValue) does not stand "
                    + "for; unset OPENBLAS_CORETYPE or choose another instruction set")
        }
        let configuration = String(cString: openblas_loader_configuration())
        return MatrixLibrary(
            name: .openBLAS, version: majorAndMinor(ofConfiguration: configuration),
            precision: precision)
    }

    private static func oneDNN(
        _ choice: ArithmeticChoice, on set: InstructionSet
    ) throws(ArithmeticError) -> MatrixLibrary {
        let best: ArithmeticClass.Precision = Kernels(set, for: .bf16) == nil ? .fp32 : .bf16
        let precision = choice.precision ?? best
        guard ArithmeticClass.Library.oneDNN.covers(set, precision) else {
            throw ArithmeticError(
                .unsupportedInstructionSet,
                "\(precision.rawValue) with \(set.rawValue) is not what this processor does in "
                    + "hardware; choose --precision fp32")
        }
        let isa: onednn_isa =
            switch set {
            case .avx2, .avxvnni: onednn_isa_avx2
            case .avx512: onednn_isa_avx512
            case .amx: onednn_isa_amx
            case .portable, .neon: onednn_isa_any
            }
        if let problem = onednn_loader_open(onednn_precision(precision), isa) {
            throw ArithmeticError(.libraryMissing, String(cString: problem))
        }
        let version = onednn_loader_version()
        return MatrixLibrary(
            name: .oneDNN, version: "\(version >> 16).\(version & 0xFFFF)", precision: precision)
    }

    /// Keeps the libraries' own threads away from the calling thread.
    static func prepareThread() { onednn_loader_prepare_thread() }

    /// `0.3` from `OpenBLAS 0.3.21 DYNAMIC_ARCH …`.
    static func majorAndMinor(ofConfiguration configuration: String) -> String {
        let words = configuration.split(separator: " ")
        guard words.count >= 2, words[0] == "OpenBLAS" else { return "unknown" }
        return words[1].split(separator: ".").prefix(2).joined(separator: ".")
    }
}

extension ArithmeticClass.Library {
    /// Whether this library computes `precision` with `set` on this processor.
    package func covers(
        _ set: InstructionSet, _ precision: ArithmeticClass.Precision
    ) -> Bool {
        switch self {
        case .openBLAS:
            switch precision {
            case .fp32: return set.has(.fp32)
            // Bytes are multiplied by kernels of ours, and what bears nothing less than floats by the library.
            case .int8: return set == .neon && Kernels(set, for: precision) != nil
            case .bf16: return false
            }
        case .oneDNN:
            // It is held to an instruction set by dnnl_set_max_cpu_isa, which knows those of x86 alone: its kernels
            // for any other processor may sum in an order that depends on the processor.
            return set >= .avx2 && Kernels(set, for: precision) != nil
        }
    }
}

extension onednn_precision {
    init(_ precision: ArithmeticClass.Precision) {
        self =
            switch precision {
            case .fp32: onednn_fp32
            case .bf16: onednn_bf16
            case .int8: onednn_int8
            }
    }
}
