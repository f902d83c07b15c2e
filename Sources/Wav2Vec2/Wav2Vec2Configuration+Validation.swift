internal import Tensors

extension Wav2Vec2Configuration {
    /// Why no model can have this shape; nil if one can.
    ///
    /// The bounds are far above any published model and keep all later arithmetic from overflowing.
    package var problem: String? {
        guard let first = convLayers.first, convLayers.count <= 32 else {
            return "the extractor has \(convLayers.count) convolutions; 1 to 32 are possible"
        }
        for layer in convLayers {
            guard (1...16_384).contains(layer.channels), (1...1_024).contains(layer.kernel),
                (1...1_024).contains(layer.stride), layer.stride <= layer.kernel
            else {
                return "a convolution of \(layer.channels) channels, kernel \(layer.kernel) and "
                    + "stride \(layer.stride) is not possible"
            }
        }
        guard first.kernel <= SampleStatistics.windowMax else {
            return "the first kernel is \(first.kernel) samples long; "
                + "at most \(SampleStatistics.windowMax) are supported"
        }
        guard FrameGeometry(convLayers).samplesPerFrame <= 1 << 20 else {
            return "the convolutions' strides multiply to more than \(1 << 20) samples a frame"
        }
        guard (1...16_384).contains(hiddenWidth), (1...65_536).contains(feedForwardWidth),
            (1...65_536).contains(classes)
        else {
            return "widths \(hiddenWidth) and \(feedForwardWidth) with \(classes) classes are not "
                + "possible"
        }
        guard attentionHeads >= 1, hiddenWidth.isMultiple(of: attentionHeads) else {
            return "\(attentionHeads) heads do not divide the width \(hiddenWidth)"
        }
        guard positionalGroups >= 1, hiddenWidth.isMultiple(of: positionalGroups),
            (1...4_096).contains(positionalKernel)
        else {
            return "a positional convolution of \(positionalGroups) groups and kernel "
                + "\(positionalKernel) does not fit the width \(hiddenWidth)"
        }
        guard hasProjection || featureWidth == hiddenWidth else {
            return "features of width \(featureWidth) need a projection to \(hiddenWidth)"
        }
        guard !usesRotaryEmbeddings || hiddenWidth.isMultiple(of: 2) else {
            return "rotary embeddings need an even width, not \(hiddenWidth)"
        }
        guard (0...1_024).contains(encoderLayers) else {
            return "\(encoderLayers) layers are not possible"
        }
        guard let hourglass else { return nil }
        let counts = [hourglass.layersBefore, hourglass.layersShortened, hourglass.layersAfter]
        guard counts.allSatisfy({ (0...1_024).contains($0) }), (1...64).contains(hourglass.factor)
        else {
            return "an hourglass of \(counts) layers and factor \(hourglass.factor) is not possible"
        }
        guard !isPreNorm else { return "an hourglass with layer norm first is not defined" }
        return nil
    }
}
