internal import AcousticModels
internal import Checkpoints
internal import EncoderBlocks
internal import MelFeatures
internal import PackedWeights
internal import Tensors

extension MelConfiguration.Subsampling {
    /// Frames that enter the first layer; those that the reference masks are not made, since nothing of them
    /// reaches the others.
    func frames(ofSamples samples: Int) -> (frames: Int, validFrames: Int) {
        let frames = (0..<halvings).reduce(samples / frontEnd.hopSamples) { count, _ in
            Self.halved(count)
        }
        return (frames, frames)
    }
}

/// Log-mel features to an encoder's frames: Parakeet's, as transformers' `ParakeetEncoderSubsamplingConv2D`.
///
/// Convolutions of 3 × 3 with a stride of 2 in both directions, the first to all channels, the others of each
/// channel and then of all channels at a place; an activation behind each. They take a hundredth of the time and
/// stay in float32 whatever the precision. Only stretches of their maps exist at a time.
struct MelSubsampling {
    /// One convolution that halves time and bins, all channels of a place together.
    private enum Halving {
        /// Of patches [9].
        case first(Linear)
        /// Of each channel, weights [9, channels] and bias [channels], then of all.
        case later(weights: Tensor, bias: Tensor, mixing: Linear)
    }

    private let shape: MelConfiguration.Subsampling
    private let frontEnd: ParakeetFrontEnd
    private let halvings: [Halving]
    private let projection: Linear
    private let scale: Float

    init(
        _ weights: WeightScope, _ shape: MelConfiguration.Subsampling, width: Int,
        on backend: ComputeBackend
    ) throws(CheckpointError) {
        self.shape = shape
        frontEnd = ParakeetFrontEnd(shape.frontEnd)
        let channels = shape.channels
        var halvings: [Halving] = []
        for index in 0..<shape.halvings {
            let first = MelConfiguration.Subsampling.firstLayer(index)
            let scope = weights["layers"]["\(first)"]
            if index == 0 {
                halvings.append(
                    .first(
                        try Linear(
                            scope, from: 9, to: channels, shape: [channels, 1, 3, 3], on: backend,
                            keepsFloats: true)))
                continue
            }
            let mixing = weights["layers"]["\(first + 1)"]
            halvings.append(
                .later(
                    weights: try scope.ledger.tensor([9, channels]) {
                        (target) throws(CheckpointError) in
                        let taps = try scope.floats("weight", shape: [channels, 1, 3, 3])
                        for channel in 0..<channels {
                            for tap in 0..<9 {
                                target[tap * channels + channel] = taps[channel * 9 + tap]
                            }
                        }
                    }, bias: try scope.tensor("bias", shape: [channels]),
                    mixing: try Linear(
                        mixing, from: channels, to: channels, shape: [channels, channels, 1, 1],
                        on: backend, keepsFloats: true)))
        }
        self.halvings = halvings
        // Stored by channel and then by bin; here all channels of a bin stand together.
        let (inputs, bins) = (shape.width, shape.width / channels)
        let linear = weights["linear"]
        projection = try Linear(
            inputs: inputs, outputs: width, on: backend, ledger: weights.ledger,
            weight: { () throws(CheckpointError) in
                let stored = try linear.floats("weight", shape: [width, inputs])
                var weight = [Float](repeating: 0, count: stored.count)
                for output in 0..<width {
                    for channel in 0..<channels {
                        for bin in 0..<bins {
                            weight[output * inputs + bin * channels + channel] =
                                stored[output * inputs + channel * bins + bin]
                        }
                    }
                }
                return weight
            },
            bias: { () throws(CheckpointError) in try linear.floats("bias", shape: [width]) })
        scale = shape.scalesFrames ? Float(width).squareRoot() : 1
    }

    /// Frames that one part makes of an utterance.
    private static let framesPerPart = 16

