package import SpeechTypes

/// One stretch of audio that is computed in one pass.
package struct AudioWindow: Sendable {
    /// 16 kHz, mono, as decoded: the model normalises them if it was trained so.
    package var samples: [Float]
    /// Frames of the padded batch whose hourglass result is wanted (NVIDIA's implementation pads a batch to
    /// its longest utterance); nil for the result of the utterance alone.
    package var paddedFrames: Int?

    package init(samples: [Float], paddedFrames: Int? = nil) {
        self.samples = samples
        self.paddedFrames = paddedFrames
    }

    /// Every so manieth sample, the first of them: the audio of a model of a lower rate.
    package func every(_ step: Int) -> AudioWindow {
        guard step > 1 else { return self }
        let chosen = (0..<samples.count / step).map { samples[$0 * step] }
        return AudioWindow(samples: chosen, paddedFrames: paddedFrames)
    }
}

/// What happens to the logit of CTC's blank before the log-softmax.
package struct BlankAdjustment: Hashable, Sendable {
    package let mode: BlankMode
    package let weight: Float
    /// The class of the blank.
    package let blank: Int

    package init(_ mode: BlankMode, _ weight: Float, blank: Int) {
        self.mode = mode
        self.weight = weight
        self.blank = blank
    }

    /// Logits stay as the model gives them.
    package static let none = BlankAdjustment(.add, 0, blank: 0)
}
