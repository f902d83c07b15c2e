package import Checkpoints
internal import EncoderBlocks
internal import MelFeatures
internal import SpeechTypes

extension MelConfiguration {
    /// Sizes beyond any model of these families; products of them cannot overflow.
    private static let widthMax = 1 << 16
    private static let layersMax = 1_000
    private static let classesMax = 1 << 20

    /// Checks that the parts fit each other and that no size is absurd.
    ///
    /// - Parameter path: the file that said so, for messages.
    /// - Throws: `refused` with the part that does not fit.
    package func check(path: String) throws(CheckpointError) {
        func refused(_ message: String) -> CheckpointError {
            CheckpointError(.refused, path: path, message)
        }
        func require(
            _ name: String, _ value: Int, _ range: ClosedRange<Int>
        ) throws(CheckpointError) {
            guard range.contains(value) else {
                throw refused(
                    "\(name) is \(value); it must be \(range.lowerBound) to \(range.upperBound)")
            }
        }
        let layer = block.layer
        let widths = 1...Self.widthMax
        switch stem {
        case .pairs(let bins): try require("the number of mel bins", bins, 1...256)
        case .subsampled(let subsampling):
            if let problem = subsampling.frontEnd.problem {
                throw refused("has a front end that cannot be computed: \(problem)")
            }
            try require("the number of subsampling convolutions", subsampling.halvings, 1...8)
            try require("the number of subsampling channels", subsampling.channels, 1...4_096)
        }
        try require("the hidden width", layer.width, widths)
        try require("the feed-forward width", layer.feedForwardWidth, widths)
        try require("the number of attention heads", layer.heads, widths)
        try require("the number of encoder layers", layers, 0...Self.layersMax)
        try require("the number of classes", classes, 1...Self.classesMax)
        try require("the depthwise kernel", block.kernel, 1...1_023)
        guard block.isCausal || !block.kernel.isMultiple(of: 2) else {
            throw refused(
                "convolves channels with a kernel of \(block.kernel); odd ones are computed")
        }
        guard layer.width.isMultiple(of: layer.heads) else {
            throw refused(
                "\(layer.heads) attention heads do not divide a width of \(layer.width)")
        }
        guard layer.epsilon.isFinite, layer.epsilon > 0, layer.epsilon < 1 else {
            throw refused("the layer norms' epsilon is \(layer.epsilon)")
        }
        if case .clipped(let left, let right) = layer.positions {
            try require("the number of distances before a frame", left, 0...Self.widthMax)
            try require("the number of distances behind a frame", right, 0...Self.widthMax)
        }
        if let adapter {
            try require("the number of adapter layers", adapter.layers, 1...16)
            try require("the adapter's kernel", adapter.kernel, 1...63)
            try require("the adapter's stride", adapter.stride, 1...64)
            try require("the adapter's width", adapter.width, widths)
            guard !adapter.kernel.isMultiple(of: 2), adapter.stride / 2 == adapter.padding else {
                throw refused(
                    "has an adapter of kernel \(adapter.kernel) and stride \(adapter.stride) "
                        + "(adapter_kernel_size, adapter_stride), with which the masks of the reference are not "
                        + "those of its frames; odd kernels of which half is half of the stride are computed, such "
                        + "as 3 and 2")
            }
            guard adapter.width.isMultiple(of: layer.heads) else {
                throw refused(
                    "\(layer.heads) attention heads do not divide the adapter's width of "
                        + "\(adapter.width) (output_hidden_size)")
            }
        }
        guard let clock = possibleClock, (80...2_560).contains(clock.samplesPerFrame) else {
            throw refused(
                "gives frames of which no whole number makes 2.4 s and 30 s, or longer ones than 160 ms; "
                    + "recordings cannot be cut into chunks of them")
        }
    }
}
