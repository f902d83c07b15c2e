internal import CKernels

/// What becomes of the rows of one or more products before the next multiplication.
///
/// value = residual + Σ products + bias; then, if asked for, layer norm, gamma and beta; then the
/// activation.
package struct Epilogue {
    package var products: [Product]
    package var bias: Tensor?
    package var residual: TensorView?
    package var norm: (gamma: Tensor, beta: Tensor, epsilon: Float)?
    package var activation: KernelActivation
    /// Where floats go; without it the first product may be overwritten, and is the result where ``encoded`` is nil too.
    package var output: TensorView?
    /// `output` gets the sum as it is before norm and activation.
    package var keepsUnnormed = false
    /// Where the next multiplication's rows go.
    package var encoded: Operand?
    /// The products are those of a ``WinogradConvolution``.
    package var isWinograd = false

    package init(
        _ products: [Product], bias: Tensor? = nil, residual: TensorView? = nil,
        activation: KernelActivation = .linear, into output: TensorView? = nil
    ) {
        self.products = products
        self.bias = bias
        self.residual = residual
        self.activation = activation
        self.output = output
    }

    /// Whether the first product's floats already are the result.
    package var isIdentity: Bool {
        products.count == 1 && products[0].areFloats && bias == nil && residual == nil
            && norm == nil && activation == .linear && output == nil && encoded == nil
    }
}

extension Kernels {
    /// Computes the epilogue of all rows of the products, or the first `rows` of them.
    package func apply(_ epilogue: Epilogue, rows: Int? = nil) {
        let values = epilogue.products[epilogue.isWinograd ? 4 : 0].values
        let rows = rows ?? values.rows
        let width = values.width
        precondition(
            epilogue.products.allSatisfy { $0.values.width == width }, "products agree in width")
        precondition(
            epilogue.isWinograd
                ? epilogue.products.count == 5 && epilogue.output != nil
                    && epilogue.products.dropLast().allSatisfy { 3 * $0.values.rows >= rows }
                : (1...3).contains(epilogue.products.count)
                    && epilogue.products.allSatisfy { $0.values.rows >= rows },
            "products agree in rows")
        precondition(
            !(epilogue.isWinograd && epilogue.keepsUnnormed),
            "a Winograd convolution has no rows to norm beside its products")
        precondition(epilogue.bias.map { $0.count == width } ?? true, "widths agree")
        precondition(
            epilogue.residual.map { $0.width == width && $0.rows >= rows } ?? true,
            "the residual holds all rows")
        precondition(
            epilogue.output.map { $0.width == width && $0.rows >= rows } ?? true,
            "the output holds all rows")
        precondition(
            epilogue.encoded.map {
                $0.width == width && $0.rows >= rows
            } ?? true, "the operand holds all rows")
        if let norm = epilogue.norm {
            precondition(norm.gamma.count == width && norm.beta.count == width, "widths agree")
        }
        var kernel = ck_epilogue()
        withUnsafeMutableBytes(of: &kernel.products) { bytes in
            let slots = bytes.assumingMemoryBound(to: ck_product.self)
            for (index, product) in epilogue.products.enumerated() { slots[index] = product.kernel }
        }
        kernel.product_count = epilogue.products.count
        kernel.is_winograd = epilogue.isWinograd
        kernel.bias = epilogue.bias?.base
        kernel.residual = epilogue.residual.map { UnsafePointer($0.base) }
        kernel.residual_stride = epilogue.residual?.stride ?? 0
        kernel.gamma = epilogue.norm?.gamma.base
        kernel.beta = epilogue.norm?.beta.base
        kernel.epsilon = epilogue.norm?.epsilon ?? 0
        kernel.keeps_unnormed = epilogue.keepsUnnormed
        kernel.activation = epilogue.activation.kernel
        kernel.output = epilogue.output?.base
        kernel.output_stride = epilogue.output?.stride ?? 0
        if let encoded = epilogue.encoded { kernel.encoded = encoded.kernel }
        applyEpilogue(&kernel, rows: rows, width: width)
    }
}
