internal import AcousticModels
internal import EncoderBlocks
internal import Tensors

/// The convolutions of one stretch of time, tile by tile.
///
/// Each layer computes a tile of rows when its input has enough of them, and asks the layer before
/// for more when it has not. So every row is computed once, every multiplication has the same number
/// of rows, and what lies between the layers stays in the second-level cache.
struct ConvolutionStream {
    /// Rows on their way from one layer to the next.
    private struct Junction {
        /// Finished rows that are not encoded yet, oldest first.
        let staging: TensorView
        var staged = 0
        let input: ConvolutionInput
        /// Encoded units that wait for a call.
        var units = 0
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
    /// What leads into each layer after the first.
    private var junctions: [Junction] = []

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
        // Whole units where the utterance has them: what is encoded must not depend on the stretch.
        var needed = [Int](repeating: 0, count: extractor.layers.count + 1)
        needed[extractor.layers.count] = frames.count
        for (index, layer) in extractor.layers.enumerated().reversed() {
            needed[index] = min(
                layer.convolution.inputRows(for: needed[index + 1]),
                rowsOfUtterance[index] - starts[index])
        }
        self.needed = needed
        computed = [Int](repeating: 0, count: needed.count)
        let arriving = backend.multiply.rowsOfOneUtterance
        var slot = ModelWorkspace.ScratchSlot.convolutionInput.rawValue
        for layer in extractor.layers {
            let convolution = layer.convolution
            let unit = convolution.rowsPerUnit
            junctions.append(
                Junction(
                    staging: scratch.view(
                        slot, rows: arriving + unit + convolution.rowsAhead,
                        width: convolution.inputs),
                    input: convolution.makeInput(
                        units: convolution.unitsPerCall + (arriving + unit) / unit + 1,
                        scratch: scratch, slot: slot + 1)))
            slot += 1 + ConvolutionInput.slots
        }
    }

    /// Computes all frames into `output` [frames, channels].
    ///
    /// - Parameter onTile: called after each tile of frames, since a recording in one pass has many.
    mutating func run(into output: TensorView, onTile: () -> Void) {
        let last = needed.count - 1
        while computed[last] < needed[last] {
            let start = computed[last]
            compute(last) { output.rows(start..<start + $0) }
            onTile()
        }
    }

    /// Computes a tile of layer `index` and hands its rows to the next layer.
    private mutating func advance(_ index: Int) {
        let junction = junctions[index]
        let staged = junction.staged
        compute(index) { junction.staging.rows(staged..<staged + $0) }
        encode(index)
    }

    /// Computes the next tile of layer `index` to where `target` says, given the number of rows.
    private mutating func compute(_ index: Int, into target: (Int) -> TensorView) {
        let rows = min(backend.multiply.rowsOfOneUtterance, needed[index] - computed[index])
        var epilogue: Epilogue
        if index == 0 {
            let output = target(rows)
            epilogue = extractor.first(
                prepared, firstFrame: firstRow + computed[0], into: output, on: backend)
            epilogue.output = output
        } else {
            epilogue = products(of: index)
            epilogue.output = target(rows)
        }
        backend.kernels.apply(epilogue, rows: rows)
        computed[index] += rows
        if index > 0 { drop(before: index) }
        if index < junctions.count { junctions[index].staged += rows }
    }

    /// The next tile of a layer after the first, before it is finished.
    private mutating func products(of index: Int) -> Epilogue {
        let layer = extractor.layers[index - 1]
        let convolution = layer.convolution
        while junctions[index - 1].units < convolution.unitsPerCall,
            computed[index - 1] < needed[index - 1]
        {
            advance(index - 1)
        }
        let products = scratch.view(
            .convolved, rows: convolution.productRows, width: convolution.outputs)
        var epilogue = convolution.multiply(
            junctions[index - 1].input, into: products, scratch: scratch)
        epilogue.bias = layer.bias
        epilogue.norm = layer.norm?.parameters
        epilogue.activation = extractor.activation
        return epilogue
    }

    /// Encodes what is complete of the rows that wait behind layer `index`.
    private mutating func encode(_ index: Int) {
        let convolution = extractor.layers[index].convolution
        let unit = convolution.rowsPerUnit
        let isLast = computed[index] == needed[index]
        let staged = junctions[index].staged
        let whole = max(0, staged - convolution.rowsAhead)
        let units = isLast ? (whole + unit - 1) / unit : whole / unit
        guard units > 0 else { return }
        let staging = junctions[index].staging
        convolution.encode(
            staging.rows(0..<staged), units: units, into: junctions[index].input,
            at: junctions[index].units, on: backend.kernels, scratch: scratch,
            slot: ModelWorkspace.ScratchSlot.tile.rawValue)
        junctions[index].units += units
        let left = max(0, staged - units * unit)
        if left > 0 && !isLast {
            staging.base.update(
                from: staging.base + units * unit * staging.width, count: left * staging.width)
        }
        junctions[index].staged = left
    }

    /// Drops the units that the tile just finished of layer `index` was the last to need.
    private mutating func drop(before index: Int) {
        let units = junctions[index - 1].units
        let done = min(extractor.layers[index - 1].convolution.unitsPerStep, units)
        junctions[index - 1].input.drop(done, of: units)
        junctions[index - 1].units -= done
    }
}
