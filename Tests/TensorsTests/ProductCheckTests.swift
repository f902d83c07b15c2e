import EngineClasses
import Tensors
import Testing

/// A library of products that sums one after the other, and does one thing wrong.
private struct FaultyMatrix: PackedMatrix {
    enum Fault {
        case none
        /// The row that stands first has another last bit.
        case place
        /// Calls of fewer rows have another last bit.
        case count
        /// One column is doubled.
        case value
    }

    let columns: Int
    let depth: Int
    let weights: [Float]
    let fault: Fault

    func multiply(_ input: Operand, into output: TensorView, scratch: Workspace) -> Product {
        let values = input.base.assumingMemoryBound(to: Float.self)
        for row in 0..<input.rows {
            for column in 0..<columns {
                var sum: Float = 0
                for index in 0..<depth {
                    sum += values[row * input.stride + index] * weights[column * depth + index]
                }
                output.base[row * output.stride + column] = sum
            }
        }
        let first = output.base
        switch fault {
        case .none: break
        case .place: first[0] = first[0].nextUp
        case .count where input.rows < 48: first[3] = first[3].nextUp
        case .count: break
        case .value:
            for row in 0..<input.rows { output.base[row * output.stride + 7] *= 2 }
        }
        return Product(output)
    }
}

@Suite("Products on trial") struct ProductCheckTests {
    private func failure(_ fault: FaultyMatrix.Fault) throws -> String? {
        let kernels = try #require(Kernels(.portable))
        let shape = ProductShape(
            columns: 40, depth: 96, inputStride: 96, rows: [16, 32, 48], keepsFloats: false)
        let check = ProductCheck(
            shape: shape, elementType: .float32, alignment: 1, kernels: kernels)
        return try check.outcome { (weights) throws(ArithmeticError) in
            FaultyMatrix(columns: 40, depth: 96, weights: weights, fault: fault)
        }.failure
    }

    @Test("sums in one order pass, whatever the order is")
    func sound() throws { #expect(try failure(.none) == nil) }

    @Test("bits that depend on the place of a row, or on the number of rows, are found")
    func places() throws {
        #expect(try failure(.place)?.contains("where a row stands") == true)
        #expect(try failure(.count)?.contains("how many rows there are (16 or 48)") == true)
    }

    @Test("a wrong value is found though it is wrong everywhere")
    func values() throws {
        #expect(try failure(.value)?.contains("is right") == true)
    }

    @Test("every class of this machine passes", arguments: EngineClass.here)
    func everyClass(named: EngineClass) async {
        await #expect(processExitsWith: .success) { [named] in
            let backend = try named.activate()
            for (columns, depth) in [(256, 96), (96, 256), (40, 70)] {
                let first = try backend.multiply.check(columns: columns, depth: depth)
                #expect(try backend.multiply.check(columns: columns, depth: depth) == first)
            }
            try backend.multiply.checkKernels()
            #expect(backend.multiply.checked.texts.count == 3)
        }
    }
}
