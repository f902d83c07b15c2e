package import AcousticModels
package import Tensors

/// One layer of an encoder, of whatever family.
package protocol EncoderBlock: Sendable {
    /// Works on hidden [rows of the layout, width] in place.
    func callAsFunction(_ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace)

    /// The same layer with another language's adapter.
    func adapted(by adapter: ResidualAdapter) -> any EncoderBlock
}

extension EncoderBlock {
    package func adapted(by adapter: ResidualAdapter) -> any EncoderBlock {
        preconditionFailure("only layers with adapters are adapted")
    }
}
