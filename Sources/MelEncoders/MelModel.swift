package import AcousticModels
package import Checkpoints
internal import EncoderBlocks
internal import PackedWeights
package import SpeechTypes
package import Tensors
package import Threading

/// A CTC model that reads log-mel features: waveforms in, log-probabilities of symbols out.
///
/// Immutable, so threads share it; each brings a ``ModelWorkspace``. Utterances of a batch lie end to
/// end without padding, and no utterance's result depends on the others. Features are normalised over the window
/// that they are computed for.
package final class MelModel: AcousticModel {
    package let configuration: MelConfiguration
    package let weightBytes: Int
    /// Whether vectors of distances are among the weights already.
    private let hasKeptVectors: Bool

    private let backend: ComputeBackend
    private let stem: MelStem
    private let layers: [ConformerLayer]
    private let adapter: StridedAdapter?
    private let head: CTCHead

    /// Reads all weights.
    ///
    /// - Throws: if the configuration is impossible, or a weight is missing or misshapen.
    package init(
        _ configuration: MelConfiguration, weights: WeightScope, backend: ComputeBackend
    ) throws(CheckpointError) {
        try configuration.check(path: "model configuration")
        self.configuration = configuration
        self.backend = backend
        stem = try MelStem(weights, configuration, on: backend)
        var layers: [ConformerLayer] = []
        for index in 0..<configuration.layers {
            layers.append(
                try ConformerLayer(
                    weights["encoder"]["layers"]["\(index)"], configuration.block, on: backend))
        }
        self.layers = layers
        if let shape = configuration.adapter, let layer = configuration.adapterLayer {
            adapter = try StridedAdapter(
                weights["adapter"], configuration, shape, layer, on: backend)
        } else {
            adapter = nil
        }
        let (width, classes) = (configuration.outputWidth, configuration.classes)
        head =
            configuration.hasPointwiseHead
            ? try CTCHead(pointwise: weights["lm_head"], from: width, to: classes, on: backend)
            : try CTCHead(weights["lm_head"], from: width, to: classes, on: backend)
        keepVectors(
            of: layers, workspace: ModelWorkspace(backend: backend, team: .alone()),
            in: weights.ledger)
        weightBytes = weights.ledger.byteCount
        hasKeptVectors = weights.ledger.isKept
    }

    package func makeWorkspace(
        team: ComputeTeam?, helpers: HelperScratch?, clock: StageClock?, progress: EngineProgress?
    ) -> ModelWorkspace {
        ModelWorkspace(
            backend: backend, team: team ?? .alone(), helpers: helpers, clock: clock,
            progress: progress)
    }

    package var clock: FrameClock { configuration.clock }
    package var classes: Int { configuration.classes }
    package var arithmetic: ArithmeticClass { backend.arithmetic }

    package func operations(ofSamples samples: Int) -> [ModelPart: Double] {
        configuration.operations(ofSamples: samples)
    }

    package func computedOperations(ofSamples samples: Int) -> [ModelPart: OperationCounts] {
        configuration.computedOperations(ofSamples: samples)
    }

    package func logProbabilities(
        of windows: [AudioWindow], blank: BlankAdjustment, workspace: ModelWorkspace,
        observer: ((Stage, Int, Tensor) -> Void)?
    ) throws(EngineError) -> [Tensor] {
        workspace.begin()
        let layout = PackedFrames(
            windows.map { configuration.stemFrames(ofSamples: $0.samples.count) },
            tiling: backend.multiply.tiling, members: workspace.membersNow)
        let observe = observing(observer)
        let hidden = workspace.view(.hidden, rows: layout.rows, width: configuration.width)
        stem(windows, into: hidden, layout: layout, workspace: workspace, observe: observe)
        observe(.encoderInput, hidden, layout)
        for (index, layer) in layers.enumerated() {
            layer(hidden, layout: layout, workspace: workspace)
            observe(.layer(index), hidden, layout)
        }
        let (output, frames) =
            adapter?(hidden, layout: layout, workspace: workspace) ?? (hidden, layout)
        workspace.ended(.layers)
        observe(.encoderOutput, output, frames)
        let results = try head(
            output, layout: frames, blank: blank, workspace: workspace, observe: observe)
        workspace.ended(.head)
        return results
    }

    package var keptBytes: Int {
        guard configuration.block.layer.positions == .relative, !hasKeptVectors else { return 0 }
        return layers.count * RelativePositions.keptBytes(width: configuration.width, on: backend)
    }

    package func workspaceBytes(framesOfWindows: [Int]) -> Int {
        sharedBytes(framesOfWindows: framesOfWindows)
            + memberBytes(longest: framesOfWindows.max() ?? 0)
    }

    /// Bytes that all who compute a batch share.
    ///
    /// - Parameter framesOfWindows: of the head, of which an adapter has fewer than the encoder.
    private func sharedBytes(framesOfWindows: [Int]) -> Int {
        let layer = configuration.block.layer
        let tiling = backend.multiply.tiling
        let inner = framesOfWindows.map(encoderFrames)
        let layout = PackedFrames(inner.map { ($0, $0) }, tiling: tiling)
        let short = PackedFrames(framesOfWindows.map { ($0, $0) }, tiling: tiling)
        let width = configuration.width
        let score = backend.scoreElementType.bytes
        // Features or queries, keys and values; hidden, entering, gated and context; logits.
        var wide = layout.rows * max(4 * stem.featureWidth, layer.projectedParts * width * score)
        var bytes = layout.rows * 16 * width + short.rows * 4 * configuration.classes
        if let adapter = configuration.adapter {
            // The first layer of the adapter has the most frames.
            let first = PackedFrames(
                inner.map { adapter.shortened($0) }.map { ($0, $0) }, tiling: tiling)
            let seen = max(4 * adapter.kernel * adapter.width, 3 * adapter.width * score)
            wide = max(wide, first.rows * seen)
            let isProjected = adapter.width != width
            bytes += (isProjected ? layout.rows : first.rows) * 4 * adapter.width
            // What is normed and hidden may be wider here.
            bytes += layout.rows * 4 * max(0, adapter.width - width)
            bytes += first.rows * 12 * max(0, adapter.width - width)
        }
        switch layer.positions {
        case .none, .buckets, .rotaryInput: break
        case .clipped(let left, let right):
            // Two matrices, each of whole cache lines.
            bytes += (left + right + 1) * width / layer.heads * (4 + score) + 128
        case .relative:
            bytes += RelativePositions.bytes(
                frames: inner.max() ?? 0, width: width, on: backend)
        }
        bytes += stem.sharedBytes(
            samples: framesOfWindows.map { clock.samples(ofFrames: $0 + 1) }, on: backend)
        return bytes + wide
    }

    package func memberBytes(longest: Int) -> Int {
        let layer = configuration.block.layer
        let tiling = backend.multiply.tiling
        let frames = encoderFrames(longest)
        var (width, widest) = (
            configuration.width,
            max(layer.feedForwardWidth, layer.projectedParts * configuration.width)
        )
        if let adapter = configuration.adapter {
            width = max(width, adapter.width)
            widest = max(widest, adapter.kernel * adapter.width, 3 * adapter.width)
        }
        let type = backend.multiply.elementType
        // Scales and zeros of operands, and their whole cache lines, beside the values.
        let bytes =
            tiling.largest * (4 + type.bytes) * (widest + 2 * width)
            + 3 * (tiling.largest * (type == .uint8 ? 8 : 0) + 64)
        let attention = backend.kernels.attentionScratch(
            backend.scoreElementType, keys: max(1, frames), width: width / layer.heads,
            positions: layer.distanceVectors(frames: frames))
        return bytes + attention + backend.multiply.libraryScratchBytes
            + stem.memberBytes(samples: clock.samples(ofFrames: longest), on: backend)
    }

    /// Frames of the encoder of which so many of the head are made.
    private func encoderFrames(_ frames: Int) -> Int {
        // One more than is seen: the last may be masked.
        frames == 0
            ? 0 : configuration.stemFrames(ofSamples: clock.samples(ofFrames: frames + 1)).frames
    }
}
