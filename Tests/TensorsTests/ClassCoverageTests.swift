internal import EngineClasses
internal import Foundation
internal import Tensors
internal import Testing

/// Tests that run in every class of this machine run in fewer on a lesser one, and in too few if the
/// classes were told wrong: here each class is looked for that the processor should have, and one that
/// it lacks shows as skipped.
@Suite("Classes whose tests run on this machine") struct ClassCoverageTests {
    /// A class, and the processor's features that it needs, as Linux names them.
    struct Need: Sendable, CustomTestStringConvertible {
        let named: EngineClass
        let features: Set<String>

        var testDescription: String { named.description }
    }

    private static let avx2: Set = ["avx2", "fma"]
    private static let avx512 = avx2.union(["avx512f", "avx512dq", "avx512bw", "avx512vl"])
    private static let narrow = avx512.union(["avx512_bf16", "avx512_vnni"])
    private static let tiles = narrow.union(["amx_tile", "amx_bf16", "amx_int8"])

    static let needs: [Need] = [
        Need(named: EngineClass(.fp32, .portable, .openBLAS), features: []),
        Need(named: EngineClass(.fp32, .neon, .openBLAS), features: ["asimd"]),
        Need(named: EngineClass(.int8, .neon, .openBLAS), features: ["asimd"]),
        Need(named: EngineClass(.fp32, .avx2, .openBLAS), features: avx2),
        Need(named: EngineClass(.fp32, .avx512, .openBLAS), features: avx512),
        Need(named: EngineClass(.fp32, .avx2, .oneDNN), features: avx2),
        Need(named: EngineClass(.fp32, .avx512, .oneDNN), features: avx512),
        Need(named: EngineClass(.bf16, .avx512, .oneDNN), features: narrow),
        Need(named: EngineClass(.int8, .avx2, .oneDNN), features: avx2),
        Need(named: EngineClass(.int8, .avxvnni, .oneDNN), features: avx2.union(["avx_vnni"])),
        Need(named: EngineClass(.int8, .avx512, .oneDNN), features: narrow),
        Need(named: EngineClass(.bf16, .amx, .oneDNN), features: tiles),
        Need(named: EngineClass(.int8, .amx, .oneDNN), features: tiles),
    ]

    private static let features: Set<String> = {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first {
            $0.hasPrefix("flags") || $0.hasPrefix("Features")
        }
        return Set((line ?? "").split(whereSeparator: \.isWhitespace).map(String.init))
    }()

    /// What of `need` this processor lacks.
    private func lacking(_ need: Set<String>) -> String {
        need.subtracting(Self.features).sorted().joined(separator: ", ")
    }

    @Test(
        "a class that the processor computes in is tested, one that it lacks is skipped",
        arguments: needs)
    func classes(need: Need) throws {
        let isTested = EngineClass.here.contains(need.named)
        guard lacking(need.features).isEmpty else {
            #expect(!isTested)
            try Test.cancel(
                "\(need.named) is not tested here: no \(lacking(need.features)) in this processor")
        }
        #expect(isTested, "the processor has what \(need.named) needs")
    }

    @Test("no class is tested that is not listed here")
    func allListed() {
        let listed = Set(Self.needs.map(\.named))
        #expect(Set(EngineClass.here).subtracting(listed).isEmpty)
    }

    @Test(
        "kernels that the processor runs are tested, those that it lacks are skipped",
        arguments: zip(
            [[], ["asimd"], avx2, avx512, narrow],
            ["portable", "neon", "avx2", "avx512", "narrow avx512"]))
    func kernels(features: Set<String>, name: String) throws {
        let kernels: (InstructionSet, ArithmeticClass.Precision) =
            switch name {
            case "portable": (.portable, .fp32)
            case "neon": (.neon, .fp32)
            case "avx2": (.avx2, .fp32)
            case "avx512": (.avx512, .fp32)
            default: (.avx512, .bf16)
            }
        let isTested = KernelSet.here.contains {
            $0.instructionSet == kernels.0 && $0.precision == kernels.1
        }
        guard lacking(features).isEmpty else {
            #expect(!isTested)
            try Test.cancel(
                "\(name) kernels are not tested here: no \(lacking(features)) in this processor")
        }
        #expect(isTested)
    }
}
