internal import AcousticModels
internal import Checkpoints
internal import Tensors

/// Learnt vectors of distances, the same for all heads: w2v-BERT 2.0's.
///
/// As transformers' `Wav2Vec2BertSelfAttention` with `position_embeddings_type` "relative_key".
struct ClippedPositions {
    /// Frames before the query that have vectors of their own.
    let left: Int
    /// [left + right + 1, width of a head], from distance −left on.
    private let table: Tensor

    /// - Parameter weights: `weight` [left + right + 1, width].
    init(
        _ weights: WeightScope, left: Int, right: Int, width: Int
    ) throws(CheckpointError) {
        self.left = left
        let shape = [left + right + 1, width]
        table = try weights.tensor("weight", shape: shape)
    }

    /// The vectors in the numbers that scores are made of.
    func vectors(workspace: ModelWorkspace) -> Operand {
        let backend = workspace.backend
        // The table is shared by threads: what is encoded is a copy of it.
        let rows = workspace.view(
            .distanceRows, rows: table.shape[0], width: table.shape[1])
        rows.base.update(from: table.base, count: table.count)
        guard backend.scoreElementType != .float32 else { return Operand(rows) }
        let vectors = workspace.operand(
            .distances, backend.scoreElementType, rows: rows.rows, width: rows.width)
        var epilogue = Epilogue([Product(rows)])
        epilogue.encoded = vectors
        backend.kernels.apply(epilogue)
        return vectors
    }
}