    /// Fills hidden [rows of the layout, width].
    func callAsFunction(
        _ windows: [AudioWindow], into hidden: TensorView, layout: PackedFrames,
        workspace: ModelWorkspace, observe: (Stage, TensorView, PackedFrames) -> Void
    ) {
        let backend = workspace.backend
        let mel = PackedFrames(
            windows.map {
                let frames = $0.samples.count / shape.frontEnd.hopSamples
                return (frames, frames)
            }, tiling: layout.tiling)
        let features = workspace.view(.samples, rows: mel.rows, width: shape.frontEnd.bins)
        workspace.forEach(windows.count) { part, _ in
            let segment = mel.segments[part]
            let computed = windows[part].samples.withUnsafeBufferPointer {
                frontEnd($0, step: workspace.step)
            }
            computed?.copy(to: features.rows(segment.validRows).base, rows: segment.validFrames)
        }
        observe(.inputFeatures, features, mel)

        let maps = workspace.view(.wide, rows: layout.rows, width: featureWidth)
        layout.clearUnusedRows(of: maps)
        let parts = layout.segments.indices.flatMap { index in
            stride(from: 0, to: layout.segments[index].frames, by: Self.framesPerPart).map {
                (index, $0..<min($0 + Self.framesPerPart, layout.segments[index].frames))
            }
        }
        workspace.forEach(parts.count) { part, scratch in
            let (index, frames) = parts[part]
            convolve(
                features.rows(mel.segments[index].rows), to: frames,
                into: maps.rows(layout.segments[index].rows).rows(frames), on: backend,
                scratch: scratch)
        }
        workspace.ended(.extractor)

        let tiles = layout.tiles
        workspace.forEach(tiles.count) { part, scratch in
            let operand = backend.apply(
                Epilogue([Product(maps.rows(tiles[part]))]), encodedIn: .encodedWide, of: scratch)
            let output = hidden.rows(tiles[part])
            let tile = scratch.view(.tile, rows: output.rows, width: output.width)
            backend.kernels.apply(
                Epilogue(
                    [projection.product(operand, into: tile, scratch: scratch)],
                    bias: projection.bias, into: output))
        }
        layout.clearUnusedRows(of: hidden)
        observe(.subsampled, hidden, layout)
        if scale != 1 {
            for row in 0..<hidden.rows {
                let values = hidden.base + row * hidden.stride
                for column in 0..<hidden.width { values[column] *= scale }
            }
        }
    }

    // MARK: Maps

    /// A stretch of a map, [places in time · bins, channels]; places outside the utterance are zero.
    private struct Map {
        /// May begin before the first place and end behind the last.
        let places: Range<Int>
        let bins: Int
        let values: TensorView
    }

    /// Slots of a member: patches, maps of each halving, and what is made for them.
    private static func slot(_ index: Int) -> Int {
        ModelWorkspace.ScratchSlot.convolutionInput.rawValue + index
    }

    /// Places and bins of what is seen and given by each halving, for so many frames in the end.
    private func extents(
        frames: Range<Int>, utterance: Int
    ) -> [(places: Range<Int>, bins: Int, length: Int)] {
        var ranges = [frames]
        for _ in 0..<shape.halvings {
            let last = ranges[0]
            ranges.insert(2 * last.lowerBound - 1..<2 * last.upperBound, at: 0)
        }
        var (bins, length) = (shape.frontEnd.bins, utterance)
        return ranges.enumerated().map { index, range in
            if index > 0 {
                bins = MelConfiguration.Subsampling.halved(bins)
                length = MelConfiguration.Subsampling.halved(length)
            }
            return (range, bins, length)
        }
    }

