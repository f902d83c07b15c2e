internal import AcousticModels
internal import Checkpoints
internal import PackedWeights
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
        projection = try Linear(weights, from: width, to: width, hasBias: false, on: backend)
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
        let vectors = kept.vectors {
            made(reach: kept.reach, tiling: tiling, workspace: workspace, in: PackingLedger())
        }
        return vectors.operand.rows(kept.reach - reach..<kept.reach + reach)
    }

    /// Makes the vectors of one of ``keptReaches``, or finds them, before a batch needs them.
    func keep(reach: Int, workspace: ModelWorkspace, in ledger: PackingLedger) {
        guard let kept = kept.first(where: { $0.reach == reach }) else { return }
        _ = kept.vectors {
            made(
                reach: reach, tiling: workspace.backend.multiply.tiling, workspace: workspace,
                in: ledger)
        }
    }

    private func made(
        reach: Int, tiling: RowTiling, workspace: ModelWorkspace, in ledger: PackingLedger
    ) -> KeptOperand {
        ledger.operand(
            workspace.backend.scoreElementType,
            rows: workspace.backend.multiply.tiling.paddedRows(2 * reach), width: width
        ) { make($0, reach: reach, tiling: tiling, workspace: workspace) }
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
private final class KeptVectors: Sendable {
    let reach: Int
    private let made = Mutex<KeptOperand?>(nil)

    init(reach: Int) { self.reach = reach }

    func vectors(_ make: () -> KeptOperand) -> KeptOperand {
        made.withLock { made in
            let vectors = made ?? make()
            made = vectors
            return vectors
        }
    }
}
