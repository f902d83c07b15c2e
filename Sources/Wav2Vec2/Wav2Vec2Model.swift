package import AcousticModels
package import Checkpoints
internal import EncoderBlocks
internal import PackedWeights
package import SpeechTypes
package import Tensors
package import Threading

/// A wav2vec 2.0 CTC model: waveforms in, log-probabilities of symbols out.
///
/// Immutable, so threads share it; each brings a ``ModelWorkspace``. Utterances of a batch lie end to
/// end without padding, and no utterance's result depends on the others.
package final class Wav2Vec2Model: AcousticModel {
    package let configuration: Wav2Vec2Configuration
    package let weightBytes: Int
    /// Whether vectors of distances are among the weights already.
    private let hasKeptVectors: Bool

    private let backend: ComputeBackend
    private let geometry: FrameGeometry
    private let extractor: ConvFeatureExtractor
    private let projection: FeatureProjection
    private let encoder: TransformerEncoder
    private let head: CTCHead

    /// Reads all weights.
    ///
    /// - Throws: if the configuration is impossible, or a weight is missing or misshapen.
    package init(
        _ configuration: Wav2Vec2Configuration, weights: WeightScope, backend: ComputeBackend
    ) throws(CheckpointError) {
        try configuration.check(path: "model configuration")
        self.configuration = configuration
        self.backend = backend
        geometry = FrameGeometry(configuration.convLayers)
        extractor = try ConvFeatureExtractor(
            weights["feature_extractor"], configuration, on: backend)
        projection = try FeatureProjection(
            weights["feature_projection"], from: configuration.featureWidth,
            to: configuration.hiddenWidth,
            epsilon: configuration.hasFeatureNorm ? configuration.layerNormEpsilon : nil,
            hasProjection: configuration.hasProjection, on: backend)
        encoder = try TransformerEncoder(weights["encoder"], configuration, on: backend)
        let head = weights["lm_head"]
        self.head = try CTCHead(
            configuration.adapterWidth == nil ? head : head.unkept,
            from: configuration.hiddenWidth, to: configuration.classes, on: backend)
        keepVectors(
            of: encoder.layers, workspace: ModelWorkspace(backend: backend, team: .alone()),
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
        let windows = windows.map { $0.every(configuration.sampleStep) }
        workspace.begin()
        let layout = PackedFrames(
            windows.map(lengths), tiling: backend.multiply.tiling, members: workspace.membersNow)
        let observe = observing(observer)

        let features = workspace.view(.wide, rows: layout.rows, width: extractor.channels)
        layout.clearUnusedRows(of: features)
        for (window, segment) in zip(windows, layout.segments) where segment.validFrames > 0 {
            extract(window.samples, into: features.rows(segment.validRows), workspace: workspace)
        }
        workspace.ended(.extractor)
        observe(.convFeatures, features, layout)

        let hidden = workspace.view(
            .hidden, rows: layout.rows, width: configuration.hiddenWidth)
        projection(features, into: hidden, layout: layout, workspace: workspace)
        layout.clearUnusedRows(of: hidden)
        workspace.ended(.projection)
        observe(.projection, hidden, layout)

        encoder(hidden, layout: layout, workspace: workspace, observe: observe)

        let results = try head(
            hidden, layout: layout, blank: blank, workspace: workspace, observe: observe)
        workspace.ended(.head)
        return results
    }

    /// The same backbone, shared, with another language's adapters and head.
    ///
    /// - Parameters:
    ///   - weights: of the adapters and the head, by the same names as all weights.
    ///   - classes: that this head scores.
    /// - Throws: if a weight is missing or misshapen.
    /// - Precondition: layers have adapters.
    package func speaking(
        _ weights: WeightScope, classes: Int
    ) throws(CheckpointError) -> Wav2Vec2Model {
        guard let inner = configuration.adapterWidth else {
            preconditionFailure("a model without adapters speaks one language")
        }
        let width = configuration.hiddenWidth
        var adapters: [ResidualAdapter] = []
        for index in 0..<configuration.encoderLayers {
            adapters.append(
                try ResidualAdapter(
                    weights["encoder"]["layers"]["\(index)"]["adapter_layer"], width: width,
                    inner: inner, on: backend))
        }
        var configuration = configuration
        configuration.classes = classes
        return Wav2Vec2Model(
            configuration, like: self, encoder: encoder.adapted(by: adapters),
            head: try CTCHead(weights["lm_head"], from: width, to: classes, on: backend))
    }

    private init(
        _ configuration: Wav2Vec2Configuration, like other: Wav2Vec2Model,
        encoder: TransformerEncoder, head: CTCHead
    ) {
        self.configuration = configuration
        weightBytes = other.weightBytes
        hasKeptVectors = other.hasKeptVectors
        backend = other.backend
        geometry = other.geometry
        extractor = other.extractor
        projection = other.projection
        self.encoder = encoder
        self.head = head
    }

    /// Frames that take part and frames that count, of one window.
    private func lengths(of window: AudioWindow) -> (frames: Int, validFrames: Int) {
        let valid = geometry.frames(ofSamples: window.samples.count)
        guard let padded = window.paddedFrames, let hourglass = configuration.hourglass,
            padded > valid
        else { return (valid, valid) }
        // Padding matters only where it shares a group with the last valid frames.
        let wholeGroups = (valid + hourglass.factor - 1) / hourglass.factor * hourglass.factor
        return (min(padded, wholeGroups), valid)
    }

    /// Samples of one window to features [frames, channels].
    private func extract(
        _ samples: [Float], into features: TensorView, workspace: ModelWorkspace
    ) {
        let framesPerPart = workspace.team.hasIdleHelper ? ConvFeatureExtractor.framesPerPart : nil
        samples.withUnsafeBufferPointer { samples in
            guard let normalization = configuration.inputNormalization else {
                extractor(
                    samples, into: features, workspace: workspace, framesPerPart: framesPerPart)
                return
            }
            let normalized = workspace.view(.samples, rows: 1, width: samples.count)
            SampleStatistics.normalized(
                samples, epsilon: normalization.epsilon,
                into: UnsafeMutableBufferPointer(start: normalized.base, count: samples.count))
            extractor(
                UnsafeBufferPointer(start: normalized.base, count: samples.count), into: features,
                workspace: workspace, framesPerPart: framesPerPart)
        }
    }

    package var keptBytes: Int {
        guard configuration.attentionPositions == .relative, !hasKeptVectors else { return 0 }
        return configuration.encoderLayers
            * RelativePositions.keptBytes(width: configuration.hiddenWidth, on: backend)
    }

    package func workspaceBytes(framesOfWindows: [Int]) -> Int {
        sharedBytes(framesOfWindows: framesOfWindows)
            + memberBytes(longest: framesOfWindows.max() ?? 0)
    }

    /// Bytes that all who compute a batch share.
    private func sharedBytes(framesOfWindows: [Int]) -> Int {
        let layout = PackedFrames(
            framesOfWindows.map { ($0, $0) }, tiling: backend.multiply.tiling)
        let longest = framesOfWindows.max() ?? 0
        let width = configuration.hiddenWidth
        // Features or queries, keys and values; hidden, context, shortened frames, logits.
        let wide = max(extractor.channels * 4, 3 * width * backend.scoreElementType.bytes)
        let isShortened = configuration.hourglass != nil || configuration.squeezeFactor > 1
        var bytes = layout.rows * (wide + 4 * (2 * width + configuration.classes))
        // Before rotation, and the angles.
        if configuration.usesRotaryEmbeddings { bytes += (3 * layout.rows + longest) * 4 * width }
        if isShortened { bytes += layout.rows * 4 * width / 2 }
        if configuration.squeezeFactor > 1 {
            // Groups that are made frames again; each utterance has rows of its own.
            let squeezed = layout.squeezed(by: configuration.squeezeFactor)
            let groups = squeezed.rows * 4 * width * configuration.squeezeFactor
            bytes += max(0, groups - layout.rows * wide)
        }
        switch configuration.attentionPositions {
        case .none, .clipped: break
        case .buckets:
            bytes += layout.rows * 4 * configuration.attentionHeads
            bytes += DistanceBias.bytes(frames: longest, heads: configuration.attentionHeads)
        case .relative:
            // The fourth part of queries.
            bytes += layout.rows * width * backend.scoreElementType.bytes
            bytes += RelativePositions.bytes(frames: longest, width: width, on: backend)
        case .rotaryInput:
            bytes += layout.rows * 4 * width
            bytes += longest * 4 * width / configuration.attentionHeads
        }
        if configuration.conformer != nil { bytes += layout.rows * 8 * width }
        return bytes + 2 * longest * clock.samplesPerFrame * 4
    }

    /// Bytes that each who computes parts of a batch has alone: one tile on its way, one head, one pair
    /// of position groups, the extractor.
    ///
    /// - Parameter longest: frames of the longest window.
    package func memberBytes(longest: Int) -> Int {
        let tiling = backend.multiply.tiling
        let width = configuration.hiddenWidth
        let elementType = backend.multiply.elementType.bytes
        let parts = configuration.layerShape.projectedParts
        let widest = max(
            configuration.feedForwardWidth, parts * width, configuration.groupSize * width,
            configuration.adapterWidth ?? 0)
        let narrow = configuration.conformer == nil ? 1 : 2
        var bytes = tiling.largest * (4 + elementType) * (widest + narrow * width)
        // What attention gave, as an operand; scales and zeros of all operands, and their whole cache lines.
        bytes += tiling.largest * elementType * width
        bytes += 3 * (tiling.largest * (backend.multiply.elementType == .uint8 ? 8 : 0) + 64)
        if case .buckets = configuration.attentionPositions {
            bytes += DistanceBias.gateBytes(
                rows: tiling.largest, heads: configuration.attentionHeads)
        }
        bytes += backend.kernels.attentionScratch(
            backend.scoreElementType, keys: max(1, longest),
            width: width / configuration.attentionHeads,
            positions: configuration.layerShape.distanceVectors(frames: longest))
        bytes += encoder.positionBytes(frames: longest, on: backend)
        bytes += backend.multiply.libraryScratchBytes
        return bytes + extractor.workspaceBytes(on: backend)
    }
}
