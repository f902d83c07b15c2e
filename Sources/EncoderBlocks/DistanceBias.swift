internal import AcousticModels
package import Checkpoints
internal import Glibc
internal import Tensors

/// Numbers that scores get for the distance of their frames, in buckets that widen: WavLM's.
///
/// One table for all layers; each layer has gates of its own, by which a query takes its share.
package struct DistanceBias {
    private let buckets: Int
    private let distanceMax: Int
    private let heads: Int
    /// [buckets, heads].
    private let table: [Float]
    /// For windows of chunks and recordings of one pass.
    private let usual: Tensor
    private static let usualReach = 2_048

    /// - Parameter weights: of the first layer's attention.
    /// - Returns: nil for a model without such numbers.
    package init?(_ weights: WeightScope, _ shape: LayerShape) throws(CheckpointError) {
        guard case .buckets(let count, let distanceMax) = shape.positions else {
            return nil
        }
        buckets = count
        self.distanceMax = distanceMax
        heads = shape.heads
        let heads = shape.heads
        let table = try weights["rel_attn_embed"].values("weight", shape: [count, heads])
        self.table = table
        usual = weights.ledger.tensor([heads, 2 * Self.usualReach + 1]) { target in
            Self.spread(
                table, buckets: count, distanceMax: distanceMax, heads: heads,
                reach: Self.usualReach, into: target)
        }
    }

    /// [heads, 2 · reach + 1] from distance −reach on, and the reach, for an utterance of `frames` frames.
    ///
    /// All layers share them, and so do batches of one workspace.
    func numbers(
        frames: Int, workspace: ModelWorkspace
    ) -> (values: Tensor, reach: Int) {
        guard frames > Self.usualReach else { return (usual, Self.usualReach) }
        return workspace.distanceNumbers(reach: frames) {
            Tensor(shape: [heads, 2 * frames + 1]) { target in
                Self.spread(
                    table, buckets: buckets, distanceMax: distanceMax, heads: heads, reach: frames,
                    into: target)
            }
        }
    }

    /// Bytes of the numbers that are made for a batch whose longest window has so many frames.
    package static func bytes(frames: Int, heads: Int) -> Int {
        frames > usualReach ? (2 * frames + 1) * 4 * heads : 0
    }

    /// Bytes of one thread's room for the gates of so many rows.
    package static func gateBytes(rows: Int, heads: Int) -> Int {
        rows * DistanceGates.roomWidth(heads: heads) * 4
    }

    private static func spread(
        _ table: [Float], buckets: Int, distanceMax: Int, heads: Int, reach: Int,
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        let places = 2 * reach + 1
        for place in 0..<places {
            let row =
                heads * bucket(of: place - reach, buckets: buckets, distanceMax: distanceMax)
            for head in 0..<heads { target[head * places + place] = table[row + head] }
        }
    }

    /// The bucket of a distance, a key's frame less the query's.
    ///
    /// Half of the buckets are for each direction; the first half of these for single distances, the others
    /// for ranges that grow with the logarithm up to `distanceMax`, beyond which all share the last.
    static func bucket(of distance: Int, buckets: Int, distanceMax: Int) -> Int {
        let half = buckets / 2
        let exact = half / 2
        let base = distance > 0 ? half : 0
        let length = abs(distance)
        guard length >= exact else { return base + length }
        let share =
            log(Double(length) / Double(exact)) / log(Double(distanceMax) / Double(exact))
        return base + min(half - 1, exact + Int(share * Double(half - exact)))
    }
}

/// What decides how much of the ``DistanceBias`` a query takes.
struct DistanceGates {
    private let heads: Int
    /// Two sums a head, of that head's channels; see `init`.
    private let sums: Linear
    /// Of each head.
    private let constants: [Float]

    init(
        _ weights: WeightScope, width: Int, heads: Int, on backend: ComputeBackend
    ) throws(CheckpointError) {
        self.heads = heads
        let headWidth = width / heads
        let shared = weights["gru_rel_pos_linear"]
        constants = try weights.values("gru_rel_pos_const", shape: [1, heads, 1, 1])
        // Four outputs are only ever added up, so their rows are added here, and every head has its own
        // place among the channels.
        sums = try Linear(
            inputs: width, outputs: 2 * heads, on: backend, keepsFloats: true,
            ledger: weights.ledger,
            weight: { () throws(CheckpointError) in
                let weight = try shared.floats("weight", shape: [8, headWidth])
                var matrix = [Float](repeating: 0, count: 2 * heads * width)
                for head in 0..<heads {
                    for part in 0..<2 {
                        for channel in 0..<headWidth {
                            matrix[(2 * head + part) * width + head * headWidth + channel] = Float(
                                (0..<4).reduce(0.0) {
                                    $0 + Double(weight[(4 * part + $1) * headWidth + channel])
                                })
                        }
                    }
                }
                return matrix
            },
            bias: { () throws(CheckpointError) in
                let bias = try shared.floats("bias", shape: [8])
                let sums = (0..<2).map { part in
                    Float((0..<4).reduce(0.0) { $0 + Double(bias[4 * part + $1]) })
                }
                return (0..<heads).flatMap { _ in sums }
            })
    }

    /// Floats that a row's gates take while they are made: both sums of each head, beside ones, and gated.
    static func roomWidth(heads: Int) -> Int { 4 * 2 * heads }

    /// Gates of one tile's rows, what enters the attention, to columns of gates [heads, all rows].
    func callAsFunction(
        _ entering: TensorView, into gates: TensorView, from row: Int, on backend: ComputeBackend,
        scratch: Workspace
    ) {
        let width = 2 * heads
        // A product's output is contiguous; the gate kernel reads it beside ones.
        let room = scratch.view(
            .gates, rows: entering.rows, width: Self.roomWidth(heads: heads))
        let products = TensorView(base: room.base, rows: entering.rows, width: width)
        let tile = TensorView(
            base: room.base + entering.rows * width, rows: entering.rows, width: 3 * width)
        let (ones, added) = (tile.columns(0..<width), tile.columns(width..<2 * width))
        let open = tile.columns(2 * width..<3 * width)
        backend.kernels.apply(
            Epilogue(
                [sums.product(Operand(entering), into: products, scratch: scratch)],
                bias: sums.bias, into: products))
        // The kernels' own logistic: the C library's differs between processors.
        for index in 0..<entering.rows {
            (ones.base + index * ones.stride).update(repeating: 1, count: width)
            (added.base + index * added.stride).update(
                from: products.base + index * width, count: width)
        }
        backend.kernels.gate(tile.columns(0..<2 * width), into: open)
        for index in 0..<entering.rows {
            let values = open.base + index * open.stride
            for head in 0..<heads {
                let (a, b) = (values[2 * head], values[2 * head + 1])
                gates.base[head * gates.stride + row + index] = a * (b * constants[head] - 1) + 2
            }
        }
    }
}
