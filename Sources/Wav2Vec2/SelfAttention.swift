internal import AcousticModels
internal import Checkpoints
internal import Tensors

/// Multi-head attention of each utterance to itself.
struct SelfAttention {
    private let width: Int
    private let heads: Int
    private let isRotary: Bool
    /// Queries, keys and values as one layer [3 · width, width]; queries come scaled by
    /// 1/√(width of a head).
    private let queryKeyValue: Linear
    private let outputProjection: Linear

    init(
        _ weights: WeightScope, _ configuration: Wav2Vec2Configuration, on backend: ComputeBackend
    ) throws(CheckpointError) {
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
        let width = width
        queryKeyValue = try refusing { () throws(ArithmeticError) in
            try Linear(
                weight: weight, bias: bias, inputs: width, outputs: 3 * width, on: backend)
        }
        outputProjection = try Linear(weights["out_proj"], from: width, to: width, on: backend)
    }

    /// Queries, keys and values of a batch.
    struct Projected {
        /// [rows, 3 · width], in the numbers that scores are made of.
        fileprivate let rows: Operand
        /// The same before rotation, where there is one.
        fileprivate let unrotated: TensorView?
    }

    /// Room for the queries, keys and values of `rows` rows.
    func makeProjected(rows: Int, workspace: ModelWorkspace) -> Projected {
        Projected(
            rows: workspace.operand(
                .wide, workspace.backend.scoreElementType, rows: rows, width: 3 * width),
            unrotated: isRotary
                ? workspace.view(.unrotated, rows: rows, width: 3 * width) : nil)
    }

    /// One tile of hidden frames to queries, keys and values.
    func project(
        _ hidden: Operand, into projected: Projected, rows: Range<Int>, on backend: ComputeBackend,
        scratch: Workspace
    ) {
        let tile = scratch.view(.tileWide, rows: rows.count, width: 3 * width)
        var epilogue = Epilogue(
            [queryKeyValue.product(hidden, into: tile, scratch: scratch)],
            bias: queryKeyValue.bias)
        if let unrotated = projected.unrotated {
            epilogue.output = unrotated.rows(rows)
        } else {
            epilogue.encoded = projected.rows.rows(rows)
        }
        backend.kernels.apply(epilogue)
    }

    /// Attention within each utterance, to context [rows, width].
    func attend(
        _ projected: Projected, into context: TensorView, layout: PackedFrames,
        workspace: ModelWorkspace
    ) {
        if let unrotated = projected.unrotated {
            for segment in layout.segments where segment.frames > 0 {
                rotate(unrotated.rows(segment.rows), workspace: workspace)
            }
            var encoding = Epilogue([Product(unrotated)])
            encoding.encoded = projected.rows
            workspace.backend.kernels.apply(encoding)
        }
        let headWidth = width / heads
        let segments = layout.segments.filter { $0.frames > 0 }
        workspace.forEach(segments.count * heads) { part, scratch in
            let (index, head) = part.quotientAndRemainder(dividingBy: heads)
            let rows = projected.rows.rows(segments[index].rows)
            let output = context.rows(segments[index].rows)
            let columns = head * headWidth..<(head + 1) * headWidth
            func shifted(by offset: Int) -> Operand {
                rows.columns(offset + columns.lowerBound..<offset + columns.upperBound)
            }
            for start in stride(from: 0, to: output.rows, by: Self.queriesPerStep) {
                let queries = start..<min(start + Self.queriesPerStep, output.rows)
                workspace.backend.kernels.attend(
                    query: shifted(by: 0).rows(queries), key: shifted(by: width),
                    value: shifted(by: 2 * width), keys: segments[index].validFrames,
                    into: output.rows(queries).columns(columns), scratch: scratch,
                    slot: ModelWorkspace.ScratchSlot.attention.rawValue)
                workspace.step()
            }
        }
    }

    /// Queries of one head between two signs of progress, where an hour in one pass would take minutes
    /// for a head: more than a window has, and whole blocks of the kernel, so that bits stay the same.
    private static let queriesPerStep = 3_072

    /// The output projection of one tile, without its bias.
    func product(_ context: Operand, into output: TensorView, scratch: Workspace) -> Product {
        outputProjection.product(context, into: output, scratch: scratch)
    }

    /// The bias that ``product(_:into:scratch:)`` leaves to whoever adds the result.
    var outputBias: Tensor? { outputProjection.bias }

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
}

extension ComputeBackend {
    /// What scores are multiplied in: bfloat16 below float32, since bytes lose the softmax; float32 where
    /// the processor has no bfloat16.
    var scoreElementType: Operand.ElementType { kernels.hasNarrowProducts ? .bfloat16 : .float32 }
}
