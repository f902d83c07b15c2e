internal import CKernels

/// What becomes of the rows of one or more products before the next multiplication.
///
/// value = residual + Σ products + bias; then, if asked for, layer norm, gain and shift; then the
/// activation.
package struct Finish {
    package var products: [Product]
    package var bias: Tensor?
    package var residual: TensorView?
    package var norm: (gain: Tensor, shift: Tensor, epsilon: Float)?
    package var activation: KernelActivation
    /// Where floats go; without it the first product is overwritten.
    package var output: TensorView?
    /// `output` gets the sum as it is before norm and activation.
    package var keepsUnnormed = false
    /// Where the next multiplication's rows go.
    package var encoded: Operand?
    /// The products are those of a ``ConvolutionInThrees``.
    package var isInThrees = false

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
    /// Finishes all rows of the products, or the first `rows` of them.
    package func finish(_ finish: Finish, rows: Int? = nil) {
        let values = finish.products[finish.isInThrees ? 4 : 0].values
        let rows = rows ?? values.rows
        let width = values.width
        precondition(
            finish.products.allSatisfy { $0.values.width == width }, "products agree in width")
        precondition(
            finish.isInThrees
                ? finish.products.count == 5 && finish.output != nil
                    && finish.products.dropLast().allSatisfy { 3 * $0.values.rows >= rows }
                : (1...3).contains(finish.products.count)
                    && finish.products.allSatisfy { $0.values.rows >= rows },
            "products agree in rows")
        precondition(
            !(finish.isInThrees && finish.keepsUnnormed), "threes have no rows to norm beside them")
        precondition(finish.bias.map { $0.count == width } ?? true, "widths agree")
        precondition(
            finish.residual.map { $0.width == width && $0.rows >= rows } ?? true,
            "the residual holds all rows")
        precondition(
            finish.output.map { $0.width == width && $0.rows >= rows } ?? true,
            "the output holds all rows")
        precondition(
            finish.encoded.map {
                $0.width == width && $0.rows >= rows
            } ?? true, "the operand holds all rows")
        if let norm = finish.norm {
            precondition(norm.gain.count == width && norm.shift.count == width, "widths agree")
        }
        var kernel = ck_finish()
        withUnsafeMutableBytes(of: &kernel.products) { bytes in
            let slots = bytes.assumingMemoryBound(to: ck_product.self)
            for (index, product) in finish.products.enumerated() { slots[index] = product.kernel }
        }
        kernel.product_count = finish.products.count
        kernel.is_in_threes = finish.isInThrees
        kernel.bias = finish.bias?.base
        kernel.residual = finish.residual.map { UnsafePointer($0.base) }
        kernel.residual_stride = finish.residual?.stride ?? 0
        kernel.gain = finish.norm?.gain.base
        kernel.shift = finish.norm?.shift.base
        kernel.epsilon = finish.norm?.epsilon ?? 0
        kernel.keeps_unnormed = finish.keepsUnnormed
        kernel.activation = finish.activation.kernel
        kernel.output = finish.output?.base
        kernel.output_stride = finish.output?.stride ?? 0
        if let encoded = finish.encoded { kernel.encoded = encoded.kernel }
        finishRows(&kernel, rows: rows, width: width)
    }
}
