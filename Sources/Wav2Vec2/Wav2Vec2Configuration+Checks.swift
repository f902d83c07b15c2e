package import Checkpoints
internal import EncoderBlocks
internal import SpeechTypes

extension Wav2Vec2Configuration {
    /// Sizes beyond any model of this family; products of them cannot overflow.
    private static let widthMax = 1 << 16
    private static let layersMax = 1_000
    private static let classesMax = 1 << 20

    /// Checks that the parts fit each other and that no size is absurd.
    ///
    /// - Parameter path: the file that said so, for messages.
    /// - Throws: `refused` with the part that does not fit.
    package func check(path: String) throws(CheckpointError) {
        func refused(_ message: String) -> CheckpointError {
            CheckpointError(.refused, path: path, message)
        }
        func require(
            _ name: String, _ value: Int, _ range: ClosedRange<Int>
        ) throws(CheckpointError) {
            guard range.contains(value) else {
                throw refused(
                    "\(name) is \(value); it must be \(range.lowerBound) to \(range.upperBound)")
            }
        }
        let widths = 1...Self.widthMax
        try require("the number of convolution layers", convLayers.count, 1...32)
        for (index, layer) in convLayers.enumerated() {
            try require("convolution \(index)'s channels", layer.channels, widths)
            try require("convolution \(index)'s kernel", layer.kernel, 1...1_024)
            try require("convolution \(index)'s stride", layer.stride, 1...1_024)
        }
        try checkKernels(refused)
        try require("the hidden width", hiddenWidth, widths)
        try require("the feed-forward width", feedForwardWidth, widths)
        try require("the number of attention heads", attentionHeads, widths)
        try require("the positional kernel", positionalKernel, widths)
        try require("the number of positional groups", positionalGroups, widths)
        try require("the number of classes", classes, 1...Self.classesMax)
        guard hiddenWidth.isMultiple(of: attentionHeads) else {
            throw refused(
                "\(attentionHeads) attention heads do not divide a width of \(hiddenWidth)")
        }
        guard hiddenWidth.isMultiple(of: positionalGroups) else {
            throw refused(
                "\(positionalGroups) positional groups do not divide a width of \(hiddenWidth)")
        }
        guard !usesRotaryEmbeddings || hiddenWidth.isMultiple(of: 2) else {
            throw refused("rotary embeddings need an even width; it is \(hiddenWidth)")
        }
        guard hasProjection || featureWidth == hiddenWidth else {
            throw refused(
                "features of width \(featureWidth) need a projection to width \(hiddenWidth)")
        }
        guard layerNormEpsilon.isFinite, layerNormEpsilon > 0, layerNormEpsilon < 1 else {
            throw refused("the layer norms' epsilon is \(layerNormEpsilon)")
        }
        if let hourglass {
            guard !isPreNorm else {
                throw refused("an hourglass encoder with layer norm first is not defined")
            }
            for layers in [
                hourglass.layersBefore, hourglass.layersShortened, hourglass.layersAfter,
            ] {
                try require("an hourglass layer count", layers, 0...Self.layersMax)
            }
            try require("the hourglass factor", hourglass.factor, 1...64)
        } else {
            try require("the number of encoder layers", encoderLayers, 0...Self.layersMax)
        }
        try checkVariants(refused)
        try checkFrames(refused)
    }

    /// What only some families have.
    private func checkVariants(
        _ refused: (String) -> CheckpointError
    ) throws(CheckpointError) {
        if case .stack(let layers) = positionalForm, !(1...64).contains(layers) {
            throw refused("has \(layers) positional convolutions; 1 to 64 are computed")
        }
        let isPlain = hourglass == nil && squeezeFactor == 1
        guard (1...64).contains(squeezeFactor), squeezeFactor == 1 || hourglass == nil else {
            throw refused("has a squeeze_factor of \(squeezeFactor); 1 to 64 are computed")
        }
        if squeezeFactor > 1, !(positionalForm == .weightNorm && conformer == nil && !isPreNorm) {
            throw refused("squeezes frames in an encoder of another form than SEW's")
        }
        switch attentionPositions {
        case .none, .relative: break
        case .clipped:
            throw refused("knows distances as no model with a waveform's extractor does")
        case .buckets(let count, let distanceMax):
            guard count >= 4, count.isMultiple(of: 4), count <= Self.widthMax,
                distanceMax > count / 4, distanceMax <= Self.classesMax
            else {
                throw refused(
                    "has \(count) buckets for distances up to \(distanceMax); a multiple of 4 buckets "
                        + "and more distances than a quarter of them are needed")
            }
        case .rotaryInput(let base):
            guard base.isFinite, base > 1, (hiddenWidth / attentionHeads).isMultiple(of: 2) else {
                throw refused(
                    "turns heads of width \(hiddenWidth / attentionHeads) by powers of \(base); an even "
                        + "width and a base above 1 are needed")
            }
        }
        if let conformer {
            guard isPlain, (1...1_023).contains(conformer.depthwiseKernel),
                !conformer.depthwiseKernel.isMultiple(of: 2)
            else {
                throw refused(
                    "convolves channels with a kernel of \(conformer.depthwiseKernel); odd ones up to "
                        + "1023 are computed")
            }
        }
        if let adapterWidth {
            guard isPlain, isPreNorm, conformer == nil, (1...Self.widthMax).contains(adapterWidth)
            else {
                throw refused("has language adapters of width \(adapterWidth) where none can be")
            }
        }
    }

    /// Longest kernels of the engine's convolutions, in strides.
    private static let stridesPerKernelMax = 3

    /// What the engine's convolutions can be made for.
    private func checkKernels(
        _ refused: (String) -> CheckpointError
    ) throws(CheckpointError) {
        for (index, layer) in convLayers.enumerated().dropFirst()
        where layer.kernel > Self.stridesPerKernelMax * layer.stride {
            throw refused(
                "convolution \(index) has a kernel of \(layer.kernel) and a stride of "
                    + "\(layer.stride); kernels of at most \(Self.stridesPerKernelMax) strides are "
                    + "computed here")
        }
    }

    /// Recordings are cut into chunks of 30 s with 2.4 s of context, which are to be whole frames.
    private func checkFrames(
        _ refused: (String) -> CheckpointError
    ) throws(CheckpointError) {
        let geometry = FrameGeometry(convLayers)
        guard let clock = geometry.clock(ofEvery: sampleStep),
            (80...2_560).contains(clock.samplesPerFrame)
        else {
            throw refused(
                "the convolutions give frames of which no whole number makes 2.4 s and 30 s, between 5 and "
                    + "160 ms; recordings cannot be cut into chunks of them")
        }
    }
}
