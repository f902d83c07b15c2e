/// Samples to frames and back through a stack of convolutions without padding.
package struct FrameGeometry {
    private let layers: [Wav2Vec2Configuration.ConvLayer]

    package init(_ layers: [Wav2Vec2Configuration.ConvLayer]) { self.layers = layers }

    /// Samples from the start of one frame to the start of the next.
    package var samplesPerFrame: Int {
        layers.reduce(1) { product, layer in
            let (next, overflow) = product.multipliedReportingOverflow(by: layer.stride)
            return overflow ? Int.max : next
        }
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
