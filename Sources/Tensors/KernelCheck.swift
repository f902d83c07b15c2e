internal import Glibc

/// Looks whether the kernels between products compute what the portable ones do.
struct KernelCheck {
    let kernels: Kernels
    let elementType: Operand.ElementType

    /// Approximations of exp and of the error function differ between instruction sets by a few units in the last place,
    /// and layer norm by the order of its sums.
    private static let epilogueTolerance: Float = 2e-5
    /// Sums of 64 and 45 terms, in another order.
    private static let attentionTolerance = 1e-5
    /// Probabilities are rounded to eight bits.
    private static let halfAttentionTolerance = 1.0 / 128

    /// What is wrong; nil if nothing is.
    func failure() -> String? {
        guard let portable = Kernels(.portable) else { return "the portable kernels do not run" }
        return epilogueFailure(against: portable) ?? attentionFailure(.float32)
            ?? (kernels.hasNarrowProducts ? attentionFailure(.bfloat16) : nil)
    }

    // MARK: Rows between products

    private func epilogueFailure(against portable: Kernels) -> String? {
        // No multiple of what any kernel takes at a time.
        let (rows, width) = (7, 781)
        var numbers = MadeUpNumbers(seed: 11)
        let values = numbers.floats(rows * width)
        let (bias, gamma, beta) = (
            Tensor(numbers.floats(width), shape: [width]),
            Tensor(numbers.floats(width), shape: [width]),
            Tensor(numbers.floats(width), shape: [width])
        )
        func computed(by kernels: Kernels, _ order: [Int]) -> [Float] {
            let scratch = Workspace()
            let product = scratch.view(1, rows: order.count, width: width)
            let output = scratch.view(2, rows: order.count, width: width)
            for (row, source) in order.enumerated() {
                for column in 0..<width {
                    product.base[row * width + column] = values[source * width + column]
                }
            }
            var epilogue = Epilogue(
                [Product(product)], bias: bias, activation: .gelu, into: output)
            epilogue.norm = (gamma, beta, 1e-5)
            epilogue.encoded = scratch.operand(3, elementType, rows: order.count, width: width)
            kernels.apply(epilogue)
            return (0..<order.count * width).map { output.base[$0] }
        }
        let all = computed(by: kernels, Array(0..<rows))
        let expected = computed(by: portable, Array(0..<rows))
        for (value, other) in zip(all, expected)
        where !(abs(value - other) <= Self.epilogueTolerance * (1 + abs(other))) {
            return "rows between products are \(value) where the portable kernels have \(other)"
        }
        for row in 0..<rows {
            let alone = computed(by: kernels, [row])
            guard alone.elementsEqual(all[row * width..<(row + 1) * width]) else {
                return "rows between products depend on other rows"
            }
        }
        return nil
    }

    // MARK: Attention

    private func attentionFailure(_ elementType: Operand.ElementType) -> String? {
        let (queries, keys, width) = (29, 45, 64)
        var numbers = MadeUpNumbers(seed: 12)
        let scratch = Workspace()
        let operands = (0..<3).map { index in
            let plain = scratch.view(1, rows: keys, width: width)
            let values = numbers.floats(keys * width)
            for index in 0..<values.count { plain.base[index] = values[index] }
            let operand = scratch.operand(2 + index, elementType, rows: keys, width: width)
            var epilogue = Epilogue([Product(plain)])
            epilogue.encoded = operand
            kernels.apply(epilogue)
            return operand
        }
        let context = scratch.view(5, rows: queries, width: width)
        kernels.attend(
            query: operands[0].rows(0..<queries), key: operands[1], value: operands[2], keys: keys,
            into: context, scratch: scratch, slot: 6)
        let (query, key, value) = (
            Self.numbers(operands[0]), Self.numbers(operands[1]), Self.numbers(operands[2])
        )
        let tolerance =
            elementType == .float32 ? Self.attentionTolerance : Self.halfAttentionTolerance
        for row in 0..<queries {
            let weights = (0..<keys).map { other in
                exp(
                    (0..<width).reduce(0.0) {
                        $0 + query[row * width + $1] * key[other * width + $1]
                    })
            }
            let total = weights.reduce(0, +)
            for column in 0..<width {
                let expected =
                    (0..<keys).reduce(0.0) { $0 + weights[$1] * value[$1 * width + column] } / total
                let found = Double(context.base[row * width + column])
                guard abs(found - expected) <= tolerance else {
                    return "attention is \(found) where \(expected) is right"
                }
            }
        }
        return nil
    }

    private static func numbers(_ operand: Operand) -> [Double] {
        (0..<operand.rows * operand.width).map { index in
            switch operand.elementType {
            case .float32: Double(operand.base.assumingMemoryBound(to: Float.self)[index])
            default:
                Double(
                    Float(
                        bitPattern: UInt32(
                            operand.base.assumingMemoryBound(to: UInt16.self)[index]) << 16))
            }
        }
    }
}
