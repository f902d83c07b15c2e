internal import Tensors
internal import Testing

@Suite("Arithmetic classes") struct ArithmeticTests {
    @Test("a class reads back what it writes")
    func roundTrip() {
        let arithmetic = ArithmeticClass(
            precision: .fp32, instructionSet: .avx2, matrixLibrary: "openblas-0.3")
        #expect(arithmetic.description == "fp32/avx2/openblas-0.3")
        #expect(ArithmeticClass(arithmetic.description) == arithmetic)
    }

    @Test(
        "other texts are no class",
        arguments: [
            "", "fp32", "fp32/avx2", "fp64/avx2/openblas-0.3", "fp32/sse/openblas-0.3",
            "fp32/avx2/mkl-1", "fp32/avx2/openblas-0.3/x", "fp32//openblas-0.3",
        ])
    func refused(text: String) {
        #expect(ArithmeticClass(text) == nil)
    }

    @Test("a choice is auto, an instruction set, or a class")
    func choices() {
        #expect(ArithmeticChoice("auto") == .auto)
        #expect(ArithmeticChoice("portable") == .instructionSet(.portable))
        #expect(
            ArithmeticChoice("fp32/avx512/openblas-0.3")
                == .exactly(
                    .init(
                        precision: .fp32, instructionSet: .avx512, matrixLibrary: "openblas-0.3")))
        #expect(ArithmeticChoice("fast") == nil)
    }

    @Test("the process's class names the installed library and stays")
    func activation() throws {
        let backend = try ComputeBackend.activate(.auto)
        #expect(backend.arithmetic.matrixLibrary.hasPrefix("openblas-0."))
        #expect(backend.arithmetic.instructionSet == InstructionSet.availableHere.last)
        #expect(
            try ComputeBackend.activate(.exactly(backend.arithmetic)).arithmetic
                == backend.arithmetic)
        #expect(throws: ArithmeticError.self) {
            var other = backend.arithmetic
            other.matrixLibrary = "openblas-0.999"
            _ = try ComputeBackend.activate(.exactly(other))
        }
        if backend.arithmetic.instructionSet != .portable {
            #expect(throws: ArithmeticError.self) {
                _ = try ComputeBackend.activate(.instructionSet(.portable))
            }
        }
    }

    @Test("a prepared thread treats denormal floats as zero")
    func denormals() throws {
        ComputeThread.prepare()
        for set in InstructionSet.availableHere {
            let matrix = Matrix([.leastNonzeroMagnitude, 1], rows: 1, width: 2)
            try #require(Kernels(set)).addBias(Tensor([0, 0], shape: [2]), to: matrix.view)
            #expect(matrix.values.map(\.bitPattern) == [0, Float(1).bitPattern])
        }
    }

    @Test("an instruction set that the processor lacks has no kernels")
    func unavailable() {
        for set in InstructionSet.allCases {
            #expect((Kernels(set) != nil) == InstructionSet.availableHere.contains(set))
        }
        #expect(InstructionSet.availableHere.contains(.portable))
    }
}
