package import SpeechTypes

/// Samples to frames and back through a stack of convolutions without padding.
package struct FrameGeometry {
    private let layers: [Wav2Vec2Configuration.ConvLayer]

    package init(_ layers: [Wav2Vec2Configuration.ConvLayer]) { self.layers = layers }

    /// When frames are, in samples at 16 kHz; nil where chunks of recordings would not be whole frames.
    ///
    /// - Parameter sampleStep: every so manieth of them is read.
    package func clock(ofEvery sampleStep: Int = 1) -> FrameClock? {
        var step = 1
        var field = 1
        for layer in layers {
            let (reach, overflow) = (layer.kernel - 1).multipliedReportingOverflow(by: step)
            let (next, overflowOfStep) = step.multipliedReportingOverflow(by: layer.stride)
            guard !overflow, !overflowOfStep, reach < 1 << 40, next < 1 << 40 else { return nil }
            field += reach
            step = next
        }
        return FrameClock(
            samplesPerFrame: step * sampleStep, receptiveField: field * sampleStep)
    }

    /// Frames of `samples` samples after the last layer.
    package func frames(ofSamples samples: Int) -> Int { rows(ofSamples: samples).last ?? 0 }

    /// Rows after each layer.
    package func rows(ofSamples samples: Int) -> [Int] {
        var length = samples
        return layers.map { layer in
            length = length < layer.kernel ? 0 : (length - layer.kernel) / layer.stride + 1
            return length
        }
    }

    /// Rows of each layer that `frames` consecutive frames are made from.
    package func rows(forFrames frames: Int) -> [Int] {
        var needed = [Int](repeating: 0, count: layers.count)
        var rows = frames
        for index in layers.indices.reversed() {
            needed[index] = rows
            rows = rows == 0 ? 0 : (rows - 1) * layers[index].stride + layers[index].kernel
        }
        return needed
    }

    /// The row of each layer at which frame `frame` begins.
    package func firstRows(ofFrame frame: Int) -> [Int] {
        var starts = [Int](repeating: 0, count: layers.count)
        var start = frame
        for index in layers.indices.reversed() {
            starts[index] = start
            start *= layers[index].stride
        }
        return starts
    }
}