    /// Some frames of an utterance from its features [mel frames, bins].
    private func convolve(
        _ features: TensorView, to frames: Range<Int>, into output: TensorView,
        on backend: ComputeBackend, scratch: Workspace
    ) {
        let extents = extents(frames: frames, utterance: features.rows)
        var map = Map(places: 0..<features.rows, bins: features.width, values: features)
        for (index, halving) in halvings.enumerated() {
            let extent = extents[index + 1]
            let rows = extent.places.count * extent.bins
            let padded = backend.multiply.tiling.paddedRows(rows)
            let target = scratch.view(
                Self.slot(1 + index), rows: padded, width: shape.channels)
            let input: TensorView
            let mixing: Linear
            switch halving {
            case .first(let linear):
                input = scratch.view(Self.slot(0), rows: padded, width: 9)
                patches(of: map, extent.places, bins: extent.bins, into: input)
                mixing = linear
            case .later(let weights, let bias, let linear):
                input = scratch.view(
                    Self.slot(1 + shape.halvings), rows: padded, width: shape.channels)
                convolveChannels(
                    of: map, extent.places, bins: extent.bins, weights, bias, into: input)
                mixing = linear
            }
            for tile in backend.multiply.tiling.tiles(covering: rows) {
                let product = target.rows(tile)
                backend.kernels.apply(
                    Epilogue(
                        [
                            mixing.product(
                                Operand(input.rows(tile)), into: product, scratch: scratch)
                        ], bias: mixing.bias, activation: .relu, into: product))
            }
            // Places outside the utterance are zero to the next convolution, not its bias.
            for (place, number) in extent.places.enumerated()
            where !(0..<extent.length).contains(number) {
                target.rows(place * extent.bins..<(place + 1) * extent.bins).clear()
            }
            map = Map(places: extent.places, bins: extent.bins, values: target)
        }
        output.copy(
            TensorView(
                base: map.values.base, rows: frames.count, width: featureWidth))
    }

    /// The 3 × 3 features that each place and bin of a half map sees, as a row.
    private func patches(
        of features: Map, _ places: Range<Int>, bins: Int, into rows: TensorView
    ) {
        var row = rows.base
        for place in places {
            for bin in 0..<bins {
                for tap in 0..<9 {
                    let (time, column) = (2 * place - 1 + tap / 3, 2 * bin - 1 + tap % 3)
                    let isInside =
                        features.places.contains(time) && (0..<features.bins).contains(column)
                    row[tap] =
                        isInside
                        ? features.values.base[time * features.values.stride + column] : 0
                }
                row += 9
            }
        }
    }

    /// The convolution of each channel at each place and bin of a half map.
    private func convolveChannels(
        of map: Map, _ places: Range<Int>, bins: Int, _ weights: Tensor, _ bias: Tensor,
        into rows: TensorView
    ) {
        let channels = shape.channels
        var row = rows.base
        for place in places {
            for bin in 0..<bins {
                row.update(from: bias.base, count: channels)
                for tap in 0..<9 {
                    let (time, column) = (2 * place - 1 + tap / 3, 2 * bin - 1 + tap % 3)
                    guard map.places.contains(time), (0..<map.bins).contains(column) else {
                        continue
                    }
                    let source =
                        map.values.base
                        + ((time - map.places.lowerBound) * map.bins + column) * channels
                    let taps = weights.base + tap * channels
                    for channel in 0..<channels { row[channel] += source[channel] * taps[channel] }
                }
                row += channels
            }
        }
    }

    // MARK: Memory

    /// Values of one of the encoder's frames before the projection.
    var featureWidth: Int { shape.width }

    /// Bytes of the features of utterances of so many samples.
    func sharedBytes(samples: [Int], on backend: ComputeBackend) -> Int {
        let frames = samples.map { $0 / shape.frontEnd.hopSamples }
        return PackedFrames(frames.map { ($0, $0) }, tiling: backend.multiply.tiling).rows
            * shape.frontEnd.bins * 4
    }

    /// Bytes of one part's maps, or of an utterance's front end.
    func memberBytes(samples: Int, on backend: ComputeBackend) -> Int {
        let frames = shape.frames(ofSamples: samples).frames
        let extents = extents(
            frames: 0..<min(Self.framesPerPart, max(1, frames)), utterance: .max >> 8)
        let rows = extents.dropFirst().map {
            backend.multiply.tiling.paddedRows($0.places.count * $0.bins)
        }
        let floats = rows.reduce(0, +) + (rows.count > 1 ? rows[1] : 0)
        return 4 * (floats * shape.channels + rows[0] * 9)
            + backend.multiply.tiling.largest * featureWidth * backend.multiply.elementType.bytes
            + frontEnd.bytes(ofSamples: samples)
    }
}
