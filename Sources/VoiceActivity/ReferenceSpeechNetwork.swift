internal import CKernels
package import Checkpoints
internal import Glibc

/// Silero's network at 16 kHz in plain loops and double precision: what ``SpeechDetector`` is held
/// against.
package struct ReferenceSpeechNetwork {
    /// Cosines and sines: [2 · 129][256].
    private let basis: [Double]
    private let convolutions:
        [(layer: SpeechNetworkTensors.Convolution, weights: [Double], bias: [Double])]
    private let ofInput: [Double]
    private let ofState: [Double]
    private let gateBias: [Double]
    private let output: [Double]
    private let outputBias: Double

    package init(_ weights: some WeightSource) throws(CheckpointError) {
        func doubles(_ name: String, _ shape: [Int]) throws(CheckpointError) -> [Double] {
            try weights.floats(name, shape: shape).map(Double.init)
        }
        basis = try doubles("stft_conv.weight", SpeechNetworkTensors.basisShape)
        convolutions = try SpeechNetworkTensors.convolutions.map { layer throws(CheckpointError) in
            (
                layer,
                try doubles("\(layer.name).weight", [layer.outputs, layer.inputs, layer.taps]),
                try doubles("\(layer.name).bias", [layer.outputs])
            )
        }
        ofInput = try doubles("lstm_cell.weight_ih", [512, 128])
        ofState = try doubles("lstm_cell.weight_hh", [512, 128])
        gateBias = zip(
            try doubles("lstm_cell.bias_ih", [512]), try doubles("lstm_cell.bias_hh", [512])
        ).map { $0 + $1 }
        output = try doubles("final_conv.weight", [1, 128, 1])
        outputBias = try doubles("final_conv.bias", [1])[0]
    }

    /// The probability of each 512 samples of a whole recording; silence follows the last.
    package func probabilities(_ samples: [Float]) -> [Double] {
        let frames = (samples.count + 511) / 512
        var padded = [Double](repeating: 0, count: 64 + frames * 512)
        for (index, sample) in samples.enumerated() { padded[64 + index] = Double(sample) }
        var hidden = [Double](repeating: 0, count: 128)
        var cell = hidden
        return (0..<frames).map { frame in
            let heard = Array(padded[frame * 512..<frame * 512 + 576])
            let features = convolutions.reduce(spectra(heard)) { maps, convolution in
                convolve(maps, convolution.layer, convolution.weights, convolution.bias)
            }
            step(features[0], &hidden, &cell)
            let sum = zip(hidden, output).reduce(outputBias) { $0 + max(0, $1.0) * $1.1 }
            return sigmoid(sum)
        }
    }

    /// Magnitudes [4][129] of a frame with its context; the end is mirrored behind it.
    private func spectra(_ heard: [Double]) -> [[Double]] {
        let samples = heard + (0..<64).map { heard[heard.count - 2 - $0] }
        return stride(from: 0, through: samples.count - 256, by: 128).map { start in
            (0..<129).map { bin in
                var (real, imaginary) = (0.0, 0.0)
                for index in 0..<256 {
                    real += samples[start + index] * basis[bin * 256 + index]
                    imaginary += samples[start + index] * basis[(129 + bin) * 256 + index]
                }
                return (real * real + imaginary * imaginary).squareRoot()
            }
        }
    }

    /// Three taps over positions, zeros around them, then max(0, x).
    private func convolve(
        _ maps: [[Double]], _ layer: SpeechNetworkTensors.Convolution, _ weights: [Double],
        _ bias: [Double]
    ) -> [[Double]] {
        stride(from: 0, to: maps.count, by: layer.stride).map { centre in
            (0..<layer.outputs).map { output in
                var sum = bias[output]
                for tap in 0..<3 where maps.indices.contains(centre + tap - 1) {
                    for input in 0..<layer.inputs {
                        sum +=
                            maps[centre + tap - 1][input]
                            * weights[(output * layer.inputs + input) * 3 + tap]
                    }
                }
                return max(0, sum)
            }
        }
    }

    private func step(_ input: [Double], _ hidden: inout [Double], _ cell: inout [Double]) {
        var gates = gateBias
        for gate in 0..<512 {
            for unit in 0..<128 {
                gates[gate] += input[unit] * ofInput[gate * 128 + unit]
                gates[gate] += hidden[unit] * ofState[gate * 128 + unit]
            }
        }
        for unit in 0..<128 {
            cell[unit] =
                sigmoid(gates[128 + unit]) * cell[unit]
                + sigmoid(gates[unit]) * tanh(gates[256 + unit])
            hidden[unit] = sigmoid(gates[384 + unit]) * tanh(cell[unit])
        }
    }

    private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
