package import AcousticModels
package import Checkpoints
internal import SpeechTypes
package import Tensors

/// The last layer of every model here: scores of symbols, and their log-softmax.
///
/// It costs nothing and decides everything: it stays in float32 whatever the precision.
package struct CTCHead: Sendable {
    private let linear: Linear

    package init(
        _ weights: WeightScope, from width: Int, to classes: Int, on backend: ComputeBackend
    ) throws(CheckpointError) {
        linear = try Linear(
            weights, from: width, to: classes, on: backend, keepsFloats: true)
    }

    /// A head whose weight is stored as a convolution's of one tap, [classes, width, 1].
    package init(
        pointwise weights: WeightScope, from width: Int, to classes: Int,
        on backend: ComputeBackend
    ) throws(CheckpointError) {
        linear = try Linear(
            weights, from: width, to: classes, shape: [classes, width, 1], on: backend,
            keepsFloats: true)
    }

    package var classes: Int { linear.outputs }

    /// Log-probabilities [valid frames, classes] of each utterance.
    ///
    /// - Parameter hidden: [rows of the layout, width].
    /// - Throws: if a result is not finite.
    package func callAsFunction(
        _ hidden: TensorView, layout: PackedFrames, blank: BlankAdjustment,
        workspace: ModelWorkspace, observe: (Stage, TensorView, PackedFrames) -> Void
    ) throws(EngineError) -> [Tensor] {
        let backend = workspace.backend
        let logits = workspace.view(.logits, rows: layout.rows, width: classes)
        let tiles = layout.tiles
        workspace.forEach(tiles.count) { part, scratch in
            let output = logits.rows(tiles[part])
            let product = linear.product(
                Operand(hidden.rows(tiles[part])), into: output, scratch: scratch)
            backend.kernels.apply(Epilogue([product], bias: linear.bias, into: output))
        }
        observe(.logits, logits, layout)
        adjust(blank, in: logits)
        backend.kernels.logSoftmax(logits)
        observe(.logProbabilities, logits, layout)
        return try results(logits, layout)
    }

    private func adjust(_ blank: BlankAdjustment, in logits: TensorView) {
        guard blank != .none else { return }
        let (index, weight) = (blank.blank, blank.weight)
        precondition(index >= 0 && index < logits.width, "the blank is a class")
        for row in 0..<logits.rows {
            switch blank.mode {
            case .add: logits.base[row * logits.stride + index] += weight
            case .set: logits.base[row * logits.stride + index] = weight
            }
        }
    }

    private func results(
        _ logProbabilities: TensorView, _ layout: PackedFrames
    ) throws(EngineError) -> [Tensor] {
        var results: [Tensor] = []
        for (index, segment) in layout.segments.enumerated() {
            let result = Tensor(copying: logProbabilities.rows(segment.validRows))
            guard result.withValues({ SampleStatistics.allFinite($0) }) else {
                throw EngineError(
                    .notFinite, utterance: index,
                    "the model's output is not finite; check that its samples are")
            }
            results.append(result)
        }
        return results
    }
}

/// Shows an observer of single utterances what all of a batch have.
package func observing(
    _ observer: ((Stage, Int, Tensor) -> Void)?
) -> (Stage, TensorView, PackedFrames) -> Void {
    { stage, matrix, layout in
        guard let observer else { return }
        for (index, segment) in layout.segments.enumerated() {
            observer(stage, index, Tensor(copying: matrix.rows(segment.validRows)))
        }
    }
}
