internal import Tensors

/// The convolutions of one stretch of time, tile by tile.
///
/// Each layer computes a tile of rows when its input has enough of them, and asks the layer before
/// for more when it has not. So every row is computed once, every multiplication has the same number
/// of rows, and what lies between the layers stays in the second-level cache.
struct ConvolutionStream {
    /// Rows of a layer's output on their way to the next layer, which takes them in groups.
    private struct Buffer {
        let operand: Operand
        let group: Int
        /// Groups that are complete, or will not get more rows.
        var groups = 0
    }

    private let extractor: ConvFeatureExtractor
    private let prepared: FirstConvolution.Prepared
    private let backend: ComputeBackend
    private let scratch: Workspace
    /// The first row of the first layer, within the utterance.
    private let firstRow: Int
    /// Rows that each layer computes, the first layer's first.
    private let needed: [Int]
    private var computed: [Int]
    private var buffers: [Buffer]

    /// - Parameters:
    ///   - frames: the stretch, counted in frames of the last layer.
    ///   - rowsOfUtterance: rows of each layer for the whole utterance.
    init(
        of extractor: ConvFeatureExtractor, _ prepared: FirstConvolution.Prepared,
        frames: Range<Int>, rowsOfUtterance: [Int], on backend: ComputeBackend, scratch: Workspace
    ) {
        self.extractor = extractor
        self.prepared = prepared
        self.backend = backend
        self.scratch = scratch
        let starts = extractor.geometry.firstRows(ofFrame: frames.lowerBound)
        firstRow = starts[0]
        // Whole groups where the utterance has them: a group's scale must not depend on the stretch.
        var needed = [Int](repeating: 0, count: extractor.layers.count + 1)
        needed[extractor.layers.count] = frames.count
        for (index, layer) in extractor.layers.enumerated().reversed() {
            let convolution = layer.convolution
            let rows = (needed[index + 1] - 1) * convolution.stride + convolution.kernel
            let whole =
                (rows + convolution.stride - 1) / convolution.stride * convolution.stride
            needed[index] = min(whole, rowsOfUtterance[index] - starts[index])
        }
        self.needed = needed
        computed = [Int](repeating: 0, count: needed.count)
        buffers = extractor.layers.enumerated().map { index, layer in
            let convolution = layer.convolution
            return Buffer(
                operand: scratch.operand(
                    ModelWorkspace.ScratchSlot.convolutionInput.rawValue + index,
                    backend.multiply.number,
                    rows: Self.capacity(of: extractor, before: index, on: backend),
                    width: convolution.stride * convolution.inputs),
                group: convolution.stride)
        }
    }

    /// Groups of rows that the input of layer `index` (after the first) has room for.
    static func capacity(
        of extractor: ConvFeatureExtractor, before index: Int, on backend: ComputeBackend
    ) -> Int {
        let convolution = extractor.layers[index].convolution
        let arriving = rows(of: extractor, computedBy: index, on: backend)
        return convolution.operandRows + (arriving + convolution.stride - 1) / convolution.stride
    }

    /// Rows that layer `index` computes at a time.
    private static func rows(
        of extractor: ConvFeatureExtractor, computedBy index: Int, on backend: ComputeBackend
    ) -> Int {
        if index > 0 { return extractor.layers[index - 1].convolution.rows }
        let group = extractor.layers.first?.convolution.stride ?? 1
        return max(1, backend.multiply.rowsOfOneUtterance / group) * group
    }

    /// Computes all frames into `output` [frames, channels].
    mutating func run(into output: TensorView) {
        let last = needed.count - 1
        while computed[last] < needed[last] {
            let finish = tile(of: last)
            let rows = min(finish.products[0].values.rows, needed[last] - computed[last])
            var toOutput = finish
            toOutput.output = output.rows(computed[last]..<computed[last] + rows)
            backend.kernels.finish(toOutput, rows: rows)
            computed[last] += rows
            drop(before: last)
        }
    }

    /// Computes a tile of layer `index` and hands its rows to the next layer.
    private mutating func advance(_ index: Int) {
        var finish = tile(of: index)
        let values = finish.products[0].values
        let rows = min(values.rows, needed[index] - computed[index])
        let group = buffers[index].group
        let start = buffers[index].groups
        let arriving = (rows + group - 1) / group
        let target = buffers[index].operand.rows(start..<start + arriving)
        if backend.multiply.number == .float32 {
            // Floats need no encoding, and so go straight to their place.
            finish.output = TensorView(
                base: target.base.assumingMemoryBound(to: Float.self), rows: rows,
                width: values.width)
        } else {
            finish.encoded = target
            finish.group = group
        }
        backend.kernels.finish(finish, rows: rows)
        buffers[index].groups += arriving
        computed[index] += rows
        drop(before: index)
    }

    /// The next tile of a layer, before bias, norm and activation.
    private mutating func tile(of index: Int) -> Finish {
        guard index > 0 else {
            let rows = min(
                Self.rows(of: extractor, computedBy: 0, on: backend), needed[0] - computed[0])
            let group = buffers.first?.group ?? 1
            let room = scratch.view(
                .convolved, rows: (rows + group - 1) / group * group, width: extractor.firstChannels)
            return extractor.first(
                prepared, firstFrame: firstRow + computed[0], into: room.rows(0..<rows),
                on: backend)
        }
        let layer = extractor.layers[index - 1]
        let convolution = layer.convolution
        while buffers[index - 1].groups < convolution.operandRows,
            computed[index - 1] < needed[index - 1]
        {
            advance(index - 1)
        }
        let room = scratch.view(
            .convolved, rows: convolution.productCount * convolution.rows,
            width: convolution.outputs)
        let products = convolution.products(
            buffers[index - 1].operand, into: room, scratch: scratch)
        var finish = Finish(products, bias: layer.bias, activation: extractor.activation)
        finish.norm = layer.norm?.parameters
        return finish
    }

    /// Drops the rows that the tile just finished of layer `index` was the last to need.
    private mutating func drop(before index: Int) {
        guard index > 0 else { return }
        let buffer = buffers[index - 1]
        let done = min(extractor.layers[index - 1].convolution.rows, buffer.groups)
        buffer.operand.rows(0..<buffer.groups).moveToFront(from: done)
        buffers[index - 1].groups -= done
    }
}
