/// Points in the computation at which an observer is shown one utterance's frames.
///
/// Raw values are the names of the tensors in the golden fixtures.
package enum Stage: String, CaseIterable, Hashable, Sendable {
    /// Output of the convolutional extractor.
    case convFeatures = "conv_features"
    /// After the feature norm and the projection, if there is one.
    case projection = "proj"
    /// Input of the first transformer layer.
    case encoderInput = "encoder_input"
    /// Shortened frames before and after the hourglass's middle layers.
    case pooledInput = "pooled_input"
    case pooledOutput = "pooled_output"
    /// Input of the head.
    case encoderOutput = "encoder_output"
    /// Output of the head, before the blank's adjustment.
    case logits
    case logProbabilities = "logprobs"
}
