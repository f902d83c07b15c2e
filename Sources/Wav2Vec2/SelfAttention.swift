internal import Checkpoints
internal import Tensors

/// Multi-head attention of each utterance to itself.
struct SelfAttention {
    /// Queries computed together: their scores against the longest pass fit in the second-level
    /// cache, and no matrix of all frames by all frames exists.
    private static let queryRows = 96

    private let width: Int
    private let heads: Int
    private let isRotary: Bool
    /// Queries, keys and values as one layer [3 · width, width]; queries come scaled by
    /// 1/√(width of a head).
    private let queryKeyValue: Linear
    private let outputProjection: Linear

    init(_ weights: WeightScope, _ configuration: Wav2Vec2Configuration) throws(CheckpointError) {
        width = configuration.hiddenWidth
        heads = configuration.attentionHeads
        isRotary = configuration.usesRotaryEmbeddings
        let scale = 1 / Float(width / heads).squareRoot()
        var weight: [Float] = []
        var bias: [Float] = []
        weight.reserveCapacity(3 * width * width)
        for (name, factor) in [("q_proj", scale), ("k_proj", 1), ("v_proj", 1)] {
            let part = weights[name]
            weight += try part.floats("weight", shape: [width, width]).map { $0 * factor }
            bias += try part.floats("bias", shape: [width]).map { $0 * factor }
        }
        queryKeyValue = Linear(weight: weight, bias: bias, inputs: width, outputs: 3 * width)
        outputProjection = try Linear(weights["out_proj"], from: width, to: width)
    }

    /// One tile of hidden frames to queries, keys and values [rows, 3 · width].
    func project(_ hidden: TensorView, into wide: TensorView, on backend: ComputeBackend) {
        queryKeyValue(hidden, into: wide, on: backend)
    }

    /// Attention within each utterance, from queries, keys and values to context [rows, width].
    func attend(
        _ wide: TensorView, into context: TensorView, layout: PackedFrames,
        workspace: ModelWorkspace
    ) {
        for segment in layout.segments where segment.frames > 0 {
            let rows = wide.rows(segment.rows)
            if isRotary { rotate(rows, workspace: workspace) }
            for head in 0..<heads {
                attend(
                    rows, head: head, keys: segment.validFrames,
                    into: context.rows(segment.rows), workspace: workspace)
            }
        }
    }

    /// The output projection of one tile, without its bias.
    func product(
        _ context: TensorView, into output: TensorView, on backend: ComputeBackend
    ) {
        outputProjection.product(context, into: output, on: backend)
    }

    /// The bias that ``product(_:into:on:)`` leaves to whoever adds the result.
    var outputBias: Tensor? { outputProjection.bias }

    private func attend(
        _ rows: TensorView, head: Int, keys: Int, into context: TensorView,
        workspace: ModelWorkspace
    ) {
        let backend = workspace.backend
        let headWidth = width / heads
        let columns = head * headWidth..<(head + 1) * headWidth
        let queries = rows.columns(columns)
        let key = rows.columns(width + columns.lowerBound..<width + columns.upperBound)
        let value = rows.columns(2 * width + columns.lowerBound..<2 * width + columns.upperBound)
        for start in stride(from: 0, to: rows.rows, by: Self.queryRows) {
            let block = start..<min(start + Self.queryRows, rows.rows)
            let scores = workspace.view(.scores, rows: block.count, width: rows.rows)
            backend.multiply(queries.rows(block), transposed: key, into: scores)
            backend.kernels.softmax(scores, valid: keys)
            backend.multiply(scores, value, into: context.rows(block).columns(columns))
        }
    }

    /// Turns queries and keys of one utterance by their frame's angles, over the whole width.
    private func rotate(_ rows: TensorView, workspace: ModelWorkspace) {
        let angles = workspace.rotaryAngles(frames: rows.rows, width: width)
        angles.cosines.withUnsafeBufferPointer { cosines in
            angles.sines.withUnsafeBufferPointer { sines in
                for part in [0, width] {
                    workspace.backend.kernels.rotate(
                        rows.columns(part..<part + width), cosines: cosines, sines: sines)
                }
            }
        }
    }

    /// Bytes of scratch memory for utterances of at most `frames` frames.
    static func workspaceBytes(frames: Int) -> Int {
        queryRows * frames * MemoryLayout<Float>.stride
    }
}
