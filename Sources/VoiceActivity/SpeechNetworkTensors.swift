internal import CKernels
package import Checkpoints

/// Names and shapes of the tensors in Silero's file.
///
/// Source: `tinygrad_model.py` of the package silero-vad, whose weights these are.
package enum SpeechNetworkTensors {
    /// A convolution over the positions of a frame.
    package struct Convolution: Sendable {
        package let name: String
        package let inputs: Int
        package let outputs: Int
        package let stride: Int
        package var taps: Int { 3 }
    }

    /// Real and imaginary parts of 129 frequencies, over 256 samples.
    package static let basisShape = [2 * Int(ck_speech_bins), 1, Int(ck_speech_window)]

    package static let convolutions = [
        Convolution(name: "conv1", inputs: 129, outputs: 128, stride: 1),
        Convolution(name: "conv2", inputs: 128, outputs: 64, stride: 2),
        Convolution(name: "conv3", inputs: 64, outputs: 64, stride: 2),
        Convolution(name: "conv4", inputs: 64, outputs: 128, stride: 1),
    ]

    /// The tensors of a file.
    package static func read(_ file: FileBytes) throws(CheckpointError) -> CheckpointTensors {
        try CheckpointTensors(named: StateDictionary(file).tensors, path: file.path)
    }
}
