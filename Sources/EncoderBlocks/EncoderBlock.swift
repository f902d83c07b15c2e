package import AcousticModels
package import PackedWeights
package import Tensors

/// One layer of an encoder, of whatever family.
package protocol EncoderBlock: Sendable {
    /// Works on hidden [rows of the layout, width] in place.
    func callAsFunction(_ hidden: TensorView, layout: PackedFrames, workspace: ModelWorkspace)

    /// The same layer with another language's adapter.
    func adapted(by adapter: ResidualAdapter) -> any EncoderBlock

    /// Makes the vectors of distances up to `reach`, which depend on nothing but weights, before a batch needs them.
    func keepVectors(reach: Int, workspace: ModelWorkspace, in ledger: PackingLedger)
}

/// Makes what layers would keep of their first batches at once, where it outlives this process.
package func keepVectors(
    of layers: [any EncoderBlock], workspace: ModelWorkspace, in ledger: PackingLedger
) {
    guard ledger.isKept else { return }
    ComputeThread.prepare()
    // All layers of a reach share the waves that vectors are made of.
    for reach in RelativePositions.keptReaches {
        for layer in layers { layer.keepVectors(reach: reach, workspace: workspace, in: ledger) }
    }
}

extension EncoderBlock {
    package func adapted(by adapter: ResidualAdapter) -> any EncoderBlock {
        preconditionFailure("only layers with adapters are adapted")
    }
}
