internal import CKernels

/// The instruction sets that kernels are compiled for, narrowest first within each family of processors.
package enum InstructionSet: String, Hashable, Sendable, CaseIterable, Comparable {
    /// What the compiler assumes of any processor.
    case portable
    /// Advanced SIMD of AArch64, which has FMA; with sums of four products of bytes where the processor has them,
    /// which change no bits.
    case neon
    /// AVX2 with FMA.
    case avx2
    /// AVX2 with FMA and sums of four products of bytes (AVX-VNNI, or AVX-512's VNNI); for int8.
    case avxvnni
    /// AVX-512 F, DQ, BW and VL.
    case avx512
    /// AVX-512 with BF16 and VNNI, and tiles that are multiplied whole (AMX); for bf16 and int8.
    case amx

    /// Those that this processor runs, narrowest first.
    package static var availableHere: [InstructionSet] {
        allCases.filter { ck_can_run($0.table) }
    }

    package static func < (left: InstructionSet, right: InstructionSet) -> Bool {
        left.order < right.order
    }

    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    var table: ck_instruction_set { table(for: .fp32) }

    /// Whether processors have this for `precision`; float32 has neither sums of bytes nor tiles.
    func has(_ precision: ArithmeticClass.Precision) -> Bool {
        switch precision {
        case .fp32: self != .avxvnni && self != .amx
        case .bf16: self >= .avx512
        case .int8: self != .portable
        }
    }

    /// Which kernels compute in `precision`.
    func table(for precision: ArithmeticClass.Precision) -> ck_instruction_set {
        switch self {
        case .portable: ck_portable
        case .neon where precision == .int8:
            // All of them give the same bits, but for bfloat16, which this precision has nowhere here.
            [ck_neon_narrow, ck_neon_dot].first { ck_can_run($0) } ?? ck_neon
        case .neon: ck_neon
        case .avx2: ck_avx2
        // Both give the same bits.
        case .avxvnni: ck_can_run(ck_avx2_vnni) ? ck_avx2_vnni : ck_avx2_vnni_evex
        case .avx512: precision == .fp32 ? ck_avx512 : ck_avx512_narrow
        case .amx: ck_amx
        }
    }

    /// What to ask OpenBLAS for; nil leaves the choice to it.
    var openBLASCore: String? {
        #if arch(x86_64)
            switch self {
            case .portable: "Prescott"
            case .avx2, .avxvnni: "Haswell"
            case .avx512, .amx: "SkylakeX"
            case .neon: nil
            }
        #elseif arch(arm64)
            // Its kernels for any AArch64 processor: those for single ones sum in other orders.
            "ARMV8"
        #else
            nil
        #endif
    }

    /// Whether OpenBLAS's `core` multiplies with the kernels that this instruction set stands for.
    func covers(openBLASCore core: String) -> Bool {
        #if arch(x86_64)
            switch self {
            case .portable: ["prescott", "core2", "nehalem"].contains(core.lowercased())
            case .avx2: ["haswell", "zen"].contains(core.lowercased())
            case .avx512: core.lowercased() == "skylakex"
            // OpenBLAS's kernels here are those of fp32.
            case .avxvnni, .amx, .neon: false
            }
        #elseif arch(arm64)
            core.lowercased() == "armv8"
        #else
            true
        #endif
    }
}
