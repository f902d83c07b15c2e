internal import AcousticModels
internal import Checkpoints
internal import Synchronization
package import Tensors

/// Vectors of distances that a layer makes of sines and cosines: wav2vec2-conformer's and Parakeet's.
package struct RelativePositions {
    private let projection: Linear
    private let width: Int
    private let kept = Self.keptReaches.map(KeptVectors.init)

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

    /// Reaches whose vectors are made once and kept, since they depend on nothing but weights.
    ///
    /// Of windows of 11 and 38 s where a frame has 80 ms. Longer ones would take more memory than they save time.
    static let keptReaches = [144, 480]

    /// Bytes that a layer keeps at most.
    package static func keptBytes(width: Int, on backend: ComputeBackend) -> Int {
        keptReaches.reduce(0) { $0 + backend.multiply.tiling.paddedRows(2 * $1) } * width
            * backend.scoreElementType.bytes
    }

    /// Bytes that batches take whose longest window has so many frames: the waves that vectors are made of, and
    /// vectors that are not kept.
    package static func bytes(frames: Int, width: Int, on backend: ComputeBackend) -> Int {
        let reach = reach(frames: frames)
        guard let kept = keptReaches.first(where: { $0 >= reach }) else {
            let rows = backend.multiply.tiling.paddedRows(2 * reach)
            return (2 * reach * 4 + rows * backend.scoreElementType.bytes) * width
        }
        return 2 * kept * 4 * width
    }

    /// Vectors [2 · reach, width] from distance 1 − reach on, in the numbers that scores are made of; valid until
    /// the workspace is asked for others.
    func vectors(reach: Int, tiling: RowTiling, workspace: ModelWorkspace) -> Operand {
        guard let kept = kept.first(where: { $0.reach >= reach }) else {
            let vectors = workspace.operand(
                .distances, workspace.backend.scoreElementType,
                rows: tiling.paddedRows(2 * reach), width: width)
            make(vectors, reach: reach, tiling: tiling, workspace: workspace)
            return vectors
        }
        let vectors = kept.vectors { memory in
            let vectors = memory.operand(
                Workspace.firstSlot, workspace.backend.scoreElementType,
                rows: tiling.paddedRows(2 * kept.reach), width: width)
            make(vectors, reach: kept.reach, tiling: tiling, workspace: workspace)
            return vectors
        }
        return vectors.rows(kept.reach - reach..<kept.reach + reach)
    }

    private func make(
        _ vectors: Operand, reach: Int, tiling: RowTiling, workspace: ModelWorkspace
    ) {
        let backend = workspace.backend
        let waves = workspace.distanceWaves(reach: reach, width: width)
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
    }
}

/// Vectors of a layer that the first batch to need them makes, and all read.
// Unchecked: what is made is written while the lock is held, and never again.
private final class KeptVectors: @unchecked Sendable {
    let reach: Int
    private let memory = Workspace()
    private let lock = Mutex(())
    private var made: Operand?

    init(reach: Int) { self.reach = reach }

    func vectors(_ make: (Workspace) -> Operand) -> Operand {
        lock.withLock { _ in
            let vectors = made ?? make(memory)
            made = vectors
            return Found(operand: vectors)
        }.operand
    }

    /// An address that may pass from one thread to another.
    private struct Found: @unchecked Sendable {
        let operand: Operand
    }
}
