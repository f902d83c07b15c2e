internal import AcousticModels
package import Checkpoints
package import Tensors

/// A narrow block behind a layer, which is added to its input: what a language has of its own.
///
/// It is small and stays in float32 whatever the precision.
package struct ResidualAdapter {
    private let norm: LayerNorm
    private let narrow: Linear
    private let widen: Linear

    /// - Parameter inner: channels between the two linear layers.
    package init(
        _ weights: WeightScope, width: Int, inner: Int, on backend: ComputeBackend
    ) throws(CheckpointError) {
        // The reference takes this epsilon, whatever the model's other norms have.
        norm = try LayerNorm(weights["norm"], width: width, epsilon: 1e-5)
        narrow = try Linear(
            weights["linear_1"], from: width, to: inner, on: backend, keepsFloats: true)
        widen = try Linear(
            weights["linear_2"], from: inner, to: width, on: backend, keepsFloats: true)
    }

    /// hidden += widen(relu(narrow(norm(hidden)))), one tile, in place.
    package func callAsFunction(
        _ hidden: TensorView, on backend: ComputeBackend, scratch: Workspace
    ) {
        let tile = scratch.view(.tile, rows: hidden.rows, width: hidden.width)
        var normed = Epilogue([Product(hidden)], into: tile)
        normed.norm = norm.parameters
        backend.kernels.apply(normed)
        let inner = scratch.view(.tileWide, rows: hidden.rows, width: narrow.outputs)
        backend.kernels.apply(
            Epilogue(
                [narrow.product(Operand(tile), into: inner, scratch: scratch)], bias: narrow.bias,
                activation: .relu, into: inner))
        backend.kernels.apply(
            Epilogue(
                [widen.product(Operand(inner), into: tile, scratch: scratch)], bias: widen.bias,
                residual: hidden, into: hidden))
    }
}
