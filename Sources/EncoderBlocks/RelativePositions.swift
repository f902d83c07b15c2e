internal import AcousticModels
internal import Checkpoints
internal import Tensors

/// Vectors of distances that a layer makes of sines and cosines: wav2vec2-conformer's and Parakeet's.
struct RelativePositions {
    private let projection: Linear
    private let width: Int

    /// - Parameter weights: `weight` [width, width].
    init(
        _ weights: WeightScope, width: Int, on backend: ComputeBackend
    ) throws(CheckpointError) {
        self.width = width
        let weight = try weights.floats("weight", shape: [width, width])
        projection = try refusing { () throws(ArithmeticError) in
            try Linear(weight: weight, bias: nil, inputs: width, outputs: width, on: backend)
        }
    }

    /// Frames rounded up so that a distance has the same place among aligned rows in every batch, whatever the
    /// library aligns by (``RowTiling/alignment``).
    static func reach(frames: Int) -> Int { (frames + 47) / 48 * 48 }

    /// Vectors [2 · reach, width] from distance 1 − reach on, in the numbers that scores are made of.
    func vectors(reach: Int, tiling: RowTiling, workspace: ModelWorkspace) -> Operand {
        let backend = workspace.backend
        let rows = tiling.paddedRows(2 * reach)
        let waves = workspace.distanceWaves(reach: reach, width: width)
        let vectors = workspace.operand(
            .distances, backend.scoreElementType, rows: rows, width: width)
        let tiles = tiling.tiles(covering: 2 * reach)
        workspace.forEach(tiles.count) { part, scratch in
            let tile = scratch.view(.tile, rows: tiles[part].count, width: width)
            waves.copy(tiles[part], into: tile)
            let operand = backend.apply(
                Epilogue([Product(tile)]), encodedIn: .encoded, of: scratch)
            let output = scratch.view(.tileWide, rows: tile.rows, width: width)
            var epilogue = Epilogue([projection.product(operand, into: output, scratch: scratch)])
            epilogue.encoded = vectors.rows(tiles[part])
            backend.kernels.apply(epilogue)
        }
        return vectors
    }
}
