internal import EngineClasses
internal import Glibc
internal import Tensors
internal import Testing

@Suite("Arithmetic classes") struct ArithmeticTests {
    @Test(
        "a class reads back what it writes",
        arguments: [
            "fp32/avx2/openblas-0.3", "bf16/avx512/onednn-2.6", "int8/portable/onednn-3.11",
        ])
    func roundTrip(text: String) {
        #expect(ArithmeticClass(text)?.description == text)
        #expect(ArithmeticChoice(text)?.exactClass?.description == text)
    }

    @Test("a class knows its parts") func parts() {
        #expect(
            ArithmeticClass("fp32/avx2/openblas-0.3")
                == ArithmeticClass(
                    precision: .fp32, instructionSet: .avx2, library: .openBLAS,
                    libraryVersion: "0.3"))
    }

    @Test(
        "other texts are no class",
        arguments: [
            "", "fp32", "fp32/avx2", "fp64/avx2/openblas-0.3", "fp32/sse/openblas-0.3",
            "fp32/avx2/mkl-1", "fp32/avx2/openblas-0.3/x", "fp32//openblas-0.3",
            "fp32/avx2/openblas", "fp32/avx2/-0.3",
            "bf16/avx512/onednn-" + String(repeating: "1", count: 64),
        ])
    func refused(text: String) {
        #expect(ArithmeticClass(text) == nil)
    }

    @Test("a choice is auto, an instruction set, or a class")
    func choices() {
        #expect(ArithmeticChoice("auto") == .auto)
        #expect(ArithmeticChoice("portable") == ArithmeticChoice(instructionSet: .portable))
        #expect(ArithmeticChoice("portable")?.exactClass == nil)
        #expect(ArithmeticChoice("fast") == nil)
        #expect(ArithmeticChoice("bf16") == nil, "a precision has an option of its own")
    }

    @Test("the process's class names the installed library and stays")
    func activation() throws {
        let backend = try EngineClass.ofThisProcess()
        #expect(backend.arithmetic.precision == .fp32)
        #expect(
            backend.arithmetic.instructionSet
                == InstructionSet.availableHere.last { Kernels($0) != nil })
        #expect(backend.arithmetic.libraryVersion.split(separator: ".").count == 2)
        #expect(
            try ComputeBackend.activate(ArithmeticChoice(backend.arithmetic)).arithmetic
                == backend.arithmetic)
        #expect(try ComputeBackend.activate(.auto).arithmetic == backend.arithmetic)
        var other = backend.arithmetic
        other.libraryVersion = "0.999"
        let error = #expect(throws: ArithmeticError.self) {
            _ = try ComputeBackend.activate(ArithmeticChoice(other))
        }
        #expect(error?.code == .alreadyChosen)
    }

    @Test("every class of this machine is what it says", arguments: EngineClass.here)
    func everyClass(named: EngineClass) async {
        await #expect(processExitsWith: .success) { [named] in
            let arithmetic = try named.activate().arithmetic
            #expect(arithmetic.precision == named.precision)
            #expect(arithmetic.instructionSet == named.instructionSet)
            #expect(arithmetic.library == named.library)
            #expect(ArithmeticClass(arithmetic.description) == arithmetic)
            #expect(
                ComputeBackend.classesHere(like: arithmetic).first == arithmetic,
                "its own comes first")
            if named.library == .oneDNN, let isa = ArithmeticTests.instructionSetOfOneDNN() {
                // Bits of AVX2 with what it rests on, and of AVX-512 with what its precisions need.
                let allowed: UInt32 =
                    switch (named.instructionSet, named.precision) {
                    case (.avx512, .fp32): 0x27
                    case (.avx512, .bf16): 0xE7
                    case (.avx512, .int8): 0x67
                    case (.amx, _): 0x3E7
                    default: 0x07
                    }
                #expect(isa == allowed, "the library is held to the class's kernels")
            }
        }
    }

    /// What the loaded library says that it may use; nil where none can be asked.
    static func instructionSetOfOneDNN() -> UInt32? {
        for name in ["libdnnl.so.3", "libdnnl.so.2"] {
            guard let library = dlopen(name, RTLD_NOLOAD | RTLD_NOW),
                let symbol = dlsym(library, "dnnl_get_effective_cpu_isa")
            else { continue }
            typealias Question = @convention(c) () -> UInt32
            return unsafeBitCast(symbol, to: Question.self)()
        }
        return nil
    }

    @Test("what cannot be had is refused with its reason")
    func refusals() async {
        await #expect(processExitsWith: .success) {
            func code(_ choice: ArithmeticChoice) -> ArithmeticError.Code? {
                do throws(ArithmeticError) {
                    _ = try ComputeBackend.activate(choice)
                    return nil
                } catch {
                    return error.code
                }
            }
            #expect(code(.init(precision: .bf16, library: .openBLAS)) == .otherLibrary)
            #expect(code(.init(precision: .int8, library: .openBLAS)) == .otherLibrary)
            #expect(
                code(.init(precision: .bf16, instructionSet: .portable, library: .oneDNN))
                    == .unsupportedInstructionSet)
            #expect(
                code(.init(precision: .int8, instructionSet: .portable))
                    == .unsupportedInstructionSet)
            for set in InstructionSet.allCases where !InstructionSet.availableHere.contains(set) {
                #expect(code(.init(instructionSet: set)) == .unsupportedInstructionSet)
            }
            let other = ArithmeticClass(
                precision: .fp32, instructionSet: .portable, library: .openBLAS,
                libraryVersion: "0.999")
            #expect(code(.init(other)) == .otherLibrary)
            // None of this has chosen a class.
            #expect(code(.init(instructionSet: .portable, library: .openBLAS)) == nil)
        }
    }

    @Test("a prepared thread treats denormal floats as zero", arguments: KernelSet.here)
    func denormals(set: KernelSet) {
        ComputeThread.prepare()
        let matrix = Matrix([.leastNonzeroMagnitude, 1], rows: 1, width: 2)
        set.kernels.apply(
            Epilogue([Product(matrix.view)], bias: Tensor([0, 0], shape: [2])))
        #expect(matrix.values.map(\.bitPattern) == [0, Float(1).bitPattern])
    }

    @Test("an instruction set that the processor lacks has no kernels")
    func unavailable() {
        for set in InstructionSet.allCases {
            // Tiles are of bfloat16 and bytes alone, sums of four products of bytes.
            let isHere =
                set != .amx && set != .avxvnni && InstructionSet.availableHere.contains(set)
            #expect((Kernels(set) != nil) == isHere)
            #expect(set >= .avx512 || Kernels(set, for: .bf16) == nil)
            #expect(Kernels(set, for: .bf16) == nil || Kernels(set, for: .int8) != nil)
            let isAVX2Here = set == .avx2 && InstructionSet.availableHere.contains(.avx2)
            #expect(!isAVX2Here || Kernels(set, for: .int8) != nil)
        }
        #expect(InstructionSet.availableHere.contains(.portable))
    }
}
