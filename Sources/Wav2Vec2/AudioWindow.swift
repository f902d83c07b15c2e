/// One stretch of audio that is computed in one pass.
package struct AudioWindow: Sendable {
    /// 16 kHz, mono, as decoded: the model normalises them if it was trained so.
    package var samples: [Float]
    /// Frames of the padded batch whose hourglass result is wanted (the reference pads a batch to
    /// its longest utterance); nil for the result of the utterance alone.
    package var paddedFrames: Int?

    package init(samples: [Float], paddedFrames: Int? = nil) {
        self.samples = samples
        self.paddedFrames = paddedFrames
    }
}

/// What happens to the blank's logit before the log-softmax.
package enum BlankAdjustment: Hashable, Sendable {
    case none
    /// `weight` is added to the logit of class `blank`.
    case add(Float, blank: Int)
    /// The logit of class `blank` becomes `weight`.
    case set(Float, blank: Int)
}
