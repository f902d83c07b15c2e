package import PackedWeights

/// Named float tensors of a model, whatever container they came from.
///
/// Names are canonical: those of Hugging Face without the `wav2vec2.` prefix, and NVIDIA's for the
/// parts that Hugging Face lacks (`encoder.hourglass_layers.…`, `encoder.post_layers.…`,
/// `encoder.downsample_layer.linear.…`, `encoder.upsample_layer.linear.…`).
package protocol WeightSource: Sendable {
    /// Whether there is a tensor of this name.
    func contains(_ name: String) -> Bool

    /// The tensor as float32, row-major.
    ///
    /// - Throws: if it is missing, has another shape, or holds NaN or infinite values.
    func floats(_ name: String, shape: [Int]) throws(CheckpointError) -> [Float]
}

/// The tensors under a dotted prefix: what one block of a model is handed.
package struct WeightScope: Sendable {
    private let source: any WeightSource
    private let prefix: String
    /// What has ready, or keeps, what is made of these tensors.
    package let ledger: PackingLedger

    package init(
        _ source: any WeightSource, prefix: String = "", ledger: PackingLedger = PackingLedger()
    ) {
        self.source = source
        self.prefix = prefix
        self.ledger = ledger
    }

    /// The scope one step further in.
    package subscript(name: String) -> WeightScope {
        WeightScope(source, prefix: full(name), ledger: ledger)
    }

    /// The same tensors, of which nothing is kept.
    package var unkept: WeightScope { WeightScope(source, prefix: prefix) }

    /// Whether `name` is here.
    package func contains(_ name: String) -> Bool { source.contains(full(name)) }

    /// The tensor `name` as float32, row-major; a lookup demands a shape.
    package func floats(_ name: String, shape: [Int]) throws(CheckpointError) -> [Float] {
        try source.floats(full(name), shape: shape)
    }

    private func full(_ name: String) -> String { prefix.isEmpty ? name : "\(prefix).\(name)" }
}
