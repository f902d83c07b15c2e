internal import CKernels
package import Checkpoints
internal import Digests

/// The weights of Silero VAD at 16 kHz, as its kernels take them.
///
/// Of each frame of 32 ms the spectra of four windows, four convolutions over them, and a recurrent layer
/// over the frames. ``ReferenceSpeechNetwork`` says the same in plain loops.
package struct SpeechNetwork: Sendable {
    /// The name of its file in ``folderName``.
    package static let fileName = "silero_vad_16k.safetensors"
    /// The name of its folder among the models.
    package static let folderName = "silero-vad"
    /// SHA-256 of the file that this version computes: what it says of audio shapes records, so there
    /// is one of it, and another one would be another engine.
    package static let fileDigest =
        "d7fb67a5b4de0414a0178270ee81439b9e3067c883c304aa758c247d50ffd79d"

    /// Samples at 16 kHz that have one probability.
    package static let samplesPerFrame = Int(ck_speech_frame)

    /// All numbers, one piece after another.
    private let values: [Float]
    private let places: [UInt8]
    private let window: Int
    private let cosines: Int
    private let sines: Int
    private let convolutions: [Layer]
    private let input: Layer
    private let recurrent: Int
    private let output: Int
    private let outputBias: Float

    /// Where a layer's numbers are.
    private struct Layer {
        var weights: Int
        var bias: Int
        var depth: Int
        var columns: Int
    }

    /// Reads the file that belongs to this version.
    ///
    /// - Throws: `refused` for any other file.
    package init(_ file: FileBytes) throws(CheckpointError) {
        let digest = SHA256Hasher.digest(of: file.copy(0..<file.count)).hex
        guard digest == Self.fileDigest else {
            throw CheckpointError(
                .refused, path: file.path,
                "is another file than this version finds speech with (its SHA-256 is \(digest), not "
                    + "\(Self.fileDigest)): install the folder models/\(Self.folderName) of this "
                    + "version")
        }
        try self.init(SpeechNetworkTensors.read(file))
    }

    /// - Throws: if a tensor is missing or has another shape, or spectra are not what its first
    ///   convolution computes.
    package init(_ weights: some WeightSource) throws(CheckpointError) {
        let tensors = WeightScope(weights)
        var numbers = PackedNumbers()
        let fourier = FourierBasis()
        let window = try fourier.window(
            ofBasis: tensors.floats("stft_conv.weight", shape: SpeechNetworkTensors.basisShape))
        self.window = numbers.add(window)
        cosines = numbers.add(fourier.cosines)
        sines = numbers.add(fourier.sines)
        places = fourier.places
        convolutions = try SpeechNetworkTensors.convolutions.map { layer throws(CheckpointError) in
            let weights = try tensors.floats(
                "\(layer.name).weight", shape: [layer.outputs, layer.inputs, layer.taps])
            return Layer(
                weights: numbers.add(
                    rows: layer.outputs, depth: layer.inputs * layer.taps
                ) { row, place in
                    // A tap's inputs one after another.
                    weights[
                        (row * layer.inputs + place % layer.inputs) * layer.taps
                            + place / layer.inputs]
                },
                bias: numbers.add(
                    try tensors.floats("\(layer.name).bias", shape: [layer.outputs])),
                depth: layer.inputs * layer.taps, columns: layer.outputs)
        }
        let hidden = Int(ck_speech_hidden)
        let cell = tensors["lstm_cell"]
        let ofInput = try cell.floats("weight_ih", shape: [4 * hidden, hidden])
        let ofState = try cell.floats("weight_hh", shape: [4 * hidden, hidden])
        let biases = (
            try cell.floats("bias_ih", shape: [4 * hidden]),
            try cell.floats("bias_hh", shape: [4 * hidden])
        )
        input = Layer(
            weights: numbers.add(rows: 4 * hidden, depth: hidden) { ofInput[$0 * hidden + $1] },
            bias: numbers.add(zip(biases.0, biases.1).map { $0 + $1 }),
            depth: hidden, columns: 4 * hidden)
        recurrent = numbers.add(rows: 4 * hidden, depth: hidden) { ofState[$0 * hidden + $1] }
        output = numbers.add(try tensors.floats("final_conv.weight", shape: [1, hidden, 1]))
        outputBias = try tensors.floats("final_conv.bias", shape: [1])[0]
        values = numbers.values
    }

    /// Calls `body` with what the kernels take.
    func withKernelWeights<Result>(
        _ body: (UnsafePointer<ck_speech_network>) -> Result
    ) -> Result {
        values.withUnsafeBufferPointer { values in
            places.withUnsafeBufferPointer { places in
                guard let base = values.baseAddress, let places = places.baseAddress else {
                    preconditionFailure("a network has weights")
                }
                func layer(_ layer: Layer) -> ck_speech_layer {
                    ck_speech_layer(
                        weights: base + layer.weights, bias: base + layer.bias,
                        depth: layer.depth, columns: layer.columns)
                }
                var network = ck_speech_network(
                    window: base + window, cosines: base + cosines, sines: base + sines,
                    places: places,
                    convolutions: (
                        layer(convolutions[0]), layer(convolutions[1]), layer(convolutions[2]),
                        layer(convolutions[3])
                    ),
                    input: layer(input), recurrent: base + recurrent, output: base + output,
                    output_bias: outputBias)
                return body(&network)
            }
        }
    }
}

/// Numbers in one array.
private struct PackedNumbers {
    private(set) var values: [Float] = []

    /// Adds `numbers` and says where they begin.
    mutating func add(_ numbers: [Float]) -> Int {
        defer { values += numbers }
        return values.count
    }

    /// Adds a matrix as [rows / 16][depth][16].
    mutating func add(rows: Int, depth: Int, _ value: (_ row: Int, _ place: Int) -> Float) -> Int {
        let start = values.count
        for block in stride(from: 0, to: rows, by: 16) {
            for place in 0..<depth {
                for row in block..<block + 16 { values.append(value(row, place)) }
            }
        }
        return start
    }
}
