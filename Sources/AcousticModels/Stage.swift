/// Points in the computation at which an observer is shown one utterance's frames.
///
/// Raw values are the names of the tensors in the golden fixtures.
package struct Stage: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    private init(_ rawValue: String) { self.rawValue = rawValue }

    /// What a front end makes of samples.
    package static let inputFeatures = Stage("input_features")
    /// Features after convolutions over time and mel bins, and the projection behind them.
    package static let subsampled = Stage("subsampled")
    /// Output of the convolutional extractor.
    package static let convFeatures = Stage("conv_features")
    /// After the feature norm and the projection, if there is one.
    package static let projection = Stage("proj")
    /// Input of the first transformer layer.
    package static let encoderInput = Stage("encoder_input")
    /// Shortened frames before and after the hourglass's middle layers.
    package static let pooledInput = Stage("pooled_input")
    package static let pooledOutput = Stage("pooled_output")
    /// Input of the head.
    package static let encoderOutput = Stage("encoder_output")
    /// Output of the head, before the blank's adjustment.
    package static let logits = Stage("logits")
    package static let logProbabilities = Stage("logprobs")

    /// Output of the positional convolution `index`, where several follow each other.
    package static func position(_ index: Int) -> Stage { Stage("position_\(index)") }

    /// Output of the encoder layer `index`, of a plain stack.
    package static func layer(_ index: Int) -> Stage { Stage("layer_\(index)") }
}
