package import AcousticModels
package import Checkpoints
package import PackedWeights
package import Tensors

/// Multi-head attention of each utterance to itself.
package struct SelfAttention {
    /// What distances of frames do to scores.
    private enum Distances {
        case none
        case biased(DistanceBias, DistanceGates)
        case relative(RelativePositions)
        case clipped(ClippedPositions)
    }

    private let width: Int
    private let heads: Int
    private let isRotary: Bool
    private let distances: Distances
    /// Whose powers the wavelengths are by which what enters is turned for queries and keys.
    private let turningBase: Double?
    /// Queries, keys and values as one layer [3 · width, width]; queries come scaled by
    /// 1/√(width of a head).
    ///
    /// With vectors of distances a fourth part has the queries that meet those; where
    /// queries and keys are made of something else than values are, the values are not in it.
    private let projection: Linear
    private let valueProjection: Linear?
    private let outputProjection: Linear
    /// Of width `width`, in all.
    private let parts: Int

    package init(
        _ weights: WeightScope, _ shape: LayerShape, bias: DistanceBias? = nil,
        on backend: ComputeBackend
    ) throws(CheckpointError) {
        width = shape.width
        heads = shape.heads
        isRotary = shape.isRotary
        let (width, heads) = (width, heads)
        let scale = 1 / Float(width / heads).squareRoot()
        let queries = Part(name: "q_proj", scale: scale)
        let (keys, values) = (Part(name: "k_proj"), Part(name: "v_proj"))
        var projected = [queries, keys, values]
        var separateValues: [Part] = []
        switch shape.positions {
        case .relative:
            projected = [
                Part(name: "q_proj", scale: scale, vector: "pos_bias_u"), keys, values,
                Part(name: "q_proj", scale: scale, vector: "pos_bias_v"),
            ]
            distances = .relative(
                try RelativePositions(weights["linear_pos"], width: width, on: backend))
            turningBase = nil
        case .rotaryInput(let base):
            projected = [queries, keys]
            separateValues = [values]
            distances = .none
            turningBase = base
        case .none, .buckets, .clipped:
            if let bias {
                distances = .biased(
                    bias, try DistanceGates(weights, width: width, heads: heads, on: backend))
            } else if case .clipped(let left, let right) = shape.positions {
                distances = .clipped(
                    try ClippedPositions(
                        weights["distance_embedding"], left: left, right: right,
                        width: width / heads))
            } else {
                distances = .none
            }
            turningBase = nil
        }
        parts = projected.count + separateValues.count
        func linear(_ parts: [Part]) throws(CheckpointError) -> Linear {
            try Linear(
                inputs: width, outputs: parts.count * width, on: backend, ledger: weights.ledger,
                weight: { () throws(CheckpointError) in
                    var all: [Float] = []
                    for part in parts { all += try part.weight(weights, width: width) }
                    return all
                },
                bias: { () throws(CheckpointError) in
                    var all: [Float] = []
                    for part in parts {
                        all += try part.bias(weights, shape, width: width)
                    }
                    return all
                })
        }
        projection = try linear(projected)
        valueProjection = separateValues.isEmpty ? nil : try linear(separateValues)
        outputProjection = try Linear(
            weights["out_proj"], from: width, to: width, hasBias: shape.hasBiases, on: backend)
    }

    /// A layer that makes queries, keys or values, scaled.
    private struct Part {
        let name: String
        var scale: Float = 1
        /// What is added to its bias: [heads, width of a head].
        var vector: String?

        func weight(_ weights: WeightScope, width: Int) throws(CheckpointError) -> [Float] {
            let scale = scale
            return try weights[name].floats("weight", shape: [width, width]).map { $0 * scale }
        }

        func bias(
            _ weights: WeightScope, _ shape: LayerShape, width: Int
        ) throws(CheckpointError) -> [Float] {
            var bias =
                shape.hasBiases
                ? try weights[name].floats("bias", shape: [width])
                : [Float](repeating: 0, count: width)
            if let vector {
                let added = try weights.floats(
                    vector, shape: [shape.heads, width / shape.heads])
                for index in bias.indices { bias[index] += added[index] }
            }
            let scale = scale
            return bias.map { $0 * scale }
        }
    }

    /// Queries, keys and values of a batch.
    package struct Projected {
        /// [rows, parts · width], in the numbers that scores are made of.
        fileprivate let rows: Operand
        /// Shares of the bias by distance, [heads, rows], where there is one.
        fileprivate let gates: TensorView?
        /// The same before rotation, where there is one.
        fileprivate let unrotated: TensorView?
    }

    /// Whether ``project(_:entering:into:rows:on:scratch:)`` needs what enters as floats.
    private var hasGates: Bool { if case .biased = distances { true } else { false } }

    /// Room for the queries, keys and values of `rows` rows.
    package func makeProjected(rows: Int, workspace: ModelWorkspace) -> Projected {
        Projected(
            rows: workspace.operand(
                .wide, workspace.backend.scoreElementType, rows: rows, width: parts * width),
            gates: hasGates ? workspace.view(.gates, rows: heads, width: rows) : nil,
            unrotated: isRotary
                ? workspace.view(.unrotated, rows: rows, width: 3 * width) : nil)
    }

    /// What enters the attention, [all rows, width], turned by each frame's angles, head by head, for queries
    /// and keys; nil where they are made of it as it is.
    package func turned(
        _ entering: TensorView, layout: PackedFrames, workspace: ModelWorkspace
    ) -> TensorView? {
        guard let turningBase else { return nil }
        let turned = workspace.view(.turned, rows: entering.rows, width: width)
        turned.copy(entering)
        let headWidth = width / heads
        for segment in layout.segments where segment.frames > 0 {
            let angles = workspace.rotaryAngles(
                frames: segment.frames, width: headWidth, base: turningBase)
            let rows = turned.rows(segment.rows)
            angles.cosines.withUnsafeBufferPointer { cosines in
                angles.sines.withUnsafeBufferPointer { sines in
                    for head in 0..<heads {
                        workspace.backend.kernels.rotate(
                            rows.columns(head * headWidth..<(head + 1) * headWidth),
                            cosines: cosines, sines: sines)
                    }
                }
            }
        }
        return turned
    }

    /// One tile of values, where they are made of something else than queries and keys are.
    package func projectValues(
        _ hidden: Operand, into projected: Projected, rows: Range<Int>, on backend: ComputeBackend,
        scratch: Workspace
    ) {
        guard let valueProjection else { return }
        let tile = scratch.view(.tileWide, rows: rows.count, width: width)
        var epilogue = Epilogue(
            [valueProjection.product(hidden, into: tile, scratch: scratch)],
            bias: valueProjection.bias)
        epilogue.encoded = projected.rows.rows(rows).columns(2 * width..<3 * width)
        backend.kernels.apply(epilogue)
    }

    /// One tile of hidden frames to queries, keys and values.
    ///
    /// - Parameter entering: the same frames as floats, for gates.
    package func project(
        _ hidden: Operand, entering: TensorView, into projected: Projected, rows: Range<Int>,
        on backend: ComputeBackend, scratch: Workspace
    ) {
        if case .biased(_, let gates) = distances, let target = projected.gates {
            gates(entering, into: target, from: rows.lowerBound, on: backend, scratch: scratch)
        }
        let tile = scratch.view(.tileWide, rows: rows.count, width: projection.outputs)
        var epilogue = Epilogue(
            [projection.product(hidden, into: tile, scratch: scratch)], bias: projection.bias)
        if let unrotated = projected.unrotated {
            epilogue.output = unrotated.rows(rows)
        } else {
            epilogue.encoded = projected.rows.rows(rows).columns(0..<projection.outputs)
        }
        backend.kernels.apply(epilogue)
    }

    /// Attention within each utterance, to context [rows, width].
    package func attend(
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
        let longest = segments.map(\.frames).max() ?? 0
        let known = known(longest: longest, layout: layout, workspace: workspace)
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
                    distances: distances(
                        of: queries, segments[index], head: head, known, projected),
                    into: output.rows(queries).columns(columns), scratch: scratch,
                    slot: ModelWorkspace.ScratchSlot.attention.rawValue)
                workspace.step()
            }
        }
    }

    /// Makes the vectors of distances up to `reach` before a batch needs them, if there are such.
    package func keepVectors(
        reach: Int, workspace: ModelWorkspace, in ledger: PackingLedger
    ) {
        if case .relative(let positions) = distances {
            positions.keep(reach: reach, workspace: workspace, in: ledger)
        }
    }

    /// What all heads and utterances of a batch share.
    private struct KnownDistances {
        var numbers: (values: Tensor, reach: Int)?
        var vectors: (values: Operand, reach: Int)?
        var clipped: Operand?
    }

    private func known(
        longest: Int, layout: PackedFrames, workspace: ModelWorkspace
    ) -> KnownDistances {
        guard longest > 0 else { return KnownDistances() }
        switch distances {
        case .none: return KnownDistances()
        case .biased(let bias, _):
            return KnownDistances(numbers: bias.numbers(frames: longest, workspace: workspace))
        case .relative(let positions):
            let reach = RelativePositions.reach(frames: longest)
            return KnownDistances(
                vectors: (
                    positions.vectors(reach: reach, tiling: layout.tiling, workspace: workspace),
                    reach
                ))
        case .clipped(let positions):
            return KnownDistances(clipped: positions.vectors(workspace: workspace))
        }
    }

    /// What is added to the scores of some queries of one head and utterance.
    private func distances(
        of queries: Range<Int>, _ segment: PackedFrames.Segment, head: Int,
        _ known: KnownDistances, _ projected: Projected
    ) -> AttentionDistances {
        let headWidth = width / heads
        var result = AttentionDistances(firstQuery: queries.lowerBound)
        if let (values, reach) = known.numbers, let gates = projected.gates {
            result.bias = .init(
                values: values.base + head * (2 * reach + 1), reach: reach,
                gates: gates.base + head * gates.stride + segment.start + queries.lowerBound)
        }
        if let (values, reach) = known.vectors {
            // A shorter utterance takes the middle of the table.
            let own = RelativePositions.reach(frames: segment.frames)
            let start = 3 * width + head * headWidth
            result.vectors = .init(
                vectors: values.rows(reach - own..<reach + own)
                    .columns(head * headWidth..<(head + 1) * headWidth),
                firstDistance: 1 - own,
                query: projected.rows.rows(segment.rows).rows(queries)
                    .columns(start..<start + headWidth))
        }
        if let clipped = known.clipped, case .clipped(let positions) = distances {
            result.vectors = .init(
                vectors: clipped, firstDistance: -positions.left,
                query: projected.rows.rows(segment.rows).rows(queries)
                    .columns(head * headWidth..<(head + 1) * headWidth))
        }
        return result
    }

    /// Queries of one head between two signs of progress, where an hour in one pass would take minutes
    /// for a head: more than a window has, and whole blocks of the kernel, so that bits stay the same.
    private static let queriesPerStep = 3_072

    /// The output projection of one tile, without its bias.
    package func product(_ context: Operand, into output: TensorView, scratch: Workspace) -> Product
    {
        outputProjection.product(context, into: output, scratch: scratch)
    }

    /// The bias that ``product(_:into:scratch:)`` leaves to whoever adds the result.
    package var outputBias: Tensor? { outputProjection.bias }

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
    package var scoreElementType: Operand.ElementType {
        kernels.hasNarrowProducts ? .bfloat16 : .float32
    }
}
