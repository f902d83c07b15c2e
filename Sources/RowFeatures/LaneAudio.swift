/// What the audio of a lane is like, as far as it is known.
package struct LaneAudio: Sendable {
    /// Nil where there are no samples, or nobody knows how many.
    package var seconds: Double?
    /// ``AudioFeatures/fields``, or what was written of them.
    package var fields: [FeatureField]

    /// Of audio that was read.
    package init(_ features: AudioFeatures) {
        seconds = features.seconds
        fields = features.fields
    }

    /// Of audio that was not read.
    ///
    /// - Parameter fields: that were written when it was; empty for none.
    package init(seconds: Double? = nil, fields: [FeatureField] = []) {
        self.seconds = seconds
        self.fields = fields.isEmpty ? AudioFeatures().fields : fields
    }

    /// Names of the fields that only the audio tells, in their order.
    package static let names = AudioFeatures().fields.map(\.name)
}
