internal import AcousticModels
internal import Checkpoints
internal import Tensors

/// One layer of an encoder, of whatever family.
protocol EncoderBlock: Sendable {
    /// Works on hidden [rows of the layout, width] in place.
    func callAsFunction(_ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace)

    /// The same layer with another language's adapter.
    func adapted(by adapter: ResidualAdapter) -> any EncoderBlock
}

extension EncoderBlock {
    func adapted(by adapter: ResidualAdapter) -> any EncoderBlock {
        preconditionFailure("only layers with adapters are adapted")
    }
}

/// `count` layers from `weights.0` on.
func encoderLayers(
    _ weights: WeightScope, _ count: Int, _ configuration: Wav2Vec2Configuration,
    on backend: ComputeBackend
) throws(CheckpointError) -> [any EncoderBlock] {
    let bias = try DistanceBias(weights["0"]["attention"], configuration)
    var layers: [any EncoderBlock] = []
    for index in 0..<count {
        let scope = weights["\(index)"]
        if let conformer = configuration.conformer {
            layers.append(try ConformerLayer(scope, configuration, conformer, on: backend))
        } else {
            layers.append(try EncoderLayer(scope, configuration, bias: bias, on: backend))
        }
    }
    return layers
}
